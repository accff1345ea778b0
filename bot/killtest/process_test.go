package killtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"syscall"
	"time"

	"progressbot/bot/logtest"
)

// process is a bot that can be killed.
type process struct {
	cmd   *exec.Cmd
	log   *logtest.Buffer
	alive context.Context // until it has ended
	err   error           // of its end
}

// run starts a process, whose environment is env alone.
func run(path string, env []string) (*process, error) {
	ctx, ended := context.WithCancel(context.Background())
	p := &process{cmd: exec.Command(path), log: logtest.New(), alive: ctx}
	p.cmd.Env, p.cmd.Stderr = env, p.log
	p.cmd.Dir = os.TempDir() // no .env file of anybody's
	if err := p.cmd.Start(); err != nil {
		ended()
		return nil, fmt.Errorf("start: %w", err)
	}
	go func() {
		p.err = p.cmd.Wait()
		ended()
	}()
	return p, nil
}

// kill ends the process as a power cut does and waits for its end.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.alive.Done()
}

// stop asks the process to end and waits for that.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.alive.Done():
		return p.err
	case <-timer.C:
		p.kill()
		return errors.New("stop: the process does not end")
	}
}

var listening = regexp.MustCompile(`taken by HTTP" addr=(\S+)`)

// address waits until the process takes interactions, and returns where.
func (p *process) address() (string, error) {
	ctx, cancel := context.WithTimeout(p.alive, patience)
	defer cancel()
	return p.log.Await(ctx, listening)
}

// seat is a place for a process. Whatever is killed there is followed by
// another.
type seat struct {
	path string
	env  []string
	gate *gate

	mu      sync.Mutex
	process *process // nil for none
	addr    string   // where it takes interactions, "" if it does not
	killed  int
	logs    []*logtest.Buffer
}

// launch seats a process unless there is one.
func (s *seat) launch() (*process, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		return s.process, nil
	}
	p, err := run(s.path, s.env)
	if err == nil {
		s.process, s.logs = p, append(s.logs, p.log)
	}
	return p, err
}

// start seats a process and waits until people can use it. It fails if the
// process ends before.
func (s *seat) start() error {
	p, err := s.launch()
	if err != nil {
		return err
	}
	addr, err := p.address()
	if err != nil {
		return fmt.Errorf("the process does not come up: %w; its log:\n%s", err, p.log)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == p {
		s.addr = addr
	}
	return nil
}

// leave takes the process off its seat, nil if there is none.
func (s *seat) leave() *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.process
	s.process, s.addr = nil, ""
	return p
}

// kill kills the process, and reports whether there was one.
func (s *seat) kill() bool {
	p := s.leave()
	if p == nil {
		return false
	}
	p.kill()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.killed++
	return true
}

// stop ends the process in peace, if there is one.
func (s *seat) stop() error {
	p := s.leave()
	if p == nil {
		return nil
	}
	if err := p.stop(); err != nil {
		return fmt.Errorf("%w; its log:\n%s", err, p.log)
	}
	return nil
}

// address is where interactions can be sent to, "" for nowhere.
func (s *seat) address() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

func (s *seat) deaths() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.killed
}
