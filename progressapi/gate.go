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
	// Enter waits until an attempt may start. It returns an error at once
	// when waiting is pointless: one that matches [ErrUnavailable],
	// [ErrRateLimited], or [ErrKeyRefused] or [ErrPlanRefused] where that is
	// all that the API has said lately. It returns ctx's error when that ends
	// first. Where it returns
	// nil, the caller calls done exactly once with how the attempt ended.
	// Where it refuses a repetition, the call fails as its last attempt did.
	Enter(ctx context.Context, a Attempt) (done func(Outcome), err error)
}

// Attempt describes the attempt that asks to enter.
type Attempt struct {
	Background bool // nobody is waiting for the answer: people go first
	Retry      bool // not the first attempt of its call
}

// Outcome is how one attempt ended.
//
// Not every error speaks against asking on: [ErrNotFound] is an answer like
// any other, and an error that matches [context.Canceled] only says that the
// caller lost interest.
type Outcome struct {
	Err        error         // nil, or the [*Error] that the attempt will be reported as
	RetryAfter time.Duration // what the API asked to wait, 0 if it did not
	Took       time.Duration // from sending to the last byte, decoding included
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
