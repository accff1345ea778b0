package embeds

import (
	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
)

// Trouble is what keeps a server's announcements from being posted until
// somebody fixes it, by the name that the store has for it. Any other name
// reads as [TroubleOutOfReach].
type Trouble string

// The kinds of trouble there are.
const (
	// TroubleOutOfReach: Discord could not be asked for days.
	TroubleOutOfReach Trouble = "out_of_reach"
	// TroubleNoChannel: none is chosen, or it is gone.
	TroubleNoChannel Trouble = "no_channel"
	// TroubleNoPermission: the bot lacks a permission in the channel.
	TroubleNoPermission Trouble = "no_permission"
	// TroubleNotAccepted: Discord refuses the message.
	TroubleNotAccepted Trouble = "not_accepted"
	// TroubleNoRole: the reward role is gone.
	TroubleNoRole Trouble = "no_role"
	// TroubleRole: the bot may not give the reward role.
	TroubleRole Trouble = "role_out_of_reach"
)

// TroubleText says what the trouble is and how to fix it. channel is the ID
// of the channel for announcements, "" if there is none.
func TroubleText(w *catalog.Words, t Trouble, channel string) string {
	switch t {
	case TroubleNoChannel:
		return w.Text(catalog.TroubleNoChannel)
	case TroubleNoPermission:
		return w.Text(catalog.TroubleNoPermission, ChannelMention(w, channel))
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
