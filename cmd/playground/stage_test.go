package main

import (
	"log/slog"
	"sync"
	"testing"
)

// TestRestartTwice presses restart in two tabs at once: one bot is on
// afterwards.
func TestRestartTwice(t *testing.T) {
	t.Parallel()
	st, err := openStage(t.Context(), slog.New(slog.DiscardHandler), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.close(); err != nil {
			t.Error(err)
		}
	}()
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			if err := st.restart(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	connected := 0
	for _, s := range st.discord.Sessions() {
		if s.Connected {
			connected++
		}
	}
	if connected != 1 {
		t.Errorf("%d bots are connected, want one", connected)
	}
}
