package redistest

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"progressbot/bot/porttest"
)

// Mode is what a [Proxy] does with the traffic.
type Mode int

const (
	// Pass forwards everything.
	Pass Mode = iota
	// Refuse refuses connections, and resets those there are.
	Refuse
	// BlackHole accepts connections and swallows what comes, on those there
	// are too.
	BlackHole
	// Freeze lets a client connect and say hello; any other command is
	// forwarded and never answered.
	Freeze
	// Slow holds every reply back for [Proxy.SetDelay].
	Slow
	// Cut forwards the first half of a reply and resets the connection.
	Cut
)

// String returns the mode's name.
func (m Mode) String() string {
	names := [...]string{"pass", "refuse", "black hole", "freeze", "slow", "cut"}
	if m < 0 || int(m) >= len(names) {
		return "mode " + strconv.Itoa(int(m))
	}
	return names[m]
}

const (
	maxProxyConns = 256
	defaultDelay  = time.Second
)

// Proxy forwards TCP connections to a Redis and makes them fail on request.
type Proxy struct {
	target string
	port   *porttest.Port

	mu       sync.Mutex
	listener net.Listener // nil while refusing and after Close
	mode     Mode
	delay    time.Duration
	conns    map[*link]struct{}
	closed   bool

	running sync.WaitGroup
}

// NewProxy starts a proxy to the Redis at target, a host and port. It begins
// with [Pass].
func NewProxy(target string) (*Proxy, error) {
	port, err := porttest.Claim()
	if err != nil {
		return nil, err
	}
	p := &Proxy{
		target: target,
		port:   port,
		delay:  defaultDelay,
		conns:  map[*link]struct{}{},
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.listen(); err != nil {
		return nil, errors.Join(err, port.Release())
	}
	return p, nil
}

// Addr returns the proxy's host and port.
func (p *Proxy) Addr() string { return p.port.Addr() }

// URL returns the redis:// URL by way of the proxy.
func (p *Proxy) URL() string { return "redis://" + p.Addr() }

// SetDelay sets how long [Slow] holds a reply back; one second at first.
func (p *Proxy) SetDelay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// Set changes the mode for new connections and those there are. Connections
// that have lost bytes to the former mode are reset.
func (p *Proxy) Set(m Mode) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return net.ErrClosed
	}
	p.mode = m
	for l := range p.conns {
		if m == Refuse || l.lossy {
			l.reset()
		}
	}
	if m == Refuse {
		p.unlisten()
		return nil
	}
	return p.listen()
}

// Close resets every connection and returns when all goroutines have ended.
func (p *Proxy) Close() {
	p.mu.Lock()
	p.closed = true
	p.unlisten()
	for l := range p.conns {
		l.reset()
	}
	p.mu.Unlock()
	p.running.Wait()
	_ = p.port.Release()
}

// listen opens the listener where there is none. The caller holds mu.
func (p *Proxy) listen() error {
	if p.listener != nil {
		return nil
	}
	l, err := net.Listen("tcp", p.Addr())
	if err != nil {
		return fmt.Errorf("proxy: %w", err)
	}
	p.listener = l
	p.running.Go(func() { p.accept(l) })
	return nil
}

func (p *Proxy) unlisten() {
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
}

func (p *Proxy) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		p.adopt(conn)
	}
}

// adopt starts to serve a new connection, unless there are too many.
func (p *Proxy) adopt(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := &link{proxy: p, client: conn, done: make(chan struct{})}
	if p.closed || p.mode == Refuse || len(p.conns) >= maxProxyConns {
		l.reset()
		return
	}
	p.conns[l] = struct{}{}
	p.running.Go(func() {
		l.serve()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.conns, l)
	})
}

func (p *Proxy) now() (Mode, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mode, p.delay
}
