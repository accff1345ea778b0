package faulttest

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"progressbot/bot/discordsim"
	"progressbot/bot/redisconn/redistest"
	"progressbot/progressapi/progressapitest"
)

// TestOperatorsSeeWhy looks at what a bot tells its operator after people have
// used it in good times and bad: every metric that is promised, no person or
// server in a label, and probes that ask nobody.
func TestOperatorsSeeWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{
		Discord: discordsim.Options{Gateway: discordsim.Gateway{HeartbeatInterval: time.Second, HeartbeatGrace: time.Minute}},
		Env:     map[string]string{"CACHE_TTL": "100ms"},
	})
	w.late = true
	r := w.start()
	addr, err := r.log.await(opsLine)
	if err != nil {
		t.Fatal(err)
	}
	known := w.person()
	for range 3 {
		if saw, err := w.tries(known); err != nil || !saw.good() {
			t.Fatalf("the member saw: %s, %v", saw.What, err)
		}
	}
	// Everything fails at once; probes have to answer all the same.
	w.api.Break(progressapitest.Hang())
	if err := w.redis.Set(redistest.BlackHole); err != nil {
		t.Fatal(err)
	}
	if saw, err := w.tries(w.person()); err != nil || saw.What != seenUnreachable {
		t.Errorf("with the API down the member saw: %s, %v", saw.What, err)
	}
	w.discord.SetGatewayFaults(discordsim.GatewayFaults{Silent: true, RefuseConnections: true})
	w.discord.InjectREST(discordsim.RESTFault{Hang: true})
	if _, err := r.log.await("gateway connection ended"); err != nil {
		t.Fatal(err)
	}
	probe(t, addr, "/healthz", http.StatusOK, "ok")
	probe(t, addr, "/readyz", http.StatusServiceUnavailable, "0 of 1 shards connected")
	m, err := scrape(addr)
	if err != nil {
		t.Fatal(err)
	}
	w.discord.ClearFaults()
	w.api.Mend()

	for _, want := range []struct {
		name   string
		labels []string
		least  float64
	}{
		{"progressbot_interactions_total", []string{`command="progress"`, `outcome="answered"`}, 3},
		{"progressbot_interactions_total", []string{`command="progress"`, `outcome="unavailable"`}, 1},
		{"progressbot_interaction_first_answer_seconds_bucket", []string{`command="progress"`, `le="3"`}, 4},
		{"progressbot_interaction_first_answer_seconds_count", []string{`command="progress"`}, 4},
		{"progressbot_interactions_deferred_total", []string{`command="progress"`}, 1},
		{"progressbot_cache_hits_total", []string{`tier="memory"`, `age="fresh"`}, 0},
		{"progressbot_cache_hits_total", []string{`tier="redis"`, `age="stale"`}, 0},
		{"progressbot_cache_hits_total", []string{`tier="api"`, `age="fresh"`}, 1},
		{"progressbot_cache_upstream_total", []string{`outcome="ok"`}, 1},
		{"progressbot_cache_upstream_total", []string{`outcome="unavailable"`}, 1},
		{"progressbot_budget_attempts_total", []string{`class="people"`}, 2},
		{"progressbot_budget_refused_total", []string{`reason="breaker"`}, 0},
		{"progressbot_budget_breaker_state", nil, 0},
		{"progressbot_budget_rate", nil, 1},
		{"progressbot_budget_pause_seconds", nil, 0},
		{"progressbot_budget_shared", nil, 0},
		{"progressbot_cache_redis_up", nil, 0},
		{"progressbot_gateway_shards", []string{`state="connected"`}, 0},
		{"progressbot_gateway_shards", []string{`state="disconnected"`}, 1},
		{"progressbot_gateway_disconnects_total", nil, 1},
		{"progressbot_interactions_running", nil, 0},
		{"progressbot_interactions_waiting", nil, 0},
		{"progressbot_interactions_turned_away_total", nil, 0},
		{"progressbot_discord_requests_total", []string{`route="callback"`, `outcome="2xx"`}, 4},
		{"progressbot_discord_request_seconds_count", []string{`route="callback"`}, 4},
		{"process_open_fds", nil, 1},
		{"go_goroutines", nil, 1},
	} {
		has := func(series string) bool {
			base, rest, _ := strings.Cut(series, "{")
			return base == want.name && !slices.ContainsFunc(want.labels, func(l string) bool { return !strings.Contains(rest, l) })
		}
		found := false
		for series := range m {
			found = found || has(series)
		}
		if got := m.sum(want.name, want.labels...); !found || got < want.least {
			t.Errorf("%s%v = %v (there: %v), want at least %v", want.name, want.labels, got, found, want.least)
		}
	}
	for series := range m {
		if regexp.MustCompile(`\d{15,}`).MatchString(series) {
			t.Errorf("an ID in a label: %s", series)
		}
	}
	const most = 3000
	if len(m) > most {
		t.Errorf("%d series, want at most %d", len(m), most)
	}
	t.Logf("%d series", len(m))
	if err := w.awaitGood(); err != nil {
		t.Error(err)
	}
	// People are answered as soon as a session goes on, and it goes on
	// before Discord has said so.
	if _, err := r.log.await(`gateway connected.*resumed=true`); err != nil {
		t.Error(err)
	}
	probe(t, addr, "/readyz", http.StatusOK, "ready")
}

// probe asks the bot as a supervisor does, which does not wait for long.
func probe(t *testing.T, addr, path string, status int, text string) {
	t.Helper()
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status || !strings.Contains(string(body), text) {
		t.Errorf("%s answers %d %q, %v; want %d %q", path, res.StatusCode, body, err, status, text)
	}
	t.Logf("%s answered within %s", path, ms(time.Since(began)))
}
