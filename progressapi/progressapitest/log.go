package progressapitest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Bounds of what is remembered about requests.
const (
	maxLogged     = 4096
	maxCounted    = 100_000
	maxViolations = 100
)

// Endpoint is one of the API's two endpoints.
type Endpoint int

const (
	AnyEndpoint Endpoint = iota // in a [Rule]: either; in a [Request]: neither
	List                        // all programs of a person
	Get                         // one program of a person
)

// String returns the endpoint's name.
func (e Endpoint) String() string { return [...]string{"any", "list", "get"}[e] }

// Request is one request that the API got.
type Request struct {
	At       time.Time // on the API's clock
	Endpoint Endpoint  // [AnyEndpoint] if it asked for neither
	Person   string
	Program  string
	Status   int    // of the answer; 0 while there is none, and if there never was
	Fault    string // name of the fault it met, if any
	Problem  string // what was wrong with it, if anything
}

// requestLog remembers the last requests and counts all.
type requestLog struct {
	last       []*Request
	total      int
	perPerson  map[string]int
	violations []string
	inFlight   int
	peak       int
	more       chan struct{} // closed when a request comes
}

func newRequestLog() requestLog {
	return requestLog{perPerson: make(map[string]int), more: make(chan struct{})}
}

// Requests returns the last requests, oldest first; up to 4,096 are kept.
func (a *API) Requests() []Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	requests := make([]Request, len(a.log.last))
	for i, r := range a.log.last {
		requests[i] = *r
	}
	return requests
}

// Total returns how many requests there were.
func (a *API) Total() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.log.total
}

// AwaitTotal waits until there were at least n requests, answered or not.
func (a *API) AwaitTotal(ctx context.Context, n int) error {
	for {
		a.mu.Lock()
		total, more := a.log.total, a.log.more
		a.mu.Unlock()
		if total >= n {
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return fmt.Errorf("await %d requests, got %d: %w", n, total, ctx.Err())
		}
	}
}

// Count returns how many requests there were about a person.
func (a *API) Count(person string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.log.perPerson[person]
}

// Counts returns how many requests there were about each person. The first
// 100,000 people are counted.
func (a *API) Counts() map[string]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.log.perPerson)
}

// Peak returns how many requests were being answered at once at most.
func (a *API) Peak() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.log.peak
}

// Violations returns what was wrong with requests that broke the API's
// rules; the first 100 are kept. None of them quotes a key.
func (a *API) Violations() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.log.violations)
}

// ForgetRequests empties the log and sets all counts to zero.
func (a *API) ForgetRequests() {
	a.mu.Lock()
	defer a.mu.Unlock()
	old := a.log
	a.log = newRequestLog()
	a.log.inFlight, a.log.peak, a.log.more = old.inFlight, old.inFlight, old.more
}

// begin logs a request.
func (a *API) begin(t target) *Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := &a.log
	entry := &Request{At: a.clock(), Endpoint: t.endpoint, Person: t.person, Program: t.program}
	if len(l.last) == maxLogged {
		l.last = slices.Delete(l.last, 0, maxLogged/4)
	}
	l.last = append(l.last, entry)
	l.total++
	close(l.more)
	l.more = make(chan struct{})
	if _, known := l.perPerson[t.person]; known || t.person != "" && len(l.perPerson) < maxCounted {
		l.perPerson[t.person]++
	}
	l.inFlight++
	l.peak = max(l.peak, l.inFlight)
	return entry
}

// end notes how a request was answered.
func (a *API) end(entry *Request, status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	entry.Status = status
	a.log.inFlight--
}

// violated notes what was wrong with a request.
func (a *API) violated(entry *Request, problem string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	entry.Problem = problem
	if len(a.log.violations) < maxViolations {
		a.log.violations = append(a.log.violations, problem)
	}
}

// faulted notes which fault a request met.
func (a *API) faulted(entry *Request, f Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	entry.Fault = f.name
}

// recorder notes the status that is sent.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(p)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
