package discordsim

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

// GatewayFaults are conditions of the gateway that last until they are
// changed with [Server.SetGatewayFaults].
type GatewayFaults struct {
	// Silent keeps everything from the bots, heartbeat ACKs included. The
	// connections stay open and events are remembered for a resume.
	Silent bool
	// NoACKs leaves heartbeats without ACK.
	NoACKs bool
	// RefuseConnections resets every new connection. It does not touch
	// those that are open; [Server.DropConnections] does.
	RefuseConnections bool
}

// HandshakeKind is a way in which one connection's handshake fails.
type HandshakeKind int

const (
	HandshakeFine             HandshakeKind = iota
	HandshakeRefuse                         // the connection is reset before the upgrade
	HandshakeSilent                         // nothing is ever sent, not even HELLO
	HandshakeStall                          // HELLO is all that is ever sent
	HandshakeReconnect                      // op 7 instead of READY or RESUMED
	HandshakeInvalid                        // op 9, not resumable, instead of READY or RESUMED
	HandshakeInvalidResumable               // op 9, resumable, instead of READY or RESUMED
	HandshakeClose                          // close with Code instead of READY or RESUMED
)

// Handshake says how one connection's handshake is to go.
type Handshake struct {
	Kind HandshakeKind
	Code int // HandshakeClose only
}

// faultState holds the faults that are switched on.
type faultState struct {
	gateway    atomic.Pointer[GatewayFaults] // nil for none
	handshakes []Handshake                   // for the next connections; guarded by Server.mu
	rest       []*restFault                  // guarded by Server.mu
}

// SetGatewayFaults replaces the lasting conditions; the zero value ends them.
func (s *Server) SetGatewayFaults(f GatewayFaults) { s.faults.gateway.Store(&f) }

func (s *Server) gatewayFaults() GatewayFaults {
	if f := s.faults.gateway.Load(); f != nil {
		return *f
	}
	return GatewayFaults{}
}

// FailHandshakes makes the next connections' handshakes go as said, one
// after the other. The connections after them are fine again.
func (s *Server) FailHandshakes(h ...Handshake) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.handshakes = append(s.faults.handshakes, h...)
}

func (s *Server) nextHandshake() Handshake {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults.handshakes) == 0 {
		return Handshake{}
	}
	h := s.faults.handshakes[0]
	s.faults.handshakes = s.faults.handshakes[1:]
	return h
}

// failHandshake applies the connection's handshake fault, once. It reports
// whether there was one, so that IDENTIFY or RESUME is to be ignored.
func (c *gatewayConn) failHandshake() bool {
	h := c.handshake
	c.handshake = Handshake{}
	switch h.Kind {
	case HandshakeReconnect:
		c.out.send(opPayload(opReconnect, nil))
	case HandshakeInvalid, HandshakeInvalidResumable:
		c.out.send(opPayload(opInvalidSession, h.Kind == HandshakeInvalidResumable))
	case HandshakeClose:
		c.closeWith(h.Code, "")
	default:
		return false
	}
	return true
}

// Reconnect sends op 7 to every connection and returns to how many.
func (s *Server) Reconnect() int {
	return s.eachConn(func(c *gatewayConn) { c.out.send(opPayload(opReconnect, nil)) })
}

// InvalidateSessions sends op 9 to every connection. If the sessions are not
// resumable they are forgotten.
func (s *Server) InvalidateSessions(resumable bool) int {
	if !resumable {
		s.mu.Lock()
		clear(s.gateway.sessions)
		s.mu.Unlock()
	}
	n := s.eachConn(func(c *gatewayConn) { c.out.send(opPayload(opInvalidSession, resumable)) })
	s.notify()
	return n
}

// RequestHeartbeats sends op 1 to every connection.
func (s *Server) RequestHeartbeats() int {
	return s.eachConn(func(c *gatewayConn) { c.out.send(opPayload(opHeartbeat, nil)) })
}

// CloseConnections closes every connection with a close code.
func (s *Server) CloseConnections(code int) int {
	return s.eachConn(func(c *gatewayConn) { c.closeWith(code, "") })
}

// RequestHeartbeatsAndClose sends op 1 and, in the same moment, closes, so
// that the bot answers on a connection that is going away.
func (s *Server) RequestHeartbeatsAndClose(code int) int {
	return s.eachConn(func(c *gatewayConn) {
		c.out.send(opPayload(opHeartbeat, nil))
		c.closeWith(code, "")
	})
}

// DropConnections cuts every connection without a close frame.
func (s *Server) DropConnections() int {
	return s.eachConn(func(c *gatewayConn) { c.out.raw(nil) })
}

// DropMidFrame cuts every connection in the middle of an event.
func (s *Server) DropMidFrame() int {
	frame := append([]byte{0x81, 126, 0x04, 0x00}, `{"t":"INTERACTION_CREATE","s":`...) // announces 1024 bytes
	return s.eachConn(func(c *gatewayConn) { c.out.raw(frame) })
}

// SendGarbage sends a text frame that is no JSON to every connection.
func (s *Server) SendGarbage() int {
	return s.eachConn(func(c *gatewayConn) { c.out.send([]byte("{\"t\":\"INTERACTION_CREATE\",\"s\":\x00\xff")) })
}

// ExhaustSessionStarts leaves no session start until after the duration, as
// GET /gateway/bot then tells. An IDENTIFY in that time resets the token.
func (s *Server) ExhaustSessionStarts(reset time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gateway.startsLeft = 0
	s.gateway.startReset = s.Now().Add(reset)
}

func (s *Server) eachConn(act func(*gatewayConn)) int {
	s.mu.Lock()
	conns := slices.Collect(maps.Keys(s.gateway.conns))
	s.mu.Unlock()
	for _, c := range conns {
		act(c)
	}
	return len(conns)
}

// resetConnection ends a request's connection without an answer.
func resetConnection(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(interface{ SetLinger(int) error }); ok {
		_ = tcp.SetLinger(0) // RST instead of FIN
	}
	_ = conn.Close()
}

// SendEvent sends an event with any data to every session, as a Discord does
// that is newer than its bots, or has lost its mind.
func (s *Server) SendEvent(name string, data json.RawMessage) {
	s.mu.Lock()
	sessions := slices.Collect(maps.Values(s.gateway.sessions))
	s.mu.Unlock()
	for _, sess := range sessions {
		sess.dispatch(name, data)
	}
}
