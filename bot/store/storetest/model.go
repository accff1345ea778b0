package storetest

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"progressbot/bot/store"
)

// testModel makes random choices, sightings and deletions, and compares what
// servers get to see with what a simple model of the rules says.
func testModel(e *env) {
	servers, people := []string{red, blue}, []string{alice, bob, carol}
	round := 0
	rapid.Check(e.T, func(r *rapid.T) {
		// A round ends with everybody forgotten, and the next begins later.
		round++
		m := model{consents: map[pair]store.Consent{}, seen: map[pair]int{}}
		for step := range rapid.IntRange(1, 30).Draw(r, "steps") {
			server := rapid.SampledFrom(servers).Draw(r, "server")
			person := rapid.SampledFrom(people).Draw(r, "person")
			now := at(time.Duration(round)*time.Hour + time.Duration(step)*time.Second)
			switch rapid.SampledFrom([]string{"choose", "choose", "see", "see", "forget", "drop"}).Draw(r, "what") {
			case "choose":
				c := store.Consent{
					Visibility:    store.Visibility(rapid.IntRange(0, 2).Draw(r, "visibility")),
					Announce:      store.Choice(rapid.IntRange(0, 2).Draw(r, "announce")),
					NeverAnywhere: rapid.IntRange(0, 4).Draw(r, "never") == 0,
				}
				e.consent(server, person, func(was *store.Consent) { *was = c })
				m.choose(servers, server, person, c)
			case "see":
				n := rapid.IntRange(1, 9).Draw(r, "cards")
				e.record(server, person, now, half(program, n))
				m.see(server, person, n)
			case "forget":
				_, err := e.Forget(e.Context(), person, now)
				e.ok(err)
				m.forget(servers, person)
			case "drop":
				e.ok(e.DropMember(e.Context(), server, person))
				m.drop(server, person)
			}
			m.compare(e, servers, people)
		}
		for _, person := range people {
			_, err := e.Forget(e.Context(), person, at(time.Duration(round)*time.Hour+time.Minute))
			e.ok(err)
		}
	})
}

type pair struct{ server, person string }

// model says who chose what, and who was seen with how many cards.
type model struct {
	consents map[pair]store.Consent
	seen     map[pair]int
}

func (m *model) choose(servers []string, server, person string, c store.Consent) {
	for _, s := range servers {
		p := pair{s, person}
		here := m.consents[p]
		here.Visibility, here.NeverAnywhere = c.Visibility, c.NeverAnywhere
		if s == server {
			here.Announce = c.Announce
		}
		m.consents[p] = here
		if !here.TakesPart() {
			delete(m.seen, p)
		}
	}
}

func (m *model) see(server, person string, cards int) {
	if p := (pair{server, person}); m.consents[p].TakesPart() {
		m.seen[p] = cards
	}
}

func (m *model) forget(servers []string, person string) {
	for _, s := range servers {
		delete(m.consents, pair{s, person})
		delete(m.seen, pair{s, person})
	}
}

func (m *model) drop(server, person string) {
	p := pair{server, person}
	delete(m.seen, p)
	if c := m.consents[p]; c.Announce == store.Always {
		c.Announce = store.Ask
		m.consents[p] = c
	}
}

// compare looks at everything from every server.
func (m *model) compare(e *env, servers, people []string) {
	e.Helper()
	follows := 0
	for _, person := range people {
		followed := false
		for _, server := range servers {
			c := m.consents[pair{server, person}]
			e.consentIs(server, person, c)
			followed = followed || c.MayAnnounce(store.ByWatcher)
		}
		if followed {
			follows++
		}
	}
	backlog, err := e.Backlog(e.Context(), at(0))
	e.ok(err)
	same(e, "people who are followed", follows, backlog.Follows)
	for _, server := range servers {
		var got []string
		for _, row := range e.board(server, program, 0, 10).Rows {
			got = append(got, row.Person)
		}
		same(e, "board", m.board(server), got)
	}
}

// board returns who is on a board, best first.
func (m *model) board(server string) []string {
	cards := map[string]int{}
	for p, n := range m.seen {
		if p.server == server {
			cards[p.person] = n
		}
	}
	return slices.SortedFunc(maps.Keys(cards), func(a, b string) int {
		return cmp.Or(cmp.Compare(cards[b], cards[a]), cmp.Compare(a, b))
	})
}
