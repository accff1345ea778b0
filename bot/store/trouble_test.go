package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot/store"
)

func TestTroubles(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 3, 1+n, 0, 0, 0, 0, time.UTC) }
	s := store.Settings{Told: map[string]time.Time{"something else": day(0)}}

	if !s.Hinder(store.NoChannel, day(1)) || s.Hinder(store.NoChannel, day(2)) {
		t.Error("a hindrance is news once")
	}
	s.Hinder(store.RoleOutOfReach, day(3))
	s.Expire(store.NoChannel, day(8))
	want := []store.Trouble{
		{Hindrance: store.NoChannel, Since: day(1), Expired: day(8)},
		{Hindrance: store.RoleOutOfReach, Since: day(3)},
	}
	if diff := cmp.Diff(want, s.Troubles()); diff != "" {
		t.Errorf("troubles (-want +got):\n%s", diff)
	}

	if !s.Unhinder(store.NoChannel, store.NoPermission) || s.Unhinder(store.NoChannel) {
		t.Error("the end of a hindrance is news once")
	}
	if !s.Hinder(store.NoChannel, day(9)) {
		t.Error("a hindrance that is back is no news")
	}
	s.Unhinder(store.NoChannel, store.RoleOutOfReach)
	s.Expire(store.NoRole, day(39)) // 31 days after the first
	want = []store.Trouble{{Hindrance: store.NoRole, Expired: day(39)}}
	if diff := cmp.Diff(want, s.Troubles()); diff != "" {
		t.Errorf("troubles at the end (-want +got):\n%s", diff)
	}
	if !s.Told["something else"].Equal(day(0)) {
		t.Error("what others told was lost")
	}

	var none store.Settings
	none.Unhinder(store.NoChannel)
	if len(none.Troubles()) != 0 {
		t.Error("troubles out of nothing")
	}
	none.Expire(store.NoChannel, day(0))
	if len(none.Troubles()) != 1 {
		t.Error("the trouble was not kept")
	}
}
