package watch_test

import (
	"container/heap"
	"context"
	"slices"
	"sync"
	"time"

	"progressbot/bot/store"
)

// queue is a store in memory, small and fast enough for simulated days.
type queue struct {
	mu    sync.Mutex
	order places
	all   map[string]*followed

	// What the next calls do instead of working.
	failClaims, failReturns error
	damaged                 error // comes with the claims
	claimed                 int   // calls of ClaimDue
}

type followed struct {
	store.Claim
	due    time.Time
	leased time.Time // until when
	times  int       // changes of due, to tell old places in order
}

// place is where somebody stood in the order when it was made.
type place struct {
	due    time.Time
	person string
	times  int
}

type places []place

func (p places) Len() int           { return len(p) }
func (p places) Less(i, j int) bool { return p[i].due.Before(p[j].due) }
func (p places) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }
func (p *places) Push(x any)        { *p = append(*p, x.(place)) }
func (p *places) Pop() any {
	last := (*p)[len(*p)-1]
	*p = (*p)[:len(*p)-1]
	return last
}

func newQueue(persons ...string) *queue {
	q := &queue{all: map[string]*followed{}}
	for _, p := range persons {
		q.follow(p)
	}
	return q
}

func (q *queue) follow(person string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	f := &followed{Claim: store.Claim{Person: person, Servers: []string{"1"}}}
	q.all[person] = f
	q.setDue(f, time.Time{})
}

// setDue puts somebody into the order.
func (q *queue) setDue(f *followed, due time.Time) {
	f.due = due
	f.times++
	heap.Push(&q.order, place{due, f.Person, f.times})
}

// ClaimDue implements watch.Store. A leased person is due again when the
// lease ends, as on Redis.
func (q *queue) ClaimDue(_ context.Context, now time.Time, n int, lease time.Duration) ([]store.Claim, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.claimed++
	if q.failClaims != nil {
		return nil, q.failClaims
	}
	var out []store.Claim
	for len(out) < n && len(q.order) > 0 && !q.order[0].due.After(now) {
		at := heap.Pop(&q.order).(place)
		if f := q.all[at.person]; f != nil && f.times == at.times {
			out = append(out, q.lease(f, now, lease))
		}
	}
	return out, q.damaged
}

func (q *queue) lease(f *followed, now time.Time, lease time.Duration) store.Claim {
	c := f.Claim
	c.Due = f.due
	f.leased = now.Add(lease)
	q.setDue(f, f.leased)
	return c
}

// ClaimPerson implements watch.Store.
func (q *queue) ClaimPerson(_ context.Context, person string, now time.Time, lease time.Duration) (store.Claim, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	f := q.all[person]
	switch {
	case q.failClaims != nil:
		return store.Claim{}, q.failClaims
	case f == nil:
		return store.Claim{}, store.ErrNotFound
	case now.Before(f.leased):
		return store.Claim{}, store.ErrConflict
	}
	return q.lease(f, now, lease), nil
}

// Return implements watch.Store.
func (q *queue) Return(_ context.Context, returns ...store.Returned) (lost []string, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.failReturns != nil {
		return nil, q.failReturns
	}
	for _, r := range returns {
		f := q.all[r.Claim.Person]
		if f == nil || f.leased.IsZero() {
			lost = append(lost, r.Claim.Person)
			continue
		}
		f.State, f.leased = r.State, time.Time{}
		q.setDue(f, r.Due)
	}
	return lost, nil
}

// Backlog implements watch.Store.
func (q *queue) Backlog(_ context.Context, now time.Time) (store.Backlog, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	b := store.Backlog{Follows: len(q.all)}
	for _, f := range q.all {
		if !f.due.After(now) {
			b.FollowsDue++
		}
	}
	return b, nil
}

// held returns who is leased.
func (q *queue) held() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []string
	for p, f := range q.all {
		if !f.leased.IsZero() {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

// claims returns how often ClaimDue was called.
func (q *queue) claims() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.claimed
}

// dueOf returns when somebody is due.
func (q *queue) dueOf(person string) time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.all[person].due
}

// stateOf returns what is stored about somebody.
func (q *queue) stateOf(person string) store.WatchState {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.all[person].State
}

// set changes how the queue works.
func (q *queue) set(change func(*queue)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	change(q)
}
