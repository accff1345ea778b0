package commands

import "time"

// Deps are what the commands work with. All of it is required unless it says
// otherwise.
type Deps struct {
	// Progress knows people's progress, Cached what keeps copies of it, to
	// delete them when a person wants to be forgotten.
	Progress Fetcher
	Cached   Forgetter
	// Settings keeps what servers chose, People what people did, and Boards
	// knows the leaderboards: [store.Store] does all three.
	Settings SettingsStore
	People   PeopleStore
	Boards   Boards
	// Standings learns what members' own progress shows.
	Standings Standings
	// Guilds and Poster are what the settings ask of Discord.
	Guilds Guilds
	Poster Poster
	// Members names those whom Discord has not named lately, for pictures.
	Members Members
	// Announcer announces completions, Ledger and Recaps keep what is needed
	// for that ([store.Store] does both), and Once posts recaps.
	Announcer Announcer
	Ledger    Ledger
	Recaps    Recaps
	Once      OncePoster
	// Painter draws cards for replies. Default: replies are text.
	Painter Painter
	// Faults is told when the progress API fails and answers again. Give
	// the [Router] the same.
	Faults *FaultLog
	// Mentions makes command names clickable. Give the [Router] the same.
	Mentions *Mentions
	// WalletURL is where rewards can be claimed, "" for nowhere; "{user}"
	// in it stands for the person's ID.
	WalletURL string
	// Now stamps what people see. Default: time.Now.
	Now func() time.Time
}

// All returns every command of the bot, in the order in which people read
// about them. It is the only list.
func All(d Deps) []Command {
	if d.Now == nil {
		d.Now = time.Now
	}
	servers := newServers(d)
	names := newNames()
	members := newMembers(d, names)
	pictures := &pictures{d, servers, members}
	p := newProgress(d, servers, members, pictures)
	boards := leaderboard{d, servers, names, pictures}
	all := []Command{
		p.command(),
		p.menu(),
		boards.command(),
		newPrivacy(d, servers, names).command(),
		(&announcing{d, servers, boards, members}).command(),
		newSettings(d, servers, p).command(),
	}
	return append(all, help(d, all))
}
