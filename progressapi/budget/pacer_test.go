package budget_test

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"pgregory.net/rapid"

	"progressbot/bot/redisconn"
	"progressbot/bot/redisconn/redistest"
	"progressbot/progressapi/budget"
)

// inMemory returns a client of mini that needs no network.
func inMemory(mini *miniredis.Miniredis) *redis.Client {
	return redis.NewClient(&redis.Options{
		Addr:                  "127.0.0.1:1", // A name would be resolved.
		Dialer:                func(context.Context, string, string) (net.Conn, error) { return mini.Dial() },
		ContextTimeoutEnabled: true, MaxRetries: -1, PipelinePoolSize: -1,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
}

const start = int64(1_800_000_000_000_000) // Microseconds since 1970.

// TestPacerKeepsTheRate asks in every way there is and looks at every second.
func TestPacerKeepsTheRate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.OneOf(rapid.Float64Range(0.05, 3), rapid.Float64Range(3, 50)).Draw(t, "rate")
		p := budget.InGo()
		now := start
		var starts []int64
		paused := int64(0)
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			now += rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 3_000_000)).Draw(t, "passed")
			switch rapid.IntRange(0, 20).Draw(t, "what") {
			case 0:
				wait := rapid.Int64Range(0, 5_000_000).Draw(t, "retry after")
				p.Punish(now, wait)
				paused = max(paused, now+wait)
			case 1, 2, 3, 4, 5:
				if wait, ok := p.Take(now, 0, rate, true); ok {
					if wait != 0 || now < paused {
						t.Fatalf("background work may start at %d after %d, though paused until %d", now, wait, paused)
					}
					starts = append(starts, now)
				}
			default:
				patience := rapid.Int64Range(0, 5_000_000).Draw(t, "patience")
				wait, ok := p.Take(now, patience, rate, false)
				if wait < 0 || ok && wait > patience {
					t.Fatalf("wait = %d with a patience of %d", wait, patience)
				}
				if ok {
					if now+wait < paused {
						t.Fatalf("promised %d, though paused until %d", now+wait, paused)
					}
					starts = append(starts, now+wait)
				}
			}
		}
		n, per := max(1, int(rate)), int64(1e6/min(1, rate))
		for i := n; i < len(starts); i++ {
			if starts[i]-starts[i-n] < per {
				t.Fatalf("%d starts within %d µs at a rate of %g", n+1, starts[i]-starts[i-n], rate)
			}
		}
	})
}

// TestLuaIsTheSame has both do the same at the same times.
func TestLuaIsTheSame(t *testing.T) {
	t.Parallel()
	mini := miniredis.NewMiniRedis()
	t.Cleanup(mini.Close)
	client := inMemory(mini)
	t.Cleanup(func() { _ = client.Close() })
	setTime := func(micros int64) { mini.SetTime(time.UnixMicro(micros)) }
	rapid.Check(t, func(t *rapid.T) {
		mini.FlushAll()
		inGo := budget.InGo()
		inLua := budget.InLua(context.Background(), client, setTime, func(err error) { t.Fatalf("script: %v", err) })
		rate := rapid.OneOf(rapid.Float64Range(0.05, 3), rapid.Float64Range(3, 50)).Draw(t, "rate")
		now := start
		for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
			now += rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 20_000_000)).Draw(t, "passed")
			if rapid.IntRange(0, 6).Draw(t, "what") == 0 {
				wait := rapid.Int64Range(0, 5_000_000).Draw(t, "retry after")
				inGo.Punish(now, wait)
				inLua.Punish(now, wait)
				continue
			}
			patience := rapid.Int64Range(0, 5_000_000).Draw(t, "patience")
			background := rapid.Bool().Draw(t, "background")
			wait, ok := inGo.Take(now, patience, rate, background)
			luaWait, luaOK := inLua.Take(now, patience, rate, background)
			if wait != luaWait || ok != luaOK {
				t.Fatalf("step %d: Go says %d, %v and Lua %d, %v", i, wait, ok, luaWait, luaOK)
			}
		}
	})
}

// garbage is what else may stand under our keys.
func garbage() map[string]func(context.Context, redis.UniversalClient) error {
	future := fmt.Sprint(start * 2)
	return map[string]func(context.Context, redis.UniversalClient) error{
		"nothing": func(context.Context, redis.UniversalClient) error { return nil },
		"starts of another type": func(ctx context.Context, c redis.UniversalClient) error {
			return c.Set(ctx, budget.KeyStarts, "x", 0).Err()
		},
		"state of another type": func(ctx context.Context, c redis.UniversalClient) error {
			return c.RPush(ctx, budget.KeyState, "x").Err()
		},
		"members of another type": func(ctx context.Context, c redis.UniversalClient) error {
			return c.Set(ctx, budget.KeyMembers, "x", 0).Err()
		},
		"starts in words": func(ctx context.Context, c redis.UniversalClient) error {
			return c.RPush(ctx, budget.KeyStarts, "x", "y").Err()
		},
		"starts far ahead": func(ctx context.Context, c redis.UniversalClient) error {
			return c.RPush(ctx, budget.KeyStarts, future).Err()
		},
		"state in words": func(ctx context.Context, c redis.UniversalClient) error {
			return c.HSet(ctx, budget.KeyState, "factor", "x", "grown", "y", "halved", "", "until", "nan").Err()
		},
		"state far off": func(ctx context.Context, c redis.UniversalClient) error {
			return c.HSet(ctx, budget.KeyState, "factor", "-inf", "grown", future, "halved", future, "until", future).Err()
		},
	}
}

// TestScriptsOutliveGarbage finds something else under each key, on whatever
// server there is.
func TestScriptsOutliveGarbage(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client, err := redisconn.Open(server.URL(), redisconn.Options{Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	for name, spoil := range garbage() {
		t.Run(name, func(t *testing.T) {
			if err := client.FlushAll(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
			if err := spoil(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			p := budget.InLua(t.Context(), client, func(int64) {}, func(err error) { t.Errorf("script: %v", err) })
			if wait, ok := p.Take(0, 0, 5, false); wait != 0 || !ok {
				t.Errorf("Take = %d, %v, want a start at once", wait, ok)
			}
			p.Punish(0, 1800e6)
			if wait, ok := p.Take(0, 5e6, 5, false); wait < 1700e6 || wait > 1800e6 || ok {
				t.Errorf("Take after a 429 = %d, %v, want a pause of half an hour", wait, ok)
			}
		})
	}
}

// TestServerSharesTheRate has two processes ask a real server where there is
// one, by itself and in a cluster.
func TestServerSharesTheRate(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]redistest.Options{"alone": {}, "cluster": {Cluster: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.StartWith(t, o)
			if n := startsOfTwo(t, server.URL()); n != 1 {
				t.Errorf("%d attempts started, want 1 in a thousand seconds", n)
			}
		})
	}
}

// startsOfTwo has two processes ask three times each at a rate of 0.001.
func startsOfTwo(t *testing.T, url string) (granted int) {
	t.Helper()
	for range 2 {
		client, err := redisconn.Open(url, redisconn.Options{Timeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		b := budget.New(budget.Options{Rate: 0.001, Redis: client, RedisBudget: 10 * time.Second})
		t.Cleanup(b.Close)
		for range 3 {
			if done, err := b.Enter(t.Context(), person); err == nil {
				granted++
				done(limited)
			}
		}
		if !b.State().Shared {
			t.Error("the rate is not shared")
		}
	}
	return granted
}

// TestWaitersAreSpaced has thirty ask at once: what is held up on its way by a
// few of them does not become twice the rate.
func TestWaitersAreSpaced(t *testing.T) {
	t.Parallel()
	p := budget.InGo()
	for i := range 30 {
		wait, ok := p.Take(start, 5e6, 10, false)
		want := int64(max(0, i-9)) * 105_000
		if i > 9 {
			want += 945_000 // The first waits until the window has passed.
		}
		if !ok || wait != want {
			t.Errorf("the wait of number %d is %d µs, %v, want %d", i+1, wait, ok, want)
		}
	}
}
