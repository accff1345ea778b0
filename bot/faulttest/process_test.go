package faulttest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"progressbot/progressapi/progressapitest"
)

// process is a bot that is a process of its own.
type process struct {
	w    *world
	cmd  *exec.Cmd
	log  *logBuffer // its standard error
	done chan struct{}
	err  error // of the process, once done is closed
}

// exec runs the bot as a process, with some of its environment changed.
func (w *world) exec(changes ...string) *process {
	w.t.Helper()
	program, err := buildBot()
	if err != nil {
		w.t.Fatal(err)
	}
	env := maps.Clone(w.env)
	for i := 0; i < len(changes); i += 2 {
		env[changes[i]] = changes[i+1]
	}
	p := &process{w: w, cmd: exec.Command(program), log: newLogBuffer(), done: make(chan struct{})}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		p.cmd.Env = append(p.cmd.Env, name+"="+env[name])
	}
	p.cmd.Dir = env["DATA_DIR"] // there is no .env
	p.cmd.Stderr = p.log
	p.cmd.SysProcAttr = dieWithParent()
	if err := p.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		p.err = p.cmd.Wait()
	}()
	w.bots = append(w.bots, p)
	return p
}

// status waits for the end of the process and returns its exit status.
func (p *process) status() (int, error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode(), nil
	case <-timer.C:
		_ = p.cmd.Process.Kill()
		<-p.done
		return 0, fmt.Errorf("the process does not end; log:\n%s", p.log)
	}
}

// finish asks the process twice to end, unless it has ended, and returns what
// was wrong.
func (p *process) finish() error {
	select {
	case <-p.done: // how is the test's to judge
	default:
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			return fmt.Errorf("stop the process: %w", err)
		}
		if _, err := p.log.await(`msg=stopping`); err != nil {
			return err
		}
		// Supervisors may repeat themselves, and even when it has ended.
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		if status, err := p.status(); err != nil || status != 0 {
			return fmt.Errorf("exit status %d after SIGTERM, want 0: %w; log:\n%s", status, err, p.log)
		}
	}
	log := p.log.String()
	for _, bad := range []string{secretKey, p.w.env["DISCORD_TOKEN"], progressapitest.RewardValue, "DATA RACE", "panic"} {
		if strings.Contains(log, bad) {
			return fmt.Errorf("the log must not hold what it holds:\n%s", log)
		}
	}
	return nil
}

// metrics are what a bot tells of itself, by series.
type metrics map[string]float64

// metrics asks the bot for its metrics.
func (p *process) metrics() (metrics, error) {
	addr, err := p.log.await(opsLine)
	if err != nil {
		return nil, err
	}
	return scrape(addr)
}

// opsLine is how a bot tells where its metrics are.
const opsLine = `operations are served by HTTP" addr=(\S+)`

// scrape reads the metrics at addr.
func scrape(addr string) (metrics, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	req.Close = true // no connection is left behind
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, errors.New(res.Status)
	}
	m := make(metrics)
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		name, value, ok := cutLast(lines.Text(), " ")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		if m[name], err = strconv.ParseFloat(value, 64); err != nil {
			return nil, fmt.Errorf("metric %s: %w", name, err)
		}
	}
	return m, lines.Err()
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// sum adds up all series of a metric whose labels hold all of these.
func (m metrics) sum(name string, labels ...string) float64 {
	total := 0.0
	for series, value := range m {
		base, rest, _ := strings.Cut(series, "{")
		if base == name && !slices.ContainsFunc(labels, func(l string) bool { return !strings.Contains(rest, l) }) {
			total += value
		}
	}
	return total
}
