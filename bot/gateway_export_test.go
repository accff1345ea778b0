package bot

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/bwmarrin/discordgo"
)

// TestGateway is a gateway without a bot around it.
type TestGateway struct {
	Token   string
	Count   int
	IDs     []int
	Ask     func(context.Context) (discordgo.GatewayBotResponse, error)
	Dial    func(ctx context.Context, network, addr string) (net.Conn, error)
	Deliver func(raw []byte, received time.Time)
	Metrics *metrics.Set
	Log     *slog.Logger

	g *gateway
}

// Plan finds out which shards there are.
func (t *TestGateway) Plan(ctx context.Context) error {
	t.g = newGateway(gatewayOptions{
		token: NewSecret(t.Token), count: t.Count, ids: t.IDs, ask: t.Ask,
		userAgent: "test", dial: t.Dial, metrics: t.Metrics, log: t.Log,
	})
	return t.g.plan(ctx)
}

// Run keeps the shards connected.
func (t *TestGateway) Run(ctx context.Context) error { return t.g.run(ctx, t.Deliver) }

// Connected reports whether every shard is connected.
func (t *TestGateway) Connected() bool {
	up, all := t.g.connected()
	return all > 0 && up == all
}
