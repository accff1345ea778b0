package watch

import (
	"context"
	"errors"
	"time"

	"progressbot/bot/store"
	"progressbot/progressapi"
)

// maxAsked bounds the answers that wait to be taken in.
const maxAsked = 256

// Observe takes in an answer that the API gave because somebody asked for
// it, so that what it shows is found at once and the person need not be asked
// for again soon. It has the form of the cache's hook, never waits, and may
// be called at any time; answers beyond what waits already are let go, and so
// are those about people who are not followed.
func (w *Watcher) Observe(userID string, programs []progressapi.Program, fetched time.Time) {
	if w.isBusy(userID) {
		return // It is the watcher's own, or its own is on the way.
	}
	select {
	case w.asked <- answer{person: userID, programs: programs, fetched: fetched, asked: true}:
	default:
		w.meter.observed[observedDropped].Inc()
	}
}

// takeIn takes in the answers that Observe was given, until ctx ends.
func (w *Watcher) takeIn(ctx context.Context) {
	for {
		select {
		case a := <-w.asked:
			if ctx.Err() == nil {
				w.takeOne(ctx, a)
			}
		case <-ctx.Done():
			return
		}
	}
}

func (w *Watcher) takeOne(ctx context.Context, a answer) {
	c, err := w.claimPerson(ctx, a.person)
	switch {
	case err == nil:
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrInvalid):
		w.storeWorked()
		w.meter.observed[observedStranger].Inc()
		return
	case errors.Is(err, store.ErrConflict):
		w.storeWorked()
		w.meter.observed[observedHeld].Inc()
		return
	case errors.Is(err, store.ErrDamaged):
		w.faults.damaged.Failed(err)
		return
	default:
		w.storeFailed(err)
		w.meter.observed[observedDropped].Inc()
		return
	}
	w.storeWorked()
	w.meter.claims[byAnswer].Inc()
	if w.digest(ctx, c, a) {
		w.meter.observed[observedTaken].Inc()
	}
}

// claimPerson claims a person. The end of ctx does not cut it short, because
// a claim that was made and not heard of cannot be given back.
func (w *Watcher) claimPerson(ctx context.Context, person string) (store.Claim, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.o.returnTimeout())
	defer cancel()
	return w.store.ClaimPerson(ctx, person, time.Now(), w.o.Lease)
}
