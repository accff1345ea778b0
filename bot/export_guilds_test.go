package bot

import (
	"context"

	"github.com/bwmarrin/discordgo"

	"progressbot/commands"
	"progressbot/embeds"
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

// TestGuilds asks Discord about servers.
type TestGuilds struct{ g *guilds }

// Guilds returns what asks through t.
func (t *TestREST) Guilds() *TestGuilds { return &TestGuilds{&guilds{rest: t.r}} }

// Guild calls guilds.Guild.
func (t *TestGuilds) Guild(ctx context.Context, guild string) (commands.GuildInfo, error) {
	return t.g.Guild(ctx, guild)
}

// BotPermissions calls guilds.BotPermissions.
func (t *TestGuilds) BotPermissions(ctx context.Context, guild, channel string) (int64, error) {
	return t.g.BotPermissions(ctx, guild, channel)
}

// Servers calls guilds.Servers.
func (t *TestGuilds) Servers(ctx context.Context) ([]string, error) { return t.g.Servers(ctx) }

// Knows calls guilds.Knows.
func (t *TestGuilds) Knows(ctx context.Context, server string) (bool, error) {
	return t.g.Knows(ctx, server)
}

// Post calls guilds.Post.
func (t *TestGuilds) Post(ctx context.Context, channel string, m embeds.Message) (string, error) {
	return t.g.Post(ctx, channel, m)
}
