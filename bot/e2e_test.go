package bot_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"progressbot/bot"
	"progressbot/bot/discordsim"
	"progressbot/progressapi/progressapitest"
)

// TestWhatPeopleDo goes through the bot by its surface, on both transports.
func TestWhatPeopleDo(t *testing.T) {
	t.Parallel()
	collector := progressapitest.Collector
	tests := []struct {
		name string
		do   func(t *testing.T, w *world)
	}{
		{"overview, pages, menu, back, refresh", func(t *testing.T, w *world) {
			m := w.invoke("progress")
			mention(t, m, "Winter Lights", "Page 1 of 2")
			if !m.Ephemeral() {
				t.Error("everybody sees it")
			}
			press := func(button string) discordsim.Message {
				t.Helper()
				i, a := w.used(w.discord.Press(collector, m.ID, button))
				if a.Type != discordsim.CallbackUpdate {
					t.Errorf("%s is answered with type %d, want an update of the message", button, a.Type)
				}
				return w.sees(i, nil)
			}
			if next := press("Next"); next.ID != m.ID {
				t.Error("the next page is a new message")
			} else {
				mention(t, next, "Page 2 of 2")
			}
			mention(t, press("Prev"), "Page 1 of 2")
			mention(t, w.sees(w.discord.Choose(collector, m.ID, "", progressapitest.ProgramAlmost)), "Winter Lights", "11 of 12")
			mention(t, press("Back"), "Page 1 of 2")
			mention(t, press("Refresh"), "Winter Lights")
		}},
		{"one collection by suggestion", func(t *testing.T, w *world) {
			var a discordsim.Answer
			// A bot that is busy suggests nothing rather than too late; then,
			// as a person would, type on.
			for deadline := time.Now().Add(patience); len(a.Choices) == 0 && time.Now().Before(deadline); {
				_, a = w.used(w.discord.Autocomplete(discordsim.Invocation{
					Command: "progress", Options: map[string]any{"collection": "winter"}, Focus: "collection",
				}))
			}
			if len(a.Choices) == 0 || a.Choices[0].Name != "Winter Lights" {
				t.Fatalf("suggestions = %v", a.Choices)
			}
			mention(t, w.invoke("progress", "collection", a.Choices[0].Value.(string)), "Winter Lights", "11 of 12")
		}},
		{"share", func(t *testing.T, w *world) {
			m := w.invoke("progress")
			shared := w.sees(w.discord.Press(collector, m.ID, "Share"))
			if shared.Ephemeral() || shared.ID == m.ID {
				t.Error("nobody else sees what was shared")
			}
			mention(t, shared, "Winter Lights")
			if len(shared.Pings) > 0 {
				t.Errorf("sharing pings %v", shared.Pings)
			}
		}},
		{"context menu", func(t *testing.T, w *world) {
			m := w.sees(w.discord.InvokeUser(discordsim.Invocation{
				Command: "View progress", User: w.discord.People().Manager, Target: collector,
			}))
			mention(t, m, "Winter Lights")
		}},
		{"nothing collected yet", func(t *testing.T, w *world) {
			m := w.sees(w.discord.Invoke(discordsim.Invocation{Command: "progress", User: progressapitest.Newcomer}))
			if !m.Ephemeral() || len(m.Text()) < 20 {
				t.Errorf("message = %q", m.Text())
			}
		}},
		{"help mentions the commands", func(t *testing.T, w *world) {
			mention(t, w.invoke("help"), "</progress:")
		}},
		{"slow API", func(t *testing.T, w *world) {
			answer := make(chan struct{})
			w.api.Break(progressapitest.Held(answer))
			i, a := w.used(w.discord.Invoke(discordsim.Invocation{Command: "progress", User: w.newcomer("3001")}))
			close(answer)
			if a.Type != discordsim.CallbackDefer {
				t.Errorf("answered with type %d, want a deferral", a.Type)
			}
			m := w.sees(i, nil)
			mention(t, m, "Page 1 of 2")
			if !m.Ephemeral() {
				t.Error("everybody sees it")
			}
		}},
		{"broken API", func(t *testing.T, w *world) {
			w.api.Break(progressapitest.Status(http.StatusInternalServerError, 0))
			person := w.newcomer("3002")
			m := w.sees(w.discord.Invoke(discordsim.Invocation{Command: "progress", User: person}))
			if _, ok := m.Button("Try again"); !ok || !m.Ephemeral() {
				t.Errorf("message = %q", m.Text())
			}
			w.api.Mend()
			mention(t, w.sees(w.discord.Press(person, m.ID, "Try again")), "Page 1 of 2")
		}},
		{"refused key", func(t *testing.T, w *world) {
			w.api.Break(progressapitest.Status(http.StatusUnauthorized, progressapitest.CodeKeyInvalid))
			m := w.sees(w.discord.Invoke(discordsim.Invocation{Command: "progress", User: w.newcomer("3003")}))
			mention(t, m, "not set up")
			w.api.Mend()
		}},
		{"direct message", func(t *testing.T, w *world) {
			person := w.newcomer("3004")
			dm, err := w.discord.OpenDM(person)
			if err != nil {
				t.Fatal(err)
			}
			mention(t, w.sees(w.discord.Invoke(discordsim.Invocation{Command: "progress", User: person, Channel: dm})), "Page 1 of 2")
		}},
	}
	bothTransports(t, func(t *testing.T, transport bot.Transport) {
		w := newWorld(t, transport).ready()
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				tt.do(t, w.in(t))
				w.api.Mend()
			})
		}
		if err := w.shutDown(); err != nil {
			t.Errorf("Run: %v", err)
		}
		if stats := w.discord.Stats(); stats.TimedOut > 0 || stats.LateOrDouble > 0 || stats.Answered != stats.Interactions {
			t.Errorf("unanswered or answered twice: %+v", stats)
		}
	})
}

// TestDiscordFaults breaks the way of the answer, and wants each person
// answered once.
func TestDiscordFaults(t *testing.T) {
	t.Parallel()
	html429 := &discordsim.RateLimit{RetryAfter: time.Second, HTML: true}
	tests := map[string]discordsim.RESTFault{
		"callback 500":              {Route: discordsim.RouteCallback, Times: 1, Status: 500},
		"callback stored, then 502": {Route: discordsim.RouteCallback, Times: 1, Status: 502, AfterWork: true},
		"callback reset":            {Route: discordsim.RouteCallback, Times: 1, Reset: true},
		"callback stored and reset": {Route: discordsim.RouteCallback, Times: 1, Reset: true, AfterWork: true},
		"callback hangs":            {Route: discordsim.RouteCallback, Times: 1, Hang: true},
		"callback stored and hangs": {Route: discordsim.RouteCallback, Times: 1, Hang: true, AfterWork: true},
		"callback 429":              {Route: discordsim.RouteCallback, Times: 1, RateLimit: &discordsim.RateLimit{RetryAfter: 300 * time.Millisecond}},
		"callback 429 in HTML":      {Route: discordsim.RouteCallback, Times: 1, RateLimit: html429},
		"edit 500":                  {Route: discordsim.RouteEdit, Times: 2, Status: 500},
		"edit stored, then 500":     {Route: discordsim.RouteEdit, Times: 1, Status: 500, AfterWork: true},
		"edit 429":                  {Route: discordsim.RouteEdit, Times: 1, RateLimit: &discordsim.RateLimit{RetryAfter: 300 * time.Millisecond}},
		"edit 429 in HTML":          {Route: discordsim.RouteEdit, Times: 1, RateLimit: html429},
		"edit reset":                {Route: discordsim.RouteEdit, Times: 1, Reset: true},
	}
	w := newWorld(t, bot.Gateway).ready()
	for i, name := range slices.Sorted(maps.Keys(tests)) { //nolint:paralleltest // one fault at a time
		fault := tests[name]
		t.Run(name, func(t *testing.T) {
			w := w.in(t)
			remove := w.discord.InjectREST(fault)
			defer remove()
			answer := make(chan struct{})
			if fault.Route == discordsim.RouteEdit {
				w.api.Inject(progressapitest.Rule{Fault: progressapitest.Held(answer), Times: 1})
			}
			i, _ := w.used(w.discord.Invoke(discordsim.Invocation{Command: "progress", User: w.newcomer(fmt.Sprint(2000 + i))}))
			close(answer)
			mention(t, w.sees(i, nil), "Page 1 of 2")
			if got := i.Outcome(); got.Answers != 1 {
				t.Errorf("outcome = %+v, want one answer", got)
			}
		})
	}
	if stats := w.discord.Stats(); stats.TimedOut > 0 || stats.Answered != len(tests) {
		t.Errorf("unanswered: %+v", stats)
	}
}

// TestInteractionGone takes the interaction away: nothing is retried, nobody
// panics, and one line tells.
func TestInteractionGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bot.Gateway).ready()
	w.discord.InjectREST(discordsim.RESTFault{Route: discordsim.RouteCallback, Times: 1, Status: 404, Code: 10062})
	before := w.discord.Stats().Requests
	if _, err := w.discord.Invoke(discordsim.Invocation{Command: "progress"}); err != nil {
		t.Fatal(err)
	}
	w.log.await(t, `outcome=gone`)
	if n := w.discord.Stats().Requests - before; n != 1 {
		t.Errorf("%d requests for an interaction that is gone, want 1", n)
	}
	mention(t, w.invoke("progress"), "Winter Lights")
}

// TestGatewayTrouble breaks the gateway under a bot that people use, as it
// happens on a real socket.
func TestGatewayTrouble(t *testing.T) {
	t.Parallel()
	w := newWorldIn(t, discordsim.Options{Gateway: discordsim.Gateway{
		HeartbeatInterval: time.Second, IdentifyInterval: -1,
	}}, bot.Gateway).ready()
	for _, trouble := range []struct { //nolint:paralleltest // one trouble at a time
		name  string
		cause func(ctx context.Context, d *discordsim.Server)
	}{
		{"reconnect", func(_ context.Context, d *discordsim.Server) { d.Reconnect() }},
		{"dropped in mid-frame", func(_ context.Context, d *discordsim.Server) { d.DropMidFrame() }},
		{"garbage", func(_ context.Context, d *discordsim.Server) { d.SendGarbage() }},
		{"heartbeat while closing", func(_ context.Context, d *discordsim.Server) {
			d.RequestHeartbeatsAndClose(discordsim.CloseUnknownError)
		}},
		{"silence", func(ctx context.Context, d *discordsim.Server) {
			// Nothing new comes up before the silence is over.
			d.SetGatewayFaults(discordsim.GatewayFaults{Silent: true, RefuseConnections: true})
			defer d.SetGatewayFaults(discordsim.GatewayFaults{})
			if err := d.AwaitDisconnected(ctx); err != nil {
				t.Errorf("the bot does not notice the silence: %v", err)
			}
		}},
		{"reconnect as the first packet", func(_ context.Context, d *discordsim.Server) {
			d.FailHandshakes(discordsim.Handshake{Kind: discordsim.HandshakeReconnect})
			d.DropConnections()
		}},
	} {
		t.Run(trouble.name, func(t *testing.T) {
			w := w.in(t)
			before := w.discord.Stats().Connections
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			trouble.cause(ctx, w.discord)
			_, err := w.discord.AwaitSession(ctx, func(s discordsim.SessionInfo) bool {
				return s.Connected && w.discord.Stats().Connections > before
			})
			if err != nil {
				t.Fatalf("not back: %v; log:\n%s", err, w.log)
			}
			mention(t, w.invoke("progress"), "Winter Lights")
		})
	}
	if n := w.discord.Stats().Identifies; n != 1 {
		t.Errorf("%d sessions were started, want one that is resumed", n)
	}
}

// TestFatalCloseCodes: the bot ends with the cause in words.
func TestFatalCloseCodes(t *testing.T) {
	t.Parallel()
	for code, words := range map[int]string{
		discordsim.CloseAuthenticationFailed: "DISCORD_TOKEN",
		discordsim.CloseDisallowedIntents:    "intents",
		discordsim.CloseShardingRequired:     "SHARD_COUNT",
	} {
		w := newWorld(t, bot.Gateway).ready()
		w.discord.CloseConnections(code)
		select {
		case err := <-w.result:
			w.result <- err
			if err == nil || !strings.Contains(err.Error(), words) {
				t.Errorf("close code %d: Run = %v, want %s", code, err, words)
			}
		case <-time.After(patience):
			t.Errorf("close code %d: still running; log:\n%s", code, w.log)
		}
	}
}

func TestRefusedTokenEndsTheBot(t *testing.T) {
	t.Parallel()
	bothTransports(t, func(t *testing.T, transport bot.Transport) {
		w := newWorld(t, transport, "DISCORD_TOKEN", "wrong", "DISCORD_APPLICATION_ID", discordsim.DefaultApplication)
		select {
		case err := <-w.result:
			w.result <- err
			if err == nil || !strings.Contains(err.Error(), "DISCORD_TOKEN") {
				t.Errorf("Run = %v, want one about DISCORD_TOKEN", err)
			}
		case <-time.After(patience):
			t.Errorf("still running; log:\n%s", w.log)
		}
		w.forgive(func(v discordsim.Violation) bool { return v.Rule == discordsim.RuleAuth })
	})
}

// TestRestart presses a button of the time before.
func TestRestart(t *testing.T) {
	t.Parallel()
	bothTransports(t, func(t *testing.T, transport bot.Transport) {
		w := newWorldIn(t, discordsim.Options{Gateway: discordsim.Gateway{IdentifyInterval: -1}}, transport).ready()
		m := w.invoke("progress")
		if err := w.shutDown(); err != nil {
			t.Fatal(err)
		}
		changes := w.discord.CommandChanges()
		w.start()
		w.ready()
		mention(t, w.sees(w.discord.Press(progressapitest.Collector, m.ID, "Next")), "Page 2 of 2")
		if w.discord.CommandChanges() != changes {
			t.Error("the commands were registered again")
		}
	})
}

// TestDrain stops the bot while it works for people.
func TestDrain(t *testing.T) {
	t.Parallel()
	bothTransports(t, func(t *testing.T, transport bot.Transport) {
		w := newWorld(t, transport).ready()
		answer := make(chan struct{})
		w.api.Break(progressapitest.Held(answer))
		i, a := w.used(w.discord.Invoke(discordsim.Invocation{Command: "progress"}))
		if a.Type != discordsim.CallbackDefer {
			t.Fatalf("answered with type %d, want a deferral", a.Type)
		}
		w.stop()
		w.log.await(t, `msg=draining`)
		close(answer)
		if err := w.shutDown(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
		mention(t, w.sees(i, nil), "Winter Lights")
	})
}

// TestDrainIsBounded stops the bot while the API hangs.
func TestDrainIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bot.Gateway).ready()
	w.api.Break(progressapitest.Hang())
	i, _ := w.used(w.discord.Invoke(discordsim.Invocation{Command: "progress"}))
	if err := w.shutDown(); err != nil {
		t.Errorf("Run = %v, want nil", err)
	}
	if m := w.sees(i, nil); m.Thinking() {
		t.Error("the person is left thinking")
	}
}

// TestReplayedInteractions delivers one interaction twice, as a resumed
// session may.
func TestReplayedInteractions(t *testing.T) {
	t.Parallel()
	w := newWorldIn(t, discordsim.Options{Gateway: discordsim.Gateway{IdentifyInterval: -1}}, bot.Gateway).ready()
	w.discord.DropConnections()
	// While the bot is away, somebody asks; the resumed session brings it. The
	// time to answer does not begin before the bot has noticed.
	w.log.await(t, `gateway connection ended`)
	i, err := w.discord.Invoke(discordsim.Invocation{Command: "progress"})
	if errors.Is(err, discordsim.ErrNotConnected) {
		t.Fatal("the simulated Discord forgets sessions at once")
	}
	mention(t, w.sees(i, err), "Winter Lights")
	if got := i.Outcome(); got.Answers != 1 || got.Refused > 0 {
		t.Errorf("outcome = %+v, want one answer", got)
	}
}

// TestManyAtOnce lets many people ask at the same time.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	bothTransports(t, func(t *testing.T, transport bot.Transport) {
		w := newWorld(t, transport).ready()
		users := []string{progressapitest.Collector, progressapitest.Newcomer, progressapitest.Finisher,
			w.discord.People().Manager, w.discord.People().Admin}
		var wg sync.WaitGroup
		for n := range 100 {
			wg.Go(func() {
				i, err := w.discord.Invoke(discordsim.Invocation{Command: "help", User: users[n%len(users)]})
				if err != nil {
					t.Error(err)
					return
				}
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				if _, err := i.Await(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if stats := w.discord.Stats(); stats.Answered != 100 || stats.LateOrDouble > 0 {
			t.Errorf("stats = %+v, want 100 answers", stats)
		}
	})
}

func TestShards(t *testing.T) {
	t.Parallel()
	w := newWorldIn(t, discordsim.Options{Gateway: discordsim.Gateway{Shards: 3, MaxConcurrency: 3}}, bot.Gateway).ready()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := w.discord.AwaitSession(ctx, func(discordsim.SessionInfo) bool { return len(w.discord.Sessions()) == 3 }); err != nil {
		t.Fatal(err)
	}
	var shards []int
	for _, s := range w.discord.Sessions() {
		shards = append(shards, s.Shard)
	}
	slices.Sort(shards)
	if !slices.Equal(shards, []int{0, 1, 2}) {
		t.Errorf("shards = %v", shards)
	}
	mention(t, w.invoke("progress"), "Winter Lights")
}
