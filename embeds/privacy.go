package embeds

import (
	"strings"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
)

// The actions of the panels of /privacy.
const (
	ActionPrivacy       = "priv"
	ActionSetVisibility = "priv-see"   // on a menu of [Visibility] by name
	ActionSetAnnounce   = "priv-ann"   // on a menu of [Announce] by name
	ActionNeverAnywhere = "priv-never" // [Action.Page] is 1 for on, 0 for off
	ActionForget        = "priv-forget"
	ActionForgetAll     = "priv-forget-all"
)

// Visibility is who may look at a person's progress, by the name that menus
// and options have for it.
type Visibility string

// The choices of visibility.
const (
	VisibleToAnyone   Visibility = "anyone"
	VisibleToManagers Visibility = "managers"
	VisibleToSelf     Visibility = "self"
)

// Announce is how a person's completions are announced in a server, by the
// name that menus and options have for it.
type Announce string

// The choices of announcements.
const (
	AnnounceAsk    Announce = "ask"
	AnnounceAlways Announce = "always"
	AnnounceNever  Announce = "never"
	// AnnounceNeverAnywhere is no choice for one server: it is above them.
	AnnounceNeverAnywhere Announce = "never-anywhere"
)

// Stored counts what is stored about a person.
type Stored struct {
	Choices       int
	Follows       int
	Announcements int
	Standings     int
	Completions   int
}

// PrivacyView is what the panels of /privacy show: one person's choices, for
// their eyes alone.
type PrivacyView struct {
	Words      *catalog.Words
	Asker      string // Discord user ID
	Visibility Visibility
	// Here says that the panel is in a server, for which Announce is the
	// choice. Elsewhere AlwaysIn and NeverIn count the servers for which
	// the person chose so.
	Here              bool
	Announce          Announce
	AlwaysIn, NeverIn int
	NeverAnywhere     bool
	// Quiet says that this server announces nothing at present, StillEarns
	// that the person is given its reward roles all the same.
	Quiet, StillEarns bool
	// Stored is what else is stored about the person; nil if not known.
	Stored *Stored
	// Note says what has just happened, in words that are fit to show.
	// Problem says that it is not what was asked for.
	Note    string
	Problem bool
}

// Privacy shows a person's choices and lets them change them.
func Privacy(v PrivacyView) Message {
	w := v.Words
	e := &discordgo.MessageEmbed{
		Title:       w.Text(catalog.PrivacyTitle),
		Description: v.Note,
		Color:       colorRunning,
		Fields: []*discordgo.MessageEmbedField{
			{Name: w.Text(catalog.PrivacyVisible), Value: v.visibleText()},
			v.announceField(),
			{Name: w.Text(catalog.PrivacyStored), Value: v.storedText()},
		},
	}
	if v.Note != "" {
		e.Color = colorCompleted
	}
	if v.Problem {
		e.Color = colorNote
	}
	rows := []discordgo.MessageComponent{row(v.visibilityMenu())}
	if v.Here {
		rows = append(rows, row(v.announceMenu()))
	}
	never := v.button(catalog.ButtonNeverAnywhere, ActionNeverAnywhere, 1)
	if v.NeverAnywhere {
		never = v.button(catalog.ButtonNeverNoMore, ActionNeverAnywhere, 0)
	}
	return Message{Embeds: []*discordgo.MessageEmbed{e}, Components: append(rows, row(never, v.button(catalog.ButtonForget, ActionForget, 0)))}
}

func (v *PrivacyView) visibleText() string {
	c := visibilityChoice(v.Visibility)
	return v.Words.Text(catalog.ChoiceLine, v.Words.Text(c.name), v.Words.Text(c.about))
}

// announceField says how completions are announced: here, or in general
// where there is no here.
func (v *PrivacyView) announceField() *discordgo.MessageEmbedField {
	w := v.Words
	f := &discordgo.MessageEmbedField{Name: w.Text(catalog.PrivacyHere)}
	if !v.Here {
		f.Name = w.Text(catalog.PrivacyAnnounce)
	}
	var lines []string
	if v.NeverAnywhere {
		lines = append(lines, w.Text(catalog.ChoiceLine, w.Text(catalog.ChoiceNeverAnywhere), w.Text(catalog.PrivacyNever)))
	}
	switch {
	case !v.Here:
		lines = append(lines, w.Text(catalog.PrivacyPerServer))
		if v.AlwaysIn > 0 {
			lines = append(lines, w.Text(catalog.PrivacyAlwaysIn, v.AlwaysIn))
		}
		if v.NeverIn > 0 {
			lines = append(lines, w.Text(catalog.PrivacyNeverIn, v.NeverIn))
		}
	case v.NeverAnywhere:
		lines = append(lines, w.Text(catalog.PrivacyNeverFirst, w.Text(announceChoice(v.Announce).name)))
	default:
		c := announceChoice(v.Announce)
		lines = append(lines, w.Text(catalog.ChoiceLine, w.Text(c.name), w.Text(c.about)))
		switch {
		case v.Announce == AnnounceAlways && v.Visibility == VisibleToSelf:
			lines = append(lines, w.Text(catalog.PrivacyHiddenAlways))
		case v.Announce == AnnounceAsk && v.Visibility == VisibleToSelf:
			lines = append(lines, w.Text(catalog.PrivacyHiddenAsk))
		case v.Announce == AnnounceAsk && v.Visibility == VisibleToManagers:
			lines = append(lines, w.Text(catalog.PrivacyManagersAsk))
		}
		if v.Quiet && v.Announce != AnnounceNever {
			lines = append(lines, v.quietText())
		}
	}
	f.Value = strings.Join(lines, "\n")
	return f
}

func (v *PrivacyView) quietText() string {
	text := v.Words.Text(catalog.PrivacyQuiet)
	if v.StillEarns {
		text += " " + v.Words.Text(catalog.PrivacyStillEarns)
	}
	return text
}

func (v *PrivacyView) storedText() string {
	if v.Stored == nil {
		return v.Words.Text(catalog.StoredUnknown)
	}
	lines := append(v.Stored.lines(v.Words), v.Words.Text(catalog.StoredLooked))
	return strings.TrimPrefix(list(lines), "\n")
}

// lines says in words what is stored, one category a line.
func (s Stored) lines(w *catalog.Words) []string {
	var lines []string
	for _, c := range []struct {
		n  int
		id catalog.Key
	}{
		{s.Choices, catalog.StoredChoices},
		{s.Announcements, catalog.StoredAnnouncements},
		{s.Standings, catalog.StoredStandings},
		{s.Completions, catalog.StoredCompletions},
	} {
		if c.n > 0 {
			lines = append(lines, w.Text(c.id, c.n))
		}
	}
	if s.Follows > 0 {
		lines = append(lines, w.Text(catalog.StoredFollow))
	}
	return lines
}

func visibilityChoices() []choice {
	return []choice{
		{string(VisibleToAnyone), catalog.ChoiceVisibleAnyone, catalog.ChoiceVisibleAnyoneAbout},
		{string(VisibleToManagers), catalog.ChoiceVisibleManagers, catalog.ChoiceVisibleManagersAbout},
		{string(VisibleToSelf), catalog.ChoiceVisibleSelf, catalog.ChoiceVisibleSelfAbout},
	}
}

func announceChoices() []choice {
	return []choice{
		{string(AnnounceAsk), catalog.ChoiceAsk, catalog.ChoiceAskAbout},
		{string(AnnounceAlways), catalog.ChoiceAlways, catalog.ChoiceAlwaysAbout},
		{string(AnnounceNever), catalog.ChoiceNever, catalog.ChoiceNeverAbout},
	}
}

// pick finds a choice by its value, else takes the first.
func pick(choices []choice, value string) choice {
	for _, c := range choices {
		if c.value == value {
			return c
		}
	}
	return choices[0]
}

func visibilityChoice(v Visibility) choice { return pick(visibilityChoices(), string(v)) }
func announceChoice(a Announce) choice     { return pick(announceChoices(), string(a)) }

func (v *PrivacyView) visibilityMenu() discordgo.SelectMenu {
	return choiceMenu(v.Words, v.id(ActionSetVisibility, 0), catalog.MenuVisible, "",
		visibilityChoices(), visibilityChoice(v.Visibility).value)
}

// announceMenu cannot be used while Never, anywhere is above it.
func (v *PrivacyView) announceMenu() discordgo.SelectMenu {
	m := choiceMenu(v.Words, v.id(ActionSetAnnounce, 0), catalog.MenuAnnounce, "",
		announceChoices(), announceChoice(v.Announce).value)
	m.Disabled = v.NeverAnywhere
	return m
}

func (v *PrivacyView) id(action string, page int) string {
	return Action{Name: action, Owner: v.Asker, Page: page}.Encode()
}

func (v *PrivacyView) button(label catalog.Key, action string, page int) discordgo.Button {
	return discordgo.Button{
		Label: v.Words.Text(label), Style: discordgo.SecondaryButton,
		CustomID: v.id(action, page),
	}
}

// ConfirmForget says what will be deleted about a person and what follows
// from that, and asks.
func ConfirmForget(v PrivacyView) Message {
	w := v.Words
	var what []string
	if v.Stored != nil {
		what = v.Stored.lines(w)
	}
	e := &discordgo.MessageEmbed{
		Title:       w.Text(catalog.ForgetTitle),
		Description: w.Text(catalog.ForgetAsk) + list(append(what, w.Text(catalog.StoredCopy))) + "\n\n" + w.Text(catalog.ForgetDefaults) + "\n" + w.Text(catalog.ForgetStays),
		Color:       colorProblem,
	}
	forget := v.button(catalog.ButtonForgetAll, ActionForgetAll, 0)
	forget.Style = discordgo.DangerButton
	return Message{Embeds: []*discordgo.MessageEmbed{e}, Components: []discordgo.MessageComponent{
		row(forget, v.button(catalog.ButtonCancel, ActionPrivacy, 0)),
	}}
}

// Forgotten says what was deleted about a person, which is v.Stored. copyLeft
// says that the saved copy of their progress is still to be deleted; then
// there is a button that does it again.
func Forgotten(v PrivacyView, copyLeft bool) Message {
	w := v.Words
	var what []string
	if v.Stored != nil {
		what = v.Stored.lines(w)
	}
	if !copyLeft {
		what = append(what, w.Text(catalog.StoredCopy))
	}
	e := &discordgo.MessageEmbed{Title: w.Text(catalog.ForgetDone), Color: colorCompleted}
	if len(what) > 0 {
		e.Description = w.Text(catalog.ForgetDeleted) + list(what) + "\n\n"
	}
	buttons := []discordgo.MessageComponent{v.button(catalog.ButtonPrivacy, ActionPrivacy, 0)}
	if copyLeft {
		e.Color = colorNote
		e.Description += w.Text(catalog.ForgetCopyLeft) + "\n"
		again := v.button(catalog.ButtonTryAgain, ActionForgetAll, 0)
		again.Style = discordgo.PrimaryButton
		buttons = append(buttons, again)
	}
	e.Description += w.Text(catalog.ForgetAfter)
	return Message{Embeds: []*discordgo.MessageEmbed{e}, Components: []discordgo.MessageComponent{discordgo.ActionsRow{Components: buttons}}}
}
