package announce

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"progressbot/bot/store"
	"progressbot/progressapi/outage"
)

const (
	// idle is the longest pause. It bounds how late an outbox is found that
	// another process added to and did not live to work on.
	idle = 30 * time.Second
	// hasty is the pause while an outbox is due that somebody else has
	// leased.
	hasty = time.Second
	// A store that cannot be asked is asked again after these pauses.
	faultLeast, faultMost = time.Second, 30 * time.Second
	// countEvery is how often the backlog is counted.
	countEvery = time.Minute
	// drainTime is how long work in hand may take at the end. The rest of
	// StopTime is for writing down what became of it.
	drainTime = 6 * time.Second
	// bookkeeping is how long writing to the ledger may take.
	bookkeeping = 5 * time.Second
)

// StopTime is how long [Announcer.Run] takes to stop at most.
const StopTime = 8 * time.Second

// Run works on the ledger until ctx ends, and then finishes what it has in
// hand, within [StopTime]. It runs once.
func (a *Announcer) Run(ctx context.Context) {
	books, closeBooks := context.WithCancel(context.WithoutCancel(ctx))
	defer closeBooks()
	work, stop := context.WithCancel(books)
	defer stop()
	r := &runner{a: a, work: work, books: books, slots: make(chan struct{}, a.o.Workers)}
	r.unread = outage.New(outage.Options{
		Log: a.o.Log, Level: slog.LevelError, Quiet: 2 * a.o.Lease, // an outbox that is damaged is met once a lease
		Begun: "announcements: ledger cannot be read", Ended: "announcements: ledger can be read again",
	})
	for ctx.Err() == nil {
		r.count(ctx)
		a.sleep(ctx, r.round(ctx))
	}
	defer time.AfterFunc(drainTime, stop).Stop()
	defer time.AfterFunc(StopTime, closeBooks).Stop()
	r.wg.Wait()
}

// sleep returns after d, when there may be something to do, or when ctx ends.
func (a *Announcer) sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-a.wake:
	case <-ctx.Done():
	}
}

// runner is one run of an announcer.
type runner struct {
	a     *Announcer
	work  context.Context // of work in hand; outlives the run's own
	books context.Context // of writing down what became of it; outlives work
	slots chan struct{}   // holds one for each outbox in hand
	wg    sync.WaitGroup

	unread  *outage.Watch
	faults  int       // rounds in a row in which the store failed
	counted time.Time // when the backlog was
}

// round takes on as much as there is room for and returns how long there is
// nothing more to do. An outbox that is done ends the sleep.
func (r *runner) round(ctx context.Context) time.Duration {
	r.claimUrgent(ctx)
	free := cap(r.slots) - len(r.slots)
	if free == 0 {
		return idle
	}
	boxes, err := r.a.o.Store.ClaimOutboxes(ctx, r.a.o.Now(), free, r.a.o.Lease)
	for _, box := range boxes {
		r.start(box)
	}
	if err != nil {
		return r.fault(ctx, err)
	}
	if len(boxes) == free {
		return idle
	}
	next, err := r.a.o.Store.NextOutbox(ctx)
	switch {
	case errors.Is(err, store.ErrNotFound):
		r.worked()
		return idle
	case err != nil:
		return r.fault(ctx, err)
	}
	r.worked()
	wait := next.Sub(r.a.o.Now())
	if wait <= 0 { // in somebody's hands
		return hasty
	}
	return min(wait, idle)
}

// claimUrgent takes on what somebody waits for. What it cannot have is in
// other hands already.
func (r *runner) claimUrgent(ctx context.Context) {
	for _, key := range r.a.takeUrgent(cap(r.slots) - len(r.slots)) {
		box, err := r.a.o.Store.ClaimOutbox(ctx, key.server, key.person, r.a.o.Now(), r.a.o.Lease)
		if err == nil {
			r.start(box)
		}
	}
}

// worked notes that the store works.
func (r *runner) worked() {
	r.faults = 0
	r.unread.Worked()
}

// fault notes that the store failed and returns how long to leave it alone.
func (r *runner) fault(ctx context.Context, err error) time.Duration {
	if ctx.Err() != nil {
		return 0
	}
	r.unread.Failed(err)
	pause := min(faultLeast<<min(r.faults, 10), faultMost)
	r.faults++
	return pause
}

// start works on an outbox.
func (r *runner) start(box store.Outbox) {
	r.slots <- struct{}{}
	r.wg.Go(func() {
		defer func() {
			<-r.slots
			r.a.finish(boxKey{box.Server, box.Person})
			r.a.Notify()
		}()
		r.process(box)
	})
}

// count brings the gauges up to date now and then.
func (r *runner) count(ctx context.Context) {
	now := r.a.o.Now()
	if now.Sub(r.counted) < countEvery {
		return
	}
	r.counted = now
	if backlog, err := r.a.o.Store.Backlog(ctx, now); err == nil { // else the next round tells
		r.a.meters.backlog(backlog)
	}
}

// process works on a leased outbox and gives it back. After a fault of the
// ledger it keeps the lease, which ends by itself: that is the pause before
// the next attempt.
func (r *runner) process(box store.Outbox) {
	log := r.a.o.Log.With(slog.String("guild", box.Server), slog.String("user", box.Person))
	// What is left of the lease is for writing down the outcome.
	ctx, cancel := context.WithTimeout(r.work, r.a.o.Lease*3/4)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			log.LogAttrs(ctx, slog.LevelError, "announcements: panic", slog.Any("err", v), slog.String("stack", string(debug.Stack())))
		}
	}()
	j := &job{a: r.a, books: r.books, box: box, log: log}
	if err := j.run(ctx); err != nil {
		log.LogAttrs(ctx, slog.LevelWarn, "announcements: ledger fault", slog.Any("err", err))
		return
	}
	ctx, cancel = j.afterwards()
	defer cancel()
	if err := r.a.o.Store.Release(ctx, box); err != nil {
		log.LogAttrs(ctx, slog.LevelWarn, "announcements: ledger fault", slog.Any("err", err))
	}
}

// afterwards returns a context for writing down what was done, although the
// time for doing it is over.
func (j *job) afterwards() (context.Context, context.CancelFunc) {
	return context.WithTimeout(j.books, bookkeeping)
}
