package redistest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// process is a redis-server of our own.
type process struct {
	cmd  *exec.Cmd
	addr string
	done chan struct{} // closed when the process has ended
	err  error         // of the process, once done is closed
}

func startProcess(ctx context.Context, path string, port int, dir string, o Options) (backend, error) {
	yesNo := map[bool]string{true: "yes", false: "no"}
	cmd := exec.Command(path,
		"--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", dir,
		"--daemonize", "no", "--save", "", "--loglevel", "warning",
		"--appendonly", yesNo[o.AppendOnly], "--appendfsync", "always",
		"--cluster-enabled", yesNo[o.Cluster],
		"--repl-diskless-sync-delay", "0", "--lua-time-limit", "1000",
	)
	cmd.SysProcAttr = dieWithParent()
	output := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{
		cmd:  cmd,
		addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		done: make(chan struct{}),
	}
	go func() {
		defer close(p.done)
		p.err = cmd.Wait()
	}()
	err := p.await(ctx)
	if err == nil && o.Cluster {
		err = p.formCluster(ctx)
	}
	if err != nil {
		_ = p.stop()
		return nil, fmt.Errorf("%w: %s", err, bytes.TrimSpace(output.Bytes()))
	}
	return p, nil
}

// await returns when our own process, and not one that has the port already,
// answers and has loaded its data.
func (p *process) await(ctx context.Context) error {
	ours := fmt.Sprintf("process_id:%d\r\n", p.cmd.Process.Pid)
	return p.until(ctx, func() bool {
		info, err := p.do("INFO", "server")
		if err != nil || !strings.Contains(info, ours) {
			return false
		}
		pong, err := p.do("PING")
		return err == nil && pong == "PONG"
	})
}

// formCluster makes the server the only node of a cluster, unless it remembers
// that it is, and returns when it serves every slot.
func (p *process) formCluster(ctx context.Context) error {
	if reply, err := p.do("CLUSTER", "ADDSLOTSRANGE", "0", "16383"); err != nil && !strings.Contains(err.Error(), "busy") {
		return fmt.Errorf("form a cluster of one: %q, %w", reply, err)
	}
	err := p.until(ctx, func() bool {
		info, err := p.do("CLUSTER", "INFO")
		return err == nil && strings.Contains(info, "cluster_state:ok")
	})
	if err != nil {
		return fmt.Errorf("form a cluster of one: %w", err)
	}
	return nil
}

// until polls until what is wanted is there, or cannot come any more.
func (p *process) until(ctx context.Context, there func() bool) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if there() {
			return nil
		}
		select {
		case <-tick.C:
		case <-p.done:
			return fmt.Errorf("redis-server ended: %w", p.err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (p *process) stop() error {
	_ = p.cmd.Process.Kill() // Fails only where it has ended already.
	<-p.done
	return nil
}

func (p *process) breakWrites(f Fault) error {
	maxMemory, replicaOf := "0", []string{"REPLICAOF", "NO", "ONE"}
	switch f {
	case Full:
		maxMemory = "1"
	case ReadOnly:
		replicaOf = []string{"REPLICAOF", "127.0.0.1", "1"}
	}
	for _, args := range [][]string{
		{"CONFIG", "SET", "maxmemory", maxMemory},
		replicaOf,
	} {
		if reply, err := p.do(args...); err != nil || reply != "OK" {
			return fmt.Errorf("%s: %q, %w", args[0], reply, err)
		}
	}
	return nil
}

// do sends one command on a connection of its own and returns a simple or
// bulk reply. It needs no client, so a test's client stays undisturbed.
func (p *process) do(args ...string) (string, error) {
	conn, err := net.DialTimeout("tcp", p.addr, time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	b := fmt.Appendf(nil, "*%d\r\n", len(args))
	for _, a := range args {
		b = fmt.Appendf(b, "$%d\r\n%s\r\n", len(a), a)
	}
	if _, err := conn.Write(b); err != nil {
		return "", err
	}
	return readReply(bufio.NewReader(conn))
}

func readReply(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimSuffix(line, "\r\n")
	switch {
	case strings.HasPrefix(line, "+"):
		return line[1:], nil
	case strings.HasPrefix(line, "$"):
		n, err := strconv.Atoi(line[1:])
		if err != nil || n < 0 || n > 1<<20 {
			return "", fmt.Errorf("odd reply %q", line)
		}
		body := make([]byte, n)
		_, err = io.ReadFull(r, body)
		return string(body), err
	default:
		return "", fmt.Errorf("redis says %q", line)
	}
}
