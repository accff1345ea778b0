package watch

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// quiet is how long a fault must not have been seen to be over.
const quiet = time.Minute

// faults tell the log of each kind of fault when it begins and when it is
// over, however many looks it spoils.
type faults struct {
	api     fault // the API keeps looks from being made
	sink    fault // what was found is not taken over
	store   fault
	damaged fault // what is stored of somebody cannot be read
}

func newFaults(log *slog.Logger) *faults {
	return &faults{
		api:     fault{log: log, level: slog.LevelWarn, begun: "the progress API fails, so looking for completions pauses", over: "looking for completions goes on"},
		sink:    fault{log: log, level: slog.LevelError, begun: "what was found cannot be handed to the ledger, it will be found again", over: "what is found can be handed to the ledger again"},
		store:   fault{log: log, level: slog.LevelError, begun: "the store fails, so looking for completions pauses", over: "the store works again"},
		damaged: fault{log: log, level: slog.LevelError, begun: "what is stored about somebody who is followed is damaged, so they are left out", again: time.Hour},
	}
}

// fault is one kind of fault.
type fault struct {
	log         *slog.Logger
	level       slog.Level
	begun, over string
	again       time.Duration // how often it is told of while it lasts; 0: once

	mu     sync.Mutex
	since  time.Time // zero while all is well
	last   time.Time
	logged time.Time
	n      int
}

// failed notes that the fault was met. err must be fit for the log.
func (f *fault) failed(ctx context.Context, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = time.Now()
	f.n++
	if f.since.IsZero() {
		f.since = f.last
	}
	if f.n == 1 || f.again > 0 && f.last.Sub(f.logged) >= f.again {
		f.logged = f.last
		f.log.Log(ctx, f.level, f.begun, "err", err)
	}
}

// worked notes that what the fault is in works.
func (f *fault) worked() {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	if f.since.IsZero() || now.Sub(f.last) < quiet {
		return
	}
	f.log.Info(f.over, "lasted", f.last.Sub(f.since).Round(time.Second), "failures", f.n)
	f.since, f.n = time.Time{}, 0
}
