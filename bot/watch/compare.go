package watch

import (
	"slices"
	"time"

	"progressbot/bot/store"
	"progressbot/progressapi"
)

// Changes are what an answer shows against what was seen before.
type Changes struct {
	// State is what is known now. Every is still that of the look before.
	State store.WatchState
	// Found is what happened, in the order of the answer.
	Found []Completion
	// First says that nothing was known of the person: all is baseline.
	First bool
	// Moved says that something changed, backwards included.
	Moved bool
}

// Compare holds an answer, given at the time at, against what was seen
// before.
//
// What is seen for the first time is a silent baseline, for the person and
// for each program, as far as it has come by then. From there on a program
// that becomes complete is found, once: what has been complete, and a
// milestone that was reached, stays so in the state, whatever the API says
// later. A program that vanishes from the answers keeps its state, so it
// neither begins anew when it returns nor is an empty answer a new
// beginning.
//
// A program whose signals contradict each other, or that is in the answer
// twice and differs, is passed over: it announces nothing and its baseline
// stays where it was, or unset. So is one without an id that the ledger could
// hold. Milestones in a program that is over are noted silently.
func Compare(before store.WatchState, programs []progressapi.Program, at time.Time) Changes {
	c := comparison{
		at:    at,
		first: before.Checked.IsZero(),
		known: make(map[store.ProgramKey]int, len(before.Seen)),
		shown: make(map[store.ProgramKey]int, len(programs)),
		seen:  slices.Clone(before.Seen),
	}
	for i, s := range before.Seen {
		c.known[s.Program] = i
	}
	c.all(programs)
	return Changes{State: c.state(before), Found: c.found, First: c.first, Moved: c.moved}
}

func sameProgress(a, b progressapi.Program) bool {
	return a.Completion() == b.Completion() && a.Collected == b.Collected && a.Size == b.Size && a.Percent == b.Percent
}

// comparison is a Compare under way.
type comparison struct {
	at    time.Time
	first bool
	known map[store.ProgramKey]int // where in seen a program is
	shown map[store.ProgramKey]int // where in the answer it is
	seen  []store.Seen
	found []Completion
	moved bool
}

// all compares the programs of an answer.
func (c *comparison) all(programs []progressapi.Program) {
	passed := make(map[store.ProgramKey]bool) // over, because they say two things
	keys := make([]store.ProgramKey, len(programs))
	for i, p := range programs {
		if !store.IsProgram(p.ID) {
			continue
		}
		keys[i] = store.KeyOf(p.ID)
		first, twice := c.shown[keys[i]]
		if !twice {
			c.shown[keys[i]] = i
		}
		if twice && !sameProgress(programs[first], p) || p.Completion() == progressapi.Contradictory {
			passed[keys[i]] = true
		}
	}
	for i, p := range programs {
		if first, ok := c.shown[keys[i]]; ok && first == i && !passed[keys[i]] {
			c.program(keys[i], p)
		}
	}
}

// program compares one program and notes what it shows.
func (c *comparison) program(key store.ProgramKey, p progressapi.Program) {
	now := sight(key, p)
	i, known := c.known[key]
	if !known {
		c.seen = append(c.seen, now)
		c.moved = c.moved || !c.first
		return
	}
	was := c.seen[i]
	c.moved = c.moved || now.Collected != was.Collected || now.Percent != was.Percent || now.Complete && !was.Complete
	if now.Complete && !was.Complete {
		c.found = append(c.found, Completion{Program: p.ID, Facts: store.FactsOf(p)})
	} else if passed := between(was.Milestone, now.Milestone); len(passed) > 0 && !was.Complete && !over(p, c.at) {
		c.found = append(c.found, Completion{Program: p.ID, Milestones: passed, Facts: store.FactsOf(p)})
	}
	now.Complete = now.Complete || was.Complete
	now.Milestone = max(now.Milestone, was.Milestone)
	c.seen[i] = now
}

// sight is what one answer shows of a program.
func sight(key store.ProgramKey, p progressapi.Program) store.Seen {
	s := store.Seen{
		Program:   key,
		Collected: max(0, p.Collected),
		Percent:   max(0, min(p.Percent, 100)),
		Complete:  p.Completion() == progressapi.Complete,
	}
	for _, m := range store.Quarters.Steps() {
		if s.Complete || reached(p) >= m {
			s.Milestone = m
		}
	}
	return s
}

// reached is how far the person is for the sake of milestones, in percent:
// where the API's two figures differ, the more careful one.
func reached(p progressapi.Program) int {
	percent := p.Percent
	if p.CountTold && p.Size > 0 {
		percent = min(percent, int(int64(p.Collected)*100/int64(p.Size)))
	}
	return percent
}

// between returns the milestones above from, up to to.
func between(from, to int) []int {
	var out []int
	for _, m := range store.Quarters.Steps() {
		if from < m && m <= to {
			out = append(out, m)
		}
	}
	return out
}

// over reports whether the program has ended.
func over(p progressapi.Program, now time.Time) bool {
	return !p.Ends.IsZero() && !now.Before(p.Ends)
}

// state is what is known after the comparison.
func (c *comparison) state(before store.WatchState) store.WatchState {
	next := before
	next.Checked, next.Failed = c.at, 0
	next.Seen = c.bounded()
	if !c.moved {
		return next
	}
	if !before.Changed.IsZero() {
		next.Usual = usual(before.Usual, c.at.Sub(before.Changed))
	}
	next.Changed = c.at
	return next
}

// usual takes one more span between changes into their moving average.
func usual(average, span time.Duration) time.Duration {
	span = max(span, time.Second)
	if average <= 0 {
		return span
	}
	return average + (span-average)/4
}

// bounded returns what was seen within the store's bound: the first to go are
// programs that have vanished, those seen longest ago first, then the newest.
func (c *comparison) bounded() []store.Seen {
	excess := len(c.seen) - store.MaxSeen
	if excess > 0 {
		c.seen = slices.DeleteFunc(c.seen, func(s store.Seen) bool {
			if _, shown := c.shown[s.Program]; shown || excess <= 0 {
				return false
			}
			excess--
			return true
		})
	}
	return c.seen[:min(len(c.seen), store.MaxSeen)]
}
