package bot

import (
	"context"

	"progressbot/commands"
	"progressbot/embeds"
)

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
