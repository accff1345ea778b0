package discordsim

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// RESTFault makes requests go wrong. Its zero value does nothing; what is
// set adds up, so that a fault may be slow and then fail.
type RESTFault struct {
	// Route is the class of endpoints concerned; "" is all of them.
	Route Route
	// Times is how many requests are concerned; 0 is all until removed.
	Times int
	// Probability is that of a request to be concerned; 0 is always.
	Probability float64

	// Latency passes before anything else happens.
	Latency time.Duration
	// AfterWork does what was asked before it goes wrong: the message is
	// stored, and the bot is told otherwise or nothing.
	AfterWork bool
	// Hang never answers: the request waits until the bot gives up.
	Hang bool
	// Reset cuts the connection instead of answering.
	Reset bool
	// Status answers with this status and Body.
	Status int
	// Body is the answer's body for Status; "" is Discord's JSON for a
	// server error.
	Body string
	// Code answers with this JSON error code and Status, 400 if that is 0:
	// {404, 10062} says that the interaction is gone.
	Code int
	// RateLimit answers with 429.
	RateLimit *RateLimit
}

// RateLimit is a 429 answer.
type RateLimit struct {
	RetryAfter time.Duration
	Global     bool   // for the whole bot, not only this bucket
	Scope      string // X-RateLimit-Scope; "" is "user", or "global" if Global
	// HTML answers as Cloudflare does in front of Discord: a page instead
	// of JSON and no rate limit headers but Retry-After.
	HTML bool
	// NoHeaders leaves out Retry-After and the X-RateLimit headers.
	NoHeaders bool
}

// restFault is a fault in force.
type restFault struct {
	RESTFault
	left int // requests to go, if Times is set
}

// InjectREST puts a fault in force and returns what takes it out again.
// Where several apply to a request, the first one put in force does.
func (s *Server) InjectREST(f RESTFault) (remove func()) {
	fault := &restFault{RESTFault: f, left: f.Times}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.rest = append(s.faults.rest, fault)
	return func() { s.removeFault(fault) }
}

func (s *Server) removeFault(fault *restFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.rest = slices.DeleteFunc(s.faults.rest, func(f *restFault) bool { return f == fault })
}

// ClearFaults ends every REST and gateway fault.
func (s *Server) ClearFaults() {
	s.SetGatewayFaults(GatewayFaults{})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.rest = nil
	s.faults.handshakes = nil
}

// restFault finds the fault for a request and uses it up. Without one it
// returns the zero fault, which does nothing.
func (s *Server) restFault(class Route) RESTFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults.rest {
		if f.Route != RouteAny && f.Route != class || f.Probability > 0 && rand.Float64() >= f.Probability {
			continue
		}
		if f.Times > 0 {
			if f.left == 0 {
				continue
			}
			f.left--
		}
		return f.RESTFault
	}
	return RESTFault{}
}

// delay waits; it returns false if the request came to nothing meanwhile.
func (s *Server) delay(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-s.done:
	}
	return false
}

// hang waits until the bot or the simulator gives up.
func (s *Server) hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.done:
	}
}

// fails reports whether the fault changes the answer at all.
func (f RESTFault) fails() bool {
	return f.Hang || f.Reset || f.Status != 0 || f.Code != 0 || f.RateLimit != nil
}

// answer is what the bot gets instead of what it should.
func (f RESTFault) answer(now time.Time) answer {
	switch {
	case f.RateLimit != nil:
		return f.RateLimit.answer(now)
	case f.Code != 0:
		status := f.Status
		if status == 0 {
			status = http.StatusBadRequest
		}
		return jsonAnswer(status, refuse(status, f.Code, "Injected fault").body())
	case f.Body != "":
		a := answer{status: f.Status, header: http.Header{}, body: []byte(f.Body)}
		a.header.Set("Content-Type", http.DetectContentType(a.body))
		return a
	case f.Status != 0:
		return jsonAnswer(f.Status, refuse(f.Status, CodeGeneral, strconv.Itoa(f.Status)+": "+http.StatusText(f.Status)).body())
	}
	return answer{}
}

func (l *RateLimit) answer(now time.Time) answer {
	seconds := strconv.Itoa(int((l.RetryAfter + time.Second - 1) / time.Second))
	if l.HTML {
		a := answer{status: http.StatusTooManyRequests, header: http.Header{}, body: []byte(cloudflarePage)}
		a.header.Set("Content-Type", "text/html; charset=UTF-8")
		if !l.NoHeaders {
			a.header.Set("Retry-After", seconds)
		}
		return a
	}
	a := jsonAnswer(http.StatusTooManyRequests, map[string]any{
		"message": "You are being rate limited.", "retry_after": l.RetryAfter.Seconds(), "global": l.Global,
	})
	if l.NoHeaders {
		return a
	}
	scope := l.Scope
	if scope == "" {
		scope = "user"
		if l.Global {
			scope = "global"
		}
	}
	a.header.Set("Retry-After", seconds)
	a.header.Set("X-RateLimit-Scope", scope)
	a.header.Set("Via", "1.1 google")
	if l.Global {
		a.header.Set("X-RateLimit-Global", "true")
		return a
	}
	a.header.Set("X-RateLimit-Limit", "5")
	a.header.Set("X-RateLimit-Remaining", "0")
	a.header.Set("X-RateLimit-Reset", unixSeconds(now.Add(l.RetryAfter)))
	a.header.Set("X-RateLimit-Reset-After", strconv.FormatFloat(l.RetryAfter.Seconds(), 'f', 3, 64))
	a.header.Set("X-RateLimit-Bucket", "injected")
	return a
}

const cloudflarePage = `<!DOCTYPE html><html><head><title>Access denied | discord.com used Cloudflare to restrict access</title></head>` +
	`<body><h1>Error 1015</h1><p>You are being rate limited</p></body></html>`
