package commandstest

import (
	"context"
	"sync"

	"github.com/bwmarrin/discordgo"

	"progressbot/commands"
	"progressbot/embeds"
)

// Roles of [Discord]'s server, from the highest to that of everyone.
const (
	RoleHigh    = "720000000000000004"
	RoleBot     = "720000000000000003" // the bot's own
	RoleManaged = "720000000000000002"
	RoleLow     = "720000000000000001"
)

// Discord is what the settings ask of Discord: one server in which the bot
// may do everything that it needs, until a test says otherwise.
type Discord struct {
	// Missing are the permissions that the bot lacks, by channel; Gone are
	// the channels that do not exist.
	Missing map[string]int64
	Gone    map[string]bool
	// NoRoles lets the bot lack Manage Roles.
	NoRoles bool
	// ErrGuild, ErrChannel and ErrPost are what questions about the server
	// and about channels, and posts, return while they are set.
	ErrGuild, ErrChannel, ErrPost error
	// Before is called before a question about a channel is answered.
	Before func()

	mu    sync.Mutex
	posts []Posted
}

// Posted is a message that was posted.
type Posted struct {
	Channel string
	Message embeds.Message
}

var (
	_ commands.Guilds = (*Discord)(nil)
	_ commands.Poster = (*Discord)(nil)
)

// Guild implements [commands.Guilds].
func (d *Discord) Guild(context.Context, string) (commands.GuildInfo, error) {
	if d.ErrGuild != nil {
		return commands.GuildInfo{}, d.ErrGuild
	}
	g := commands.GuildInfo{
		ID: Guild, Name: "Ice *Club*",
		Roles: []commands.GuildRole{
			{ID: Guild, Permissions: discordgo.PermissionViewChannel},
			{ID: RoleLow, Position: 1},
			{ID: RoleManaged, Position: 2, Managed: true},
			{ID: RoleBot, Position: 3, Permissions: discordgo.PermissionManageRoles, Managed: true},
			{ID: RoleHigh, Position: 4},
		},
		Own: []string{RoleBot},
	}
	if d.NoRoles {
		g.Roles[3].Permissions = 0
	}
	return g, nil
}

// BotPermissions implements [commands.Guilds].
func (d *Discord) BotPermissions(_ context.Context, _, channel string) (int64, error) {
	if d.Before != nil {
		d.Before()
	}
	switch {
	case d.ErrChannel != nil:
		return 0, d.ErrChannel
	case d.Gone[channel]:
		return 0, commands.ErrNoChannel
	default:
		return (embeds.AnnouncePermissions | discordgo.PermissionAttachFiles) &^ d.Missing[channel], nil
	}
}

// Post implements [commands.Poster].
func (d *Discord) Post(_ context.Context, channel string, m embeds.Message) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ErrPost != nil {
		return "", d.ErrPost
	}
	d.posts = append(d.posts, Posted{channel, m})
	return Message, nil
}

// Posts returns what was posted.
func (d *Discord) Posts() []Posted {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Posted(nil), d.posts...)
}
