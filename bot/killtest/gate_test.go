package killtest

import (
	"bytes"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"progressbot/bot/discordsim"
)

// moment is when, on the way of a request, the process that made it dies.
type moment string

const (
	before   moment = "before it arrives"
	stored   moment = "before it is answered"
	answered moment = "after it is answered"
)

// gate stands between a process and Discord. It notes what the process asks
// for, and kills it at the request and moment that are chosen. It makes
// Discord forget nonces, so that nothing but the bot's own care prevents a
// second post.
type gate struct {
	discord string
	kill    func() bool
	server  *httptest.Server
	client  *http.Transport

	mu     sync.Mutex
	trap   *trap
	asked  []string // steps, each once, in the order in which they came first
	counts map[string]int
	change chan struct{} // closed when something is noted
}

// trap waits for a request.
type trap struct {
	step   string
	moment moment
	sprung chan struct{}
}

// newGate opens a gate to Discord, which calls kill for what its traps catch.
func newGate(t *testing.T, discord string, kill func() bool) *gate {
	t.Helper()
	g := &gate{
		discord: discord, kill: kill, client: &http.Transport{MaxIdleConnsPerHost: 64},
		counts: map[string]int{}, change: make(chan struct{}),
	}
	g.server = httptest.NewServer(g)
	t.Cleanup(func() {
		g.server.CloseClientConnections()
		g.server.Close()
		g.client.CloseIdleConnections()
	})
	return g
}

// set makes the next such request end the process that made it, and returns
// what is closed then.
func (g *gate) set(step string, m moment) <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.trap = &trap{step: step, moment: m, sprung: make(chan struct{})}
	return g.trap.sprung
}

// catch springs the trap if it is for this request.
func (g *gate) catch(step string) *trap {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.trap == nil || g.trap.step != step {
		return nil
	}
	t := g.trap
	g.trap = nil
	return t
}

// springs kills the process if its time has come. Without one the request is
// what a dead process left behind, and the trap stays set.
func (g *gate) springs(t *trap, m moment) bool {
	if t == nil || t.moment != m {
		return false
	}
	if !g.kill() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.trap == nil {
			g.trap = t
		}
		return false
	}
	close(t.sprung)
	return true
}

// ServeHTTP implements http.Handler.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the process died while it asked
	}
	step := stepOf(r)
	caught := g.catch(step)
	if g.springs(caught, before) {
		panic(http.ErrAbortHandler)
	}
	out, err := http.NewRequestWithContext(r.Context(), r.Method, g.discord+r.URL.RequestURI(), bytes.NewReader(forgetNonce(body)))
	if err != nil {
		panic(err) // its parts are those of a request
	}
	out.Header = r.Header.Clone()
	res, err := g.client.RoundTrip(out)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	g.note(step)
	if g.springs(caught, stored) || err != nil {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), res.Header)
	w.WriteHeader(res.StatusCode)
	_, _ = w.Write(answer)
	if caught != nil {
		_ = http.NewResponseController(w).Flush()
		g.springs(caught, answered)
	}
}

// forgetNonce takes out that Discord is to enforce a nonce.
func forgetNonce(body []byte) []byte {
	return bytes.ReplaceAll(body, []byte(`"enforce_nonce":true`), []byte(`"enforce_nonce":false`))
}

// note remembers that a request was carried out.
func (g *gate) note(step string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.counts[step]++; g.counts[step] == 1 {
		g.asked = append(g.asked, step)
	}
	close(g.change)
	g.change = make(chan struct{})
}

// forget empties the list of what was asked.
func (g *gate) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked, g.counts = nil, map[string]int{}
}

// steps lists what was asked since.
func (g *gate) steps() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string(nil), g.asked...)
}

// count returns how often any of the steps was asked, and what is closed when
// something is.
func (g *gate) count(steps ...string) (n int, change <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, step := range steps {
		n += g.counts[step]
	}
	return n, g.change
}

// The steps that tests name.
const (
	postMessage = "POST /channels/{id}/messages"
	readHistory = "GET /channels/{id}/messages"
	giveRole    = "PUT /guilds/{id}/members/{id}/roles/{id}"
)

// stepOf names a request, whatever it is about; the bot itself is told from
// other members.
func stepOf(r *http.Request) string {
	_, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/api/"), "/")
	parts := strings.Split(path, "/")
	for i, part := range parts {
		switch {
		case part == discordsim.DefaultApplication:
			parts[i] = "{bot}"
		case len(part) > 40:
			parts[i] = "{token}"
		case strings.Trim(part, "0123456789") == "":
			parts[i] = "{id}"
		}
	}
	return r.Method + " /" + strings.Join(parts, "/")
}

// balancer hands interactions to the processes that are there, as what stands
// before several of them does.
type balancer struct {
	seats  []*seat
	server *httptest.Server
	client *http.Transport
}

func newBalancer(t *testing.T, seats []*seat) *balancer {
	t.Helper()
	b := &balancer{seats: seats, client: &http.Transport{MaxIdleConnsPerHost: 64, DisableKeepAlives: true}}
	b.server = httptest.NewServer(b)
	t.Cleanup(func() {
		b.server.CloseClientConnections()
		b.server.Close()
		b.client.CloseIdleConnections()
	})
	return b
}

// ServeHTTP implements http.Handler.
func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	for _, i := range rand.Perm(len(b.seats)) {
		addr := b.seats[i].address()
		if addr == "" {
			continue
		}
		out, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+addr+r.URL.RequestURI(), bytes.NewReader(body))
		if err != nil {
			panic(err) // its parts are those of a request
		}
		out.Header = r.Header.Clone()
		res, err := b.client.RoundTrip(out)
		if err != nil {
			break // it may have arrived
		}
		defer func() { _ = res.Body.Close() }()
		maps.Copy(w.Header(), res.Header)
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body)
		return
	}
	w.WriteHeader(http.StatusBadGateway)
}
