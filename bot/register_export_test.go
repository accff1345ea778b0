package bot

import (
	"context"
	"log/slog"

	"github.com/bwmarrin/discordgo"

	"progressbot/commands"
)

// Sync registers commands.
func (t *TestREST) Sync(ctx context.Context, guild string, defs []*discordgo.ApplicationCommand, m *commands.Mentions) (bool, error) {
	r := registrar{rest: t.r, appID: "77", guildID: guild, definitions: defs, mentions: m, log: slog.New(slog.DiscardHandler)}
	return r.sync(ctx)
}

// Register registers commands and returns when that has worked.
func (t *TestREST) Register(ctx context.Context, defs []*discordgo.ApplicationCommand, m *commands.Mentions, log *slog.Logger) {
	r := registrar{rest: t.r, appID: "77", definitions: defs, mentions: m, log: log}
	r.run(ctx, func(again func()) { again() })
}
