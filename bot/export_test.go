package bot

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/bwmarrin/discordgo"

	"progressbot/commands"
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

// ErrWedged is the error of a session that does not move.
var ErrWedged = errWedged

// Packet is what readPacket finds.
type Packet struct {
	Op         int
	Seq        int64
	Kind, Data string
}

// ReadPacket calls readPacket.
func ReadPacket(message []byte) (Packet, error) {
	p, err := readPacket(message)
	return Packet{p.op, p.seq, string(p.kind), string(p.data)}, err
}

// TestREST is a REST client without a bot around it.
type TestREST struct{ r *rest }

// NewTestREST returns a client of the Discord at origin.
func NewTestREST(origin, token string, transport http.RoundTripper, set *metrics.Set, refused func(error)) *TestREST {
	return &TestREST{newREST(restOptions{
		origin: origin, token: NewSecret(token), version: "1.2.3",
		transport: transport, metrics: set, refused: refused,
	})}
}

// Responder answers one interaction.
func (t *TestREST) Responder(c commands.Credentials, autocomplete bool) commands.Responder {
	return &responder{rest: t.r, cred: c, autocomplete: autocomplete}
}

// CountRefusals makes the client believe that it was refused n times.
func (t *TestREST) CountRefusals(n int) {
	for range n {
		t.r.limits.count(&apiError{Status: http.StatusForbidden}, time.Now())
	}
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

// Sync registers commands.
func (t *TestREST) Sync(ctx context.Context, guild string, defs []*discordgo.ApplicationCommand, m *commands.Mentions) (bool, error) {
	r := registrar{rest: t.r, appID: "77", guildID: guild, definitions: defs, mentions: m, log: slog.New(slog.DiscardHandler)}
	return r.sync(ctx)
}

// The reasons not to send a request.
var (
	ErrRateLimited     = errRateLimited
	ErrTooManyRefusals = errTooManyRefusals
)

// MaxRefusals is how many refusals in a row are borne.
const MaxRefusals = maxRefusals

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

// Register registers commands and returns when that has worked.
func (t *TestREST) Register(ctx context.Context, defs []*discordgo.ApplicationCommand, m *commands.Mentions, log *slog.Logger) {
	r := registrar{rest: t.r, appID: "77", definitions: defs, mentions: m, log: log}
	r.run(ctx, func(again func()) { again() })
}

// NewTestWebhook returns an endpoint whose requests are all turned away.
func NewTestWebhook(key ed25519.PublicKey) http.Handler {
	log := slog.New(slog.DiscardHandler)
	set := metrics.NewSet()
	d := newDispatcher(context.Background(), nil, set, log)
	d.close()
	r := newREST(restOptions{metrics: set})
	return newWebhook(key, newIntake(r, d, set, log), set, log).handler()
}

// PostWebhook sends a request to h and returns the status.
func PostWebhook(h http.Handler, body []byte, signature, timestamp string) int {
	req := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/interactions", bytes.NewReader(body))
	req.Header.Set("X-Signature-Ed25519", signature)
	req.Header.Set("X-Signature-Timestamp", timestamp)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w.Code
}

// RedactedLine makes a line of discordgo's fit for a log.
func RedactedLine(format string, args ...any) string { return redactedLine(format, args) }

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
