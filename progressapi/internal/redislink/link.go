package redislink

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"progressbot/progressapi/outage"
)

// DefaultBudget is how long one operation may take.
const DefaultBudget = 50 * time.Millisecond

// The pauses between pings of a server that is cut off.
const (
	firstPing = 250 * time.Millisecond
	lastPing  = 2 * time.Second
)

// quiet is how long a fault must be gone to count as over.
const quiet = 5 * time.Second

var (
	// ErrDown is the error of operations while the line is cut.
	ErrDown = errors.New("redis is cut off")
	// ErrLeft is matched by the error of an operation whose caller gave it
	// less than the budget, or left; it says nothing about the server.
	ErrLeft = errors.New("the caller's time ran out")
)

// Options are the choices of a [Link]. Log is required.
type Options struct {
	Budget time.Duration // per operation; default [DefaultBudget]
	Log    *slog.Logger
	Part   string // what uses the link, for the log
}

// Link is the way to a Redis. The nil *Link is one that is always cut.
type Link struct {
	client redis.UniversalClient
	budget time.Duration
	silent *outage.Watch // gives no answer
	closed *outage.Watch // refuses writes

	up atomic.Bool

	mu      sync.Mutex
	ended   bool
	since   time.Time     // of the last recovery
	pause   time.Duration // before the first ping of the next outage
	base    context.Context
	stop    context.CancelFunc
	running sync.WaitGroup
}

// New returns a Link to the server of client, or nil if client is nil. It
// connects to nothing yet. The client stays the caller's to close, after the
// Link.
func New(client redis.UniversalClient, o Options) *Link {
	if client == nil {
		return nil
	}
	if o.Budget <= 0 {
		o.Budget = DefaultBudget
	}
	log := o.Log.With("part", o.Part)
	l := &Link{
		client: client,
		budget: o.Budget,
		pause:  firstPing,
		silent: outage.New(outage.Options{
			Log: log, Level: slog.LevelWarn, Quiet: quiet,
			Begun: "redis does not answer, going on without it", Ended: "redis answers again",
		}),
		closed: outage.New(outage.Options{
			Log: log, Level: slog.LevelWarn, Quiet: quiet,
			Begun: "redis refuses to write", Ended: "redis writes again",
		}),
	}
	l.base, l.stop = context.WithCancel(context.Background())
	l.up.Store(true)
	return l
}

// Up reports whether operations are tried at all.
func (l *Link) Up() bool { return l != nil && l.up.Load() }

// Read runs one operation that changes nothing. Its error is [ErrDown] where
// the line is cut; [redis.Nil] is passed on and no fault.
func (l *Link) Read(ctx context.Context, f func(context.Context, redis.UniversalClient) error) error {
	if !l.Up() {
		return ErrDown
	}
	return l.run(ctx, f)
}

// Write runs one operation that changes something. Its error is like that of
// [Link.Read].
func (l *Link) Write(ctx context.Context, f func(context.Context, redis.UniversalClient) error) error {
	if !l.Up() {
		return ErrDown
	}
	err := l.run(ctx, f)
	switch {
	case err == nil:
		l.closed.Worked()
	case refusedWrite(err):
		l.closed.Failed(err)
	}
	return err
}

// Insist is [Link.Write] for an operation that must be tried even while the
// line is cut, and may take until ctx ends.
func (l *Link) Insist(ctx context.Context, f func(context.Context, redis.UniversalClient) error) error {
	if l == nil {
		return ErrDown
	}
	return f(ctx, l.client)
}

// Close ends the pings and returns when they have ended.
func (l *Link) Close() {
	if l == nil {
		return
	}
	l.mu.Lock()
	l.ended = true
	l.mu.Unlock()
	l.up.Store(false)
	l.stop()
	l.running.Wait()
}

func (l *Link) run(ctx context.Context, f func(context.Context, redis.UniversalClient) error) error {
	limited, cancel := context.WithTimeout(ctx, l.budget)
	defer cancel()
	// A connection can time out a moment before the context that set its
	// deadline says so, so that is not left to be asked afterwards.
	deadline, ok := ctx.Deadline()
	hasty := ok && time.Until(deadline) < l.budget
	err := f(limited, l.client)
	switch {
	case err == nil, errors.Is(err, redis.Nil):
		l.silent.Worked()
	case Replied(err):
	case hasty || ctx.Err() != nil:
		return errors.Join(ErrLeft, err)
	default:
		l.cut(err)
	}
	return err
}

// cut notes that the server gave no answer, and begins to ping it.
func (l *Link) cut(err error) {
	l.silent.Failed(err)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended || !l.up.CompareAndSwap(true, false) {
		return
	}
	if time.Since(l.since) > 10*lastPing {
		l.pause = firstPing // It was well for a while.
	}
	l.running.Go(l.ping)
}

// ping restores the line when the server answers within the budget. A server
// that is soon cut off again is given longer each time.
func (l *Link) ping() {
	for {
		l.mu.Lock()
		pause := l.pause
		l.pause = min(2*pause, lastPing)
		l.mu.Unlock()
		timer := time.NewTimer(pause - rand.N(pause/4))
		select {
		case <-l.base.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		if l.alive() {
			return
		}
	}
}

func (l *Link) alive() bool {
	// The first has time to connect, which may take several rounds; the
	// second shows that the budget will do.
	if !l.pinged(connecting*l.budget) || !l.pinged(l.budget) {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return true
	}
	l.since = time.Now()
	l.up.Store(true)
	l.silent.Worked()
	return true
}

// maxBroken bounds how many pooled connections one ping may find broken.
const maxBroken = 32

// connecting is how many budgets a ping may take that has to connect.
const connecting = 4

// pinged pings the server. Connections from before the fault are in the pool
// still, and fail one by one.
func (l *Link) pinged(within time.Duration) bool {
	ctx, cancel := context.WithTimeout(l.base, within)
	defer cancel()
	for range maxBroken {
		err := l.client.Ping(ctx).Err()
		if err == nil {
			return true
		}
		if !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
			return false
		}
	}
	return false
}

// Prefixes of error replies that concern the one operation. Any other error
// reply (LOADING, CLUSTERDOWN, NOAUTH, BUSY…) comes from a server that cannot be
// used at all. The first group says that it accepts no writes at present: it is
// full, a replica, or cannot save.
func writeRefusals() []string { return []string{"OOM", "READONLY", "MISCONF", "NOREPLICAS"} }
func otherRefusals() []string {
	return []string{"WRONGTYPE", "NOSCRIPT", "ERR", "EXECABORT", "CROSSSLOT"}
}

// Replied reports whether err is an error reply that concerns one operation
// only, so that the server can be used for others.
func Replied(err error) bool {
	reply, ok := errors.AsType[redis.Error](err)
	if !ok {
		return false
	}
	isPrefix := func(prefix string) bool { return strings.HasPrefix(reply.Error(), prefix) }
	return slices.ContainsFunc(writeRefusals(), isPrefix) || slices.ContainsFunc(otherRefusals(), isPrefix)
}

// refusedWrite reports whether err says that the server accepts no writes. The
// error of a script has the reason within its text.
func refusedWrite(err error) bool {
	return Replied(err) && slices.ContainsFunc(writeRefusals(), func(word string) bool {
		return strings.Contains(err.Error(), word)
	})
}
