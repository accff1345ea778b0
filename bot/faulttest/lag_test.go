package faulttest

import (
	"errors"
	"sync"
	"testing"
	"time"
)

const (
	// muchLag is for how long a goroutine that is ready may wait for a
	// processor on a machine on which three seconds are three seconds.
	muchLag = 200 * time.Millisecond
	// minAttempts is how often at least something is tried on one that is
	// slower, and steadiness for how long.
	minAttempts = 4
	steadiness  = 2 * time.Minute
)

// steadily runs f. What it finds counts unless the machine stood still
// meanwhile: then f runs again, in a world of its own.
func steadily(t *testing.T, f func(t *testing.T) error) {
	t.Helper()
	lag := measureLag(t)
	deadline := time.Now().Add(steadiness)
	for attempt := 1; ; attempt++ {
		began := time.Now()
		err := f(t)
		if err == nil {
			return
		}
		last := attempt >= minAttempts && time.Now().After(deadline)
		if worst := lag.since(began); worst < muchLag || last {
			t.Errorf("%v (attempt %d, the machine stood still for %v)", err, attempt, worst)
			return
		}
	}
}

// steadilyIn is steadily for what happens in a world, which each attempt has
// new. What is wrong with it at the end counts as found by f.
func steadilyIn(t *testing.T, s setup, f func(w *world) error) {
	t.Helper()
	steadily(t, func(t *testing.T) error {
		t.Helper()
		w := newWorld(t, s)
		err := f(w) // before the world is closed
		return errors.Join(err, w.close())
	})
}

// lagMeter measures for how long the machine keeps goroutines waiting that
// are ready to run.
type lagMeter struct {
	mu    sync.Mutex
	stops []stop // the longest, in order of time
	last  time.Time
}

// stop is a time in which nothing moved.
type stop struct {
	end time.Time
	lag time.Duration
}

// measureLag measures until the test ends.
func measureLag(t *testing.T) *lagMeter {
	t.Helper()
	m := &lagMeter{last: time.Now()}
	done := make(chan struct{})
	var measuring sync.WaitGroup
	measuring.Go(func() {
		const every = 10 * time.Millisecond
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				m.ticked(every)
			case <-done:
				return
			}
		}
	})
	t.Cleanup(func() { close(done); measuring.Wait() })
	return m
}

func (m *lagMeter) ticked(every time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if lag := now.Sub(m.last) - every; lag > muchLag/2 {
		m.stops = append(m.stops, stop{now, lag})
	}
	m.last = now
}

// since returns the longest lag that there was after began, the one that may
// be under way included.
func (m *lagMeter) since(began time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	longest := time.Since(m.last)
	for _, s := range m.stops {
		if s.end.After(began) {
			longest = max(longest, s.lag)
		}
	}
	return longest
}
