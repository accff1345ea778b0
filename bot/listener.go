package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// listener is an HTTP server on its address.
type listener struct {
	addr   string // with the port that an address with port 0 got
	server *http.Server
	done   chan struct{} // closed when the server has ended

	mu    sync.Mutex
	fresh map[net.Conn]struct{} // connections without a request so far
}

// listen starts to serve h on addr. What ends it without being asked to is
// told to failed.
func listen(ctx context.Context, addr string, h http.Handler, log *slog.Logger, failed func(error)) (*listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	s := &listener{
		addr:  l.Addr().String(),
		done:  make(chan struct{}),
		fresh: make(map[net.Conn]struct{}),
	}
	s.server = &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      20 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ConnState:         s.follow,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // about clients that misbehave
	}
	go func() {
		defer close(s.done)
		if err := s.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed(fmt.Errorf("serve on %s: %w", addr, err))
		}
	}()
	return s, nil
}

// follow keeps account of fresh connections.
func (s *listener) follow(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == http.StateNew {
		s.fresh[c] = struct{}{}
	} else {
		delete(s.fresh, c)
	}
}

// close stops taking requests and waits for those that are being answered,
// at most for patience, whether or not ctx has ended. Shutting down would
// wait five seconds for every connection that a client opened in advance;
// those are closed. It does nothing on nil.
func (s *listener) close(ctx context.Context, patience time.Duration) {
	if s == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	s.server.SetKeepAlivesEnabled(false)
	s.mu.Lock()
	for c := range s.fresh {
		_ = c.Close()
	}
	s.mu.Unlock()
	if s.server.Shutdown(ctx) != nil {
		_ = s.server.Close()
	}
	<-s.done
}
