package budget

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"progressbot/progressapi/internal/outage"
)

// When the breaker opens and closes.
const (
	// failuresInRow open it, however long ago the first was.
	failuresInRow = 5
	// ratioOf recent attempts must have ended before half of them failing
	// opens it.
	ratioOf = 10
	// closeAfter probes that went well in a row close it.
	closeAfter = 2

	slices     = 10 // of the recent time
	sliceOfIt  = time.Second
	firstProbe = time.Second
	lastProbe  = 10 * time.Second
	// probeFor is after what time a probe that never ended is given up.
	probeFor = 30 * time.Second
)

// BreakerState is what the circuit breaker does with attempts.
type BreakerState string

// The states of the breaker.
const (
	Closed   BreakerState = "closed"    // lets them through
	HalfOpen BreakerState = "half-open" // lets one probe at a time through
	Open     BreakerState = "open"      // refuses them
)

var errOpened = errors.New("too many attempts failed or took too long")

// breaker is the circuit breaker. failsafe-go's would do but for two things:
// used by itself it can neither lengthen its delay while probes fail, nor
// take a permit back from an attempt that did not start.
type breaker struct {
	slow   time.Duration // an answer that takes longer is a failure
	watch  *outage.Watch
	opened *metrics.Counter // times it went from closed to open

	mu      sync.Mutex
	state   BreakerState
	recent  [slices]tally
	inRow   int           // failures, while closed; successes, while half-open
	delay   time.Duration // before the next probe
	probeAt time.Time     // when the next probe may start, while open
	probing time.Time     // when the probe under way started; zero: none is
}

// tally counts the attempts that ended in one slice of time.
type tally struct {
	slice         int64
	ended, failed int
}

func newBreaker(slow time.Duration, log *slog.Logger, opened *metrics.Counter) *breaker {
	return &breaker{
		slow:   slow,
		opened: opened,
		state:  Closed,
		delay:  firstProbe,
		watch: outage.New(outage.Options{
			Log: log, Level: slog.LevelWarn, Quiet: slices * sliceOfIt,
			Begun: "circuit breaker opened, the progress API is asked only now and then",
			Ended: "circuit breaker closed, the progress API is asked as usual",
		}),
	}
}

// enter lets an attempt go on towards its start. The caller tells leave how it
// ended, or that it never started, and whether it was the probe.
func (b *breaker) enter() (probe bool, after time.Duration, refused bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	switch {
	case b.state == Closed:
		return false, 0, false
	case b.state == Open && now.Before(b.probeAt):
		return false, b.probeAt.Sub(now), true
	case !b.probing.IsZero() && now.Sub(b.probing) < probeFor:
		return false, firstProbe, true
	default:
		b.state, b.probing = HalfOpen, now
		return true, 0, false
	}
}

// stands reports whether an attempt may start that entered a while ago.
func (b *breaker) stands(probe bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return probe || b.state == Closed
}

// verdict is what an attempt says about the API.
type verdict int

const (
	well    verdict = iota
	unwell          // it failed
	crawled         // it answered, but too slowly
	unknown         // it was called off
	unborn          // it never started
)

// leave notes how an attempt ended.
func (b *breaker) leave(probe bool, v verdict) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	switch {
	case probe:
		b.probed(v, now)
	case b.state == Closed && v < unknown:
		b.count(v, now)
	}
}

// probed notes how a probe ended. One that says nothing is no success.
func (b *breaker) probed(v verdict, now time.Time) {
	b.probing = time.Time{}
	switch {
	case b.state != HalfOpen || v == unborn:
	case v != well:
		b.open(now)
	default:
		if b.inRow++; b.inRow >= closeAfter {
			b.state, b.inRow, b.delay = Closed, 0, firstProbe
			b.recent = [slices]tally{}
		}
	}
}

// count notes how an attempt ended while the breaker is closed.
func (b *breaker) count(v verdict, now time.Time) {
	slice := now.UnixNano() / int64(sliceOfIt)
	t := &b.recent[slice%slices]
	if t.slice != slice {
		*t = tally{slice: slice}
	}
	t.ended++
	if v != well {
		t.failed++
	}
	switch v {
	case unwell:
		b.inRow++
	case well:
		b.inRow = 0
		b.watch.Worked()
	}
	ended, failed := b.sum(slice)
	if b.inRow >= failuresInRow || ended >= ratioOf && 2*failed >= ended {
		b.opened.Inc()
		b.open(now)
	}
}

// sum adds up what ended recently.
func (b *breaker) sum(slice int64) (ended, failed int) {
	for _, t := range b.recent {
		if slice-t.slice < slices {
			ended += t.ended
			failed += t.failed
		}
	}
	return ended, failed
}

// open refuses attempts for a while that doubles each time.
func (b *breaker) open(now time.Time) {
	b.watch.Failed(errOpened)
	b.state, b.inRow = Open, 0
	b.probeAt = now.Add(b.delay - rand.N(b.delay/5))
	b.delay = min(2*b.delay, lastProbe)
}

// current returns the state.
func (b *breaker) current() BreakerState {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}
