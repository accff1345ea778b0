package watch

import (
	"context"
	"errors"
	"sync"
	"time"

	"progressbot/progressapi"
)

// backoff pauses work that fails. The pause grows with every failure until
// something works again. The zero value is ready to use.
type backoff struct {
	mu     sync.Mutex
	row    int       // failures in a row, each with another person
	last   string    // the person it failed with last
	pauses int       // pauses in a row
	until  time.Time // end of the pause
}

// policy is how a backoff responds to a kind of failure.
type policy struct {
	threshold      int           // failures in a row until work pauses
	first, longest time.Duration // the first pause, and the bound to which it doubles
}

// policyFor returns how to respond to a look that failed by err. Where the
// fault may be with that person alone, others are tried before work pauses.
func policyFor(err error) policy {
	switch {
	case errors.Is(err, progressapi.ErrKeyRefused), errors.Is(err, progressapi.ErrPlanRefused):
		return policy{1, 30 * time.Second, 5 * time.Minute}
	case errors.Is(err, progressapi.ErrRateLimited):
		return policy{1, 5 * time.Second, 30 * time.Second}
	default:
		return policy{3, 5 * time.Second, 2 * time.Minute}
	}
}

// general reports whether err says nothing of the person who was looked at.
func general(err error) bool { return policyFor(err).threshold == 1 }

// storePolicy is the response to a failing store.
func storePolicy() policy { return policy{1, time.Second, 30 * time.Second} }

// worked notes that something works.
func (b *backoff) worked() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.row, b.pauses, b.last = 0, 0, ""
}

// failed notes a failure with a person, "" for nobody, and reports whether work
// pauses because of it. least is how long the pause must be, 0 if that is not
// known. What fails during a pause began before it, so it does not make the
// next one longer.
func (b *backoff) failed(now time.Time, who string, p policy, least time.Duration) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if who == "" || who != b.last {
		b.row++
	}
	b.last = who
	if b.row < p.threshold || now.Before(b.until) {
		return now.Before(b.until)
	}
	pause := min(p.first<<min(b.pauses, 10), p.longest)
	b.pauses++
	b.until = now.Add(max(pause, min(least, 15*time.Minute)))
	return true
}

// probing reports whether nothing has worked since the last pause.
func (b *backoff) probing() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pauses > 0
}

// paused reports whether work pauses.
func (b *backoff) paused(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return now.Before(b.until)
}

// wait waits until the pause is over.
func (b *backoff) wait(ctx context.Context) error {
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
