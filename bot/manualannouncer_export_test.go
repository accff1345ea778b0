package bot

import (
	"progressbot/bot/announce"
	"progressbot/commands"
)

// FateOf is what commands are told of a result.
func FateOf(r announce.Result) commands.Fate { return fateOf(r) }

// DiscordError is what commands are told of an announcer's error.
func DiscordError(err error) error { return discordError(err) }
