package bot_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot"
	"progressbot/bot/discordsim"
	"progressbot/bot/redisconn/redistest"
	"progressbot/commands"
	"progressbot/progressapi/progressapitest"
)

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func TestOperations(t *testing.T) {
	t.Parallel()
	bothTransports(t, func(t *testing.T, transport bot.Transport) {
		w := newWorld(t, transport, "OPS_ADDR", "127.0.0.1:0")
		addr := w.log.await(t, `operations are served by HTTP" addr=(\S+)`)
		w.ready()
		w.invoke("progress")
		w.log.await(t, `outcome=answered`) // counted by now
		config, err := bot.ConfigFromEnv(with("OPS_ADDR", addr).lookup)
		if err != nil {
			t.Fatal(err)
		}
		if err := bot.Healthcheck(t.Context(), config); err != nil {
			t.Errorf("Healthcheck = %v", err)
		}
		if status, body := get(t, "http://"+addr+"/healthz"); status != http.StatusOK || body != "ok\n" {
			t.Errorf("/healthz = %d %s", status, body)
		}
		if status, body := get(t, "http://"+addr+"/readyz"); status != http.StatusOK || body != "ready\n" {
			t.Errorf("/readyz = %d %s", status, body)
		}
		if status, _ := get(t, "http://"+addr+"/"); status != http.StatusNotFound {
			t.Errorf("/ = %d", status)
		}
		_, metrics := get(t, "http://"+addr+"/metrics")
		// An interaction is counted out after its outcome was logged.
		for began := time.Now(); !strings.Contains(metrics, "\nprogressbot_interactions_running 0") && time.Since(began) < patience; {
			_, metrics = get(t, "http://"+addr+"/metrics")
		}
		want := []string{
			`progressbot_interactions_total{command="progress",kind="slash",outcome="answered"} 1`,
			`progressbot_interactions_received_total 1`,
			`progressbot_interactions_running 0`,
			`progressbot_interactions_waiting 0`,
			`progressbot_interactions_turned_away_total 0`,
			`go_goroutines `,
			`process_resident_memory_bytes `,
		}
		if transport == bot.Gateway {
			want = append(want,
				`progressbot_gateway_shards{state="connected"} 1`,
				`progressbot_discord_requests_total{route="callback",outcome="2xx"} 1`)
		}
		for _, line := range want {
			if !strings.Contains(metrics, "\n"+line) {
				t.Errorf("/metrics lacks %s", line)
			}
		}
		for _, id := range []string{progressapitest.Collector, discordsim.GuildID, discordsim.GeneralChannelID} {
			if strings.Contains(metrics, id) {
				t.Errorf("/metrics has an ID among its labels: %s", id)
			}
		}
		if err := w.shutDown(); err != nil {
			t.Error(err)
		}
		if err := bot.Healthcheck(t.Context(), config); err == nil {
			t.Error("healthy after the end")
		}
	})
}

// TestNotReady asks a bot that cannot be used.
func TestNotReady(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bot.Gateway, "OPS_ADDR", "127.0.0.1:0")
	addr := w.log.await(t, `operations are served by HTTP" addr=(\S+)`)
	w.ready()
	w.discord.SetGatewayFaults(discordsim.GatewayFaults{RefuseConnections: true})
	w.discord.DropConnections()
	w.log.await(t, `gateway connection ended`)
	if status, body := get(t, "http://"+addr+"/readyz"); status != http.StatusServiceUnavailable || body != "0 of 1 shards connected\n" {
		t.Errorf("without a gateway: /readyz = %d %s", status, body)
	}
	if status, _ := get(t, "http://"+addr+"/healthz"); status != http.StatusOK {
		t.Errorf("without a gateway: /healthz = %d; to restart the bot would not help", status)
	}
	w.discord.SetGatewayFaults(discordsim.GatewayFaults{})
	w.ready()
	w.log.Forget()

	answer := make(chan struct{})
	w.api.Break(progressapitest.Held(answer))
	i, err := w.discord.Invoke(discordsim.Invocation{Command: "progress", User: w.newcomer("4001")})
	if err != nil {
		t.Fatal(err)
	}
	w.used(i, nil)
	w.stop()
	w.log.await(t, `msg=stopping`)
	if status, body := get(t, "http://"+addr+"/readyz"); status != http.StatusServiceUnavailable || body != "draining\n" {
		t.Errorf("while draining: /readyz = %d %s", status, body)
	}
	close(answer)
	mention(t, w.sees(i, nil), "Page 1 of 2")
}

func TestAddressInUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bot.Gateway, "OPS_ADDR", "127.0.0.1:0")
	addr := w.log.await(t, `operations are served by HTTP" addr=(\S+)`)
	for _, name := range []string{"OPS_ADDR", "HTTP_ADDR"} {
		second := newWorld(t, bot.HTTP, name, addr)
		select {
		case err := <-second.result:
			second.result <- err
			if err == nil || !strings.Contains(err.Error(), addr) {
				t.Errorf("%s in use: Run = %v", name, err)
			}
		case <-time.After(patience):
			t.Errorf("%s in use: still running", name)
		}
	}
}

func TestHealthcheckOff(t *testing.T) {
	t.Parallel()
	for _, c := range []bot.Config{{}, {OpsAddr: "nonsense"}, {OpsAddr: ":0"}, {OpsAddr: "[::]:0"}} {
		if err := bot.Healthcheck(t.Context(), c); err == nil {
			t.Errorf("OPS_ADDR=%q: healthy", c.OpsAddr)
		}
	}
}

// TestCheck is the operator's doctor on healthy and sick surroundings.
func TestCheck(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bot.Gateway).ready()
	check := func(pairs ...string) (string, error) {
		t.Helper()
		sick := *w
		sick.t, sick.env = t, env{}
		maps.Copy(sick.env, w.env)
		for i := 0; i < len(pairs); i += 2 {
			sick.env[pairs[i]] = pairs[i+1]
		}
		var out strings.Builder
		err := sick.make().Check(t.Context(), &out)
		return out.String(), err
	}
	redis := redistest.Start(t)
	dead := redistest.Start(t)
	if err := dead.Kill(); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		pairs []string
		api   progressapitest.Fault
		line  string // to be found
		sick  bool
	}{
		{name: "healthy", line: fmt.Sprintf("ok    commands: %d are registered", len(w.discord.Commands()))},
		{name: "gateway", line: "ok    gateway: 999 of 1000 session starts are left"},
		{name: "key", line: "ok    progress API: accepts the key"},
		{name: "folder", line: "ok    DATA_DIR: "},
		{name: "folder to be made", pairs: []string{"DATA_DIR", t.TempDir() + "/new"}, line: "does not exist yet"},
		{name: "folder is a file", pairs: []string{"DATA_DIR", "/dev/null"}, line: "FAIL  DATA_DIR: ", sick: true},
		{name: "Redis", pairs: []string{"REDIS_URL", redis.URL()}, line: "ok    Redis: answers"},
		{name: "Redis that forgets", pairs: []string{"REDIS_URL", redis.URL()}, line: "warn  Redis: "},
		{name: "no Redis", pairs: []string{"REDIS_URL", dead.URL()}, line: "FAIL  Redis: ", sick: true},
		{name: "other commands", pairs: []string{"DISCORD_GUILD_ID", discordsim.GuildID}, line: "warn  commands: differ"},
		{name: "wrong token", pairs: []string{"DISCORD_TOKEN", "wrong"}, line: "FAIL  Discord: Discord refuses the token", sick: true},
		{name: "no Discord", pairs: []string{"DISCORD_API_URL", "http://127.0.0.1:1"}, line: "FAIL  Discord: discord application: ", sick: true},
		{name: "wrong application", pairs: []string{"DISCORD_APPLICATION_ID", "5"}, line: "FAIL  DISCORD_APPLICATION_ID: ", sick: true},
		{name: "HTTP", pairs: []string{"INTERACTIONS", "http"}, line: "ok    interactions: come by HTTP"},
		{name: "wrong public key", pairs: []string{"INTERACTIONS", "http", "DISCORD_PUBLIC_KEY", strings.Repeat("0", 64)}, line: "FAIL  DISCORD_PUBLIC_KEY: ", sick: true},
		{name: "wrong key", pairs: []string{"PROGRESS_API_KEY", "wrong"}, line: "FAIL  progress API: refuses the key", sick: true},
		{name: "account", api: progressapitest.Status(http.StatusPaymentRequired, 0), line: "FAIL  progress API: refuses the account", sick: true},
		{name: "foreign answer", api: progressapitest.HTML(http.StatusOK), line: "FAIL  progress API: gives an answer that is not its own", sick: true},
		{name: "busy API", api: progressapitest.RateLimited("60"), line: "warn  progress API: is asked too often"},
		{name: "no API", pairs: []string{"PROGRESS_API_URL", "http://127.0.0.1:1"}, line: "FAIL  progress API: cannot be reached", sick: true},
	}
	for _, tt := range tests { //nolint:paralleltest // they share one API, one after the other
		t.Run(tt.name, func(t *testing.T) {
			if tt.api.String() != "" {
				w.api.Break(tt.api)
				defer w.api.Mend()
			}
			out, err := check(tt.pairs...)
			if !strings.Contains(out, tt.line) {
				t.Errorf("check lacks %q:\n%s", tt.line, out)
			}
			if (err != nil) != tt.sick {
				t.Errorf("error = %v, want one: %v", err, tt.sick)
			}
			for _, secret := range []string{canaryKey, w.discord.Token()} {
				if strings.Contains(out, secret) {
					t.Errorf("check prints a secret:\n%s", out)
				}
			}
		})
	}
	w.forgive(func(v discordsim.Violation) bool { return v.Rule == discordsim.RuleAuth })
	w.api.ForgetRequests()
}

func TestCheckStopsWithItsContext(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bot.Gateway).ready()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.make().Check(ctx, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want %v", err, context.Canceled)
	}
}

func TestSync(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bot.Gateway).ready()
	all := len(w.discord.Commands())
	w.env["DISCORD_GUILD_ID"] = discordsim.GuildID
	for range 2 {
		if err := w.make().Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	inGuild := 0
	for _, c := range w.discord.Commands() {
		if c.GuildID == discordsim.GuildID {
			inGuild++
		}
	}
	if inGuild != all {
		t.Errorf("%d commands in the server, want %d", inGuild, all)
	}
	w.env["DISCORD_TOKEN"] = "wrong"
	if err := w.make().Sync(t.Context()); err == nil {
		t.Error("no error although the token is wrong")
	}
	w.forgive(func(v discordsim.Violation) bool { return v.Rule == discordsim.RuleAuth })
}

// TestRegistrationIsRetried: the bot tries until it has worked.
func TestRegistrationIsRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := newLogBuffer()
		forbidden := answer(http.StatusForbidden, `{"code":50001,"message":"Missing Access"}`)
		discord := &registry{}
		r := newRESTTest(t, forbidden, forbidden, forbidden, discord.ServeHTTP)
		var mentions commands.Mentions
		began := time.Now()
		r.Register(t.Context(), definitions(), &mentions, logTo(log))
		if took := time.Since(began); took != 35*time.Second {
			t.Errorf("took %v, want waits of 5, 10 and 20 s", took)
		}
		if got := mentions.Of("progress"); got != "</progress:100>" {
			t.Errorf("mention = %s", got)
		}
		if n := strings.Count(log.String(), "not registered"); n != 3 {
			t.Errorf("%d lines in the log, want 3:\n%s", n, log)
		}
		if n := strings.Count(log.String(), "DISCORD_APPLICATION_ID"); n != 3 {
			t.Errorf("%d lines name what to check, want 3:\n%s", n, log)
		}
	})
}

func TestRegistrationEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRESTTest(t, answer(http.StatusForbidden, `{}`))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		r.Register(ctx, definitions(), new(commands.Mentions), logTo(newLogBuffer()))
		if time.Since(r.started) != time.Minute {
			t.Errorf("ended after %v", time.Since(r.started))
		}
	})
}

// TestStartDuringAnOutage starts the bot while Discord is down.
func TestStartDuringAnOutage(t *testing.T) {
	t.Parallel()
	w := newWorldIn(t, discordsim.Options{}, bot.Gateway)
	if err := w.shutDown(); err != nil {
		t.Fatal(err)
	}
	// Refused, because what is merely down is asked a dozen times first.
	lift := w.discord.InjectREST(discordsim.RESTFault{Status: http.StatusForbidden})
	w.start()
	w.log.await(t, `application cannot be looked up`)
	lift()
	mention(t, w.ready().invoke("progress"), "Winter Lights")
}

// TestRegistrationFails: the bot answers all the same, with what Discord
// knows from before.
func TestRegistrationFails(t *testing.T) {
	t.Parallel()
	w := newWorldIn(t, discordsim.Options{Gateway: discordsim.Gateway{IdentifyInterval: -1}}, bot.Gateway).ready()
	if err := w.shutDown(); err != nil {
		t.Fatal(err)
	}
	lift := w.discord.InjectREST(discordsim.RESTFault{Route: discordsim.RouteCommands, Status: http.StatusForbidden, Code: 50001})
	w.start()
	mention(t, w.ready().invoke("progress"), "Winter Lights")
	lift()
	w.log.await(t, `commands registered`)
}

func TestRedactedLine(t *testing.T) {
	t.Parallel()
	got := bot.RedactedLine("identify %s: %v\n after %v, %#v %d", "canary", errors.New("broken\x00"), time.Second, []string{"canary"}, 5)
	want := "identify [redacted]: broken after 1s, [redacted] [redacted]"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("line mismatch (-want +got):\n%s", diff)
	}
}
