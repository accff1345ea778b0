package commands

import (
	"log/slog"
	"time"
)

// Deps are what the commands work with.
type Deps struct {
	// Progress knows people's progress. Required.
	Progress Fetcher
	// Settings keeps what servers chose, People what people did: [store.Store]
	// does both. Default: nothing can be read or stored, so nobody sees
	// anybody else's progress and every reply is private.
	Settings SettingsStore
	People   PeopleStore
	// Cached is what keeps copies of people's progress, to delete them when
	// a person wants to be forgotten. Default: nothing does.
	Cached Forgetter
	// Guilds and Poster are what the settings ask of Discord. Default:
	// Discord cannot be asked.
	Guilds Guilds
	Poster Poster
	// Members names those whom Discord has not named lately, for pictures.
	// Default: nobody can be named.
	Members Members
	// Boards knows the leaderboards. Default: nobody is on any.
	Boards Boards
	// Announcer announces completions, Ledger and Recaps keep what is needed
	// for that ([store.Store] does both), and Once posts recaps. Default:
	// nothing can be announced.
	Announcer Announcer
	Ledger    Ledger
	Recaps    Recaps
	Once      OncePoster
	// Standings learns what members' own progress shows. Default: nobody does.
	Standings Standings
	// Painter draws cards for replies. Default: replies are text.
	Painter Painter
	// Faults is told when the progress API fails and answers again. Give
	// the [Router] the same. Default: one that nobody reads.
	Faults *FaultLog
	// Mentions makes command names clickable. Give the [Router] the same.
	// Default: plain names.
	Mentions *Mentions
	// WalletURL is where rewards can be claimed, "" for nowhere; "{user}"
	// in it stands for the person's ID.
	WalletURL string
	// Now stamps what people see. Default: time.Now.
	Now func() time.Time
}

func (d Deps) withDefaults() Deps {
	if d.Settings == nil {
		d.Settings = noStore{}
	}
	if d.People == nil {
		d.People = noStore{}
	}
	if d.Cached == nil {
		d.Cached = noCopies{}
	}
	if d.Guilds == nil {
		d.Guilds = noDiscord{}
	}
	if d.Poster == nil {
		d.Poster = noDiscord{}
	}
	if d.Members == nil {
		d.Members = noDiscord{}
	}
	if d.Boards == nil {
		d.Boards = nobody{}
	}
	if d.Announcer == nil {
		d.Announcer = noAnnouncements{}
	}
	if d.Ledger == nil {
		d.Ledger = noAnnouncements{}
	}
	if d.Recaps == nil {
		d.Recaps = noAnnouncements{}
	}
	if d.Once == nil {
		d.Once = noAnnouncements{}
	}
	if d.Standings == nil {
		d.Standings = unrecorded{}
	}
	if d.Faults == nil {
		d.Faults = NewFaultLog(slog.New(slog.DiscardHandler))
	}
	if d.Mentions == nil {
		d.Mentions = new(Mentions)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	return d
}

// All returns every command of the bot, in the order in which people read
// about them. It is the only list.
func All(d Deps) []Command {
	d = d.withDefaults()
	servers := newServers(d)
	names := newNames()
	members := newMembers(d, names)
	pictures := &pictures{d, servers, members}
	p := newProgress(d, servers, names, pictures)
	boards := leaderboard{d, servers, names, pictures}
	all := []Command{
		p.command(),
		p.menu(),
		boards.command(),
		newPrivacy(d, names).command(),
		(&announcing{d, servers, boards, names, members}).command(),
		newSettings(d, servers, p).command(),
	}
	return append(all, help(d, all))
}
