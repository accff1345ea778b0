package embeds

import (
	"strings"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
)

// AnnouncePermissions are what the bot needs in a channel to announce there,
// in Discord's bits. The history is read to find out what became of an
// attempt. What is not among them, such as Attach Files for the pictures, it
// does without.
const AnnouncePermissions = discordgo.PermissionViewChannel | discordgo.PermissionSendMessages |
	discordgo.PermissionEmbedLinks | discordgo.PermissionReadMessageHistory

// MayAnnounce reports whether the permissions in bits are enough to announce.
func MayAnnounce(bits int64) bool { return bits&AnnouncePermissions == AnnouncePermissions }

// permissionWords lists the permissions that the bot ever asks for, in the
// order of Discord's own settings.
func permissionWords() []struct {
	bit  int64
	name catalog.Key
} {
	return []struct {
		bit  int64
		name catalog.Key
	}{
		{discordgo.PermissionViewChannel, catalog.PermissionViewChannel},
		{discordgo.PermissionManageRoles, catalog.PermissionManageRoles},
		{discordgo.PermissionManageGuild, catalog.PermissionManageServer},
		{discordgo.PermissionSendMessages, catalog.PermissionSendMessages},
		{discordgo.PermissionEmbedLinks, catalog.PermissionEmbedLinks},
		{discordgo.PermissionAttachFiles, catalog.PermissionAttachFiles},
		{discordgo.PermissionReadMessageHistory, catalog.PermissionReadHistory},
		{discordgo.PermissionManageEvents, catalog.PermissionManageEvents},
	}
}

// PermissionNames names the permissions in bits as Discord's own settings
// do, with commas between them. Those that the bot never asks for are left
// out.
func PermissionNames(w *catalog.Words, bits int64) string {
	var names []string
	for _, p := range permissionWords() {
		if bits&p.bit != 0 {
			names = append(names, w.Text(p.name))
		}
	}
	return strings.Join(names, ", ")
}
