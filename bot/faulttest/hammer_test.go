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
