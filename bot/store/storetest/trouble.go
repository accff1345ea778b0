package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"progressbot/bot/store"
)

// hinder notes hindrances of a server.
func (e *env) hinder(hindrances ...store.Hindrance) {
	e.Helper()
	_, err := e.UpdateSettings(e.Context(), red, func(s *store.Settings) error {
		for _, h := range hindrances {
			s.Hinder(h, at(0))
		}
		return nil
	})
	e.ok(err)
}

// waiting adds an entry that waits, and leaves its outbox leased.
func (e *env) waiting(person string, h store.Hindrance) (store.Outbox, store.Entry) {
	e.Helper()
	en := entry(red, person)
	en.Program += string(h)
	e.add(en)
	box := e.claimBox(red, person, 0)
	en = to(box.Entries[len(box.Entries)-1], store.Waiting, 0, time.Hour)
	en.Reason, en.Told = string(h), true
	return box, e.save(box, en)[0]
}

// hinderedBy checks what is left when what nothing waits for is dropped.
func (e *env) hinderedBy(when string, want ...store.Hindrance) {
	e.Helper()
	got, err := e.Unhinder(e.Context(), red)
	e.ok(err)
	left := got.Hindrances()
	slices.Sort(left)
	same(e, "hindrances "+when, want, left)
	stored, err := e.Settings(e.Context(), red)
	e.ok(err)
	same(e, "settings "+when, stored, got)
}

func testUnhinder(e *env) {
	e.hinder(store.NoPermission, store.NoRole, store.NotAccepted)
	box, first := e.waiting(alice, store.NoPermission)
	boxOfBob, second := e.waiting(bob, store.NotAccepted)
	e.hinderedBy("in the beginning", store.NoPermission, store.NotAccepted)

	first = posting(first, time.Minute)
	first.Told = false
	first = e.save(box, first)[0]
	e.hinderedBy("while one is tried", store.NoPermission, store.NotAccepted)

	second.Reason = string(store.NoPermission)
	second = e.save(boxOfBob, second)[0]
	e.hinderedBy("when another waits for the same", store.NoPermission)

	first.Reason = ""
	e.save(box, sent(first, time.Minute))
	e.hinderedBy("when one was posted", store.NoPermission)

	e.save(boxOfBob, to(second, store.Refused, time.Minute, 0))
	e.hinderedBy("when nothing waits")
}

// What an earlier version wrote does not say what it waits for, so it may be
// anything.
func testUnhinderEarlier(e *env) {
	e.hinder(store.NoChannel, store.NoRole)
	box, en := e.waiting(alice, store.NoRole)
	key := "outbox:" + red + ":" + alice
	before, after, found := strings.Cut(e.get(key)[0], `,"h":"no_role"`)
	same(e, "the record says what it waits for", true, found)
	e.update(func(tx store.Tx) { tx.Put(key, []byte(before+after)) })
	e.hinderedBy("that may be", store.NoChannel, store.NoRole)

	e.save(box, to(en, store.Expired, time.Minute, 0))
	e.hinderedBy("in the end")
}

// More persons wait than are read at once.
func testUnhinderMany(e *env) {
	e.hinder(store.NoPermission, store.NoRole, store.NotAccepted)
	for i := range 41 {
		e.waiting(fmt.Sprintf("100000000000000%03d", i), store.NoRole)
	}
	e.waiting("999999999999999999", store.NoPermission)
	e.hinderedBy("of many", store.NoPermission, store.NoRole)
}
