package progressapitest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server is an [API] that listens.
type Server struct {
	*API
	url    string
	http   *http.Server
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// Start serves a new [API] on a free port of the loopback interface until
// Close.
func Start(o Options) (*Server, error) {
	return Serve(New(o))
}

// Serve serves a on a free port of the loopback interface until Close.
func Serve(a *API) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the sample progress API: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{
		API:    a,
		url:    "http://" + listener.Addr().String() + a.opts.BasePath,
		cancel: cancel,
		http: &http.Server{
			Handler:           a,
			ReadHeaderTimeout: 10 * time.Second,
			BaseContext:       func(net.Listener) context.Context { return ctx },
		},
	}
	s.done.Go(func() { s.http.Serve(listener) }) // Ends with Close and its error says just that.
	return s, nil
}

// URL returns the base URL that a client needs.
func (s *Server) URL() string { return s.url }

// Close ends every exchange, faulty ones too, and waits until nobody listens
// any more.
func (s *Server) Close() error {
	s.cancel()
	err := s.http.Close()
	s.done.Wait()
	return err
}
