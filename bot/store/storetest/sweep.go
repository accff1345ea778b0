package storetest

import (
	"time"

	"progressbot/bot/store"
)

func testSweep(e *env) {
	e.fill(red, alice)
	e.choose(red, alice, store.Ask)
	e.add(entry(red, bob))
	box := e.claimBox(red, bob, 0)
	begun := e.save(box, posting(box.Entries[0], 0))
	e.save(box, sent(begun[0], 0))
	e.ok(e.Release(e.Context(), box))

	stored := func() store.Erased {
		e.Helper()
		got, err := e.Stored(e.Context(), alice)
		e.ok(err)
		return got
	}
	sweep := func(d time.Duration) {
		e.Helper()
		_, err := e.Sweep(e.Context(), at(d))
		e.ok(err)
	}
	before := stored()
	sweep(store.RefusedRetention - time.Millisecond)
	same(e, "nothing is old", before, stored())
	sweep(store.RefusedRetention)
	before.Announcements--
	same(e, "the expired entry is old", before, stored())
	sweep(store.StandingRetention + time.Second)
	before.Standings--
	same(e, "the standing is old", before, stored())
	same(e, "the board", nil, e.ranks(red, "a", 0, 9))

	// The entries that were never finished stay, and so does the person.
	sweep(store.LedgerRetention + store.CompletionRetention)
	before.Announcements--
	before.Completions = 0
	same(e, "the sent entry and the completions are old", before, stored())
	same(e, "nothing is left of one with nothing unfinished", []string{}, e.holding(bob))

	box = e.claimBox(red, alice, 2*lease)
	for _, en := range box.Entries {
		e.save(box, to(en, store.Refused, 0, 0))
	}
	boxes := e.claimBoxes(1000 * time.Hour)
	same(e, "boxes", 1, len(boxes))
	for _, en := range boxes[0].Entries {
		e.save(boxes[0], to(en, store.Refused, 0, 0))
	}
	e.ok(e.Release(e.Context(), boxes[0]))
	sweep(store.RefusedRetention)
	same(e, "nothing is left", []string{}, e.holding(alice))
}

func testSweepForgets(e *env) {
	e.fill(red, alice)
	e.fill(blue, bob)
	for _, person := range []string{alice, bob} {
		e.driver.dieAfter(2)
		_, err := e.Forget(e.Context(), person, at(time.Minute))
		e.fails(err, errKilled)
		e.driver.dieAfter(-1)
	}
	swept, err := e.Sweep(e.Context(), at(time.Minute))
	e.ok(err)
	same(e, "swept", store.Swept{Forgets: 2}, swept)
	for _, person := range []string{alice, bob} {
		same(e, "what is left", []string{"expiry has forget:" + person, "forget:" + person}, e.holding(person))
	}
}

// testForgetMarkLost: a database that drops keys when it is full may drop the
// mark of a deletion. The deletion is completed all the same, and ends.
func testForgetMarkLost(e *env) {
	e.fill(red, alice)
	e.driver.dieAfter(1)
	_, err := e.Forget(e.Context(), alice, at(time.Minute))
	e.fails(err, errKilled)
	e.driver.dieAfter(-1)
	e.ok(e.driver.Update(e.Context(), func(tx store.Tx) error {
		tx.Delete("forget:" + alice)
		return nil
	}))
	swept, err := e.Sweep(e.Context(), at(time.Minute))
	e.ok(err)
	same(e, "deletions completed", 1, swept.Forgets)
	same(e, "what is left", []string{}, e.holding(alice))
}
