//go:build !race

package faulttest

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"progressbot/progressapi/progressapitest"
)

// What the bot takes on, for the tests of what is beyond that.
const (
	worksOn = 512
	waits   = 2048
)

// TestOverload has more people ask at once than the bot takes on, while the
// progress API hangs. Everybody hears of it in time: those for whom there is
// no room that it is busy.
func TestOverload(t *testing.T) {
	crowd := worksOn + waits + 500
	w := newWorld(t, setup{Memory: true})
	r := w.start()
	w.api.Break(progressapitest.Hang())
	crowdOf := make([]string, crowd)
	for i := range crowdOf {
		crowdOf[i] = w.person()
	}

	began := time.Now()
	sights := make([]sight, crowd)
	errs := make([]error, crowd)
	var asking sync.WaitGroup
	for i, p := range crowdOf {
		asking.Go(func() { sights[i], errs[i] = w.tries(p) })
	}
	asking.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	byKind := map[string][]time.Duration{}
	for _, s := range sights {
		byKind[s.What] = append(byKind[s.What], s.First)
	}
	for what, firsts := range byKind {
		slices.Sort(firsts)
		t.Logf("%5d saw: %s, after %s at first, %s in the middle, %s at last",
			len(firsts), what, ms(firsts[0]), ms(firsts[len(firsts)/2]), ms(firsts[len(firsts)-1]))
	}
	if busy, room := len(byKind[seenBusy]), worksOn; busy < crowd-room-waits || busy == 0 {
		t.Errorf("%d of %d people were told that the bot is busy", busy, crowd)
	}
	if others := crowd - len(byKind[seenBusy]) - len(byKind[seenUnreachable]); others > 0 {
		t.Errorf("%d people saw something else", others)
	}
	w.api.Mend()
	if err := w.awaitGood(); err != nil {
		t.Error(err)
	}
	t.Logf("%d people asked within %s; lines in the log: %d", crowd, ms(time.Since(began)), len(r.log.complaints()))
}
