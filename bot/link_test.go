package bot_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"progressbot/bot"
)

// TestDeadlinesAreMonotonic looks for the reading of the monotonic clock: a
// deadline without one is missed by every session at once where the wall clock
// is set forward.
func TestDeadlinesAreMonotonic(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		for _, packet := range []string{`{"op":10,"d":{"heartbeat_interval":41250}}`, `{"op":0,"s":1,"t":"READY","d":{"session_id":"one"}}`} {
			_ = conn.WriteMessage(websocket.TextMessage, []byte(packet))
		}
		_, _, _ = conn.ReadMessage()
	}))
	t.Cleanup(server.Close)
	l, err := bot.DialLink(t.Context(), strings.Replace(server.URL, "http", "ws", 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	start := l.Deadline()
	var read strings.Builder
	for buf := make([]byte, 1024); !strings.Contains(read.String(), "READY"); {
		n, err := l.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		read.Write(buf[:n])
	}
	ack := l.Deadline()
	if !ack.After(start) {
		t.Errorf("deadline %v once the session has begun, want one after %v", ack, start)
	}
	if start == start.Round(0) || ack == ack.Round(0) {
		t.Errorf("deadlines %v and %v, want both with a monotonic reading", start, ack)
	}
}
