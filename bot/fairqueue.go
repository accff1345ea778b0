package bot

import (
	"slices"
	"time"
)

// fairQueue is a round-robin queue with one line per user, so that a user who
// sends a thousand requests delays only themselves. It also counts each user's
// running requests. The zero value is an empty queue. It is not safe for
// concurrent use.
type fairQueue struct {
	waiting int              // requests in all lines
	lines   map[string]*line // by user ID
	turns   []*line          // lines that are not empty, in round-robin order
}

// line is the requests of one user. It exists as long as one is queued or
// running.
type line struct {
	active int   // running
	jobs   []job // queued, oldest first
}

// begin counts j as running. It returns false if its user has maxPerPerson
// running already.
func (q *fairQueue) begin(j job) bool {
	l := q.line(j)
	if l.active >= maxPerPerson {
		return false
	}
	l.active++
	return true
}

// end counts j as no longer running.
func (q *fairQueue) end(j job) {
	l := q.line(j)
	l.active--
	q.forget(j, l)
}

// push queues j. It returns false if its user has maxPersonWaiting queued
// already.
func (q *fairQueue) push(j job) bool {
	l := q.line(j)
	if len(l.jobs) >= maxPersonWaiting {
		return false
	}
	if len(l.jobs) == 0 {
		q.turns = append(q.turns, l)
	}
	l.jobs = append(l.jobs, j)
	q.waiting++
	return true
}

// pop removes the next request of a user below maxPerPerson and counts it as
// running.
func (q *fairQueue) pop() (job, bool) {
	n := slices.IndexFunc(q.turns, func(l *line) bool { return l.active < maxPerPerson })
	if n < 0 {
		return job{}, false
	}
	l := q.turns[n]
	q.turns = slices.Delete(q.turns, n, n+1)
	j := q.shift(l)
	if len(l.jobs) > 0 {
		q.turns = append(q.turns, l)
	}
	l.active++
	return j, true
}

// popOlder removes all requests that were received before than.
func (q *fairQueue) popOlder(than time.Time) []job {
	var old []job
	for _, l := range q.turns {
		for len(l.jobs) > 0 && l.jobs[0].request.Received.Before(than) {
			j := q.shift(l)
			old = append(old, j)
			q.forget(j, l)
		}
	}
	q.turns = slices.DeleteFunc(q.turns, func(l *line) bool { return len(l.jobs) == 0 })
	return old
}

// shift removes the oldest request of a line.
func (q *fairQueue) shift(l *line) job {
	j := l.jobs[0]
	l.jobs[0] = job{} // let go of the request
	if l.jobs = l.jobs[1:]; len(l.jobs) == 0 {
		l.jobs = nil
	}
	q.waiting--
	return j
}

func (q *fairQueue) line(j job) *line {
	if q.lines == nil {
		q.lines = make(map[string]*line)
	}
	l := q.lines[j.request.User.ID]
	if l == nil {
		l = new(line)
		q.lines[j.request.User.ID] = l
	}
	return l
}

// forget deletes the line of j if nothing in it is queued or running.
func (q *fairQueue) forget(j job, l *line) {
	if l.active == 0 && len(l.jobs) == 0 {
		delete(q.lines, j.request.User.ID)
	}
}
