package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"golang.org/x/time/rate"

	"progressbot/bot/store"
	"progressbot/progressapi/cache"
)

const (
	// Share is the part of the API's budget that is a good [Options.Rate]:
	// the other half is for people, who go first anyway.
	Share        = 0.5
	defaultLease = 2 * time.Minute

	batchTime  = 5 * time.Second // for how much time looks are claimed at once
	maxBatch   = 100
	maxAtOnce  = 32              // looks under way
	idlePoll   = 2 * time.Second // how often an empty queue is asked
	countEvery = time.Minute     // how often the queue is counted, for metrics
	minRate    = 1e-3            // per second
)

// Store is the part of the store that the watcher needs. [store.Store] says
// what the methods do.
type Store interface {
	ClaimDue(ctx context.Context, now time.Time, n int, lease time.Duration) ([]store.Claim, error)
	ClaimPerson(ctx context.Context, person string, now time.Time, lease time.Duration) (store.Claim, error)
	Return(ctx context.Context, returns ...store.Returned) (lost []string, err error)
	Backlog(ctx context.Context, now time.Time) (store.Backlog, error)
}

// Fetcher gives the API's answers about people. The watcher marks its
// requests by [progressapi.Background].
type Fetcher interface {
	// Programs returns all programs of a person, fresh ones: a stand-in
	// counts as the error that it stands in for. Errors match one of
	// progressapi's sentinels; nobody yet is an empty answer.
	Programs(ctx context.Context, userID string, want cache.Want) (cache.Snapshot, error)
}

// Options are the choices of a [Watcher].
type Options struct {
	// Rate is how many looks per second are made at most, and are planned
	// for; it must be positive. Each look asks the API once, and more often
	// only where the client repeats a request that failed. Processes that
	// share a store each keep to it and plan for it together; what all of
	// them and people ask at one time is the API gate's to limit.
	Rate float64
	// Lease is how long a claim is held at most, and what comes back when the
	// process dies is delayed by. All time-outs follow from it. Default
	// 2 minutes.
	Lease time.Duration

	Log     *slog.Logger // default: none
	Metrics *metrics.Set // default: none; one set for each Watcher
}

func (o *Options) setDefaults() {
	o.Rate = max(o.Rate, minRate)
	if o.Lease <= 0 {
		o.Lease = defaultLease
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = metrics.NewSet()
	}
}

// The time-outs of one look; together they are less than a quarter of the
// lease. With the default the last two are 5 s and 3 s, within what a process
// may take to end.
func (o *Options) fetchTimeout() time.Duration  { return o.Lease / 8 }
func (o *Options) takeTimeout() time.Duration   { return o.Lease / 24 }
func (o *Options) returnTimeout() time.Duration { return o.Lease / 40 }

// batch is how many looks are claimed at once.
func (o *Options) batch() int {
	return max(1, min(int(o.Rate*batchTime.Seconds()), maxBatch))
}

// Watcher looks for completions. Make one with [New].
type Watcher struct {
	store Store
	fetch Fetcher
	sink  Sink
	o     Options

	limit  *rate.Limiter
	room   chan struct{} // holds one for each look under way
	looks  backoff       // over the API and the sink
	queue  backoff       // over the store
	load   *load
	meter  *meters
	faults *faults

	asked   chan answer  // from Observe
	counted time.Time    // when the queue was last counted; of Run's goroutine
	kept    atomic.Int64 // claims that could not be given back at the end

	mu   sync.Mutex
	busy map[string]struct{} // persons who are being looked at
}

// New returns a Watcher that finds completions in what f tells of the people
// whom s follows, and hands them to sink.
func New(s Store, f Fetcher, sink Sink, o Options) *Watcher {
	o.setDefaults()
	w := &Watcher{
		store: s, fetch: f, sink: sink, o: o,
		limit:  rate.NewLimiter(rate.Limit(o.Rate), 1),
		room:   make(chan struct{}, max(2, min(int(math.Ceil(o.Rate*2)), maxAtOnce))),
		load:   newLoad(o.Rate),
		meter:  newMeters(o.Metrics),
		faults: newFaults(o.Log),
		asked:  make(chan answer, maxAsked),
		busy:   map[string]struct{}{},
	}
	w.gauges(o.Metrics)
	return w
}

// Run looks for completions until ctx ends. Then it cancels requests to the
// API, finishes what has been answered and gives back its claims, all within a
// twelfth of the lease. An error says that claims could not be given back; they
// return when their lease ends.
func (w *Watcher) Run(ctx context.Context) error {
	w.kept.Store(0)
	var work sync.WaitGroup
	work.Go(func() { w.takeIn(ctx) })
	for ctx.Err() == nil {
		w.round(ctx, &work)
	}
	work.Wait()
	if n := w.kept.Load(); n > 0 {
		return fmt.Errorf("give back claims: %d are held until their lease ends", n)
	}
	return nil
}

// round claims people who are due and begins to look at them.
func (w *Watcher) round(ctx context.Context, work *sync.WaitGroup) {
	if w.queue.wait(ctx) != nil || w.looks.wait(ctx) != nil || w.limit.Wait(ctx) != nil {
		return
	}
	w.count(ctx)
	began := time.Now()
	claims, err := w.claim(ctx, began)
	if err != nil {
		return
	}
	if len(claims) == 0 {
		_ = sleep(ctx, idlePoll) // Run sees for itself that ctx has ended.
		return
	}
	for i, c := range claims {
		if err := w.turn(ctx, began, i == 0); err != nil {
			w.giveBack(ctx, asTheyCame(claims[i:])...)
			return
		}
		if w.looks.probing() {
			w.look(ctx, c)
			continue
		}
		work.Go(func() { w.look(ctx, c) })
	}
}

// errLate says that claims cannot be looked at just now.
var errLate = errors.New("no time left for a look")

// turn waits until the next look may begin; for the first claim of a round the
// rate limiter has been waited for already. It returns an error if the claims
// have to go back.
func (w *Watcher) turn(ctx context.Context, claimed time.Time, first bool) error {
	if !first {
		if err := w.limit.Wait(ctx); err != nil {
			return err
		}
	}
	before := time.Now()
	select {
	case w.room <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	now := time.Now()
	w.load.began(now, now.Sub(before))
	if ctx.Err() != nil || w.looks.paused(now) || now.Sub(claimed) > w.o.Lease*3/4 {
		<-w.room
		return errLate
	}
	return nil
}

// count counts the queue now and then, for metrics.
func (w *Watcher) count(ctx context.Context) {
	now := time.Now()
	if now.Sub(w.counted) < countEvery {
		return
	}
	w.counted = now
	ctx, cancel := context.WithTimeout(ctx, w.o.returnTimeout())
	defer cancel()
	if backlog, err := w.store.Backlog(ctx, now); err == nil {
		w.meter.follows.Store(int64(backlog.Follows))
		w.meter.due.Store(int64(backlog.FollowsDue))
	}
}

// sleep waits for d, or for ctx to end.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
