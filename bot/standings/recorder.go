package standings

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"progressbot/bot/store"
	"progressbot/progressapi/outage"
)

// The defaults of [Options], and how long the store must not fail for a fault
// of it to be over.
const (
	defaultQueue    = 1024
	defaultPatience = 5 * time.Second
	quiet           = time.Minute
)

// Store keeps sightings. [store.Store] is one.
type Store interface {
	Record(ctx context.Context, sight store.Sighting) error
}

// Options are the choices of a [Recorder]. The zero value works.
type Options struct {
	Log     *slog.Logger // default: none
	Metrics *metrics.Set // default: one that nobody reads; one set for each Recorder
	// Queue is how many sightings may wait; default 1024.
	Queue int
	// Patience is how long the store may take for one; default 5 s.
	Patience time.Duration
}

func (o *Options) setDefaults() {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = metrics.NewSet()
	}
	if o.Queue <= 0 {
		o.Queue = defaultQueue
	}
	if o.Patience <= 0 {
		o.Patience = defaultPatience
	}
}

// Recorder takes sightings to the store, one after the other, behind
// everybody's back. Make one with [New].
type Recorder struct {
	store Store
	o     Options
	meter meters

	sending sync.RWMutex // held for reading while the queue is written to
	closed  bool
	queue   chan store.Sighting

	base context.Context // of the worker's calls
	stop context.CancelFunc
	done chan struct{} // closed when the worker has ended

	unkept *outage.Watch
}

// meters counts what became of sightings.
type meters struct{ recorded, refused, failed, dropped *metrics.Counter }

// New returns a recorder into s and starts its worker, which
// [Recorder.Close] ends.
func New(s Store, o Options) *Recorder {
	o.setDefaults()
	r := &Recorder{store: s, o: o, queue: make(chan store.Sighting, o.Queue), done: make(chan struct{})}
	r.unkept = outage.New(outage.Options{
		Log: o.Log, Level: slog.LevelWarn, Quiet: quiet,
		Begun: "standings are not stored", Ended: "standings are stored again",
	})
	r.base, r.stop = context.WithCancel(context.Background())
	count := func(outcome string) *metrics.Counter {
		return o.Metrics.GetOrCreateCounter(`progressbot_standings_total{outcome="` + outcome + `"}`)
	}
	r.meter = meters{recorded: count("recorded"), refused: count("refused"), failed: count("failed"), dropped: count("dropped")}
	o.Metrics.GetOrCreateGauge("progressbot_standings_queued", func() float64 { return float64(len(r.queue)) })
	go r.work()
	return r
}

// Record takes note of a sighting. It never waits: a sighting that finds the
// queue full, or the recorder closed, is dropped and counted. The sighting's
// programs must not be changed afterwards.
func (r *Recorder) Record(sight store.Sighting) {
	r.sending.RLock()
	defer r.sending.RUnlock()
	if r.closed {
		r.meter.dropped.Inc()
		return
	}
	select {
	case r.queue <- sight:
	default:
		r.meter.dropped.Inc()
	}
}

// Close takes nothing more and stores what waits, as far as that works until
// ctx ends; then the rest is dropped and ctx's error returned. Closing again
// waits for the same.
func (r *Recorder) Close(ctx context.Context) error {
	r.sending.Lock()
	if !r.closed {
		r.closed = true
		close(r.queue)
	}
	r.sending.Unlock()
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		r.stop()
		<-r.done
		return ctx.Err()
	}
}

// work stores sightings until the queue is closed and empty.
func (r *Recorder) work() {
	defer close(r.done)
	defer r.stop()
	for sight := range r.queue {
		if r.base.Err() != nil {
			r.meter.dropped.Inc()
			continue
		}
		r.keep(sight)
	}
}

func (r *Recorder) keep(sight store.Sighting) {
	ctx, cancel := context.WithTimeout(r.base, r.o.Patience)
	defer cancel()
	err := r.store.Record(ctx, sight)
	switch {
	case err == nil:
		r.meter.recorded.Inc()
		r.unkept.Worked()
	case errors.Is(err, store.ErrForgotten), errors.Is(err, store.ErrForgetting), errors.Is(err, store.ErrFull):
		r.meter.refused.Inc()
		r.unkept.Worked()
	default:
		r.meter.failed.Inc()
		r.unkept.Failed(err)
	}
}
