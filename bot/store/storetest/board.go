package storetest

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"progressbot/bot/store"
)

// done returns a completed standing, half one on the way.
func done(program string) store.Standing {
	return store.Standing{Program: program, Name: "Name of " + program, Collected: 10, Size: 10, Percent: 100, Complete: true}
}

func half(program string, collected int) store.Standing {
	return store.Standing{Program: program, Name: "Name of " + program, Collected: collected, Size: 10, Percent: collected * 10}
}

// record stores a whole sighting.
func (e *env) record(server, person string, now time.Time, programs ...store.Standing) {
	e.Helper()
	e.ok(e.Record(e.Context(), store.Sighting{Server: server, Person: person, At: now, Programs: programs, Whole: true}))
}

func (e *env) board(server, program string, offset, limit int) store.Board {
	e.Helper()
	got, err := e.Board(e.Context(), server, program, offset, limit)
	e.ok(err)
	return got
}

// ranks shows a page as "rank person" lines.
func (e *env) ranks(server, program string, offset, limit int) []string {
	e.Helper()
	var out []string
	for _, r := range e.board(server, program, offset, limit).Rows {
		out = append(out, fmt.Sprintf("%d %s", r.Rank, r.Person))
	}
	return out
}

func testBoard(e *env) {
	// Nine people share four results; 1005 to 1007 stand equal.
	for i, collected := range []int{3, 9, 3, 1, 0, 5, 5, 5, 3} {
		e.record(red, strconv.Itoa(1000+i), at(0), half(program, collected))
	}
	e.record(red, "1009", at(time.Hour), done(program), done("second"), half("third", 4))
	e.record(blue, "1010", at(0), done(program))

	want := []string{"1 1009", "2 1001", "3 1005", "3 1006", "3 1007", "6 1000", "6 1002", "6 1008", "9 1003"}
	same(e, "whole board", want, e.ranks(red, program, 0, 100))
	for offset := range want {
		same(e, "page", want[offset:min(offset+3, len(want))], e.ranks(red, program, offset, 3))
	}
	same(e, "beyond the end", nil, e.ranks(red, program, 9, 3))
	same(e, "total", 9, e.board(red, program, 0, 1).Total)
	same(e, "row", store.Row{Rank: 1, Person: "1009", Standing: done(program), Completed: 2}, e.board(red, program, 0, 1).Rows[0])
	same(e, "overall", append([]string{"1 1009", "2 1001"}, want[2:]...), e.ranks(red, "", 0, 9))
	same(e, "nobody without a card", 9, e.board(red, "", 0, 1).Total)
	same(e, "overall row", store.Row{Rank: 1, Person: "1009", Standing: store.Standing{Collected: 24}, Completed: 2}, e.board(red, "", 0, 1).Rows[0])
	e.record(red, "1011", at(0), store.Standing{Program: "uncounted", Name: "No count", Percent: 5})
	same(e, "who has begun, without a count", 10, e.board(red, "", 0, 1).Total)
	same(e, "another program", []string{"1 1009"}, e.ranks(red, "third", 0, 9))
	same(e, "an unknown program", nil, e.ranks(red, "unknown", 0, 9))

	for person, rank := range map[string]int{"1009": 1, "1006": 3, "1002": 6, "1003": 9} {
		got, err := e.Place(e.Context(), red, program, person)
		e.ok(err)
		same(e, "place of "+person, rank, got.Rank)
	}
	for _, person := range []string{"1004", "1010", alice} {
		_, err := e.Place(e.Context(), red, program, person)
		e.fails(err, store.ErrNotFound)
	}
}

func testBoardConsent(e *env) {
	people := []string{alice, bob, carol}
	for _, p := range people {
		e.record(red, p, at(0), done(program))
		e.record(blue, p, at(0), done(program))
	}
	shown := func(server string, want ...string) {
		e.Helper()
		for _, program := range []string{program, ""} {
			var got []string
			for _, r := range e.board(server, program, 0, 10).Rows {
				got = append(got, r.Person)
			}
			same(e, "people on the board", want, got)
			same(e, "total", len(want), e.board(server, program, 0, 1).Total)
		}
	}
	shown(red, alice, bob, carol)
	e.choose(red, alice, store.Never)
	shown(red, bob, carol)
	shown(blue, alice, bob, carol)
	e.visible(bob, store.VisibleToManagers)
	e.consent(blue, carol, func(c *store.Consent) { c.NeverAnywhere = true })
	shown(red)
	shown(blue, alice)
	for _, p := range people {
		e.record(red, p, at(time.Hour), done(program))
	}
	shown(red)

	e.choose(red, alice, store.Ask)
	e.visible(bob, store.VisibleToAnyone)
	shown(red)
	e.record(red, alice, at(2*time.Hour), done(program))
	e.record(red, bob, at(2*time.Hour), done(program))
	shown(red, alice, bob)
	e.visible(alice, store.VisibleToSelf)
	shown(red, bob)
}

func testCollections(e *env) {
	list := func(server string) []store.Collection {
		e.Helper()
		got, err := e.Collections(e.Context(), server)
		e.ok(err)
		return got
	}
	same(e, "nobody", nil, list(red))
	nameless := half("third", 1)
	nameless.Name = ""
	e.record(red, alice, at(0), done(program), nameless)
	e.record(red, bob, at(0), half(program, 2), half("third", 2))
	e.record(red, carol, at(0), half(program, 1), half("\xff odd", 1))
	e.record(blue, carol, at(0), half("elsewhere", 1))
	want := []store.Collection{
		{Program: program, Name: "Name of " + program, People: 3},
		{Program: "third", Name: "Name of third", People: 2},
		{Program: "\xff odd", Name: "Name of \xff odd", People: 1},
	}
	same(e, "collections", want, list(red))
	e.choose(red, carol, store.Never)
	same(e, "without who takes no part", 2, len(list(red)))
	_, err := e.Collections(e.Context(), "no id")
	e.fails(err, store.ErrInvalid)
}

func testSightings(e *env) {
	see := func(whole bool, now time.Duration, programs ...store.Standing) {
		e.Helper()
		e.ok(e.Record(e.Context(), store.Sighting{Server: red, Person: alice, At: at(now), Programs: programs, Whole: whole}))
	}
	recap := func() []string {
		e.Helper()
		return e.recap(store.Recap{Server: red, Until: at(time.Hour)}, 10)
	}
	see(true, 0, done("a"), half("b", 5))
	see(true, time.Second, done("a"), half("b", 5))
	same(e, "recap after the first sighting", []string{}, recap())
	see(false, 2*time.Second, done("b"))
	same(e, "recap", []string{alice + " b"}, recap())
	same(e, "boards", []string{"1 " + alice}, e.ranks(red, "a", 0, 9))
	see(true, 3*time.Second, done("b"), done("b"), half("c", 0)) // all of them without one
	same(e, "recap after nothing new", []string{alice + " b"}, recap())
	same(e, "board of the one that is gone", nil, e.ranks(red, "a", 0, 9))
	same(e, "board of one not begun", nil, e.ranks(red, "c", 0, 9))
	see(true, time.Second, done("d"))
	same(e, "recap after an older sighting", []string{alice + " b"}, recap())
	same(e, "board of the older sighting", nil, e.ranks(red, "d", 0, 9))
	row, err := e.Place(e.Context(), red, "", alice)
	e.ok(err)
	same(e, "row", store.Row{Rank: 1, Person: alice, Completed: 1, Standing: store.Standing{Collected: 10}}, row)

	e.choose(red, bob, store.Never)
	e.record(red, bob, at(0), done("a"), half("b", 1))
	same(e, "boards of who takes no part", []string{"1 " + alice}, e.ranks(red, "b", 0, 9))
	e.choose(red, bob, store.Ask)
	e.record(red, bob, at(time.Second), done("a"), done("b"))
	same(e, "recap: nothing was remembered of them", []string{alice + " b"}, recap())

	many := make([]store.Standing, store.MaxStandings+20)
	for i := range many {
		many[i] = half(strconv.Itoa(i), 1)
	}
	many[len(many)-1] = done("the best")
	e.record(red, carol, at(0), many...)
	same(e, "the furthest is kept", []string{"1 " + carol}, e.ranks(red, "the best", 0, 9))
	row, err = e.Place(e.Context(), red, "", carol)
	e.ok(err)
	same(e, "cards of those that are kept", 10+store.MaxStandings-1, row.Standing.Collected)

	for _, bad := range []store.Sighting{
		{Server: red, Person: alice},
		{Server: "x", Person: alice, At: at(0)},
		{Server: red, Person: alice, At: at(0), Programs: []store.Standing{{}}},
	} {
		e.fails(e.Record(e.Context(), bad), store.ErrInvalid)
	}
}

// recap returns "person program" of the completions in a span.
func (e *env) recap(q store.Recap, limit int) []string {
	e.Helper()
	out := []string{}
	for offset := 0; ; {
		page, next, err := e.Completions(e.Context(), q, offset, limit)
		e.ok(err)
		for _, c := range page {
			out = append(out, c.Person+" "+c.Program)
		}
		if next == 0 {
			return out
		}
		if len(page) != limit {
			e.Errorf("a page of %d, and there are more", len(page))
		}
		offset = next
	}
}

func testCompletions(e *env) {
	e.record(red, alice, at(0), done("a"), half("b", 5))
	same(e, "after the first sighting", []string{}, e.recap(store.Recap{Server: red, Until: at(time.Hour)}, 10))
	e.record(red, alice, at(time.Minute), done("a"), done("b"))
	e.record(red, alice, at(2*time.Minute), done("a"), done("b"), done("c"))
	e.record(red, alice, at(3*time.Minute), done("a"), done("b"), done("c"))

	// Bob was first seen in one program only: what else he has may be old.
	e.ok(e.Record(e.Context(), store.Sighting{Server: red, Person: bob, At: at(0), Programs: []store.Standing{half("a", 1)}}))
	e.record(red, bob, at(4*time.Minute), done("a"), done("b"))

	by := entry(red, carol)
	by.By, by.Created = store.ByManager, at(5*time.Minute)
	e.add(by)
	e.add(func() store.Entry { en := by; en.Kind, en.Percent = store.Milestone, 50; return en }())

	want := []string{alice + " b", alice + " c", bob + " a", carol + " " + program}
	hour := store.Recap{Server: red, Until: at(time.Hour)}
	same(e, "all", want, e.recap(hour, 10))
	same(e, "page by page", want, e.recap(hour, 1))
	same(e, "in a span", want[1:3], e.recap(store.Recap{Server: red, After: at(time.Minute), Until: at(4 * time.Minute)}, 10))
	same(e, "of a program", want[2:3], e.recap(store.Recap{Server: red, Program: "a", Until: at(time.Hour)}, 10))
	same(e, "in another server", []string{}, e.recap(store.Recap{Server: blue, Until: at(time.Hour)}, 10))
	page, _, err := e.Completions(e.Context(), hour, 0, 1)
	e.ok(err)
	same(e, "a completion", []store.Completed{{Server: red, Person: alice, Program: "b", Name: "Name of b", Size: 10, At: at(time.Minute)}}, page)

	e.choose(red, alice, store.Never)
	e.visible(carol, store.VisibleToManagers)
	same(e, "after others chose otherwise", want[2:3], e.recap(hour, 10))
}

// testLateCompletions has completions stored after a recap that seem to be
// from before its end: the next recap tells them, and that one stays as it was.
func testLateCompletions(e *env) {
	for _, person := range []string{alice, bob, carol} {
		e.record(red, person, at(0), half("a", 5))
	}
	e.record(red, alice, at(10*time.Minute), done("a"))
	shown, err := e.AddRecap(e.Context(), store.RecapDraft{Server: red, Until: at(10 * time.Minute), Channel: channel, Created: at(11 * time.Minute)})
	e.ok(err)
	e.record(red, bob, at(9*time.Minute), done("a"))
	begun, _, err := e.BeginRecap(e.Context(), red, shown.ID, at(12*time.Minute))
	e.ok(err)
	by := entry(red, bob)
	by.By, by.Created = store.ByManager, at(10*time.Minute)
	e.add(by)
	this := store.Recap{Server: red, Until: shown.Until}
	same(e, "what is posted", []string{alice + " a"}, e.recap(this, 10))
	e.ok(e.EndRecap(e.Context(), begun, "https://discord.com/channels/1/2/3", at(13*time.Minute)))
	e.record(red, carol, at(8*time.Minute), done("a"))

	state, err := e.RecapState(e.Context(), red, "")
	e.ok(err)
	next := e.recap(store.Recap{Server: red, After: state.Told, Until: at(time.Hour)}, 10)
	slices.Sort(next)
	same(e, "the next", []string{bob + " a", bob + " " + program, carol + " a"}, next)
	same(e, "what was posted", []string{alice + " a"}, e.recap(this, 10))
}

// testLateCompletionsByMany has recaps made one after the other while members
// complete a program whose clocks are behind: together they tell every one,
// and each once.
func testLateCompletionsByMany(e *env) {
	const people = 20
	var want []string
	for i := range people {
		person := strconv.Itoa(1000 + i)
		e.record(red, person, at(0), half("a", 5))
		want = append(want, person+" a")
	}
	var wg sync.WaitGroup
	for i := range people {
		wg.Go(func() {
			err := e.Record(e.Context(), store.Sighting{
				Server: red, Person: strconv.Itoa(1000 + i), At: at(time.Duration(people-i) * time.Second), Programs: []store.Standing{done("a")}, Whole: true,
			})
			if err != nil {
				e.Error(err)
			}
		})
	}
	told := []string{}
	next := func() {
		state, err := e.RecapState(e.Context(), red, "")
		e.ok(err)
		page, _, err := e.Completions(e.Context(), store.Recap{Server: red, After: state.Told, Until: at(time.Hour)}, 0, 2*people)
		e.ok(err)
		if len(page) == 0 {
			return
		}
		d, err := e.AddRecap(e.Context(), store.RecapDraft{
			Server: red, After: state.Told, Until: page[len(page)-1].At, Channel: channel, Created: at(time.Hour),
		})
		e.ok(err)
		told = append(told, e.recap(store.Recap{Server: red, After: d.After, Until: d.Until}, people)...)
		begun, _, err := e.BeginRecap(e.Context(), red, d.ID, at(time.Hour))
		e.ok(err)
		e.ok(e.EndRecap(e.Context(), begun, "https://discord.com/channels/1/2/3", at(time.Hour)))
	}
	for range people {
		next()
	}
	wg.Wait()
	next()
	slices.Sort(told)
	same(e, "told", want, told)
}

func testCompletionPages(e *env) {
	var want []string
	for i := range 40 {
		person := strconv.Itoa(1000 + i)
		en := entry(red, person)
		en.Created = at(time.Duration(i/4) * time.Second) // several at once
		e.add(en)
		if i%3 == 0 {
			e.visible(person, store.VisibleToSelf)
		} else {
			want = append(want, person+" "+program)
		}
	}
	for _, limit := range []int{1, 2, 5, 7, 100} {
		same(e, "with pages of "+strconv.Itoa(limit), want, e.recap(store.Recap{Server: red, Until: at(time.Hour)}, limit))
	}
}
