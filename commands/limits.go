package commands

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxPeople bounds the number of people, and of cooldowns, that are tracked.
// The least recently active are dropped first, and begin afresh.
const maxPeople = 8192

// Limits bound what one person may ask for. They are far above what a person
// can do by hand, and exist to stop scripts: transports take turns between
// people, so frequent requests delay only whoever makes them, and most are
// answered from memory.
type Limits struct {
	// Burst is how many requests a person may make at once, Every how long
	// it takes until one more is allowed. Suggestions have a budget of the
	// same size to themselves. Defaults: 1000 and 50 ms.
	Burst int
	Every time.Duration
	// Concurrent is how many of a person's requests may be worked on at the
	// same time; suggestions are counted apart. Default: 32.
	Concurrent int
}

func (l Limits) withDefaults() Limits {
	if l.Burst <= 0 {
		l.Burst = 1000
	}
	if l.Every <= 0 {
		l.Every = 50 * time.Millisecond
	}
	if l.Concurrent <= 0 {
		l.Concurrent = 32
	}
	return l
}

// people counts what each person is asking for.
type people struct {
	limits Limits
	mu     sync.Mutex
	seen   recent[string, *person]
}

// person is one person's use: of commands and buttons, and of suggestions.
type person struct{ commands, typing meter }

type meter struct {
	bucket *rate.Limiter
	active int // guarded by people.mu
}

func newPeople(l Limits) *people {
	return &people{limits: l, seen: newRecent[string, *person](maxPeople)}
}

// enter admits a request of the user and returns the meter to pass to leave, or
// nil if the user is over a limit.
func (p *people) enter(user string, k Kind, now time.Time) *meter {
	p.mu.Lock()
	defer p.mu.Unlock()
	who, known := p.seen.get(user)
	if !known {
		who = &person{commands: p.meter(), typing: p.meter()}
		p.seen.put(user, who)
	}
	m := &who.commands
	if k == Autocomplete {
		m = &who.typing
	}
	if m.active >= p.limits.Concurrent || !m.bucket.AllowN(now, 1) {
		return nil
	}
	m.active++
	return m
}

func (p *people) meter() meter {
	return meter{bucket: rate.NewLimiter(rate.Every(p.limits.Every), p.limits.Burst)}
}

func (p *people) leave(m *meter) {
	p.mu.Lock()
	m.active--
	p.mu.Unlock()
}

// cooldowns remembers when something may be done again.
type cooldowns struct {
	mu    sync.Mutex
	until recent[cooldownKey, time.Time]
}

// cooldownKey is who did what to what.
type cooldownKey struct{ user, action, object string }

func newCooldowns() *cooldowns {
	return &cooldowns{until: newRecent[cooldownKey, time.Time](maxPeople)}
}

// end ends a cooldown early.
func (c *cooldowns) end(k cooldownKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until.put(k, time.Time{})
}

// start begins a cooldown of d unless one is running; then it returns how
// long that still runs.
func (c *cooldowns) start(k cooldownKey, d time.Duration, now time.Time) (wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if until, ok := c.until.get(k); ok && now.Before(until) {
		return until.Sub(now)
	}
	c.until.put(k, now.Add(d))
	return 0
}
