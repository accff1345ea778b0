package discordsim

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

var errInvalidSeq = errors.New("seq was never sent")

// The intents of the gateway.
const (
	IntentGuilds         = 1 << 0
	IntentGuildMembers   = 1 << 1
	IntentGuildPresences = 1 << 8
	IntentMessageContent = 1 << 15

	intentsPrivileged = IntentGuildMembers | IntentGuildPresences | IntentMessageContent
	intentsKnown      = 1<<17 - 1 | 1<<20 | 1<<21 | 1<<24 | 1<<25
)

// gatewayMessage is what a bot sends.
type gatewayMessage struct {
	Op   *int            `json:"op"`
	Data json.RawMessage `json:"d"`
}

// handle acts on one payload of the bot's. It returns false when the
// connection is to end.
func (c *gatewayConn) handle(payload []byte) bool {
	var m gatewayMessage
	switch {
	case len(payload) > maxGatewayPayload:
		c.end(CloseDecodeError, "The payload is longer than 4096 bytes.")
		return false
	case json.Unmarshal(payload, &m) != nil || m.Op == nil:
		c.end(CloseDecodeError, "Error while decoding payload.")
		return false
	case c.tooMany(c.s.Now()):
		c.end(CloseRateLimited, "Rate limited.")
		return false
	}
	switch *m.Op {
	case opHeartbeat:
		return c.heartbeat(m.Data)
	case opIdentify:
		return c.identify(m.Data)
	case opResume:
		return c.resume(m.Data)
	case opPresence, opVoiceState, opRequestMembers, opSoundboard, opChannelInfo:
		if c.session == nil {
			c.end(CloseNotAuthenticated, "Not authenticated.")
		}
		return c.session != nil // nothing of the simulated world comes of them
	default:
		c.end(CloseUnknownOpcode, "Unknown opcode.")
		return false
	}
}

func (c *gatewayConn) heartbeat(data json.RawMessage) bool {
	var seq *int64
	if json.Unmarshal(data, &seq) != nil {
		c.end(CloseDecodeError, "Error while decoding payload.")
		return false
	}
	c.expectHeartbeat()
	c.s.count(func(st *Stats) { st.Heartbeats++ })
	if !c.s.gatewayFaults().NoACKs {
		c.out.send(opPayload(opHeartbeatACK, nil))
	}
	return true
}

// identifyData is the data of IDENTIFY.
type identifyData struct {
	Token      *string        `json:"token"`
	Intents    *int           `json:"intents"`
	Properties map[string]any `json:"properties"`
	Compress   bool           `json:"compress"`
	Shard      *[2]int        `json:"shard"`
}

func (c *gatewayConn) identify(data json.RawMessage) bool {
	if c.session != nil {
		c.end(CloseAlreadyAuthenticated, "Already authenticated.")
		return false
	}
	var d identifyData
	if json.Unmarshal(data, &d) != nil || d.Token == nil || d.Properties == nil {
		c.end(CloseDecodeError, "Error while decoding payload.")
		return false
	}
	if d.Shard == nil {
		d.Shard = &[2]int{0, 1}
	}
	if code, reason := c.s.checkIdentify(d); code != 0 {
		c.end(code, reason)
		return false
	}
	if c.failHandshake() {
		return true
	}
	if d.Compress {
		c.out.compressPayloads()
	}
	sess, ok := c.s.startSession(d, c.version)
	if !ok {
		c.s.violate(Violation{Rule: RuleGateway, Detail: "IDENTIFY came sooner than max_concurrency allows"})
		c.out.send(opPayload(opInvalidSession, false))
		return true
	}
	if sess == nil { // too many sessions: the token is void
		c.end(CloseAuthenticationFailed, "Authentication failed.")
		return false
	}
	c.session = sess
	sess.attach(c)
	c.s.sendGuilds(sess)
	c.s.notify()
	return true
}

// checkIdentify returns the close code that an IDENTIFY deserves, or 0.
func (s *Server) checkIdentify(d identifyData) (code int, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	minShards := s.o.Gateway.MinShards
	if minShards == 0 {
		minShards = (len(s.botGuilds()) + maxGuildsPerShard - 1) / maxGuildsPerShard
	}
	switch {
	case !s.tokenMatches(*d.Token):
		return CloseAuthenticationFailed, "Authentication failed."
	case d.Shard[1] < 1 || d.Shard[0] < 0 || d.Shard[0] >= d.Shard[1]:
		return CloseInvalidShard, "Invalid shard."
	case d.Shard[1] < minShards:
		return CloseShardingRequired, "Sharding required."
	case d.Intents == nil || *d.Intents < 0 || *d.Intents&^intentsKnown != 0:
		return CloseInvalidIntents, "Invalid intent(s)."
	case *d.Intents&intentsPrivileged&^s.o.Gateway.PrivilegedIntents != 0:
		return CloseDisallowedIntents, "Disallowed intent(s)."
	}
	return 0, ""
}

const maxGuildsPerShard = 2500

// tokenMatches compares a gateway token. Bots send it with or without the
// "Bot " of the Authorization header. Server.mu is held.
func (s *Server) tokenMatches(token string) bool {
	return strings.TrimPrefix(token, "Bot ") == s.token
}

// startSession counts an IDENTIFY. It returns false if it came too soon
// after others of its bucket, and no session if the daily limit is passed:
// then, as documented, every session ends and the token is reset.
//
// The new session's first event is READY, which goes out when the session
// gets its connection; what happens until then comes after it.
func (s *Server) startSession(d identifyData, version int) (*session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Identifies++
	now := s.Now()
	g := &s.gateway
	bucket := d.Shard[0] % s.o.Gateway.MaxConcurrency
	g.identified[bucket] = slices.DeleteFunc(g.identified[bucket], func(t time.Time) bool {
		return now.Sub(t) >= s.o.Gateway.IdentifyInterval
	})
	if s.o.Gateway.IdentifyInterval > 0 && len(g.identified[bucket]) > 0 {
		return nil, false
	}
	g.identified[bucket] = append(g.identified[bucket], now)
	s.refillStarts(now)
	if g.startsLeft <= 0 {
		s.resetToken()
		return nil, true
	}
	if g.startReset.IsZero() {
		g.startReset = now.Add(24 * time.Hour)
	}
	g.startsLeft--
	s.pruneSessions()
	sess := &session{
		id: s.newSessionID(), shard: d.Shard[0], shards: d.Shard[1], intents: *d.Intents, keep: s.o.Gateway.ReplayEvents, lost: now,
	}
	sess.dispatch("READY", s.readyData(sess, version))
	g.sessions[sess.id] = sess
	return sess, true
}

// newSessionID makes an ID whose order is that of creation.
func (s *Server) newSessionID() string { return s.newID() + randomText(12) }

// refillStarts gives the day's session starts back when the day is over.
// Server.mu is held.
func (s *Server) refillStarts(now time.Time) {
	g := &s.gateway
	if !g.startReset.IsZero() && !now.Before(g.startReset) {
		g.startReset = time.Time{}
		g.startsLeft = s.o.Gateway.SessionStarts
	}
}

// resetToken is the penalty for too many sessions. Server.mu is held.
func (s *Server) resetToken() {
	s.token = newBotToken(s.o.ApplicationID)
	s.violateLocked(Violation{Rule: RuleGateway, Detail: "more sessions were started than session_start_limit allows: the token is reset"})
	clear(s.gateway.sessions)
	for c := range s.gateway.conns {
		s.spawn(func() { c.closeWith(CloseAuthenticationFailed, "Authentication failed.") })
	}
}

// resume takes up a session again. RESUME names events by number; those
// that are still there are sent again.
func (c *gatewayConn) resume(data json.RawMessage) bool {
	if c.session != nil {
		c.end(CloseAlreadyAuthenticated, "Already authenticated.")
		return false
	}
	var d struct {
		Token     *string `json:"token"`
		SessionID *string `json:"session_id"`
		Seq       *int64  `json:"seq"`
	}
	if json.Unmarshal(data, &d) != nil || d.Token == nil || d.SessionID == nil || d.Seq == nil {
		c.end(CloseDecodeError, "Error while decoding payload.")
		return false
	}
	sess, known := c.s.findSession(*d.Token, *d.SessionID)
	if !known {
		c.end(CloseAuthenticationFailed, "Authentication failed.")
		return false
	}
	if c.failHandshake() {
		return true
	}
	if sess == nil {
		c.out.send(opPayload(opInvalidSession, false))
		return true
	}
	ok, err := sess.replay(c, *d.Seq)
	if err != nil {
		c.end(CloseInvalidSeq, "Invalid seq.")
		return false
	}
	if !ok {
		c.s.endSession(sess)
		c.out.send(opPayload(opInvalidSession, false))
		return true
	}
	c.session = sess
	c.s.count(func(st *Stats) { st.Resumes++ })
	c.s.notify()
	return true
}

// findSession looks a session up; known is false if the token is wrong.
func (s *Server) findSession(token, id string) (sess *session, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pruneSessions()
	return s.gateway.sessions[id], s.tokenMatches(token)
}

// readyData is the data of READY: the guilds are there, but unavailable
// until their GUILD_CREATE. Server.mu is held.
func (s *Server) readyData(sess *session, version int) []byte {
	type unavailable struct {
		ID          string `json:"id"`
		Unavailable bool   `json:"unavailable"`
	}
	guilds := []unavailable{}
	for _, g := range s.botGuilds() {
		if sess.takes(g.ID) {
			guilds = append(guilds, unavailable{g.ID, true})
		}
	}
	return mustJSON(map[string]any{
		"v":                  version,
		"user":               s.selfObject(),
		"guilds":             guilds,
		"private_channels":   []any{},
		"session_id":         sess.id,
		"resume_gateway_url": s.gatewayURL() + resumePath,
		"shard":              [2]int{sess.shard, sess.shards},
		"application":        map[string]any{"id": s.o.ApplicationID, "flags": s.applicationFlags()},
		"session_type":       "normal",
		"_trace":             []string{"discordsim"},
	})
}

// resumePath sets the resume URL apart from the first one, so that
// [SessionInfo] can tell which of them was used.
const resumePath = "/resume"

// sendGuilds makes the guilds available to a session that asked for them.
func (s *Server) sendGuilds(sess *session) {
	if sess.intents&IntentGuilds == 0 {
		return
	}
	s.mu.Lock()
	var guilds [][]byte
	for _, g := range s.botGuilds() {
		if sess.takes(g.ID) {
			guilds = append(guilds, mustJSON(s.guildCreate(g)))
		}
	}
	s.mu.Unlock()
	for _, g := range guilds {
		sess.dispatch("GUILD_CREATE", g)
	}
}

// botGuilds are the guilds that the bot is in. Server.mu is held.
func (s *Server) botGuilds() []*Guild {
	guilds := make([]*Guild, 0, len(s.world.guildIDs))
	for _, id := range s.world.guildIDs {
		if g := s.world.guilds[id]; !g.WithoutBot {
			guilds = append(guilds, g)
		}
	}
	return guilds
}

// applicationFlags tell which privileged intents are enabled, by the flags
// for applications in few servers.
func (s *Server) applicationFlags() int {
	flags := 0
	for intent, flag := range map[int]int{IntentGuildPresences: 1 << 13, IntentGuildMembers: 1 << 15, IntentMessageContent: 1 << 19} {
		if s.o.Gateway.PrivilegedIntents&intent != 0 {
			flags |= flag
		}
	}
	return flags
}

// covered reports whether connected sessions cover every guild that the
// bot is in and direct messages. Server.mu is not held.
func (s *Server) covered() bool {
	s.mu.Lock()
	sessions := slices.Collect(maps.Values(s.gateway.sessions))
	ids := []string{""}
	for _, g := range s.botGuilds() {
		ids = append(ids, g.ID)
	}
	s.mu.Unlock()
	sessions = slices.DeleteFunc(sessions, func(sess *session) bool {
		conn, _, _ := sess.state()
		return conn == nil
	})
	return !slices.ContainsFunc(ids, func(id string) bool {
		return !slices.ContainsFunc(sessions, func(sess *session) bool { return sess.takes(id) })
	})
}
