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

// Fuse fails operations of a client at once while the server is silent, in
// place of having each wait for as long as it may. It is a [redis.Hook]; make
// one with [AddFuse]. Callers that limit by themselves what a silent server
// costs them need none.
//
// Whoever gets no answer has the server pinged; a ping without an answer
// blows the fuse, and one with an answer mends it. Each ping is brought about
// by an operation, so nothing runs while nobody asks.
type Fuse struct {
	ping  func(context.Context) error
	limit time.Duration

	base    context.Context // of pings; ends with Close
	stop    context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	blown   bool
	pinging bool
	next    time.Time // when the next ping may begin
}

// AddFuse gives a client a fuse: once the server has left an operation
// unanswered, and then takes longer than limit to answer ping, operations
// fail with [ErrSilent] until it answers again. ping asks the server that the
// operations are for, by way of the client and with the context it is given:
// in a cluster it has to name a key of theirs, because a command without one
// goes to any server. The caller closes the fuse, and the client after it.
func AddFuse(client redis.UniversalClient, limit time.Duration, ping func(context.Context) error) *Fuse {
	f := newFuse(limit, ping)
	client.AddHook(f)
	return f
}

func newFuse(limit time.Duration, ping func(context.Context) error) *Fuse {
	f := &Fuse{ping: ping, limit: limit}
	f.base, f.stop = context.WithCancel(context.WithValue(context.Background(), probe{}, true))
	return f
}

// Close ends the ping under way, if there is one, and returns when it has
// ended. There are none after it.
func (f *Fuse) Close() {
	f.mu.Lock()
	f.stop()
	f.mu.Unlock()
	f.running.Wait()
}

var _ redis.Hook = (*Fuse)(nil)

// DialHook implements [redis.Hook].
func (f *Fuse) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements [redis.Hook].
func (f *Fuse) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
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
func (f *Fuse) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
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
func (f *Fuse) stops(ctx context.Context) bool {
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
func (f *Fuse) note(ctx context.Context, err error) {
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
func (f *Fuse) look() {
	if f.pinging || f.base.Err() != nil || time.Now().Before(f.next) {
		return
	}
	f.pinging = true
	f.running.Go(func() {
		ctx, cancel := context.WithTimeout(f.base, f.limit)
		defer cancel()
		err := f.ping(ctx)
		f.mu.Lock()
		defer f.mu.Unlock()
		f.pinging, f.next = false, time.Now().Add(probeEvery)
		f.blown = unanswered(err)
	})
}
