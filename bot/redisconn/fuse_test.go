package redisconn_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"progressbot/bot/redisconn"
	"progressbot/bot/redisconn/redistest"
)

// TestFuse follows a server that falls silent and comes back.
func TestFuse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var silent atomic.Bool
		var pings, tried atomic.Int64
		answer := func(ctx context.Context) error {
			if silent.Load() {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}
		hook := redisconn.NewFuse(500*time.Millisecond, func(ctx context.Context) error {
			pings.Add(1)
			return answer(ctx)
		})
		process := hook.ProcessHook(func(ctx context.Context, _ redis.Cmder) error {
			tried.Add(1)
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			return answer(ctx)
		})
		do := func() (took time.Duration, err error) {
			began := time.Now()
			err = process(t.Context(), redis.NewCmd(t.Context(), "get", "x"))
			return time.Since(began), err
		}

		if took, err := do(); took != 0 || err != nil {
			t.Fatalf("with a server that is well it took %v, %v", took, err)
		}
		silent.Store(true)
		if took, err := do(); took != time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("the first to meet the silence took %v, %v, want a second", took, err)
		}
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		tried.Store(0)
		pings.Store(0)
		for range 100 {
			if took, err := do(); took != 0 || !errors.Is(err, redisconn.ErrSilent) {
				t.Fatalf("one who came later took %v, %v, want no time", took, err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if tried, pings := tried.Load(), pings.Load(); tried != 0 || pings < 10 || pings > 14 {
			t.Errorf("%d were tried, and %d pings in ten seconds, want none and one each 750 ms or a little more", tried, pings)
		}
		silent.Store(false)
		time.Sleep(time.Second) // For the ping under way, and to the next.
		_, _ = do()
		synctest.Wait()
		if took, err := do(); took != 0 || err != nil {
			t.Errorf("once the server was back it took %v, %v", took, err)
		}
	})
}

// TestFuseCloses while a ping is under way, which ends with it.
func TestFuseCloses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var pings, ended atomic.Int64
		hook := redisconn.NewFuse(time.Hour, func(ctx context.Context) error {
			pings.Add(1)
			<-ctx.Done()
			time.Sleep(time.Second) // to give up
			ended.Add(1)
			return ctx.Err()
		})
		process := hook.ProcessHook(func(context.Context, redis.Cmder) error { return context.DeadlineExceeded })
		for range 2 {
			if err := process(t.Context(), redis.NewCmd(t.Context(), "get", "x")); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error = %v", err)
			}
			synctest.Wait()
			hook.Close()
			if pings, ended := pings.Load(), ended.Load(); pings != 1 || ended != 1 {
				t.Errorf("%d pings began and %d have ended, want one", pings, ended)
			}
			time.Sleep(time.Minute)
		}
	})
}

// TestFuseIgnoresAnswers has a server that refuses, and one that hangs up.
func TestFuseIgnoresAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var pings atomic.Int64
		hook := redisconn.NewFuse(time.Second, func(context.Context) error { pings.Add(1); return nil })
		for _, fault := range []error{redis.Nil, redis.TxFailedErr, errors.New("EOF"), context.Canceled} {
			process := hook.ProcessPipelineHook(func(context.Context, []redis.Cmder) error { return fault })
			if err := process(t.Context(), nil); !errors.Is(err, fault) {
				t.Errorf("error = %v, want %v", err, fault)
			}
		}
		synctest.Wait()
		if n := pings.Load(); n != 0 {
			t.Errorf("the server was pinged %d times, want never", n)
		}
	})
}

// TestFuseOfAClient has a server that swallows what it is asked.
func TestFuseOfAClient(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	proxy := redistest.StartProxy(t, server.Addr())
	c := open(t, proxy.URL(), redisconn.Options{Timeout: 200 * time.Millisecond})
	t.Cleanup(redisconn.AddFuse(c, 100*time.Millisecond, func(ctx context.Context) error { return c.Ping(ctx).Err() }).Close)
	until := func(want error) {
		t.Helper()
		for {
			_, single := c.Get(t.Context(), "x").Result()
			_, piped := c.Pipelined(t.Context(), func(p redis.Pipeliner) error { return p.Get(t.Context(), "x").Err() })
			if errors.Is(single, want) && errors.Is(piped, want) {
				return
			}
			if t.Context().Err() != nil {
				t.Fatalf("errors = %v and %v, want %v", single, piped, want)
			}
		}
	}
	for _, step := range []struct {
		mode redistest.Mode
		want error
	}{{redistest.Pass, redis.Nil}, {redistest.BlackHole, redisconn.ErrSilent}, {redistest.Pass, redis.Nil}, {redistest.Freeze, redisconn.ErrSilent}, {redistest.Pass, redis.Nil}} {
		if err := proxy.Set(step.mode); err != nil {
			t.Fatal(err)
		}
		until(step.want)
	}
}
