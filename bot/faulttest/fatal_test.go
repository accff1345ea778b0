package faulttest

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"progressbot/bot"
	"progressbot/bot/discordsim"
)

// TestFatalEnds holds the ends of the process that no waiting would mend: its
// exit status is 1 and its last line says what to do.
func TestFatalEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		begin func(w *world)
		words string
	}{
		{"token refused", closing(discordsim.CloseAuthenticationFailed), "DISCORD_TOKEN"},
		{"invalid shard", closing(discordsim.CloseInvalidShard), "SHARD_IDS"},
		{"sharding required", closing(discordsim.CloseShardingRequired), "SHARD_COUNT"},
		{"invalid version", closing(discordsim.CloseInvalidVersion), "update the bot"},
		{"invalid intents", closing(discordsim.CloseInvalidIntents), "intents"},
		{"disallowed intents", closing(discordsim.CloseDisallowedIntents), "intents"},
	}
	var running sync.WaitGroup
	for _, tt := range tests {
		running.Go(func() {
			t.Run(tt.name, func(t *testing.T) {
				w := newWorld(t, setup{Memory: true})
				p := w.exec()
				if err := w.awaitReady(); err != nil {
					t.Fatalf("%v; log:\n%s", err, p.log)
				}
				tt.begin(w)
				status, err := p.status()
				if err != nil {
					t.Fatal(err)
				}
				lines := strings.Split(strings.TrimSpace(p.log.String()), "\n")
				if last := lines[len(lines)-1]; status != 1 || !strings.Contains(last, tt.words) {
					t.Errorf("exit status %d and %q, want 1 and a word about %s", status, last, tt.words)
				}
			})
		})
	}
	running.Wait()
}

// closing has Discord close with a code.
func closing(code int) func(*world) {
	return func(w *world) { w.discord.CloseConnections(code) }
}

// TestWedgedSession blocks, for good, the goroutine on which discordgo reads
// the gateway: the log of an unreadable interaction never comes back. Only a
// new process helps, so Run has to end with an error.
func TestWedgedSession(t *testing.T) {
	t.Parallel()
	// With shorter intervals discordgo's own heartbeat finds out first, and
	// leaves the goroutine behind.
	w := newWorld(t, setup{Memory: true, Discord: discordsim.Options{
		Gateway: discordsim.Gateway{HeartbeatInterval: 14 * time.Second, HeartbeatGrace: 2 * time.Minute},
	}})
	release := make(chan struct{})
	t.Cleanup(func() {
		close(release)
		<-time.After(1500 * time.Millisecond) // discordgo takes a second to let go
	})
	config, err := bot.ConfigFromEnv(w.lookup)
	if err != nil {
		t.Fatal(err)
	}
	log := newLogBuffer()
	b, err := bot.New(config, bot.Deps{Log: slog.New(&stuckHandler{bot.NewLogger(config, log).Handler(), release})})
	if err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	go func() { result <- b.Run(context.Background()) }()
	if err := w.awaitReady(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	w.discord.SendEvent("INTERACTION_CREATE", json.RawMessage(`{"type":2}`))
	select {
	case err := <-result:
		if err == nil || !strings.Contains(err.Error(), "stuck") {
			t.Errorf("Run = %v, want that the session is stuck", err)
		}
		t.Logf("the process of a wedged session ends after %s", ms(time.Since(began)))
	case <-time.After(2 * time.Minute):
		t.Fatalf("still running; log:\n%s", log)
	}
}

// stuckHandler never comes back from logging an unreadable interaction.
type stuckHandler struct {
	slog.Handler
	release <-chan struct{}
}

// Handle implements slog.Handler.
func (h *stuckHandler) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "interaction cannot be read" {
		<-h.release
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *stuckHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &stuckHandler{h.Handler.WithAttrs(attrs), h.release}
}

// TestUnreadableEvents sends what no bot of today can read.
func TestUnreadableEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{Memory: true})
	r := w.start()
	for _, data := range []string{`{}`, `null`, `[]`, `{"id":"1","token":"x","type":99,"user":{"id":"1"}}`, `{"id":7,"data":"x"}`, `"` + strings.Repeat("x", 1<<20) + `"`} {
		w.discord.SendEvent("INTERACTION_CREATE", json.RawMessage(data))
		w.discord.SendEvent("SOMETHING_NEW", json.RawMessage(data))
	}
	if saw, err := w.tries(w.person()); err != nil || !saw.good() {
		t.Errorf("afterwards the member saw: %s, %v", saw.What, err)
	}
	if n := len(r.log.complaints()); n != 1 {
		t.Errorf("%d complaints in the log, want one for all:\n%s", n, r.log)
	}
}
