package embeds

import (
	"strconv"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
)

// Styles of a Discord timestamp, which every reader sees in their own
// language and time zone.
const (
	styleFull     = 'f' // date and time of day
	styleRelative = 'R' // "in 3 days"
)

// isShowable reports a time that Discord and people can make something of.
func isShowable(t time.Time) bool { return t.Year() >= 1971 && t.Year() <= 9999 }

// stamp writes t, which must be showable, as a Discord timestamp.
func stamp(t time.Time, style byte) string {
	b := append(make([]byte, 0, len("<t:253402300799:R>")), "<t:"...)
	b = strconv.AppendInt(b, t.Unix(), 10)
	return string(append(b, ':', style, '>'))
}

// setFreshness says in e's footer on which of how many pages it is and how
// old the data is. The time itself goes into the embed's timestamp, which
// Discord shows beside the footer in the reader's own time zone; a footer
// cannot hold one.
func setFreshness(e *discordgo.MessageEmbed, v *View, page, pages int) {
	var room [128]byte
	b := room[:0]
	if pages > 1 {
		b = v.Words.Append(b, catalog.FooterPage, page+1, pages)
	}
	if isShowable(v.Fetched) {
		if len(b) > 0 {
			b = append(b, separator...)
		}
		b = appendAge(b, v)
		e.Timestamp = v.Fetched.UTC().Format(time.RFC3339)
	}
	if len(b) > 0 {
		e.Footer = &discordgo.MessageEmbedFooter{Text: string(b)}
	}
}

// appendAge says how old the data is. Only a stand-in's age is spelled out:
// for the rest the timestamp beside it is enough, and stays true for as long
// as the message is read.
func appendAge(b []byte, v *View) []byte {
	if !v.StandIn {
		return v.Words.Append(b, catalog.FooterUpdated)
	}
	switch age := v.Now.Sub(v.Fetched); {
	case age < time.Minute:
		return v.Words.Append(b, catalog.FooterSaved)
	case age < time.Hour:
		return v.Words.Append(b, catalog.FooterMinutes, int(age/time.Minute))
	case age < 48*time.Hour:
		return v.Words.Append(b, catalog.FooterHours, int(age/time.Hour))
	default:
		return v.Words.Append(b, catalog.FooterDays, int(age/(24*time.Hour)))
	}
}

// appendNotes adds in small print, each on a line of its own, that the reply
// was not shared, and that the data stands in for what the API cannot tell just
// now.
func appendNotes(b []byte, v *View) []byte {
	if v.Unshared {
		b = appendNote(b, v.Words.Text(catalog.NoteUnshared, someone(v.Words, v.Person.Name)))
	}
	if v.StandIn && isShowable(v.Fetched) {
		b = appendNote(b, v.Words.Text(catalog.NoteStandIn, stamp(v.Fetched, styleRelative)))
	}
	return b
}

// appendNote adds small print on a line of its own.
func appendNote(b []byte, text string) []byte {
	if len(b) > 0 {
		b = append(b, '\n')
	}
	b = append(b, "-# "...)
	return append(b, text...)
}
