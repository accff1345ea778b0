package discordsim_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"progressbot/bot/discordsim"
)

func TestEndpointIsProbed(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	answer := func(status int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
	}{
		{"trusts every signature", answer(200, "application/json", `{"type":1}`)},
		{"trusts none", answer(401, "text/plain", "")},
		{"not found", answer(404, "text/plain", "")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(tt.handler)
			defer server.Close()
			if err := s.SetInteractionsEndpoint(t.Context(), server.URL); err == nil {
				t.Error("the endpoint was taken")
			}
		})
	}
	if err := s.SetInteractionsEndpoint(t.Context(), "http://127.0.0.1:1"); err == nil {
		t.Error("an endpoint that cannot be reached was taken")
	}
}

func TestInlineAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, kind, body string
		status           int
		content, rule    string
	}{
		{"message", "application/json", `{"type":4,"data":{"content":"inline"}}`, 200, "inline", ""},
		{"empty message", "application/json", `{"type":4,"data":{}}`, 200, "", discordsim.RuleRefused},
		{"no JSON", "text/html", `<p>`, 200, "", discordsim.RuleRefused},
		{"error", "text/plain", `oops`, 500, "", discordsim.RuleWebhook},
		{"202 with a body", "application/json", `{"type":5}`, 202, "", discordsim.RuleWebhook},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, h := hookWorld(t, discordsim.Options{})
			h.inline = func(event) (int, string, string) { return tt.status, tt.kind, tt.body }
			i, _ := h.invoke(t, discordsim.Invocation{})
			if tt.rule == "" {
				if m, err := i.AwaitMessage(within(t)); err != nil || m.Content != tt.content {
					t.Errorf("message = %q, %v", m.Content, err)
				}
				noViolations(t, s)
				return
			}
			s.Advance(discordsim.AnswerWithin)
			if _, err := i.Await(within(t)); err == nil {
				t.Error("it was taken for an answer")
			}
			if _, err := s.AwaitViolation(within(t), func(v discordsim.Violation) bool { return v.Rule == tt.rule && v.Interaction == i.ID }); err != nil {
				t.Errorf("violations = %v, want one of %s: %v", s.Violations(), tt.rule, err)
			}
		})
	}
}

func TestInlineAttachment(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{})
	kind, body := multipartBody(t, `{"type":4,"data":{"content":"c","attachments":[{"id":0}]}}`, map[string]string{"a.txt": "hello"})
	h.inline = func(event) (int, string, string) { return 200, kind, string(body) }
	i, _ := h.invoke(t, discordsim.Invocation{})
	m, err := i.AwaitMessage(within(t))
	if err != nil || len(m.Attachments) != 1 || string(s.AttachmentData(m.Attachments[0])) != "hello" {
		t.Errorf("message = %+v, %v", m, err)
	}
}

func TestWebhooksAndGatewayExcludeEachOther(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{})
	w, _ := login(t, s)
	h.invoke(t, discordsim.Invocation{})
	s.RequestHeartbeats()
	w.want(1, "") // nothing came before it
	if err := s.SetInteractionsEndpoint(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Invoke(discordsim.Invocation{Command: "hi"}); err != nil {
		t.Fatal(err)
	}
	w.want(0, "INTERACTION_CREATE")
}

func TestLaterProbe(t *testing.T) {
	t.Parallel()
	s, _ := hookWorld(t, discordsim.Options{})
	if err := s.ProbeBadSignature(t.Context(), ""); err != nil {
		t.Error(err)
	}
	noViolations(t, s)
	careless := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer careless.Close()
	if err := s.ProbeBadSignature(t.Context(), careless.URL); err == nil {
		t.Error("a careless endpoint passed")
	}
	if v := s.Violations(); len(v) != 1 || v[0].Rule != discordsim.RuleWebhook {
		t.Errorf("violations = %v", v)
	}
}

func TestExchanges(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{})
	w, _ := login(t, s)
	feed := s.Exchanges(64)
	defer feed.Stop()
	_, e := h.invoke(t, discordsim.Invocation{})
	do(t, s, http.MethodPost, e.callback(), `{"type":4,"data":{"content":"hello"}}`)
	w.send(2, identify(s, `,"intents":0`)) // shows the bot's token
	w.wantClose(4005)
	want := map[discordsim.ExchangeKind]string{
		discordsim.ExchangeWebhook: e.ID, discordsim.ExchangeREST: "hello", discordsim.ExchangeFromBot: `"op":2`, discordsim.ExchangeToBot: "close 4005",
	}
	for len(want) > 0 {
		select {
		case x := <-feed.C:
			all := x.Path + x.Request + x.Response
			if strings.Contains(all, e.Token) || strings.Contains(all, s.Token()) {
				t.Errorf("a token shows in %+v", x)
			}
			if text, ok := want[x.Kind]; ok && strings.Contains(all, text) {
				delete(want, x.Kind)
			}
		case <-within(t).Done():
			t.Fatalf("these did not come: %v", want)
		}
	}
}

func TestSlowFollowerLosesTheOldest(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	feed := s.Exchanges(2)
	for _, path := range []string{"/gateway", "/users/@me", "/applications/@me"} {
		do(t, s, http.MethodGet, path, "")
	}
	feed.Stop()
	feed.Stop() // again is fine
	var paths []string
	for x := range feed.C {
		paths = append(paths, x.Path)
	}
	if strings.Join(paths, " ") != "/users/@me /applications/@me" || feed.Dropped() != 1 {
		t.Errorf("got %v, dropped %d", paths, feed.Dropped())
	}
}
