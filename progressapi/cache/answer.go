package cache

import (
	"context"
	"time"

	"progressbot/progressapi"
)

// ask is one question to the cache.
type ask struct {
	key        key
	want       Want
	since      time.Time // an answer given before this does not do
	background bool      // nobody waits for the answer
}

// gone is the stage of an answer that is too old to be served at all.
const gone = StandIn + 1

// standInAfter is how long a caller waits for the API if there is an old answer
// to serve instead: shorter than the client waits for one attempt, because an
// old answer now is worth more than a new one later. The call itself goes on and
// fills the cache.
const standInAfter = 3 * time.Second

// maxSkew is how far another process's clock may be ahead.
const maxSkew = 5 * time.Second

// stage returns how e may be used at now.
func (c *Cache) stage(e *entry, now time.Time) Freshness {
	age := now.Sub(e.fetched)
	switch {
	case age < -maxSkew: // A clock was set back.
		return gone
	case e.nothing():
		if age < min(c.o.TTL, nothingTTL) {
			return Fresh
		}
		return gone
	case age < c.o.TTL:
		return Fresh
	case age < min(staleTimes*c.o.TTL, c.o.Stale):
		return Stale
	case age < c.o.Stale:
		return StandIn
	default:
		return gone
	}
}

// answer answers a from memory, Redis or the API, in this order.
func (c *Cache) answer(ctx context.Context, a ask) (Snapshot, error) {
	from := tierMemory
	h := c.memory.held(a.key)
	s, err, ok := c.fresh(a, h, from)
	if !ok && c.shared.link.Up() {
		if now := c.look(ctx, a.key, h); now != h {
			h, from = now, tierRedis
		}
		s, err, ok = c.fresh(a, h, from)
	}
	if !ok {
		s, ok = c.stale(a, h, from)
	}
	if !ok {
		s, err = c.wait(ctx, a, h, from)
	}
	return s, err
}

// renews reports whether a is to reach the API although a fresh answer is
// cached: it asks for that, and the last one for this person is RenewEvery ago.
func (c *Cache) renews(a ask) bool {
	if a.want != Renew {
		return false
	}
	last, ok := c.memory.success.GetIfPresent(a.key.user)
	return !ok || time.Since(last) >= RenewEvery
}

// fresh answers a from h, if h is fresh.
//
//nolint:revive // err is what an answer says, not that there is none
func (c *Cache) fresh(a ask, h held, t tier) (s Snapshot, err error, ok bool) {
	programs, from, outdated := h.best(a.key)
	if from == nil || outdated || c.renews(a) || c.stage(from, time.Now()) != Fresh {
		return Snapshot{}, nil, false
	}
	c.meter.hits[t][Fresh].Inc()
	s, err = snapshot(a, programs, from)
	return s, err, true
}

// snapshot returns programs as the fresh answer to a.
func snapshot(a ask, programs []progressapi.Program, from *entry) (Snapshot, error) {
	if a.key.program != "" && len(programs) == 0 {
		return Snapshot{}, errNoProgram
	}
	return Snapshot{Programs: programs, Fetched: from.fetched, Freshness: Fresh}, nil
}

// stale answers a from h, if h is stale, and starts a refresh. If the last
// refresh failed, only the API can tell whether it would fail again.
func (c *Cache) stale(a ask, h held, t tier) (Snapshot, bool) {
	if a.want == OnlyFresh || c.renews(a) {
		return Snapshot{}, false
	}
	programs, from, outdated := h.best(a.key)
	now := time.Now()
	if from == nil || outdated || c.stage(from, now) != Stale || from.failed.Load() != nil {
		return Snapshot{}, false
	}
	if from.due(now) {
		if from == h.all { // A call about one program would leave it as it is.
			a.key.program = ""
		}
		c.refresh(a, from)
	}
	c.meter.hits[t][Stale].Inc()
	return Snapshot{Programs: programs, Fetched: from.fetched, Freshness: Stale}, true
}

// wait answers a from the API, or from h if the API fails.
func (c *Cache) wait(ctx context.Context, a ask, h held, t tier) (Snapshot, error) {
	now := time.Now()
	_, from, outdated := h.best(a.key)
	if from != nil {
		if err := from.resting(now); err != nil {
			if s, ok := c.standIn(a, h, t, err); ok {
				return s, nil
			}
		}
	}
	switch {
	case a.want == Renew:
		a.since = now.Add(time.Millisecond - RenewEvery) // Times are in whole milliseconds.
	case outdated:
		a.since = h.all.fetched
	}
	if _, _, ok := c.old(a, h); ok && !a.background && a.want != OnlyFresh {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, standInAfter)
		defer cancel()
	}
	c.waiters.Add(1)
	e, err := c.fetch(ctx, a, from)
	c.waiters.Add(-1)
	if err == nil {
		c.meter.hits[tierAPI][Fresh].Inc()
		return snapshot(a, e.programs, e)
	}
	if s, ok := c.standIn(a, h, t, err); ok {
		return s, nil
	}
	c.meter.unanswered.Inc()
	return Snapshot{}, err
}

// standIn answers a from h, whatever its age. why is what was wrong with the API.
func (c *Cache) standIn(a ask, h held, t tier, why error) (Snapshot, bool) {
	programs, from, ok := c.old(a, h)
	if !ok {
		return Snapshot{}, false
	}
	c.meter.hits[t][StandIn].Inc()
	return Snapshot{Programs: programs, Fetched: from.fetched, Freshness: StandIn, Err: why}, true
}

// old returns what of h can stand in for an answer to a. For a single program,
// that may be an overview that lacks its cards.
func (c *Cache) old(a ask, h held) (programs []progressapi.Program, from *entry, ok bool) {
	now := time.Now()
	programs, from, _ = h.best(a.key)
	if from != nil && !from.nothing() && c.stage(from, now) != gone {
		return programs, from, true
	}
	alone, ok := h.program(a.key.program)
	if !ok || c.stage(h.all, now) == gone {
		return nil, nil, false
	}
	return alone, h.all, true
}
