package watch

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// result is how a look ended. It is a label of a metric: the set is closed.
type result int

const (
	lookFirst    result = iota // the baseline
	lookChanged                // something changed
	lookSame                   // nothing did
	lookOld                    // the answer was not newer than what was known
	lookFailed                 // the API gave no answer
	lookNotTaken               // the sink did not take what was found
	results
)

// String is the result's label.
func (r result) String() string {
	return [...]string{"first", "changed", "same", "old", "failed", "not_taken"}[r]
}

// What became of observed answers.
const (
	observedTaken    = iota // taken in
	observedStranger        // nobody follows the person
	observedHeld            // somebody is looking at the person
	observedDropped         // too many, or the store failed
	observations
)

// Why somebody was claimed.
const (
	byDue    = iota // due for a look
	byAnswer        // an answer was there
	reasons
)

// meters are the package's metrics.
type meters struct {
	claims      [reasons]*metrics.Counter
	looks       [results]*metrics.Counter
	observed    [observations]*metrics.Counter
	lost        *metrics.Counter
	completions *metrics.Counter
	milestones  *metrics.Counter
	within      *metrics.PrometheusHistogram

	late         atomic.Int64 // milliseconds
	follows, due atomic.Int64
}

func newMeters(set *metrics.Set) *meters {
	m := &meters{
		lost:        set.NewCounter(`progressbot_watch_lost_claims_total`),
		completions: set.NewCounter(`progressbot_watch_found_total{kind="completion"}`),
		milestones:  set.NewCounter(`progressbot_watch_found_total{kind="milestone"}`),
		within:      set.NewPrometheusHistogramExt(`progressbot_watch_found_within_seconds`, []float64{60, 300, 600, 1200, 3600, 3 * 3600, 12 * 3600, 48 * 3600}),
	}
	for i, reason := range [reasons]string{"due", "answer"} {
		m.claims[i] = set.NewCounter(fmt.Sprintf(`progressbot_watch_claims_total{reason=%q}`, reason))
	}
	for r := range results {
		m.looks[r] = set.NewCounter(fmt.Sprintf(`progressbot_watch_looks_total{result=%q}`, r))
	}
	for i, what := range [observations]string{"taken", "not_followed", "held", "dropped"} {
		m.observed[i] = set.NewCounter(fmt.Sprintf(`progressbot_watch_observed_total{result=%q}`, what))
	}
	return m
}

// found counts what one look found. within is how long before it the person
// was looked at last, so the longest that any of it can have waited.
func (m *meters) found(all []Completion, within time.Duration) {
	for _, c := range all {
		if c.Complete() {
			m.completions.Inc()
			m.within.Update(within.Seconds())
		} else {
			m.milestones.Inc()
		}
	}
}

// gauges registers what is read when metrics are.
func (w *Watcher) gauges(set *metrics.Set) {
	set.NewGauge(`progressbot_watch_follows`, func() float64 { return float64(w.meter.follows.Load()) })
	set.NewGauge(`progressbot_watch_follows_due`, func() float64 { return float64(w.meter.due.Load()) })
	set.NewGauge(`progressbot_watch_lag_seconds`, func() float64 { return float64(w.meter.late.Load()) / 1000 })
	for class, name := range [classes]string{"ordinary", "near", "closing"} {
		set.NewGauge(fmt.Sprintf(`progressbot_watch_load{class=%q}`, name), func() float64 { return w.load.current()[class] })
	}
	set.NewGauge(`progressbot_watch_looks_under_way`, func() float64 { return float64(len(w.room)) })
	set.NewGauge(`progressbot_watch_paused`, func() float64 {
		if now := time.Now(); w.looks.paused(now) || w.queue.paused(now) {
			return 1
		}
		return 0
	})
}
