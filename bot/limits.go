package bot

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"
)

var (
	// errRateLimited: Discord asked to wait for longer than the caller can.
	errRateLimited = errors.New("rate limited for longer than there is time")
	// errTooManyRefusals is returned instead of sending a call that, with the
	// recent refusals, could make Discord block the bot's address.
	errTooManyRefusals = errors.New("too many refused requests lately")
)

const (
	// maxBuckets bounds how many exhausted rate limits are remembered.
	maxBuckets = 4096
	// Discord blocks an address after 10,000 refused requests within ten
	// minutes. The difference is left for answers to interactions, which are
	// never held back.
	maxRefusals    = 8000
	refusalsWindow = 10 * time.Minute
)

// limits tracks Discord's rate limits. It is safe for concurrent use.
type limits struct {
	mu      sync.Mutex
	global  time.Time            // until when no authorized call may be sent
	buckets map[string]time.Time // until when no call of a bucket may be sent

	refusals []time.Time // the last ones, maxRefusals at most
	oldest   int         // where in them, once there are that many
}

func newLimits() *limits {
	return &limits{buckets: make(map[string]time.Time)}
}

// enter waits until c may be sent. If that is after ctx's deadline, it returns
// errRateLimited at once.
func (l *limits) enter(ctx context.Context, c *call) error {
	for {
		wait, err := l.delay(c, time.Now())
		if err != nil {
			return err
		}
		if wait <= 0 {
			return ctx.Err()
		}
		if !pause(ctx, wait) {
			return errors.Join(errRateLimited, ctx.Err())
		}
	}
}

// delay returns how long c has to wait at now. Calls on an interaction's
// token are outside the bot's global limit.
func (l *limits) delay(c *call, now time.Time) (time.Duration, error) {
	if c.bare() {
		return 0, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.refusals) == maxRefusals && now.Sub(l.refusals[l.oldest]) < refusalsWindow {
		return 0, errTooManyRefusals
	}
	return max(l.global.Sub(now), l.buckets[c.bucket].Sub(now)), nil
}

// learn updates the limits from an answer to c: its headers and, unless it was
// a success, the refusal.
func (l *limits) learn(c *call, h http.Header, refusal *apiError) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count(refusal, now)
	limited := refusal != nil && refusal.Status == http.StatusTooManyRequests
	switch {
	case limited && refusal.Global:
		l.global = later(l.global, now.Add(refusal.RetryAfter))
	case c.bare():
	case limited:
		l.remember(c.bucket, now.Add(refusal.RetryAfter), now)
	case h.Get("X-RateLimit-Remaining") == "0":
		if after, err := strconv.ParseFloat(h.Get("X-RateLimit-Reset-After"), 64); err == nil && after > 0 {
			l.remember(c.bucket, now.Add(seconds(after)), now)
		}
	}
}

// count counts the refusals that Discord counts against the address.
func (l *limits) count(refusal *apiError, now time.Time) {
	if refusal == nil || refusal.Shared {
		return
	}
	switch refusal.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
	default:
		return
	}
	if len(l.refusals) < maxRefusals {
		l.refusals = append(l.refusals, now)
		return
	}
	l.refusals[l.oldest] = now
	l.oldest = (l.oldest + 1) % maxRefusals
}

// remember stores an exhausted bucket. If there are too many, it removes the
// expired ones; if none is, the bucket is not stored, and the next call of it
// meets a 429.
func (l *limits) remember(bucket string, until, now time.Time) {
	if len(l.buckets) >= maxBuckets {
		for b, t := range l.buckets {
			if !t.After(now) {
				delete(l.buckets, b)
			}
		}
	}
	if known, found := l.buckets[bucket]; found || len(l.buckets) < maxBuckets {
		l.buckets[bucket] = later(known, until)
	}
}

// later returns the later of two times: answers may come in another order than
// they were given in, so a longer wait that is known stays.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
