package bot

import (
	"log/slog"

	"progressbot/bot/announce"
	"progressbot/commands"
)

// Recaps returns what posts recaps to the client's Discord.
func (t *TestREST) Recaps(log *slog.Logger) commands.OncePoster {
	return announcements{posts: t.AnnouncePort(), log: log}
}

// FateOf is what commands are told of a result.
func FateOf(r announce.Result) commands.Fate { return fateOf(r) }

// DiscordError is what commands are told of an announcer's error.
func DiscordError(err error) error { return discordError(err) }
