package redisconn_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"progressbot/bot/redisconn"
)

// heldKey lies in a slot of the silent master of a [fakeCluster].
const heldKey = "progressbot:{state}:x"

// fakeCluster is a cluster of two masters. One of them has nearly all slots,
// and answers greetings alone; tried counts what else it is asked. The other
// one is well.
func fakeCluster(t *testing.T) (url string, tried *atomic.Int64) {
	tried = new(atomic.Int64)
	silent := fakeServer(t, func(args []string) string {
		switch strings.ToLower(args[0]) {
		case "hello":
			return "-ERR unknown command\r\n"
		case "client":
			return "+OK\r\n"
		}
		tried.Add(1)
		return ""
	})
	var slots string
	well := fakeServer(t, func(args []string) string {
		switch strings.ToLower(args[0]) {
		case "cluster":
			return slots
		case "client", "ping":
			return "+OK\r\n"
		}
		return "-ERR unknown command\r\n"
	})
	slots = "*2\r\n" + slotsOf(0, 99, well) + slotsOf(100, 16383, silent)
	return "redis+cluster://" + well, tried
}

// slotsOf is an entry of an answer to CLUSTER SLOTS.
func slotsOf(first, last int, addr string) string {
	host, port, _ := net.SplitHostPort(addr)
	return fmt.Sprintf("*3\r\n:%d\r\n:%d\r\n*2\r\n$%d\r\n%s\r\n:%s\r\n", first, last, len(host), host, port)
}

// TestClusterTriesOnce has a master of a cluster that falls silent: what is
// tried again and again takes several times as long as an operation may.
func TestClusterTriesOnce(t *testing.T) {
	t.Parallel()
	for name, operation := range map[string]func(context.Context, redis.UniversalClient) error{
		"command": func(ctx context.Context, c redis.UniversalClient) error { return c.Get(ctx, heldKey).Err() },
		"pipeline": func(ctx context.Context, c redis.UniversalClient) error {
			_, err := c.Pipelined(ctx, func(p redis.Pipeliner) error { return p.Get(ctx, heldKey).Err() })
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, tried := fakeCluster(t)
			c := open(t, url, redisconn.Options{Timeout: 500 * time.Millisecond})
			err := operation(t.Context(), c)
			if err == nil || errors.Is(err, redis.Nil) {
				t.Errorf("error = %v, want a failure", err)
			}
			if n := tried.Load(); n != 1 {
				t.Errorf("tried %d times, want once: %v", n, err)
			}
		})
	}
}

// TestFuseOfACluster wants the fuse to blow for the one master that is silent
// and holds the key, and to stay so through several pings, though another
// master is well.
func TestFuseOfACluster(t *testing.T) {
	t.Parallel()
	url, _ := fakeCluster(t)
	c := open(t, url, redisconn.Options{Timeout: 100 * time.Millisecond})
	var pings atomic.Int64
	fuse := redisconn.AddFuse(c, 50*time.Millisecond, func(ctx context.Context) error {
		defer pings.Add(1)
		return c.Exists(ctx, heldKey).Err()
	})
	t.Cleanup(fuse.Close)
	blown := false
	for pings.Load() < 5 {
		err := c.Get(t.Context(), heldKey).Err()
		if blown && !errors.Is(err, redisconn.ErrSilent) {
			t.Fatalf("error = %v after %d pings, want ErrSilent for as long as the master is silent", err, pings.Load())
		}
		blown = errors.Is(err, redisconn.ErrSilent)
		<-time.After(10 * time.Millisecond)
	}
	if !blown {
		t.Error("the fuse has not blown")
	}
}
