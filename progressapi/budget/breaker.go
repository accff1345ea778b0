package budget

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"progressbot/progressapi/outage"
)

// When the breaker opens and closes.
const (
	// failuresInRow open it, however long ago the first was. Attempts that
	// started before the last success are not counted: of many concurrent
	// attempts the slowest end last, and a connection that breaks fails all
	// attempts on it.
	failuresInRow = 5
	// minAttempts recent attempts have to have ended before a failure rate
	// of one half opens it.
	minAttempts = 10
	// closeAfter successful probes in a row close it.
	closeAfter = 2

	// Recent attempts are counted per second, over the last ten.
	windowSlices = 10
	sliceLength  = time.Second
	// The time between opening and the next probe doubles within these
	// bounds while probes fail.
	firstProbe = time.Second
	lastProbe  = 8 * time.Second
	// probeFor is how long a probe may run before another one may start.
	probeFor = 30 * time.Second
)

// breakerState is what the circuit breaker does with attempts. Its numbers
// are those of the metric progressbot_budget_breaker_state.
type breakerState int

const (
	closed   breakerState = iota // lets them through
	halfOpen                     // lets one probe at a time through
	open                         // refuses them
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
	state   breakerState
	recent  [windowSlices]tally
	inRow   int           // failures, while closed; successes, while half-open
	wellAt  time.Time     // when the last success ended
	kind    error         // kind of the last failure, for refusals
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
		state:  closed,
		delay:  firstProbe,
		watch: outage.New(outage.Options{
			Log: log, Level: slog.LevelWarn, Quiet: windowSlices * sliceLength,
			Begun: "circuit breaker opened, the progress API is asked only now and then",
			Ended: "circuit breaker closed, the progress API is asked as usual",
		}),
	}
}

// enter lets an attempt pass or refuses it, then with the time after which to
// try again. The caller of an attempt that passed calls leave exactly once,
// also if the attempt was never started.
func (b *breaker) enter() (probe bool, refused *refusal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	switch {
	case b.state == closed:
		return false, nil
	case b.state == open && now.Before(b.probeAt):
		return false, b.refusal(b.probeAt.Sub(now))
	case !b.probing.IsZero() && now.Sub(b.probing) < probeFor:
		return false, b.refusal(firstProbe)
	default:
		b.state, b.probing = halfOpen, now
		return true, nil
	}
}

// refusal is how an attempt is refused. The caller holds mu.
func (b *breaker) refusal(after time.Duration) *refusal {
	return &refusal{reason: reasonBreaker, after: after, kind: b.kind}
}

// stands returns nil if an attempt that passed enter a while ago may still
// start.
func (b *breaker) stands(probe bool) *refusal {
	b.mu.Lock()
	defer b.mu.Unlock()
	if probe || b.state == closed {
		return nil
	}
	return b.refusal(firstProbe)
}

// verdict is what an attempt says about the health of the API.
type verdict int

const (
	succeeded  verdict = iota
	failed             // no answer, or none that can be read
	tooSlow            // an answer, but later than breaker.slow
	unknown            // the caller cancelled it
	notStarted         // another limit refused it after the breaker had let it pass
)

// ending is how an attempt ended.
type ending struct {
	verdict verdict
	kind    error         // the error that others get while the breaker is open because of it
	took    time.Duration // since the attempt started
}

// leave notes how an attempt ended.
func (b *breaker) leave(probe bool, e ending) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if e.verdict == failed || e.verdict == tooSlow {
		b.kind = e.kind
	}
	switch {
	case probe:
		b.probed(e.verdict, now)
	case b.state == closed && e.verdict < unknown:
		b.count(e, now)
	}
}

// probed notes how a probe ended. A cancelled probe counts as a failure: it has
// not shown that the API is back.
func (b *breaker) probed(v verdict, now time.Time) {
	b.probing = time.Time{}
	switch {
	case b.state != halfOpen || v == notStarted:
	case v != succeeded:
		b.trip(now)
	default:
		if b.inRow++; b.inRow >= closeAfter {
			b.state, b.inRow, b.delay = closed, 0, firstProbe
			b.recent = [windowSlices]tally{}
		}
	}
}

// count notes how an attempt ended while the breaker is closed.
func (b *breaker) count(e ending, now time.Time) {
	slice := now.UnixNano() / int64(sliceLength)
	t := &b.recent[slice%windowSlices]
	if t.slice != slice {
		*t = tally{slice: slice}
	}
	t.ended++
	if e.verdict != succeeded {
		t.failed++
	}
	switch {
	case e.verdict == succeeded:
		b.inRow, b.wellAt = 0, now
		b.watch.Worked()
	case e.verdict == failed && !now.Add(-e.took).Before(b.wellAt):
		b.inRow++
	}
	ended, failed := b.sum(slice)
	if b.inRow >= failuresInRow || ended >= minAttempts && 2*failed >= ended {
		b.opened.Inc()
		b.trip(now)
	}
}

// sum adds up what ended recently.
func (b *breaker) sum(slice int64) (ended, failed int) {
	for _, t := range b.recent {
		if slice-t.slice < windowSlices {
			ended += t.ended
			failed += t.failed
		}
	}
	return ended, failed
}

// trip opens the breaker, for twice as long each time until it closes again.
func (b *breaker) trip(now time.Time) {
	b.watch.Failed(errOpened)
	b.state, b.inRow = open, 0
	b.probeAt = now.Add(b.delay - rand.N(b.delay/5))
	b.delay = min(2*b.delay, lastProbe)
}

// current returns the state.
func (b *breaker) current() breakerState {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}
