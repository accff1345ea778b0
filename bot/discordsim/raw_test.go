package discordsim_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"progressbot/bot/discordsim"
)

// result is the answer to a raw request.
type result struct {
	status int
	header http.Header
	body   string
}

// apiError is Discord's error body.
type apiError struct {
	Message string          `json:"message"`
	Code    int             `json:"code"`
	Errors  json.RawMessage `json:"errors"`
}

func (r result) error(t testing.TB) apiError {
	t.Helper()
	var e apiError
	if err := json.Unmarshal([]byte(r.body), &e); err != nil {
		t.Fatalf("error body %q: %v", r.body, err)
	}
	return e
}

func (r result) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.body), v); err != nil {
		t.Fatalf("body %q: %v", r.body, err)
	}
}

// httpClient makes requests that leave no goroutine behind.
func httpClient(t testing.TB) *http.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: deadline}
}

// do makes a well-mannered request.
func do(t testing.TB, s *discordsim.Server, method, path, body string) result {
	t.Helper()
	return doWith(t, s, method, path, "application/json", []byte(body), nil)
}

func doWith(t testing.TB, s *discordsim.Server, method, path, contentType string, body []byte, change func(*http.Request)) result {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL()+"/api/v10"+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bot "+s.Token())
	r.Header.Set("User-Agent", "DiscordBot (https://example.org, 1.0)")
	r.Header.Set("Content-Type", contentType)
	if change != nil {
		change(r)
	}
	res, err := httpClient(t).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return result{res.StatusCode, res.Header, string(b)}
}

// multipartBody is a request with files, the first as files[0].
func multipartBody(t testing.TB, payload string, files map[string]string) (contentType string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField("payload_json", payload); err != nil {
		t.Fatal(err)
	}
	n := 0
	for name, content := range files {
		part, err := w.CreateFormFile("files["+string(rune('0'+n))+"]", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, content); err != nil {
			t.Fatal(err)
		}
		n++
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.Bytes()
}

// event is an interaction as the bot received it.
type event struct {
	ID    string         `json:"id"`
	Token string         `json:"token"`
	Type  int            `json:"type"`
	raw   map[string]any // everything
}

func (e event) callback() string { return "/interactions/" + e.ID + "/" + e.Token + "/callback" }

// hook is a bot that takes interactions over HTTP and leaves the answers to
// the test, which makes them by raw requests.
type hook struct {
	s      *discordsim.Server
	events chan event
	inline func(event) (status int, contentType, body string) // nil answers 202
}

func newHook(t testing.TB, s *discordsim.Server) *hook {
	t.Helper()
	h := &hook{s: s, events: make(chan event, 16)}
	key, err := hex.DecodeString(s.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		signature, _ := hex.DecodeString(r.Header.Get("X-Signature-Ed25519"))
		if !ed25519.Verify(key, append([]byte(r.Header.Get("X-Signature-Timestamp")), body...), signature) {
			http.Error(w, "bad signature", http.StatusUnauthorized)
			return
		}
		h.serve(t, w, body)
	}))
	t.Cleanup(server.Close)
	if err := s.SetInteractionsEndpoint(t.Context(), server.URL); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *hook) serve(t testing.TB, w http.ResponseWriter, body []byte) {
	var e event
	if err := json.Unmarshal(body, &e); err != nil {
		t.Errorf("event: %v", err)
	}
	_ = json.Unmarshal(body, &e.raw)
	switch {
	case e.Type == discordsim.InteractionPing:
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"type":1}`)
		return
	case h.inline != nil:
		status, contentType, answer := h.inline(e)
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	default:
		w.WriteHeader(http.StatusAccepted)
	}
	h.events <- e
}

// next is the next interaction.
func (h *hook) next(t testing.TB) event {
	t.Helper()
	select {
	case e := <-h.events:
		return e
	case <-time.After(deadline):
		t.Fatal("no interaction came")
		return event{}
	}
}

// registerRaw replaces the global commands.
func registerRaw(t testing.TB, s *discordsim.Server, commands string) {
	t.Helper()
	if r := do(t, s, http.MethodPut, "/applications/"+s.ApplicationID()+"/commands", commands); r.status != http.StatusOK {
		t.Fatalf("register: %d %s", r.status, r.body)
	}
}

// invoke uses /hi and returns both sides of it.
func (h *hook) invoke(t testing.TB, in discordsim.Invocation) (*discordsim.Interaction, event) {
	t.Helper()
	if in.Command == "" {
		in.Command = "hi"
	}
	i, err := h.s.Invoke(in)
	if err != nil {
		t.Fatal(err)
	}
	return i, h.next(t)
}

// hookWorld is a simulator with the command /hi and a webhook bot.
func hookWorld(t testing.TB, o discordsim.Options) (*discordsim.Server, *hook) {
	t.Helper()
	s := start(t, o)
	registerRaw(t, s, `[{"name":"hi","description":"Says hi","integration_types":[0,1],"contexts":[0,1,2]}]`)
	return s, newHook(t, s)
}

// want checks status and JSON error code of a refusal, and that its errors
// mention a path.
func (r result) want(t testing.TB, status, code int, path string) {
	t.Helper()
	if r.status != status {
		t.Fatalf("status = %d, want %d: %s", r.status, status, r.body)
	}
	if status < 400 {
		return
	}
	e := r.error(t)
	if e.Code != code {
		t.Errorf("code = %d, want %d: %s", e.Code, code, r.body)
	}
	var tree any
	if path == "" {
		return
	}
	if err := json.Unmarshal(e.Errors, &tree); err != nil {
		t.Fatalf("errors %q: %v", e.Errors, err)
	}
	for key := range strings.SplitSeq(path, ".") {
		m, _ := tree.(map[string]any)
		if tree = m[key]; tree == nil {
			t.Fatalf("errors do not mention %q: %s", path, e.Errors)
		}
	}
	if m, _ := tree.(map[string]any); m["_errors"] == nil {
		t.Errorf("no _errors at %q: %s", path, e.Errors)
	}
}
