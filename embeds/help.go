package embeds

import (
	"strings"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
)

// HelpEntry is one command in [Help].
type HelpEntry struct {
	// Name is the command's full name, as "progress" or "privacy set", or
	// the label of a user's context menu.
	Name string
	// ID is what Discord registered the command as; it makes the name
	// something to tap. "" if it is not known.
	ID    string
	About string // what it does, in the reader's language
	// Context says that the command is in a user's context menu.
	Context bool
}

// maxHelp is how many commands fit into a description however long their
// names and what they do; it is more than anybody reads.
const maxHelp = LimitDescription / (2*LimitOptionText + 25)

// Help lists what each command does.
func Help(w *catalog.Words, entries []HelpEntry) Message {
	var b strings.Builder
	for _, e := range entries[:min(len(entries), maxHelp)] {
		b.WriteString(helpName(w, e))
		if e.About != "" {
			b.WriteByte('\n')
			b.WriteString(Escape(e.About, LimitOptionText))
		}
		b.WriteString("\n\n")
	}
	b.WriteString("-# ")
	b.WriteString(w.Text(catalog.HelpPrivacy))
	return Message{Embeds: []*discordgo.MessageEmbed{{
		Title:       w.Text(catalog.HelpTitle),
		Description: b.String(),
		Color:       colorRunning,
	}}}
}

func helpName(w *catalog.Words, e HelpEntry) string {
	if e.Context {
		return w.Text(catalog.HelpContext, Escape(e.Name, LimitOptionText))
	}
	return CommandMention(e.Name, e.ID)
}

// CommandMention names a slash command, by its full name, so that it can be
// tapped; without the ID that Discord registered it under, or with a name
// that cannot be one, it can only be read.
func CommandMention(name, id string) string {
	name = Plain(name, LimitOptionText)
	if strings.ContainsAny(name, "`:<>/") {
		return Escape("/"+name, LimitOptionText)
	}
	if !isSnowflake(id) {
		return "`/" + name + "`"
	}
	return "</" + name + ":" + id + ">"
}
