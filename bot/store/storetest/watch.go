package storetest

import (
	"slices"
	"strconv"
	"sync"
	"time"

	"progressbot/bot/store"
)

// state returns a watch state with something in every field.
func state(collected int) store.WatchState {
	return store.WatchState{
		Checked: at(time.Minute),
		Changed: at(time.Second),
		Every:   7 * time.Minute,
		Usual:   30 * time.Hour,
		Failed:  2,
		Seen: []store.Seen{
			{Program: store.KeyOf(program), Collected: collected, Percent: 100, Milestone: 75, Complete: true},
			{Program: store.KeyOf("\xff")},
		},
	}
}

func (e *env) claimDue(now time.Duration, n int) []store.Claim {
	e.Helper()
	got, err := e.ClaimDue(e.Context(), at(now), n, lease)
	e.ok(err)
	return got
}

// give returns a claim with a state.
func (e *env) give(s *store.Store, c store.Claim, due time.Duration, w store.WatchState) []string {
	e.Helper()
	lost, err := s.Return(e.Context(), store.Returned{Claim: c, Due: at(due), State: w})
	e.ok(err)
	return lost
}

func testWatch(e *env) {
	e.choose(red, alice, store.Always)
	e.choose(red, bob, store.Always)
	claims := e.claimDue(0, 10)
	same(e, "first claims", []store.Claim{
		{Person: alice, Servers: []string{red}},
		{Person: bob, Servers: []string{red}},
	}, claims)
	same(e, "claims while all are out", nil, e.claimDue(0, 10))

	lost, err := e.Return(e.Context(),
		store.Returned{Claim: claims[0], Due: at(time.Hour), State: state(7)},
		store.Returned{Claim: claims[1], Due: at(2 * time.Hour), State: store.WatchState{}},
	)
	e.ok(err)
	same(e, "lost claims", nil, lost)
	e.reopen()
	same(e, "before anybody is due", nil, e.claimDue(time.Hour-1, 10))
	same(e, "when one is due", []store.Claim{
		{Person: alice, Servers: []string{red}, Due: at(time.Hour), State: state(7)},
	}, e.claimDue(time.Hour, 10))
	same(e, "with a limit", 1, len(e.claimDue(3*time.Hour, 1)))

	e.ok(func() error { _, err := e.Return(e.Context()); return err }())
	_, err = e.Return(e.Context(), store.Returned{Claim: claims[0], State: store.WatchState{Seen: make([]store.Seen, store.MaxSeen+1)}})
	e.fails(err, store.ErrInvalid)
	_, err = e.Return(e.Context(), make([]store.Returned, store.MaxBatch+1)...)
	e.fails(err, store.ErrInvalid)
}

func testWatchLease(e *env) {
	e.choose(red, alice, store.Always)
	same(e, "claims", 1, len(e.claimDue(0, 10)))
	if !e.backend.Shared {
		// Only this process can hold leases, so they end with it.
		e.reopen()
		same(e, "claims after a restart", 1, len(e.claimDue(0, 10)))
		return
	}
	e.reopen()
	same(e, "claims before the lease ends", 0, len(e.claimDue(lease-time.Millisecond, 10)))
	same(e, "claims after the lease ended", 1, len(e.claimDue(lease, 10)))
}

func testWatchFencing(e *env) {
	e.choose(red, alice, store.Always)
	first := e.claimDue(0, 1)[0]
	second := e.claimDue(lease, 1)[0]
	same(e, "the late holder has lost", []string{alice}, e.give(e.Store, first, time.Hour, state(1)))
	same(e, "the holder returns", nil, e.give(e.Store, second, time.Hour, state(2)))
	same(e, "a claim is returned once", []string{alice}, e.give(e.Store, second, time.Hour, state(3)))
	same(e, "state", state(2), e.claimDue(time.Hour, 1)[0].State)

	// A lease that ended and was not taken over still counts.
	third, err := e.ClaimPerson(e.Context(), alice, at(3*time.Hour), lease)
	e.ok(err)
	same(e, "late but alone", nil, e.give(e.Store, third, 5*time.Hour, state(4)))

	// Choosing otherwise ends the claim, and choosing back begins anew.
	fourth := e.claimDue(5*time.Hour, 1)[0]
	e.choose(red, alice, store.Never)
	e.choose(red, alice, store.Always)
	same(e, "a claim from before", []string{alice}, e.give(e.Store, fourth, 6*time.Hour, state(5)))
	same(e, "the new follow", []store.Claim{{Person: alice, Servers: []string{red}}}, e.claimDue(5*time.Hour, 1))
}

// testWatchShared lets several claim, and looks that nobody has anything
// that somebody else has.
func testWatchShared(e *env) {
	const people, workers = 60, 4
	for i := range people {
		e.choose(red, strconv.Itoa(1_000_000+i), store.Always)
	}
	stores := []*store.Store{e.Store, e.second()}
	var mu sync.Mutex
	var got []string
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			s := stores[w%2]
			for {
				claims, err := s.ClaimDue(e.Context(), at(0), 7, lease)
				if err != nil {
					e.Error(err)
				}
				if len(claims) == 0 {
					return
				}
				for _, c := range claims {
					lost := e.give(s, c, time.Hour, state(1))
					mu.Lock()
					got = append(got, c.Person)
					got = append(got, lost...)
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	slices.Sort(got)
	same(e, "claims", people, len(got))
	same(e, "people claimed", people, len(slices.Compact(got)))
}

func testClaimPerson(e *env) {
	_, err := e.ClaimPerson(e.Context(), alice, at(0), lease)
	e.fails(err, store.ErrNotFound)
	e.choose(red, alice, store.Always)
	e.give(e.Store, e.claimDue(0, 1)[0], time.Hour, state(1))

	got, err := e.ClaimPerson(e.Context(), alice, at(time.Minute), lease)
	e.ok(err)
	same(e, "claim", store.Claim{Person: alice, Servers: []string{red}, Due: at(time.Minute), State: state(1)}, got)
	_, err = e.second().ClaimPerson(e.Context(), alice, at(time.Minute), lease)
	e.fails(err, store.ErrConflict)
	same(e, "lost claims", nil, e.give(e.Store, got, 2*time.Hour, state(2)))
	same(e, "before the new due time", nil, e.claimDue(time.Hour, 1))
	same(e, "at the new due time", 1, len(e.claimDue(2*time.Hour, 1)))
	_, err = e.ClaimPerson(e.Context(), "alice", at(0), lease)
	e.fails(err, store.ErrInvalid)
}

func testBacklog(e *env) {
	e.choose(red, alice, store.Always)
	e.choose(red, bob, store.Always)
	e.give(e.Store, e.claimDue(0, 1)[0], time.Hour, state(1))
	e.add(entry(red, alice))
	got, err := e.Backlog(e.Context(), at(time.Minute))
	e.ok(err)
	same(e, "backlog", store.Backlog{Follows: 2, FollowsDue: 1, Outboxes: 1, OutboxesDue: 1}, got)
	got, err = e.Backlog(e.Context(), at(-time.Hour))
	e.ok(err)
	same(e, "backlog before", store.Backlog{Follows: 2, FollowsDue: 1, Outboxes: 1}, got)
}

func testNextOutbox(e *env) {
	_, err := e.NextOutbox(e.Context())
	e.fails(err, store.ErrNotFound)
	late := entry(red, alice)
	late.Due = at(time.Hour)
	e.add(late)
	e.add(entry(red, bob))
	next := func() time.Time {
		got, err := e.NextOutbox(e.Context())
		e.ok(err)
		return got
	}
	same(e, "next", at(0), next())
	box := e.claimBoxes(0)[0]
	e.save(box, to(box.Entries[0], store.Refused, 0, 0))
	e.ok(e.Release(e.Context(), box))
	same(e, "next after the first is done", at(time.Hour), next())
}
