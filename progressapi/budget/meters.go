package budget

import (
	"fmt"

	"github.com/VictoriaMetrics/metrics"
)

// reason is why an attempt was refused.
type reason int

const (
	reasonBreaker reason = iota
	reasonRate
	reasonQueue
	reasonRetries
	reasons
)

// meters are the package's metrics. Their labels are closed sets.
type meters struct {
	refused   [reasons]*metrics.Counter
	attempts  [classes]*metrics.Counter
	waits     [classes]*metrics.PrometheusHistogram
	throttled *metrics.Counter
	opened    *metrics.Counter
}

func newMeters(set *metrics.Set) *meters {
	m := &meters{
		throttled: set.NewCounter(`progressbot_budget_throttled_total`),
		opened:    set.NewCounter(`progressbot_budget_breaker_opened_total`),
	}
	for r, name := range [reasons]string{"breaker", "rate", "queue", "retries"} {
		m.refused[r] = set.NewCounter(fmt.Sprintf(`progressbot_budget_refused_total{reason=%q}`, name))
	}
	for c, name := range classNames() {
		m.attempts[c] = set.NewCounter(fmt.Sprintf(`progressbot_budget_attempts_total{class=%q}`, name))
		m.waits[c] = set.NewPrometheusHistogramExt(fmt.Sprintf(`progressbot_budget_wait_seconds{class=%q}`, name),
			[]float64{0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5})
	}
	return m
}

// gauges registers what is read when metrics are.
func (b *Budget) gauges(set *metrics.Set) {
	set.NewGauge(`progressbot_budget_breaker_state`, func() float64 { return float64(b.breaker.current()) })
	set.NewGauge(`progressbot_budget_rate`, func() float64 {
		rate, _ := b.limiter.state()
		return rate
	})
	set.NewGauge(`progressbot_budget_pause_seconds`, func() float64 {
		_, pause := b.limiter.state()
		return pause.Seconds()
	})
	for c, name := range classNames() {
		set.NewGauge(fmt.Sprintf(`progressbot_budget_waiting{class=%q}`, name), func() float64 {
			return float64(b.limiter.queue[c].waiting.Load())
		})
	}
	set.NewGauge(`progressbot_budget_shared`, func() float64 {
		if b.link.Up() {
			return 1
		}
		return 0
	})
}

func classNames() [classes]string { return [classes]string{"people", "background"} }
