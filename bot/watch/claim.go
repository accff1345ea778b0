package watch

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"progressbot/bot/store"
)

const (
	// overdue is how late looks may be before the urgent ones are sought out.
	overdue = time.Minute
	// newcomers is the urgency of people who were never looked at, as if
	// this many times their pause had gone by: without a baseline nothing
	// can be found.
	newcomers = 2
	// nearFirst is the factor by which people with one card missing are
	// more urgent than others.
	nearFirst = 4
)

// claim claims the next people to look at. It notes its errors itself.
func (w *Watcher) claim(ctx context.Context, now time.Time) ([]store.Claim, error) {
	if w.looks.probing() {
		return w.claimDue(ctx, now, 1)
	}
	n := w.o.batch()
	claims, err := w.claimDue(ctx, now, n)
	if err != nil {
		return nil, err
	}
	late := lateness(claims, now)
	w.meter.late.Store(late.Milliseconds())
	if len(claims) < n || late < overdue && !allNew(claims) {
		return claims, nil
	}
	if more, err := w.claimDue(ctx, now, store.MaxBatch-n); err == nil {
		claims = append(claims, more...)
	}
	backlog := max(len(claims), int(w.meter.due.Load()))
	keep, rest := triage(claims, n, now, time.Duration(float64(backlog)/w.o.Rate*float64(time.Second)))
	w.giveBack(ctx, rest...)
	return keep, nil
}

// claimDue claims up to n people from the store. The end of ctx does not cut
// it short, because claims that were made and not heard of cannot be given
// back.
func (w *Watcher) claimDue(ctx context.Context, now time.Time, n int) ([]store.Claim, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.o.returnTimeout())
	defer cancel()
	claims, err := w.store.ClaimDue(ctx, now, n, w.o.Lease)
	switch {
	case err == nil:
		w.faults.damaged.Worked()
	case errors.Is(err, store.ErrDamaged):
		w.faults.damaged.Failed(err)
	default:
		w.storeFailed(err)
		return nil, err
	}
	w.storeWorked()
	w.meter.claims[byDue].Add(len(claims))
	return claims, nil
}

// lateness is how long the first of the claims was due, of those whose due
// time was set by a look.
func lateness(claims []store.Claim, now time.Time) time.Duration {
	for _, c := range claims {
		if !isNew(c) && !c.Due.IsZero() {
			return max(0, now.Sub(c.Due))
		}
	}
	return 0
}

func isNew(c store.Claim) bool { return c.State.Checked.IsZero() }

func allNew(claims []store.Claim) bool {
	return len(claims) > 0 && !slices.ContainsFunc(claims, func(c store.Claim) bool { return !isNew(c) })
}

// triage keeps the n most urgent of the claims and returns the others for
// later, spread over the time that it takes to look at everybody who is due,
// or some of their own pause if that is shorter. People with one card missing
// stay due.
func triage(claims []store.Claim, n int, now time.Time, all time.Duration) (keep []store.Claim, rest []store.Returned) {
	slices.SortStableFunc(claims, func(a, b store.Claim) int {
		return cmp.Compare(urgency(b, now), urgency(a, now))
	})
	n = min(n, len(claims))
	for _, c := range claims[n:] {
		due := c.Due
		if !isNear(c) {
			due = now.Add(time.Duration(rand.Float64() * float64(min(all, pause(c)))))
		}
		rest = append(rest, store.Returned{Claim: c, Due: due, State: c.State})
	}
	return claims[:n], rest
}

// urgency is how many times the pause that is right for a person has gone by
// since the last look, weighted.
func urgency(c store.Claim, now time.Time) float64 {
	if isNew(c) {
		return newcomers
	}
	u := float64(now.Sub(c.State.Checked)) / float64(max(c.State.Every, soonest/2))
	if isNear(c) {
		u *= nearFirst
	}
	return u
}

func isNear(c store.Claim) bool { return !isNew(c) && c.State.Every > 0 && c.State.Every <= nearEvery }

// pause is for how long somebody can be put off.
func pause(c store.Claim) time.Duration {
	if isNew(c) {
		return latest
	}
	return max(soonest, min(c.State.Every, resting))
}

// asTheyCame returns claims that were not looked at.
func asTheyCame(claims []store.Claim) []store.Returned {
	out := make([]store.Returned, len(claims))
	for i, c := range claims {
		out[i] = store.Returned{Claim: c, Due: c.Due, State: c.State}
	}
	return out
}

// giveBack returns claims to the store, also when ctx has ended. Those that
// cannot be returned come back when their lease ends, and what was found is
// found again.
func (w *Watcher) giveBack(ctx context.Context, returns ...store.Returned) {
	if len(returns) == 0 {
		return
	}
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.o.returnTimeout())
	defer cancel()
	lost, err := w.store.Return(work, returns...)
	if err != nil {
		if ctx.Err() != nil {
			w.kept.Add(int64(len(returns)))
		}
		w.storeFailed(err)
		return
	}
	w.storeWorked()
	w.meter.lost.Add(len(lost))
}

// storeFailed notes a failure of the store.
func (w *Watcher) storeFailed(err error) {
	w.queue.failed(time.Now(), "", storePolicy(), 0)
	w.faults.store.Failed(err)
}

// storeWorked notes that the store works.
func (w *Watcher) storeWorked() {
	w.queue.worked()
	w.faults.store.Worked()
}
