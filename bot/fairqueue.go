package bot

import (
	"slices"
	"time"
)

// fairQueue holds waiting requests in one line per person and takes turns
// between the lines, so that somebody who asks a thousand times delays only
// themselves. It also counts how many of each person's requests are being
// worked on. Its zero value is empty; its owner guards it.
type fairQueue struct {
	waiting int
	lines   map[string]*line
	turns   []*line // lines somebody waits in, whose turn is next first
}

// line is what one person asked for. It exists while anything of it waits or
// is worked on.
type line struct {
	active int   // being worked on
	jobs   []job // waiting, oldest first
}

// begin counts a request in that is worked on at once. It reports false if
// the person has enough of those.
func (q *fairQueue) begin(j job) bool {
	l := q.line(j)
	if l.active >= maxPerPerson {
		return false
	}
	l.active++
	return true
}

// end counts a request out that was worked on.
func (q *fairQueue) end(j job) {
	l := q.line(j)
	l.active--
	q.forget(j, l)
}

// push adds a request to its person's line. It reports false if that is long
// enough.
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

// pop takes the next request whose person has room, and begins it.
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

// popOlder takes every request that was received before than.
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

// shift takes the oldest request of a line.
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

// forget drops a line of which nothing is left.
func (q *fairQueue) forget(j job, l *line) {
	if l.active == 0 && len(l.jobs) == 0 {
		delete(q.lines, j.request.User.ID)
	}
}
