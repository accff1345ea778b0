package cache_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"progressbot/bot/redisconn"
	"progressbot/bot/redisconn/redistest"
	"progressbot/progressapi"
	"progressbot/progressapi/cache"
)

// process is a cache on a Redis that may fail, in real time.
type process struct {
	*cache.Cache
	set *metrics.Set
}

// openClient opens a client that waits long enough for any machine.
func openClient(t *testing.T, url string) redis.UniversalClient {
	t.Helper()
	client, err := redisconn.Open(url, redisconn.Options{Timeout: time.Minute})
	must(t, err)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func startProcess(t *testing.T, s *source, url string, ttl time.Duration) process {
	t.Helper()
	client := openClient(t, url)
	p := process{set: metrics.NewSet()}
	// The budget is far from that of production, so that a busy machine is
	// not taken for a fault; the faults that give no answer give none.
	p.Cache = cache.New(s, cache.Options{Redis: client, RedisBudget: 3 * time.Second, TTL: ttl, Metrics: p.set})
	t.Cleanup(p.Close)
	return p
}

// metric returns the value of a metric, as it would be scraped.
func (p process) metric(name string) string {
	var b bytes.Buffer
	p.set.WritePrometheus(&b)
	for line := range strings.Lines(b.String()) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return "no metric " + name
}

// await polls until a metric has a value.
func (p process) await(t *testing.T, name, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for p.metric(name) != want {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s = %s, want %s", name, p.metric(name), want)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const (
	up     = "progressbot_cache_redis_up"
	silent = `progressbot_cache_redis_errors_total{kind="silent"}`
)

// TestRedisFaults crosses every fault on the way to Redis with every state of
// the cache. Whatever happens, the answer is right; when the fault has been
// noticed no answer touches Redis any more; when it is over Redis is used
// again, without a restart.
func TestRedisFaults(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	var mu sync.Mutex
	var rows []string
	t.Run("faults", func(t *testing.T) {
		for _, mode := range []redistest.Mode{redistest.Refuse, redistest.BlackHole, redistest.Freeze, redistest.Slow, redistest.Cut} {
			for _, state := range []string{"cold", "fresh", "stale"} {
				t.Run(mode.String()+"/"+state, func(t *testing.T) {
					t.Parallel()
					row := faultRow(t, server, mode, state)
					mu.Lock()
					defer mu.Unlock()
					rows = append(rows, row)
				})
			}
		}
	})
	t.Logf("what a caller of the cache sees of a Redis fault\n%s", table(rows))
}

func table(rows []string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "fault\tcache\tfirst answer\tafter\tonce noticed\tafter\tback after")
	for _, row := range rows {
		fmt.Fprintln(w, row)
	}
	_ = w.Flush()
	return b.String()
}

// faultRow lets one fault happen to one state and returns a row of the table.
func faultRow(t *testing.T, server *redistest.Server, mode redistest.Mode, state string) string {
	t.Helper()
	proxy := redistest.StartProxy(t, server.Addr())
	proxy.SetDelay(time.Hour)
	s := newSource(whole(1))
	ttl := time.Hour
	if state == "stale" {
		ttl = time.Second
	}
	p := startProcess(t, s, proxy.URL(), ttl)
	user := mode.String() + " " + state
	ask := func(user string) (string, time.Duration) {
		t.Helper()
		began := time.Now()
		snap, err := p.Programs(t.Context(), user, cache.AnyAge)
		took := time.Since(began).Round(time.Millisecond)
		if err != nil || len(snap.Programs) != 1 || snap.Freshness == cache.StandIn {
			t.Errorf("answer = %+v, %v, want one that is fresh or stale", snap, err)
		}
		return [...]string{"fresh", "stale"}[min(snap.Freshness, cache.Stale)], took
	}
	other := startProcess(t, s, server.URL(), time.Hour)
	if state != "cold" {
		ask(user)
		awaitShared(t, other, user) // Nothing is under way when the fault begins.
	}
	if state == "stale" {
		p.awaitStale(t, user)
	}

	must(t, proxy.Set(mode))
	first, firstTook := ask(user)
	ask(user + " and another") // Notices if that one had no need of Redis.
	p.await(t, up, "0")
	errorsBefore := p.metric(silent)
	second, secondTook := ask(user + " and a third")
	if n := p.metric(silent); n != errorsBefore {
		t.Errorf("an answer waited for Redis after the fault was noticed (%s errors, were %s)", n, errorsBefore)
	}

	ended := time.Now()
	must(t, proxy.Set(redistest.Pass))
	p.await(t, up, "1")
	back := time.Since(ended).Round(time.Millisecond)
	calls := s.count()
	ask(user + " again")
	p.await(t, `progressbot_cache_upstream_total{outcome="ok"}`, fmt.Sprint(calls+1))
	awaitShared(t, other, user+" again")
	return fmt.Sprintf("%v\t%s\t%s\t%v\t%s\t%v\t%v", mode, state, first, firstTook, second, secondTook, back)
}

// awaitStale polls until a person's answer is no longer fresh.
func (p process) awaitStale(t *testing.T, user string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		if snap, ok := p.Peek(t.Context(), user); !ok || snap.Freshness == cache.Stale {
			return
		}
	}
}

// awaitShared polls until another process finds a person in Redis.
func awaitShared(t *testing.T, p process, user string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		if _, ok := p.Peek(ctx, user); ok {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("%s never came to Redis", user)
		}
	}
}

// TestRedisKilledUnderLoad kills and restarts the server while people ask.
func TestRedisKilledUnderLoad(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	s := newSource(whole(1))
	p := startProcess(t, s, server.URL(), time.Hour)
	ctx, stop := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	for i := range 8 {
		asking.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				snap, err := p.Programs(context.WithoutCancel(ctx), fmt.Sprint(i, " ", n), cache.AnyAge)
				if err != nil || len(snap.Programs) != 1 {
					t.Errorf("answer = %+v, %v", snap, err)
					return
				}
			}
		})
	}
	for range 3 {
		must(t, server.Kill())
		p.await(t, up, "0")
		must(t, server.Restart())
		p.await(t, up, "1")
	}
	stop()
	asking.Wait()
}

// TestRedisRefusesWrites has a server that answers, but takes nothing.
func TestRedisRefusesWrites(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]redistest.Fault{"full": redistest.Full, "read-only": redistest.ReadOnly} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			s := newSource(whole(1))
			p := startProcess(t, s, server.URL(), time.Hour)
			must(t, server.Break(fault))
			for i := range 3 {
				snap, err := p.Programs(t.Context(), fmt.Sprint(i), cache.AnyAge)
				if err != nil || snap.Freshness != cache.Fresh || len(snap.Programs) != 1 {
					t.Errorf("answer = %+v, %v, want a fresh one", snap, err)
				}
			}
			p.await(t, `progressbot_cache_redis_errors_total{kind="refused"}`, "6") // The lock and the answer of each.
			if got := p.metric(up); got != "1" {
				t.Errorf("a server that answers was cut off")
			}
			must(t, server.Break(redistest.Healthy))
			_, err := p.Programs(t.Context(), "after", cache.AnyAge)
			must(t, err)
			awaitShared(t, startProcess(t, s, server.URL(), time.Hour), "after")
		})
	}
}

// TestFullWhileLocked fills the server up while somebody holds the lock. The
// script that would store the answer must let go of the lock all the same.
func TestFullWhileLocked(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	s := newSource(whole(1))
	p := startProcess(t, s, server.URL(), time.Hour)
	release := s.hold()
	done := make(chan answer)
	go func() { done <- got(p.Programs(t.Context(), "ann", cache.AnyAge)) }()
	client, err := redisconn.Open(server.URL(), redisconn.Options{Timeout: time.Minute})
	must(t, err)
	t.Cleanup(func() { _ = client.Close() })
	const lock = "progressbot:cache:v1:{ann}:lock:o"
	for client.Exists(t.Context(), lock).Val() == 0 {
		must(t, t.Context().Err())
	}
	must(t, server.Break(redistest.Full))
	release()
	if d := cmp.Diff(answer{Collected: []int{1}}, <-done); d != "" {
		t.Errorf("answer (-want +got):\n%s", d)
	}
	p.Close() // Whatever it does behind the answer has ended.
	must(t, server.Break(redistest.Healthy))
	if redistest.Real() && client.Exists(t.Context(), lock).Val() != 0 {
		t.Error("the lock is still held") // The embedded stand-in runs no part of the script.
	}
}

// TestFlushAll empties the server between two asks.
func TestFlushAll(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	s := newSource(whole(1))
	p := startProcess(t, s, server.URL(), time.Hour)
	client, err := redisconn.Open(server.URL(), redisconn.Options{Timeout: time.Minute})
	must(t, err)
	t.Cleanup(func() { _ = client.Close() })
	_, err = p.Programs(t.Context(), "ann", cache.AnyAge)
	must(t, err)
	awaitShared(t, startProcess(t, s, server.URL(), time.Hour), "ann")

	// Scripts are gone, too.
	must(t, client.FlushAll(t.Context()).Err())
	must(t, client.ScriptFlush(t.Context()).Err())
	if a := got(p.Programs(t.Context(), "ann", cache.AnyAge)); a.Failed || a.Freshness != cache.Fresh {
		t.Errorf("answer = %+v, want the fresh one in memory", a)
	}
	_, err = p.Programs(t.Context(), "bob", cache.AnyAge)
	must(t, err)
	awaitShared(t, startProcess(t, s, server.URL(), time.Hour), "bob")
}

func TestForgetTellsOfAFailure(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	s := newSource(whole(1))
	p := startProcess(t, s, server.URL(), time.Hour)
	_, err := p.Programs(t.Context(), "ann", cache.AnyAge)
	must(t, err)
	must(t, server.Kill())
	if err := p.Forget(t.Context(), "ann"); err == nil {
		t.Error("Forget with a dead Redis = nil error")
	}
	if _, ok := p.Peek(t.Context(), "ann"); ok {
		t.Error("memory still knows")
	}
	must(t, server.Restart())
	// It is tried whether or not the cache has noticed that Redis is back.
	must(t, p.Forget(t.Context(), "ann"))
}

// TestForgetOnAFullServer: what a server takes no more of it still deletes.
func TestForgetOnAFullServer(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	s := newSource(whole(1))
	p, other := startProcess(t, s, server.URL(), time.Hour), startProcess(t, s, server.URL(), time.Hour)
	_, err := p.Programs(t.Context(), "ann", cache.AnyAge)
	must(t, err)
	p.Close() // It is stored behind the answer.
	must(t, server.Break(redistest.Full))
	if !redistest.Real() {
		return // The embedded stand-in runs no part of the script.
	}
	must(t, p.Forget(t.Context(), "ann"))
	if _, ok := other.Peek(t.Context(), "ann"); ok {
		t.Error("Redis still knows")
	}
}

// TestThousandAsksOverTwoProcesses is the promise of one call for many, with
// real threads and a real server.
func TestThousandAsksOverTwoProcesses(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	s := newSource(whole(1))
	a, b := startProcess(t, s, server.URL(), time.Hour), startProcess(t, s, server.URL(), time.Hour)
	var asking sync.WaitGroup
	for i := range 1000 {
		asking.Go(func() {
			if _, err := []process{a, b}[i%2].Programs(t.Context(), "ann", cache.AnyAge); err != nil {
				t.Error(err)
			}
		})
	}
	asking.Wait()
	n := s.count()
	if n > 2 {
		t.Errorf("the API was asked %d times, want at most twice", n)
	}
	t.Logf("a thousand asks over two processes made %d call(s)", n)
}

// TestCluster asks by way of a cluster, where what is touched together must be
// in one slot.
func TestCluster(t *testing.T) {
	t.Parallel()
	server := redistest.StartWith(t, redistest.Options{Cluster: true})
	s := newSource(whole(1), bare(1))
	a, b := startProcess(t, s, server.URL(), time.Hour), startProcess(t, s, server.URL(), time.Hour)
	for _, user := range []string{"ann", "bob", "odd }{ one", ""} {
		_, err := a.Programs(t.Context(), user, cache.AnyAge)
		must(t, err)
		_, err = a.Program(t.Context(), user, "bare", cache.AnyAge)
		must(t, err)
		awaitShared(t, b, user)
		must(t, b.Forget(t.Context(), user))
	}
	for _, kind := range []string{"silent", "refused", "garbage"} {
		if n := a.metric(fmt.Sprintf("progressbot_cache_redis_errors_total{kind=%q}", kind)); n != "0" {
			t.Errorf("%s errors: %s, want none", kind, n)
		}
	}
}

// TestStoreTidiesUp stores one more answer about a person with a real server's
// script engine, beside answers of every age.
func TestStoreTidiesUp(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := openClient(t, server.URL())
	const data = "progressbot:cache:v1:{ann}"
	now := time.Now()
	for field, age := range map[string]time.Duration{"p:new": time.Minute, "p:aging": 23 * time.Hour, "p:old": 25 * time.Hour, "p:ancient": 900 * time.Hour} {
		must(t, client.HSet(t.Context(), data, field, cache.Stored(now.Add(-age), 'j', []byte(`[{}]`))).Err())
	}
	p := startProcess(t, newSource(whole(1)), server.URL(), time.Hour)
	_, err := p.Programs(t.Context(), "ann", cache.AnyAge)
	must(t, err)
	p.Close() // It is stored behind the answer.
	got := client.HKeys(t.Context(), data).Val()
	slices.Sort(got)
	if d := cmp.Diff([]string{"o", "p:aging", "p:new", "t"}, got); d != "" {
		t.Errorf("stored (-want +got):\n%s", d)
	}
}

// TestForgottenIsNotStored stores an answer that was given just before the
// person was forgotten, as a process does that is late.
func TestForgottenIsNotStored(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		forgotten time.Duration // before the answer
		want      []string
	}{
		"before the answer": {time.Minute, []string{"f", "o", "t"}},
		"after the answer":  {-time.Minute, []string{"f"}},
		"long ago":          {25 * time.Hour, []string{"o", "t"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			client := openClient(t, server.URL())
			const data = "progressbot:cache:v1:{ann}"
			must(t, client.HSet(t.Context(), data, "f", time.Now().Add(-tc.forgotten).UnixMilli()).Err())
			p := startProcess(t, newSource(whole(1)), server.URL(), time.Hour)
			_, err := p.Programs(t.Context(), "ann", cache.AnyAge)
			must(t, err)
			p.Close() // It is stored behind the answer.
			got := client.HKeys(t.Context(), data).Val()
			slices.Sort(got)
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("stored (-want +got):\n%s", d)
			}
		})
	}
}

// TestKeyFaultsStayOut looks at Redis after the API has refused the key.
func TestKeyFaultsStayOut(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := openClient(t, server.URL())
	s := newSource(whole(1))
	s.set(&progressapi.Error{Op: "list programs", Kind: progressapi.ErrKeyRefused, Status: 400, Code: 1001})
	p := startProcess(t, s, server.URL(), time.Hour)
	if _, err := p.Programs(t.Context(), "ann", cache.AnyAge); err == nil {
		t.Fatal("a refused key = nil error")
	}
	p.Close() // the lock is released after the answer
	for _, key := range client.Keys(t.Context(), "*").Val() {
		if kind := client.Type(t.Context(), key).Val(); kind != "string" || !strings.Contains(key, ":lock:") {
			t.Errorf("a key fault left %s %q in Redis", kind, key)
		}
	}
}
