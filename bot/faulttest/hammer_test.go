package faulttest

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"progressbot/bot/discordsim"
	"progressbot/progressapi/progressapitest"
)

// TestHammering has one member ask a thousand times a second, and compares
// what others wait with what they wait without. If that is longer, it may be
// that the machine cannot do as much, whoever asks for it: then others wait as
// long while many ask as often between them.
func TestHammering(t *testing.T) {
	steadilyIn(t, setup{Memory: true, Env: map[string]string{"CACHE_TTL": "1ms"}}, func(w *world) error {
		w.start()
		w.api.Break(progressapitest.Latency(20 * time.Millisecond))
		calm := w.storm(nil)
		before := heap()
		hammer := w.person()
		hammered := w.storm(func() string { return hammer })
		t.Logf("others waited %s; while one member asked, %s", calm, hammered)
		t.Logf("that member saw: %v; live heap before and after: %s, %s", hammered.seen, mb(before), mb(heap()))

		wrong := slices.Concat(calm.wrong, hammered.wrong)
		if len(calm.bad) > 0 {
			wrong = append(wrong, fmt.Errorf("in peace others saw: %v", calm.bad))
		}
		for what := range hammered.seen {
			if !slices.Contains([]string{seenFresh, seenBusy, seenSlowDown}, what) {
				wrong = append(wrong, fmt.Errorf("that member saw: %s", what))
			}
		}
		worse := hammered.worseThan(calm)
		if worse != nil {
			shared := w.storm(w.person)
			t.Logf("%v; while many asked, others waited %s", worse, shared)
			worse = hammered.worseThan(shared)
		}
		return errors.Join(append(wrong, worse)...)
	})
}

// weather is what a storm was like.
type weather struct {
	seen   map[string]int  // what those who made it saw
	firsts []time.Duration // what others waited for the first answer, in order of length
	bad    []string        // what others saw instead of progress
	wrong  []error         // others' answers that should not have been
}

func (s weather) quantile(percent int) time.Duration {
	return s.firsts[len(s.firsts)*percent/100]
}

func (s weather) String() string {
	return fmt.Sprintf("%s in the middle and %s at the 95th percentile", ms(s.quantile(50)), ms(s.quantile(95)))
}

// worseThan returns what others had to bear more than in another storm.
func (s weather) worseThan(other weather) error {
	if len(s.bad) > len(other.bad) {
		return fmt.Errorf("others saw: %v", s.bad)
	}
	if late := s.quantile(95) - other.quantile(95); late > 500*time.Millisecond {
		return fmt.Errorf("others wait %s longer", ms(late))
	}
	return nil
}

// storm has somebody ask a thousand times a second for three seconds, if that
// is given, while somebody new asks every 20 ms.
func (w *world) storm(somebody func() string) weather {
	const lasting = 3 * time.Second
	perSecond := 1000
	switch {
	case somebody == nil:
		perSecond = 0
	case underRace:
		perSecond = 150
	}
	var (
		mu     sync.Mutex
		asking sync.WaitGroup
		s      = weather{seen: map[string]int{}}
	)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	began := time.Now()
	for n := 0; time.Since(began) < lasting; n++ {
		<-tick.C
		for range perSecond / 100 {
			p := somebody()
			asking.Go(func() {
				saw, err := w.tries(p)
				if err != nil {
					saw.What = err.Error()
				}
				mu.Lock()
				defer mu.Unlock()
				s.seen[saw.What]++
			})
		}
		if n%2 == 1 {
			continue
		}
		other := w.person()
		asking.Go(func() {
			saw, err := w.tries(other)
			mu.Lock()
			defer mu.Unlock()
			s.add(saw, err)
		})
	}
	asking.Wait()
	slices.Sort(s.firsts)
	return s
}

// add adds what somebody else saw. Who saw no progress waited for nothing.
func (s *weather) add(saw sight, err error) {
	first := discordsim.AnswerWithin
	switch {
	case err != nil:
		s.wrong = append(s.wrong, fmt.Errorf("somebody else: %w", err))
	case saw.good():
		first = saw.First
	default:
		s.bad = append(s.bad, saw.What)
	}
	s.firsts = append(s.firsts, first)
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
