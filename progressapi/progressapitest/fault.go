package progressapitest

import (
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Rule makes requests that fit it meet a fault.
type Rule struct {
	Person   string   // empty: anybody
	Program  string   // empty: any
	Endpoint Endpoint // [AnyEndpoint]: either
	Times    int      // how many requests meet it; 0: all until it is removed
	Fault    Fault
}

// fits reports whether the rule is about t.
func (r *Rule) fits(t target) bool {
	return (r.Person == "" || r.Person == t.person) &&
		(r.Program == "" || r.Program == t.program) &&
		(r.Endpoint == AnyEndpoint || r.Endpoint == t.endpoint)
}

// Inject makes requests meet a fault from now on. Of several rules that fit a
// request the one that was injected first applies; after its Times the next.
func (a *API) Inject(rule Rule) (remove func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	own := &rule
	a.rules = append(a.rules, own)
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.rules = slices.DeleteFunc(a.rules, func(r *Rule) bool { return r == own })
	}
}

// Break makes every request meet a fault until [API.Mend].
func (a *API) Break(f Fault) { a.Inject(Rule{Fault: f}) }

// Mend removes every rule.
func (a *API) Mend() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rules = nil
}

// faultFor returns the fault that a request meets, if any, and uses up one of
// its times.
func (a *API) faultFor(t target) (Fault, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, rule := range a.rules {
		if !rule.fits(t) {
			continue
		}
		if rule.Times == 1 {
			a.rules = slices.Delete(a.rules, i, i+1)
		}
		rule.Times = max(rule.Times-1, 0)
		return rule.Fault, true
	}
	return Fault{}, false
}

// Fault is one way in which the API fails. Make one with a function of this
// package.
type Fault struct {
	name  string
	serve func(exchange)
}

// String returns the fault's name.
func (f Fault) String() string { return f.name }

// exchange is a request about to be answered.
type exchange struct {
	api    *API
	w      http.ResponseWriter
	r      *http.Request
	target target
}

// truth answers as if nothing were wrong.
func (x exchange) truth() { x.api.answer(x.w, x.r, x.target) }

// wait waits for d. If the request ends before that, it is never answered.
func (x exchange) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-x.r.Context().Done():
		panic(http.ErrAbortHandler)
	}
}

// reply sends a body with a type and a status.
func (x exchange) reply(status int, contentType, body string) {
	x.w.Header().Set("Content-Type", contentType)
	x.w.WriteHeader(status)
	io.WriteString(x.w, body)
}

// drop closes the connection at once, with a reset if abrupt.
func (x exchange) drop(abrupt bool) {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // The transport has no connection to take; the server ends the stream.
	}
	if tcp, ok := conn.(*net.TCPConn); ok && abrupt {
		tcp.SetLinger(0)
	}
	conn.Close()
}

// Faults returns one of each kind, in settings that suit a quick test.
func Faults() []Fault {
	return []Fault{
		Status(http.StatusInternalServerError, 0),
		Status(http.StatusServiceUnavailable, 0),
		Status(http.StatusBadRequest, CodeKeyInvalid),
		Status(http.StatusUnauthorized, CodeKeyMissing),
		Status(http.StatusPaymentRequired, 0),
		Status(http.StatusForbidden, 0),
		RateLimited("1"),
		RateLimited(""),
		Hang(),
		Reset(),
		CutOff(),
		HTML(http.StatusOK),
		HTML(http.StatusBadGateway),
		Truncated(),
		Huge(50 << 20),
		GzipBomb(200 << 20),
		Drip(10 * time.Millisecond),
		Foreign(),
		Redirect(http.StatusFound, "https://elsewhere.example.com/"),
	}
}

// Status answers with an error in the API's form; code 0 leaves out the code.
func Status(status, code int) Fault {
	return Fault{fmt.Sprintf("status %d code %d", status, code), func(x exchange) { x.api.fail(x.w, x.r, status, code) }}
}

// RateLimited answers 429, with a Retry-After header unless that is empty.
func RateLimited(retryAfter string) Fault {
	return Fault{fmt.Sprintf("rate limited %q", retryAfter), func(x exchange) {
		if retryAfter != "" {
			x.w.Header().Set("Retry-After", retryAfter)
		}
		x.api.fail(x.w, x.r, http.StatusTooManyRequests, 0)
	}}
}

// Latency answers truly after d.
func Latency(d time.Duration) Fault { return Late(d, Truth()) }

// Held answers truly once until is closed, for what is to happen while the API
// keeps a caller waiting.
func Held(until <-chan struct{}) Fault {
	return Fault{"held", func(x exchange) {
		select {
		case <-until:
			x.truth()
		case <-x.r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}}
}

// Late lets another fault happen after d.
func Late(d time.Duration, f Fault) Fault {
	return Fault{fmt.Sprintf("%s after %s", f.name, d), func(x exchange) {
		x.wait(d)
		f.serve(x)
	}}
}

// Truth is no fault: it answers truly, where a rule is to make an exception.
func Truth() Fault { return Fault{"truth", exchange.truth} }

// Hang never answers.
func Hang() Fault {
	return Fault{"hang", func(x exchange) {
		<-x.r.Context().Done()
		panic(http.ErrAbortHandler)
	}}
}

// Reset resets the connection instead of answering.
func Reset() Fault {
	return Fault{"reset", func(x exchange) { x.drop(true) }}
}

// CutOff closes the connection in the middle of an answer.
func CutOff() Fault {
	return Fault{"cut off", func(x exchange) {
		x.w.Header().Set("Content-Length", "1000")
		x.reply(http.StatusOK, "application/json", `[{"id": "program_winter", "na`)
		http.NewResponseController(x.w).Flush()
		x.drop(false)
	}}
}

// HTML answers with a page, as a proxy does.
func HTML(status int) Fault {
	return Fault{fmt.Sprintf("html %d", status), func(x exchange) {
		x.reply(status, "text/html; charset=utf-8", "\n<!DOCTYPE html>\n<html><title>"+http.StatusText(status)+"</title><h1>Please stand by</h1></html>\n")
	}}
}

// Truncated answers with JSON that breaks off.
func Truncated() Fault {
	return Fault{"truncated", func(x exchange) {
		x.reply(http.StatusOK, "application/json", `[{"id": "program_winter", "name": "Winter Ch`)
	}}
}

// Huge answers with a body of n bytes.
func Huge(n int) Fault {
	return Fault{fmt.Sprintf("huge %d", n), func(x exchange) {
		x.w.Header().Set("Content-Type", "application/json")
		x.w.Header().Set("Content-Length", strconv.Itoa(n))
		x.w.WriteHeader(http.StatusOK)
		spaces(x.w, n)
	}}
}

// GzipBomb answers with a small body that unpacks to n bytes.
func GzipBomb(n int) Fault {
	return Fault{fmt.Sprintf("gzip bomb %d", n), func(x exchange) {
		x.w.Header().Set("Content-Type", "application/json")
		x.w.Header().Set("Content-Encoding", "gzip")
		zw := gzip.NewWriter(x.w)
		spaces(zw, n)
		zw.Close()
	}}
}

// spaces writes an array that holds nothing but n-2 spaces, until that fails.
func spaces(w io.Writer, n int) {
	chunk := make([]byte, 64<<10)
	for i := range chunk {
		chunk[i] = ' '
	}
	io.WriteString(w, "[")
	for n -= 2; n > 0; n -= len(chunk) {
		if _, err := w.Write(chunk[:min(n, len(chunk))]); err != nil {
			return
		}
	}
	io.WriteString(w, "]")
}

// Drip answers with one byte each interval, and never comes to an end.
func Drip(interval time.Duration) Fault {
	return Fault{"drip", func(x exchange) {
		x.w.Header().Set("Content-Type", "application/json")
		for {
			x.wait(interval)
			if _, err := io.WriteString(x.w, " "); err != nil {
				return
			}
			http.NewResponseController(x.w).Flush()
		}
	}}
}

// Foreign answers with JSON of another service.
func Foreign() Fault {
	return Fault{"foreign", func(x exchange) {
		x.reply(http.StatusOK, "application/json", `{"message": "It works!", "uptime": 86400}`)
	}}
}

// Redirect answers with a redirect to location.
func Redirect(status int, location string) Fault {
	return Fault{fmt.Sprintf("redirect %d", status), func(x exchange) {
		x.w.Header().Set("Location", location)
		x.w.WriteHeader(status)
	}}
}

// Raw answers with any status and body.
func Raw(status int, body string) Fault {
	return Fault{fmt.Sprintf("raw %d", status), func(x exchange) { x.reply(status, "application/json", body) }}
}
