package bot

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// TestIntake takes interactions in, without a bot around it.
type TestIntake struct {
	i *intake
	d *dispatcher
}

// NewTestIntake serves interactions by s and answers them through transport.
func NewTestIntake(s server, transport http.RoundTripper) *TestIntake {
	log, set := slog.New(slog.DiscardHandler), metrics.NewSet()
	d := newDispatcher(context.Background(), s, set, log)
	r := newREST(restOptions{origin: "http://discord.test", transport: transport, metrics: set})
	return &TestIntake{newIntake(r, d, set, log), d}
}

// Take takes one interaction in.
func (t *TestIntake) Take(raw []byte) error { return t.i.take(raw, time.Now(), nil) }

// Close returns when all of them are answered.
func (t *TestIntake) Close() { t.d.close() }

// MaxSeen is how many interactions are recognised.
const MaxSeen = maxSeen
