package cache

import (
	"errors"
	"fmt"

	"github.com/VictoriaMetrics/metrics"

	"progressbot/progressapi"
)

// tier is where an answer came from.
type tier int

const (
	tierMemory tier = iota
	tierRedis
	tierAPI
	tiers
)

const ages = int(StandIn) + 1

// meters are the package's metrics. Their labels are closed sets.
type meters struct {
	hits       [tiers][ages]*metrics.Counter
	unanswered *metrics.Counter
	upstream   map[error]*metrics.Counter // by sentinel; nil is success
	other      *metrics.Counter
	refreshes  *metrics.Counter

	redisSilent, redisRefused, redisGarbage *metrics.Counter
	lockWaits, lockGivenUp, notShared       *metrics.Counter
}

func newMeters(set *metrics.Set) *meters {
	m := &meters{
		unanswered:   set.NewCounter(`progressbot_cache_unanswered_total`),
		refreshes:    set.NewCounter(`progressbot_cache_refreshes_total`),
		redisSilent:  set.NewCounter(`progressbot_cache_redis_errors_total{kind="silent"}`),
		redisRefused: set.NewCounter(`progressbot_cache_redis_errors_total{kind="refused"}`),
		redisGarbage: set.NewCounter(`progressbot_cache_redis_errors_total{kind="garbage"}`),
		lockWaits:    set.NewCounter(`progressbot_cache_lock_waits_total{outcome="polled"}`),
		lockGivenUp:  set.NewCounter(`progressbot_cache_lock_waits_total{outcome="given_up"}`),
		notShared:    set.NewCounter(`progressbot_cache_not_shared_total`),
		upstream:     map[error]*metrics.Counter{},
	}
	for t, tierName := range [tiers]string{"memory", "redis", "api"} {
		for a, age := range [ages]string{"fresh", "stale", "stand_in"} {
			m.hits[t][a] = set.NewCounter(fmt.Sprintf(`progressbot_cache_hits_total{tier=%q,age=%q}`, tierName, age))
		}
	}
	for kind, outcome := range map[error]string{
		nil:                        "ok",
		progressapi.ErrNotFound:    "not_found",
		progressapi.ErrKeyRefused:  "key_refused",
		progressapi.ErrPlanRefused: "plan_refused",
		progressapi.ErrRateLimited: "rate_limited",
		progressapi.ErrUnavailable: "unavailable",
		progressapi.ErrUnreadable:  "unreadable",
	} {
		m.upstream[kind] = upstreamCounter(set, outcome)
	}
	m.other = upstreamCounter(set, "other")
	return m
}

func upstreamCounter(set *metrics.Set, outcome string) *metrics.Counter {
	return set.NewCounter(fmt.Sprintf(`progressbot_cache_upstream_total{outcome=%q}`, outcome))
}

// asked counts one call of the API by how it ended.
func (m *meters) asked(err error) {
	if err == nil {
		m.upstream[nil].Inc()
		return
	}
	for kind, counter := range m.upstream {
		if kind != nil && errors.Is(err, kind) {
			counter.Inc()
			return
		}
	}
	m.other.Inc()
}

// gauges registers what is read when metrics are.
func (c *Cache) gauges(set *metrics.Set) {
	set.NewGauge(`progressbot_cache_memory_entries`, func() float64 { return float64(c.memory.entries.EstimatedSize()) })
	set.NewGauge(`progressbot_cache_memory_bytes`, func() float64 { return float64(c.memory.entries.WeightedSize()) })
	set.NewGauge(`progressbot_cache_waiters`, func() float64 { return float64(c.waiters.Load()) })
	set.NewGauge(`progressbot_cache_redis_up`, func() float64 {
		if c.shared.link.Up() {
			return 1
		}
		return 0
	})
}
