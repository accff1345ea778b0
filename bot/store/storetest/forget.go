package storetest

import (
	"strconv"
	"sync"
	"time"

	"progressbot/bot/store"
)

func testForget(e *env) {
	e.fill(red, alice)
	e.fill(blue, alice)
	e.fill(red, bob)
	e.visible(alice, store.VisibleToManagers)
	want := store.Erased{Choices: 3, Follows: 1, Announcements: 10, Completions: 4}
	got, err := e.Stored(e.Context(), alice)
	e.ok(err)
	same(e, "stored", want, got)

	e.visible(alice, store.VisibleToAnyone)
	e.record(red, alice, at(time.Hour), done("a"))
	want = store.Erased{Choices: 2, Follows: 1, Announcements: 10, Standings: 1, Completions: 4}
	got, err = e.Stored(e.Context(), alice)
	e.ok(err)
	same(e, "stored", want, got)
	got, err = e.Forget(e.Context(), alice, at(2*time.Hour))
	e.ok(err)
	same(e, "erased", want, got)

	mark := []string{"expiry has forget:" + alice, "forget:" + alice}
	same(e, "what is left", mark, e.holding(alice))
	got, err = e.Stored(e.Context(), alice)
	e.ok(err)
	same(e, "stored", store.Erased{}, got)
	e.consentIs(red, alice, store.Consent{})
	same(e, "others", map[string][]string{bob: {red}}, e.followed(2*time.Hour))
	got, err = e.Stored(e.Context(), bob)
	e.ok(err)
	same(e, "stored of others", store.Erased{Choices: 1, Follows: 1, Announcements: 5, Standings: 1, Completions: 2}, got)

	got, err = e.Forget(e.Context(), alice, at(3*time.Hour))
	e.ok(err)
	same(e, "erased by doing it again", store.Erased{}, got)
	swept, err := e.Sweep(e.Context(), at(3*time.Hour+store.ForgottenRetention))
	e.ok(err)
	same(e, "swept", store.Swept{Records: 1}, swept)
	same(e, "what is left in the end", []string{}, e.holding(alice))
	_, err = e.Forget(e.Context(), "alice", at(0))
	e.fails(err, store.ErrInvalid)
}

// testForgetKilled lets the process die before every commit of a deletion.
func testForgetKilled(e *env) {
	e.driver.dieAfter(0) // before the intent is stored, or after: nobody knows
	_, err := e.Forget(e.Context(), alice, at(time.Minute))
	e.fails(err, store.ErrUnfinished)
	e.reopen()
	for n := 1; ; n++ {
		e.fill(red, alice)
		e.fill(blue, alice)
		e.driver.dieAfter(n)
		_, err := e.Forget(e.Context(), alice, at(time.Minute))
		if err == nil {
			if n < 5 {
				e.Errorf("a deletion in %d steps is not what this test is about", n)
			}
			return
		}
		e.fails(err, errKilled)
		e.fails(err, store.ErrUnfinished)
		e.reopen()
		_, err = e.UpdateConsent(e.Context(), red, alice, func(c *store.Consent) error { c.Announce = store.Never; return nil })
		e.fails(err, store.ErrForgetting)
		resumed, err := e.ResumeForgets(e.Context())
		e.ok(err)
		same(e, "deletions resumed", 1, resumed)
		same(e, "what is left", []string{"expiry has forget:" + alice, "forget:" + alice}, e.holding(alice))
		// Choices made after are not touched by resuming again.
		e.choose(red, alice, store.Always)
		_, err = e.ResumeForgets(e.Context())
		e.ok(err)
		e.consentIs(red, alice, store.Consent{Announce: store.Always})
		_, err = e.Sweep(e.Context(), at(time.Minute+store.ForgottenRetention))
		e.ok(err)
	}
}

// testForgetLateWriters holds everything that can be held over the deletion
// and then tries to write with it.
func testForgetLateWriters(e *env) {
	e.choose(red, alice, store.Always)
	e.record(red, alice, at(0), half(program, 1))
	e.add(variants(red, alice)...)
	box := e.claimBox(red, alice, 0)
	begun := e.save(box, posting(box.Entries[0], 0))
	claim, err := e.ClaimPerson(e.Context(), alice, at(0), lease)
	e.ok(err)

	_, err = e.Forget(e.Context(), alice, at(time.Minute))
	e.ok(err)

	same(e, "a claim", []string{alice}, e.give(e.Store, claim, time.Hour, state(1)))
	_, err = e.Save(e.Context(), box, sent(begun[0], time.Minute))
	e.fails(err, store.ErrConflict)
	e.ok(e.Release(e.Context(), box))
	auto := entry(red, alice)
	auto.By, auto.Created = store.ByWatcher, at(2*time.Minute)
	_, err = e.Add(e.Context(), auto)
	e.fails(err, store.ErrConsent)
	_, err = e.Add(e.Context(), entry(red, alice))
	e.fails(err, store.ErrForgotten)
	err = e.Record(e.Context(), store.Sighting{Server: red, Person: alice, At: at(time.Minute), Programs: []store.Standing{done(program)}})
	e.fails(err, store.ErrForgotten)
	same(e, "what is left", []string{"expiry has forget:" + alice, "forget:" + alice}, e.holding(alice))

	e.record(red, alice, at(time.Minute+time.Millisecond), done(program))
	same(e, "a new beginning", []string{"1 " + alice}, e.ranks(red, program, 0, 9))
}

// testForgetUnderLoad forgets people while others write about them.
func testForgetUnderLoad(e *env) {
	const people = 6
	stores := []*store.Store{e.Store, e.second()}
	for p := range people {
		e.fill(red, strconv.Itoa(1000+p))
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for w := range 4 {
		s := stores[w%2]
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
					writeOld(e, s, strconv.Itoa(1000+i%people), i)
				}
			}
		})
	}
	for p := range people {
		if _, err := stores[p%2].Forget(e.Context(), strconv.Itoa(1000+p), at(time.Hour)); err != nil {
			e.Error(err)
		}
	}
	close(stop)
	wg.Wait()
	for p := range people {
		id := strconv.Itoa(1000 + p)
		same(e, "what is left", []string{"expiry has forget:" + id, "forget:" + id}, e.holding(id))
	}
}

// writeOld writes what was found out before the person was forgotten.
func writeOld(e *env, s *store.Store, person string, i int) {
	ctx := e.Context()
	err := s.Record(ctx, store.Sighting{Server: red, Person: person, At: at(time.Duration(i) * time.Millisecond), Programs: []store.Standing{half("a", i%10)}})
	expect(e, err, store.ErrForgetting, store.ErrForgotten)
	en := entry(red, person)
	en.Program = strconv.Itoa(i)
	_, err = s.Add(ctx, en)
	expect(e, err, store.ErrForgetting, store.ErrForgotten, store.ErrFull)
	claim, err := s.ClaimPerson(ctx, person, at(time.Duration(i)*lease), lease)
	expect(e, err, store.ErrNotFound, store.ErrConflict)
	if err == nil {
		_, err = s.Return(ctx, store.Returned{Claim: claim, Due: at(0), State: state(i)})
		expect(e, err)
	}
}

// expect reports an error that is none of the allowed ones.
func expect(e *env, err error, allowed ...error) {
	for _, a := range allowed {
		if is(err, a) {
			return
		}
	}
	if err != nil {
		e.Errorf("unexpected error %v", err)
	}
}
