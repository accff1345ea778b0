package storetest

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"progressbot/bot/store"
	"progressbot/progressapi"
)

// draft returns a draft about the person, in the red server.
func draft(person string) store.Draft {
	e := entry(red, person)
	return store.Draft{Server: red, Person: person, Program: e.Program, Facts: e.Facts, Note: e.Note, Look: "look", Created: at(0)}
}

func (e *env) addDraft(d store.Draft) store.Draft {
	e.Helper()
	got, err := e.AddDraft(e.Context(), d)
	e.ok(err)
	return got
}

func testDrafts(e *env) {
	want := e.addDraft(draft(alice))
	if want.ID == "" || want.Look != "look" {
		e.Errorf("stored %+v", want)
	}
	other := draft(alice)
	other.Note, other.Program = "\xff\x00 @everyone", "\xfe"
	second := e.addDraft(other)
	e.reopen()
	for _, d := range []store.Draft{want, second} {
		got, err := e.Draft(e.Context(), red, alice, d.ID, at(store.DraftRetention))
		e.ok(err)
		same(e, "draft", d, got)
	}
	same(e, "note", other.Note, second.Note)
	long := draft(alice)
	long.Facts = store.FactsOf(progressapi.Program{
		Name: strings.Repeat("é", 2000), Image: "https://example.com/" + strings.Repeat("a", 2048),
		Reward: &progressapi.Reward{Name: strings.Repeat("x", 5000)},
	})
	kept := e.addDraft(long)
	same(e, "what is shown and what is stored", long.Facts, kept.Facts)
	same(e, "an image that is too long", "", long.Facts.Image)
	e.ok(e.DropDraft(e.Context(), red, alice, kept.ID))
	for _, id := range []string{"", "x", want.ID + "A", strings.ToLower(want.ID)} {
		_, err := e.Draft(e.Context(), red, alice, id, at(0))
		e.fails(err, store.ErrNotFound)
		e.ok(e.DropDraft(e.Context(), red, alice, id))
	}
	for _, place := range [][2]string{{blue, alice}, {red, bob}} {
		_, err := e.Draft(e.Context(), place[0], place[1], want.ID, at(0))
		e.fails(err, store.ErrNotFound)
	}
	_, err := e.Draft(e.Context(), red, alice, want.ID, at(store.DraftRetention+time.Millisecond))
	e.fails(err, store.ErrNotFound)

	e.ok(e.DropDraft(e.Context(), red, alice, want.ID))
	_, err = e.Draft(e.Context(), red, alice, want.ID, at(0))
	e.fails(err, store.ErrNotFound)
	e.ok(e.DropDraft(e.Context(), red, alice, second.ID))
	same(e, "what is left", []string{}, e.holding(alice))

	// The newest are kept.
	first := e.addDraft(draft(alice))
	for range 10 {
		second = e.addDraft(draft(alice))
	}
	_, err = e.Draft(e.Context(), red, alice, first.ID, at(0))
	e.fails(err, store.ErrNotFound)
	_, err = e.Draft(e.Context(), red, alice, second.ID, at(0))
	e.ok(err)
	_, err = e.Sweep(e.Context(), at(store.DraftRetention))
	e.ok(err)
	same(e, "what is left of old drafts", []string{}, e.holding(alice))
}

func testDraftsConsent(e *env) {
	d := e.addDraft(draft(alice))
	e.record(red, alice, at(0), half(program, 1))
	stored, err := e.Stored(e.Context(), alice)
	e.ok(err)
	same(e, "stored", store.Erased{Announcements: 1, Standings: 1}, stored)
	erased, err := e.Forget(e.Context(), alice, at(time.Minute))
	e.ok(err)
	same(e, "erased", stored, erased)
	same(e, "what is left", []string{"expiry has forget:" + alice, "forget:" + alice}, e.holding(alice))
	_, err = e.Draft(e.Context(), red, alice, d.ID, at(time.Minute))
	e.fails(err, store.ErrNotFound)
	_, err = e.AddDraft(e.Context(), draft(alice))
	e.fails(err, store.ErrForgotten)

	e.choose(red, bob, store.Never)
	_, err = e.AddDraft(e.Context(), draft(bob))
	e.fails(err, store.ErrConsent)
	for _, change := range []func(*store.Draft){
		func(d *store.Draft) { d.Server = "" },
		func(d *store.Draft) { d.Person = "carol" },
		func(d *store.Draft) { d.Program = "" },
		func(d *store.Draft) { d.Created = time.Time{} },
		func(d *store.Draft) { d.Note = strings.Repeat("x", store.MaxNote+1) },
		func(d *store.Draft) { d.Look = strings.Repeat("x", 1000) },
	} {
		bad := draft(carol)
		change(&bad)
		_, err := e.AddDraft(e.Context(), bad)
		e.fails(err, store.ErrInvalid)
	}
	_, err = e.Draft(e.Context(), red, "carol", d.ID, at(0))
	e.fails(err, store.ErrInvalid)
	e.fails(e.DropDraft(e.Context(), "", carol, d.ID), store.ErrInvalid)
}

// testDraftsTidy adds drafts while others end what is known of the person.
func testDraftsTidy(e *env) {
	stores := []*store.Store{e.Store, e.second()}
	for round := range 20 {
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := stores[0].AddDraft(e.Context(), draft(alice))
			expect(e, err)
		})
		wg.Go(func() {
			_, err := stores[1].UpdateConsent(e.Context(), red, alice, func(c *store.Consent) error {
				c.Announce = store.Always
				return nil
			})
			expect(e, err)
			_, err = stores[1].UpdateConsent(e.Context(), red, alice, func(c *store.Consent) error {
				c.Announce = store.Ask
				return nil
			})
			expect(e, err)
		})
		wg.Wait()
		now := at(2 * time.Hour * time.Duration(round+1))
		if _, err := e.Forget(e.Context(), alice, now); err != nil {
			e.Fatal(err)
		}
		same(e, "what is left", []string{"expiry has forget:" + alice, "forget:" + alice}, e.holding(alice))
		if _, err := e.Sweep(e.Context(), now.Add(store.ForgottenRetention)); err != nil {
			e.Fatal(err)
		}
	}
}

func recapDraft(after, until time.Duration) store.RecapDraft {
	d := store.RecapDraft{Server: red, Program: program, Until: at(until), Channel: channel, Look: "look", Created: at(until)}
	if after > 0 {
		d.After = at(after)
	}
	return d
}

func (e *env) addRecap(after, until time.Duration) store.RecapDraft {
	e.Helper()
	got, err := e.AddRecap(e.Context(), recapDraft(after, until))
	e.ok(err)
	return got
}

func (e *env) recapState(program string) store.RecapState {
	e.Helper()
	s, err := e.RecapState(e.Context(), red, program)
	e.ok(err)
	return s
}

func (e *env) beginRecap(id string, now time.Duration) (store.RecapDraft, bool) {
	e.Helper()
	d, first, err := e.BeginRecap(e.Context(), red, id, at(now))
	e.ok(err)
	return d, first
}

func testRecapDrafts(e *env) {
	const link = "https://discord.com/channels/1/2/3"
	same(e, "nothing", store.RecapState{}, e.recapState(program))
	first := e.addRecap(0, time.Minute)
	second := e.addRecap(0, 2*time.Minute)
	e.reopen()
	_, _, err := e.Recap(e.Context(), red, first.ID, at(0))
	e.fails(err, store.ErrNotFound) // another was shown since
	got, _, err := e.Recap(e.Context(), red, second.ID, at(2*time.Minute+store.DraftRetention))
	e.ok(err)
	same(e, "recap", second, got)
	same(e, "state", store.RecapState{Draft: second}, e.recapState(program))
	_, _, err = e.Recap(e.Context(), red, second.ID, at(2*time.Minute+store.DraftRetention+time.Second))
	e.fails(err, store.ErrNotFound)
	for _, id := range []string{"", "x", first.ID + "x", strings.Repeat(":", len(first.ID)), second.ID[:20]} {
		_, _, err = e.Recap(e.Context(), red, id, at(0))
		e.fails(err, store.ErrNotFound)
		_, _, err = e.BeginRecap(e.Context(), red, id, at(0))
		e.fails(err, store.ErrNotFound)
	}

	// It is begun, found to have failed, begun again and posted.
	begun, won := e.beginRecap(second.ID, time.Hour)
	second.Begun = at(time.Hour)
	same(e, "begun", second, begun)
	same(e, "first", true, won)
	again, won := e.beginRecap(second.ID, 20*time.Hour)
	same(e, "begun twice", begun, again)
	same(e, "first", false, won)
	_, err = e.AddRecap(e.Context(), recapDraft(0, time.Hour))
	e.fails(err, store.ErrConflict)
	same(e, "the one in the way", store.RecapState{Draft: begun}, e.recapState(program))
	e.ok(e.EndRecap(e.Context(), begun, "", at(time.Hour)))
	anew, won := e.beginRecap(second.ID, 61*time.Minute)
	same(e, "first", true, won)
	e.ok(e.EndRecap(e.Context(), begun, link, at(time.Hour))) // was begun anew since
	same(e, "state", store.RecapState{Draft: anew}, e.recapState(program))
	for _, l := range []string{link, "", "https://discord.com/x"} {
		e.ok(e.EndRecap(e.Context(), anew, l, at(2*time.Hour)))
	}
	posted := store.RecapState{Told: second.Until, Posted: at(2 * time.Hour)}
	same(e, "state", posted, e.recapState(program))
	_, where, err := e.Recap(e.Context(), red, second.ID, at(time.Hour))
	e.fails(err, store.ErrConflict)
	same(e, "link", link, where)
	_, _, err = e.BeginRecap(e.Context(), red, second.ID, at(time.Hour))
	e.fails(err, store.ErrConflict)

	// The next one begins where it ended.
	_, err = e.AddRecap(e.Context(), recapDraft(0, 3*time.Hour))
	e.fails(err, store.ErrConflict)
	posted.Draft = e.addRecap(2*time.Minute, 4*time.Hour)
	same(e, "state", posted, e.recapState(program))
	_, where, err = e.Recap(e.Context(), red, second.ID, at(4*time.Hour))
	e.fails(err, store.ErrConflict)
	same(e, "link", link, where)
	same(e, "of all", store.RecapState{}, e.recapState(""))

	e.ok(e.MarkLeft(e.Context(), red, at(0)))
	e.ok(e.PurgeServer(e.Context(), red))
	same(e, "what is left of the server", []string{}, e.holding(red))
}

// testRecapDraftsBound keeps the recaps of the programs that had one last.
func testRecapDraftsBound(e *env) {
	for i := range 102 {
		d := recapDraft(0, time.Minute)
		d.Program = strconv.Itoa(i)
		if _, err := e.AddRecap(e.Context(), d); err != nil {
			e.Fatal(err)
		}
	}
	for i, want := range map[int]bool{0: false, 1: false, 2: true, 101: true} {
		same(e, "kept "+strconv.Itoa(i), want, e.recapState(strconv.Itoa(i)).Draft.ID != "")
	}
}

func testRecapDraftsByMany(e *env) {
	stores := []*store.Store{e.Store, e.second()}
	d := e.addRecap(0, time.Minute)
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			_, first, err := stores[i%2].BeginRecap(e.Context(), red, d.ID, at(time.Minute))
			expect(e, err)
			if first {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	same(e, "firsts", 1, won.Load())
}

func testRecapDraftsInvalid(e *env) {
	for _, change := range []func(*store.RecapDraft){
		func(d *store.RecapDraft) { d.Server = "" },
		func(d *store.RecapDraft) { d.Channel = "here" },
		func(d *store.RecapDraft) { d.Program = strings.Repeat("x", 5000) },
		func(d *store.RecapDraft) { d.Created = time.Time{} },
		func(d *store.RecapDraft) { d.Until = time.Time{} },
		func(d *store.RecapDraft) { d.After = at(time.Hour) },
		func(d *store.RecapDraft) { d.Look = strings.Repeat("x", 1000) },
	} {
		bad := store.RecapDraft{Server: red, Until: at(0), Channel: channel, Created: at(0)}
		change(&bad)
		_, err := e.AddRecap(e.Context(), bad)
		e.fails(err, store.ErrInvalid)
		e.fails(e.EndRecap(e.Context(), bad, "", at(0)), store.ErrInvalid)
	}
	good := recapDraft(0, 0)
	e.fails(e.EndRecap(e.Context(), good, "", at(0)), store.ErrInvalid)
	good = e.addRecap(0, 0)
	e.fails(e.EndRecap(e.Context(), good, strings.Repeat("x", 1000), at(0)), store.ErrInvalid)
	_, _, err := e.Recap(e.Context(), "", "", at(0))
	e.fails(err, store.ErrInvalid)
	_, err = e.RecapState(e.Context(), "", "")
	e.fails(err, store.ErrInvalid)
	_, _, err = e.BeginRecap(e.Context(), "", "", at(0))
	e.fails(err, store.ErrInvalid)
}

func testEntries(e *env) {
	all := variants(red, alice)
	e.add(all[:2]...)
	keys := []store.EntryKey{all[0].EntryKey, all[1].EntryKey, all[2].EntryKey}
	got, err := e.Entries(e.Context(), keys...)
	e.ok(err)
	same(e, "entries", map[store.EntryKey]store.Entry{keys[0]: e.entry(keys[0]), keys[1]: e.entry(keys[1])}, got)
	got, err = e.Entries(e.Context())
	e.ok(err)
	same(e, "none", 0, len(got))
	_, err = e.Entries(e.Context(), store.EntryKey{})
	e.fails(err, store.ErrInvalid)
	_, err = e.Entries(e.Context(), make([]store.EntryKey, store.MaxBatch+1)...)
	e.fails(err, store.ErrInvalid)
}
