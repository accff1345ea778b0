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

// Limits on concurrency and queues. A request that waits for the progress API
// costs little more than a goroutine, so many may run. Requests beyond that are
// queued for at most maxWait and then rejected, while Discord still accepts an
// answer.
const (
	maxRunning = 512
	// maxPerPerson bounds the running requests of one user. Further ones are
	// queued, even while there is room, so that other users are not delayed.
	maxPerPerson = 16
	maxWaiting   = 2048
	// maxPersonWaiting bounds the queued requests of one user.
	maxPersonWaiting = 256
	maxWait          = time.Second
	// Rejections are sent by workers of their own, because they have to get
	// out when all others are busy.
	turnawayWorkers = 16
	maxTurnaways    = 2048
	// waitCheck is the interval at which the queue is searched for requests
	// older than maxWait.
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

// dispatcher runs requests on a bounded number of goroutines and queues the
// rest, fairly between users. It is safe for concurrent use.
type dispatcher struct {
	server server
	ctx    context.Context //nolint:containedctx // of every handler; cancelled when draining takes too long
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

// newDispatcher starts a dispatcher. The caller closes it.
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

// depth returns how many requests are running and how many are queued.
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

// work serves j, and then queued requests until there are none to serve.
func (d *dispatcher) work(j job) {
	for more := true; more; j, more = d.next(j) {
		d.guard(func() { d.server.Serve(d.ctx, j.request, j.resp) })
	}
}

// guard keeps a panic from ending the process. The server recovers from panics
// of handlers itself and answers the user; this is for panics of the server.
func (d *dispatcher) guard(serve func()) {
	defer func() {
		if p := recover(); p != nil {
			d.panics.Inc()
			d.log.Error("panic while serving", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	serve()
}

// next returns a queued request to serve after done, and false if the goroutine
// is to end.
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

// watch rejects requests that were queued for too long.
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

// reject has a worker answer j with a rejection. The caller holds mu.
func (d *dispatcher) reject(j job) {
	select {
	case d.turnaways <- j:
		d.turnedAway.Inc()
	default:
		d.drop(j)
	}
}

// drop leaves j without an answer: even the queue of rejections is full, or the
// dispatcher is closed.
func (d *dispatcher) drop(j job) {
	d.lost.Inc()
	j.resp.abandon()
}

// turnAway sends rejections.
func (d *dispatcher) turnAway() {
	for j := range d.turnaways {
		d.guard(func() { d.server.TurnAway(d.ctx, j.request, j.resp) })
	}
}

// close stops accepting requests and waits until all accepted ones, queued
// ones included, have been served.
func (d *dispatcher) close() {
	d.mu.Lock()
	d.closed = true
	close(d.stop)
	close(d.turnaways)
	d.mu.Unlock()
	d.workers.Wait()
}
