package progressapitest

import (
	"bytes"
	"compress/gzip"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Defaults of [Options].
const (
	DefaultKey       = "sample-key-not-a-secret"
	DefaultKeyHeader = "x-gft_api_key"
	DefaultPlatform  = "discord"
	DefaultBasePath  = "/api/v1"
)

// Codes that the API gives in its error bodies.
const (
	CodeKeyInvalid       = 1001
	CodeKeyMissing       = 1002
	CodeCampaignNotFound = 5250
)

// Options says how an [API] is set up. The zero value is ready for use.
type Options struct {
	Key       string           // the one key that is accepted; [DefaultKey] if empty
	KeyHeader string           // the header it comes in; [DefaultKeyHeader] if empty
	Platform  string           // the platform it serves; [DefaultPlatform] if empty
	BasePath  string           // where it is mounted; [DefaultBasePath] if empty, "/" for the root
	Now       func() time.Time // its clock; [time.Now] if nil
	Unknown   Unknown          // what it says about people it does not know
	Gzip      bool             // pack answers for clients that accept it
}

// API is a fake progress API. Make one with [New] or [Start].
type API struct {
	opts Options

	mu     sync.Mutex
	people map[string][]Program
	away   map[string]Person // of People, whom nobody has asked for yet
	opened time.Time         // when the away began to live here
	now    func() time.Time
	passed time.Duration // by which the clock was put forward
	shape  Shape
	quota  quota
	rules  []*Rule
	log    requestLog
}

// New returns an API where the people of [People] live.
func New(o Options) *API {
	o.Key = or(o.Key, DefaultKey)
	o.KeyHeader = or(o.KeyHeader, DefaultKeyHeader)
	o.Platform = or(o.Platform, DefaultPlatform)
	o.BasePath = strings.TrimRight(or(o.BasePath, DefaultBasePath), "/")
	if o.Now == nil {
		o.Now = time.Now
	}
	a := &API{opts: o, now: o.Now, people: make(map[string][]Program), away: make(map[string]Person), opened: o.Now(), log: newRequestLog()}
	for _, p := range People() {
		a.away[p.ID] = p
	}
	return a
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// Now returns the time on the API's clock.
func (a *API) Now() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.clock()
}

// clock is Now for those who hold the lock.
func (a *API) clock() time.Time { return a.now().Add(a.passed) }

// SetNow stops the API's clock at t.
func (a *API) SetNow(t time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now, a.passed = func() time.Time { return t }, 0
}

// Pass puts the API's clock forward by d.
func (a *API) Pass(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.passed += d
}

// target is what a request asks for.
type target struct {
	person   string
	program  string
	endpoint Endpoint
}

// ServeHTTP implements [http.Handler].
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t, ok := a.route(r.URL)
	rec := &recorder{ResponseWriter: w}
	entry := a.begin(t)
	defer func() { a.end(entry, rec.status) }()

	if status, code, problem := a.refusal(r, ok); problem != "" {
		a.violated(entry, problem)
		a.fail(rec, r, status, code)
		return
	}
	if a.overQuota() {
		RateLimited("1").serve(exchange{api: a, w: rec, r: r, target: t})
		return
	}
	if f, ok := a.faultFor(t); ok {
		a.faulted(entry, f)
		f.serve(exchange{api: a, w: rec, r: r, target: t})
		return
	}
	a.answer(rec, r, t)
}

// route finds out what a URL asks for. Segments are told apart before they
// are unescaped, so that an escaped slash stays inside its segment.
func (a *API) route(u *url.URL) (target, bool) {
	path, ok := strings.CutPrefix(u.EscapedPath(), a.opts.BasePath+"/")
	if !ok {
		return target{}, false
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		plain, err := url.PathUnescape(s)
		if err != nil || plain == "" {
			return target{}, false
		}
		segments[i] = plain
	}
	if n := len(segments); n != 5 && n != 6 || segments[0] != "users" || segments[1] != a.opts.Platform ||
		segments[3] != "progress" || segments[4] != "collection-challenges" {
		return target{}, false
	}
	t := target{person: segments[2], endpoint: List}
	if len(segments) == 6 {
		t.program, t.endpoint = segments[5], Get
	}
	return t, true
}

// refusal checks a request against the API's documents. It returns the
// answer that a bad one gets, and what is wrong with it.
func (a *API) refusal(r *http.Request, routed bool) (status, code int, problem string) {
	key := r.Header.Get(a.opts.KeyHeader)
	switch {
	case r.Method != http.MethodGet:
		return http.StatusMethodNotAllowed, 0, "method is " + r.Method
	case !routed:
		return http.StatusNotFound, 0, "no such path"
	case r.URL.RawQuery != "":
		return http.StatusBadRequest, 0, "there are no query parameters"
	case r.Header.Get("Accept") != "application/json":
		return http.StatusNotAcceptable, 0, "Accept is not application/json"
	case r.UserAgent() == "" || strings.HasPrefix(r.UserAgent(), "Go-http-client"):
		return http.StatusForbidden, 0, "User-Agent names nobody"
	case key == "":
		return http.StatusUnauthorized, CodeKeyMissing, "key is missing"
	case subtle.ConstantTimeCompare([]byte(key), []byte(a.opts.Key)) == 0:
		return http.StatusBadRequest, CodeKeyInvalid, "key is wrong"
	default:
		return 0, 0, ""
	}
}

// answer sends what the API knows.
func (a *API) answer(w http.ResponseWriter, r *http.Request, t target) {
	body, ok := a.body(t)
	if !ok {
		a.unknown(w, r, t)
		return
	}
	a.write(w, r, http.StatusOK, body)
}

// body returns the answer in the shape that was chosen, and false if there
// is no such person or program.
func (a *API) body(t target) ([]byte, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	programs, ok := a.person(t.person)
	if !ok {
		return nil, false
	}
	now := a.clock()
	if t.endpoint == List {
		return a.shape.list(programs, now), true
	}
	for i := range programs {
		if programs[i].ID == t.program {
			return a.shape.one(&programs[i], now), true
		}
	}
	return nil, false
}

// write sends a body that is JSON, packed if that is wanted on both sides.
func (a *API) write(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if a.opts.Gzip && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		var packed bytes.Buffer
		zw := gzip.NewWriter(&packed)
		zw.Write(body) // Neither can fail on a buffer.
		zw.Close()
		body = packed.Bytes()
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}

// fail sends an error as the API words them; code 0 leaves the code out.
func (a *API) fail(w http.ResponseWriter, r *http.Request, status, code int) {
	a.write(w, r, status, marshal(map[string]any{"status": a.status(code)}))
}

// status returns the object that stands beside or instead of data.
func (a *API) status(code int) map[string]any {
	s := map[string]any{"timestamp": strconv.FormatInt(a.Now().UnixMilli(), 10)}
	if code != 0 {
		s["errorCode"] = code
		s["errorMessage"] = message(code)
	}
	return s
}

func message(code int) string {
	switch code {
	case CodeKeyInvalid:
		return "This API Key is invalid."
	case CodeKeyMissing:
		return "The API Key is missing."
	case CodeCampaignNotFound:
		return "Campaign not found"
	default:
		return fmt.Sprintf("Error %d", code)
	}
}

// marshal is json.Marshal for values of this package, which always can be.
func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("progressapitest: marshal: %v", err))
	}
	return b
}
