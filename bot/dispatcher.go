package bot

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"progressbot/commands"
)

// How much is done at the same time. A request that waits for the progress
// API costs a goroutine and little else, so many may; what comes in beyond
// that waits for a moment, and is turned away when that moment is over,
// while there still is time to say so.
const (
	maxRunning = 512
	// maxPerPerson is how many of one person's requests are worked on at the
	// same time. More of them wait in a line of the person's own, so that
	// nobody gets ahead of the others by asking often.
	maxPerPerson = 16
	maxWaiting   = 2048
	// maxPersonWaiting is how much of that one person may take up.
	maxPersonWaiting = 256
	maxWait          = time.Second
	// Turning away has goroutines of its own: it has to work when nothing
	// else does.
	turnawayWorkers = 16
	maxTurnaways    = 2048
	// waitCheck is how often the waiting are looked at.
	waitCheck = 100 * time.Millisecond
)

// server answers requests. [commands.Router] is one.
type server interface {
	Serve(ctx context.Context, r commands.Request, resp commands.Responder)
	TurnAway(ctx context.Context, r commands.Request, resp commands.Responder)
}

// job is a request and the way to answer it.
type job struct {
	request commands.Request
	resp    *responder
}

// dispatcher hands requests to the server, so many at a time, and takes
// turns between the people who ask. It is safe for concurrent use.
type dispatcher struct {
	server server
	ctx    context.Context //nolint:containedctx // of every handler: it ends when draining takes too long
	log    *slog.Logger

	mu      sync.Mutex
	running int
	queue   fairQueue
	closed  bool

	turnaways chan job
	stop      chan struct{}
	workers   sync.WaitGroup

	turnedAway, lost, panics *metrics.Counter
}

// newDispatcher starts a dispatcher, which close ends.
func newDispatcher(ctx context.Context, s server, set *metrics.Set, log *slog.Logger) *dispatcher {
	d := &dispatcher{
		server: s, ctx: ctx, log: log,
		turnaways:  make(chan job, maxTurnaways),
		stop:       make(chan struct{}),
		turnedAway: set.NewCounter("progressbot_interactions_turned_away_total"),
		lost:       set.NewCounter("progressbot_interactions_dropped_total"),
		panics:     set.NewCounter("progressbot_panics_total"),
	}
	set.NewGauge("progressbot_interactions_running", func() float64 { running, _ := d.depth(); return float64(running) })
	set.NewGauge("progressbot_interactions_waiting", func() float64 { _, waiting := d.depth(); return float64(waiting) })
	for range turnawayWorkers {
		d.workers.Go(d.turnAway)
	}
	d.workers.Go(d.watch)
	return d
}

// depth returns how many requests are worked on and how many wait.
func (d *dispatcher) depth() (running, waiting int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.running, d.queue.waiting
}

// submit takes a request. It never blocks.
func (d *dispatcher) submit(j job) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.closed:
		d.drop(j)
	case d.running < maxRunning && d.queue.begin(j):
		d.running++
		d.workers.Go(func() { d.work(j) })
	case d.queue.waiting >= maxWaiting || !d.queue.push(j):
		d.reject(j)
	}
}

// work serves j and then whoever's turn it is.
func (d *dispatcher) work(j job) {
	for more := true; more; j, more = d.next(j) {
		d.guard(func() { d.server.Serve(d.ctx, j.request, j.resp) })
	}
}

// guard keeps a panic from ending the process. The server catches those of
// handlers itself, with words for the person; this is for its own.
func (d *dispatcher) guard(serve func()) {
	defer func() {
		if p := recover(); p != nil {
			d.panics.Inc()
			d.log.Error("panic while serving", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	serve()
}

// next takes a waiting request after done was served, or gives the place
// free.
func (d *dispatcher) next(done job) (job, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue.end(done)
	j, ok := d.queue.pop()
	if !ok {
		d.running--
	}
	return j, ok
}

// watch turns away those who waited too long.
func (d *dispatcher) watch() {
	ticker := time.NewTicker(waitCheck)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			d.rejectOlder(time.Now().Add(-maxWait))
		case <-d.stop:
			return
		}
	}
}

func (d *dispatcher) rejectOlder(than time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	for _, j := range d.queue.popOlder(than) {
		d.reject(j)
	}
}

// reject has j turned away. The caller holds mu.
func (d *dispatcher) reject(j job) {
	select {
	case d.turnaways <- j:
		d.turnedAway.Inc()
	default:
		d.drop(j)
	}
}

// drop gives up on j. That takes thousands of requests within a moment, or
// one that comes after the end.
func (d *dispatcher) drop(j job) {
	d.lost.Inc()
	j.resp.abandon()
}

// turnAway tells people that there is no room.
func (d *dispatcher) turnAway() {
	for j := range d.turnaways {
		d.guard(func() { d.server.TurnAway(d.ctx, j.request, j.resp) })
	}
}

// close takes no more requests and returns when all that were taken are
// answered. Who still waits is served first.
func (d *dispatcher) close() {
	d.mu.Lock()
	d.closed = true
	close(d.stop)
	close(d.turnaways)
	d.mu.Unlock()
	d.workers.Wait()
}
