package cache_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"progressbot/progressapi"
	"progressbot/progressapi/cache"
)

// world is two processes that share a Redis, in a bubble of its own time.
type world struct {
	redis *redis.Client
	a, b  *cache.Cache
}

// sharing runs f with two caches of s that share a Redis.
func sharing(t *testing.T, s *source, o cache.Options, f func(*testing.T, world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		mini := miniredis.NewMiniRedis()
		mini.ClockTTL(true)
		defer mini.Close()
		client := redis.NewClient(&redis.Options{
			Addr:                  "127.0.0.1:1", // A name would be resolved, outside the bubble.
			Dialer:                func(context.Context, string, string) (net.Conn, error) { return mini.Dial() },
			ContextTimeoutEnabled: true, MaxRetries: -1, PipelinePoolSize: -1,
			MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		})
		defer client.Close()
		o.Redis = client
		w := world{redis: client, a: cache.New(s, o), b: cache.New(s, o)}
		defer w.a.Close()
		defer w.b.Close()
		f(t, w)
	})
}

func programs(t *testing.T, c *cache.Cache, user string, want cache.Want) answer {
	t.Helper()
	return got(c.Programs(t.Context(), user, want))
}

func TestProcessesShare(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1), bare(1))
	sharing(t, s, cache.Options{}, func(t *testing.T, w world) {
		check(t, s, 1, answer{Collected: []int{1, 1}}, programs(t, w.a, "ann", cache.AnyAge))
		time.Sleep(20 * time.Second)
		check(t, s, 1, answer{Collected: []int{1, 1}, Age: 20 * time.Second}, programs(t, w.b, "ann", cache.AnyAge))

		// The time of the answer travels with it: it is no fresher there.
		time.Sleep(10 * time.Second)
		s.set(nil, whole(2), bare(2))
		check(t, s, 2, answer{Collected: []int{1, 1}, Age: 30 * time.Second, Freshness: cache.Stale}, programs(t, w.b, "ann", cache.AnyAge))
		// And a memory copy gives way to what is newer in Redis.
		time.Sleep(time.Second)
		check(t, s, 2, answer{Collected: []int{2, 2}, Age: time.Second}, programs(t, w.a, "ann", cache.OnlyFresh))

		// One program, by way of the overview and on its own.
		check(t, s, 2, answer{Collected: []int{2}, Age: time.Second}, got(w.b.Program(t.Context(), "ann", "whole", cache.AnyAge)))
		check(t, s, 3, answer{Collected: []int{2}}, got(w.b.Program(t.Context(), "ann", "bare", cache.AnyAge)))
		check(t, s, 3, answer{Collected: []int{2}}, got(w.a.Program(t.Context(), "ann", "bare", cache.AnyAge)))

		// Nothing is an answer to share, too.
		s.set(nil)
		check(t, s, 4, answer{}, programs(t, w.a, "bob", cache.AnyAge))
		check(t, s, 4, answer{}, programs(t, w.b, "bob", cache.AnyAge))
	})
}

// TestOverviewFollowsAcrossProcesses has one process look at a program that
// another, or nobody else, has seen in an overview.
func TestOverviewFollowsAcrossProcesses(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1), bare(9))
	sharing(t, s, cache.Options{}, func(t *testing.T, w world) {
		check(t, s, 1, answer{Collected: []int{1, 9}}, programs(t, w.a, "ann", cache.AnyAge))
		time.Sleep(11 * time.Second)
		s.set(nil, whole(1), bare(10))
		check(t, s, 2, answer{Collected: []int{10}}, got(w.a.Program(t.Context(), "ann", "bare", cache.Renew)))
		// A process that knows nothing of the person.
		check(t, s, 2, answer{Collected: []int{1, 10}, Age: 11 * time.Second}, programs(t, w.b, "ann", cache.AnyAge))

		// A process whose overview is no longer fresh.
		time.Sleep(11 * time.Second)
		s.set(nil, whole(1), bare(8))
		check(t, s, 3, answer{Collected: []int{8}}, got(w.b.Program(t.Context(), "ann", "bare", cache.Renew)))
		time.Sleep(11 * time.Second)
		check(t, s, 4, answer{Collected: []int{1, 8}, Age: 33 * time.Second, Freshness: cache.Stale}, programs(t, w.a, "ann", cache.AnyAge))
	})
}

func TestRenewAcrossProcesses(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1), bare(1))
	sharing(t, s, cache.Options{}, func(t *testing.T, w world) {
		check(t, s, 1, answer{Collected: []int{1, 1}}, programs(t, w.a, "ann", cache.AnyAge))
		check(t, s, 1, answer{Collected: []int{1, 1}}, programs(t, w.b, "ann", cache.AnyAge))
		time.Sleep(15 * time.Second)
		check(t, s, 2, answer{Collected: []int{1}}, got(w.a.Program(t.Context(), "ann", "bare", cache.AnyAge)))
		time.Sleep(9 * time.Second)
		// The other process has asked about the person 9 seconds ago.
		check(t, s, 2, answer{Collected: []int{1, 1}, Age: 24 * time.Second}, programs(t, w.b, "ann", cache.Renew))
		time.Sleep(time.Second)
		check(t, s, 3, answer{Collected: []int{1, 1}}, programs(t, w.b, "ann", cache.Renew))
		check(t, s, 3, answer{Collected: []int{1, 1}}, programs(t, w.a, "ann", cache.Renew))
	})
}

func TestOneCallForTwoProcesses(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1))
	sharing(t, s, cache.Options{RedisBudget: time.Minute}, func(t *testing.T, w world) {
		release := s.hold()
		var asking sync.WaitGroup
		for i := range 1000 {
			asking.Go(func() {
				if a := programs(t, []*cache.Cache{w.a, w.b}[i%2], "ann", cache.AnyAge); a.Failed {
					t.Error(a.Why)
				}
			})
		}
		time.Sleep(500 * time.Millisecond) // One asks, the other waits for the lock.
		release()
		asking.Wait()
		if n := s.count(); n != 1 {
			t.Errorf("the API was asked %d times, want once", n)
		}
	})
}

func TestSlowHolderIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1))
	sharing(t, s, cache.Options{}, func(t *testing.T, w world) {
		release := s.hold()
		began := time.Now()
		var asking sync.WaitGroup
		asking.Go(func() { programs(t, w.a, "ann", cache.AnyAge) })
		asking.Go(func() { programs(t, w.b, "ann", cache.AnyAge) })
		for s.count() < 2 {
			time.Sleep(10 * time.Millisecond)
		}
		if d := time.Since(began); d < time.Second || d > 1100*time.Millisecond {
			t.Errorf("the second process went on its own after %v, want about 1s", d)
		}
		release()
		asking.Wait()
	})
}

func TestFailedHolderLetsGo(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1))
	s.set(errDown)
	sharing(t, s, cache.Options{}, func(t *testing.T, w world) {
		began := time.Now()
		check(t, s, 1, answer{Failed: true, Why: progressapi.ErrUnavailable}, programs(t, w.a, "ann", cache.AnyAge))
		s.set(nil, whole(1))
		check(t, s, 2, answer{Collected: []int{1}}, programs(t, w.b, "ann", cache.AnyAge))
		if d := time.Since(began); d > 100*time.Millisecond {
			t.Errorf("the second process was held up for %v", d)
		}
	})
}

// TestLocks asks with a lock in the way.
func TestLocks(t *testing.T) {
	t.Parallel()
	const lock = "progressbot:cache:v1:{ann}:lock:o"
	for name, tc := range map[string]struct {
		block    func(context.Context, *redis.Client) error
		min, max time.Duration
	}{
		"none":             {func(context.Context, *redis.Client) error { return nil }, 0, 0},
		"of a dead holder": {func(ctx context.Context, r *redis.Client) error { return r.Set(ctx, lock, "x", 3*time.Second).Err() }, time.Second, 1100 * time.Millisecond},
		"about to end": {func(ctx context.Context, r *redis.Client) error {
			return r.Set(ctx, lock, "x", 300*time.Millisecond).Err()
		}, 300 * time.Millisecond, 400 * time.Millisecond},
		"without end":     {func(ctx context.Context, r *redis.Client) error { return r.Set(ctx, lock, "x", 0).Err() }, 0, 0},
		"far too long":    {func(ctx context.Context, r *redis.Client) error { return r.Set(ctx, lock, "x", time.Hour).Err() }, 0, 0},
		"of another type": {func(ctx context.Context, r *redis.Client) error { return r.LPush(ctx, lock, "x").Err() }, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSource(whole(1))
			sharing(t, s, cache.Options{}, func(t *testing.T, w world) {
				if err := tc.block(t.Context(), w.redis); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				a := programs(t, w.a, "ann", cache.AnyAge)
				if d := time.Since(began); d < tc.min || d > tc.max {
					t.Errorf("the answer took %v, want %v to %v", d, tc.min, tc.max)
				}
				check(t, s, 1, answer{Collected: []int{1}}, a)
				// It is stored all the same.
				check(t, s, 1, answer{Collected: []int{1}}, programs(t, w.b, "ann", cache.AnyAge))
			})
		})
	}
}

// TestLostLockIsNotReleased shows that a holder whose lease has ended leaves
// the lock of the next one alone.
// TestRefreshesAreBoundedAndShared has more people come back to stale answers
// than may be refreshed at once. Every refresh that does start stores its
// answer and releases its lock, even with the most of them running.
func TestRefreshesAreBoundedAndShared(t *testing.T) {
	t.Parallel()
	const people = 2 * cache.MaxRefreshes
	s := newSource(whole(1))
	sharing(t, s, cache.Options{TTL: time.Minute}, func(t *testing.T, w world) {
		ask := func() {
			for i := range people {
				programs(t, w.a, fmt.Sprint("person", i), cache.AnyAge)
			}
			synctest.Wait()
		}
		ask()
		time.Sleep(2 * time.Minute)
		release := s.hold()
		ask()
		if n := s.count(); n != people+cache.MaxRefreshes {
			t.Errorf("%d calls, want %d and %d refreshes", n, people, cache.MaxRefreshes)
		}
		s.set(nil, whole(2))
		release()
		synctest.Wait()

		locks, err := w.redis.Keys(t.Context(), "*:lock:*").Result()
		if err != nil || len(locks) != 0 {
			t.Errorf("%d locks are left, error %v", len(locks), err)
		}
		shared := 0
		for i := range people {
			if slices.Equal(programs(t, w.b, fmt.Sprint("person", i), cache.AnyAge).Collected, []int{2}) {
				shared++
			}
		}
		if shared != cache.MaxRefreshes {
			t.Errorf("another process sees %d new answers, want %d", shared, cache.MaxRefreshes)
		}
	})
}

func TestLostLockIsNotReleased(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1))
	sharing(t, s, cache.Options{}, func(t *testing.T, w world) {
		release := s.hold()
		var asking sync.WaitGroup
		asking.Go(func() { programs(t, w.a, "ann", cache.AnyAge) })
		time.Sleep(4 * time.Second)
		if err := w.redis.Set(t.Context(), "progressbot:cache:v1:{ann}:lock:o", "another's", 3*time.Second).Err(); err != nil {
			t.Fatal(err)
		}
		release()
		asking.Wait()
		synctest.Wait()
		if got := w.redis.Get(t.Context(), "progressbot:cache:v1:{ann}:lock:o").Val(); got != "another's" {
			t.Errorf("the lock holds %q, want another's", got)
		}
	})
}

// TestWhatIsStored shows the whole of Redis after a few asks.
func TestWhatIsStored(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1), bare(1), progressapi.Program{ID: "../odd {id}\r\n", Size: 1})
	sharing(t, s, cache.Options{Stale: time.Hour}, func(t *testing.T, w world) {
		ctx := t.Context()
		w.a.Programs(ctx, "ann", cache.AnyAge)
		w.a.Program(ctx, "ann", "bare", cache.AnyAge)
		w.a.Program(ctx, "ann", "made up", cache.AnyAge)
		w.a.Program(ctx, "ann", "../odd {id}\r\n", cache.AnyAge)
		w.a.Programs(ctx, "}{\x00 odd", cache.AnyAge)
		w.a.Programs(ctx, "", cache.AnyAge)
		synctest.Wait()
		s.set(&progressapi.Error{Op: "x", Kind: progressapi.ErrKeyRefused})
		w.a.Programs(ctx, "bob", cache.AnyAge)
		synctest.Wait()

		stored := map[string][]string{}
		for _, key := range w.redis.Keys(ctx, "*").Val() {
			stored[key] = w.redis.HKeys(ctx, key).Val()
			if ttl := w.redis.TTL(ctx, key).Val(); ttl != time.Hour {
				t.Errorf("%q expires in %v, want 1h", key, ttl)
			}
		}
		want := map[string][]string{
			"progressbot:cache:v1:{ann}":                               {"o", "p:#3f5313799c48580bc2daeec5be19403f", "p:bare", "t"},
			"progressbot:cache:v1:{#d558dade5e04f0c66c282eaca47b93ba}": {"o", "t"},
			"progressbot:cache:v1:{#e3b0c44298fc1c149afbf4c8996fb924}": {"o", "t"},
		}
		if d := cmp.Diff(want, stored); d != "" {
			t.Errorf("stored (-want +got):\n%s", d)
		}
	})
}

func TestFieldsAreBounded(t *testing.T) {
	t.Parallel()
	var many []progressapi.Program
	for i := range 200 {
		many = append(many, progressapi.Program{ID: fmt.Sprint("p", i), Size: 5})
	}
	s := newSource(many...)
	sharing(t, s, cache.Options{}, func(t *testing.T, w world) {
		for _, p := range many {
			w.a.Program(t.Context(), "ann", p.ID, cache.AnyAge)
			synctest.Wait()
		}
		if n := w.redis.HLen(t.Context(), "progressbot:cache:v1:{ann}").Val(); n == 0 || n > 65 {
			t.Errorf("the person has %d fields, want 1 to 65", n)
		}
	})
}

// TestOldAnswersLeaveRedis has somebody come back every few hours, who looks at
// one more program now and then. No answer stays longer than is kept, and what is
// younger does not go with it.
func TestOldAnswersLeaveRedis(t *testing.T) {
	t.Parallel()
	s := newSource(bare(1), progressapi.Program{ID: "first", Size: 5}, progressapi.Program{ID: "second", Size: 5})
	sharing(t, s, cache.Options{Stale: 24 * time.Hour}, func(t *testing.T, w world) {
		fields := func() []string {
			synctest.Wait()
			return w.redis.HKeys(t.Context(), "progressbot:cache:v1:{ann}").Val()
		}
		var got [][]string
		for _, step := range []struct {
			wait    time.Duration
			program string // empty: the overview
		}{
			{0, "first"}, {10 * time.Hour, "second"}, {10 * time.Hour, ""}, {4 * time.Hour, ""}, {9 * time.Hour, ""}, {time.Hour, ""},
		} {
			time.Sleep(step.wait)
			if step.program == "" {
				programs(t, w.a, "ann", cache.AnyAge)
			} else {
				_, _ = w.a.Program(t.Context(), "ann", step.program, cache.AnyAge)
			}
			got = append(got, fields())
		}
		want := [][]string{
			{"p:first", "t"}, {"p:first", "p:second", "t"}, {"o", "p:first", "p:second", "t"},
			{"o", "p:second", "t"}, {"o", "p:second", "t"}, {"o", "t"},
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("stored after each look (-want +got):\n%s", d)
		}
		time.Sleep(24 * time.Hour)
		if rest := fields(); len(rest) != 0 {
			t.Errorf("a day later there is %q, want nothing", rest)
		}
	})
}

// TestAPersonIsBoundedInRedis has many answers of half a megabyte each.
func TestAPersonIsBoundedInRedis(t *testing.T) {
	t.Parallel()
	var many []progressapi.Program
	for i := range 8 {
		noise := make([]byte, 450<<10)
		_, _ = rand.NewChaCha8([32]byte{byte(i)}).Read(noise)
		many = append(many, progressapi.Program{ID: fmt.Sprint("p", i), Size: 5, Name: hex.EncodeToString(noise)})
	}
	s := newSource(many...)
	sharing(t, s, cache.Options{RedisBudget: time.Minute}, func(t *testing.T, w world) {
		for _, p := range many {
			_, _ = w.a.Program(t.Context(), "ann", p.ID, cache.AnyAge)
			synctest.Wait()
			size := 0
			stored := w.redis.HGetAll(t.Context(), "progressbot:cache:v1:{ann}").Val()
			for _, value := range stored {
				size += len(value)
			}
			if stored["p:"+p.ID] == "" || size > 2<<20 {
				t.Errorf("after %s there are %d fields of %d bytes, want it, and at most 2 MiB", p.ID, len(stored), size)
			}
		}
	})
}

func TestForgetInRedis(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1), bare(1))
	sharing(t, s, cache.Options{}, func(t *testing.T, w world) {
		for _, c := range []*cache.Cache{w.a, w.b} {
			programs(t, c, "ann", cache.AnyAge)
			got(c.Program(t.Context(), "ann", "bare", cache.AnyAge))
			synctest.Wait()
		}
		time.Sleep(5 * time.Second) // Beyond the lease of the locks.
		if err := w.a.Forget(t.Context(), "ann"); err != nil {
			t.Fatalf("Forget: %v", err)
		}
		const data = "progressbot:cache:v1:{ann}"
		if keys := w.redis.Keys(t.Context(), "*").Val(); !slices.Equal(keys, []string{data}) {
			t.Errorf("Redis still holds %q", keys)
		}
		// All that is left is when it was.
		want := map[string]string{"f": strconv.FormatInt(time.Now().UnixMilli(), 10)}
		if d := cmp.Diff(want, w.redis.HGetAll(t.Context(), data).Val()); d != "" {
			t.Errorf("left about the person (-want +got):\n%s", d)
		}
		if _, ok := w.a.Peek(t.Context(), "ann"); ok {
			t.Error("the process that forgot still knows")
		}
		// The other one finds out when its copy is no longer fresh.
		time.Sleep(30 * time.Second)
		if _, ok := w.b.Peek(t.Context(), "ann"); ok {
			t.Error("the other process still knows after TTL")
		}
		s.set(errDown)
		check(t, s, 3, answer{Failed: true, Why: progressapi.ErrUnavailable}, got(w.b.Program(t.Context(), "ann", "bare", cache.AnyAge)))
	})
}

// TestForgetReachesWhatIsNotShared has answers that only the memory of another
// process holds, because they are too big for Redis.
func TestForgetReachesWhatIsNotShared(t *testing.T) {
	t.Parallel()
	big := bare(1)
	noise := make([]byte, 3<<19)
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
	big.Name = hex.EncodeToString(noise)
	s := newSource(big)
	sharing(t, s, cache.Options{}, func(t *testing.T, w world) {
		overview := func(c *cache.Cache) answer { return programs(t, c, "ann", cache.AnyAge) }
		program := func(c *cache.Cache) answer { return got(c.Program(t.Context(), "ann", "bare", cache.AnyAge)) }
		check(t, s, 1, answer{Collected: []int{1}}, overview(w.b))
		check(t, s, 2, answer{Collected: []int{1}}, program(w.b))
		time.Sleep(time.Second)
		if err := w.a.Forget(t.Context(), "ann"); err != nil {
			t.Fatalf("Forget: %v", err)
		}
		time.Sleep(30 * time.Second)
		if _, ok := w.b.Peek(t.Context(), "ann"); ok {
			t.Error("the other process still knows after TTL")
		}
		s.set(errDown)
		check(t, s, 3, answer{Failed: true, Why: progressapi.ErrUnavailable}, overview(w.b))
		check(t, s, 4, answer{Failed: true, Why: progressapi.ErrUnavailable}, program(w.b))

		// What is learnt afterwards is kept as ever.
		s.set(nil, big)
		check(t, s, 5, answer{Collected: []int{1}}, overview(w.b))
		time.Sleep(31 * time.Second)
		check(t, s, 6, answer{Collected: []int{1}, Age: 31 * time.Second, Freshness: cache.Stale}, overview(w.b))
	})
}

// TestForgottenIsRemembered looks at somebody again and again after they were
// forgotten, for longer than anything is kept.
func TestForgottenIsRemembered(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1))
	sharing(t, s, cache.Options{Stale: 24 * time.Hour}, func(t *testing.T, w world) {
		if err := w.a.Forget(t.Context(), "ann"); err != nil {
			t.Fatalf("Forget: %v", err)
		}
		var got [][]string
		for range 3 {
			time.Sleep(11 * time.Hour)
			programs(t, w.b, "ann", cache.AnyAge)
			synctest.Wait()
			got = append(got, w.redis.HKeys(t.Context(), "progressbot:cache:v1:{ann}").Val())
		}
		if d := cmp.Diff([][]string{{"f", "o", "t"}, {"f", "o", "t"}, {"o", "t"}}, got); d != "" {
			t.Errorf("stored after each look (-want +got):\n%s", d)
		}
	})
}

// TestGarbage puts something else under our key.
func TestGarbage(t *testing.T) {
	t.Parallel()
	const data = "progressbot:cache:v1:{ann}"
	put := func(value string) func(context.Context, *redis.Client) error {
		return func(ctx context.Context, r *redis.Client) error { return r.HSet(ctx, data, "o", value).Err() }
	}
	good := func(at time.Time, payload string) string { return string(cache.Stored(at, 'j', []byte(payload))) }
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // The beginning of a bubble's time.
	whole1 := good(now, `[{"id":"x","collected":9}]`)
	for name, spoil := range map[string]func(context.Context, *redis.Client) error{
		"text":             put("hello"),
		"empty":            put(""),
		"JSON":             put(`[{"id":"x"}]`),
		"magic only":       put("pbc1"),
		"truncated":        put(whole1[:len(whole1)-2]),
		"a bit flipped":    put(whole1[:len(whole1)-5] + "X" + whole1[len(whole1)-4:]),
		"another form":     put(string(cache.Stored(now, 'x', []byte(`[]`)))),
		"no deflate":       put(string(cache.Stored(now, 'z', []byte(`[]`)))),
		"deflate bomb":     put(string(cache.Stored(now, 'z', cache.Bomb(1<<25)))),
		"no JSON":          put(good(now, `[{`)),
		"other JSON":       put(good(now, `{"id":1}`)),
		"from the future":  put(good(now.Add(time.Hour), `[]`)),
		"end of time":      put(good(time.UnixMilli(1<<62), `[]`)),
		"a string":         func(ctx context.Context, r *redis.Client) error { return r.Set(ctx, data, whole1, 0).Err() },
		"a list":           func(ctx context.Context, r *redis.Client) error { return r.LPush(ctx, data, whole1).Err() },
		"success in words": func(ctx context.Context, r *redis.Client) error { return r.HSet(ctx, data, "t", "soon").Err() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSource(whole(1))
			sharing(t, s, cache.Options{}, func(t *testing.T, w world) {
				if err := spoil(t.Context(), w.redis); err != nil {
					t.Fatal(err)
				}
				if _, ok := w.b.Peek(t.Context(), "ann"); ok {
					t.Error("Peek believes it")
				}
				began := time.Now()
				check(t, s, 1, answer{Collected: []int{1}}, programs(t, w.a, "ann", cache.AnyAge))
				if d := time.Since(began); d != 0 {
					t.Errorf("the answer took %v", d)
				}
				check(t, s, 1, answer{Collected: []int{1}}, programs(t, w.b, "ann", cache.AnyAge))
				if ttl := w.redis.TTL(t.Context(), data).Val(); ttl <= 0 {
					t.Errorf("the key expires in %v", ttl)
				}
			})
		})
	}
	t.Run("is not garbage", func(t *testing.T) {
		t.Parallel()
		s := newSource(whole(1))
		sharing(t, s, cache.Options{}, func(t *testing.T, w world) {
			if err := put(whole1)(t.Context(), w.redis); err != nil {
				t.Fatal(err)
			}
			check(t, s, 0, answer{Collected: []int{9}}, programs(t, w.a, "ann", cache.AnyAge))
		})
	})
}

// TestGarbageSparesMemory shows that garbage in Redis is no reason to give up
// what memory knows.
func TestGarbageSparesMemory(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1))
	sharing(t, s, cache.Options{}, func(t *testing.T, w world) {
		programs(t, w.a, "ann", cache.AnyAge)
		synctest.Wait()
		if err := w.redis.Set(t.Context(), "progressbot:cache:v1:{ann}", "x", 0).Err(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(31 * time.Second)
		check(t, s, 2, answer{Collected: []int{1}, Age: 31 * time.Second, Freshness: cache.Stale}, programs(t, w.a, "ann", cache.AnyAge))
	})
}

func TestTooBigToShare(t *testing.T) {
	t.Parallel()
	p := whole(1)
	noise := make([]byte, 3<<19) // Packing does not get it below the bound.
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
	p.Description = hex.EncodeToString(noise)
	s := newSource(p)
	sharing(t, s, cache.Options{}, func(t *testing.T, w world) {
		check(t, s, 1, answer{Collected: []int{1}}, programs(t, w.a, "ann", cache.AnyAge))
		check(t, s, 1, answer{Collected: []int{1}}, programs(t, w.a, "ann", cache.AnyAge))
		check(t, s, 2, answer{Collected: []int{1}}, programs(t, w.b, "ann", cache.AnyAge))
		if n := w.redis.Exists(t.Context(), "progressbot:cache:v1:{ann}").Val(); n != 0 {
			t.Error("it was stored")
		}
		time.Sleep(31 * time.Second)
		check(t, s, 3, answer{Collected: []int{1}, Age: 31 * time.Second, Freshness: cache.Stale}, programs(t, w.a, "ann", cache.AnyAge))
	})
}
