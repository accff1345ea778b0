package watch_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"progressbot/bot/watch"
	"progressbot/progressapi"
	"progressbot/progressapi/cache"
)

// The world of the simulation.
const (
	simPeople  = 10_000
	simRate    = 1.0           // requests per second
	simWarmUp  = 8 * time.Hour // until everybody has a baseline
	simTime    = 28 * time.Hour
	simLatency = 300 * time.Millisecond

	sessionTime = 90 * time.Minute // on average
	cardEvery   = 20 * time.Minute // within a session, on average
)

// habits are how often people collect, in sessions: most hardly ever, a few
// every day.
func habits() []habit {
	return []habit{{0.02, 8 * time.Hour}, {0.06, day}, {0.12, 7 * day}, {0.80, 60 * day}}
}

type habit struct {
	share float64       // of all people
	every time.Duration // between sessions, on average
}

// drop says that somebody gets a card.
type drop struct {
	at      time.Time
	program int
}

// member is somebody in the world.
type member struct {
	programs []progressapi.Program
	drops    []drop               // to come
	near     map[string]time.Time // when a program was first seen by the watcher with one card missing
	isNear   bool                 // at the last look a program had one card missing
	looked   time.Time
}

// goal is a completion.
type goal struct {
	person  int
	program string
}

// world is the API, and everybody in it, and takes what is found.
type world struct {
	mu       sync.Mutex
	began    time.Time
	people   []*member
	requests []time.Time
	done     map[goal]time.Time // when it happened
	near     map[goal]bool      // the watcher had seen it with one card missing
	found    map[goal]time.Time
	longest  time.Duration // between two looks at somebody with one card missing
}

func newWorld(seed uint64) *world {
	r := rand.New(rand.NewPCG(seed, 0))
	w := &world{began: time.Now(), done: map[goal]time.Time{}, near: map[goal]bool{}, found: map[goal]time.Time{}}
	for i := range simPeople {
		w.people = append(w.people, newMember(r, draw(r), i%100 == 0))
	}
	return w
}

// draw draws a habit.
func draw(r *rand.Rand) habit {
	share := r.Float64()
	for _, h := range habits() {
		if share -= h.share; share < 0 {
			return h
		}
	}
	return habits()[0]
}

// newMember makes up somebody's programs and future. near gives them one card
// missing at the beginning.
func newMember(r *rand.Rand, h habit, near bool) *member {
	m := &member{near: map[string]time.Time{}}
	for i := range 1 + r.IntN(4) {
		size := 6 + r.IntN(12)
		have := r.IntN(size - 3)
		switch {
		case near && i == 0:
			have = size - 1
		case r.IntN(5) == 0:
			have = size
		}
		m.programs = append(m.programs, newProgram(i, size, have))
	}
	m.programs = append(m.programs, newProgram(len(m.programs), 10, 0))
	exp := func(mean time.Duration) time.Duration { return time.Duration(r.ExpFloat64() * float64(mean)) }
	end := time.Now().Add(simTime)
	for at := time.Now().Add(exp(h.every)); at.Before(end); at = at.Add(exp(h.every)) {
		for until := at.Add(exp(sessionTime)); at.Before(until); at = at.Add(exp(cardEvery)) {
			m.drops = append(m.drops, drop{at, r.IntN(len(m.programs))})
		}
	}
	return m
}

func newProgram(i, size, have int) progressapi.Program {
	return progressapi.Program{
		ID: "program_" + strconv.Itoa(i), Size: size, Collected: have, CountTold: true,
		Percent: have * 100 / size, PercentTold: true,
	}
}

// advance gives somebody the cards that have dropped by now. What is complete
// is followed by something new.
func (w *world) advance(person int, now time.Time) {
	m := w.people[person]
	for len(m.drops) > 0 && !m.drops[0].at.After(now) {
		got := m.drops[0]
		m.drops = m.drops[1:]
		m.programs = slices.Clone(m.programs) // the old ones were handed out
		p := &m.programs[got.program]
		for n := 1; p.Collected == p.Size; n++ {
			p = &m.programs[(got.program+n)%len(m.programs)]
		}
		p.Collected++
		p.Percent = p.Collected * 100 / p.Size
		if p.Collected < p.Size {
			continue
		}
		g := goal{person, p.ID}
		w.done[g] = got.at
		seen, near := m.near[p.ID]
		w.near[g] = near && seen.Before(got.at)
		m.programs = append(m.programs, newProgram(len(m.programs), p.Size, 0))
	}
}

// Programs implements watch.Fetcher.
func (w *world) Programs(ctx context.Context, userID string, _ cache.Want) (cache.Snapshot, error) {
	person, err := strconv.Atoi(userID)
	if err != nil || !progressapi.IsBackground(ctx) {
		return cache.Snapshot{}, errors.New("an unexpected request")
	}
	w.mu.Lock()
	w.requests = append(w.requests, time.Now())
	w.mu.Unlock()
	<-time.After(simLatency)
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	w.advance(person, now)
	m := w.people[person]
	if m.isNear && now.After(w.began.Add(simWarmUp)) {
		w.longest = max(w.longest, now.Sub(m.looked))
	}
	m.looked, m.isNear = now, false
	for _, p := range m.programs {
		if p.Collected != p.Size-1 {
			continue
		}
		m.isNear = true
		if _, seen := m.near[p.ID]; !seen {
			m.near[p.ID] = now
		}
	}
	return cache.Snapshot{Programs: m.programs, Fetched: now}, nil
}

// Take implements watch.Sink.
func (w *world) Take(_ context.Context, f watch.Found) error {
	person, err := strconv.Atoi(f.Person)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range f.Completions {
		if !c.Complete() {
			continue
		}
		g := goal{person, c.Program}
		if _, twice := w.found[g]; twice {
			return fmt.Errorf("%v was found twice", g)
		}
		w.found[g] = time.Now()
	}
	return nil
}

// outcome is how long completions after the warm-up waited to be found.
type outcome struct {
	all    []time.Duration
	near   []time.Duration // of people who had been seen with one card missing
	inTurn []time.Duration // had everybody been asked in turn, at the same rate
}

func (w *world) outcome() outcome {
	w.mu.Lock()
	defer w.mu.Unlock()
	end := time.Now()
	for i := range w.people {
		w.advance(i, end)
	}
	round := time.Duration(simPeople / simRate * float64(time.Second))
	var o outcome
	for g, at := range w.done {
		if at.Before(w.began.Add(simWarmUp)) || at.After(end.Add(-round)) {
			continue
		}
		wait := simTime // not found by the end
		if found, ok := w.found[g]; ok {
			wait = found.Sub(at)
		}
		o.all = append(o.all, wait)
		if w.near[g] {
			o.near = append(o.near, wait)
		}
		turn := time.Duration(float64(g.person) / simRate * float64(time.Second))
		o.inTurn = append(o.inTurn, (turn-at.Sub(w.began)%round+round)%round+simLatency)
	}
	slices.Sort(o.all)
	slices.Sort(o.near)
	slices.Sort(o.inTurn)
	return o
}

// TestSimulatedDays follows ten thousand people for more than a day at one
// request a second, all of them newcomers at the beginning.
func TestSimulatedDays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1)
		q := newQueue()
		for i := range simPeople {
			q.follow(strconv.Itoa(i))
		}
		ctx, stop := context.WithTimeout(t.Context(), simTime)
		defer stop()
		if err := watch.New(q, w, w, watch.Options{Rate: simRate}).Run(ctx); err != nil {
			t.Error(err)
		}

		const apart = time.Duration(float64(time.Second)/simRate) - time.Millisecond
		for i, at := range w.requests[1:] {
			if at.Sub(w.requests[i]) < apart {
				t.Fatalf("over budget: requests %d and %d are %v apart", i, i+1, at.Sub(w.requests[i]))
			}
		}
		o := w.outcome()
		median, inTurn := o.all[len(o.all)/2], o.inTurn[len(o.inTurn)/2]
		t.Logf("%d requests, %.0f %% of what the rate allows", len(w.requests), float64(len(w.requests))/(simTime.Seconds()*simRate)*100)
		t.Logf("%d completions, found after %v (median) and %v (90 %%); asking in turn takes %v (median)",
			len(o.all), median.Round(time.Second), o.all[len(o.all)*9/10].Round(time.Second), inTurn.Round(time.Second))
		t.Logf("%d of them by people with one card missing, found after %v (median) and %v (at most)",
			len(o.near), o.near[len(o.near)/2].Round(time.Second), o.near[len(o.near)-1].Round(time.Second))
		if len(o.near) < 50 {
			t.Errorf("only %d completions by people with one card missing: the world proves nothing", len(o.near))
		}
		if median > inTurn/5 {
			t.Errorf("completions are found after %v, asking in turn takes %v", median, inTurn)
		}
		if o.near[len(o.near)-1] > 10*time.Minute {
			t.Errorf("a completion by somebody with one card missing was found after %v", o.near[len(o.near)-1])
		}
		if w.longest > 10*time.Minute {
			t.Errorf("somebody with one card missing was not looked at for %v", w.longest)
		}
	})
}
