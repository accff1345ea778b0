package outage

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Options describe a fault. Log and the messages are required.
type Options struct {
	Log   *slog.Logger
	Level slog.Level // of the line at the beginning; the end is told at info level
	Begun string     // message at the beginning
	Ended string     // message at the end

	// Quiet is how long nothing may fail before the fault counts as over,
	// so that a thing that fails now and then is one fault, not many.
	Quiet time.Duration
}

// Watch is one kind of fault.
type Watch struct {
	o      Options
	active atomic.Bool

	mu       sync.Mutex
	begun    time.Time
	last     time.Time // when it failed last
	worked   time.Time // when it worked first after that, zero if it has not
	failures int
}

// New returns a Watch of a fault that has not begun.
func New(o Options) *Watch { return &Watch{o: o} }

// Failed notes one failure. err must be fit for the log.
func (w *Watch) Failed(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last, w.worked = time.Now(), time.Time{}
	w.failures++
	if w.active.Load() {
		return
	}
	w.begun = w.last
	w.active.Store(true)
	w.o.Log.Log(context.Background(), w.o.Level, w.o.Begun, "err", err)
}

// Worked notes one success.
func (w *Watch) Worked() {
	if !w.active.Load() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if w.worked.IsZero() {
		w.worked = now
	}
	if !w.active.Load() || now.Sub(w.last) < w.o.Quiet {
		return
	}
	w.active.Store(false)
	w.o.Log.Info(w.o.Ended, "lasted", w.worked.Sub(w.begun).Round(time.Millisecond), "failures", w.failures)
	w.failures = 0
}
