package watch_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot/store"
	"progressbot/bot/watch"
	"progressbot/progressapi"
)

const day = 24 * time.Hour

// changed is the state of somebody whose progress last changed so long ago.
func changed(ago time.Duration) store.WatchState { return store.WatchState{Changed: at(-ago)} }

func ends(in time.Duration) func(*progressapi.Program) {
	return func(p *progressapi.Program) { p.Ends = at(in) }
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	soft := func(every time.Duration) watch.Plan { return watch.Plan{Every: every, Class: watch.Ordinary} }
	for _, c := range []struct {
		name     string
		state    store.WatchState
		programs list
		asked    bool
		want     watch.Plan
	}{
		{"just changed", changed(0), list{cards("a", 5)}, false, soft(10 * time.Minute)},
		{"changed some hours ago", changed(4 * time.Hour), list{cards("a", 5)}, false, soft(70 * time.Minute)},
		{"idle for long", changed(60 * day), list{cards("a", 5)}, false, soft(day)},
		{"a clock was set back", changed(-time.Hour), list{cards("a", 5)}, false, soft(10 * time.Minute)},
		{"first look", store.WatchState{}, list{cards("a", 5)}, false, soft(time.Hour)},
		{"never changed", store.WatchState{Every: 8 * time.Hour}, list{cards("a", 5)}, false, soft(12 * time.Hour)},
		{"never changed, for long", store.WatchState{Every: day}, list{cards("a", 5)}, false, soft(day)},
		{"never changed, but somebody asked", store.WatchState{Every: day}, list{cards("a", 5)}, true, soft(time.Hour)},
		{"asked right after a change", changed(0), list{cards("a", 5)}, true, soft(10 * time.Minute)},

		{"usually changes often", store.WatchState{Changed: at(-10 * time.Hour), Usual: 3 * time.Hour}, list{cards("a", 5)}, false, soft(45 * time.Minute)},
		{"usually did, but not any more", store.WatchState{Changed: at(-18 * time.Hour), Usual: 3 * time.Hour}, list{cards("a", 5)}, false, soft(280 * time.Minute)},
		{"usually changes all the time", store.WatchState{Changed: at(-time.Minute), Usual: time.Minute}, list{cards("a", 5)}, false, soft(10 * time.Minute)},

		{"one card left, active", changed(time.Hour), list{cards("a", 9)}, false, watch.Plan{Every: 5 * time.Minute, Class: watch.Closing}},
		{"one card left, slow", changed(3 * day), list{cards("a", 9)}, false, watch.Plan{Every: 7 * time.Minute, Class: watch.Near}},
		{"one card left, idle", changed(60 * day), list{cards("b", 2), cards("a", 9)}, false, watch.Plan{Every: 7 * time.Minute, Class: watch.Near}},
		{"one card left at first sight", store.WatchState{}, list{cards("a", 9)}, false, watch.Plan{Every: 7 * time.Minute, Class: watch.Near}},
		{"a few percent left", changed(time.Hour), list{percent("a", 96)}, false, watch.Plan{Every: 5 * time.Minute, Class: watch.Closing}},
		{"one card left of one", changed(4 * time.Hour), list{{ID: "a", Size: 1, CountTold: true}}, false, soft(70 * time.Minute)},
		{"one card left, but over", changed(4 * time.Hour), list{with(cards("a", 9), ends(0)), cards("b", 5)}, false, soft(70 * time.Minute)},
		{"one card left, but contradictory", changed(4 * time.Hour), list{with(cards("a", 9), disputed), cards("b", 5)}, false, soft(70 * time.Minute)},
		{"one card left, but not yet", changed(4 * time.Hour), list{with(cards("a", 9), func(p *progressapi.Program) { p.Starts = at(1) }), cards("b", 5)}, false, soft(70 * time.Minute)},
		{"two cards left", changed(4 * time.Hour), list{cards("a", 8)}, false, soft(28 * time.Minute)},
		{"three cards left", changed(4 * time.Hour), list{cards("a", 7)}, false, soft(42 * time.Minute)},
		{"two cards left, just changed", changed(0), list{cards("a", 8)}, false, soft(10 * time.Minute)},

		{"the last day", changed(60 * day), list{with(cards("a", 7), ends(16*time.Hour))}, false, soft(2 * time.Hour)},
		{"the last day of several", changed(60 * day), list{with(cards("a", 7), ends(16*time.Hour)), with(cards("b", 7), ends(8*time.Hour))}, false, soft(time.Hour)},
		{"the last hour", changed(60 * day), list{with(cards("a", 7), ends(time.Hour))}, false, soft(10 * time.Minute)},
		{"the last day of what cannot be completed", changed(60 * day), list{with(cards("a", 2), ends(16*time.Hour))}, false, soft(day)},
		{"the last day, told in percent", changed(60 * day), list{with(percent("a", 82), ends(16*time.Hour))}, false, soft(2 * time.Hour)},
		{"the last day of what was not begun", changed(60 * day), list{with(cards("a", 0), ends(time.Hour))}, false, soft(day)},
		{"an end that is far away", changed(60 * day), list{with(cards("a", 6), ends(10*day))}, false, soft(day)},

		{"all complete, just now", changed(0), list{cards("a", 10), with(cards("b", 2), ended)}, false, soft(6 * time.Hour)},
		{"all complete, for long", changed(60 * day), list{cards("a", 10)}, false, soft(day)},
		{"nothing told", changed(4 * time.Hour), nil, false, soft(70 * time.Minute)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := watch.Schedule(watch.Look{State: c.state, Programs: c.programs, Asked: c.asked, Now: at(0)})
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("plan (-want +got):\n%s", d)
			}
		})
	}
}

func TestPlanWait(t *testing.T) {
	t.Parallel()
	near := watch.Plan{Every: 7 * time.Minute, Class: watch.Near}
	soft := watch.Plan{Every: time.Hour, Class: watch.Ordinary}
	idle := watch.Plan{Every: day, Class: watch.Ordinary}
	room, crowd := watch.Load{0.5, 0.5, 0.5}, watch.Load{3, 1, 1}
	for _, c := range []struct {
		name   string
		plan   watch.Plan
		load   watch.Load
		chance float64
		want   time.Duration
	}{
		{"just room", soft, watch.Load{1, 1, 1}, 1, time.Hour},
		{"drawn sooner", soft, watch.Load{1, 1, 1}, 0, 48 * time.Minute},
		{"room", soft, room, 1, 30 * time.Minute},
		{"room for the near", near, room, 1, 210 * time.Second},
		{"a crowd", soft, crowd, 1, 3 * time.Hour},
		{"a crowd leaves the near alone", near, crowd, 1, 7 * time.Minute},
		{"nobody waits for ever", idle, watch.Load{30, 1, 1}, 1, 7 * day},
	} {
		if got := c.plan.Wait(c.load, c.chance).Round(time.Microsecond); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
