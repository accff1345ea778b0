package bot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"

	"progressbot/bot"
)

// heartbeat is Discord's interval. The tests run on a simulated clock.
const heartbeat = 41250 * time.Millisecond

// memoryNet is a network within the process, so that everything on it keeps
// to the simulated clock.
type memoryNet struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	// refuse makes dialling fail.
	refuse atomic.Bool
}

func newMemoryNet() *memoryNet {
	return &memoryNet{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (n *memoryNet) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if n.refuse.Load() {
		return nil, errors.New("connection refused")
	}
	ours, theirs := net.Pipe()
	select {
	case n.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// Accept implements net.Listener.
func (n *memoryNet) Accept() (net.Conn, error) {
	select {
	case c := <-n.conns:
		return c, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (n *memoryNet) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

// Addr implements net.Listener.
func (n *memoryNet) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

// gatewayConn is Discord's end of one connection. It writes from a goroutine
// of its own, because nothing is buffered on the network.
type gatewayConn struct {
	*websocket.Conn
	out  chan func()
	deaf atomic.Bool // does not acknowledge heartbeats
}

func newGatewayConn(conn *websocket.Conn) *gatewayConn {
	c := &gatewayConn{Conn: conn, out: make(chan func(), 1000)}
	go func() {
		for write := range c.out {
			write()
		}
	}()
	return c
}

type clientPacket struct {
	Op   int             `json:"op"`
	Data json.RawMessage `json:"d"`
}

func (c *gatewayConn) send(format string, args ...any) {
	text := fmt.Appendf(nil, format, args...)
	c.out <- func() { _ = c.WriteMessage(websocket.TextMessage, text) }
}

// raw writes bytes past the websocket.
func (c *gatewayConn) raw(b ...byte) {
	c.out <- func() { _, _ = c.UnderlyingConn().Write(b) }
}

func (c *gatewayConn) hello() {
	c.send(`{"op":10,"d":{"heartbeat_interval":%d}}`, heartbeat.Milliseconds())
}

// next returns the next packet that is no heartbeat, acknowledging those on
// the way. Op -1 is the end of the connection.
func (c *gatewayConn) next() clientPacket {
	for {
		var p clientPacket
		if err := c.ReadJSON(&p); err != nil {
			return clientPacket{Op: -1}
		}
		if p.Op != 1 {
			return p
		}
		if !c.deaf.Load() {
			c.send(`{"op":11}`)
		}
	}
}

// identify greets the bot and takes it in as a new session.
func (c *gatewayConn) identify(session string) clientPacket {
	c.hello()
	p := c.next()
	c.send(`{"op":0,"s":1,"t":"READY","d":{"v":9,"session_id":%q,"resume_gateway_url":"ws://resume.test/?compress=zlib-stream","guilds":[null],"user":null}}`, session)
	return p
}

// stay acknowledges heartbeats until the bot hangs up.
func (c *gatewayConn) stay() {
	for c.next().Op != -1 {
	}
}

// stayFor acknowledges heartbeats for d and then cuts the connection.
func (c *gatewayConn) stayFor(d time.Duration) {
	defer time.AfterFunc(d, c.drop).Stop()
	c.stay()
}

// drop cuts the connection without a close frame.
func (c *gatewayConn) drop() {
	c.out <- func() { _ = c.UnderlyingConn().Close() }
}

func (c *gatewayConn) closeWith(code int) {
	c.out <- func() {
		_ = c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, "told so"), time.Now().Add(time.Second))
	}
}

// gatewayTest is a gateway against a Discord that follows a script: one
// function per connection, the last one for all that follow.
type gatewayTest struct {
	*bot.TestGateway
	t       *testing.T
	net     *memoryNet
	script  []func(*gatewayConn)
	log     bytes.Buffer
	info    discordgo.GatewayBotResponse
	started time.Time

	mu        sync.Mutex
	dials     []time.Duration // since the start
	urls      []string
	delivered []string
	asked     int
	up        []bool // by second
	live      []*gatewayConn
}

func newGatewayTest(t *testing.T, script ...func(*gatewayConn)) *gatewayTest {
	g := &gatewayTest{
		t: t, net: newMemoryNet(), script: script, started: time.Now(),
		info: discordgo.GatewayBotResponse{URL: "ws://gateway.test", Shards: 1,
			SessionStartLimit: discordgo.SessionInformation{Total: 1000, Remaining: 1000, MaxConcurrency: 1}},
	}
	g.TestGateway = &bot.TestGateway{
		Token: "canary-token",
		Ask: func(context.Context) (discordgo.GatewayBotResponse, error) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.asked++
			return g.info, nil
		},
		Dial:    g.net.dial,
		Metrics: metrics.NewSet(),
		Log:     slog.New(slog.NewTextHandler(&g.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Deliver: func(raw []byte, _ time.Time) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.delivered = append(g.delivered, string(raw))
		},
	}
	return g
}

// ServeHTTP is Discord's gateway.
func (g *gatewayTest) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	g.mu.Lock()
	i := min(len(g.dials), len(g.script)-1)
	g.dials = append(g.dials, time.Since(g.started))
	g.urls = append(g.urls, "ws://"+r.Host+r.URL.String())
	c := newGatewayConn(conn)
	g.live = append(g.live, c)
	g.mu.Unlock()
	g.script[i](c)
	time.Sleep(time.Second) // what is written gets out
	_ = conn.Close()
}

// run keeps the gateway up for d of simulated time, looking whether it is
// connected every second, and returns what Run returned.
func (g *gatewayTest) run(d time.Duration) error {
	g.t.Helper()
	server := &http.Server{Handler: g}
	go func() { _ = server.Serve(g.net) }()
	if err := g.Plan(g.t.Context()); err != nil {
		g.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(g.t.Context(), d)
	defer cancel()
	var watching sync.WaitGroup
	watching.Go(func() {
		for ; ctx.Err() == nil; time.Sleep(time.Second) {
			g.mu.Lock()
			g.up = append(g.up, g.Connected())
			g.mu.Unlock()
		}
	})
	err := g.Run(ctx)
	cancel()
	watching.Wait()
	_ = server.Close()
	g.mu.Lock()
	live := g.live
	g.mu.Unlock()
	for _, c := range live {
		_ = c.Close()
	}
	time.Sleep(10 * time.Second) // everything ends
	for _, c := range live {
		close(c.out)
	}
	synctest.Wait()
	return err
}
