package bot_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"progressbot/bot"
	"progressbot/commands"
)

// fakeServer serves each request for as long as the test says.
type fakeServer struct {
	takes func(commands.Request) time.Duration

	mu         sync.Mutex
	served     []string
	turnedAway map[string]time.Duration // after they were received
}

func (s *fakeServer) Serve(ctx context.Context, r commands.Request, _ commands.Responder) {
	if r.Command == "panic" {
		panic("oh no")
	}
	select {
	case <-time.After(s.takes(r)):
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.served = append(s.served, r.ID)
}

func (s *fakeServer) TurnAway(_ context.Context, r commands.Request, _ commands.Responder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turnedAway == nil {
		s.turnedAway = map[string]time.Duration{}
	}
	s.turnedAway[r.ID] = time.Since(r.Received)
}

func asking(id int) commands.Request {
	return commands.Request{ID: fmt.Sprint(id), User: commands.User{ID: fmt.Sprint(id)}, Received: time.Now()}
}

// TestOverload hands in more than can be served: as many as there is room for
// are served, the others hear of it while there is time.
func TestOverload(t *testing.T) {
	t.Parallel()
	const flood = 5000
	tests := []struct {
		name   string
		takes  time.Duration
		served int
	}{
		{"quick answers", 10 * time.Millisecond, bot.MaxRunning + bot.MaxWaiting},
		{"slow answers", 5 * time.Second, bot.MaxRunning},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &fakeServer{takes: func(commands.Request) time.Duration { return tt.takes }}
				set := metrics.NewSet()
				d := bot.NewTestDispatcher(t.Context(), s, set, slog.New(slog.DiscardHandler))
				for id := range flood {
					d.Submit(asking(id))
				}
				if running, waiting := d.Depth(); running != bot.MaxRunning || waiting != bot.MaxWaiting {
					t.Errorf("depth = %d, %d", running, waiting)
				}
				time.Sleep(2 * time.Second)
				d.Close()
				if len(s.served) != tt.served {
					t.Errorf("%d served, want %d", len(s.served), tt.served)
				}
				var metrics strings.Builder
				set.WritePrometheus(&metrics)
				dropped := flood - len(s.served) - len(s.turnedAway)
				if want := fmt.Sprintf("progressbot_interactions_dropped_total %d\n", dropped); !strings.Contains(metrics.String(), want) {
					t.Errorf("metrics lack %s", want)
				}
				if dropped > 500 {
					t.Errorf("%d of %d hear nothing", dropped, flood)
				}
				for id, after := range s.turnedAway {
					if after > bot.MaxWait+200*time.Millisecond {
						t.Fatalf("%s is turned away after %v", id, after)
					}
				}
			})
		})
	}
}

func TestDispatcherServesInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &fakeServer{takes: func(commands.Request) time.Duration { return 100 * time.Millisecond }}
		d := bot.NewTestDispatcher(t.Context(), s, metrics.NewSet(), slog.New(slog.DiscardHandler))
		for id := range bot.MaxRunning {
			d.Submit(asking(id))
		}
		time.Sleep(time.Millisecond)
		d.Submit(asking(8001))
		time.Sleep(time.Millisecond)
		d.Submit(asking(8002))
		d.Close()
		if n := len(s.served); n != bot.MaxRunning+2 {
			t.Errorf("%d served; closing has to wait for those who wait", n)
		}
		if running, waiting := d.Depth(); running != 0 || waiting != 0 {
			t.Errorf("depth = %d, %d after the end", running, waiting)
		}
		d.Submit(asking(9000))
		synctest.Wait()
		if n := len(s.served); n != bot.MaxRunning+2 {
			t.Error("served after the end")
		}
	})
}

func TestDispatcherSurvivesPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := &fakeServer{takes: func(commands.Request) time.Duration { return 0 }}
		d := bot.NewTestDispatcher(t.Context(), s, metrics.NewSet(), slog.New(slog.NewTextHandler(&log, nil)))
		d.Submit(commands.Request{Command: "panic"})
		d.Submit(asking(1))
		d.Close()
		if len(s.served) != 1 || !strings.Contains(log.String(), "oh no") {
			t.Errorf("served %v; log:\n%s", s.served, log.String())
		}
	})
}
