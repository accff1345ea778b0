package discordsim

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"
)

// session is a bot's stream of events, with or without a connection.
type session struct {
	id      string
	shard   int
	shards  int
	intents int

	mu      sync.Mutex // held while writing, so that events go out in order
	conn    *gatewayConn
	seq     int64
	events  [][]byte // the last events, the newest has number seq
	keep    int
	lost    time.Time // when the connection was lost
	resumes int
}

// maxIdleSessions bounds how many sessions without a connection are kept.
const maxIdleSessions = 8

// dispatch numbers an event, remembers it and sends it if it can. It reports
// whether the event went out.
func (s *session) dispatch(name string, data []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dispatchLocked(name, data)
}

func (s *session) dispatchLocked(name string, data []byte) bool {
	s.seq++
	payload := eventPayload(name, s.seq, data)
	if len(s.events) >= 2*s.keep {
		s.events = append(s.events[:0], s.events[len(s.events)-s.keep:]...)
		clear(s.events[s.keep:cap(s.events)])
	}
	s.events = append(s.events, payload)
	return s.conn != nil && s.conn.out.send(payload)
}

// replay attaches a connection and sends it all events after seq. It
// reports whether they were all still there.
func (s *session) replay(c *gatewayConn, seq int64) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seq < 0 || seq > s.seq {
		return false, errInvalidSeq
	}
	missed := s.seq - seq
	if missed > int64(len(s.events)) {
		return false, nil
	}
	if s.conn != nil && s.conn != c {
		s.conn.closeWith(CloseUnknownError, "The session was resumed elsewhere.")
	}
	s.conn = c
	s.resumes++
	for _, payload := range s.events[int64(len(s.events))-missed:] {
		c.out.send(payload)
	}
	s.dispatchLocked("RESUMED", []byte(`{"_trace":["discordsim"]}`))
	return true, nil
}

// attach gives a new session its connection, with all events so far.
func (s *session) attach(c *gatewayConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn = c
	for _, payload := range s.events {
		c.out.send(payload)
	}
}

// detach takes the connection away if it is still the session's.
func (s *session) detach(c *gatewayConn, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == c {
		s.conn = nil
		s.lost = now
	}
}

func (s *session) state() (conn *gatewayConn, seq int64, lost time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn, s.seq, s.lost
}

// expired reports whether the session can be resumed no more.
func (s *session) expired(now time.Time, window time.Duration) bool {
	conn, _, lost := s.state()
	return conn == nil && now.Sub(lost) > window
}

// takes reports whether events of a guild, "" for direct messages, are for
// this session.
func (s *session) takes(guildID string) bool {
	if guildID == "" {
		return s.shard == 0
	}
	id, _ := snowflake(guildID)
	return int((id>>22)%uint64(s.shards)) == s.shard
}

// endSession forgets a session and closes nothing.
func (s *Server) endSession(sess *session) {
	s.mu.Lock()
	delete(s.gateway.sessions, sess.id)
	s.mu.Unlock()
	s.notify()
}

// pruneSessions drops sessions that cannot be resumed. Server.mu is held.
func (s *Server) pruneSessions() {
	now := s.Now()
	var idle []*session
	for id, sess := range s.gateway.sessions {
		if sess.expired(now, s.o.Gateway.ResumeWindow) {
			delete(s.gateway.sessions, id)
		} else if conn, _, _ := sess.state(); conn == nil {
			idle = append(idle, sess)
		}
	}
	slices.SortFunc(idle, func(a, b *session) int { return cmp.Compare(a.id, b.id) })
	for len(idle) > maxIdleSessions {
		delete(s.gateway.sessions, idle[0].id)
		idle = idle[1:]
	}
}

// sessionsFor are the sessions that get a guild's events. Server.mu is held.
func (s *Server) sessionsFor(guildID string) []*session {
	var found []*session
	for _, sess := range s.gateway.sessions {
		if sess.takes(guildID) {
			found = append(found, sess)
		}
	}
	return found
}

// SessionInfo tells about one gateway session.
type SessionInfo struct {
	ID        string
	Shard     int
	Shards    int
	Intents   int
	Connected bool
	Seq       int64
	Resumes   int
	// ViaResumeURL says that the present connection was made to the
	// resume_gateway_url, as it should be for a resume.
	ViaResumeURL bool
}

// Sessions lists the gateway sessions, connected or resumable, oldest first.
func (s *Server) Sessions() []SessionInfo {
	s.mu.Lock()
	sessions := slices.Collect(maps.Values(s.gateway.sessions))
	s.mu.Unlock()
	infos := make([]SessionInfo, 0, len(sessions))
	for _, sess := range sessions {
		sess.mu.Lock()
		infos = append(infos, SessionInfo{
			ID: sess.id, Shard: sess.shard, Shards: sess.shards, Intents: sess.intents,
			Connected: sess.conn != nil, Seq: sess.seq, Resumes: sess.resumes,
			ViaResumeURL: sess.conn != nil && sess.conn.resumeURL,
		})
		sess.mu.Unlock()
	}
	slices.SortFunc(infos, func(a, b SessionInfo) int { return cmp.Compare(a.ID, b.ID) })
	return infos
}
