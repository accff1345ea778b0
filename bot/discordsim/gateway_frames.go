package discordsim

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// compressFrom is the size from which a payload is compressed for a bot that
// asked for payload compression. Discord compresses some payloads only and
// does not say which; a bot must be able to read both.
const compressFrom = 1024

// frameWriter sends payloads to one connection, one at a time.
type frameWriter struct {
	s  *Server
	ws *websocket.Conn

	mu     sync.Mutex
	packet *zlib.Writer // payload compression, asked for in IDENTIFY: begins anew for every payload
	stream *zlib.Writer // transport compression: one context per connection
	buf    bytes.Buffer
	dead   bool
	muted  bool // a fault: the bot hears nothing more
}

func (w *frameWriter) init(s *Server, ws *websocket.Conn, compression string) {
	w.s, w.ws = s, ws
	if compression == "zlib-stream" {
		w.stream = newCompressor(&w.buf)
	}
}

// compressPayloads turns on payload compression, which transport
// compression overrides.
func (w *frameWriter) compressPayloads() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stream == nil {
		w.packet = newCompressor(&w.buf)
	}
}

func newCompressor(b *bytes.Buffer) *zlib.Writer {
	z, err := zlib.NewWriterLevel(b, zlib.BestSpeed)
	if err != nil {
		panic("discordsim: " + err.Error()) // the level is a valid one
	}
	return z
}

// send writes one payload. It reports whether the payload went out; a bot
// that does not read for long is cut off, so that nobody waits for it.
func (w *frameWriter) send(payload []byte) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dead || w.muted || w.s.gatewayFaults().Silent {
		return false
	}
	w.s.logGateway(ExchangeToBot, payload)
	kind, frame := w.frame(payload)
	_ = w.ws.SetWriteDeadline(time.Now().Add(writeTimeout))
	if err := w.ws.WriteMessage(kind, frame); err != nil {
		w.dead = true
		_ = w.ws.Close()
		return false
	}
	return true
}

func (w *frameWriter) frame(payload []byte) (kind int, frame []byte) {
	w.buf.Reset()
	switch {
	case w.stream != nil:
		_, _ = w.stream.Write(payload)
		_ = w.stream.Flush() // ends in 00 00 FF FF
	case w.packet != nil && len(payload) >= compressFrom:
		w.packet.Reset(&w.buf)
		_, _ = w.packet.Write(payload)
		_ = w.packet.Close()
	default:
		return websocket.TextMessage, payload
	}
	return websocket.BinaryMessage, w.buf.Bytes()
}

// closeFrame sends a close frame and nothing after it.
func (w *frameWriter) closeFrame(code int, reason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dead {
		return
	}
	w.dead = true
	_ = w.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(writeTimeout))
}

// mute keeps everything from the bot from now on.
func (w *frameWriter) mute() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.muted = true
}

// raw writes bytes past the websocket's framing and cuts the connection.
func (w *frameWriter) raw(b []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dead {
		return
	}
	w.dead = true
	_ = w.ws.NetConn().SetWriteDeadline(time.Now().Add(writeTimeout))
	_, _ = w.ws.NetConn().Write(b)
	_ = w.ws.Close()
}

func (w *frameWriter) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dead = true
}

// eventPayload is a dispatched event.
func eventPayload(name string, seq int64, data []byte) []byte {
	b := make([]byte, 0, len(data)+len(name)+48)
	b = append(b, `{"t":"`...)
	b = append(b, name...)
	b = append(b, `","s":`...)
	b = strconv.AppendInt(b, seq, 10)
	b = append(b, `,"op":0,"d":`...)
	b = append(b, data...)
	return append(b, '}')
}

// opPayload is any other payload.
func opPayload(op int, data any) []byte {
	d, err := json.Marshal(data)
	if err != nil {
		d = []byte("null") // only marshalable values are passed
	}
	b := append([]byte(`{"t":null,"s":null,"op":`), strconv.Itoa(op)...)
	b = append(b, `,"d":`...)
	b = append(b, d...)
	return append(b, '}')
}

func helloPayload(interval time.Duration) []byte {
	return opPayload(opHello, map[string]int64{"heartbeat_interval": interval.Milliseconds()})
}
