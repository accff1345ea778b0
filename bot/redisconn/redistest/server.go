package redistest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"

	"progressbot/bot/porttest"
)

// startTimeout bounds how long a server may take to answer after its start.
const startTimeout = 20 * time.Second

// Options are the choices of a server. The zero value is ready for use.
type Options struct {
	// AppendOnly makes every write survive [Server.Kill]. Without it a
	// killed server comes back empty.
	AppendOnly bool
	// Cluster makes the server a cluster of one, which refuses what touches
	// keys of several slots at once. The embedded stand-in refuses nothing.
	Cluster bool
}

// Server is a Redis under the control of a test.
type Server struct {
	opts Options
	port *porttest.Port
	dir  string

	mu      sync.Mutex
	backend backend              // nil while the server is down
	kept    *miniredis.Miniredis // the data of the embedded stand-in
}

// backend is a running server, real or embedded.
type backend interface {
	stop() error // at once, as SIGKILL does
	breakWrites(Fault) error
}

// Fault is what a server that is up and reachable refuses.
type Fault int

const (
	// Healthy refuses nothing.
	Healthy Fault = iota
	// Full refuses writes with OOM, as with maxmemory and noeviction.
	Full
	// ReadOnly refuses writes with READONLY, as a replica does.
	ReadOnly
)

// New starts a server.
func New(o Options) (*Server, error) {
	dir, err := os.MkdirTemp("", "redistest-")
	if err != nil {
		return nil, err
	}
	s := &Server{opts: o, dir: dir}
	for range 20 {
		if s.port, err = porttest.Claim(); err != nil {
			break
		}
		if err = s.Restart(); err == nil {
			return s, nil
		}
		err = errors.Join(err, s.port.Release())
	}
	return nil, errors.Join(err, os.RemoveAll(dir))
}

// Real reports whether a real redis-server is used here.
func Real() bool {
	_, err := exec.LookPath("redis-server")
	return err == nil
}

// Addr returns the server's host and port. They stay the same over a restart.
func (s *Server) Addr() string { return s.port.Addr() }

// URL returns the server's redis:// URL, or redis+cluster:// with
// [Options.Cluster].
func (s *Server) URL() string {
	if s.opts.Cluster {
		return "redis+cluster://" + s.Addr()
	}
	return "redis://" + s.Addr()
}

// Kill ends the server as SIGKILL does, so connections break and what was not
// appended to its file is lost. Killing a dead server does nothing.
func (s *Server) Kill() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kill()
}

// Stop ends the server for good and deletes its files.
func (s *Server) Stop() error {
	return errors.Join(s.Kill(), s.port.Release(), os.RemoveAll(s.dir))
}

func (s *Server) kill() error {
	if s.backend == nil {
		return nil
	}
	b := s.backend
	s.backend = nil
	return b.stop()
}

// Restart starts the server again at the same address, and returns when it
// answers. A server that runs is killed first.
func (s *Server) Restart() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.kill(); err != nil {
		return err
	}
	b, err := s.start()
	if err != nil {
		return fmt.Errorf("start redis: %w", err)
	}
	s.backend = b
	return nil
}

func (s *Server) start() (backend, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	path, err := exec.LookPath("redis-server")
	if err == nil {
		return startProcess(ctx, path, s.port.Number, s.dir, s.opts)
	}
	if os.Getenv("PROGRESSBOT_REQUIRE_REDIS") == "1" {
		return nil, err
	}
	var b backend
	b, s.kept, err = startEmbedded(s.Addr(), s.kept, s.opts.AppendOnly)
	return b, err
}

// Break makes the running server refuse writes; Break(Healthy) mends it. The
// embedded stand-in refuses everything, reads too.
func (s *Server) Break(f Fault) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.backend == nil {
		return errors.New("redis is down")
	}
	return s.backend.breakWrites(f)
}
