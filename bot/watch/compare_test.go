package watch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"progressbot/bot/store"
	"progressbot/bot/watch"
	"progressbot/progressapi"
)

// at returns the moment so long after the tests' beginning of time.
func at(d time.Duration) time.Time {
	return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(d)
}

// cards is a program with a count out of ten.
func cards(id string, collected int) progressapi.Program {
	return progressapi.Program{
		ID: id, Name: "Name of " + id, Size: 10, Collected: collected, CountTold: true,
		Percent: collected * 10, PercentTold: true,
	}
}

// percent is a program that tells nothing but a percentage.
func percent(id string, n int) progressapi.Program {
	return progressapi.Program{ID: id, Percent: n, PercentTold: true}
}

// with returns p after changes.
func with(p progressapi.Program, change func(*progressapi.Program)) progressapi.Program {
	change(&p)
	return p
}

func ended(p *progressapi.Program) { p.Ends = at(-time.Hour) }

// disputed makes the reward say otherwise than the count.
func disputed(p *progressapi.Program) { p.Reward = &progressapi.Reward{CanClaim: true} }

// list is one answer.
type list []progressapi.Program

// completed and passed are what is found of a program.
func completed(id string) string { return id + " complete" }

func passed(id string, milestones ...int) string { return fmt.Sprint(id, " passed ", milestones) }

func describe(found []watch.Completion) []string {
	var out []string
	for _, c := range found {
		if c.Complete() {
			out = append(out, completed(c.Program))
		} else {
			out = append(out, passed(c.Program, c.Milestones...))
		}
	}
	return out
}

func TestCompareFinds(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 4096)
	for _, c := range []struct {
		name    string
		answers []list // one after the other
		want    [][]string
	}{
		{"a new person who has completed everything",
			[]list{{cards("a", 10), percent("b", 100)}}, [][]string{nil}},
		{"nothing changes",
			[]list{{cards("a", 10), cards("b", 3)}, {cards("a", 10), cards("b", 3)}}, [][]string{nil, nil}},
		{"the last card",
			[]list{{cards("a", 9)}, {cards("a", 10)}, {cards("a", 10)}}, [][]string{nil, {completed("a")}, nil}},
		{"the last percent",
			[]list{{percent("a", 99)}, {percent("a", 100)}}, [][]string{nil, {completed("a")}}},
		{"only the reward tells",
			[]list{{{ID: "a"}}, {{ID: "a", Reward: &progressapi.Reward{IsClaimed: true}}}}, [][]string{nil, {completed("a")}}},
		{"all cards at once",
			[]list{{cards("a", 0)}, {cards("a", 10)}}, [][]string{nil, {completed("a")}}},
		{"two programs, in the order of the answer",
			[]list{{cards("a", 9), cards("b", 9)}, {cards("b", 10), cards("a", 10)}}, [][]string{nil, {completed("b"), completed("a")}}},
		{"a new program of a known person is a baseline, complete or not",
			[]list{{cards("a", 9)}, {cards("a", 9), cards("b", 10), cards("c", 9)}, {cards("c", 10)}},
			[][]string{nil, nil, {completed("c")}}},
		{"a person with nothing, then with something",
			[]list{{}, {cards("a", 10)}, {cards("a", 10), cards("b", 1)}, {cards("b", 10)}},
			[][]string{nil, nil, nil, {completed("b")}}},

		{"a milestone",
			[]list{{cards("a", 2)}, {cards("a", 3)}, {cards("a", 4)}, {cards("a", 5)}},
			[][]string{nil, {passed("a", 25)}, nil, {passed("a", 50)}}},
		{"milestones at once",
			[]list{{cards("a", 0)}, {cards("a", 6)}, {cards("a", 9)}},
			[][]string{nil, {passed("a", 25, 50)}, {passed("a", 75)}}},
		{"milestones on the way to completion are not told",
			[]list{{cards("a", 0)}, {cards("a", 10)}, {cards("a", 10)}}, [][]string{nil, {completed("a")}, nil}},
		{"a baseline in the middle",
			[]list{{cards("a", 6)}, {cards("a", 7)}, {cards("a", 8)}}, [][]string{nil, nil, {passed("a", 75)}}},
		{"count and percentage differ: the lower one counts",
			[]list{
				{cards("a", 0)},
				{with(cards("a", 4), func(p *progressapi.Program) { p.Percent = 80 })},
				{with(cards("a", 8), func(p *progressapi.Program) { p.Percent = 60 })},
			},
			[][]string{nil, {passed("a", 25)}, {passed("a", 50)}}},
		{"milestones of what is over",
			[]list{{cards("a", 2)}, {with(cards("a", 8), ended)}, {cards("a", 8)}}, [][]string{nil, nil, nil}},
		{"completion of what is over",
			[]list{{cards("a", 9)}, {with(cards("a", 10), ended)}}, [][]string{nil, {completed("a")}}},

		{"backwards and again",
			[]list{{cards("a", 9)}, {cards("a", 10)}, {cards("a", 1)}, {cards("a", 6)}, {cards("a", 10)}},
			[][]string{nil, {completed("a")}, nil, nil, nil}},
		{"backwards across milestones and again",
			[]list{{cards("a", 5)}, {cards("a", 2)}, {cards("a", 5)}, {cards("a", 8)}},
			[][]string{nil, nil, nil, {passed("a", 75)}}},
		{"a complete baseline, backwards and again",
			[]list{{cards("a", 10)}, {cards("a", 9)}, {cards("a", 10)}}, [][]string{nil, nil, nil}},
		{"vanished and back, completed in between",
			[]list{{cards("a", 9), cards("b", 1)}, {cards("b", 1)}, {cards("a", 10), cards("b", 1)}},
			[][]string{nil, nil, {completed("a")}}},
		{"vanished and back, complete all the time",
			[]list{{cards("a", 10)}, {cards("b", 1)}, {cards("a", 10)}}, [][]string{nil, nil, nil}},
		{"an empty answer is no new beginning",
			[]list{{cards("a", 9), cards("b", 10)}, {}, {cards("a", 10), cards("b", 10)}},
			[][]string{nil, nil, {completed("a")}}},

		{"contradictory, then complete",
			[]list{{cards("a", 9)}, {with(cards("a", 9), disputed)}, {cards("a", 10)}}, [][]string{nil, nil, {completed("a")}}},
		{"contradictory, then as before",
			[]list{{cards("a", 2)}, {with(cards("a", 9), disputed)}, {cards("a", 2)}, {cards("a", 3)}},
			[][]string{nil, nil, nil, {passed("a", 25)}}},
		{"contradictory from the beginning is no baseline",
			[]list{{with(cards("a", 9), disputed)}, {cards("a", 10)}, {cards("a", 10)}}, [][]string{nil, nil, nil}},

		{"ids of any bytes",
			[]list{{cards("a/../b", 9), cards("\xff\x00", 9), cards(long, 9)}, {cards("a/../b", 10), cards("\xff\x00", 10), cards(long, 10)}},
			[][]string{nil, {completed("a/../b"), completed("\xff\x00"), completed(long)}}},
		{"ids that no ledger holds",
			[]list{{cards("", 9), cards(long+"x", 9)}, {cards("", 10), cards(long+"x", 10)}}, [][]string{nil, nil}},
		{"twice the same",
			[]list{{cards("a", 9), cards("a", 9)}, {cards("a", 10), cards("a", 10)}}, [][]string{nil, {completed("a")}}},
		{"twice and different",
			[]list{{cards("a", 9)}, {cards("a", 10), cards("a", 9)}, {cards("a", 9), cards("a", 9), cards("a", 10)}, {cards("a", 10)}},
			[][]string{nil, nil, nil, {completed("a")}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var state store.WatchState
			var got [][]string
			for i, answer := range c.answers {
				changes := watch.Compare(state, answer, at(time.Duration(i)*time.Minute))
				if want := i == 0; changes.First != want {
					t.Errorf("answer %d: First = %v, want %v", i, changes.First, want)
				}
				got = append(got, describe(changes.Found))
				state = changes.State
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("found (-want +got):\n%s", d)
			}
		})
	}
}

func TestCompareState(t *testing.T) {
	t.Parallel()
	state := watch.Compare(store.WatchState{}, list{cards("a", 6), percent("b", 100)}, at(0)).State
	want := store.WatchState{Checked: at(0), Seen: []store.Seen{
		{Program: store.KeyOf("a"), Collected: 6, Percent: 60, Milestone: 50},
		{Program: store.KeyOf("b"), Percent: 100, Milestone: 75, Complete: true},
	}}
	if d := cmp.Diff(want, state); d != "" {
		t.Errorf("first look (-want +got):\n%s", d)
	}

	state.Every, state.Failed = time.Hour, 3
	same := watch.Compare(state, list{percent("b", 100), cards("a", 6)}, at(time.Hour))
	want.Checked, want.Every = at(time.Hour), time.Hour
	if d := cmp.Diff(watch.Changes{State: want}, same); d != "" {
		t.Errorf("nothing new (-want +got):\n%s", d)
	}

	moved := watch.Compare(same.State, list{cards("a", 2)}, at(2*time.Hour))
	want.Checked, want.Changed = at(2*time.Hour), at(2*time.Hour)
	want.Seen[0].Collected, want.Seen[0].Percent = 2, 20
	if d := cmp.Diff(watch.Changes{State: want, Moved: true}, moved); d != "" {
		t.Errorf("backwards (-want +got):\n%s", d)
	}

	again := watch.Compare(moved.State, list{cards("a", 2), cards("c", 0)}, at(6*time.Hour))
	want.Checked, want.Changed, want.Usual = at(6*time.Hour), at(6*time.Hour), 4*time.Hour
	want.Seen = append(want.Seen, store.Seen{Program: store.KeyOf("c")})
	if d := cmp.Diff(watch.Changes{State: want, Moved: true}, again); d != "" {
		t.Errorf("another program (-want +got):\n%s", d)
	}
	if state.Seen[0].Collected != 6 {
		t.Error("Compare has changed the state it was given")
	}

	often := watch.Compare(again.State, list{cards("c", 1)}, at(6*time.Hour)) // within the same moment
	if d := cmp.Diff(4*time.Hour+(time.Second-4*time.Hour)/4, often.State.Usual); d != "" {
		t.Errorf("Usual (-want +got):\n%s", d)
	}
}

func TestCompareFacts(t *testing.T) {
	t.Parallel()
	p := cards("a", 10)
	p.Image, p.Reward = "https://example.org/a.png", &progressapi.Reward{Name: "A hat", CanClaim: true}
	state := watch.Compare(store.WatchState{}, list{cards("a", 1)}, at(0)).State
	got := watch.Compare(state, list{p}, at(1)).Found
	want := []watch.Completion{{Program: "a", Facts: store.Facts{
		Name: "Name of a", Image: p.Image, Reward: "A hat", Collected: 10, Size: 10,
	}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("found (-want +got):\n%s", d)
	}
}

// TestCompareBounds fills the state with programs that vanish and others that
// come.
func TestCompareBounds(t *testing.T) {
	t.Parallel()
	var old, more list
	for i := range store.MaxSeen {
		old = append(old, cards(fmt.Sprint("old", i), 9))
		more = append(more, cards(fmt.Sprint("new", i), 9))
	}
	full := watch.Compare(store.WatchState{}, old, at(0)).State
	// Ten of the old ones remain; as many of those that vanished go.
	mixed := watch.Compare(full, append(old[:10:10], more[:20]...), at(1)).State
	if len(mixed.Seen) != store.MaxSeen {
		t.Fatalf("%d programs are seen, want %d", len(mixed.Seen), store.MaxSeen)
	}
	for id, want := range map[string]bool{"old0": true, "old9": true, "old10": false, "old29": false, "old30": true, "new19": true} {
		if got := slices.ContainsFunc(mixed.Seen, func(s store.Seen) bool { return s.Program == store.KeyOf(id) }); got != want {
			t.Errorf("%s is seen: %v, want %v", id, got, want)
		}
	}
	// More than fits: the newest ones have no baseline, so they stay silent.
	over := watch.Compare(full, append(old, more...), at(1)).State
	if d := cmp.Diff(full.Seen, over.Seen); d != "" {
		t.Errorf("an answer that does not fit (-want +got):\n%s", d)
	}
}

// FuzzCompare holds what must be true of any two answers.
func FuzzCompare(f *testing.F) {
	f.Add("a", 10, 3, 30, "a", 10, 10, 100)
	f.Add("", -1, -5, 1000, "\xff", 1<<40, 1<<41, -7)
	f.Add("a", 10, 10, 100, "b", 0, 0, 100)
	f.Fuzz(func(t *testing.T, id1 string, size1, count1, percent1 int, id2 string, size2, count2, percent2 int) {
		first := list{{ID: id1, Size: size1, Collected: count1, Percent: percent1, CountTold: true, PercentTold: true}}
		second := list{{ID: id2, Size: size2, Collected: count2, Percent: percent2, CountTold: true, PercentTold: true}}
		one := watch.Compare(store.WatchState{}, first, at(0))
		two := watch.Compare(one.State, second, at(1))
		if len(one.Found) > 0 {
			t.Errorf("a baseline announces %v", one.Found)
		}
		for _, c := range two.Found {
			if c.Program != id1 || id1 != id2 {
				t.Errorf("%q was never seen before", c.Program)
			}
			if c.Complete() && second[0].Completion() != progressapi.Complete {
				t.Errorf("%+v is not complete", second[0])
			}
		}
		three := watch.Compare(two.State, second, at(2))
		if len(three.Found) > 0 || three.Moved {
			t.Errorf("the same answer again finds %v, moved %v", three.Found, three.Moved)
		}
		if d := cmp.Diff(two.State, three.State, cmpopts.IgnoreFields(store.WatchState{}, "Checked")); d != "" {
			t.Errorf("the same answer again changes the state (-before +after):\n%s", d)
		}
	})
}
