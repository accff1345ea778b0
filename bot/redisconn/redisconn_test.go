package redisconn_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"progressbot/bot/redisconn"
	"progressbot/bot/redisconn/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open opens rawURL and closes the client with the test.
func open(t testing.TB, rawURL string, o redisconn.Options) redis.UniversalClient {
	t.Helper()
	c, err := redisconn.Open(rawURL, o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestOpenSingle(t *testing.T) {
	t.Parallel()
	type want struct {
		Addr, User, Password string
		DB, PoolSize         int
		TLS, SkipVerify      bool
	}
	for _, tc := range []struct {
		url  string
		want want
	}{
		{"redis://localhost", want{Addr: "localhost:6379", PoolSize: 16}},
		{"redis://localhost:7000/3", want{Addr: "localhost:7000", DB: 3, PoolSize: 16}},
		{"redis://[::1]:7000/", want{Addr: "[::1]:7000", PoolSize: 16}},
		{"redis://[::1]", want{Addr: "[::1]:6379", PoolSize: 16}},
		{"redis://:s%40cret@h?db=2&pool_size=5", want{Addr: "h:6379", Password: "s@cret", DB: 2, PoolSize: 5}},
		{"redis://u:p@w@h", want{Addr: "h:6379", User: "u", Password: "p@w", PoolSize: 16}},
		{"rediss://u:p@h:1", want{Addr: "h:1", User: "u", Password: "p", TLS: true, PoolSize: 16}},
		{"rediss://h?skip_verify=true", want{Addr: "h:6379", TLS: true, SkipVerify: true, PoolSize: 16}},
	} {
		t.Run(tc.url, func(t *testing.T) {
			t.Parallel()
			c, ok := open(t, tc.url, redisconn.Options{}).(*redis.Client)
			if !ok {
				t.Fatal("not a client of a single server")
			}
			o := c.Options()
			got := want{o.Addr, o.Username, o.Password, o.DB, o.PoolSize, o.TLSConfig != nil, o.TLSConfig != nil && o.TLSConfig.InsecureSkipVerify}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("options (-want +got):\n%s", d)
			}
		})
	}
}

func TestOpenCluster(t *testing.T) {
	t.Parallel()
	c, ok := open(t, "redis+cluster://u:p@a:1,b,c:3?tls=true&pool_size=3", redisconn.Options{Timeout: time.Second}).(*redis.ClusterClient)
	if !ok {
		t.Fatal("not a client of a cluster")
	}
	o := c.Options()
	if d := cmp.Diff([]string{"a:1", "b:6379", "c:3"}, o.Addrs); d != "" {
		t.Errorf("addresses (-want +got):\n%s", d)
	}
	if o.Username != "u" || o.Password != "p" || o.TLSConfig == nil || o.PoolSize != 3 || o.ReadTimeout != time.Second || !o.ContextTimeoutEnabled {
		t.Errorf("options not taken over: %q %v %d %v %v", o.Username, o.TLSConfig != nil, o.PoolSize, o.ReadTimeout, o.ContextTimeoutEnabled)
	}
}

// TestOpenSentinel asks a fake Sentinel for the master, which is the only way
// to see which name the client asks for.
func TestOpenSentinel(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	host, port, err := net.SplitHostPort(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan string, 16)
	sentinel := fakeSentinel(t, asked, host, port)
	c := open(t, "redis+sentinel://127.0.0.1:1,"+sentinel+"/my%20master/1", redisconn.Options{Timeout: 5 * time.Second})
	if err := c.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatalf("SET by way of Sentinel: %v", err)
	}
	if got := <-asked; got != "my master" {
		t.Errorf("asked Sentinel for master %q, want %q", got, "my master")
	}
	direct := open(t, server.URL()+"/1", redisconn.Options{Timeout: 5 * time.Second})
	if got := direct.Get(t.Context(), "k").Val(); got != "v" {
		t.Errorf("database 1 of the master holds %q, want %q", got, "v")
	}
}

func TestOpenRefusesWithoutLeaking(t *testing.T) {
	t.Parallel()
	const canary = "hunter2"
	for _, url := range []string{
		"",
		canary,
		"localhost:6379/" + canary,
		"http://" + canary + "@h",
		"redis://",
		"redis://:" + canary + "@",
		"redis://u:" + canary + "/x@h:6379",
		"redis://u:12/" + canary + "@h:6379",
		"redis://u:" + canary + "?x@h:6379",
		"redis://u:" + canary + "#x@h:6379",
		"redis://u:%zz" + canary + "@h",
		"redis://u:" + canary + "@h:port",
		"redis://u:" + canary + "@h:70000",
		"redis://u:" + canary + "@h:0",
		"redis://u:" + canary + "@a,b",
		"redis://u:" + canary + "@a:b:c",
		"redis://u:" + canary + "@h/-1",
		"redis://u:" + canary + "@h/one",
		"redis://h/1/" + canary,
		"redis://h?" + canary + "=1",
		"redis://h?pool_size=" + canary,
		"redis://h?pool_size=0",
		"redis://h?protocol=4",
		"redis://h?tls=" + canary,
		"redis://h?skip_verify=" + canary,
		"redis://h?db=" + canary,
		"redis://h?%zz" + canary,
		"redis+sentinel://h",
		"redis+sentinel://u:" + canary + "@h/%zz",
		"redis+cluster://u:" + canary + "@h/1",
		"redis+cluster://u:" + canary + "@h?db=1",
		"redis+cluster://" + strings.Repeat("h,", 100) + "h",
	} {
		c, err := redisconn.Open(url, redisconn.Options{})
		if err == nil {
			_ = c.Close()
			t.Errorf("Open(%q) = nil error, want one", url)
			continue
		}
		if strings.Contains(err.Error(), canary) {
			t.Errorf("Open(%q) leaks: %v", url, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	for _, seed := range []string{"redis://u:p@h:1/2?db=3", "redis+sentinel://h,i:2/m/1?tls=1", "redis+cluster://[::1]:3,a", "rediss://%41@h"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, url string) {
		c, err := redisconn.Open(url, redisconn.Options{})
		if err != nil {
			if len(url) > 24 && strings.Contains(err.Error(), url) {
				t.Errorf("Open(%q) quotes its input: %v", url, err)
			}
			return
		}
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

// TestOperationsEnd shows that no fault holds an operation beyond the
// client's time-outs or its context's deadline: without the hardening, each
// of these runs into the test's own time-out.
func TestOperationsEnd(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	for _, mode := range []redistest.Mode{redistest.Refuse, redistest.BlackHole, redistest.Freeze, redistest.Slow, redistest.Cut} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			proxy := redistest.StartProxy(t, server.Addr())
			proxy.SetDelay(time.Hour)
			if err := proxy.Set(mode); err != nil {
				t.Fatal(err)
			}
			c := open(t, proxy.URL(), redisconn.Options{Timeout: 50 * time.Millisecond})
			if err := c.Get(t.Context(), "k").Err(); err == nil || errors.Is(err, redis.Nil) {
				t.Errorf("GET with the client's own time-out: %v, want a failure", err)
			}
			patient := open(t, proxy.URL(), redisconn.Options{Timeout: time.Hour})
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if err := patient.Get(ctx, "k").Err(); err == nil || errors.Is(err, redis.Nil) {
				t.Errorf("GET with a context's deadline: %v, want a failure", err)
			}
			if err := proxy.Set(redistest.Pass); err != nil {
				t.Fatal(err)
			}
			healed := open(t, proxy.URL(), redisconn.Options{Timeout: 10 * time.Second})
			if err := healed.Get(t.Context(), "k").Err(); !errors.Is(err, redis.Nil) {
				t.Errorf("GET after the fault: %v, want redis.Nil", err)
			}
		})
	}
}

func TestBridgeLog(t *testing.T) { // Not parallel: the library's logger is global.
	var b bytes.Buffer
	redisconn.BridgeLog(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { redisconn.BridgeLog(slog.New(slog.DiscardHandler)) })
	c := open(t, "redis+sentinel://u:hunter2@127.0.0.1:1/m?sentinel_password=hunter2", redisconn.Options{Timeout: 50 * time.Millisecond})
	if err := c.Ping(t.Context()).Err(); err == nil {
		t.Fatal("PING of nobody = nil error")
	}
	if got := b.String(); !strings.Contains(got, "level=DEBUG") || strings.Contains(got, "hunter2") {
		t.Errorf("log = %q, want debug lines without the password", got)
	}
}
