package bot_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"progressbot/bot"
	"progressbot/bot/discordsim"
)

// endpoint is a bot's endpoint and the key that it trusts.
type endpoint struct {
	t     *testing.T
	world *world
	url   string
	key   ed25519.PrivateKey
	next  int
}

func newEndpoint(t *testing.T) *endpoint {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, bot.HTTP, "DISCORD_PUBLIC_KEY", hex.EncodeToString(public))
	// These interactions are not the simulated Discord's: it does not know
	// what a call about them is for.
	w.forgive(func(v discordsim.Violation) bool { return v.Code == discordsim.CodeUnknownInteraction })
	return &endpoint{t: t, world: w, key: private, url: "http://" + w.log.await(t, `taken by HTTP" addr=(\S+)`) + "/interactions"}
}

// post sends a body that was signed at a time, after change had its way.
func (e *endpoint) post(body string, at time.Time, change func(*http.Request)) (status int, answer string) {
	e.t.Helper()
	stamp := strconv.FormatInt(at.Unix(), 10)
	req, err := http.NewRequestWithContext(e.t.Context(), http.MethodPost, e.url, strings.NewReader(body))
	if err != nil {
		e.t.Fatal(err)
	}
	req.Header.Set("X-Signature-Timestamp", stamp)
	req.Header.Set("X-Signature-Ed25519", hex.EncodeToString(ed25519.Sign(e.key, []byte(stamp+body))))
	if change != nil {
		change(req)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		e.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	return res.StatusCode, string(bytes.TrimSpace(text))
}

// help is somebody asking for help.
func (e *endpoint) help() string {
	e.next++
	return fmt.Sprintf(`{"id":"%d","application_id":"%s","type":2,"token":"canary%d","user":{"id":"5","username":"x"},
		"data":{"id":"1","name":"help","type":1},"channel_id":"7","locale":"en-US"}`, e.next, discordsim.DefaultApplication, e.next)
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t)
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	now := time.Now()
	const ping = `{"type":1}`
	tests := []struct {
		name   string
		body   string
		at     time.Time
		change func(*http.Request)
		status int
		answer string // beginning
	}{
		{"ping", ping, now, nil, 200, `{"type":1}`},
		{"ping, clock a little off", ping, now.Add(-4 * time.Minute), nil, 200, `{"type":1}`},
		{"answered inline", e.help(), now, nil, 200, `{"type":4,"data":{`},
		{"wrong signature", ping, now, header("X-Signature-Ed25519", strings.Repeat("00", 64)), 401, ""},
		{"short signature", ping, now, header("X-Signature-Ed25519", "00"), 401, ""},
		{"signature is no hex", ping, now, header("X-Signature-Ed25519", strings.Repeat("zz", 64)), 401, ""},
		{"no signature", ping, now, func(r *http.Request) { r.Header.Del("X-Signature-Ed25519") }, 401, ""},
		{"no timestamp", ping, now, func(r *http.Request) { r.Header.Del("X-Signature-Timestamp") }, 401, ""},
		{"other timestamp", ping, now, header("X-Signature-Timestamp", "1"), 401, ""},
		{"timestamp is no number", ping, now, header("X-Signature-Timestamp", "now"), 401, ""},
		{"played back later", ping, now.Add(-6 * time.Minute), nil, 401, ""},
		{"from the future", ping, now.Add(6 * time.Minute), nil, 401, ""},
		{"no JSON", `{"type":`, now, nil, 400, ""},
		{"nobody asked", `{"id":"99","type":2,"token":"t","data":{"name":"help"}}`, now, nil, 400, ""},
		{"unheard of", `{"id":"98","type":77,"token":"t","user":{"id":"5"}}`, now, nil, 400, ""},
		{"too large", strings.Repeat(" ", 4<<20+1), now, nil, 413, ""},
		{"too large and not signed", strings.Repeat(" ", 4<<20+1), now, func(r *http.Request) { r.Header.Del("X-Signature-Ed25519") }, 401, ""},
		{"another method", "", now, func(r *http.Request) { r.Method, r.Body = http.MethodGet, nil }, 405, ""},
		{"another path", ping, now, func(r *http.Request) { r.URL.Path = "/" }, 404, ""},
	}
	for _, tt := range tests { //nolint:paralleltest // quick, and against one endpoint
		t.Run(tt.name, func(t *testing.T) {
			status, answer := e.post(tt.body, tt.at, tt.change)
			if status != tt.status || !strings.HasPrefix(answer, tt.answer) {
				t.Errorf("answered %d %s, want %d %s…", status, answer, tt.status, tt.answer)
			}
			if status == http.StatusOK && !json.Valid([]byte(answer)) {
				t.Errorf("not JSON: %s", answer)
			}
		})
	}
	t.Run("the operator is told of the clock", func(t *testing.T) {
		e.world.log.await(t, `refused for its age.* age=(6m)`)
	})
	t.Run("the same again", func(t *testing.T) {
		body := e.help()
		if status, _ := e.post(body, now, nil); status != http.StatusOK {
			t.Errorf("first: %d", status)
		}
		if status, answer := e.post(body, now, nil); status != http.StatusAccepted || answer != "" {
			t.Errorf("second: %d %s, want 202 and nothing", status, answer)
		}
	})
}

// FuzzWebhook never lets an unsigned request through, and never panics on a
// signed one.
func FuzzWebhook(f *testing.F) {
	f.Add([]byte(`{"type":1}`), "00", "1")
	f.Add([]byte(`{"id":"1","type":2,"token":"t","user":{"id":"5"},"data":{"name":"help"}}`), strings.Repeat("ab", 64), "1700000000")
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		f.Fatal(err)
	}
	h := bot.NewTestWebhook(public)
	f.Fuzz(func(t *testing.T, body []byte, signature, timestamp string) {
		if status := bot.PostWebhook(h, body, signature, timestamp); status != http.StatusUnauthorized {
			t.Errorf("unsigned request answered with %d", status)
		}
		stamp := strconv.FormatInt(time.Now().Unix(), 10)
		signed := hex.EncodeToString(ed25519.Sign(private, append([]byte(stamp), body...)))
		if status := bot.PostWebhook(h, body, signed, stamp); status == http.StatusUnauthorized {
			t.Error("signed request refused")
		}
	})
}
