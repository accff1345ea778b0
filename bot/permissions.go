package bot

import (
	"slices"

	"github.com/bwmarrin/discordgo"
)

// everything is every permission there is.
const everything = int64(-1) &^ (-1 << 53)

// memberPermissions are what a member with these roles may do in a server,
// before the permissions of a channel: what any of their roles grants, that
// of everyone included.
func memberPermissions(g *guildInfo, member string, roles []string) int64 {
	if member == g.OwnerID && member != "" {
		return everything
	}
	var granted int64
	for i := range g.Roles {
		if r := &g.Roles[i]; r.ID == g.ID || slices.Contains(roles, r.ID) {
			granted |= int64(r.Permissions)
		}
	}
	if granted&discordgo.PermissionAdministrator != 0 {
		return everything
	}
	return granted
}

// channelPermissions are what the member may do in a channel. Its overwrites
// apply in the order that Discord documents: that for everyone, then those
// for the member's roles together, then that for the member; of each, what
// it denies before what it allows. What Discord denies along with others,
// everything without View Channel and much without Send Messages, still
// counts as granted: whoever asks wants to know what to grant.
//
// The library can do this only within a session that knows the server.
func channelPermissions(g *guildInfo, member string, roles []string, overwrites []overwriteInfo) int64 {
	p := memberPermissions(g, member, roles)
	if p == everything {
		return p
	}
	var forEveryone, forRoles, forMember overwriteInfo
	for i := range overwrites {
		o := &overwrites[i]
		switch {
		case o.Type == discordgo.PermissionOverwriteTypeMember:
			if o.ID == member {
				forMember = *o
			}
		case o.ID == g.ID:
			forEveryone = *o
		case slices.Contains(roles, o.ID):
			forRoles.Allow |= o.Allow
			forRoles.Deny |= o.Deny
		}
	}
	for _, o := range []overwriteInfo{forEveryone, forRoles, forMember} {
		p = p&^int64(o.Deny) | int64(o.Allow)
	}
	return p
}
