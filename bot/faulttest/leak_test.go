package faulttest

import (
	"errors"
	"flag"
	"sync"
	"testing"
	"time"

	"progressbot/bot/discordsim"
)

var leakCount = flag.Int("leak", defaultLeakCount(), "interactions in the leak test")

func defaultLeakCount() int {
	if underRace {
		return 2000
	}
	return 8000
}

// TestNothingLeaksPerInteraction answers many interactions and looks at the
// live heap after a tenth of them and after all. discordgo's own calls leave
// a rate limit bucket behind for each, with its token, of 250 to 440 bytes.
func TestNothingLeaksPerInteraction(t *testing.T) {
	w := newWorld(t, setup{Memory: true, Discord: discordsim.Options{
		RouteLimit: -1, GlobalLimit: -1, KeepInteractions: 64, KeepMessages: 16,
	}, Env: map[string]string{"CACHE_TTL": "1h", "GOGC": "20"}}) // what is live shows within a fifth
	w.late = true
	p := w.exec()
	if err := w.awaitReady(); err != nil {
		t.Fatalf("%v; log:\n%s", err, p.log)
	}
	few := *leakCount / 10
	people := make([]string, min(few/4, 500)) // everybody is known after a few
	for i := range people {
		people[i] = w.person()
	}
	began := time.Now()
	before := p.heapAfter(t, people, few)
	after := p.heapAfter(t, people, *leakCount-few)
	rate := float64(*leakCount) / time.Since(began).Seconds()
	grown := int64(after - before)
	t.Logf("live heap after %d interactions: %s; after %d: %s; %.0f bytes for each between; %.0f interactions/s",
		few, mb(before), *leakCount, mb(after), float64(grown)/float64(*leakCount-few), rate)
	if limit := leakLimit(*leakCount - few); grown > limit {
		t.Errorf("the live heap grew by %s, want at most %s", mb(grown), mb(limit))
	}
}

// heapAfter has people ask n times in all, and returns the live heap of the
// bot after that.
func (p *process) heapAfter(t *testing.T, people []string, n int) float64 {
	t.Helper()
	answer(t, p.w, people, n)
	now, err := p.settled()
	if err != nil {
		t.Fatal(err)
	}
	return now.next / 1.2
}

// leakLimit is what may be added to the heap by n interactions: 5 MB however
// many there are, and less for few. Up to 16,384 are remembered, to recognise
// those that come twice.
func leakLimit(n int) int64 {
	const most, noise, remembered = 5 << 20, 800 << 10, 100
	return min(most, noise+remembered*int64(n))
}

// answer has people ask n times in all, and waits for the answers.
func answer(t *testing.T, w *world, people []string, n int) {
	t.Helper()
	const atOnce = 16
	var (
		asking sync.WaitGroup
		slots  = make(chan struct{}, atOnce)
		failed = make(chan error, 1)
	)
	for i := range n {
		slots <- struct{}{}
		asking.Go(func() {
			defer func() { <-slots }()
			s, err := w.tries(people[i%len(people)])
			if err == nil && s.What != seenFresh && s.What != seenNoAnswer {
				err = errors.New(s.What)
			}
			if err != nil {
				select {
				case failed <- err:
				default:
				}
			}
		})
	}
	asking.Wait()
	select {
	case err := <-failed:
		t.Fatal(err)
	default:
	}
}
