package discordsim_test

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"progressbot/bot/discordsim"
)

// packet is a gateway payload.
type packet struct {
	Op   int             `json:"op"`
	Data json.RawMessage `json:"d"`
	Seq  int64           `json:"s"`
	Type string          `json:"t"`
}

// wire is a bare gateway connection.
type wire struct {
	t  *testing.T
	ws *websocket.Conn
}

func dial(t *testing.T, s *discordsim.Server, query string) *wire {
	t.Helper()
	return dialURL(t, "ws"+strings.TrimPrefix(s.URL(), "http")+"/"+query)
}

func dialURL(t *testing.T, url string) *wire {
	t.Helper()
	ws, res, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	t.Cleanup(func() { _ = ws.Close() })
	return &wire{t, ws}
}

func (w *wire) send(op int, data string) {
	w.t.Helper()
	w.raw(fmt.Sprintf(`{"op":%d,"d":%s}`, op, data))
}

func (w *wire) raw(payload string) {
	w.t.Helper()
	if err := w.ws.WriteMessage(websocket.TextMessage, []byte(payload)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wire) read() (packet, error) {
	_ = w.ws.SetReadDeadline(time.Now().Add(deadline))
	_, b, err := w.ws.ReadMessage()
	if err != nil {
		return packet{}, err
	}
	var p packet
	return p, json.Unmarshal(b, &p)
}

// want reads a packet of an opcode.
func (w *wire) want(op int, event string) packet {
	w.t.Helper()
	p, err := w.read()
	if err != nil {
		w.t.Fatalf("waiting for op %d %s: %v", op, event, err)
	}
	if p.Op != op || p.Type != event {
		w.t.Fatalf("got op %d %q (%s), want op %d %q", p.Op, p.Type, p.Data, op, event)
	}
	return p
}

// wantClose reads until the connection is closed with a code.
func (w *wire) wantClose(code int) {
	w.t.Helper()
	for {
		_, err := w.read()
		var closed *websocket.CloseError
		switch {
		case errors.As(err, &closed) && closed.Code == code:
			return
		case err != nil:
			w.t.Fatalf("got %v, want close code %d", err, code)
		}
	}
}

func identify(s *discordsim.Server, more string) string {
	return `{"token":"` + s.Token() + `","properties":{"os":"linux","browser":"t","device":"t"}` + more + `}`
}

type ready struct {
	SessionID string `json:"session_id"`
	ResumeURL string `json:"resume_gateway_url"`
	Guilds    []struct {
		ID          string
		Unavailable bool
	}
	Application struct{ ID string }
	User        struct{ ID string }
}

// login says hello and identifies without intents.
func login(t *testing.T, s *discordsim.Server) (*wire, ready) {
	t.Helper()
	w := dial(t, s, "?v=10&encoding=json")
	w.want(10, "")
	w.send(2, identify(s, `,"intents":0`))
	var r ready
	if err := json.Unmarshal(w.want(0, "READY").Data, &r); err != nil {
		t.Fatal(err)
	}
	return w, r
}

// quick lets several sessions start at once.
func quick() discordsim.Options {
	return discordsim.Options{Gateway: discordsim.Gateway{IdentifyInterval: -1}}
}

func TestReady(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	_, r := login(t, s)
	if r.Application.ID != s.ApplicationID() || r.User.ID != s.ApplicationID() || len(r.Guilds) != 1 || !r.Guilds[0].Unavailable {
		t.Errorf("ready = %+v", r)
	}
	if err := s.AwaitReady(within(t)); err != nil {
		t.Error(err)
	}
	noViolations(t, s)
}

func TestGuildsIntentBringsGuilds(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	w := dial(t, s, "?v=9&encoding=json")
	w.want(10, "")
	w.send(2, identify(s, `,"intents":1`))
	w.want(0, "READY")
	if g := string(w.want(0, "GUILD_CREATE").Data); !strings.Contains(g, discordsim.GeneralChannelID) {
		t.Errorf("guild = %s", g)
	}
	id := s.AddGuild(discordsim.Guild{Name: "Second"})
	w.want(0, "GUILD_CREATE")
	if err := s.RemoveBot(id); err != nil {
		t.Fatal(err)
	}
	w.want(0, "GUILD_DELETE")
}

func TestIdentifyRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		data func(s *discordsim.Server) string
		code int
	}{
		{"wrong token", func(*discordsim.Server) string { return `{"token":"x","properties":{},"intents":0}` }, 4004},
		{"no token", func(*discordsim.Server) string { return `{"properties":{},"intents":0}` }, 4002},
		{"no properties", func(s *discordsim.Server) string { return `{"token":"` + s.Token() + `","intents":0}` }, 4002},
		{"no data", func(*discordsim.Server) string { return `null` }, 4002},
		{"no intents", func(s *discordsim.Server) string { return identify(s, ``) }, 4013},
		{"unknown intents", func(s *discordsim.Server) string { return identify(s, `,"intents":131072`) }, 4013},
		{"negative intents", func(s *discordsim.Server) string { return identify(s, `,"intents":-1`) }, 4013},
		{"privileged intents", func(s *discordsim.Server) string { return identify(s, `,"intents":32768`) }, 4014},
		{"shard beyond the last", func(s *discordsim.Server) string { return identify(s, `,"intents":0,"shard":[2,2]`) }, 4010},
		{"no shards", func(s *discordsim.Server) string { return identify(s, `,"intents":0,"shard":[0,0]`) }, 4010},
		{"too few shards", func(s *discordsim.Server) string { return identify(s, `,"intents":0,"shard":[0,1]`) }, 4011},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := discordsim.Options{}
			if tt.code == 4011 {
				o.Gateway.MinShards = 2
			}
			s := start(t, o)
			w := dial(t, s, "?v=10&encoding=json")
			w.want(10, "")
			w.send(2, tt.data(s))
			w.wantClose(tt.code)
			if v := s.Violations(); len(v) != 1 || v[0].Code != tt.code {
				t.Errorf("violations = %v", v)
			}
		})
	}
}

func TestBadPayloads(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, payload string
		first         bool // before identifying
		code          int
	}{
		{"no JSON", "hello", true, 4002},
		{"no op", `{"d":1}`, true, 4002},
		{"too long", `{"op":1,"d":` + strings.Repeat(" ", 4096) + `1}`, true, 4002},
		{"unknown op", `{"op":99,"d":null}`, false, 4001},
		{"presence before identify", `{"op":3,"d":{}}`, true, 4003},
		{"second identify", "", false, 4005},
		{"heartbeat of what", `{"op":1,"d":"x"}`, true, 4002},
		{"resume without session", `{"op":6,"d":{}}`, true, 4002},
		{"resume after identify", `{"op":6,"d":{}}`, false, 4005},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, discordsim.Options{})
			w := dial(t, s, "?v=10&encoding=json")
			w.want(10, "")
			if !tt.first {
				w.send(2, identify(s, `,"intents":0`))
				w.want(0, "READY")
			}
			if tt.payload == "" {
				w.send(2, identify(s, `,"intents":0`))
			} else {
				w.raw(tt.payload)
			}
			w.wantClose(tt.code)
		})
	}
}

func TestConnectionQuery(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	for query, code := range map[string]int{"?v=8": 4012, "?v=11": 4012, "?v=10&encoding=etf": 4002, "?v=10&compress=zstd-stream": 4002} {
		dial(t, s, query).wantClose(code)
	}
}

func TestHeartbeats(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	w := dial(t, s, "?v=10&encoding=json")
	hello := w.want(10, "")
	if string(hello.Data) != `{"heartbeat_interval":41250}` {
		t.Errorf("hello = %s", hello.Data)
	}
	w.send(1, "null")
	w.want(11, "")
	s.RequestHeartbeats()
	w.want(1, "")
	s.SetGatewayFaults(discordsim.GatewayFaults{NoACKs: true})
	w.send(1, "null")
	w.send(99, "null")
	if p, err := w.read(); err == nil {
		t.Errorf("got %+v, want no ACK", p)
	}
}

func TestMissingHeartbeatEndsTheConnection(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{Gateway: discordsim.Gateway{HeartbeatInterval: 20 * time.Millisecond, HeartbeatGrace: time.Second}})
	w, r := login(t, s)
	w.wantClose(4000)
	info, err := s.AwaitSession(within(t), func(i discordsim.SessionInfo) bool { return !i.Connected })
	if err != nil || info.ID != r.SessionID {
		t.Errorf("session = %+v, %v; it should be there to resume", info, err)
	}
}

func TestTooManyPayloads(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	w, _ := login(t, s)
	for range 119 { // and IDENTIFY
		w.send(1, "1")
	}
	s.Advance(time.Minute)
	for range 120 {
		w.send(1, "1")
	}
	w.send(1, "1")
	w.wantClose(4008)
}

func TestResume(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	registerRaw(t, s, `[{"name":"hi","description":"Says hi"}]`)
	w, r := login(t, s)
	_ = w.ws.NetConn().Close() // without a close frame
	if err := s.AwaitDisconnected(within(t)); err != nil {
		t.Fatal(err)
	}
	i, err := s.Invoke(discordsim.Invocation{Command: "hi"})
	if err != nil {
		t.Fatal(err)
	}

	w = dialURL(t, r.ResumeURL+"/?v=10&encoding=json")
	w.want(10, "")
	w.send(6, `{"token":"`+s.Token()+`","session_id":"`+r.SessionID+`","seq":1}`)
	missed := w.want(0, "INTERACTION_CREATE")
	if !strings.Contains(string(missed.Data), i.ID) || missed.Seq != 2 {
		t.Errorf("missed event = %+v", missed)
	}
	if p := w.want(0, "RESUMED"); p.Seq != 3 {
		t.Errorf("RESUMED has seq %d", p.Seq)
	}
	info := s.Sessions()[0]
	if !info.Connected || !info.ViaResumeURL || info.Resumes != 1 {
		t.Errorf("session = %+v", info)
	}
	if got := s.Stats(); got.Resumes != 1 || got.Identifies != 1 {
		t.Errorf("stats = %+v", got)
	}
	noViolations(t, s)
}

func TestResumeRefused(t *testing.T) {
	t.Parallel()
	resume := func(s *discordsim.Server, id string, seq int) string {
		return fmt.Sprintf(`{"token":%q,"session_id":%q,"seq":%d}`, s.Token(), id, seq)
	}
	t.Run("unknown session", func(t *testing.T) {
		t.Parallel()
		s := start(t, discordsim.Options{})
		w := dial(t, s, "?v=10")
		w.want(10, "")
		w.send(6, resume(s, "x", 1))
		if p := w.want(9, ""); string(p.Data) != "false" {
			t.Errorf("op 9 with %s", p.Data)
		}
		w.send(2, identify(s, `,"intents":0`)) // on the same connection, as some libraries do
		w.want(0, "READY")
	})
	t.Run("wrong token", func(t *testing.T) {
		t.Parallel()
		s := start(t, discordsim.Options{})
		w := dial(t, s, "?v=10")
		w.want(10, "")
		w.send(6, `{"token":"x","session_id":"x","seq":1}`)
		w.wantClose(4004)
	})
	t.Run("seq of the future", func(t *testing.T) {
		t.Parallel()
		s := start(t, discordsim.Options{})
		old, r := login(t, s)
		_ = old.ws.NetConn().Close()
		w := dial(t, s, "?v=10")
		w.want(10, "")
		w.send(6, resume(s, r.SessionID, 99))
		w.wantClose(4007)
	})
	t.Run("too late", func(t *testing.T) {
		t.Parallel()
		s := start(t, discordsim.Options{})
		old, r := login(t, s)
		_ = old.ws.NetConn().Close()
		if err := s.AwaitDisconnected(within(t)); err != nil {
			t.Fatal(err)
		}
		s.Advance(10 * time.Minute)
		w := dial(t, s, "?v=10")
		w.want(10, "")
		w.send(6, resume(s, r.SessionID, 1))
		w.want(9, "")
	})
	t.Run("too much missed", func(t *testing.T) {
		t.Parallel()
		s := start(t, discordsim.Options{Gateway: discordsim.Gateway{ReplayEvents: 2}})
		registerRaw(t, s, `[{"name":"hi","description":"Says hi"}]`)
		old, r := login(t, s)
		_ = old.ws.NetConn().Close()
		if err := s.AwaitDisconnected(within(t)); err != nil {
			t.Fatal(err)
		}
		for range 8 {
			if _, err := s.Invoke(discordsim.Invocation{Command: "hi"}); err != nil {
				t.Fatal(err)
			}
		}
		w := dial(t, s, "?v=10")
		w.want(10, "")
		w.send(6, resume(s, r.SessionID, 1))
		w.want(9, "")
	})
}

func TestNormalCloseEndsTheSession(t *testing.T) {
	t.Parallel()
	for _, code := range []int{1000, 1001, 4000} {
		s := start(t, discordsim.Options{})
		w, _ := login(t, s)
		if err := w.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(deadline)); err != nil {
			t.Fatal(err)
		}
		if err := s.AwaitDisconnected(within(t)); err != nil {
			t.Fatal(err)
		}
		if kept := len(s.Sessions()) == 1; kept != (code == 4000) {
			t.Errorf("close code %d: session kept is %v", code, kept)
		}
	}
}

func TestIdentifySpacing(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{Gateway: discordsim.Gateway{MaxConcurrency: 2}})
	shard := func(n int) *wire {
		w := dial(t, s, "?v=10")
		w.want(10, "")
		w.send(2, identify(s, fmt.Sprintf(`,"intents":0,"shard":[%d,4]`, n)))
		return w
	}
	shard(0).want(0, "READY")
	shard(1).want(0, "READY") // another bucket
	shard(2).want(9, "")      // the bucket of shard 0
	s.Advance(5 * time.Second)
	shard(2).want(0, "READY")
	if v := s.Violations(); len(v) != 1 || v[0].Rule != discordsim.RuleGateway {
		t.Errorf("violations = %v", v)
	}
}

func TestSessionStartLimit(t *testing.T) {
	t.Parallel()
	o := quick()
	o.Gateway.SessionStarts = 3
	o.Gateway.Shards = 2
	s := start(t, o)
	remaining := func() (total, left, reset int) {
		var g struct {
			URL    string
			Shards int
			Limit  struct {
				Total, Remaining int
				Reset            int `json:"reset_after"`
			} `json:"session_start_limit"`
		}
		do(t, s, http.MethodGet, "/gateway/bot", "").into(t, &g)
		if g.Shards != 2 || !strings.HasPrefix(g.URL, "ws://") {
			t.Errorf("gateway = %+v", g)
		}
		return g.Limit.Total, g.Limit.Remaining, g.Limit.Reset
	}
	login(t, s)
	if total, left, reset := remaining(); total != 3 || left != 2 || reset <= 0 {
		t.Errorf("limit = %d %d %d", total, left, reset)
	}
	s.ExhaustSessionStarts(time.Hour)
	if _, left, reset := remaining(); left != 0 || reset <= 0 || reset > 3600_000 {
		t.Errorf("limit = %d %d", left, reset)
	}

	// Going on regardless costs the sessions and the token.
	token := s.Token()
	w := dial(t, s, "?v=10")
	w.want(10, "")
	w.send(2, identify(s, `,"intents":0`))
	w.wantClose(4004)
	if s.Token() == token || len(s.Sessions()) != 0 {
		t.Error("the token or the sessions survived")
	}
	s.Advance(time.Hour)
	if _, left, _ := remaining(); left != 3 {
		t.Errorf("after the reset %d are left", left)
	}
}

func TestShardsGetTheirGuilds(t *testing.T) {
	t.Parallel()
	o := quick()
	low, high := "4194304", "8388608" // (id >> 22) % 2 is 1 and 0
	o.Guilds = []discordsim.Guild{
		{ID: low, Channels: []discordsim.Channel{{ID: "11"}}, Members: []discordsim.Member{{UserID: discordsim.DefaultMember}}},
		{ID: high, Channels: []discordsim.Channel{{ID: "12"}}, Members: []discordsim.Member{{UserID: discordsim.DefaultMember}}},
	}
	s := start(t, o)
	registerRaw(t, s, `[{"name":"hi","description":"Says hi"}]`)
	shards := make([]*wire, 2)
	for n := range shards {
		shards[n] = dial(t, s, "?v=10")
		shards[n].want(10, "")
		shards[n].send(2, identify(s, fmt.Sprintf(`,"intents":0,"shard":[%d,2]`, n)))
		var r ready
		if err := json.Unmarshal(shards[n].want(0, "READY").Data, &r); err != nil || len(r.Guilds) != 1 {
			t.Fatalf("shard %d: %+v, %v", n, r, err)
		}
	}
	dm, err := s.OpenDM(discordsim.DefaultMember)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		channel string
		shard   int
	}{{"11", 1}, {"12", 0}, {dm, 0}} {
		i, err := s.Invoke(discordsim.Invocation{Command: "hi", Channel: tt.channel})
		if err != nil {
			t.Fatal(err)
		}
		if p := shards[tt.shard].want(0, "INTERACTION_CREATE"); !strings.Contains(string(p.Data), i.ID) {
			t.Errorf("channel %s: shard %d got %s", tt.channel, tt.shard, p.Data)
		}
	}
}

func TestTransportCompression(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	w := dial(t, s, "?v=10&encoding=json&compress=zlib-stream")
	source, sink := io.Pipe()
	t.Cleanup(func() { _ = sink.Close() })
	next := func() {
		kind, b, err := w.ws.ReadMessage()
		if err != nil || kind != websocket.BinaryMessage || !bytes.HasSuffix(b, []byte{0, 0, 0xff, 0xff}) {
			t.Errorf("frame of kind %d, % x, %v", kind, b, err)
		}
		_, _ = sink.Write(b)
	}
	go next()
	z, err := zlib.NewReader(source)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(z)
	var p packet
	if err := d.Decode(&p); err != nil || p.Op != 10 {
		t.Fatalf("first packet = %+v, %v", p, err)
	}
	w.send(2, identify(s, `,"intents":0,"compress":true`))
	done := make(chan struct{})
	go func() { next(); close(done) }()
	if err := d.Decode(&p); err != nil || p.Type != "READY" {
		t.Fatalf("second packet = %+v, %v", p, err)
	}
	<-done
}

func TestPayloadCompression(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	w := dial(t, s, "?v=10&encoding=json")
	w.want(10, "")
	w.send(2, identify(s, `,"intents":1,"compress":true`))
	w.want(0, "READY") // too short to compress
	kind, b, err := w.ws.ReadMessage()
	if err != nil || kind != websocket.BinaryMessage {
		t.Fatalf("frame of kind %d, %v", kind, err)
	}
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	var p packet
	if err := json.NewDecoder(z).Decode(&p); err != nil || p.Type != "GUILD_CREATE" {
		t.Errorf("packet = %+v, %v", p, err)
	}
	w.send(1, "2")
	w.want(11, "")
}

func TestGatewayActions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		act  func(*discordsim.Server) int
		want func(*wire)
		kept int // sessions left to resume
	}{
		{"reconnect", (*discordsim.Server).Reconnect, func(w *wire) { w.want(7, "") }, 1},
		{"invalid", func(s *discordsim.Server) int { return s.InvalidateSessions(false) }, func(w *wire) { w.want(9, "") }, 0},
		{"invalid, resumable", func(s *discordsim.Server) int { return s.InvalidateSessions(true) }, func(w *wire) { w.want(9, "") }, 1},
		{"close", func(s *discordsim.Server) int { return s.CloseConnections(4009) }, func(w *wire) { w.wantClose(4009) }, 1},
		{"heartbeat and close", func(s *discordsim.Server) int { return s.RequestHeartbeatsAndClose(4000) }, func(w *wire) {
			w.want(1, "")
			w.wantClose(4000)
		}, 1},
		{"drop", (*discordsim.Server).DropConnections, func(w *wire) { w.wantDrop() }, 1},
		{"mid-frame", (*discordsim.Server).DropMidFrame, func(w *wire) { w.wantDrop() }, 1},
		{"garbage", (*discordsim.Server).SendGarbage, func(w *wire) {
			if _, b, err := w.ws.ReadMessage(); err != nil || json.Valid(b) {
				w.t.Errorf("frame = %q, %v", b, err)
			}
		}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, discordsim.Options{})
			w, _ := login(t, s)
			if n := tt.act(s); n != 1 {
				t.Errorf("acted on %d connections", n)
			}
			tt.want(w)
			if n := len(s.Sessions()); n != tt.kept {
				t.Errorf("%d sessions are left, want %d", n, tt.kept)
			}
			noViolations(t, s)
		})
	}
}

// wantDrop reads a connection that ends without a close frame.
func (w *wire) wantDrop() {
	w.t.Helper()
	_, _, err := w.ws.ReadMessage()
	var closed *websocket.CloseError
	if err == nil || errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure {
		w.t.Errorf("got %v, want a cut connection", err)
	}
}

func TestHandshakeFaults(t *testing.T) {
	t.Parallel()
	s := start(t, quick())
	s.FailHandshakes(
		discordsim.Handshake{Kind: discordsim.HandshakeRefuse},
		discordsim.Handshake{Kind: discordsim.HandshakeReconnect},
		discordsim.Handshake{Kind: discordsim.HandshakeInvalid},
		discordsim.Handshake{Kind: discordsim.HandshakeInvalidResumable},
		discordsim.Handshake{Kind: discordsim.HandshakeClose, Code: 4000},
		discordsim.Handshake{Kind: discordsim.HandshakeStall},
	)
	if _, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.URL(), "http"), nil); err == nil {
		t.Error("the connection was not refused")
	}
	try := func() *wire {
		w := dial(t, s, "?v=10")
		w.want(10, "")
		w.send(2, identify(s, `,"intents":0`))
		return w
	}
	try().want(7, "")
	if p := try().want(9, ""); string(p.Data) != "false" {
		t.Errorf("op 9 with %s", p.Data)
	}
	if p := try().want(9, ""); string(p.Data) != "true" {
		t.Errorf("op 9 with %s", p.Data)
	}
	try().wantClose(4000)
	stalled := try()
	try().want(0, "READY") // the faults are used up
	s.CloseConnections(4000)
	stalled.wantClose(4000)
	noViolations(t, s)
}

func TestSilence(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	registerRaw(t, s, `[{"name":"hi","description":"Says hi"}]`)
	w, _ := login(t, s)
	s.SetGatewayFaults(discordsim.GatewayFaults{Silent: true})
	i, err := s.Invoke(discordsim.Invocation{Command: "hi"})
	if err != nil {
		t.Fatal(err)
	}
	s.ClearFaults()
	s.RequestHeartbeats()
	w.want(1, "") // the event went nowhere
	s.Advance(discordsim.AnswerWithin)
	if _, err := i.Await(within(t)); !errors.Is(err, discordsim.ErrTimedOut) {
		t.Errorf("await = %v", err)
	}
	if got := s.Sessions()[0].Seq; got != 2 {
		t.Errorf("seq = %d: the event should be there to resume", got)
	}
}

func TestRefusedConnections(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	s.SetGatewayFaults(discordsim.GatewayFaults{RefuseConnections: true})
	if _, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.URL(), "http"), nil); err == nil {
		t.Error("the connection was not refused")
	}
	s.ClearFaults()
	login(t, s)
}

func TestNotConnected(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	registerRaw(t, s, `[{"name":"hi","description":"Says hi"}]`)
	if _, err := s.Invoke(discordsim.Invocation{Command: "hi"}); !errors.Is(err, discordsim.ErrNotConnected) {
		t.Errorf("invoke = %v, want ErrNotConnected", err)
	}
}

func TestTwoSessionsOfAShardBothHear(t *testing.T) {
	t.Parallel()
	s := start(t, quick())
	registerRaw(t, s, `[{"name":"hi","description":"Says hi"}]`)
	one, _ := login(t, s)
	two, _ := login(t, s)
	if _, err := s.Invoke(discordsim.Invocation{Command: "hi"}); err != nil {
		t.Fatal(err)
	}
	a, b := one.want(0, "INTERACTION_CREATE"), two.want(0, "INTERACTION_CREATE")
	if diff := cmp.Diff(string(a.Data), string(b.Data)); diff != "" {
		t.Errorf("the sessions got different events:\n%s", diff)
	}
}
