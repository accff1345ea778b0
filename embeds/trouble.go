package embeds

import (
	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
)

// Trouble is what keeps a server's announcements from being posted until
// somebody mends it.
type Trouble int

// The kinds of trouble there are.
const (
	// TroubleOutOfReach: Discord could not be asked for days.
	TroubleOutOfReach Trouble = iota
	// TroubleNoChannel: none is chosen, or it is gone.
	TroubleNoChannel
	// TroubleNoPermission: the bot lacks a permission in the channel.
	TroubleNoPermission
	// TroubleNotAccepted: Discord refuses the message.
	TroubleNotAccepted
	// TroubleNoRole: the reward role is gone.
	TroubleNoRole
	// TroubleRole: the bot may not give the reward role.
	TroubleRole
)

// TroubleText says what the trouble is and how to mend it. channel is the ID
// of the channel for announcements, "" if there is none.
func TroubleText(w *catalog.Words, t Trouble, channel string) string {
	switch t {
	case TroubleNoChannel:
		return w.Text(catalog.TroubleNoChannel)
	case TroubleNoPermission:
		where := w.Text(catalog.TroubleSomeChannel)
		if isSnowflake(channel) {
			where = "<#" + channel + ">"
		}
		return w.Text(catalog.TroubleNoPermission, where)
	case TroubleNotAccepted:
		return w.Text(catalog.TroubleNotAccepted)
	case TroubleNoRole:
		return w.Text(catalog.TroubleNoRole)
	case TroubleRole:
		return w.Text(catalog.TroubleRole)
	default:
		return w.Text(catalog.TroubleOutOfReach)
	}
}

// TroubleNotice tells those who manage a server that its announcements, or
// its reward roles, wait for them. It may be read outside the server.
func TroubleNotice(w *catalog.Words, t Trouble, server, channel string) Message {
	title := catalog.TroubleTitle
	if t == TroubleNoRole || t == TroubleRole {
		title = catalog.TroubleRoleTitle
	}
	e := &discordgo.MessageEmbed{
		Title:       w.Text(title, orElse(Escape(server, maxName), w, catalog.TemplateNoServer)),
		Description: string(appendNote([]byte(TroubleText(w, t, channel)), w.Text(catalog.TroubleKept))),
		Color:       colorNote,
	}
	return Message{Embeds: []*discordgo.MessageEmbed{e}}
}
