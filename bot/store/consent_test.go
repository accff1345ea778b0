package store_test

import (
	"testing"

	"progressbot/bot/store"
)

// TestConsent is the whole truth: every choice, asked by everybody.
func TestConsent(t *testing.T) {
	t.Parallel()
	const (
		anyone, managers, self = store.VisibleToAnyone, store.VisibleToManagers, store.VisibleToSelf
		ask, always, never     = store.Ask, store.Always, store.Never
	)
	// Columns: who may look (fellow where the server lets them, manager);
	// what may be announced (by the watcher, a manager, the person); whether
	// the buttons are offered; whether the person is on board and recap.
	for _, c := range []struct {
		visibility store.Visibility
		choice     store.Choice
		anywhere   bool
		want       string
	}{
		{anyone, ask, false, "view:FM announce:-MS offer part"},
		{anyone, always, false, "view:FM announce:WMS - part"},
		{anyone, never, false, "view:FM announce:--- - -"},
		{managers, ask, false, "view:-M announce:--S offer -"},
		{managers, always, false, "view:-M announce:WMS - -"},
		{managers, never, false, "view:-M announce:--- - -"},
		{self, ask, false, "view:-- announce:--S - -"},
		{self, always, false, "view:-- announce:--S - -"},
		{self, never, false, "view:-- announce:--- - -"},
		{anyone, ask, true, "view:FM announce:--- - -"},
		{anyone, always, true, "view:FM announce:--- - -"},
		{anyone, never, true, "view:FM announce:--- - -"},
		{managers, ask, true, "view:-M announce:--- - -"},
		{managers, always, true, "view:-M announce:--- - -"},
		{managers, never, true, "view:-M announce:--- - -"},
		{self, ask, true, "view:-- announce:--- - -"},
		{self, always, true, "view:-- announce:--- - -"},
		{self, never, true, "view:-- announce:--- - -"},
	} {
		consent := store.Consent{Visibility: c.visibility, Announce: c.choice, NeverAnywhere: c.anywhere}
		if got := describe(consent); got != c.want {
			t.Errorf("%v %v, never anywhere: %v\n got %s\nwant %s", c.visibility, c.choice, c.anywhere, got, c.want)
		}
		for _, viewable := range []bool{true, false} {
			if !consent.MayView(store.Self, viewable) {
				t.Errorf("%+v: the person may not look", consent)
			}
			if consent.MayView(store.Stranger, viewable) || consent.MayView(store.Rank(99), viewable) {
				t.Errorf("%+v: a stranger may look", consent)
			}
			if consent.MayView(store.Manager, true) != consent.MayView(store.Manager, false) {
				t.Errorf("%+v: the server's setting binds a manager", consent)
			}
		}
		if consent.MayView(store.Fellow, false) {
			t.Errorf("%+v: a fellow member may look against the server's setting", consent)
		}
		if consent.MayAnnounce(store.By(99)) {
			t.Errorf("%+v: somebody unknown may announce", consent)
		}
	}
}

func describe(c store.Consent) string {
	mark := func(ok bool, mark string) string {
		if ok {
			return mark
		}
		return "-"
	}
	return "view:" + mark(c.MayView(store.Fellow, true), "F") + mark(c.MayView(store.Manager, true), "M") +
		" announce:" + mark(c.MayAnnounce(store.ByWatcher), "W") + mark(c.MayAnnounce(store.ByManager), "M") + mark(c.MayAnnounce(store.BySelf), "S") +
		" " + mark(c.MayOffer(), "offer") + " " + mark(c.TakesPart(), "part")
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, v := range []store.Visibility{store.VisibleToAnyone, store.VisibleToManagers, store.VisibleToSelf} {
		if got, err := store.ParseVisibility(v.String()); err != nil || got != v {
			t.Errorf("ParseVisibility(%q) = %v, %v", v, got, err)
		}
	}
	for _, c := range []store.Choice{store.Ask, store.Always, store.Never} {
		if got, err := store.ParseChoice(c.String()); err != nil || got != c {
			t.Errorf("ParseChoice(%q) = %v, %v", c, got, err)
		}
	}
	for _, bad := range []string{"", "Ask", "unknown(3)"} {
		if _, err := store.ParseChoice(bad); err == nil {
			t.Errorf("ParseChoice(%q) succeeds", bad)
		}
		if _, err := store.ParseVisibility(bad); err == nil {
			t.Errorf("ParseVisibility(%q) succeeds", bad)
		}
	}
	if got := store.Choice(3).String(); got != "unknown(3)" {
		t.Errorf("an unknown choice is called %q", got)
	}
}
