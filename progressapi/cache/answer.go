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

// stage returns how e, which may be nil, may be used at now.
func (c *Cache) stage(e *entry, now time.Time) Freshness {
	if e == nil {
		return gone
	}
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

// candidate is the best of what is held for an ask. Its Freshness is what it
// can be served as, given the ask.
type candidate struct {
	Snapshot
	from  *entry    // the answer that a new one is to replace, nil if there is none
	of    key       // what from is the answer to
	since time.Time // an answer given before this does not do
	tier  tier
}

// weigh returns the best of h for a.
func (c *Cache) weigh(a ask, h held, t tier) candidate {
	programs, from, outdated := h.best(a.key)
	b := candidate{from: from, of: a.key, tier: t, since: a.since}
	if from != nil && from == h.all {
		b.of.program = ""
	}
	if outdated {
		b.since = h.all.fetched
	}
	b.Snapshot = snapshot(programs, from, c.use(a, from, outdated))
	if alone, ok := h.program(a.key.program); ok && b.Freshness == gone && c.stage(h.all, time.Now()) != gone {
		b.Snapshot = snapshot(alone, h.all, StandIn) // Without its cards, which is better than nothing.
	}
	return b
}

// use returns what e can be served as to a. What is outdated, what a wants to
// renew, and what could not be refreshed, only stands in.
func (c *Cache) use(a ask, e *entry, outdated bool) Freshness {
	age := c.stage(e, time.Now())
	good := !outdated && !c.renews(a)
	switch {
	case good && age == Fresh:
		return Fresh
	case age == gone, e.nothing():
		return gone
	case good && age == Stale && a.want != OnlyFresh && e.failed.Load() == nil:
		return Stale
	default:
		return StandIn
	}
}

func snapshot(programs []progressapi.Program, from *entry, use Freshness) Snapshot {
	if use == gone {
		return Snapshot{Freshness: gone}
	}
	return Snapshot{Programs: programs, Fetched: from.fetched, Freshness: use}
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

// answer answers a from memory, Redis or the API, in this order.
func (c *Cache) answer(ctx context.Context, a ask) (Snapshot, error) {
	h := c.memory.held(a.key)
	best := c.weigh(a, h, tierMemory)
	if best.Freshness != Fresh && c.shared.link.Up() {
		found := c.weigh(a, c.look(ctx, a.key, h), tierRedis)
		if found.from == best.from {
			found.tier = tierMemory
		}
		best = found
	}
	switch best.Freshness {
	case Fresh:
		return c.serve(a, best)
	case Stale:
		if best.from.due(time.Now()) {
			c.refresh(a, best)
		}
		return c.serve(a, best)
	default:
		return c.wait(ctx, a, best)
	}
}

// serve counts an answer to a and returns it.
func (c *Cache) serve(a ask, s candidate) (Snapshot, error) {
	c.meter.hits[s.tier][s.Freshness].Inc()
	if a.key.program != "" && len(s.Programs) == 0 {
		return Snapshot{}, errNoProgram
	}
	return s.Snapshot, nil
}

// wait answers a from the API, or with old if the API fails.
func (c *Cache) wait(ctx context.Context, a ask, old candidate) (Snapshot, error) {
	now := time.Now()
	canStandIn := old.Freshness == StandIn
	if canStandIn && old.from != nil {
		if old.Err = old.from.resting(now); old.Err != nil {
			return c.serve(a, old)
		}
	}
	a.since = old.since
	if a.want == Renew {
		a.since = now.Add(time.Millisecond - RenewEvery) // Times are in whole milliseconds.
	}
	if canStandIn && !a.background && a.want != OnlyFresh {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, standInAfter)
		defer cancel()
	}
	c.waiters.Add(1)
	e, err := c.fetch(ctx, a, old.from)
	c.waiters.Add(-1)
	switch {
	case err == nil:
		return c.serve(a, candidate{Snapshot: snapshot(e.programs, e, Fresh), tier: tierAPI})
	case canStandIn:
		old.Err = err
		return c.serve(a, old)
	default:
		c.meter.unanswered.Inc()
		return Snapshot{}, err
	}
}
