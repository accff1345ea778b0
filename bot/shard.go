package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"
)

// How long discordgo, which runs goroutines of its own, may take before it
// counts as deadlocked.
const (
	// openPatience is for Session.Open. Everything that it waits for has a
	// deadline within openTime.
	openPatience = openTime + 30*time.Second
	// releasePatience is for noticing that the connection broke. discordgo
	// sleeps for a second on the way.
	releasePatience = 15 * time.Second
	// watchEvery is the interval of the check.
	watchEvery = 5 * time.Second
)

// errWedged says that discordgo is deadlocked. Only a restart of the process
// helps.
var errWedged = errors.New("the gateway session is stuck")

// fatalError is an error after which connecting again is pointless.
type fatalError struct{ cause string }

// Error implements error.
func (e *fatalError) Error() string { return e.cause }

// shard is one gateway session and the one connection at a time that it has.
type shard struct {
	id, count int
	g         *gateway
	log       *slog.Logger
	connected atomic.Bool

	session   *discordgo.Session // nil: the next connection starts a new one
	resumeURL string             // where to resume, "" for the usual address
	resumes   int                // failed attempts to resume in a row
	since     time.Time          // when the session last began or went on

	ctx  context.Context //nolint:containedctx // of run: discordgo's dialer is given no context
	url  string          // where the next connection goes
	link atomic.Pointer[link]
	// released receives once discordgo has closed its connection.
	released chan struct{}
}

func newShard(g *gateway, id, count int) *shard {
	return &shard{
		id: id, count: count, g: g,
		log:      g.options.log.With("shard", id),
		released: make(chan struct{}, 1),
	}
}

// run keeps the shard connected until ctx ends or it fails for good.
func (s *shard) run(ctx context.Context) error {
	s.ctx = ctx
	defer context.AfterFunc(ctx, s.hangUp)()
	failures := 0
	for {
		s.link.Store(nil)
		reason := s.connect(ctx)
		wasConnected := s.connected.Swap(false)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(reason, errWedged) {
			return fmt.Errorf("shard %d: %w", s.id, reason)
		}
		end := judge(reason)
		s.g.metrics.closed(end.cause)
		if end.fatal != "" {
			return &fatalError{cause: end.fatal}
		}
		failures = s.failures(failures, wasConnected, end.fresh)
		s.prepare(wasConnected, end.fresh)
		wait := backoff(failures)
		if end.fresh {
			// Discord asks for one to five seconds before a new session.
			wait = max(wait, time.Second+rand.N(4*time.Second))
		}
		s.log.Log(ctx, end.level, "gateway connection ended", "err", reason, "cause", end.cause,
			"resume", s.session != nil, "again_in", wait.Round(time.Millisecond))
		if sleep(ctx, wait) != nil {
			return nil
		}
	}
}

// failures returns the number of failures in a row, given the number before
// this one. A connection that lasted for steadyTime resets it. So, nearly, does
// a shorter one whose session can be resumed, because resuming is free; new
// sessions that end at once would use up the day's session starts.
func (s *shard) failures(before int, wasConnected, fresh bool) int {
	switch {
	case wasConnected && time.Since(s.since) >= steadyTime:
		return 1
	case wasConnected && !fresh:
		return 2
	default:
		return before + 1
	}
}

// hangUp ends the connection at hand because the bot is stopping.
func (s *shard) hangUp() {
	if l := s.link.Load(); l != nil {
		l.end(errStopped, websocket.CloseNormalClosure)
	}
}

// prepare decides how the next connection begins.
func (s *shard) prepare(wasConnected, fresh bool) {
	switch {
	case wasConnected:
		s.resumes = 0
	case s.session != nil:
		s.resumeURL = "" // it may be what fails
		if s.link.Load() != nil {
			s.resumes++ // without a connection nobody was asked to resume
		}
	}
	if fresh || s.resumes >= maxResumes {
		s.session, s.resumeURL, s.resumes = nil, "", 0
	}
}

// connect opens a connection, stays with it, and returns why it ended.
func (s *shard) connect(ctx context.Context) error {
	if s.session != nil {
		return s.hold(ctx, s.session, func() {})
	}
	release, err := s.g.starts.acquire(ctx, s.id)
	if err != nil {
		return err
	}
	session, err := s.newSession()
	if err != nil {
		release()
		return err
	}
	return s.hold(ctx, session, release)
}

// hold opens session, calls opened, and returns when the connection has ended
// and discordgo has released it.
func (s *shard) hold(ctx context.Context, session *discordgo.Session, opened func()) error {
	if err := s.findGateway(ctx); err != nil {
		opened()
		return err
	}
	err := s.open(session)
	opened()
	l := s.link.Load()
	switch {
	case errors.Is(err, errWedged), l == nil: // stuck, or could not even dial
		return err
	case err != nil:
		l.end(err, closeResumable)
		return l.reason
	}
	if err := s.watch(l, session); err != nil {
		return err
	}
	return l.reason
}

// findGateway decides where the connection goes.
func (s *shard) findGateway(ctx context.Context) error {
	url := s.resumeURL
	if url == "" {
		info, err := s.g.starts.gateway(ctx)
		if err != nil {
			return err
		}
		url = info.URL
	}
	// Whatever an address asks for, the connection is to be plain JSON.
	url, _, _ = strings.Cut(url, "?")
	s.url = strings.TrimRight(url, "/") + "/?v=" + discordgo.APIVersion + "&encoding=json"
	return nil
}

// open has discordgo open its connection. It returns errWedged if that takes
// longer than openPatience.
func (s *shard) open(session *discordgo.Session) error {
	select {
	case <-s.released: // left over from the connection before
	default:
	}
	result := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				s.panicked(p)
				result <- errPacket
			}
		}()
		result <- session.Open()
	}()
	timer := time.NewTimer(openPatience)
	defer timer.Stop()
	select {
	case err := <-result:
		return err
	case <-timer.C:
		return errWedged
	}
}

// watch waits until an open connection has ended and discordgo has released it.
// It returns errWedged if that does not happen.
func (s *shard) watch(l *link, session *discordgo.Session) error {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for ready := l.ready; !isClosed(l.ended); {
		select {
		case <-ready:
			ready = nil
			s.began(l, session)
		case <-l.ended:
		case <-ticker.C:
			// If nothing ended the connection at its deadline, discordgo no
			// longer reads from it.
			if time.Since(l.deadline()) > releasePatience {
				l.end(errWedged, closeResumable)
			}
		}
	}
	if !s.connected.Load() && isClosed(l.ready) { // both at once
		s.began(l, session)
	}
	timer := time.NewTimer(releasePatience)
	defer timer.Stop()
	select {
	case <-s.released:
		return nil
	case <-timer.C:
		return errWedged
	}
}

// began records that a session was started or resumed.
func (s *shard) began(l *link, session *discordgo.Session) {
	s.since = time.Now()
	s.connected.Store(true)
	if l.session.ID != "" {
		s.session, s.resumeURL = session, l.session.ResumeURL
	}
	s.log.Info("gateway connected", "resumed", l.session.ID == "")
}

// newSession makes a discordgo session that does nothing but keep a gateway
// session: no events, no state, no REST calls, no reconnecting by itself.
func (s *shard) newSession() (*discordgo.Session, error) {
	session, err := discordgo.New("Bot " + s.g.options.token.Reveal())
	if err != nil {
		return nil, fmt.Errorf("make gateway session: %w", err)
	}
	session.LogLevel = discordgo.LogError
	session.ShouldReconnectOnError = false
	session.ShouldReconnectVoiceOnSessionError = false
	session.StateEnabled = false // State itself has to stay: discordgo uses it unasked
	session.SyncEvents = true    // our handlers do not block; a goroutine for each would be unbounded
	session.Compress = false
	session.Identify.Compress = false
	session.Identify.Intents = discordgo.IntentsNone // interactions need none
	session.Identify.Properties.Browser = "progressbot"
	session.Identify.Properties.Device = "progressbot"
	session.Identify.Presence.Status = string(discordgo.StatusOnline)
	session.Identify.Shard = &[2]int{s.id, s.count}
	session.ShardID, session.ShardCount = s.id, s.count
	session.Client = &http.Client{Transport: gatewayAddress{}}
	session.Dialer = &websocket.Dialer{NetDialContext: s.dial, WriteBufferSize: 16 << 10}
	session.AddHandler(s.onEvent)
	session.AddHandler(func(*discordgo.Session, *discordgo.Disconnect) {
		select {
		case s.released <- struct{}{}:
		default:
		}
	})
	return session, nil
}

// dial gives discordgo a link in place of a connection of its own.
func (s *shard) dial(context.Context, string, string) (net.Conn, error) {
	l, err := dialLink(s.ctx, s.url, &s.g.options, func(took time.Duration) {
		s.g.metrics.heartbeat.Update(took.Seconds())
	})
	if err != nil {
		return nil, err
	}
	s.link.Store(l)
	if s.ctx.Err() != nil { // after hangUp looked
		s.hangUp()
	}
	return l, nil
}

// interactionEvent is INTERACTION_CREATE as the link disguises it.
const interactionEvent = string(disguise) + "NTERACTION_CREATE"

// onEvent runs on discordgo's reading goroutine, where a panic would end the
// process.
func (s *shard) onEvent(_ *discordgo.Session, e *discordgo.Event) {
	defer func() {
		if p := recover(); p != nil {
			s.panicked(p)
		}
	}()
	if e.Type == interactionEvent {
		s.g.deliver(e.RawData, time.Now())
	}
}

func (s *shard) panicked(p any) {
	s.g.metrics.panics.Inc()
	s.log.Error("panic in the gateway session", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
}

// gatewayAddress is the HTTP transport of discordgo's session. It answers GET
// /gateway, with an address that only the session's own dialer sees, and
// refuses every other request: REST calls are made by [rest].
type gatewayAddress struct{}

// RoundTrip implements http.RoundTripper.
func (gatewayAddress) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(req.URL.Path, "/gateway") {
		return nil, errors.New("the gateway session makes no REST calls")
	}
	body, err := json.Marshal(map[string]string{"url": "ws://gateway.invalid"})
	if err != nil {
		return nil, fmt.Errorf("encode gateway address: %w", err)
	}
	return &http.Response{
		StatusCode: http.StatusOK,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:  http.Header{},
		Body:    io.NopCloser(strings.NewReader(string(body))),
		Request: req,
	}, nil
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
