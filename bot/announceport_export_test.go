package bot

import "progressbot/bot/announce"

// AnnouncePort is what carries the announcer's wishes to Discord.
type AnnouncePort interface {
	announce.Poster
	announce.Members
	announce.Managers
}

// AnnouncePort returns the port to the client's Discord.
func (t *TestREST) AnnouncePort() AnnouncePort {
	return &announcePort{rest: t.r, guilds: &guilds{rest: t.r}}
}
