package discordsim

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Server is a running simulated Discord.
type Server struct {
	o        Options
	ids      snowflakes
	offset   atomic.Int64 // nanoseconds that the simulated clock is ahead
	started  time.Time
	listener net.Listener
	http     *http.Server
	routes   []*route
	schemas  *schemas
	key      ed25519.PrivateKey

	client *http.Client    // for webhooks
	life   context.Context // ends with Close
	done   <-chan struct{} // of life
	end    context.CancelFunc
	gate   sync.Mutex // guards closed, and wg against a start after the end
	closed bool
	wg     sync.WaitGroup // every goroutine and request of the server

	changed  signal // anything a waiter may be waiting for
	revision atomic.Uint64

	mu           sync.Mutex // guards everything below
	token        string
	world        world
	commands     commandStore
	messages     messageStore
	interactions interactionStore
	gateway      gatewayState
	endpoint     string // interactions endpoint URL
	faults       faultState
	limits       limitState
	violations   violationLog
	exchanges    exchangeLog
	stats        Stats
}

// Start runs a simulated Discord until [Server.Close].
func Start(o Options) (*Server, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("discordsim options: %w", err)
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("make signing key: %w", err)
	}
	s := &Server{o: o, started: time.Now(), key: key}
	s.life, s.end = context.WithCancel(context.Background())
	s.done = s.life.Done()
	s.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}, CheckRedirect: noRedirects}
	if o.OpenAPI != "" {
		if s.schemas, err = loadSchemas(o.OpenAPI); err != nil {
			return nil, fmt.Errorf("load OpenAPI document: %w", err)
		}
	}
	if s.listener, err = net.Listen("tcp", o.Addr); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s.token = o.Token
	if s.token == "" {
		s.token = newBotToken(o.ApplicationID)
	}
	s.world = newWorld(o, o.ApplicationID, s.newID)
	s.commands = newCommandStore()
	s.messages = newMessageStore(o)
	s.interactions = newInteractionStore(o.KeepInteractions)
	s.gateway = newGatewayState(o.Gateway)
	s.violations.keep = o.KeepViolations
	s.routes = s.routeTable()
	s.http = &http.Server{Handler: http.HandlerFunc(s.serveHTTP), ReadHeaderTimeout: 10 * time.Second}
	s.spawn(func() { _ = s.http.Serve(s.listener) }) // ends with Close
	s.spawn(s.watchDeadlines)
	return s, nil
}

// Close ends every connection and waits until nothing of the simulator runs
// any more. Waiting calls return [ErrClosed].
func (s *Server) Close() {
	s.gate.Lock()
	first := !s.closed
	s.closed = true
	s.gate.Unlock()
	if first {
		s.end()
		_ = s.http.Close()
		s.closeGatewayConns()
		s.notify()
	}
	s.wg.Wait()
	s.client.CloseIdleConnections()
}

// enter counts something that Close must wait for, unless it is too late.
func (s *Server) enter() bool {
	s.gate.Lock()
	defer s.gate.Unlock()
	if !s.closed {
		s.wg.Add(1)
	}
	return !s.closed
}

// spawn runs a function that Close waits for.
func (s *Server) spawn(run func()) {
	if !s.enter() {
		return
	}
	go func() {
		defer s.wg.Done()
		run()
	}()
}

func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// URL is the origin to point a bot at instead of https://discord.com.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// gatewayURL is what bots are told to connect to.
func (s *Server) gatewayURL() string { return "ws://" + s.listener.Addr().String() }

// Token is the bot's current token. It changes when the bot starts more
// sessions than it may, as Discord's documents threaten.
func (s *Server) Token() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token
}

// ApplicationID is the application's ID, which is also its bot's user ID.
func (s *Server) ApplicationID() string { return s.o.ApplicationID }

// People are the user IDs of the ready-made people.
func (s *Server) People() People { return s.o.People }

// PublicKey is the hex Ed25519 key that interaction webhooks are signed with.
func (s *Server) PublicKey() string {
	return hex.EncodeToString(s.key.Public().(ed25519.PublicKey))
}

// Now is the simulated time: the real time plus what [Server.Advance] added.
func (s *Server) Now() time.Time { return time.Now().Add(time.Duration(s.offset.Load())) }

// Advance moves the simulated clock ahead: deadlines of interactions, rate
// limit windows, message ages and daily limits follow it. Heartbeats and
// network time-outs keep to the real clock.
func (s *Server) Advance(d time.Duration) {
	s.offset.Add(int64(d))
	s.interactions.nudge()
	s.notify()
}

func (s *Server) newID() string { return s.ids.next(s.Now()) }

// notify wakes everyone who waits for a change.
func (s *Server) notify() {
	s.revision.Add(1)
	s.changed.broadcast()
}

// Revision counts the changes that could be seen: messages, interactions,
// commands, connections. Use it with [Server.AwaitChange].
func (s *Server) Revision() uint64 { return s.revision.Load() }

// AwaitChange waits until the revision is another than since and returns it.
func (s *Server) AwaitChange(ctx context.Context, since uint64) (uint64, error) {
	err := s.await(ctx, func() bool { return s.revision.Load() != since })
	return s.revision.Load(), err
}

// ErrClosed is returned by waiting calls when the simulator is closed.
var ErrClosed = errors.New("simulated Discord is closed")

// await waits until ok holds. It is asked, without any lock held, after
// every change.
func (s *Server) await(ctx context.Context, ok func() bool) error {
	for {
		changed := s.changed.wait()
		if ok() {
			return nil
		}
		select {
		case <-changed:
		case <-s.done:
			return ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// signal wakes all who wait. Broadcasting without waiters costs no more than
// a lock.
type signal struct {
	mu sync.Mutex
	ch chan struct{}
}

func (s *signal) wait() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch == nil {
		s.ch = make(chan struct{})
	}
	return s.ch
}

func (s *signal) broadcast() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch != nil {
		close(s.ch)
		s.ch = nil
	}
}

// newBotToken makes a token that looks like Discord's: the bot's ID in
// base64, then two random parts.
func newBotToken(applicationID string) string {
	return base64.RawStdEncoding.EncodeToString([]byte(applicationID)) + "." + randomText(5) + "." + randomText(28)
}

func randomText(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}
