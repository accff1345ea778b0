package bot

import (
	"context"
	"net/http"

	"github.com/VictoriaMetrics/metrics"
	"github.com/bwmarrin/discordgo"
)

// TestREST is a REST client without a bot around it.
type TestREST struct{ r *rest }

// NewTestREST returns a client of the Discord at origin.
func NewTestREST(origin, token string, transport http.RoundTripper, set *metrics.Set, refused func(error)) *TestREST {
	return &TestREST{newREST(restOptions{
		origin: origin, token: NewSecret(token), version: "1.2.3",
		transport: transport, metrics: set, refused: refused,
	})}
}

// Gateway asks for the gateway.
func (t *TestREST) Gateway(ctx context.Context) (discordgo.GatewayBotResponse, error) {
	return t.r.gateway(ctx)
}

// Application asks for the application's ID.
func (t *TestREST) Application(ctx context.Context) (string, error) {
	app, err := t.r.application(ctx)
	return app.ID, err
}
