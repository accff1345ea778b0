package discordsim

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// The gateway's opcodes.
const (
	opDispatch       = 0
	opHeartbeat      = 1
	opIdentify       = 2
	opPresence       = 3
	opVoiceState     = 4
	opResume         = 6
	opReconnect      = 7
	opRequestMembers = 8
	opInvalidSession = 9
	opHello          = 10
	opHeartbeatACK   = 11
	opSoundboard     = 31
	opChannelInfo    = 43
)

// The gateway's close codes.
const (
	CloseUnknownError         = 4000
	CloseUnknownOpcode        = 4001
	CloseDecodeError          = 4002
	CloseNotAuthenticated     = 4003
	CloseAuthenticationFailed = 4004
	CloseAlreadyAuthenticated = 4005
	CloseInvalidSeq           = 4007
	CloseRateLimited          = 4008
	CloseInvalidShard         = 4010
	CloseShardingRequired     = 4011
	CloseInvalidVersion       = 4012
	CloseInvalidIntents       = 4013
	CloseDisallowedIntents    = 4014
)

const (
	maxGatewayPayload = 4096 // bytes the bot may send in one payload
	maxGatewaySends   = 120  // payloads the bot may send per minute
	writeTimeout      = 5 * time.Second
	drainTimeout      = time.Second // for the peer's close frame
)

// gatewayState is guarded by Server.mu.
type gatewayState struct {
	conns      map[*gatewayConn]struct{}
	sessions   map[string]*session
	identified map[int][]time.Time // shard bucket -> accepted IDENTIFYs of the last interval
	startsLeft int
	startReset time.Time // when startsLeft is full again; zero if it is
}

func newGatewayState(g Gateway) gatewayState {
	return gatewayState{
		conns:      make(map[*gatewayConn]struct{}),
		sessions:   make(map[string]*session),
		identified: make(map[int][]time.Time),
		startsLeft: g.SessionStarts,
	}
}

// gatewayConn is one websocket connection.
type gatewayConn struct {
	s         *Server
	ws        *websocket.Conn
	version   int
	resumeURL bool // connected through the resume_gateway_url
	out       frameWriter

	handshake Handshake   // how this connection's handshake is to fail
	sent      []time.Time // of the last maxGatewaySends payloads received; read loop only
	session   *session    // set once by the read loop
	closing   sync.Once
}

// serveGateway upgrades to a websocket and runs the connection.
func (s *Server) serveGateway(w http.ResponseWriter, r *http.Request) {
	handshake := s.nextHandshake()
	if handshake.Kind == HandshakeRefuse || s.gatewayFaults().RefuseConnections {
		resetConnection(w)
		return
	}
	u := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }, ReadBufferSize: 1024, WriteBufferSize: 4096}
	ws, err := u.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	version, err := strconv.Atoi(r.URL.Query().Get("v"))
	if err != nil {
		version = 10
	}
	c := &gatewayConn{s: s, ws: ws, version: version, resumeURL: r.URL.Path != "/", handshake: handshake}
	c.out.init(s, ws, r.URL.Query().Get("compress"))
	if !s.addConn(c) {
		_ = ws.Close()
		return
	}
	defer s.removeConn(c)
	c.run(r.URL.Query())
}

func (s *Server) addConn(c *gatewayConn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.done:
		return false
	default:
	}
	s.gateway.conns[c] = struct{}{}
	s.stats.Connections++
	return true
}

func (s *Server) removeConn(c *gatewayConn) {
	_ = c.ws.Close()
	c.out.close()
	if c.session != nil {
		c.session.detach(c, s.Now())
	}
	s.mu.Lock()
	delete(s.gateway.conns, c)
	s.mu.Unlock()
	s.notify()
}

func (s *Server) closeGatewayConns() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.gateway.conns {
		_ = c.ws.Close()
	}
}

// run says hello and reads until the connection ends.
func (c *gatewayConn) run(query url.Values) {
	encoding, compress := query.Get("encoding"), query.Get("compress")
	switch {
	case c.version != 9 && c.version != 10:
		c.end(CloseInvalidVersion, "Invalid API version.")
	case encoding != "" && encoding != "json", compress != "" && compress != "zlib-stream":
		c.end(CloseDecodeError, "The simulator speaks JSON only, plain or as zlib-stream.")
	default:
		c.hello()
		c.read()
	}
	c.drain()
}

func (c *gatewayConn) hello() {
	if c.handshake.Kind == HandshakeSilent {
		c.out.mute()
	}
	c.out.send(helloPayload(c.s.o.Gateway.HeartbeatInterval))
	if c.handshake.Kind == HandshakeStall {
		c.out.mute()
	}
}

// read handles what the bot sends until the connection is to end. When the
// bot closes with 1000 or 1001 its session ends, too.
func (c *gatewayConn) read() {
	c.expectHeartbeat()
	for {
		_, payload, err := c.ws.ReadMessage()
		if err != nil {
			c.readFailed(err)
			return
		}
		c.s.logGateway(ExchangeFromBot, payload)
		if !c.handle(payload) {
			return
		}
	}
}

func (c *gatewayConn) readFailed(err error) {
	var closed *websocket.CloseError
	var timeout net.Error
	switch {
	case errors.As(err, &closed):
		if c.session != nil && (closed.Code == websocket.CloseNormalClosure || closed.Code == websocket.CloseGoingAway) {
			c.s.endSession(c.session)
		}
	case errors.As(err, &timeout) && timeout.Timeout():
		c.end(CloseUnknownError, "No heartbeat came in time.")
	}
}

// expectHeartbeat gives the bot time for its next heartbeat.
func (c *gatewayConn) expectHeartbeat() {
	g := c.s.o.Gateway
	_ = c.ws.SetReadDeadline(time.Now().Add(g.HeartbeatInterval + g.HeartbeatGrace))
}

// end closes the connection with a code and remembers it as a violation if
// the bot brought it about.
func (c *gatewayConn) end(code int, reason string) {
	c.s.violate(Violation{Rule: RuleGateway, Code: code, Detail: reason})
	c.closeWith(code, reason)
}

// closeWith sends a close frame. The read loop then drains what is on its way.
func (c *gatewayConn) closeWith(code int, reason string) {
	c.closing.Do(func() {
		c.s.logGatewayClose(code, reason)
		c.out.closeFrame(code, reason)
		_ = c.ws.SetReadDeadline(time.Now().Add(drainTimeout))
	})
}

// drain reads on for a moment after a close frame: closing at once would
// reset the connection and could lose the frame.
func (c *gatewayConn) drain() {
	_ = c.ws.SetReadDeadline(time.Now().Add(drainTimeout))
	for {
		if _, _, err := c.ws.NextReader(); err != nil {
			return
		}
	}
}

// tooMany reports whether the bot has now sent more payloads than it may.
func (c *gatewayConn) tooMany(now time.Time) bool {
	c.sent = slices.DeleteFunc(c.sent, func(t time.Time) bool { return now.Sub(t) >= time.Minute })
	c.sent = append(c.sent, now)
	return len(c.sent) > maxGatewaySends
}
