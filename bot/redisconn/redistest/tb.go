package redistest

// TB is the part of testing.TB that the package needs.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
	Cleanup(func())
}

// Start starts a server for a test and stops it when the test ends.
func Start(tb TB) *Server {
	tb.Helper()
	return StartWith(tb, Options{})
}

// StartWith is [Start] with options.
func StartWith(tb TB, o Options) *Server {
	tb.Helper()
	s, err := New(o)
	if err != nil {
		tb.Fatalf("start a Redis: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.Stop(); err != nil {
			tb.Logf("stop the Redis: %v", err)
		}
	})
	return s
}

// StartProxy starts a proxy to addr for a test and stops it when the test
// ends.
func StartProxy(tb TB, addr string) *Proxy {
	tb.Helper()
	p, err := NewProxy(addr)
	if err != nil {
		tb.Fatalf("start a proxy: %v", err)
	}
	tb.Cleanup(p.Close)
	return p
}
