package redistest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"progressbot/bot/redisconn"
	"progressbot/bot/redisconn/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func client(t *testing.T, url string) redis.UniversalClient {
	t.Helper()
	c, err := redisconn.Open(url, redisconn.Options{Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// must fails the test for an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestKillAndRestart(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		opts redistest.Options
		want string
	}{
		{"kept in its file", redistest.Options{AppendOnly: true}, "v"},
		{"lost without one", redistest.Options{}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := redistest.StartWith(t, tc.opts)
			must(t, client(t, s.URL()).Set(t.Context(), "k", "v", 0).Err())
			must(t, s.Kill())
			if err := client(t, s.URL()).Get(t.Context(), "k").Err(); err == nil || errors.Is(err, redis.Nil) {
				t.Fatalf("GET from a killed server: %v, want a failure", err)
			}
			must(t, s.Restart())
			if got := client(t, s.URL()).Get(t.Context(), "k").Val(); got != tc.want {
				t.Errorf("after the restart k = %q, want %q", got, tc.want)
			}
		})
	}
}

func TestCluster(t *testing.T) {
	t.Parallel()
	s := redistest.StartWith(t, redistest.Options{Cluster: true, AppendOnly: true})
	c := client(t, s.URL())
	must(t, c.Set(t.Context(), "{a}1", "v", 0).Err())
	must(t, c.MGet(t.Context(), "{a}1", "{a}2").Err())
	err := c.Eval(t.Context(), "return redis.call('GET', KEYS[1])", []string{"{a}1", "{b}1"}).Err()
	if redistest.Real() && (err == nil || !strings.Contains(err.Error(), "slot")) {
		t.Errorf("a script on keys of two slots: %v, want a refusal", err)
	}
	must(t, s.Restart())
	if got := client(t, s.URL()).Get(t.Context(), "{a}1").Val(); got != "v" {
		t.Errorf("after the restart {a}1 = %q, want v", got)
	}
}

func TestBreak(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	c := client(t, s.URL())
	for fault, want := range map[redistest.Fault]string{redistest.Full: "OOM", redistest.ReadOnly: "READONLY"} {
		must(t, s.Break(fault))
		if err := c.Set(t.Context(), "k", "v", 0).Err(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("SET: %v, want %s", err, want)
		}
		must(t, s.Break(redistest.Healthy))
		if err := c.Set(t.Context(), "k", "v", 0).Err(); err != nil {
			t.Errorf("SET after %s: %v", want, err)
		}
	}
	must(t, s.Kill())
	if err := s.Break(redistest.Full); err == nil {
		t.Error("Break of a dead server = nil error")
	}
}

// TestProxyOnOpenConnections changes the mode under a connection that works.
func TestProxyOnOpenConnections(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	for _, mode := range []redistest.Mode{redistest.Refuse, redistest.BlackHole, redistest.Freeze, redistest.Slow, redistest.Cut} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			p := redistest.StartProxy(t, s.Addr())
			p.SetDelay(time.Hour)
			c := client(t, p.URL())
			must(t, c.Set(t.Context(), mode.String(), "v", 0).Err())
			must(t, p.Set(mode))
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if got, err := c.Get(ctx, mode.String()).Result(); err == nil {
				t.Errorf("GET = %q, want a failure", got)
			}
			must(t, p.Set(redistest.Pass))
			again := client(t, p.URL())
			if got, err := again.Get(t.Context(), mode.String()).Result(); got != "v" || err != nil {
				t.Errorf("GET after the fault = %q, %v, want v", got, err)
			}
		})
	}
}

func TestFreezeLetsClientsGreet(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := redistest.StartProxy(t, s.Addr())
	must(t, p.Set(redistest.Freeze))
	greeted := make(chan struct{}, 1)
	c := redis.NewClient(&redis.Options{
		Addr: p.Addr(), MaxRetries: -1, ContextTimeoutEnabled: true,
		OnConnect: func(context.Context, *redis.Conn) error {
			select {
			case greeted <- struct{}{}:
			default:
			}
			return nil
		},
	})
	t.Cleanup(func() { _ = c.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	failed := make(chan error, 1)
	go func() { failed <- c.Get(ctx, "k").Err() }()
	<-greeted // The greeting was answered; what follows is not.
	ctx2, cancel2 := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel2()
	if err := c.Get(ctx2, "k").Err(); !errors.Is(err, context.DeadlineExceeded) && !strings.Contains(err.Error(), "timeout") {
		t.Errorf("GET on a frozen server: %v, want a time-out", err)
	}
	p.Close()
	if err := <-failed; err == nil || errors.Is(err, redis.Nil) {
		t.Errorf("GET when the proxy closed: %v, want a failure", err)
	}
	if err := p.Set(redistest.Pass); err == nil {
		t.Error("Set after Close = nil error")
	}
}
