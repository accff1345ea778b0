package redisconn_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fakeSentinel answers what a client asks a Sentinel: who is the master. It
// returns its address.
func fakeSentinel(t *testing.T, asked chan<- string, host, port string) string {
	return fakeServer(t, func(args []string) string { return answer(args, asked, host, port) })
}

// fakeServer gives each command the answer that reply makes of it, which may
// be none. It returns its address.
func fakeServer(t *testing.T, reply func(args []string) string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	t.Cleanup(running.Wait)
	t.Cleanup(func() { _ = l.Close() })
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				r := bufio.NewReader(conn)
				for {
					args, err := readCommand(r)
					if err != nil {
						return
					}
					if _, err := io.WriteString(conn, reply(args)); err != nil {
						return
					}
				}
			})
		}
	})
	return l.Addr().String()
}

func answer(args []string, asked chan<- string, host, port string) string {
	switch strings.ToLower(strings.Join(args[:min(2, len(args))], " ")) {
	case "sentinel get-master-addr-by-name":
		select {
		case asked <- args[2]:
		default:
		}
		return fmt.Sprintf("*2\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n", len(host), host, len(port), port)
	case "sentinel sentinels":
		return "*0\r\n"
	case "client setname":
		return "+OK\r\n"
	}
	if strings.EqualFold(args[0], "subscribe") {
		out := ""
		for i, ch := range args[1:] {
			out += fmt.Sprintf("*3\r\n$9\r\nsubscribe\r\n$%d\r\n%s\r\n:%d\r\n", len(ch), ch, i+1)
		}
		return out
	}
	return "-ERR unknown command\r\n"
}

func readCommand(r *bufio.Reader) ([]string, error) {
	n, err := readLength(r, '*')
	if err != nil {
		return nil, err
	}
	args := make([]string, n)
	for i := range args {
		size, err := readLength(r, '$')
		if err != nil {
			return nil, err
		}
		b := make([]byte, size+2)
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, err
		}
		args[i] = string(b[:size])
	}
	return args, nil
}

func readLength(r *bufio.Reader, kind byte) (int, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return 0, err
	}
	if line[0] != kind {
		return 0, fmt.Errorf("line begins with %q, want %q", line[0], kind)
	}
	return strconv.Atoi(strings.TrimSpace(line[1:]))
}
