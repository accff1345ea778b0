package embeds_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"progressbot/embeds"
	"progressbot/progressapi"
)

func TestRank(t *testing.T) {
	t.Parallel()
	tomorrow, nextYear, yesterday, lastYear := now.AddDate(0, 0, 1), now.AddDate(1, 0, 0), now.AddDate(0, 0, -1), now.AddDate(-1, 0, 0)
	program := func(name string, collected int, ends time.Time) progressapi.Program {
		return progressapi.Program{ID: name, Name: name, Size: 10, Collected: collected, Percent: 10 * collected, CountTold: true, Ends: ends}
	}
	prize := program("completed, to claim", 10, time.Time{})
	prize.Reward = &progressapi.Reward{CanClaim: true}
	byPercent := progressapi.Program{ID: "running, 85 percent", Name: "running, 85 percent", Percent: 85, PercentTold: true}
	want := []progressapi.Program{
		program("running, 9 of 10", 9, time.Time{}),
		byPercent,
		program("running, ends tomorrow", 8, tomorrow),
		program("running, ends next year", 8, nextYear),
		program("Running, no end", 8, time.Time{}),
		program("running, no end, too", 8, time.Time{}),
		{ID: "nameless", Size: 10, Collected: 8, CountTold: true},
		program("running, 1 of 10", 1, time.Time{}),
		program("not started, ends tomorrow", 0, tomorrow),
		program("not started, a", 0, time.Time{}),
		program("not started, b", 0, time.Time{}),
		prize,
		program("completed", 10, yesterday),
		program("ended yesterday", 9, yesterday),
		program("ended last year", 9, lastYear),
	}
	for range 20 {
		in := slices.Clone(want)
		rand.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
		before := slices.Clone(in)
		if diff := cmp.Diff(want, embeds.Rank(in, now)); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(before, in); diff != "" {
			t.Fatalf("Rank changed what it was given (-want +got):\n%s", diff)
		}
	}
	if got := embeds.Rank(nil, now); len(got) != 0 {
		t.Errorf("Rank(nil) = %v", got)
	}
}

// Rank loses nothing, and ranking twice is ranking once.
func TestRankIsAnOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		programs := rapid.SliceOfN(rapid.Custom(drawProgram), 0, 12).Draw(t, "programs")
		once := embeds.Rank(programs, now)
		if len(once) != len(programs) {
			t.Fatalf("%d programs became %d", len(programs), len(once))
		}
		if diff := cmp.Diff(once, embeds.Rank(once, now)); diff != "" {
			t.Fatalf("ranked again (-once +twice):\n%s", diff)
		}
	})
}
