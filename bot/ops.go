package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// ops is what operators and their machines ask about the running process. It
// answers from the process's own state and asks nobody else, so that a probe
// can neither be slow nor a load.
type ops struct {
	metrics *metrics.Set
	// notReady returns why the bot cannot be used just now, "" if it can.
	notReady func() string
}

func (o *ops) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok\n")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if why := o.notReady(); why != "" {
			http.Error(w, why, http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ready\n")
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		o.metrics.WritePrometheus(w)
		metrics.WriteProcessMetrics(w)
	})
	return mux
}

// listener is an HTTP server on its address.
type listener struct {
	server *http.Server
	done   chan error // what Serve returned
}

// listen starts to serve h on addr. What ends it without being asked to is
// told to failed.
func listen(addr string, h http.Handler, log *slog.Logger, failed func(error)) (*listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	s := &listener{
		server: &http.Server{
			Handler:           h,
			ReadHeaderTimeout: 5 * time.Second,
			ReadTimeout:       10 * time.Second,
			WriteTimeout:      20 * time.Second,
			IdleTimeout:       2 * time.Minute,
			MaxHeaderBytes:    32 << 10,
			ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // about clients that misbehave
		},
		done: make(chan error, 1),
	}
	go func() {
		err := s.server.Serve(l)
		if !errors.Is(err, http.ErrServerClosed) {
			failed(fmt.Errorf("serve on %s: %w", addr, err))
		}
		s.done <- err
	}()
	return s, nil
}

// close stops taking requests and waits, as long as ctx allows, for those
// that are being answered.
func (s *listener) close(ctx context.Context) {
	if s == nil {
		return
	}
	if s.server.Shutdown(ctx) != nil {
		_ = s.server.Close()
	}
	<-s.done
}
