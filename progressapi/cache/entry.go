package cache

import (
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"progressbot/progressapi"
)

// entry is one answer of the API. Fields that are not atomic do not change.
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

// After a failed refresh, the next one of the same entry starts after a pause
// that doubles from firstPause to lastPause. lastPause is short, so that the end
// of an outage is noticed soon; protecting the API is up to the client's gate.
const (
	firstPause = time.Second
	lastPause  = 4 * time.Second
)

// due reports whether the caller is to refresh the entry. It returns true to one
// caller per second, or while refreshes fail, per pause.
func (e *entry) due(now time.Time) bool {
	next := e.next.Load()
	return now.UnixNano() >= next && e.next.CompareAndSwap(next, now.Add(firstPause).UnixNano())
}

// resting returns the error of the last refresh while the pause after it lasts,
// and else nil.
func (e *entry) resting(now time.Time) error {
	if f := e.failed.Load(); f != nil && now.UnixNano() < e.next.Load() {
		return f.err
	}
	return nil
}

// fail records that refreshing the entry has failed.
func (e *entry) fail(err error, now time.Time) {
	count := 1
	if f := e.failed.Load(); f != nil {
		count = f.count + 1
	}
	pause := min(firstPause<<min(count-1, 8), lastPause)
	e.next.Store(now.Add(pause - rand.N(pause/4)).UnixNano())
	e.failed.Store(&failure{err: err, count: count})
}

// held is what the cache holds for a key, nil where there is nothing.
type held struct {
	own *entry // the answer to exactly this key
	all *entry // the person's overview, if the key is of a single program

	// programs are those of own. In an overview, each is as it was last seen:
	// there, or by itself since.
	programs []progressapi.Program
}

// hold returns what there is for k, where get returns the answer to exactly a
// key.
func hold(k key, get func(key) *entry) held {
	h := held{own: get(k)}
	switch {
	case k.program != "":
		h.all = get(key{user: k.user})
		if h.own != nil {
			h.programs = h.own.programs
		}
	case h.own != nil:
		h.programs = h.own.updated(func(id string) *entry { return get(key{user: k.user, program: id}) })
	}
	return h
}

// updated returns the programs of an overview, with what get has learnt since of
// single ones, so that a person who looks at both does not see them disagree.
func (e *entry) updated(get func(id string) *entry) []progressapi.Program {
	var updated []progressapi.Program
	for i := range e.programs {
		id := e.programs[i].ID
		alone := get(id)
		if alone == nil || !alone.fetched.After(e.fetched) || alone.nothing() || alone.programs[0].ID != id {
			continue
		}
		if updated == nil {
			updated = slices.Clone(e.programs)
		}
		updated[i] = alone.programs[0]
	}
	if updated == nil {
		return e.programs
	}
	return updated
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

// best returns the newest complete answer to k and the entry it is from. If the
// overview is newer and has other numbers but lacks the program's cards, the
// answer is outdated whatever its age, so that a person who looks at both does
// not see them disagree.
func (h held) best(k key) (programs []progressapi.Program, from *entry, outdated bool) {
	programs, from = h.programs, h.own
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

// whole reports whether a program from an overview is complete: it has its
// cards, or no cards to have.
func whole(p progressapi.Program) bool { return len(p.Cards) > 0 || p.Size == 0 }

func differ(a, b progressapi.Program) bool {
	return a.Collected != b.Collected || a.Size != b.Size || a.Percent != b.Percent || a.Reward.Claimable() != b.Reward.Claimable()
}
