package budget

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/redis/go-redis/v9"

	"progressbot/progressapi"
	"progressbot/progressapi/internal/redislink"
	"progressbot/progressapi/outage"
)

// The defaults of [Options].
const (
	DefaultRate     = 10
	DefaultPatience = 5 * time.Second
	DefaultSlow     = 4500 * time.Millisecond
)

// Bounds of what waits for its turn.
const (
	maxPeople     = 1000
	maxBackground = 32
	// maxRate bounds the list of starts that a rate stands for.
	maxRate = 10_000
)

// Options are the choices of a [Budget]. The zero value is ready for use.
type Options struct {
	// Rate is how many attempts may start in a second, over all processes
	// that share a Redis; default [DefaultRate], at most 10,000. Below 1 it
	// is one attempt in that many seconds.
	Rate float64

	// Redis is shared with the other processes; nil means that there are
	// none. It stays the caller's to close, after the Budget.
	Redis redis.UniversalClient
	// RedisBudget is how long one Redis operation may take before the
	// process goes by its own share; default 50 ms.
	RedisBudget time.Duration

	// Patience is how long an attempt may wait for its turn, if its context
	// leaves that much; default [DefaultPatience].
	Patience time.Duration
	// Slow is from when on the breaker takes an answer for a failure;
	// default [DefaultSlow], just short of where the client gives up.
	Slow time.Duration

	Log     *slog.Logger // default: none
	Metrics *metrics.Set // default: none; one set for each Budget
}

func (o *Options) setDefaults() {
	if !(o.Rate > 0) { // Also for NaN.
		o.Rate = DefaultRate
	}
	o.Rate = min(o.Rate, maxRate)
	if o.Patience <= 0 {
		o.Patience = DefaultPatience
	}
	if o.Slow <= 0 {
		o.Slow = DefaultSlow
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = metrics.NewSet()
	}
}

// Budget decides when the API may be asked. Make one with [New].
type Budget struct {
	breaker *breaker
	retries *retries
	limiter *limiter
	link    *redislink.Link
	meter   *meters
	limited *outage.Watch // the API answers 429
}

var _ progressapi.Gate = (*Budget)(nil)

// New returns a Budget. The caller closes it.
func New(o Options) *Budget {
	o.setDefaults()
	link := redislink.New(o.Redis, redislink.Options{Budget: o.RedisBudget, Log: o.Log, Part: "budget"})
	meter := newMeters(o.Metrics)
	b := &Budget{
		breaker: newBreaker(o.Slow, o.Log, meter.opened),
		retries: newRetries(),
		limiter: newLimiter(o, link),
		link:    link,
		meter:   meter,
		limited: outage.New(outage.Options{
			Log: o.Log, Level: slog.LevelWarn, Quiet: time.Minute,
			Begun: "the progress API asks to be asked less; the rate is halved, and grows back",
			Ended: "the progress API takes the rate again",
		}),
	}
	b.gauges(o.Metrics)
	return b
}

// Close ends what the Budget does in the background. It still works, without
// Redis.
func (b *Budget) Close() { b.link.Close() }

// Causes of refusals, within the [*progressapi.Error] that Enter returns.
var (
	errBreakerOpen = errors.New("circuit breaker is open")
	errNoTurn      = errors.New("no turn within the time there is")
	errQueueFull   = errors.New("too many wait for their turn")
	errNoRetry     = errors.New("retry budget is used up")
)

// Enter implements [progressapi.Gate]. Its refusals are a
// [*progressapi.Error] with the time after which asking again is worth it.
func (b *Budget) Enter(ctx context.Context, a progressapi.Attempt) (func(progressapi.Outcome), error) {
	probe, refused := b.breaker.enter()
	if refused != nil {
		return nil, b.refuse(*refused)
	}
	if err := b.admit(ctx, a, probe); err != nil {
		b.breaker.leave(probe, ending{verdict: notStarted})
		return nil, err
	}
	return func(o progressapi.Outcome) { b.done(probe, o) }, nil
}

// admit has an attempt that the breaker lets through pass the rest.
func (b *Budget) admit(ctx context.Context, a progressapi.Attempt, probe bool) error {
	if a.Retry && !b.retries.spend() {
		return b.refuse(refusal{reason: reasonRetries, after: time.Second})
	}
	c := people
	if a.Background {
		c = background
	}
	began := time.Now()
	refused, err := b.limiter.enter(ctx, c)
	if err != nil {
		return err
	}
	if refused == nil {
		refused = b.breaker.stands(probe) // It may have opened while this attempt waited.
	}
	if refused != nil {
		return b.refuse(*refused)
	}
	if !a.Retry {
		b.retries.earn()
	}
	b.meter.waits[c].Update(time.Since(began).Seconds())
	b.meter.attempts[c].Inc()
	return nil
}

// done notes how an attempt ended.
func (b *Budget) done(probe bool, o progressapi.Outcome) {
	b.breaker.leave(probe, judge(o, b.breaker.slow))
	switch {
	case errors.Is(o.Err, progressapi.ErrRateLimited):
		b.meter.throttled.Inc()
		b.limited.Failed(o.Err)
		b.limiter.punish(o.RetryAfter)
	case o.Err == nil:
		b.limited.Worked()
	}
}

// judge decides what an attempt says about the API. An unknown person and
// even a 429 are answers of a healthy one. A refused key or account is as
// well, but one that everybody gets until the operator has acted, and that
// keys are locked for if they keep asking.
func judge(o progressapi.Outcome, slow time.Duration) ending {
	e := ending{verdict: succeeded, kind: progressapi.ErrUnavailable, took: o.Took}
	switch {
	case errors.Is(o.Err, context.Canceled):
		e.verdict = unknown
	case errors.Is(o.Err, progressapi.ErrUnavailable), errors.Is(o.Err, progressapi.ErrUnreadable):
		e.verdict = failed
	case errors.Is(o.Err, progressapi.ErrKeyRefused):
		e.verdict, e.kind = failed, progressapi.ErrKeyRefused
	case errors.Is(o.Err, progressapi.ErrPlanRefused):
		e.verdict, e.kind = failed, progressapi.ErrPlanRefused
	case o.Took >= slow:
		e.verdict = tooSlow
	}
	return e
}

// refuse counts a refusal and returns its error.
func (b *Budget) refuse(r refusal) error {
	b.meter.refused[r.reason].Inc()
	e := &progressapi.Error{Op: "enter budget", Kind: progressapi.ErrRateLimited, RetryAfter: r.after}
	switch r.reason {
	case reasonBreaker:
		e.Kind, e.Err = r.kind, errBreakerOpen
	case reasonRetries:
		e.Kind, e.Err = progressapi.ErrUnavailable, errNoRetry
	case reasonRate:
		e.Err = errNoTurn
	case reasonQueue:
		e.Err = errQueueFull
	}
	return e
}
