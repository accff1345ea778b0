package redislink_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"progressbot/bot/redisconn"
	"progressbot/bot/redisconn/redistest"
	"progressbot/progressapi/internal/redislink"
)

func TestMain(m *testing.M) {
	redisconn.BridgeLog(slog.New(slog.DiscardHandler))
	goleak.VerifyTestMain(m)
}

// logged is a log that tests can read.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), text)
}

func open(t *testing.T, url string, log *logged) *redislink.Link {
	t.Helper()
	client, err := redisconn.Open(url, redisconn.Options{Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	l := redislink.New(client, redislink.Options{
		Budget: 2 * time.Second, Part: "test",
		Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	t.Cleanup(l.Close)
	return l
}

func get(ctx context.Context, c redis.UniversalClient) error { return c.Get(ctx, "k").Err() }

func set(ctx context.Context, c redis.UniversalClient) error { return c.Set(ctx, "k", "v", 0).Err() }

func await(t *testing.T, l *redislink.Link, up bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for l.Up() != up {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("Up() = %v, want %v", !up, up)
		}
	}
}

func TestCutAndRestored(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	for _, mode := range []redistest.Mode{redistest.Refuse, redistest.BlackHole, redistest.Freeze, redistest.Slow, redistest.Cut} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			proxy := redistest.StartProxy(t, server.Addr())
			proxy.SetDelay(time.Hour)
			var log logged
			l := open(t, proxy.URL(), &log)
			missing := func(ctx context.Context, c redis.UniversalClient) error { return c.Get(ctx, "missing").Err() }
			if err := l.Read(t.Context(), missing); !errors.Is(err, redis.Nil) || !l.Up() {
				t.Fatalf("Read = %v and up %v, want redis.Nil from a line that is up", err, l.Up())
			}
			if err := proxy.Set(mode); err != nil {
				t.Fatal(err)
			}
			if err := l.Read(t.Context(), get); err == nil || errors.Is(err, redis.Nil) || errors.Is(err, redislink.ErrDown) {
				t.Errorf("Read at the fault = %v, want its error", err)
			}
			for range 100 {
				if err := l.Write(t.Context(), set); !errors.Is(err, redislink.ErrDown) {
					t.Fatalf("Write while cut off = %v, want ErrDown", err)
				}
			}
			if err := proxy.Set(redistest.Pass); err != nil {
				t.Fatal(err)
			}
			await(t, l, true)
			if err := l.Write(t.Context(), set); err != nil {
				t.Errorf("Write after the fault = %v", err)
			}
			if n := log.count("does not answer"); n != 1 {
				t.Errorf("the fault was logged %d times, want once", n)
			}
		})
	}
}

func TestRefusalsDoNotCut(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	var log logged
	l := open(t, server.URL(), &log)
	if err := l.Write(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	wrongType := func(ctx context.Context, c redis.UniversalClient) error { return c.HGet(ctx, "k", "f").Err() }
	if err := l.Read(t.Context(), wrongType); !redislink.Replied(err) || redislink.RefusedWrite(err) {
		t.Errorf("error = %v, want a reply that is no refusal to write", err)
	}
	for _, fault := range []redistest.Fault{redistest.Full, redistest.ReadOnly} {
		if err := server.Break(fault); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			if err := l.Write(t.Context(), set); !redislink.RefusedWrite(err) {
				t.Errorf("Write = %v, want a refusal", err)
			}
		}
	}
	if !l.Up() {
		t.Error("a server that answers was cut off")
	}
	if n := log.count("refuses to write"); n != 1 {
		t.Errorf("the fault was logged %d times, want once", n)
	}
}

func TestCallerWhoLeavesCutsNothing(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	var log logged
	l := open(t, server.URL(), &log)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Read(ctx, get); !errors.Is(err, context.Canceled) || !errors.Is(err, redislink.ErrLeft) || !l.Up() {
		t.Errorf("Read = %v and up %v, want a cancelled context and no fault", err, l.Up())
	}
	// The same for one whose deadline comes before the budget's.
	proxy := redistest.StartProxy(t, server.Addr())
	if err := proxy.Set(redistest.BlackHole); err != nil {
		t.Fatal(err)
	}
	swallowed := open(t, proxy.URL(), &log)
	ctx, cancel = context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := swallowed.Read(ctx, get); !errors.Is(err, redislink.ErrLeft) || !swallowed.Up() {
		t.Errorf("Read = %v and up %v, want ErrLeft and no fault", err, swallowed.Up())
	}
}

func TestInsist(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	var log logged
	l := open(t, server.URL(), &log)
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := l.Insist(t.Context(), set); err == nil {
		t.Error("Insist on a dead server = nil error")
	}
	if err := l.Read(t.Context(), get); err == nil {
		t.Error("Read from a dead server = nil error")
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	if err := l.Insist(t.Context(), set); err != nil {
		t.Errorf("Insist on a server that is back = %v", err)
	}
}

func TestNoRedis(t *testing.T) {
	t.Parallel()
	l := redislink.New(nil, redislink.Options{})
	if l != nil || l.Up() {
		t.Error("a link to nothing is up")
	}
	for _, f := range []func(context.Context, func(context.Context, redis.UniversalClient) error) error{l.Read, l.Write, l.Insist} {
		if err := f(t.Context(), get); !errors.Is(err, redislink.ErrDown) {
			t.Errorf("error = %v, want ErrDown", err)
		}
	}
	l.Close()
}

func TestCloseWhileCut(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	var log logged
	l := open(t, server.URL(), &log)
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = l.Read(t.Context(), get)
	l.Close() // Returns, and goleak finds no goroutine.
	if err := l.Read(t.Context(), get); !errors.Is(err, redislink.ErrDown) {
		t.Errorf("Read after Close = %v, want ErrDown", err)
	}
}
