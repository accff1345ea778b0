package bot

import (
	"context"
	"math/rand/v2"
	"time"
)

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pause waits for d. If ctx's deadline leaves no time for another attempt after
// that, it returns false at once.
func pause(ctx context.Context, d time.Duration) bool {
	const roomForAnAttempt = 50 * time.Millisecond
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d+roomForAnAttempt {
		return false
	}
	return sleep(ctx, d) == nil
}

// maxBackoff bounds the time without a connection after an outage.
const maxBackoff = 20 * time.Second

// backoff returns how long to wait after a number of failures in a row: a
// moment after the first, then exponentially longer, with jitter so that shards
// do not reconnect all at once. It is never zero, because discordgo's heartbeat
// goroutine may still use the old connection and must not see the next one.
func backoff(failures int) time.Duration {
	if failures <= 1 {
		return 50*time.Millisecond + rand.N(200*time.Millisecond)
	}
	d := min(time.Second<<min(failures-2, 10), maxBackoff)
	return d/2 + rand.N(d/2)
}
