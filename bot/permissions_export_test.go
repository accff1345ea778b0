package bot

import (
	"github.com/bwmarrin/discordgo"

	"progressbot/commands"
)

// TestRole, TestOverwrite and TestMember are what permissions depend on.
type (
	TestRole struct {
		ID          string
		Permissions int64
	}
	TestOverwrite struct {
		ID          string
		Member      bool
		Allow, Deny int64
	}
)

// ChannelPermissions calls channelPermissions for a member with some roles,
// in a server with the ID guild.
func ChannelPermissions(guild, owner string, all []TestRole, member string, roles []string, overwrites []TestOverwrite) int64 {
	g := guildInfo{ID: guild, OwnerID: owner}
	for _, r := range all {
		g.Roles = append(g.Roles, roleInfo{ID: r.ID, Permissions: commands.Bits(r.Permissions)})
	}
	var list []overwriteInfo
	for _, o := range overwrites {
		kind := discordgo.PermissionOverwriteTypeRole
		if o.Member {
			kind = discordgo.PermissionOverwriteTypeMember
		}
		list = append(list, overwriteInfo{ID: o.ID, Type: kind, Allow: commands.Bits(o.Allow), Deny: commands.Bits(o.Deny)})
	}
	return channelPermissions(&g, member, roles, list)
}

// Everything is every permission there is.
const Everything = everything
