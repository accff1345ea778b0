package faulttest

import (
	"errors"
	"fmt"
	"runtime"
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
	if underRace {
		crowd = worksOn + 200 // more would take longer than a second to arrive
	}
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

// TestHammering has one member ask a thousand times a second, and compares
// what others wait with what they wait without.
func TestHammering(t *testing.T) {
	const lasting = 3 * time.Second
	perSecond := 1000
	if underRace {
		perSecond = 150
	}
	w := newWorld(t, setup{Memory: true, Env: map[string]string{"CACHE_TTL": "1ms"}})
	w.start()
	w.api.Break(progressapitest.Latency(20 * time.Millisecond))
	lag := measureLag(t)

	calm := w.others(t, lasting)
	before := heap()
	var hammering sync.WaitGroup
	hammer := w.person()
	seen := map[string]int{}
	var mu sync.Mutex
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	began := time.Now()
	asks := 0
	hammering.Go(func() {
		for time.Since(began) < lasting {
			<-tick.C
			for range perSecond / 100 {
				asks++
				hammering.Go(func() {
					s, err := w.tries(hammer)
					if err != nil {
						s.What = err.Error()
					}
					mu.Lock()
					seen[s.What]++
					mu.Unlock()
				})
			}
		}
	})
	stormy := w.others(t, lasting)
	hammering.Wait()
	t.Logf("others waited %s in the middle and %s at the 95th percentile; while one member asked %d times, %s and %s",
		ms(calm[len(calm)/2]), ms(calm[len(calm)*95/100]), asks, ms(stormy[len(stormy)/2]), ms(stormy[len(stormy)*95/100]))
	t.Logf("that member saw: %v; live heap before and after: %s, %s", seen, mb(before), mb(heap()))
	for what := range seen {
		if !slices.Contains([]string{seenFresh, seenBusy, seenSlowDown}, what) {
			t.Errorf("that member saw: %s", what)
		}
	}
	if late := stormy[len(stormy)*95/100] - calm[len(calm)*95/100]; late > 500*time.Millisecond && lag.since(began) < muchLag {
		t.Errorf("others wait %s longer", ms(late))
	}
}

// others has somebody new ask every 20 ms, and returns how long they waited
// for the first answer, in order of length.
func (w *world) others(t *testing.T, lasting time.Duration) []time.Duration {
	t.Helper()
	var (
		mu     sync.Mutex
		firsts []time.Duration
		asking sync.WaitGroup
	)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); time.Since(began) < lasting; <-tick.C {
		p := w.person()
		asking.Go(func() {
			s, err := w.tries(p)
			mu.Lock()
			defer mu.Unlock()
			firsts = append(firsts, s.First)
			if err == nil && !s.good() {
				err = errors.New(s.What)
			}
			if err != nil {
				t.Errorf("somebody else: %v", err)
			}
		})
	}
	asking.Wait()
	slices.Sort(firsts)
	return firsts
}

// heap returns the bytes of the heap that are live.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // what finalizers and pools let go of
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func mb[N ~uint64 | ~int64 | ~float64](n N) string { return fmt.Sprintf("%.1f MB", float64(n)/(1<<20)) }
