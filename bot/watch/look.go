package watch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"progressbot/bot/store"
	"progressbot/progressapi"
	"progressbot/progressapi/cache"
)

const (
	// failFirst and failLongest bound for how long a person is put off with
	// whom a look fails.
	failFirst, failLongest = 30 * time.Second, 15 * time.Minute
	// maxSkew is how far ahead another process's clock may be. What was seen
	// even later does not count: some clock was wrong.
	maxSkew = time.Minute
)

// answer is what the API said about a person.
type answer struct {
	person   string
	programs []progressapi.Program
	fetched  time.Time
	asked    bool // somebody else had asked for it
}

// look asks the API about a claimed person and takes in the answer. It frees
// the room that was taken for it.
func (w *Watcher) look(ctx context.Context, c store.Claim) {
	defer func() { <-w.room }()
	w.setBusy(c.Person, true)
	defer w.setBusy(c.Person, false)
	a, err := w.ask(ctx, c.Person)
	if err != nil && ctx.Err() != nil {
		w.giveBack(ctx, asTheyCame([]store.Claim{c})...)
		return
	}
	if err != nil {
		w.lookFailed(ctx, c, err)
		return
	}
	if w.digest(ctx, c, a) {
		w.looks.worked()
		w.faults.api.Worked()
	}
}

// ask fetches a fresh answer about a person.
func (w *Watcher) ask(ctx context.Context, person string) (a answer, err error) {
	ctx, cancel := context.WithTimeout(progressapi.Background(ctx), w.o.fetchTimeout())
	defer cancel()
	defer guard(&err)
	s, err := w.fetch.Programs(ctx, person, cache.OnlyFresh)
	switch {
	case errors.Is(err, progressapi.ErrNotFound):
		return answer{person: person, fetched: time.Now()}, nil
	case err != nil:
		return answer{}, err
	case s.Err != nil: // an old answer stands in
		return answer{}, s.Err
	}
	return answer{person: person, programs: s.Programs, fetched: s.Fetched}, nil
}

// digest takes in an answer about a claimed person and gives the claim back.
// It reports whether all of that worked.
func (w *Watcher) digest(ctx context.Context, c store.Claim, a answer) bool {
	result, state, err := w.learn(ctx, c, a)
	if err != nil {
		w.sinkFailed(ctx, c, err)
		return false
	}
	w.meter.looks[result].Inc()
	now := time.Now()
	plan := Schedule(Look{State: state, Programs: a.programs, Asked: a.asked, Now: now})
	w.load.looked(now, lived(c, now), livedBy(c, plan, result != lookSame))
	state.Every = plan.Every
	w.giveBack(ctx, store.Returned{
		Claim: c,
		Due:   now.Add(plan.Wait(w.load.current(), rand.Float64())),
		State: state,
	})
	return true
}

// lived returns the time that a look accounts for in the estimate of the load:
// the time since the look before, but at most until shortly after it was due.
// After a standstill everybody is late, which must not pass for demand.
func lived(c store.Claim, now time.Time) time.Duration {
	if isNew(c) {
		return 0
	}
	if meant := c.Due.Add(overdue); now.After(meant) {
		now = meant
	}
	return now.Sub(c.State.Checked)
}

// livedBy returns the plan that applied during that time. The planned pause of
// somebody idle grows with the time, so it is the mean of the plan before and
// the next; a change comes at the end of the time, and leaves the plan before.
func livedBy(c store.Claim, next Plan, changed bool) Plan {
	was := Plan{Every: max(c.State.Every, time.Second), Class: Ordinary}
	switch {
	case isNear(c):
		was.Class = max(next.Class, Near)
	case !changed:
		was.Every = (was.Every + next.Every) / 2
	}
	return was
}

// learn returns what is known of a person after an answer. What the answer
// shows to have happened is in the sink by then.
func (w *Watcher) learn(ctx context.Context, c store.Claim, a answer) (r result, state store.WatchState, err error) {
	defer guard(&err)
	at := a.fetched.Truncate(time.Millisecond) // as the store keeps it
	if !at.After(c.State.Checked) && c.State.Checked.Before(time.Now().Add(maxSkew)) {
		return lookOld, c.State, nil
	}
	changes := Compare(c.State, a.programs, at)
	if len(changes.Found) > 0 {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.o.takeTimeout())
		defer cancel()
		if err := w.sink.Take(ctx, Found{Person: c.Person, Servers: c.Servers, Completions: changes.Found, At: at}); err != nil {
			return 0, store.WatchState{}, err
		}
		w.faults.sink.Worked()
		w.meter.found(changes.Found, at.Sub(c.State.Checked))
	}
	switch {
	case changes.First:
		r = lookFirst
	case changes.Moved:
		r = lookChanged
	default:
		r = lookSame
	}
	return r, changes.State, nil
}

// guard turns a panic into an error, so that what breaks on one person's
// data stops neither the others nor the process.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = &panicError{value: p, stack: debug.Stack()}
	}
}

type panicError struct {
	value any
	stack []byte
}

// Error implements error.
func (p *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

// lookFailed notes that the API gave no answer about a person. If others have
// answers the fault may be with this one, who is put off; if the API says
// that it is not, the claim goes back as it came.
func (w *Watcher) lookFailed(ctx context.Context, c store.Claim, err error) {
	w.meter.looks[lookFailed].Inc()
	least := time.Duration(0)
	if e, ok := errors.AsType[*progressapi.Error](err); ok {
		least = e.RetryAfter
	}
	if w.looks.failed(time.Now(), c.Person, policyFor(err), least) {
		w.faults.api.Failed(err)
	}
	w.o.Log.DebugContext(ctx, "a look failed", "user", c.Person, "err", err)
	if general(err) {
		w.giveBack(ctx, asTheyCame([]store.Claim{c})...)
		return
	}
	w.putBack(ctx, c)
}

// sinkFailed notes that what was found could not be handed over, so that it
// has to be found again.
func (w *Watcher) sinkFailed(ctx context.Context, c store.Claim, err error) {
	w.meter.looks[lookNotTaken].Inc()
	w.looks.failed(time.Now(), c.Person, policyFor(err), 0)
	w.faults.sink.Failed(err)
	w.putBack(ctx, c)
}

// putBack gives back a claim with which something failed, for later.
func (w *Watcher) putBack(ctx context.Context, c store.Claim) {
	state := c.State
	wait := min(failFirst<<min(state.Failed, 10), failLongest)
	state.Failed++
	w.giveBack(ctx, store.Returned{
		Claim: c,
		Due:   time.Now().Add(time.Duration(float64(wait) * (0.8 + 0.4*rand.Float64()))),
		State: state,
	})
}

// setBusy notes that this process looks at a person, or has.
func (w *Watcher) setBusy(person string, busy bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if busy {
		w.busy[person] = struct{}{}
	} else {
		delete(w.busy, person)
	}
}

func (w *Watcher) isBusy(person string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, busy := w.busy[person]
	return busy
}
