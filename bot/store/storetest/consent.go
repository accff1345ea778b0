package storetest

import (
	"errors"
	"time"

	"progressbot/bot/store"
)

func (e *env) consentIs(server, person string, want store.Consent) {
	e.Helper()
	got, err := e.Consent(e.Context(), server, person)
	e.ok(err)
	same(e, "consent of "+person+" in "+server, want, got)
}

func testConsentServers(e *env) {
	e.consentIs(red, alice, store.Consent{})
	e.consentIs("", alice, store.Consent{})
	e.choose(red, alice, store.Never)
	e.choose(blue, alice, store.Always)
	e.reopen()
	e.consentIs(red, alice, store.Consent{Announce: store.Never})
	e.consentIs(blue, alice, store.Consent{Announce: store.Always})
	e.consentIs("", alice, store.Consent{})
	e.consentIs(red, bob, store.Consent{})

	e.visible(alice, store.VisibleToManagers)
	e.consentIs(red, alice, store.Consent{Announce: store.Never, Visibility: store.VisibleToManagers})
	e.consentIs(blue, alice, store.Consent{Announce: store.Always, Visibility: store.VisibleToManagers})

	e.consent(red, alice, func(c *store.Consent) { c.NeverAnywhere = true })
	e.consentIs(blue, alice, store.Consent{Announce: store.Always, Visibility: store.VisibleToManagers, NeverAnywhere: true})

	got, err := e.Choices(e.Context(), alice)
	e.ok(err)
	same(e, "choices", map[string]store.Choice{red: store.Never, blue: store.Always}, got)

	e.choose(red, alice, store.Ask)
	got, err = e.Choices(e.Context(), alice)
	e.ok(err)
	same(e, "choices", map[string]store.Choice{blue: store.Always}, got)
	same(e, "what is stored of the first server", []string{"server:" + red, "servers has " + red}, e.holding(red))
}

// followed returns in which servers the people who are due are followed.
func (e *env) followed(now time.Duration) map[string][]string {
	e.Helper()
	claims, err := e.ClaimDue(e.Context(), at(now), 100, time.Millisecond)
	e.ok(err)
	out := map[string][]string{}
	for _, c := range claims {
		out[c.Person] = c.Servers
	}
	return out
}

func testConsentFollows(e *env) {
	same(e, "at first", map[string][]string{}, e.followed(0))
	e.choose(blue, alice, store.Always)
	e.choose(red, alice, store.Always)
	e.choose(red, bob, store.Always)
	e.choose(red, carol, store.Never)
	both := []string{red, blue}
	same(e, "after choosing", map[string][]string{alice: both, bob: {red}}, e.followed(time.Second))
	e.visible(alice, store.VisibleToManagers)
	same(e, "seen by managers", map[string][]string{alice: both, bob: {red}}, e.followed(2*time.Second))
	e.visible(alice, store.VisibleToSelf)
	same(e, "seen by nobody", map[string][]string{bob: {red}}, e.followed(3*time.Second))
	e.visible(alice, store.VisibleToAnyone)
	e.choose(red, alice, store.Ask)
	same(e, "back again", map[string][]string{alice: {blue}, bob: {red}}, e.followed(4*time.Second))
	e.consent("", alice, func(c *store.Consent) { c.NeverAnywhere = true })
	same(e, "never anywhere", map[string][]string{bob: {red}}, e.followed(5*time.Second))
	e.choose(red, bob, store.Never)
	same(e, "nobody", map[string][]string{}, e.followed(6*time.Second))
}

func testConsentInvalid(e *env) {
	boom := errors.New("boom")
	for _, c := range []struct {
		server string
		fn     func(*store.Consent) error
		want   error
	}{
		{red, func(c *store.Consent) error { c.Announce = 3; return nil }, store.ErrInvalid},
		{red, func(c *store.Consent) error { c.Visibility = -1; return nil }, store.ErrInvalid},
		{"", func(c *store.Consent) error { c.Announce = store.Always; return nil }, store.ErrInvalid},
		{"x", func(*store.Consent) error { return nil }, store.ErrInvalid},
		{red, func(c *store.Consent) error { c.Announce = store.Never; return boom }, boom},
	} {
		_, err := e.UpdateConsent(e.Context(), c.server, alice, c.fn)
		e.fails(err, c.want)
	}
	_, err := e.Consent(e.Context(), red, "alice")
	e.fails(err, store.ErrInvalid)
	same(e, "what is stored", []string{}, e.holding(alice))
}

func testDropMember(e *env) {
	e.choose(red, alice, store.Always)
	e.choose(blue, alice, store.Always)
	e.choose(red, bob, store.Never)
	e.record(red, alice, at(0), half(program, 5))
	e.record(red, alice, at(time.Second), done(program))
	e.ok(e.DropMember(e.Context(), red, alice))
	same(e, "recap", []string{}, e.recap(store.Recap{Server: red, Until: at(time.Hour)}, 10))
	e.ok(e.DropMember(e.Context(), red, bob))
	e.ok(e.DropMember(e.Context(), red, carol))
	e.consentIs(red, alice, store.Consent{})
	e.consentIs(blue, alice, store.Consent{Announce: store.Always})
	e.consentIs(red, bob, store.Consent{Announce: store.Never})
	same(e, "followed", map[string][]string{alice: {blue}}, e.followed(0))
	_, err := e.Place(e.Context(), red, program, alice)
	e.fails(err, store.ErrNotFound)
}
