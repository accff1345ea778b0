package commands

import (
	"progressbot/bot/store"
	"progressbot/progressapi"
	"progressbot/progressapi/cache"
)

// Standings learns what members' own progress shows in a server, for its
// leaderboard and its recap.
type Standings interface {
	// Record takes note of a sighting. It never waits, and may drop one: the
	// member's next look brings the same again.
	Record(sight store.Sighting)
}

// sighted passes on what a member's own progress showed in a server; whole
// says that these are all of their programs. A sighting is as old as the
// answer, so that one from the cache takes nothing back that a newer one told.
// What others look at, what stands in for an answer and answers that hold
// nothing tell nothing: an API that has lost somebody for a moment must not
// make old completions new.
func (p *progress) sighted(l look, s cache.Snapshot, whole bool) {
	if l.person.ID != l.r.User.ID || l.r.Guild == "" || !l.r.BotInGuild || s.Freshness == cache.StandIn {
		return
	}
	programs := keepable(s.Programs)
	if len(programs) == 0 {
		return
	}
	standings := make([]store.Standing, len(programs))
	for i := range programs {
		standings[i] = standingOf(&programs[i])
	}
	p.Standings.Record(store.Sighting{
		Server: l.r.Guild, Person: l.person.ID, At: s.Fetched, Programs: standings, Whole: whole,
	})
}

// standingOf leaves the size out where it is not known how many of it the
// person has: "0 of 10" would be a lie.
func standingOf(p *progressapi.Program) store.Standing {
	s := store.Standing{
		Program: p.ID, Name: p.Name, Collected: p.Collected,
		Complete: p.Completion() == progressapi.Complete,
	}
	s.Percent, _ = p.Percentage()
	if p.Counted() {
		s.Size = p.Size
	}
	return s
}
