package discordsim_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"progressbot/bot/discordsim"
)

func TestRESTFaults(t *testing.T) {
	t.Parallel()
	path := messagesPath(discordsim.GeneralChannelID)
	tests := []struct {
		name   string
		fault  discordsim.RESTFault
		status int
		check  func(t *testing.T, r result)
		stored int
	}{
		{"status", discordsim.RESTFault{Status: 503}, 503, func(t *testing.T, r result) {
			if e := r.error(t); e.Code != 0 || e.Message == "" {
				t.Errorf("body = %s", r.body)
			}
		}, 0},
		{"status with a page", discordsim.RESTFault{Status: 502, Body: "<html>bad gateway</html>"}, 502, func(t *testing.T, r result) {
			if !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") || r.body != "<html>bad gateway</html>" {
				t.Errorf("answer = %v %s", r.header, r.body)
			}
		}, 0},
		{"stored, then 500", discordsim.RESTFault{Status: 500, AfterWork: true}, 500, nil, 1},
		{"code", discordsim.RESTFault{Status: 404, Code: discordsim.CodeUnknownInteraction}, 404, func(t *testing.T, r result) {
			r.want(t, 404, discordsim.CodeUnknownInteraction, "")
		}, 0},
		{"429", discordsim.RESTFault{RateLimit: &discordsim.RateLimit{RetryAfter: 1500 * time.Millisecond}}, 429, func(t *testing.T, r result) {
			var b struct {
				RetryAfter float64 `json:"retry_after"`
				Global     bool
			}
			r.into(t, &b)
			h := r.header
			if b.RetryAfter != 1.5 || b.Global || h.Get("Retry-After") != "2" || h.Get("X-RateLimit-Reset-After") != "1.500" ||
				h.Get("X-RateLimit-Scope") != "user" || h.Get("X-RateLimit-Bucket") == "" {
				t.Errorf("answer = %v %s", h, r.body)
			}
		}, 0},
		{"global 429", discordsim.RESTFault{RateLimit: &discordsim.RateLimit{RetryAfter: time.Second, Global: true}}, 429, func(t *testing.T, r result) {
			if r.header.Get("X-RateLimit-Global") != "true" || r.header.Get("X-RateLimit-Scope") != "global" || !strings.Contains(r.body, `"global":true`) {
				t.Errorf("answer = %v %s", r.header, r.body)
			}
		}, 0},
		{"shared 429", discordsim.RESTFault{RateLimit: &discordsim.RateLimit{RetryAfter: time.Second, Scope: "shared"}}, 429, func(t *testing.T, r result) {
			if r.header.Get("X-RateLimit-Scope") != "shared" {
				t.Errorf("header = %v", r.header)
			}
		}, 0},
		{"Cloudflare's 429", discordsim.RESTFault{RateLimit: &discordsim.RateLimit{RetryAfter: time.Second, HTML: true}}, 429, func(t *testing.T, r result) {
			if !strings.HasPrefix(r.body, "<!DOCTYPE html>") || r.header.Get("X-RateLimit-Bucket") != "" || r.header.Get("Retry-After") != "1" {
				t.Errorf("answer = %v %s", r.header, r.body)
			}
		}, 0},
		{"bare 429", discordsim.RESTFault{RateLimit: &discordsim.RateLimit{RetryAfter: time.Second, HTML: true, NoHeaders: true}}, 429, func(t *testing.T, r result) {
			if r.header.Get("Retry-After") != "" {
				t.Errorf("header = %v", r.header)
			}
		}, 0},
		{"another route", discordsim.RESTFault{Route: discordsim.RouteCallback, Status: 500}, 200, nil, 1},
		{"slow", discordsim.RESTFault{Latency: time.Millisecond}, 200, nil, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, discordsim.Options{})
			remove := s.InjectREST(tt.fault)
			r := do(t, s, http.MethodPost, path, `{"content":"c"}`)
			if r.status != tt.status {
				t.Fatalf("status = %d, want %d: %s", r.status, tt.status, r.body)
			}
			if tt.check != nil {
				tt.check(t, r)
			}
			if n := len(s.Messages(discordsim.GeneralChannelID, "")); n != tt.stored {
				t.Errorf("%d messages are stored, want %d", n, tt.stored)
			}
			remove()
			do(t, s, http.MethodPost, path, `{"content":"c"}`).want(t, http.StatusOK, 0, "")
			noViolations(t, s)
		})
	}
}

func TestFaultTimes(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	s.InjectREST(discordsim.RESTFault{Status: 500, Times: 2})
	s.InjectREST(discordsim.RESTFault{Status: 503, Times: 1})
	for _, want := range []int{500, 500, 503, 200} {
		if r := do(t, s, http.MethodGet, "/users/@me", ""); r.status != want {
			t.Errorf("status = %d, want %d", r.status, want)
		}
	}
	s.InjectREST(discordsim.RESTFault{Status: 500, Probability: 1e-9})
	do(t, s, http.MethodGet, "/users/@me", "").want(t, http.StatusOK, 0, "")
}

func TestResetAndHang(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	post := func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+"/api/v10"+messagesPath(discordsim.GeneralChannelID), strings.NewReader(`{"content":"c"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bot "+s.Token())
		r.Header.Set("User-Agent", "DiscordBot (https://example.org, 1.0)")
		r.Header.Set("Content-Type", "application/json")
		res, err := httpClient(t).Do(r)
		if err == nil {
			_ = res.Body.Close()
		}
		return err
	}
	s.InjectREST(discordsim.RESTFault{Reset: true, Times: 1})
	s.InjectREST(discordsim.RESTFault{Reset: true, AfterWork: true, Times: 1})
	s.InjectREST(discordsim.RESTFault{Hang: true, Times: 1})
	for stored := range 2 {
		if err := post(t.Context()); err == nil {
			t.Error("the request was answered")
		}
		if n := len(s.Messages(discordsim.GeneralChannelID, "")); n != stored {
			t.Errorf("%d messages are stored, want %d", n, stored)
		}
	}
	s.InjectREST(discordsim.RESTFault{Hang: true, AfterWork: true, Times: 1})
	ctx, cancel := context.WithCancel(t.Context())
	hung := make(chan error)
	for range 2 {
		go func() { hung <- post(ctx) }()
	}
	if _, err := s.AwaitMessage(within(t), discordsim.GeneralChannelID, func(discordsim.Message) bool {
		return len(s.Messages(discordsim.GeneralChannelID, "")) == 2
	}); err != nil {
		t.Errorf("the second hanging request was not carried out: %v", err)
	}
	cancel()
	for range 2 {
		if err := <-hung; !errors.Is(err, context.Canceled) {
			t.Errorf("hanging request: %v", err)
		}
	}
	if err := post(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestGlobalLimit(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{GlobalLimit: 3, RouteLimit: -1})
	s.Advance(time.Second)
	limited := func() bool {
		r := do(t, s, http.MethodGet, "/users/@me", "")
		if r.status == http.StatusTooManyRequests && r.header.Get("X-RateLimit-Global") != "true" {
			t.Errorf("header = %v", r.header)
		}
		return r.status == http.StatusTooManyRequests
	}
	for range 3 {
		limited()
	}
	n := 0
	for !limited() && n < 1000 { // a busy machine may take a second for three
		n++
	}
	if n == 1000 {
		t.Fatal("there is no global limit")
	}
	_, e := h.invoke(t, discordsim.Invocation{}) // interactions are exempt
	do(t, s, http.MethodPost, e.callback(), `{"type":5}`).want(t, http.StatusNoContent, 0, "")
	s.Advance(time.Second)
	if limited() {
		t.Error("a second later the limit is still there")
	}
	if got := s.Stats(); got.RateLimited != 1 || got.InvalidRequests != 1 {
		t.Errorf("stats = %+v", got)
	}
	if v := s.Violations(); len(v) != 1 || v[0].Rule != discordsim.RuleRateLimit {
		t.Errorf("violations = %v", v)
	}
}

func TestBucketHeaders(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{RouteLimit: 2})
	post := func(channel string) result {
		return do(t, s, http.MethodPost, messagesPath(channel), `{"content":"c"}`)
	}
	for range 1000 { // until two fall into the same second
		first, second := post(discordsim.GeneralChannelID), post(discordsim.GeneralChannelID)
		if first.status != http.StatusOK || second.header.Get("X-RateLimit-Remaining") != "0" {
			s.Advance(time.Second)
			continue
		}
		other := post(discordsim.TradingChannelID)
		if other.header.Get("X-RateLimit-Remaining") != "1" || other.header.Get("X-RateLimit-Limit") != "2" ||
			other.header.Get("X-RateLimit-Bucket") != first.header.Get("X-RateLimit-Bucket") {
			t.Errorf("another channel: %v", other.header)
		}
		s.Advance(time.Second)
		if again := post(discordsim.GeneralChannelID); again.status != http.StatusOK {
			t.Errorf("a second later: %d", again.status)
		}
		return
	}
	t.Fatal("the headers never counted down")
}

func TestBan(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{InvalidLimit: 3, KeepViolations: 2})
	for range 3 {
		doWith(t, s, http.MethodGet, "/users/@me", "", nil, func(r *http.Request) { r.Header.Del("Authorization") }).want(t, http.StatusUnauthorized, 0, "")
	}
	if r := do(t, s, http.MethodGet, "/users/@me", ""); r.status != http.StatusTooManyRequests || !strings.Contains(r.body, "1015") {
		t.Errorf("after too many invalid requests: %d %s", r.status, r.body)
	}
	s.Advance(10 * time.Minute)
	do(t, s, http.MethodGet, "/users/@me", "").want(t, http.StatusOK, 0, "")
	if kept, all := len(s.Violations()), s.ForgetViolations(); kept != 2 || all != 3 {
		t.Errorf("%d violations are kept of %d", kept, all)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	login(t, s)
	s.InjectREST(discordsim.RESTFault{Hang: true})
	hung := make(chan error, 1)
	go func() {
		r, _ := http.NewRequest(http.MethodGet, s.URL()+"/api/v10/gateway", nil)
		res, err := httpClient(t).Do(r)
		if err == nil {
			_ = res.Body.Close()
		}
		hung <- err
	}()
	waited := make(chan error, 1)
	go func() { waited <- s.AwaitRegistered(context.Background()) }()
	s.Close()
	s.Close() // again is fine
	if err := <-waited; !errors.Is(err, discordsim.ErrClosed) {
		t.Errorf("await = %v, want ErrClosed", err)
	}
	if err := <-hung; err == nil {
		t.Error("the hanging request was answered")
	}
}
