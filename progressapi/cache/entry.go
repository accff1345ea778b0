package cache

import (
	"math/rand/v2"
	"sync/atomic"
	"time"

	"progressbot/progressapi"
)

// entry is one answer of the API. What is not atomic never changes.
type entry struct {
	programs []progressapi.Program // empty: nothing here
	fetched  time.Time             // in whole milliseconds, as Redis keeps it

	shared atomic.Bool             // Redis is known to have had it
	next   atomic.Int64            // when the next refresh may start, ns since 1970
	failed atomic.Pointer[failure] // how refreshing it fails, nil if it does not
}

// failure is why an entry could not be refreshed, and how often in a row.
type failure struct {
	err   error
	count int
}

// newEntry returns an answer that the API gave at the moment at.
func newEntry(programs []progressapi.Program, at time.Time) *entry {
	return &entry{programs: programs, fetched: time.UnixMilli(at.UnixMilli())}
}

// nothing reports whether the answer is that there is nothing here.
func (e *entry) nothing() bool { return len(e.programs) == 0 }

// Refreshes of one entry that fail are tried again after a pause that doubles
// from firstPause to lastPause. The last is short, so that people see an end
// of an outage soon; sparing the API is the budget's part.
const (
	firstPause = time.Second
	lastPause  = 4 * time.Second
)

// due claims the next refresh. It reports false to all but one caller a
// second, and while refreshes fail, to all but one per pause.
func (e *entry) due(now time.Time) bool {
	next := e.next.Load()
	return now.UnixNano() >= next && e.next.CompareAndSwap(next, now.Add(firstPause).UnixNano())
}

// resting reports whether refreshing has failed so lately that it is not to
// be tried again yet, and why.
func (e *entry) resting(now time.Time) error {
	if f := e.failed.Load(); f != nil && now.UnixNano() < e.next.Load() {
		return f.err
	}
	return nil
}

// fail notes that refreshing the entry has failed.
func (e *entry) fail(err error, now time.Time) {
	count := 1
	if f := e.failed.Load(); f != nil {
		count = f.count + 1
	}
	pause := min(firstPause<<min(count-1, 8), lastPause)
	e.next.Store(now.Add(pause - rand.N(pause/4)).UnixNano())
	e.failed.Store(&failure{err: err, count: count})
}

// held is what is known about an ask without the API.
type held struct {
	own *entry // the answer to just this
	all *entry // the overview, where one program is asked for
}

// program finds a program in the overview.
func (h held) program(id string) (alone []progressapi.Program, ok bool) {
	if h.all == nil {
		return nil, false
	}
	for i := range h.all.programs {
		if h.all.programs[i].ID == id {
			return h.all.programs[i : i+1 : i+1], true
		}
	}
	return nil, false
}

// best returns the newest answer to k that has all it needs, and its entry.
// Where the overview is newer but has no cards to show, and tells other
// numbers, then the answer is outdated whatever its age: people who see both
// must not see them disagree.
func (h held) best(k key) (programs []progressapi.Program, from *entry, outdated bool) {
	if h.own != nil {
		programs, from = h.own.programs, h.own
	}
	if k.program == "" || h.all == nil || from != nil && !h.all.fetched.After(from.fetched) {
		return programs, from, false
	}
	alone, ok := h.program(k.program)
	switch {
	case !ok:
		return programs, from, false
	case whole(alone[0]):
		return alone, h.all, false
	default:
		return programs, from, from != nil && (from.nothing() || differ(alone[0], programs[0]))
	}
}

// whole reports whether an overview's program has all that a view of it alone
// needs: its cards, if it has any.
func whole(p progressapi.Program) bool { return len(p.Cards) > 0 || p.Size == 0 }

func differ(a, b progressapi.Program) bool {
	return a.Collected != b.Collected || a.Size != b.Size || a.Percent != b.Percent || a.Reward.Claimable() != b.Reward.Claimable()
}
