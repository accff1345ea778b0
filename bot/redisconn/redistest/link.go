package redistest

import (
	"bytes"
	"net"
	"strings"
	"sync"
	"time"
)

// link is one connection through a proxy.
type link struct {
	proxy  *Proxy
	client net.Conn

	// Guarded by the proxy's mutex.
	server net.Conn
	lossy  bool // bytes were swallowed, so client and server are out of step
	frozen bool // Freeze has seen a command that is no greeting

	once sync.Once
	done chan struct{} // closed by reset
}

// reset ends the link as a broken network does.
func (l *link) reset() {
	l.once.Do(func() {
		close(l.done)
		abort(l.client)
		if l.server != nil {
			abort(l.server)
		}
	})
}

func abort(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}

// lock runs f under the proxy's mutex.
func (l *link) lock(f func()) {
	l.proxy.mu.Lock()
	defer l.proxy.mu.Unlock()
	f()
}

// serve forwards in both directions until either side ends.
func (l *link) serve() {
	defer l.lock(l.reset)
	var replies sync.WaitGroup
	defer replies.Wait()
	defer l.lock(l.reset)

	buf := make([]byte, 32<<10)
	for {
		n, err := l.client.Read(buf)
		if err != nil {
			return
		}
		if !l.request(buf[:n], &replies) {
			return
		}
	}
}

// request treats bytes from the client as the mode says. It reports whether
// the link goes on.
func (l *link) request(b []byte, replies *sync.WaitGroup) bool {
	mode, _ := l.proxy.now()
	if mode == BlackHole {
		l.lock(func() { l.lossy = true })
		return true
	}
	if mode == Freeze && !greeting(b) {
		l.lock(func() { l.frozen = true })
	}
	if l.server == nil && !l.dial(replies) {
		return false
	}
	_, err := l.server.Write(b)
	return err == nil
}

// dial connects to the server on the first byte, so that a black hole needs
// no server.
func (l *link) dial(replies *sync.WaitGroup) bool {
	conn, err := net.DialTimeout("tcp", l.proxy.target, time.Second)
	if err != nil {
		return false
	}
	ok := true
	l.lock(func() {
		select {
		case <-l.done:
			abort(conn)
			ok = false
		default:
			l.server = conn
		}
	})
	if ok {
		replies.Go(l.replies)
	}
	return ok
}

// replies forwards what the server says.
func (l *link) replies() {
	defer l.lock(l.reset)
	buf := make([]byte, 32<<10)
	for {
		n, err := l.server.Read(buf)
		if err != nil || !l.reply(buf[:n]) {
			return
		}
	}
}

// reply treats bytes from the server as the mode says. It reports whether the
// link goes on.
func (l *link) reply(b []byte) bool {
	mode, delay := l.proxy.now()
	swallow := false
	l.lock(func() {
		swallow = mode == BlackHole || mode == Freeze && l.frozen
		l.lossy = l.lossy || swallow
	})
	switch {
	case swallow:
		return true
	case mode == Slow && !l.pause(delay):
		return false
	case mode == Cut:
		_, _ = l.client.Write(b[:(len(b)+1)/2])
		return false
	}
	_, err := l.client.Write(b)
	return err == nil
}

// pause waits for d. It reports false when the link has ended before.
func (l *link) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.done:
		return false
	}
}

// greeting reports whether b begins with a command that clients send when
// they connect: *N\r\n$L\r\nNAME\r\n.
func greeting(b []byte) bool {
	parts := bytes.SplitN(b, []byte("\r\n"), 4)
	if len(parts) < 3 {
		return false
	}
	switch strings.ToUpper(string(parts[2])) {
	case "HELLO", "AUTH", "CLIENT", "SELECT":
		return true
	}
	return false
}
