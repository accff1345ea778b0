package storetest

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"progressbot/bot/store"
)

// entry returns a completion by the person, who need not have chosen.
func entry(server, person string) store.Entry {
	return store.Entry{
		EntryKey: store.EntryKey{Server: server, Person: person, Program: program, Kind: store.Completion},
		By:       store.BySelf,
		Facts:    store.Facts{Name: "Birds of *Åland* \xff", Image: "https://example.com/a.png", Reward: "a hat", Collected: 12, Size: 12},
		Note:     "Well done!",
		Created:  at(0),
	}
}

func (e *env) add(entries ...store.Entry) []store.Added {
	e.Helper()
	got, err := e.Add(e.Context(), entries...)
	e.ok(err)
	return got
}

func (e *env) entry(key store.EntryKey) store.Entry {
	e.Helper()
	got, err := e.Entry(e.Context(), key)
	e.ok(err)
	return got
}

func (e *env) claimBoxes(now time.Duration) []store.Outbox {
	e.Helper()
	got, err := e.ClaimOutboxes(e.Context(), at(now), 100, lease)
	e.ok(err)
	return got
}

func (e *env) claimBox(server, person string, now time.Duration) store.Outbox {
	e.Helper()
	got, err := e.ClaimOutbox(e.Context(), server, person, at(now), lease)
	e.ok(err)
	return got
}

func (e *env) save(box store.Outbox, entries ...store.Entry) []store.Entry {
	e.Helper()
	got, err := e.Save(e.Context(), box, entries...)
	e.ok(err)
	return got
}

// posting returns the entry as an attempt to post it begins.
func posting(en store.Entry, now time.Duration) store.Entry {
	en.State, en.Changed, en.Due = store.Posting, at(now), at(now)
	en.Attempt++
	en.Nonce, en.Mark, en.Channel = "nonce", "k3x9", channel
	return en
}

// sent returns the entry as it is when the post is made.
func sent(en store.Entry, now time.Duration) store.Entry {
	en.State, en.Changed, en.Message = store.Sent, at(now), message
	return en
}

// to returns the entry in another state.
func to(en store.Entry, s store.State, now, due time.Duration) store.Entry {
	en.State, en.Changed, en.Due, en.Reason = s, at(now), at(due), "permission"
	return en
}

func testAddOnce(e *env) {
	const callers = 100
	e.choose(red, alice, store.Always)
	stores := []*store.Store{e.Store, e.second()}
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			en := entry(red, alice)
			en.By = store.ByWatcher
			got, err := stores[i%2].Add(e.Context(), en)
			if err != nil {
				e.Error(err)
				return
			}
			if got[0].New {
				won.Add(1)
			}
			if got[0].Entry.State != store.Pending || got[0].Entry.EntryKey != en.EntryKey {
				e.Errorf("got %+v", got[0].Entry)
			}
		})
	}
	wg.Wait()
	same(e, "callers who won", int32(1), won.Load())

	e.reopen()
	got := e.add(entry(red, alice))
	same(e, "added again after reopening", false, got[0].New)
	want := entry(red, alice)
	want.By, want.Changed, want.Due = store.ByWatcher, at(0), at(0)
	same(e, "the entry", want, got[0].Entry)
	same(e, "the same entry elsewhere", true, e.add(entry(blue, alice))[0].New)
	same(e, "the same entry of somebody else", true, e.add(entry(red, bob))[0].New)
}

// variants returns every kind of entry there is.
func variants(server, person string) []store.Entry {
	kinds := []store.EntryKey{
		{Kind: store.Completion},
		{Kind: store.Milestone, Percent: 25},
		{Kind: store.Milestone, Percent: 50},
		{Kind: store.RoleGrant, Role: role},
		{Kind: store.RoleGrant, Role: "500000000000000002"},
	}
	out := make([]store.Entry, len(kinds))
	for i, k := range kinds {
		out[i] = entry(server, person)
		k.Server, k.Person, k.Program = server, person, program
		out[i].EntryKey = k
	}
	return out
}

func testLedgerPrograms(e *env) {
	programs := []string{"a", "A", "a:b", "a\x00b", "\xff\xfe", "a/../b", "*", "{x}", " ", strings.Repeat("x", 4096)}
	for _, p := range programs {
		en := entry(red, alice)
		en.Program = p
		same(e, "new", true, e.add(en)[0].New)
		same(e, "program", p, e.entry(en.EntryKey).Program)
	}
	same(e, "entries to work on", len(programs), len(e.claimBox(red, alice, 0).Entries))
	all := variants(red, bob)
	for i, a := range e.add(all...) {
		same(e, "new", true, a.New)
		same(e, "key", all[i].EntryKey, e.entry(all[i].EntryKey).EntryKey)
	}
	for name, change := range map[string]func(*store.Entry){
		"no program":                func(en *store.Entry) { en.Program = "" },
		"too long":                  func(en *store.Entry) { en.Program = strings.Repeat("x", 4097) },
		"server":                    func(en *store.Entry) { en.Server = "1:2" },
		"person":                    func(en *store.Entry) { en.Person = "" },
		"kind":                      func(en *store.Entry) { en.Kind = 9 },
		"milestone without percent": func(en *store.Entry) { en.Kind = store.Milestone },
		"percent without milestone": func(en *store.Entry) { en.Percent = 50 },
		"percent of all":            func(en *store.Entry) { en.Kind, en.Percent = store.Milestone, 100 },
		"role without a role":       func(en *store.Entry) { en.Kind = store.RoleGrant },
		"role that is none":         func(en *store.Entry) { en.Kind, en.Role = store.RoleGrant, "admin" },
		"by nobody":                 func(en *store.Entry) { en.By = 7 },
		"no time":                   func(en *store.Entry) { en.Created = time.Time{} },
		"long note":                 func(en *store.Entry) { en.Note = strings.Repeat("x", store.MaxNote+1) },
	} {
		en := entry(red, alice)
		change(&en)
		if _, err := e.Add(e.Context(), en); !is(err, store.ErrInvalid) {
			e.Errorf("%s: got error %v", name, err)
		}
	}
	_, err := e.Add(e.Context(), entry(red, alice), entry(blue, alice))
	e.fails(err, store.ErrInvalid)
	_, err = e.Entry(e.Context(), entry(blue, carol).EntryKey)
	e.fails(err, store.ErrNotFound)
}

func testLedgerConsent(e *env) {
	auto := entry(red, alice)
	auto.By = store.ByWatcher
	_, err := e.Add(e.Context(), auto)
	e.fails(err, store.ErrConsent)
	same(e, "what is stored", []string{}, e.holding(alice))

	e.choose(red, alice, store.Always)
	e.add(auto)
	box := e.claimBox(red, alice, 0)
	e.choose(red, alice, store.Never)
	_, err = e.Save(e.Context(), box, posting(box.Entries[0], 0))
	e.fails(err, store.ErrConsent)
	same(e, "state", store.Pending, e.entry(auto.EntryKey).State)
	e.save(box, to(box.Entries[0], store.Refused, 0, 0))
	e.ok(e.Release(e.Context(), box))
	same(e, "state", store.Refused, e.entry(auto.EntryKey).State)

	for _, by := range []store.By{store.ByWatcher, store.ByManager, store.BySelf} {
		en := entry(red, alice)
		en.By, en.Program = by, "another"
		_, err := e.Add(e.Context(), en)
		e.fails(err, store.ErrConsent)
	}
}

func testDecline(e *env) {
	key := entry(red, alice).EntryKey
	by := func(by store.By) store.Entry {
		en := entry(red, alice)
		en.By, en.Created = by, at(time.Minute)
		return en
	}
	e.ok(e.Decline(e.Context(), red, alice, program, at(0)))
	same(e, "declined", true, e.entry(key).Declined())
	stored, err := e.Stored(e.Context(), alice)
	e.ok(err)
	same(e, "stored", store.Erased{Announcements: 1}, stored)

	e.choose(red, alice, store.Always)
	same(e, "for the watcher", false, e.add(by(store.ByWatcher))[0].New)
	_, err = e.Add(e.Context(), by(store.ByManager))
	e.fails(err, store.ErrConsent)
	same(e, "still declined", true, e.entry(key).Declined())
	same(e, "for themselves", true, e.add(by(store.BySelf))[0].New)
	e.ok(e.Decline(e.Context(), red, alice, program, at(2*time.Minute)))
	same(e, "what is on its way", store.Pending, e.entry(key).State)

	e.ok(e.Decline(e.Context(), red, bob, program, at(0)))
	_, err = e.Sweep(e.Context(), at(store.LedgerRetention-time.Millisecond))
	e.ok(err)
	key.Person = bob
	same(e, "kept", true, e.entry(key).Declined())
	_, err = e.Sweep(e.Context(), at(store.LedgerRetention))
	e.ok(err)
	_, err = e.Entry(e.Context(), key)
	e.fails(err, store.ErrNotFound)

	e.ok(e.Decline(e.Context(), blue, carol, program, at(0)))
	_, err = e.Forget(e.Context(), carol, at(time.Minute))
	e.ok(err)
	e.fails(e.Decline(e.Context(), blue, carol, program, at(time.Minute)), store.ErrForgotten)
	same(e, "what is left", []string{"expiry has forget:" + carol, "forget:" + carol}, e.holding(carol))
	e.fails(e.Decline(e.Context(), blue, carol, "", at(time.Hour)), store.ErrInvalid)
}

func testLedgerPost(e *env) {
	all := variants(red, alice)
	e.add(all...)
	boxes := e.claimBoxes(0)
	same(e, "boxes", 1, len(boxes))
	box := boxes[0]
	same(e, "entries that become one post", len(all), len(box.Entries))
	same(e, "boxes while it is held", 0, len(e.claimBoxes(0)))
	_, err := e.ClaimOutbox(e.Context(), red, alice, at(0), lease)
	e.fails(err, store.ErrConflict)
	_, err = e.ClaimOutbox(e.Context(), blue, alice, at(0), lease)
	e.fails(err, store.ErrNotFound)

	var begun []store.Entry
	for _, en := range box.Entries {
		begun = append(begun, posting(en, time.Second))
	}
	begun = e.save(box, begun...)
	same(e, "the entry as stored", begun[0], e.entry(begun[0].EntryKey))
	again := e.save(box, begun...)
	same(e, "saved again", begun, again)

	var done []store.Entry
	for _, en := range again[:4] {
		done = append(done, sent(en, 2*time.Second))
	}
	done = e.save(box, done...)
	retry := to(again[4], store.Pending, 2*time.Second, time.Hour)
	e.save(box, retry)
	e.ok(e.Release(e.Context(), box))
	e.ok(e.Release(e.Context(), box))

	e.reopen()
	same(e, "the sent entry", done[0], e.entry(done[0].EntryKey))
	same(e, "boxes before the retry", 0, len(e.claimBoxes(time.Hour-1)))
	box = e.claimBoxes(time.Hour)[0]
	same(e, "entries left", 1, len(box.Entries))
	begun = e.save(box, posting(box.Entries[0], time.Hour))
	same(e, "attempts", 2, begun[0].Attempt)
	e.save(box, sent(begun[0], time.Hour))
	e.ok(e.Release(e.Context(), box))
	same(e, "boxes at the end", 0, len(e.claimBoxes(100*time.Hour)))
	same(e, "an entry that was sent", false, e.add(all[0])[0].New)
}

func testLedgerLease(e *env) {
	e.add(entry(red, alice))
	first := e.claimBox(red, alice, 0)
	begun := e.save(first, posting(first.Entries[0], 0))

	second := e.claimBoxes(lease)[0]
	same(e, "what the dead holder left", begun, second.Entries)
	_, err := e.Save(e.Context(), first, sent(begun[0], lease))
	e.fails(err, store.ErrConflict)
	same(e, "state", store.Posting, e.entry(begun[0].EntryKey).State)
	e.ok(e.Release(e.Context(), first))
	_, err = e.ClaimOutbox(e.Context(), red, alice, at(lease), lease)
	e.fails(err, store.ErrConflict)
	e.save(second, sent(second.Entries[0], lease))

	// The lease alone is not enough: the entry must be the one that is
	// stored.
	stale := begun[0]
	_, err = e.Save(e.Context(), second, to(stale, store.Pending, lease, lease))
	e.fails(err, store.ErrConflict)
	other := entry(blue, alice)
	_, err = e.Save(e.Context(), second, posting(other, 0))
	e.fails(err, store.ErrInvalid)
	missing := entry(red, alice)
	missing.Program = "missing"
	_, err = e.Save(e.Context(), second, posting(missing, 0))
	e.fails(err, store.ErrNotFound)
	e.ok(e.Release(e.Context(), second))
	_, err = e.Save(e.Context(), second, sent(second.Entries[0], lease))
	e.fails(err, store.ErrConflict)
}

func testLedgerSteps(e *env) {
	states := []store.State{store.Pending, store.Posting, store.Waiting, store.Sent, store.Expired, store.Refused}
	legal := map[[2]store.State]bool{{store.Posting, store.Sent}: true}
	for _, from := range []store.State{store.Pending, store.Posting, store.Waiting} {
		for _, next := range []store.State{store.Pending, store.Posting, store.Waiting, store.Expired, store.Refused} {
			legal[[2]store.State{from, next}] = true
		}
	}
	for i, from := range states {
		for j, next := range states {
			en := entry(red, strconv.Itoa(1_000+10*i+j))
			e.add(en)
			box := e.claimBox(red, en.Person, 0)
			en = e.save(box, posting(box.Entries[0], 0))[0]
			if from != store.Posting {
				en = e.save(box, in(en, from))[0]
			}
			_, err := e.Save(e.Context(), box, in(en, next))
			if got, want := err == nil, legal[[2]store.State{from, next}]; got != want {
				e.Errorf("from %v to %v: %v, want it to be legal: %v", from, next, err, want)
			}
		}
	}
	e.add(entry(red, alice))
	box := e.claimBox(red, alice, 0)
	for name, change := range map[string]func(*store.Entry){
		"no nonce":   func(en *store.Entry) { en.Nonce = "" },
		"no mark":    func(en *store.Entry) { en.Mark = "" },
		"no channel": func(en *store.Entry) { en.Channel = "" },
		"no attempt": func(en *store.Entry) { en.Attempt = 0 },
		"no time":    func(en *store.Entry) { en.Changed = time.Time{} },
		"no state":   func(en *store.Entry) { en.State = 77 },
		"no message": func(en *store.Entry) { en.State = store.Sent },
		"long":       func(en *store.Entry) { en.Reason = strings.Repeat("x", 201) },
	} {
		en := posting(box.Entries[0], 0)
		change(&en)
		if _, err := e.Save(e.Context(), box, en); !is(err, store.ErrInvalid) {
			e.Errorf("%s: got error %v", name, err)
		}
	}
}

// in returns the entry as it would be stored in a state, a second later.
func in(en store.Entry, s store.State) store.Entry {
	switch s {
	case store.Posting:
		return posting(en, time.Second)
	case store.Sent:
		return sent(en, time.Second)
	}
	en = to(en, s, time.Second, time.Second)
	en.Attempt++ // so that it differs from what is stored
	return en
}

// testLedgerAddWhileLeased: an entry that comes while its outbox is worked on
// is neither lost nor taken by a second worker.
func testLedgerAddWhileLeased(e *env) {
	e.add(entry(red, alice))
	box := e.claimBox(red, alice, 0)
	late := entry(red, alice)
	late.Program = "another"
	same(e, "new", true, e.add(late)[0].New)
	same(e, "boxes while it is held", 0, len(e.claimBoxes(0)))
	begun := e.save(box, posting(box.Entries[0], 0))
	e.save(box, sent(begun[0], 0))
	e.ok(e.Release(e.Context(), box))
	boxes := e.claimBoxes(0)
	if len(boxes) != 1 || len(boxes[0].Entries) != 1 || boxes[0].Entries[0].Program != "another" {
		e.Errorf("the late entry is not to be worked on: %+v", boxes)
	}
}

func testWake(e *env) {
	for _, person := range []string{alice, bob} {
		e.add(entry(red, person))
		box := e.claimBox(red, person, 0)
		e.save(box, to(box.Entries[0], store.Waiting, 0, 10*time.Hour))
		e.ok(e.Release(e.Context(), box))
	}
	e.add(entry(blue, alice))
	box := e.claimBox(blue, alice, 0)
	e.save(box, to(box.Entries[0], store.Waiting, 0, 10*time.Hour))
	e.ok(e.Release(e.Context(), box))

	held := e.claimBox(red, bob, time.Minute)
	n, err := e.Wake(e.Context(), red, at(time.Minute))
	e.ok(err)
	same(e, "woken", 2, n)
	boxes := e.claimBoxes(time.Minute)
	same(e, "boxes", 1, len(boxes))
	same(e, "whose", alice, boxes[0].Person)
	same(e, "entries", 1, len(boxes[0].Entries))
	e.ok(e.Release(e.Context(), held))
	same(e, "the one that was held", bob, e.claimBoxes(time.Minute)[0].Person)

	begun := e.save(boxes[0], posting(boxes[0].Entries[0], time.Minute))
	e.save(boxes[0], sent(begun[0], time.Minute))
	n, err = e.Wake(e.Context(), red, at(time.Minute))
	e.ok(err)
	same(e, "woken when one was sent", 1, n)
	e.ok(e.Release(e.Context(), boxes[0]))

	// An attempt waits too, if the managers were told so.
	for _, told := range []bool{false, true} {
		en := entry(blue, carol)
		en.Program = strconv.FormatBool(told)
		e.add(en)
		box := e.claimBox(blue, carol, 0)
		begun := posting(box.Entries[len(box.Entries)-1], 0)
		begun.Told, begun.Due = told, at(10*time.Hour)
		e.save(box, begun)
		e.ok(e.Release(e.Context(), box))
		n, err = e.Wake(e.Context(), blue, at(time.Minute))
		e.ok(err)
		same(e, "woken with an attempt", map[bool]int{false: 1, true: 2}[told], n)
	}
}

func testLedgerReopen(e *env) {
	e.choose(red, alice, store.Always)
	for _, state := range []store.State{store.Expired, store.Refused} {
		auto := entry(red, alice)
		auto.By, auto.Program = store.ByWatcher, state.String()
		e.add(auto)
		box := e.claimBox(red, alice, 0)
		old := e.save(box, to(box.Entries[0], state, 0, 0))
		e.ok(e.Release(e.Context(), box))

		same(e, "added again by the watcher", false, e.add(auto)[0].New)
		self := auto
		self.By, self.Created = store.BySelf, at(time.Hour)
		added := e.add(self)[0]
		same(e, "added again by the person", true, added.New)
		want := self
		want.Changed, want.Due = at(time.Hour), at(time.Hour)
		same(e, "the entry", want, e.entry(auto.EntryKey))

		box = e.claimBox(red, alice, time.Hour)
		_, err := e.Save(e.Context(), box, posting(old[0], time.Hour))
		e.fails(err, store.ErrConflict)
		begun := e.save(box, posting(box.Entries[0], time.Hour))
		e.save(box, sent(begun[0], time.Hour))
		e.ok(e.Release(e.Context(), box))
	}
}

func testLedgerFull(e *env) {
	var batch []store.Entry
	for i := range store.MaxOpen {
		en := entry(red, alice)
		en.Program = strconv.Itoa(i)
		batch = append(batch, en)
	}
	e.add(batch...)
	_, err := e.Add(e.Context(), entry(red, alice))
	e.fails(err, store.ErrFull)
	same(e, "entries", store.MaxOpen, len(e.claimBox(red, alice, 0).Entries))
}
