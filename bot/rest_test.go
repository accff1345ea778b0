package bot_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"

	"progressbot/bot"
	"progressbot/commands"
	"progressbot/embeds"
)

// tokenCanary is an interaction token that nothing may print.
const tokenCanary = "canary/interaction?token"

func credentials() commands.Credentials {
	return commands.Credentials{ApplicationID: "77", InteractionID: "88", Token: tokenCanary}
}

// restTest is a REST client against a Discord that follows a script: one
// answer per request, the last one for all that follow. It has to run in a
// synctest bubble.
type restTest struct {
	*bot.TestREST
	t       *testing.T
	net     *memoryNet
	metrics *metrics.Set
	refused []error

	mu       sync.Mutex
	script   []http.HandlerFunc
	requests []request
	started  time.Time
}

type request struct {
	line   string // method and path
	at     time.Duration
	header http.Header
	body   string
}

func newRESTTest(t *testing.T, script ...http.HandlerFunc) *restTest {
	r := &restTest{t: t, net: newMemoryNet(), metrics: metrics.NewSet(), script: script, started: time.Now()}
	transport := &http.Transport{DialContext: r.net.dial, DisableCompression: true, MaxIdleConnsPerHost: 10}
	r.TestREST = bot.NewTestREST("http://discord.test", "canary-bot-token", transport, r.metrics, func(err error) {
		r.refused = append(r.refused, err)
	})
	server := &http.Server{Handler: r}
	go func() { _ = server.Serve(r.net) }()
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		time.Sleep(time.Minute) // handlers that hang let go
		synctest.Wait()
	})
	return r
}

// ServeHTTP is Discord's REST API.
func (r *restTest) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	answer := r.script[min(len(r.requests), len(r.script)-1)]
	r.requests = append(r.requests, request{req.Method + " " + req.URL.EscapedPath(), time.Since(r.started), req.Header, string(body)})
	r.mu.Unlock()
	req.Body = io.NopCloser(strings.NewReader(string(body)))
	answer(w, req)
}

// lines returns the requests that came.
func (r *restTest) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var lines []string
	for _, req := range r.requests {
		lines = append(lines, req.line)
	}
	return lines
}

// answer answers with a status and a body; headers come as "Name: value".
func answer(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// hang answers nothing.
func hang(_ http.ResponseWriter, req *http.Request) {
	select {
	case <-req.Context().Done():
	case <-time.After(30 * time.Second):
	}
}

// drop cuts the connection.
func drop(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

var (
	ok         = answer(http.StatusNoContent, "")
	broken     = answer(http.StatusInternalServerError, "<html>oops")
	unknown    = answer(http.StatusNotFound, `{"message":"Unknown interaction","code":10062}`)
	already    = answer(http.StatusBadRequest, `{"message":"Interaction has already been acknowledged.","code":40060}`)
	noMessage  = answer(http.StatusNotFound, `{"message":"Unknown Message","code":10008}`)
	noWebhook  = answer(http.StatusNotFound, `{"message":"Unknown Webhook","code":10015}`)
	badToken   = answer(http.StatusUnauthorized, `{"message":"Invalid Webhook Token","code":50027}`)
	refusedBot = answer(http.StatusUnauthorized, `{"message":"401: Unauthorized","code":0}`)
	malformed  = answer(http.StatusBadRequest, `{"message":"Invalid Form Body","code":50035,"errors":{"data":{"embeds":{"0":{"title":{"_errors":[{"code":"BASE_TYPE_MAX_LENGTH","message":"Must be canary or fewer in length."}]}}}}}}`)
	limited    = answer(http.StatusTooManyRequests, `{"message":"You are being rate limited.","retry_after":0.5,"global":false}`)
	limitedLet = answer(http.StatusTooManyRequests, `<html>error 1015`, "Retry-After: 1")
	limitedFar = answer(http.StatusTooManyRequests, `{"retry_after":60}`)
)

const (
	callbackLine = "POST /api/v9/interactions/88/canary%2Finteraction%3Ftoken/callback"
	webhookLine  = "/api/v9/webhooks/77/canary%2Finteraction%3Ftoken"
	originalLine = webhookLine + "/messages/@original"
)

func hello() commands.Reply {
	return commands.Reply{Message: embeds.Message{Content: "hi <@1> & co"}, Private: true}
}

// TestFirstAnswer holds the first answer against everything that can happen
// to it.
func TestFirstAnswer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		script []http.HandlerFunc
		want   error         // nil, or what the error is
		any    bool          // any error will do
		tries  int           // requests; 0 for several, as luck will have it
		within time.Duration // until it is known
	}{
		{name: "at once", script: []http.HandlerFunc{ok}, tries: 1},
		{name: "5xx", script: []http.HandlerFunc{broken, broken, ok}, tries: 3, within: time.Second},
		{name: "stored before the 5xx", script: []http.HandlerFunc{broken, already}, tries: 2, within: time.Second},
		{name: "connection lost", script: []http.HandlerFunc{drop, ok}, tries: 2, within: time.Second},
		{name: "stored before the connection was lost", script: []http.HandlerFunc{drop, already}, tries: 2, within: time.Second},
		{name: "no answer", script: []http.HandlerFunc{hang, ok}, tries: 2, within: 1500 * time.Millisecond},
		{name: "answered by somebody else", script: []http.HandlerFunc{already}, want: commands.ErrAlreadyAnswered, tries: 1},
		{name: "too late", script: []http.HandlerFunc{unknown}, want: commands.ErrInteractionGone, tries: 1},
		{name: "too late at the second try", script: []http.HandlerFunc{broken, unknown}, want: commands.ErrInteractionGone, tries: 2, within: time.Second},
		{name: "unknown in HTML", script: []http.HandlerFunc{answer(http.StatusNotFound, "<html>")}, want: commands.ErrInteractionGone, tries: 1},
		{name: "rate limit", script: []http.HandlerFunc{limited, ok}, tries: 2, within: 600 * time.Millisecond},
		{name: "rate limit, then somebody else", script: []http.HandlerFunc{limited, already}, want: commands.ErrAlreadyAnswered, tries: 2, within: 600 * time.Millisecond},
		{name: "rate limit in HTML", script: []http.HandlerFunc{limitedLet, ok}, tries: 2, within: 1100 * time.Millisecond},
		{name: "rate limit beyond the deadline", script: []http.HandlerFunc{limitedFar}, any: true, tries: 1},
		{name: "malformed", script: []http.HandlerFunc{malformed}, want: commands.ErrRejected, tries: 1},
		{name: "blocked by a filter", script: []http.HandlerFunc{answer(http.StatusForbidden, `{"code": 240000}`)}, want: commands.ErrRejected, tries: 1},
		{name: "too large", script: []http.HandlerFunc{answer(http.StatusRequestEntityTooLarge, `{"code": 40005}`)}, want: commands.ErrRejected, tries: 1},
		{name: "redirect", script: []http.HandlerFunc{answer(http.StatusFound, "", "Location: http://elsewhere.test/")}, any: true, tries: 1},
		{name: "nothing works", script: []http.HandlerFunc{broken}, any: true, within: 2900 * time.Millisecond},
		{name: "nobody answers", script: []http.HandlerFunc{hang}, any: true, tries: 3, within: 2900 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRESTTest(t, tt.script...)
				ctx, cancel := context.WithTimeout(t.Context(), 2900*time.Millisecond)
				defer cancel()
				began := time.Now()
				err := r.Responder(credentials(), false).Respond(ctx, hello())
				if took := time.Since(began); took > tt.within {
					t.Errorf("took %v, want at most %v", took, tt.within)
				}
				switch {
				case tt.any:
					if err == nil || errors.Is(err, commands.ErrInteractionGone) || errors.Is(err, commands.ErrAlreadyAnswered) {
						t.Errorf("error = %v, want another", err)
					}
				case !errors.Is(err, tt.want):
					t.Errorf("error = %v, want %v", err, tt.want)
				}
				if err != nil && strings.Contains(err.Error(), "canary") {
					t.Errorf("error holds a secret or what was sent: %v", err)
				}
				tries := tt.tries
				if tries == 0 {
					tries = min(max(len(r.requests), 3), 6)
				}
				if diff := cmp.Diff(slices.Repeat([]string{callbackLine}, tries), r.lines()); diff != "" {
					t.Errorf("requests mismatch (-want +got):\n%s", diff)
				}
				if len(r.refused) > 0 {
					t.Errorf("the bot's token counts as refused: %v", r.refused)
				}
			})
		})
	}
}

func TestErrorsNameWhatIsMalformed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRESTTest(t, malformed)
		err := r.Responder(credentials(), false).Respond(t.Context(), hello())
		want := "the answer was rejected: discord callback: status 400, code 50035: Invalid Form Body; data.embeds.0.title BASE_TYPE_MAX_LENGTH"
		if err == nil || err.Error() != want {
			t.Errorf("error = %v, want %s", err, want)
		}
	})
}

func TestRequestsIdentifyTheBot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRESTTest(t, ok, answer(http.StatusOK, `{"url":"ws://x"}`))
		if err := r.Responder(credentials(), false).Respond(t.Context(), hello()); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Gateway(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{"", "Bot canary-bot-token"} {
			h := r.requests[i].header
			if got := h.Get("Authorization"); got != want {
				t.Errorf("%s: authorization %q, want %q", r.requests[i].line, got, want)
			}
			if got := h.Get("User-Agent"); !strings.HasPrefix(got, "DiscordBot (http") || !strings.HasSuffix(got, ", 1.2.3)") {
				t.Errorf("user agent = %q", got)
			}
		}
		if got := r.requests[0].header.Get("Content-Type"); got != "application/json" {
			t.Errorf("content type = %q", got)
		}
	})
}

// TestWhatIsSent holds every kind of first answer against its JSON.
func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	row := discordgo.ActionsRow{Components: []discordgo.MessageComponent{discordgo.Button{Label: "b", CustomID: "c"}}}
	tests := []struct {
		name         string
		reply        commands.Reply
		autocomplete bool
		want         string
	}{
		{"private", hello(), false,
			`{"type":4,"data":{"content":"hi <@1> & co","embeds":[],"components":[],"attachments":[],"allowed_mentions":{"parse":[]},"flags":64}}`},
		{"public, with mention", commands.Reply{Message: embeds.Message{Embeds: []*discordgo.MessageEmbed{{Title: "t"}}, Components: []discordgo.MessageComponent{row}}, Mention: []string{"5"}}, false,
			`{"type":4,"data":{"content":"","embeds":[{"title":"t"}],"components":[{"components":[{"label":"b","style":1,"disabled":false,"custom_id":"c","type":2}],"type":1}],"attachments":[],"allowed_mentions":{"parse":[],"users":["5"]}}}`},
		{"update", commands.Reply{Message: embeds.Message{Content: "x"}, Update: true, Private: true}, false,
			`{"type":7,"data":{"content":"x","embeds":[],"components":[],"attachments":[],"allowed_mentions":{"parse":[]}}}`},
		{"modal", commands.Reply{Modal: &commands.Modal{CustomID: "m", Title: "t", Components: []discordgo.MessageComponent{}}}, false,
			`{"type":9,"data":{"custom_id":"m","title":"t","components":[]}}`},
		{"choices", commands.Reply{Choices: []*discordgo.ApplicationCommandOptionChoice{{Name: "n", Value: "v"}}}, true,
			`{"type":8,"data":{"choices":[{"name":"n","value":"v"}]}}`},
		{"no choices", commands.Reply{}, true, `{"type":8,"data":{"choices":[]}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRESTTest(t, ok)
				if err := r.Responder(credentials(), tt.autocomplete).Respond(t.Context(), tt.reply); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, strings.TrimSpace(r.requests[0].body)); diff != "" {
					t.Errorf("body mismatch (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestFilesTravelInAForm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRESTTest(t, ok)
		reply := hello()
		reply.Files = []embeds.File{
			{Name: "a\"b.png", Description: "what is seen", ContentType: "image/png", Data: []byte("PNG")},
			{Name: "c.bin", Data: []byte{0}},
		}
		if err := r.Responder(credentials(), false).Respond(t.Context(), reply); err != nil {
			t.Fatal(err)
		}
		got := parts(t, r.requests[0])
		want := map[string]string{
			"payload_json": `{"type":4,"data":{"content":"hi <@1> & co","embeds":[],"components":[],"attachments":[{"id":"0","filename":"a\"b.png","description":"what is seen"},{"id":"1","filename":"c.bin"}],"allowed_mentions":{"parse":[]},"flags":64}}` + "\n",
			"files[0]":     "ab.png image/png PNG",
			"files[1]":     "c.bin application/octet-stream \x00",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("form mismatch (-want +got):\n%s", diff)
		}
	})
}

func parts(t *testing.T, r request) map[string]string {
	t.Helper()
	_, params, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	form := multipart.NewReader(strings.NewReader(r.body), params["boundary"])
	got := map[string]string{}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		if part.FileName() != "" {
			data = fmt.Appendf(nil, "%s %s %s", part.FileName(), part.Header.Get("Content-Type"), data)
		}
		got[part.FormName()] = string(data)
	}
}

// TestDeferredAnswer goes through every combination of acknowledgement and
// answer.
func TestDeferredAnswer(t *testing.T) {
	t.Parallel()
	message := commands.Reply{Message: embeds.Message{Content: "x"}}
	private, update := message, message
	private.Private, update.Update = true, true
	const payload = `{"content":"x","embeds":[],"components":[],"attachments":[],"allowed_mentions":{"parse":[]}}`
	const payloadPrivate = `{"content":"x","embeds":[],"components":[],"attachments":[],"allowed_mentions":{"parse":[]},"flags":64}`
	tests := []struct {
		name  string
		defr  commands.Deferral
		reply commands.Reply
		want  []string
	}{
		{"public, public", commands.Deferral{}, message, []string{
			callbackLine + ` {"type":5}`, "PATCH " + originalLine + " " + payload}},
		{"private, private", commands.Deferral{Private: true}, private, []string{
			callbackLine + ` {"type":5,"data":{"flags":64}}`, "PATCH " + originalLine + " " + payload}},
		{"private, public", commands.Deferral{Private: true}, message, []string{
			callbackLine + ` {"type":5,"data":{"flags":64}}`, "PATCH " + originalLine + " " + payload}},
		{"public, private", commands.Deferral{}, private, []string{
			callbackLine + ` {"type":5}`, "DELETE " + originalLine, "POST " + webhookLine + " " + payloadPrivate}},
		{"update, update", commands.Deferral{Update: true}, update, []string{
			callbackLine + ` {"type":6}`, "PATCH " + originalLine + " " + payload}},
		{"update, private message", commands.Deferral{Update: true}, private, []string{
			callbackLine + ` {"type":6}`, "POST " + webhookLine + " " + payloadPrivate}},
		{"update, public message", commands.Deferral{Update: true}, message, []string{
			callbackLine + ` {"type":6}`, "POST " + webhookLine + " " + payload}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRESTTest(t, ok)
				p := r.Responder(credentials(), false)
				if err := p.Defer(t.Context(), tt.defr); err != nil {
					t.Fatal(err)
				}
				if err := p.Complete(t.Context(), tt.reply); err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, req := range r.requests {
					got = append(got, strings.TrimSpace(req.line+" "+req.body))
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("requests mismatch (-want +got):\n%s", diff)
				}
				for name, again := range map[string]error{
					"Respond":  p.Respond(t.Context(), message),
					"Defer":    p.Defer(t.Context(), tt.defr),
					"Complete": p.Complete(t.Context(), message),
				} {
					if !errors.Is(again, commands.ErrAlreadyAnswered) {
						t.Errorf("%s after the end: error = %v, want %v", name, again, commands.ErrAlreadyAnswered)
					}
				}
				if len(r.requests) != len(tt.want) {
					t.Error("an answer after the end was sent")
				}
			})
		})
	}
}

// TestCompletion breaks what comes after the acknowledgement.
func TestCompletion(t *testing.T) {
	t.Parallel()
	message := commands.Reply{Message: embeds.Message{Content: "x"}}
	private := message
	private.Private = true
	edit, del, follow := "PATCH "+originalLine, "DELETE "+originalLine, "POST "+webhookLine
	tests := []struct {
		name   string
		reply  commands.Reply
		script []http.HandlerFunc // after the acknowledgement
		want   error
		any    bool
		lines  []string
	}{
		{name: "edit: 5xx", reply: message, script: []http.HandlerFunc{broken, drop, ok}, lines: []string{edit, edit, edit}},
		{name: "edit: rate limits", reply: message, script: []http.HandlerFunc{limited, limitedLet, ok}, lines: []string{edit, edit, edit}},
		{name: "edit: message deleted", reply: message, script: []http.HandlerFunc{noMessage}, want: commands.ErrInteractionGone, lines: []string{edit}},
		{name: "edit: webhook gone", reply: message, script: []http.HandlerFunc{noWebhook}, want: commands.ErrInteractionGone, lines: []string{edit}},
		{name: "edit: token expired", reply: message, script: []http.HandlerFunc{badToken}, want: commands.ErrInteractionGone, lines: []string{edit}},
		{name: "edit: malformed", reply: message, script: []http.HandlerFunc{malformed}, want: commands.ErrRejected, lines: []string{edit}},
		{name: "delete: done before the 5xx", reply: private, script: []http.HandlerFunc{broken, noMessage, ok}, lines: []string{del, del, follow}},
		{name: "delete: deleted by somebody else", reply: private, script: []http.HandlerFunc{noMessage}, want: commands.ErrInteractionGone, lines: []string{del}},
		{name: "follow-up: 5xx is not repeated", reply: private, script: []http.HandlerFunc{ok, broken, ok}, any: true, lines: []string{del, follow}},
		{name: "follow-up: rate limit", reply: private, script: []http.HandlerFunc{ok, limited, ok}, lines: []string{del, follow, follow}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRESTTest(t, append([]http.HandlerFunc{ok}, tt.script...)...)
				p := r.Responder(credentials(), false)
				if err := p.Defer(t.Context(), commands.Deferral{}); err != nil {
					t.Fatal(err)
				}
				err := p.Complete(t.Context(), tt.reply)
				if tt.any && err == nil || !tt.any && !errors.Is(err, tt.want) {
					t.Errorf("error = %v, want %v", err, tt.want)
				}
				if err != nil && strings.Contains(err.Error(), "canary") {
					t.Errorf("error holds a secret: %v", err)
				}
				if diff := cmp.Diff(append([]string{callbackLine}, tt.lines...), r.lines()); diff != "" {
					t.Errorf("requests mismatch (-want +got):\n%s", diff)
				}
				if len(r.refused) > 0 {
					t.Errorf("the bot's token counts as refused: %v", r.refused)
				}
			})
		})
	}
}

// TestSecondCompletion: the answer may be tried again in other words, and
// the public acknowledgement is not deleted twice.
func TestSecondCompletion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRESTTest(t, ok, ok, malformed, ok)
		p := r.Responder(credentials(), false)
		if err := p.Defer(t.Context(), commands.Deferral{}); err != nil {
			t.Fatal(err)
		}
		if err := p.Complete(t.Context(), hello()); err == nil {
			t.Error("no error for a malformed message")
		}
		if err := p.Complete(t.Context(), hello()); err != nil {
			t.Errorf("second try: %v", err)
		}
		want := []string{callbackLine, "DELETE " + originalLine, "POST " + webhookLine, "POST " + webhookLine}
		if diff := cmp.Diff(want, r.lines()); diff != "" {
			t.Errorf("requests mismatch (-want +got):\n%s", diff)
		}
	})
}

// TestUnsureAcknowledgement loses the answer to the acknowledgement, and the
// message has to get through all the same, once.
func TestUnsureAcknowledgement(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		arrived bool
		want    []string
	}{
		{"it had arrived", true, []string{callbackLine, "PATCH " + originalLine}},
		{"it had not", false, []string{callbackLine}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				next := ok
				if tt.arrived {
					next = already
				}
				r := newRESTTest(t, hang, next, ok)
				p := r.Responder(credentials(), false)
				short, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if err := p.Defer(short, commands.Deferral{Private: true}); err == nil {
					t.Fatal("no error although nobody answered")
				}
				if err := p.Complete(t.Context(), hello()); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(append([]string{callbackLine}, tt.want...), r.lines()); diff != "" {
					t.Errorf("requests mismatch (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestUnsureAnswer loses the answers to an update's acknowledgement and to the
// message that is to follow it. A message of its own must not be sent again
// where it may have arrived: better none than two.
func TestUnsureAnswer(t *testing.T) {
	t.Parallel()
	follow, edit := "POST "+webhookLine, "PATCH "+originalLine
	tests := []struct {
		name   string
		update bool
		script []http.HandlerFunc // after the acknowledgement
		tries  int                // of the completion
		want   []string
	}{
		{"only the acknowledgement may have arrived", false, []http.HandlerFunc{already, ok}, 1, []string{callbackLine, follow}},
		{"so may the answer", false, []http.HandlerFunc{broken, already, ok}, 1, []string{callbackLine, callbackLine}},
		{"so may the answer before", false, []http.HandlerFunc{hang, already, ok}, 2, []string{callbackLine, callbackLine}},
		{"so may the answer before that was limited", false, []http.HandlerFunc{broken, limitedFar, already, ok}, 2, []string{callbackLine, callbackLine, callbackLine}},
		{"what is edited is the same twice", true, []http.HandlerFunc{broken, already, ok}, 1, []string{callbackLine, callbackLine, edit}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRESTTest(t, append([]http.HandlerFunc{hang}, tt.script...)...)
				p := r.Responder(credentials(), false)
				within := func(step func(context.Context) error) error {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					return step(ctx)
				}
				if err := within(func(ctx context.Context) error { return p.Defer(ctx, commands.Deferral{Update: true}) }); err == nil {
					t.Fatal("no error although nobody answered")
				}
				reply := commands.Reply{Message: embeds.Message{Content: "x"}, Update: tt.update}
				for i := range tt.tries {
					err := within(func(ctx context.Context) error { return p.Complete(ctx, reply) })
					if last := i == tt.tries-1; last != (err == nil) {
						t.Errorf("try %d of %d: %v", i+1, tt.tries, err)
					}
				}
				if diff := cmp.Diff(append([]string{callbackLine}, tt.want...), r.lines()); diff != "" {
					t.Errorf("requests mismatch (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestUnsureFirstAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRESTTest(t, hang, already)
		p := r.Responder(credentials(), false)
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.Respond(short, hello()); err == nil {
			t.Fatal("no error although nobody answered")
		}
		if err := p.Respond(t.Context(), hello()); err != nil {
			t.Errorf("second try, when the first had arrived: %v", err)
		}
	})
}

func TestNoModalAfterAcknowledgement(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRESTTest(t, ok)
		p := r.Responder(credentials(), false)
		if err := p.Defer(t.Context(), commands.Deferral{}); err != nil {
			t.Fatal(err)
		}
		if err := p.Complete(t.Context(), commands.Reply{Modal: &commands.Modal{}}); err == nil {
			t.Error("no error")
		}
		if err := p.Complete(t.Context(), hello()); err != nil {
			t.Errorf("the message after it: %v", err)
		}
	})
}

func TestDialFailuresAreRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRESTTest(t, ok)
		r.net.refuse.Store(true)
		time.AfterFunc(time.Second, func() { r.net.refuse.Store(false) })
		if err := r.Responder(credentials(), false).Respond(t.Context(), hello()); err != nil {
			t.Error(err)
		}
	})
}

func TestTokenRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRESTTest(t, refusedBot)
		if _, err := r.Gateway(t.Context()); err == nil {
			t.Error("no error")
		}
		if len(r.refused) != 1 || len(r.requests) != 1 {
			t.Errorf("refused %d times by %d requests, want once", len(r.refused), len(r.requests))
		}
	})
}

func TestApplication(t *testing.T) {
	t.Parallel()
	notFound := answer(http.StatusNotFound, `{"message":"404: Not Found","code":0}`)
	for name, tt := range map[string]struct {
		script []http.HandlerFunc
		want   string
	}{
		"usual path": {[]http.HandlerFunc{answer(200, `{"id":"5"}`)}, "5"},
		"older path": {[]http.HandlerFunc{notFound, answer(200, `{"id":"5"}`)}, "5"},
		"own user":   {[]http.HandlerFunc{notFound, notFound, answer(200, `{"id":"5"}`)}, "5"},
		"no path":    {[]http.HandlerFunc{notFound}, ""},
		"no id":      {[]http.HandlerFunc{answer(200, `{}`)}, ""},
		"no JSON":    {[]http.HandlerFunc{answer(200, `<html>`)}, ""},
		"endless":    {[]http.HandlerFunc{answer(200, `"`+strings.Repeat("x", 9<<20)+`"`)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRESTTest(t, tt.script...)
				got, err := r.Application(t.Context())
				if got != tt.want || (err == nil) != (tt.want != "") {
					t.Errorf("application = %q, %v, want %q", got, err, tt.want)
				}
			})
		})
	}
}

// TestRateLimitsAreRemembered: what Discord said about one request holds for
// the next.
func TestRateLimitsAreRemembered(t *testing.T) {
	t.Parallel()
	const gateway = `{"url":"ws://x"}`
	tests := []struct {
		name   string
		first  http.HandlerFunc
		wait   time.Duration // of the next request of the same bucket
		others time.Duration // of a request of another
		bare   time.Duration // of a first answer
	}{
		{"nothing said", answer(200, gateway, "X-RateLimit-Remaining: 1", "X-RateLimit-Reset-After: 5"), 0, 0, 0},
		{"used up", answer(200, gateway, "X-RateLimit-Remaining: 0", "X-RateLimit-Reset-After: 5.5"), 5500 * time.Millisecond, 0, 0},
		{"used up, nonsense", answer(200, gateway, "X-RateLimit-Remaining: 0", "X-RateLimit-Reset-After: NaN"), 0, 0, 0},
		{"global", answer(429, `{"retry_after":20,"global":true}`), 20 * time.Second, 20 * time.Second, 0},
		{"global in the headers", answer(429, ``, "X-RateLimit-Global: true", "Retry-After: 20"), 20 * time.Second, 20 * time.Second, 0},
		{"the address is locked out", answer(429, `<html>error 1015`, "Retry-After: 20"), 20 * time.Second, 20 * time.Second, 0},
		{"this bucket", answer(429, `{"retry_after":20}`), 20 * time.Second, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRESTTest(t, tt.first, answer(200, `{"url":"ws://x","id":"5"}`))
				short, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				_, _ = r.Gateway(short) // succeeds or gives up
				waits := map[string]time.Duration{}
				took := func(name string, f func(context.Context) error) {
					began := time.Now()
					if err := f(t.Context()); err != nil {
						t.Errorf("%s: %v", name, err)
					}
					waits[name] = time.Since(began)
				}
				took("bare", func(ctx context.Context) error { return r.Responder(credentials(), false).Respond(ctx, hello()) })
				took("others", func(ctx context.Context) error { _, err := r.Application(ctx); return err })
				took("wait", func(ctx context.Context) error { _, err := r.Gateway(ctx); return err })
				if tt.wait > 0 && tt.others == tt.wait {
					waits["wait"] = waits["others"] // the same wait, once
				}
				want := map[string]time.Duration{"bare": tt.bare, "others": tt.others, "wait": tt.wait}
				if diff := cmp.Diff(want, waits); diff != "" {
					t.Errorf("waits mismatch (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestLongerRateLimitCounts has two answers, of which the one that comes last
// asks for less patience.
func TestLongerRateLimitCounts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, long, short string }{
		{"bucket", `{"retry_after":20}`, `{"retry_after":5}`},
		{"global", `{"retry_after":20,"global":true}`, `{"retry_after":5,"global":true}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				slow := func(w http.ResponseWriter, req *http.Request) {
					time.Sleep(time.Second)
					answer(http.StatusTooManyRequests, tt.short)(w, req)
				}
				r := newRESTTest(t, slow, answer(http.StatusTooManyRequests, tt.long), answer(200, `{"url":"ws://x"}`))
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				var both sync.WaitGroup
				for range 2 {
					both.Go(func() { _, _ = r.Gateway(ctx) }) // gives up
					synctest.Wait()
				}
				both.Wait()
				if _, err := r.Gateway(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := r.requests[2].at; got != 20*time.Second {
					t.Errorf("the next request came after %v, want 20s", got)
				}
			})
		})
	}
}

func TestRateLimitBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRESTTest(t, limitedFar, answer(200, `{"url":"ws://x"}`))
		for range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			began := time.Now()
			if _, err := r.Gateway(ctx); err == nil || time.Since(began) > 0 {
				t.Errorf("error = %v after %v, want one at once", err, time.Since(began))
			}
			cancel()
		}
		if len(r.requests) != 1 {
			t.Errorf("%d requests, want one: the second has to wait by itself", len(r.requests))
		}
	})
}

// TestRefusalsAreHeldBack keeps the bot away from the number of refused
// requests after which Discord locks out its address.
func TestRefusalsAreHeldBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRESTTest(t, answer(http.StatusForbidden, `{"code":50013,"message":"Missing Permissions"}`))
		r.CountRefusals(bot.MaxRefusals - 1)
		if _, err := r.Gateway(t.Context()); errors.Is(err, bot.ErrTooManyRefusals) {
			t.Error("held back too early")
		}
		if _, err := r.Gateway(t.Context()); !errors.Is(err, bot.ErrTooManyRefusals) {
			t.Errorf("error = %v, want %v", err, bot.ErrTooManyRefusals)
		}
		if err := r.Responder(credentials(), false).Respond(t.Context(), hello()); errors.Is(err, bot.ErrTooManyRefusals) {
			t.Error("people are not answered any more")
		}
		time.Sleep(10 * time.Minute)
		if _, err := r.Gateway(t.Context()); errors.Is(err, bot.ErrTooManyRefusals) {
			t.Error("held back for ever")
		}
	})
}

// TestRefusalsAreCountedAtAnyTime holds the bot back in whichever ten minutes
// there are too many refusals.
func TestRefusalsAreCountedAtAnyTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRESTTest(t, answer(http.StatusForbidden, `{"code":50013,"message":"Missing Permissions"}`))
		r.CountRefusals(1)
		time.Sleep(9 * time.Minute)
		r.CountRefusals(bot.MaxRefusals - 2)
		for _, want := range []struct {
			after time.Duration
			held  bool
		}{{0, false}, {0, true}, {time.Minute, false}, {0, true}, {8 * time.Minute, true}, {time.Minute, false}} {
			time.Sleep(want.after)
			if _, err := r.Gateway(t.Context()); errors.Is(err, bot.ErrTooManyRefusals) != want.held {
				t.Errorf("%v after the start: error = %v, want held back = %v", time.Since(r.started), err, want.held)
			}
		}
	})
}

func TestRequestMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRESTTest(t, broken, limited, drop, ok)
		if err := r.Responder(credentials(), false).Respond(t.Context(), hello()); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		r.metrics.WritePrometheus(&b)
		for _, outcome := range []string{"2xx", "429", "5xx", "none"} {
			want := fmt.Sprintf("progressbot_discord_requests_total{route=\"callback\",outcome=%q} 1\n", outcome)
			if !strings.Contains(b.String(), want) {
				t.Errorf("metrics lack %s", want)
			}
		}
	})
}
