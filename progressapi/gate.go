package progressapi

import (
	"context"
	"time"
)

// Gate decides when an attempt may be made: a rate limit, a circuit breaker,
// a retry budget. The [Client] asks it before every attempt, retries
// included, and tells it how each attempt ended. Implementations must be
// safe for concurrent use.
type Gate interface {
	// Enter waits until an attempt may start. It returns an error that
	// matches [ErrUnavailable] or [ErrRateLimited] at once when waiting is
	// pointless, and ctx's error when that ends first. Where it returns
	// nil, the caller calls done exactly once with how the attempt ended.
	Enter(ctx context.Context, a Attempt) (done func(Outcome), err error)
}

// Attempt describes the attempt that asks to enter.
type Attempt struct {
	Background bool // nobody is waiting for the answer: people go first
	Retry      bool // not the first attempt of its call
}

// Outcome is how one attempt ended.
type Outcome struct {
	Err        error         // nil, or what the attempt will be reported as
	RetryAfter time.Duration // what a rate-limited answer asked for
	Took       time.Duration
}

type backgroundKey struct{}

// Background marks ctx as work for which nobody is waiting, so that a [Gate]
// lets people go first.
func Background(ctx context.Context) context.Context {
	return context.WithValue(ctx, backgroundKey{}, true)
}

// IsBackground reports whether ctx was marked by [Background].
func IsBackground(ctx context.Context) bool {
	b, _ := ctx.Value(backgroundKey{}).(bool)
	return b
}
