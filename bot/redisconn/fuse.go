package redisconn

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrSilent is the error of operations that are not tried, because the server
// gave no answer lately.
var ErrSilent = errors.New("redis does not answer")

// probeEvery is how often a silent server is looked after, at most.
const probeEvery = 250 * time.Millisecond

// fuse fails operations at once while the server is silent, in place of
// having each wait for as long as it may. It is a [redis.Hook].
//
// Whoever gets no answer has the server pinged; a ping without an answer
// blows the fuse, and one with an answer mends it. Each ping is brought about
// by an operation and takes no longer than limit, so nothing runs while
// nobody asks, or once the client is closed.
type fuse struct {
	ping  func(context.Context) error
	limit time.Duration

	mu      sync.Mutex
	blown   bool
	pinging bool
	next    time.Time // when the next ping may begin
}

var _ redis.Hook = (*fuse)(nil)

// DialHook implements [redis.Hook].
func (f *fuse) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements [redis.Hook].
func (f *fuse) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if f.stops(ctx) {
			cmd.SetErr(ErrSilent)
			return ErrSilent
		}
		err := next(ctx, cmd)
		f.note(ctx, err)
		return err
	}
}

// ProcessPipelineHook implements [redis.Hook].
func (f *fuse) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if f.stops(ctx) {
			for _, cmd := range cmds {
				cmd.SetErr(ErrSilent)
			}
			return ErrSilent
		}
		err := next(ctx, cmds)
		f.note(ctx, err)
		return err
	}
}

// probe marks the context of a ping of the fuse's own.
type probe struct{}

// stops reports whether an operation must not be tried.
func (f *fuse) stops(ctx context.Context) bool {
	if ctx.Value(probe{}) != nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.blown {
		f.look()
	}
	return f.blown
}

// note takes in how an operation ended.
func (f *fuse) note(ctx context.Context, err error) {
	if ctx.Value(probe{}) == nil && unanswered(err) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.look()
	}
}

// unanswered reports whether an operation ended because time ran out, its
// caller's or its own.
func unanswered(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, redis.ErrPoolTimeout)
}

// look has the server pinged, unless it is or was a moment ago. The caller
// holds mu.
func (f *fuse) look() {
	if f.pinging || time.Now().Before(f.next) {
		return
	}
	f.pinging = true
	go func() {
		ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), probe{}, true), f.limit)
		defer cancel()
		err := f.ping(ctx)
		f.mu.Lock()
		defer f.mu.Unlock()
		f.pinging, f.next = false, time.Now().Add(probeEvery)
		f.blown = unanswered(err)
	}()
}
