package bot

import (
	"log/slog"

	"progressbot/commands"
)

// Recaps returns what posts recaps to the client's Discord.
func (t *TestREST) Recaps(log *slog.Logger) commands.OncePoster {
	return oncePoster{t.AnnouncePort(), log}
}
