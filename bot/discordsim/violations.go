package discordsim

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// The rules that a violation can be of.
const (
	RuleRefused         = "refused"          // the request was refused for a fault of its own
	RuleUnknownRoute    = "unknown-route"    // no such endpoint
	RuleUserAgent       = "user-agent"       // not "DiscordBot (url, version)"
	RuleAuth            = "auth"             // missing or wrong token
	RuleGateway         = "gateway"          // the gateway's protocol
	RuleRateLimit       = "rate-limit"       // went on after the limit was reached
	RuleUndocumented    = "undocumented"     // a field that Discord ignores, surely misspelt
	RuleOpenAPI         = "openapi"          // not allowed by the OpenAPI document
	RuleAllowedMentions = "allowed-mentions" // house rule, see Options.RequireAllowedMentions
	RuleWebhook         = "webhook"          // the interactions endpoint of the bot
)

// Violation is something a bot did that Discord refuses or that breaks its
// rules. Refusals that depend on the state of the world, such as a member
// who left or a missing permission, are none, nor is anything that a fault
// knob brought about, nor a first answer that is sent again as it was, as a
// bot has to whose request got no answer; [Stats] counts those.
type Violation struct {
	Time        time.Time
	Rule        string
	Route       string // "POST /channels/{channel}/messages", "" on the gateway
	Status      int    // HTTP status answered, if any
	Code        int    // JSON error code or gateway close code
	Detail      string // never holds a token
	Interaction string // interaction ID, if it was about one
}

// String is the violation in one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s %s status=%d code=%d %s", v.Rule, v.Route, v.Status, v.Code, v.Detail)
}

// violationLog is guarded by Server.mu.
type violationLog struct {
	keep    int
	kept    []Violation
	dropped int
}

func (l *violationLog) add(now time.Time, v Violation) {
	if len(l.kept) >= l.keep {
		l.dropped++
		return
	}
	v.Time = now
	v.Detail = excerpt([]byte(v.Detail))
	l.kept = append(l.kept, v)
}

func (s *Server) violate(v Violation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.violateLocked(v)
}

// violateLocked is violate with Server.mu held.
func (s *Server) violateLocked(v Violation) {
	s.violations.add(s.Now(), v)
	s.notify()
}

// AwaitViolation waits for a violation that fulfils the condition.
func (s *Server) AwaitViolation(ctx context.Context, want func(Violation) bool) (found Violation, err error) {
	err = s.await(ctx, func() bool {
		list := s.Violations()
		i := slices.IndexFunc(list, want)
		if i >= 0 {
			found = list[i]
		}
		return i >= 0
	})
	return found, err
}

// Violations lists what bots did wrong since the start or the last
// [Server.ForgetViolations], oldest first.
func (s *Server) Violations() []Violation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations.kept)
}

// ForgetViolations empties the list and returns how many there had been,
// counting those that were not kept.
func (s *Server) ForgetViolations() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.violations.kept) + s.violations.dropped
	s.violations.kept, s.violations.dropped = nil, 0
	return n
}

// Stats are counters since the start.
type Stats struct {
	Connections     int // gateway connections made
	Identifies      int // IDENTIFYs with a good token, refused for haste or not
	Resumes         int // successful RESUMEs
	Heartbeats      int
	Requests        int // REST requests
	InvalidRequests int // answered with 401, 403 or 429, which Discord bans for when there are many
	RateLimited     int // answered with 429
	Interactions    int // started by people
	Delivered       int // written to at least one connection, or taken by the endpoint; a resume's are not counted
	Answered        int // first answers accepted
	LateOrDouble    int // first answers refused with 10062 or 40060, but for those of Repeated
	Repeated        int // first answers refused with 40060 that were the accepted one, sent again as it was
	TimedOut        int // interactions without an answer in time
	Messages        int // messages stored
}

// Stats returns the counters.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

func (s *Server) count(add func(*Stats)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	add(&s.stats)
}
