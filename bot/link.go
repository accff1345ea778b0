package bot

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // the websocket handshake is defined with it
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// Deadlines of a connection.
const (
	// openTime is from dialling to READY or RESUMED.
	openTime = 30 * time.Second
	// dialTime is for the connection and the websocket handshake.
	dialTime = 10 * time.Second
	// writeTime is for writing one packet.
	writeTime = 10 * time.Second
	// A heartbeat has to be acknowledged within one and a half heartbeat
	// intervals, where the half is kept within these bounds. With Discord's
	// interval of 41 s, a dead connection is replaced within a minute.
	minAckGrace = 2 * time.Second
	maxAckGrace = 10 * time.Second
)

// maxPacket bounds a gateway packet. An interaction on a long message with
// many resolved members stays far below.
const maxPacket = 4 << 20

// Why a connection ended, besides what Discord's close code says.
var (
	errAskedToReconnect = errors.New("discord asked to reconnect")
	errSilent           = errors.New("discord stopped acknowledging heartbeats")
	errSlowStart        = errors.New("discord did not begin the session in time")
	errStopped          = errors.New("the bot is stopping")
)

// invalidSessionError is Discord's refusal to go on with a session.
type invalidSessionError struct{ resumable bool }

// Error implements error.
func (e *invalidSessionError) Error() string {
	if e.resumable {
		return "discord interrupted the session"
	}
	return "discord ended the session"
}

// disguise replaces the first letter of an event's type. See [link].
const disguise = '~'

// link is one connection to the gateway, and the net.Conn over which
// discordgo speaks to it.
//
// discordgo v0.29.0 manages the session: it identifies, resumes, sends
// heartbeats and tracks the sequence number. But the way it handles its socket
// has bugs that cannot be worked around through its API: opcode 7 or 9 while it
// opens a connection deadlocks it for good; opcode 1 while it closes one, or a
// packet "null", crashes the process; it ignores close codes, notices a dead
// connection only after 206 seconds, and reconnects regardless of the identify
// limits. So it is given a link instead of Discord's socket. A link owns the
// real connection, reads every packet first, and
//
//   - passes on what discordgo needs: HELLO, acknowledgements, READY cut down
//     to its session ID, RESUMED, and events;
//   - answers a requested heartbeat itself;
//   - ends the connection, and remembers why, on opcode 7 and 9, on a close
//     code, on anything that is not a packet, and when acknowledgements stop.
//     discordgo only sees its connection break, which it handles well;
//   - changes the first letter of event types: discordgo passes events of
//     unknown types to its handlers without decoding them. It would otherwise
//     parse every interaction five times and fail on components it does not
//     know.
//
// Read and Write may each be called by one goroutine at a time, which is how
// discordgo calls them. Everything else is safe for concurrent use.
type link struct {
	up *websocket.Conn // to Discord

	// Used by the reading goroutine alone.
	in       bytes.Buffer // what discordgo is to read next
	message  bytes.Buffer // the packet at hand
	interval time.Duration
	hello    bool

	// Used by the writing goroutine alone; discordgo writes under a lock.
	out     bytes.Buffer // frames of discordgo that are not complete yet
	greeted bool         // its handshake was answered

	writing sync.Mutex // for up
	seq     atomic.Int64
	openBy  time.Time
	// These are whole times, whose monotonic reading makes them indifferent to
	// a step of the wall clock.
	ackBy  atomic.Pointer[time.Time] // nil until the session began
	beatAt atomic.Pointer[time.Time] // the last heartbeat; nil once acknowledged

	readyOnce sync.Once
	ready     chan struct{} // closed when the session began or went on
	session   sessionStart  // valid once ready is closed

	endOnce sync.Once
	ended   chan struct{} // closed when the connection is over
	reason  error         // valid once ended is closed

	// acked is told the round trip of each acknowledged heartbeat.
	acked func(time.Duration)
}

// sessionStart is what READY tells. It is zero for a resumed session.
type sessionStart struct {
	ID        string `json:"session_id"`
	ResumeURL string `json:"resume_gateway_url,omitempty"`
}

// dialLink connects to the gateway at url.
func dialLink(ctx context.Context, url string, o *gatewayOptions, acked func(time.Duration)) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, NetDialContext: o.dial, ReadBufferSize: 16 << 10}
	up, res, err := dialer.DialContext(ctx, url, http.Header{"User-Agent": {o.userAgent}})
	if res != nil {
		_ = res.Body.Close() // gorilla has read it into memory
	}
	switch {
	case err != nil && res != nil:
		return nil, fmt.Errorf("dial gateway: status %d: %w", res.StatusCode, err)
	case err != nil:
		return nil, fmt.Errorf("dial gateway: %w", err)
	}
	up.SetReadLimit(maxPacket)
	return &link{
		up:     up,
		openBy: time.Now().Add(openTime),
		ready:  make(chan struct{}),
		ended:  make(chan struct{}),
		acked:  acked,
	}, nil
}

// end ends the connection for reason, telling Discord code. Only the first
// call counts.
func (l *link) end(reason error, code int) {
	l.endOnce.Do(func() {
		l.reason = reason
		close(l.ended)
		deadline := time.Now().Add(time.Second)
		_ = l.up.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), deadline)
		_ = l.up.Close()
	})
}

// closeResumable is a close code of ours after which a session can be
// resumed, which it cannot after 1000 and 1001.
const closeResumable = 4000

// Read implements net.Conn for discordgo.
func (l *link) Read(b []byte) (int, error) {
	for l.in.Len() == 0 {
		if err := l.next(); err != nil {
			l.end(err, closeResumable)
			return 0, l.reason
		}
	}
	return l.in.Read(b)
}

// next reads one packet from Discord and appends what discordgo is to see of it
// to l.in.
func (l *link) next() error {
	if err := l.up.SetReadDeadline(l.deadline()); err != nil {
		return fmt.Errorf("read from gateway: %w", err)
	}
	kind, r, err := l.up.NextReader()
	if err == nil {
		l.message.Reset()
		_, err = l.message.ReadFrom(r)
	}
	if err != nil {
		return l.readError(err)
	}
	if kind != websocket.TextMessage {
		return errPacket
	}
	p, err := readPacket(l.message.Bytes())
	if err != nil {
		return err
	}
	return l.handle(p)
}

// deadline is by when Discord has to start the session or, after that, to
// acknowledge a heartbeat.
func (l *link) deadline() time.Time {
	if by := l.ackBy.Load(); by != nil {
		return *by
	}
	return l.openBy
}

func (l *link) readError(err error) error {
	var timeout net.Error
	switch {
	case !errors.As(err, &timeout) || !timeout.Timeout():
		return fmt.Errorf("read from gateway: %w", err)
	case l.ackBy.Load() == nil:
		return errSlowStart
	default:
		return errSilent
	}
}

// handle acts on one packet. An error ends the connection.
func (l *link) handle(p packet) error {
	switch p.op {
	case opDispatch:
		return l.dispatch(p)
	case opHeartbeat:
		l.write(fmt.Appendf(nil, `{"op":1,"d":%d}`, l.seq.Load()))
	case opReconnect:
		return errAskedToReconnect
	case opInvalidSession:
		return &invalidSessionError{resumable: string(p.data) == "true"}
	case opHello:
		return l.greet(p)
	case opHeartbeatAck:
		l.acknowledge()
	}
	return nil
}

// greet takes note of the heartbeat interval.
func (l *link) greet(p packet) error {
	var hello struct {
		Interval float64 `json:"heartbeat_interval"` // milliseconds
	}
	if l.hello || json.Unmarshal(p.data, &hello) != nil || hello.Interval < 1 || hello.Interval > 1e7 {
		return errPacket
	}
	l.hello = true
	l.interval = time.Duration(hello.Interval) * time.Millisecond
	l.pass(fmt.Appendf(nil, `{"op":10,"d":{"heartbeat_interval":%d}}`, l.interval.Milliseconds()))
	return nil
}

// acknowledge extends the deadline. Before the session has started, the
// acknowledgement is not passed on: discordgo expects READY and nothing else.
func (l *link) acknowledge() {
	if l.ackBy.Load() == nil {
		return
	}
	l.expectAck()
	if at := l.beatAt.Swap(nil); at != nil {
		l.acked(time.Since(*at))
	}
	l.pass([]byte(`{"op":11}`))
}

func (l *link) expectAck() {
	grace := min(max(l.interval/2, minAckGrace), maxAckGrace)
	l.ackBy.Store(new(time.Now().Add(l.interval + grace)))
}

// dispatch passes on an event.
func (l *link) dispatch(p packet) error {
	if !l.hello {
		return errPacket
	}
	l.seq.Store(p.seq)
	switch string(p.kind) {
	case "READY":
		var start sessionStart
		if err := json.Unmarshal(p.data, &start); err != nil || start.ID == "" {
			return errPacket
		}
		l.begin(start)
		id, err := json.Marshal(sessionStart{ID: start.ID})
		if err != nil {
			return fmt.Errorf("encode READY: %w", err)
		}
		l.pass(fmt.Appendf(nil, `{"op":0,"s":%d,"t":"READY","d":%s}`, p.seq, id))
	case "RESUMED":
		l.begin(sessionStart{})
		l.pass(fmt.Appendf(nil, `{"op":0,"s":%d,"t":"RESUMED","d":{}}`, p.seq))
	case "":
		return errPacket
	default:
		p.kind[0] = disguise // within l.message
		l.pass(l.message.Bytes())
	}
	return nil
}

// begin marks the session as begun.
func (l *link) begin(start sessionStart) {
	l.readyOnce.Do(func() {
		l.session = start
		l.expectAck()
		close(l.ready)
	})
}

// pass frames a packet for discordgo.
func (l *link) pass(message []byte) {
	const finalText = 0x81
	n := len(message)
	header := []byte{finalText}
	switch {
	case n <= 125:
		header = append(header, byte(n))
	case n <= 0xffff:
		header = binary.BigEndian.AppendUint16(append(header, 126), uint16(n)) //nolint:gosec // bounded above
	default:
		header = binary.BigEndian.AppendUint64(append(header, 127), uint64(n))
	}
	l.in.Write(header)
	l.in.Write(message)
}

// write sends a packet to Discord. Why it fails is left for the reader to
// find out: what Discord closes refuses writes before its close code is read,
// and the code says whether to come back at all. Where nothing is left to be
// read, the acknowledgement is missed.
func (l *link) write(message []byte) {
	l.writing.Lock()
	defer l.writing.Unlock()
	_ = l.up.SetWriteDeadline(time.Now().Add(writeTime))
	_ = l.up.WriteMessage(websocket.TextMessage, message)
}

// Write implements net.Conn for discordgo. It never returns an error, because
// discordgo does not cope with read and write failing at the same time.
func (l *link) Write(b []byte) (int, error) {
	if isClosed(l.ended) {
		return len(b), nil
	}
	l.out.Write(b)
	if !l.greeted {
		l.shakeHands()
		return len(b), nil
	}
	for {
		opcode, payload, ok := nextFrame(&l.out)
		if !ok {
			return len(b), nil
		}
		if opcode != websocket.TextMessage {
			continue // a close frame: how the connection ends is not discordgo's to say
		}
		if bytes.HasPrefix(payload, []byte(`{"op":1,`)) {
			l.beatAt.Store(new(time.Now()))
		}
		l.write(payload)
	}
}

// shakeHands answers discordgo's websocket handshake once it is complete.
func (l *link) shakeHands() {
	if !bytes.HasSuffix(l.out.Bytes(), []byte("\r\n\r\n")) {
		return
	}
	l.greeted = true
	req, err := http.ReadRequest(bufio.NewReader(&l.out))
	if err != nil {
		l.end(fmt.Errorf("read discordgo's handshake: %w", err), closeResumable)
		return
	}
	l.out.Reset()
	const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"                 // RFC 6455
	sum := sha1.Sum([]byte(req.Header.Get("Sec-WebSocket-Key") + guid)) //nolint:gosec // RFC 6455
	fmt.Fprintf(&l.in, "HTTP/1.1 101 Switching Protocols\r\n"+
		"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
}

// nextFrame takes the next complete frame of a client off buf and unmasks
// it. discordgo's library writes each packet as one frame.
func nextFrame(buf *bytes.Buffer) (opcode int, payload []byte, ok bool) {
	b := buf.Bytes()
	if len(b) < 2 {
		return 0, nil, false
	}
	opcode, size, header := int(b[0]&0xf), uint64(b[1]&0x7f), 2
	switch {
	case size == 126 && len(b) >= 4:
		size, header = uint64(binary.BigEndian.Uint16(b[2:])), 4
	case size == 127 && len(b) >= 10:
		size, header = binary.BigEndian.Uint64(b[2:]), 10
	case size > 125:
		return 0, nil, false
	}
	const maskSize = 4
	if total := uint64(header + maskSize); uint64(len(b)) < total || uint64(len(b))-total < size {
		return 0, nil, false
	}
	mask := b[header : header+maskSize]
	payload = bytes.Clone(b[header+maskSize:][:size])
	for i := range payload {
		payload[i] ^= mask[i%maskSize]
	}
	buf.Next(header + maskSize + int(size)) //nolint:gosec // bounded by len(b)
	return opcode, payload, true
}

// Close implements net.Conn for discordgo, which closes what it believes to
// be broken.
func (l *link) Close() error {
	l.end(io.ErrClosedPipe, closeResumable)
	return nil
}

// LocalAddr implements net.Conn.
func (l *link) LocalAddr() net.Addr { return l.up.LocalAddr() }

// RemoteAddr implements net.Conn.
func (l *link) RemoteAddr() net.Addr { return l.up.RemoteAddr() }

// SetDeadline implements net.Conn and does nothing: the link keeps its own
// deadlines.
func (l *link) SetDeadline(time.Time) error { return nil }

// SetReadDeadline implements net.Conn and does nothing.
func (l *link) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline implements net.Conn and does nothing.
func (l *link) SetWriteDeadline(time.Time) error { return nil }
