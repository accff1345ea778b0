package porttest_test

import (
	"net"
	"testing"

	"progressbot/bot/porttest"
)

func TestPortsAreClaimedOnce(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	for range 200 {
		p, err := porttest.Claim()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Release() })
		if seen[p.Number] {
			t.Errorf("%s was claimed twice", p.Addr())
		}
		seen[p.Number] = true
	}
}

func TestPortServesAgainAndAgain(t *testing.T) {
	t.Parallel()
	p, err := porttest.Claim()
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		l, err := net.Listen("tcp", p.Addr())
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	for range 2 {
		if err := p.Release(); err != nil {
			t.Errorf("release: %v", err)
		}
	}
}
