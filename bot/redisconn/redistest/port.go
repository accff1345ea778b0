package redistest

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// port is a TCP port of 127.0.0.1 that nobody else here uses until it is
// released, not even while nothing listens on it.
type port struct {
	number int
	claim  net.PacketConn
}

// claimPort finds a port outside the range that systems give to outgoing
// connections, so that a server that was killed finds its port still free. The
// UDP port of the same number, which nothing else needs, keeps it from others
// that claim one, in this process or another.
func claimPort() (*port, error) {
	for range 100 {
		p := &port{number: 10_000 + rand.IntN(20_000)}
		var err error
		if p.claim, err = net.ListenPacket("udp", p.addr()); err != nil {
			continue
		}
		l, err := net.Listen("tcp", p.addr())
		if err != nil {
			_ = p.release() // and try another
			continue
		}
		if err := l.Close(); err != nil {
			return nil, errors.Join(err, p.release())
		}
		return p, nil
	}
	return nil, errors.New("no free port")
}

func (p *port) addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.number)) }

// release lets others have the port. Releasing it again does nothing.
func (p *port) release() error {
	if err := p.claim.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
