package storetest

import (
	"context"
	"sync"
	"time"

	"progressbot/bot/store"
)

func (e *env) servers() map[string]time.Time {
	e.Helper()
	got, err := e.Servers(e.Context(), 0, 100)
	e.ok(err)
	out := map[string]time.Time{}
	for _, s := range got {
		out[s.ID] = s.Left
	}
	return out
}

// fill stores something of every kind about a person in a server.
func (e *env) fill(server, person string) {
	e.Helper()
	e.choose(server, person, store.Always)
	e.record(server, person, at(0), half("a", 1), half("b", 1))
	e.record(server, person, at(time.Second), done("a"), half("b", 2))
	e.add(variants(server, person)...)
	box := e.claimBox(server, person, 0)
	begun := e.save(box, posting(box.Entries[0], 0), to(box.Entries[1], store.Waiting, 0, time.Hour), to(box.Entries[2], store.Expired, 0, 0))
	e.save(box, sent(begun[0], 0))
	e.ok(e.Release(e.Context(), box))
	e.claimBox(server, person, 0)
	e.fills++
	now := at(time.Duration(2*e.fills) * lease) // after leases of calls before
	claim, err := e.ClaimPerson(e.Context(), person, now, lease)
	e.ok(err)
	e.give(e.Store, claim, 0, state(1))
	_, err = e.ClaimPerson(e.Context(), person, now, lease)
	e.ok(err)
}

func testPurge(e *env) {
	e.fill(red, alice)
	e.fill(red, bob)
	e.fill(blue, alice)
	_, err := e.UpdateSettings(e.Context(), red, func(s *store.Settings) error { s.Channel = channel; return nil })
	e.ok(err)
	e.visible(bob, store.VisibleToManagers)
	same(e, "servers", map[string]time.Time{red: {}, blue: {}}, e.servers())

	e.fails(e.PurgeServer(e.Context(), red), store.ErrConflict)
	e.ok(e.MarkLeft(e.Context(), red, at(0)))
	e.ok(e.MarkLeft(e.Context(), red, at(time.Hour)))
	e.ok(e.MarkLeft(e.Context(), "900000000000000003", at(0)))
	same(e, "servers", map[string]time.Time{red: at(0), blue: {}}, e.servers())
	first, err := e.Servers(e.Context(), 0, 1)
	e.ok(err)
	same(e, "the one that removed the bot comes first", []store.Server{{ID: red, Left: at(0)}}, first)

	swept, err := e.Sweep(e.Context(), at(store.ServerRetention-time.Millisecond))
	e.ok(err)
	same(e, "too early", 0, swept.Servers)
	swept, err = e.Sweep(e.Context(), at(store.ServerRetention))
	e.ok(err)
	same(e, "in time", 1, swept.Servers)

	same(e, "what is left of the server", []string{}, e.holding(red))
	same(e, "what is left of somebody who was only there", []string{"person:" + bob}, e.holding(bob))
	e.consentIs(blue, alice, store.Consent{Announce: store.Always})
	same(e, "followed", map[string][]string{alice: {blue}}, e.followed(time.Hour))
	same(e, "an entry elsewhere", store.Sent, e.entry(entry(blue, alice).EntryKey).State)
	e.ok(e.PurgeServer(e.Context(), red))
}

// testPurgeDamaged: one server whose record cannot be read keeps none of the
// others' data from ending.
func testPurgeDamaged(e *env) {
	e.fill(red, alice)
	e.fill(blue, bob)
	e.ok(e.MarkLeft(e.Context(), red, at(0)))
	e.ok(e.MarkLeft(e.Context(), blue, at(time.Hour)))
	e.update(func(tx store.Tx) { tx.Put("server:"+red, []byte("garbage")) })

	servers, err := e.Servers(e.Context(), 0, 100)
	e.fails(err, store.ErrDamaged)
	same(e, "servers", []store.Server{{ID: blue, Left: at(time.Hour)}}, servers)

	swept, err := e.Sweep(e.Context(), at(store.ServerRetention+time.Hour))
	e.fails(err, store.ErrDamaged)
	same(e, "servers swept", 1, swept.Servers)
	same(e, "what is left of the other server", []string{}, e.holding(blue))
	same(e, "the record", []string{"garbage"}, e.get("server:"+red))
}

// testPurgeReturn: the bot may come back at any moment of the deletion, and
// the process may die at any.
func testPurgeReturn(e *env) {
	for n := 1; ; n++ {
		e.ok(e.MarkPresent(e.Context(), red))
		e.fill(red, alice)
		e.ok(e.MarkLeft(e.Context(), red, at(0)))
		e.driver.dieAfter(n)
		err := e.PurgeServer(e.Context(), red)
		if err != nil && !is(err, errKilled) {
			e.Fatal(err)
		}
		if err == nil {
			break
		}
		e.reopen()
		_, err = e.UpdateConsent(e.Context(), red, alice, func(c *store.Consent) error { c.Announce = store.Never; return nil })
		e.fails(err, store.ErrForgetting)
		_, err = e.UpdateSettings(e.Context(), red, func(s *store.Settings) error { return nil })
		e.fails(err, store.ErrForgetting)
		e.ok(e.MarkPresent(e.Context(), red))
		_, err = e.Sweep(e.Context(), at(0))
		e.ok(err)
		same(e, "what is left of the server", []string{"server:" + red, "servers has " + red}, e.holding(red))
		same(e, "servers", map[string]time.Time{red: {}}, e.servers())
	}
	same(e, "what is left of the server", []string{}, e.holding(red))
	same(e, "what is left of the person", []string{}, e.holding(alice))
}

// interrupted is a driver under which something happens before the first
// View.
type interrupted struct {
	store.Driver
	once   sync.Once
	happen func()
}

// View implements store.Driver.
func (i *interrupted) View(ctx context.Context, fn func(store.Reader) error) error {
	i.once.Do(i.happen)
	return i.Driver.View(ctx, fn)
}

// testPurgeOvertaken: while one process deletes, another may complete the
// deletion, and people may use the bot there again.
func testPurgeOvertaken(e *env) {
	e.fill(red, alice)
	e.ok(e.MarkLeft(e.Context(), red, at(0)))
	late := e.openStore(&interrupted{Driver: e.driver, happen: func() {
		e.ok(e.MarkPresent(e.Context(), red))
		e.ok(e.PurgeServer(e.Context(), red))
		e.choose(red, bob, store.Always)
	}})
	e.ok(late.PurgeServer(e.Context(), red))
	e.consentIs(red, bob, store.Consent{Announce: store.Always})
	same(e, "what is left of the person", []string{}, e.holding(alice))
	same(e, "servers", map[string]time.Time{red: {}}, e.servers())
}
