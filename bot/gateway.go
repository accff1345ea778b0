package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"
)

// gateway keeps the shards of this process connected and hands on the
// interactions that arrive.
type gateway struct {
	options gatewayOptions
	starts  *starts
	shards  atomic.Pointer[[]*shard] // nil before plan
	// deliver takes the raw JSON of an interaction; set by run.
	deliver func(raw []byte, received time.Time)
	metrics gatewayMetrics
}

// gatewayOptions are what a gateway is made from.
type gatewayOptions struct {
	token     Secret
	count     int   // shards in all, 0 for Discord's advice
	ids       []int // of this process, nil for all
	ask       func(context.Context) (discordgo.GatewayBotResponse, error)
	userAgent string
	// dial makes network connections; nil for the usual way.
	dial    func(ctx context.Context, network, addr string) (net.Conn, error)
	metrics *metrics.Set
	log     *slog.Logger
}

type gatewayMetrics struct {
	set       *metrics.Set
	heartbeat *metrics.PrometheusHistogram
	panics    *metrics.Counter
}

func newGateway(o gatewayOptions) *gateway {
	g := &gateway{
		options: o,
		starts:  newStarts(o.ask, o.log),
		metrics: gatewayMetrics{
			set: o.metrics,
			heartbeat: o.metrics.NewPrometheusHistogramExt("progressbot_gateway_heartbeat_seconds",
				[]float64{.025, .05, .1, .2, .4, .8, 1.6, 3.2, 10}),
			panics: o.metrics.NewCounter("progressbot_gateway_panics_total"),
		},
	}
	o.metrics.NewGauge(`progressbot_gateway_shards{state="connected"}`, func() float64 {
		up, _ := g.connected()
		return float64(up)
	})
	o.metrics.NewGauge(`progressbot_gateway_shards{state="disconnected"}`, func() float64 {
		up, all := g.connected()
		return float64(all - up)
	})
	return g
}

// plan decides which shards to run. It must have succeeded before run.
func (g *gateway) plan(ctx context.Context) error {
	info, err := g.starts.gateway(ctx)
	if err != nil {
		return err
	}
	count := g.options.count
	if count == 0 {
		count = max(info.Shards, 1)
	}
	ids := g.options.ids
	if ids == nil {
		for id := range count {
			ids = append(ids, id)
		}
	}
	shards := make([]*shard, 0, len(ids))
	for _, id := range ids {
		shards = append(shards, newShard(g, id, count))
	}
	g.shards.Store(&shards)
	limit := info.SessionStartLimit
	g.options.log.Info("gateway planned", "shards", len(ids), "of", count,
		"starts_left", limit.Remaining, "starts_total", limit.Total, "concurrency", limit.MaxConcurrency)
	return nil
}

// connected returns how many shards of this process are connected, and how
// many there are: none before plan.
func (g *gateway) connected() (up, all int) {
	shards := g.shards.Load()
	if shards == nil {
		return 0, 0
	}
	for _, s := range *shards {
		if s.connected.Load() {
			up++
		}
	}
	return up, len(*shards)
}

// run keeps the shards connected until ctx ends, which ends it with nil, or
// until one of them fails for good. It gives the raw JSON of interactions to
// deliver, which must not block.
func (g *gateway) run(ctx context.Context, deliver func(raw []byte, received time.Time)) error {
	g.deliver = deliver
	group, ctx := errgroup.WithContext(ctx)
	for _, s := range *g.shards.Load() {
		group.Go(func() error { return s.run(ctx) })
	}
	return group.Wait()
}

// closed counts the end of a connection by its cause.
func (m *gatewayMetrics) closed(cause string) {
	m.set.GetOrCreateCounter(fmt.Sprintf(`progressbot_gateway_disconnects_total{cause=%q}`, cause)).Inc()
}

// Discord's close codes that say more than "try again".
const (
	closeNotAuthenticated = 4003
	closeTokenRefused     = 4004
	closeInvalidSequence  = 4007
	closeSessionTimedOut  = 4009
	closeInvalidShard     = 4010
	closeShardingRequired = 4011
	closeInvalidVersion   = 4012
	closeInvalidIntents   = 4013
	closeDisallowed       = 4014
)

// fatalClose returns what a close code means after which connecting again is
// pointless, and "" for every other code.
func fatalClose(code int) string {
	switch code {
	case closeTokenRefused:
		return "Discord refuses the token; set DISCORD_TOKEN to the one on the application's Bot page"
	case closeInvalidShard:
		return "Discord refuses the shard; check SHARD_COUNT and SHARD_IDS"
	case closeShardingRequired:
		return "the bot is in too many servers for this number of shards; raise SHARD_COUNT or leave it unset"
	case closeInvalidVersion:
		return "Discord no longer offers this version of its gateway; update the bot"
	case closeInvalidIntents:
		return "Discord refuses the intents as invalid; update the bot"
	case closeDisallowed:
		return "Discord refuses the intents; the application may not use them"
	default:
		return ""
	}
}

// ending is what the end of a connection means for the next.
type ending struct {
	cause string // bounded, for metrics
	fatal string // "" unless connecting again is pointless
	fresh bool   // the session is lost: start a new one
	level slog.Level
}

// judge classifies the reason for which a connection ended.
func judge(reason error) ending {
	if closed, ok := errors.AsType[*websocket.CloseError](reason); ok {
		e := ending{cause: "close", level: slog.LevelWarn, fatal: fatalClose(closed.Code)}
		switch closed.Code {
		case closeNotAuthenticated, closeInvalidSequence, closeSessionTimedOut:
			e.fresh = true
		}
		if closed.Code >= 4000 && closed.Code <= closeDisallowed {
			e.cause = fmt.Sprintf("close_%d", closed.Code)
		}
		return e
	}
	if invalid, ok := errors.AsType[*invalidSessionError](reason); ok {
		return ending{cause: "invalid_session", level: slog.LevelWarn, fresh: !invalid.resumable}
	}
	switch {
	case errors.Is(reason, errAskedToReconnect):
		return ending{cause: "reconnect", level: slog.LevelInfo} // Discord's daily round
	case errors.Is(reason, errSilent):
		return ending{cause: "silence", level: slog.LevelWarn}
	case errors.Is(reason, errSlowStart):
		return ending{cause: "slow_start", level: slog.LevelWarn}
	case errors.Is(reason, errPacket):
		return ending{cause: "garbage", level: slog.LevelWarn}
	default:
		return ending{cause: "connection", level: slog.LevelWarn}
	}
}

const (
	// steadyTime is how long a connection has to last to reset the backoff.
	steadyTime = 30 * time.Second
	// maxResumes is how many attempts to resume a session may fail in a row
	// before a new session is started.
	maxResumes = 4
)
