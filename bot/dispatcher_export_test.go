package bot

import (
	"context"
	"log/slog"

	"github.com/VictoriaMetrics/metrics"

	"progressbot/commands"
)

// TestDispatcher is a dispatcher without a bot around it.
type TestDispatcher struct{ d *dispatcher }

// NewTestDispatcher starts a dispatcher to s.
func NewTestDispatcher(ctx context.Context, s server, set *metrics.Set, log *slog.Logger) *TestDispatcher {
	return &TestDispatcher{newDispatcher(ctx, s, set, log)}
}

// Submit hands in a request.
func (t *TestDispatcher) Submit(r commands.Request) { t.d.submit(job{r, new(responder)}) }

// Depth returns how many requests are worked on and how many wait.
func (t *TestDispatcher) Depth() (running, waiting int) { return t.d.depth() }

// Close ends it.
func (t *TestDispatcher) Close() { t.d.close() }

// The bounds of a dispatcher.
const (
	MaxRunning = maxRunning
	MaxWaiting = maxWaiting
	MaxWait    = maxWait
)
