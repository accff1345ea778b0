package store_test

import (
	"slices"
	"testing"

	"progressbot/bot/store"
)

func TestSteps(t *testing.T) {
	t.Parallel()
	for m, want := range map[store.Milestones][]int{store.NoMilestones: nil, store.HalfWay: {50}, store.Quarters: {25, 50, 75}} {
		if got := m.Steps(); !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", m, got, want)
		}
	}
}
