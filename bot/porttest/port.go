package porttest

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// Port is a TCP port of 127.0.0.1 that nobody else who claims one uses until it
// is released, not even while nothing listens on it. Claim one with [Claim].
type Port struct {
	Number int
	claim  net.PacketConn
}

// Claim finds a port outside the range that systems give to outgoing
// connections, so that a server that was off finds its port still free. The UDP
// port of the same number, which nothing else needs, keeps it from others that
// claim one, in this process or another. The caller releases the port.
func Claim() (*Port, error) {
	ctx := context.Background() // to bind takes no time
	var config net.ListenConfig
	for range 100 {
		p := &Port{Number: 10_000 + rand.IntN(20_000)}
		var err error
		if p.claim, err = config.ListenPacket(ctx, "udp", p.Addr()); err != nil {
			continue
		}
		l, err := config.Listen(ctx, "tcp", p.Addr())
		if err != nil {
			_ = p.Release() // and try another
			continue
		}
		if err := l.Close(); err != nil {
			return nil, errors.Join(err, p.Release())
		}
		return p, nil
	}
	return nil, errors.New("no free port")
}

// Addr returns the host and the port.
func (p *Port) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.Number)) }

// Release lets others have the port. Releasing it again does nothing.
func (p *Port) Release() error {
	if err := p.claim.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
