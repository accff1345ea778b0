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

// Patience with discordgo, which runs on goroutines of its own.
const (
	// openPatience is how long opening may take once everything that can
	// wait has a deadline within openTime.
	openPatience = openTime + 30*time.Second
	// restPatience is how long it may take to notice that its connection
	// broke. It sleeps for a second on the way.
	restPatience = 15 * time.Second
	// watchEvery is how often the watchdog looks.
	watchEvery = 5 * time.Second
)

// errWedged: discordgo no longer moves. Only a new process helps.
var errWedged = errors.New("the gateway session is stuck")

// fatalError ends the process: trying again is pointless.
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
	rest chan struct{} // discordgo let go of its connection
}

func newShard(g *gateway, id, count int) *shard {
	return &shard{
		id: id, count: count, g: g,
		log:  g.options.log.With("shard", id),
		rest: make(chan struct{}, 1),
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

// failures counts one more failure in a row, if it is in one. A connection
// that was good for a while ends the row. One that was good for a moment does
// so nearly, if its session goes on: to resume costs nothing, while sessions
// that end as soon as they begin would use up the day's.
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

// hold opens session, calls opened, and stays until the connection ended and
// discordgo has let go of it.
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
	s.url = strings.TrimRight(url, "/") + "/?v=" + discordgo.APIVersion + "&encoding=json"
	return nil
}

// open lets discordgo open its connection, with an eye on the clock.
func (s *shard) open(session *discordgo.Session) error {
	select {
	case <-s.rest: // left over from the connection before
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

// watch stays with an open connection until it has ended and discordgo has
// let go of it. It returns errWedged where that does not happen.
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
			// A deadline that passed long ago means that nobody reads.
			if time.Since(l.deadline()) > restPatience {
				l.end(errWedged, closeResumable)
			}
		}
	}
	if !s.connected.Load() && isClosed(l.ready) { // both at once
		s.began(l, session)
	}
	timer := time.NewTimer(restPatience)
	defer timer.Stop()
	select {
	case <-s.rest:
		return nil
	case <-timer.C:
		return errWedged
	}
}

// began notes that the session began or went on.
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
		case s.rest <- struct{}{}:
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

// gatewayAddress is the HTTP transport of discordgo's session. It answers
// its one question, where the gateway is, with an address that only the
// session's dialer sees, and refuses everything else: REST is not
// discordgo's to do.
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
