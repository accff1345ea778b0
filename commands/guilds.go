package commands

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds"
)

// discordWithin is how long somebody waits for what Discord says about their
// server.
const discordWithin = 4 * time.Second

// Guilds knows how things stand for the bot in a server. It asks Discord.
type Guilds interface {
	// Guild returns what the bot has to know about a server.
	Guild(ctx context.Context, guild string) (GuildInfo, error)
	// BotPermissions returns what the bot may do in a channel: everything for
	// an administrator, else what roles and the channel grant it. It returns
	// [ErrNoChannel] if the server has no such channel.
	BotPermissions(ctx context.Context, guild, channel string) (int64, error)
}

// Poster posts messages.
type Poster interface {
	// Post sends a message to a channel and returns its ID. Nobody is pinged.
	Post(ctx context.Context, channel string, m embeds.Message) (string, error)
}

// GuildInfo is a server as the bot sees it.
type GuildInfo struct {
	ID    string
	Name  string
	Owner string      // user ID
	Roles []GuildRole // all of them, that of everyone included
	Own   []string    // IDs of the bot's own, that of everyone left out
}

// GuildRole is a role of a server. The one with the server's ID is that of
// everyone.
type GuildRole struct {
	ID          string
	Position    int
	Permissions int64
	Managed     bool // belongs to a bot, an integration or to boosting
}

// above reports whether r stands higher than other. Of two in the same
// position the older one does.
func (r GuildRole) above(other GuildRole) bool {
	if r.Position != other.Position {
		return r.Position > other.Position
	}
	return older(r.ID, other.ID)
}

// older compares two IDs by when they were made.
func older(a, b string) bool {
	m, errA := strconv.ParseUint(a, 10, 64)
	n, errB := strconv.ParseUint(b, 10, 64)
	return errA == nil && errB == nil && m < n
}

// trusted are the permissions to change the server or to act on other
// members. A role that has any of them is no harmless reward: whoever may not
// give roles could have it given to themselves.
const trusted = discordgo.PermissionAdministrator |
	discordgo.PermissionManageGuild | discordgo.PermissionManageRoles | discordgo.PermissionManageChannels |
	discordgo.PermissionManageWebhooks | discordgo.PermissionManageGuildExpressions | discordgo.PermissionManageEvents |
	discordgo.PermissionManageMessages | discordgo.PermissionManageThreads | discordgo.PermissionManageNicknames |
	discordgo.PermissionKickMembers | discordgo.PermissionBanMembers | discordgo.PermissionModerateMembers |
	discordgo.PermissionVoiceMuteMembers | discordgo.PermissionVoiceDeafenMembers | discordgo.PermissionVoiceMoveMembers |
	discordgo.PermissionMentionEveryone | discordgo.PermissionViewAuditLogs

// givesRoles are the permissions of which one is needed to give roles.
const givesRoles = discordgo.PermissionManageRoles | discordgo.PermissionAdministrator

// chosenFault is rewardFault for a role that the member behind a request
// chooses. One that takes trust has to be one that they could give by
// themselves: Discord lets the owner give every role, and who may give roles
// those below their own highest. The request's own permissions do not tell
// that, because they count what its channel grants.
func (g GuildInfo) chosenFault(role string, by *Request) embeds.RoleFault {
	fault := g.rewardFault(role)
	if fault != embeds.RoleFine || by.User.ID == g.Owner {
		return fault
	}
	wanted := g.Roles[g.index(role)]
	if wanted.Permissions&trusted == 0 {
		return embeds.RoleFine
	}
	if may, highest := g.rank(by.Roles); may&givesRoles == 0 || !highest.above(wanted) {
		return embeds.RoleIsTrusted
	}
	return embeds.RoleFine
}

// rewardFault returns why the bot cannot give the role to members.
func (g GuildInfo) rewardFault(role string) embeds.RoleFault {
	at := g.index(role)
	if at < 0 {
		return embeds.RoleIsGone
	}
	may, highest := g.rank(g.Own)
	switch wanted := g.Roles[at]; {
	case wanted.ID == g.ID:
		return embeds.RoleIsEveryone
	case wanted.Managed:
		return embeds.RoleIsManaged
	case may&givesRoles == 0:
		return embeds.RoleNotPermitted
	case !highest.above(wanted):
		return embeds.RoleIsTooHigh
	default:
		return embeds.RoleFine
	}
}

// index returns where a role stands in Roles, -1 if nowhere.
func (g GuildInfo) index(role string) int {
	return slices.IndexFunc(g.Roles, func(r GuildRole) bool { return r.ID == role })
}

// rank returns what a member with these roles may do in the server, before
// the permissions of a channel, and their highest role, which is below all
// others if they have none.
func (g GuildInfo) rank(roles []string) (permissions int64, highest GuildRole) {
	highest.Position = -1
	for _, r := range g.Roles {
		own := slices.Contains(roles, r.ID)
		if own || r.ID == g.ID {
			permissions |= r.Permissions
		}
		if own && (highest.Position < 0 || r.above(highest)) {
			highest = r
		}
	}
	return permissions, highest
}
