package embeds

import (
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// Outcome is what became of somebody's wish to announce a completion or a
// recap.
type Outcome int

const (
	// OutcomeRefused: it cannot be announced. The reasons are private, so
	// there is one text for all of them.
	OutcomeRefused Outcome = iota
	// OutcomePosted: it was posted just now.
	OutcomePosted
	// OutcomePostedBefore: it had been posted earlier.
	OutcomePostedBefore
	// OutcomeQueued: it will be posted without anybody doing anything.
	OutcomeQueued
	// OutcomeWaits: it will be posted once somebody has fixed something.
	OutcomeWaits
	// OutcomeNotPosted: it was not posted, because something has to be
	// fixed first.
	OutcomeNotPosted
	// OutcomeUnsure: nobody knows whether it was posted.
	OutcomeUnsure
	// OutcomePosting: somebody is posting it, or tried a moment ago, and it is
	// too soon to tell whether it was posted.
	OutcomePosting
	// OutcomeOff: the server announces nothing, or has chosen no channel.
	OutcomeOff
	// OutcomeLeft: the person is not a member any more.
	OutcomeLeft
	// OutcomeExpired: it waited for too long.
	OutcomeExpired
	// OutcomeIncomplete: the collection is not complete.
	OutcomeIncomplete
	// OutcomeContradictory: the numbers disagree on whether it is.
	OutcomeContradictory
	// OutcomeLost: the preview is too old, or another took its place.
	OutcomeLost
	// OutcomeDropped: the preview was not confirmed.
	OutcomeDropped
	// OutcomeNever: the asker has chosen not to be announced.
	OutcomeNever
	// OutcomeHidden: the asker does not show their progress to everyone, and
	// it cannot be announced for that.
	OutcomeHidden
	// OutcomeLater: the progress API does not answer, so nobody knows whether
	// it is complete.
	OutcomeLater
	// OutcomeNothing: there is nothing to tell in a recap.
	OutcomeNothing
	// OutcomeDeclined: the asker does not want this one announced.
	OutcomeDeclined
)

// OutcomeView is what is told of an [Outcome].
type OutcomeView struct {
	Words   *catalog.Words
	Outcome Outcome
	// Own says that the asker announces themselves; otherwise they do so for
	// others.
	Own bool
	// Always says that the asker has chosen just now that the bot announces
	// what they complete by itself.
	Always bool
	// Last is when the last recap was posted; zero if there was none.
	Last time.Time

	Person  Person
	Program progressapi.Program // as far as its numbers may be told
	Link    string              // to the post; "" if there is none
	Channel string              // ID; "" if there is none
	Trouble Trouble             // what has to be fixed
	// Settings, Privacy and Again are the [CommandMention] of the commands
	// that change what stands in the way, and of the one to use again.
	Settings string
	Privacy  string
	Again    string
}

// Announced tells somebody what became of what they wanted to announce.
func Announced(v OutcomeView) Message {
	title, text, color := outcomeWords(&v)
	e := &discordgo.MessageEmbed{Title: v.Words.Text(title), Description: text, Color: color}
	if v.Always {
		e.Fields = []*discordgo.MessageEmbedField{{
			Name: v.Words.Text(catalog.AlwaysTitle), Value: v.Words.Text(catalog.AlwaysText, v.Privacy),
		}}
	}
	return Message{Embeds: []*discordgo.MessageEmbed{e}}
}

func outcomeWords(v *OutcomeView) (title catalog.Key, text string, color int) {
	w := v.Words
	where := ChannelMention(w, v.Channel)
	switch v.Outcome {
	case OutcomePosted:
		return catalog.OutcomePosted, w.Text(catalog.OutcomePostedText, where) + seeIt(v), colorCompleted
	case OutcomePostedBefore:
		return catalog.OutcomeBefore, w.Text(catalog.OutcomeBeforeText) + seeIt(v), colorNote
	case OutcomeQueued:
		return catalog.OutcomeQueued, w.Text(catalog.OutcomeQueuedText, where), colorRunning
	case OutcomeWaits:
		return catalog.OutcomeWaits, waitingText(v), colorNote
	case OutcomeNotPosted:
		return catalog.OutcomeNotPosted, TroubleText(w, v.Trouble, v.Channel) + "\n" + w.Text(catalog.OutcomeNotPostedText), colorNote
	case OutcomeUnsure:
		return catalog.OutcomeUnsure, w.Text(catalog.OutcomeUnsureText, where), colorNote
	case OutcomePosting:
		return catalog.OutcomePosting, w.Text(catalog.OutcomePostingText, where), colorRunning
	case OutcomeLater:
		return catalog.OutcomeNotPosted, w.Text(catalog.OutcomeLaterText), colorNote
	case OutcomeNothing:
		return catalog.OutcomeNothing, w.Text(catalog.OutcomeNothingText) + lastRecap(v), colorNotStarted
	case OutcomeDeclined:
		return catalog.OutcomeDeclined, w.Text(catalog.OutcomeDeclinedText), colorNotStarted
	case OutcomeDropped:
		return catalog.OutcomeDropped, w.Text(catalog.OutcomeDroppedText), colorNotStarted
	case OutcomeLost:
		return catalog.OutcomeLost, w.Text(catalog.OutcomeLostText, v.Again), colorNote
	}
	return refusalWords(v)
}

// refusalWords says why something is not announced.
func refusalWords(v *OutcomeView) (title catalog.Key, text string, color int) {
	w := v.Words
	switch v.Outcome {
	case OutcomeOff:
		if v.Own {
			return catalog.OutcomeOff, w.Text(catalog.OutcomeOffOwn), colorNote
		}
		return catalog.OutcomeOff, w.Text(catalog.OutcomeOffText, v.Settings), colorNote
	case OutcomeLeft:
		return catalog.OutcomeRefused, w.Text(catalog.OutcomeLeftText, someone(w, v.Person.Name)), colorNote
	case OutcomeExpired:
		return catalog.OutcomeExpired, w.Text(catalog.OutcomeExpiredText), colorNote
	case OutcomeIncomplete, OutcomeContradictory:
		return catalog.OutcomeIncomplete, incompleteText(v), colorNote
	case OutcomeNever:
		return catalog.OutcomeNever, w.Text(catalog.OutcomeNeverText, v.Privacy), colorNote
	case OutcomeHidden:
		return catalog.OutcomeRefused, w.Text(catalog.OutcomeHiddenText, v.Privacy), colorNote
	}
	if v.Own {
		return catalog.OutcomeRefused, w.Text(catalog.OutcomeRefusedOwn), colorNote
	}
	return catalog.OutcomeRefused, w.Text(catalog.OutcomeRefusedText, someone(w, v.Person.Name)), colorNote
}

// waitingText tells those who can fix something what, and members that
// others have to.
func waitingText(v *OutcomeView) string {
	if v.Own {
		return v.Words.Text(catalog.OutcomeWaitsOwn)
	}
	return TroubleText(v.Words, v.Trouble, v.Channel) + "\n" + v.Words.Text(catalog.OutcomeWaitsText)
}

// incompleteText tells how far somebody is, or that the numbers disagree.
func incompleteText(v *OutcomeView) string {
	w := v.Words
	figures := string(appendFigures(nil, w, &v.Program))
	if figures == "" {
		figures = w.Text(phaseWord(progressapi.NotStarted))
	}
	text := catalog.OutcomeIncompleteText
	if v.Outcome == OutcomeContradictory {
		text = catalog.OutcomeContradictoryText
	}
	if v.Own {
		return w.Text(text, w.Text(catalog.OverviewOwn), programName(w, &v.Program), figures)
	}
	return w.Text(text, w.Text(catalog.OverviewOf, someone(w, v.Person.Name)), programName(w, &v.Program), figures)
}

// seeIt leads to the post.
func seeIt(v *OutcomeView) string {
	url := link(v.Link, LimitURL)
	if url == "" {
		return ""
	}
	return "\n" + v.Words.Text(catalog.OutcomeSeeIt, url)
}

func lastRecap(v *OutcomeView) string {
	if !isShowable(v.Last) {
		return ""
	}
	return "\n" + v.Words.Text(catalog.OutcomeLastRecap, stamp(v.Last, styleFull), stamp(v.Last, styleRelative))
}
