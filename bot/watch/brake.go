package watch

import (
	"context"
	"errors"
	"sync"
	"time"

	"progressbot/progressapi"
)

// brake stops work that fails, for a while that grows with every failure
// until something works again. The zero value is ready to use.
type brake struct {
	mu    sync.Mutex
	row   int    // failures in a row, of somebody else each time
	last  string // with whom it failed last
	stops int    // stops in a row
	until time.Time
}

// grip is how a brake answers to a kind of failure.
type grip struct {
	patience       int           // with how many in a row it takes for a stop
	first, longest time.Duration // of the stop
}

// gripOf returns how to answer to a look that failed by err. Where the fault
// may lie with one person the next ones are tried first.
func gripOf(err error) grip {
	switch {
	case errors.Is(err, progressapi.ErrKeyRefused), errors.Is(err, progressapi.ErrPlanRefused):
		return grip{1, 30 * time.Second, 5 * time.Minute}
	case errors.Is(err, progressapi.ErrRateLimited):
		return grip{1, 5 * time.Second, 30 * time.Second}
	default:
		return grip{3, 5 * time.Second, 2 * time.Minute}
	}
}

// general reports whether err says nothing of the person who was looked at.
func general(err error) bool { return gripOf(err).patience == 1 }

// storeGrip is the answer to a failing store.
func storeGrip() grip { return grip{1, time.Second, 30 * time.Second} }

// worked notes that something works.
func (b *brake) worked() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.row, b.stops, b.last = 0, 0, ""
}

// failed notes a failure with somebody, or "" for nobody, and reports whether
// the brake is on by it. least is how long the stop must be, 0 if that is not
// known. What fails during a stop began before it, so it does not make the
// next one longer.
func (b *brake) failed(now time.Time, who string, g grip, least time.Duration) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if who == "" || who != b.last {
		b.row++
	}
	b.last = who
	if b.row < g.patience || now.Before(b.until) {
		return now.Before(b.until)
	}
	stop := min(g.first<<min(b.stops, 10), g.longest)
	b.stops++
	b.until = now.Add(max(stop, min(least, 15*time.Minute)))
	return true
}

// probing reports whether nothing has worked since the last stop.
func (b *brake) probing() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stops > 0
}

// on reports whether the brake is on.
func (b *brake) on(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return now.Before(b.until)
}

// wait waits until the brake is off.
func (b *brake) wait(ctx context.Context) error {
	for {
		b.mu.Lock()
		left := time.Until(b.until)
		b.mu.Unlock()
		if left <= 0 {
			return ctx.Err()
		}
		if err := sleep(ctx, left); err != nil {
			return err
		}
	}
}
