package announce

import (
	"fmt"
	"sync/atomic"

	"github.com/VictoriaMetrics/metrics"

	"progressbot/bot/store"
)

// outcome is what became of an entry, for the metrics.
type outcome string

const (
	outcomeSent    outcome = "sent"    // posted or given, and known to be
	outcomeFound   outcome = "found"   // found in the channel's history after an attempt with an unknown outcome
	outcomeUnsure  outcome = "unsure"  // an attempt whose outcome is not known
	outcomeRetried outcome = "retried" // a passing fault
	outcomeWaiting outcome = "waiting" // somebody has to fix something first
	outcomeRefused outcome = "refused"
	outcomeExpired outcome = "expired"
)

// meters counts what became of entries.
type meters struct {
	counters map[string]*metrics.Counter // by kind and outcome
	open     atomic.Int64
	due      atomic.Int64
}

func newMeters(set *metrics.Set) *meters {
	m := &meters{counters: make(map[string]*metrics.Counter)}
	for _, kind := range []store.Kind{store.Completion, store.Milestone, store.RoleGrant} {
		for _, o := range []outcome{
			outcomeSent, outcomeFound, outcomeUnsure, outcomeRetried, outcomeWaiting, outcomeRefused, outcomeExpired,
		} {
			m.counters[kind.String()+string(o)] = set.NewCounter(
				fmt.Sprintf(`progressbot_announcements_total{kind=%q,outcome=%q}`, kind, o))
		}
	}
	set.NewGauge("progressbot_announcements_waiting", func() float64 { return float64(m.open.Load() - m.due.Load()) })
	set.NewGauge("progressbot_announcements_due", func() float64 { return float64(m.due.Load()) })
	return m
}

func (m *meters) note(entries []store.Entry, o outcome) {
	for _, e := range entries {
		m.counters[e.Kind.String()+string(o)].Inc()
	}
}

// backlog notes how many outboxes have open entries, and how many of them are
// due. The others wait for their time.
func (m *meters) backlog(b store.Backlog) {
	m.open.Store(int64(b.Outboxes))
	m.due.Store(int64(b.OutboxesDue))
}
