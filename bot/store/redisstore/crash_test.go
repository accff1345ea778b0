package redisstore_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"progressbot/bot/redisconn"
	"progressbot/bot/redisconn/redistest"
	"progressbot/bot/store"
	"progressbot/bot/store/redisstore"
	"progressbot/bot/store/storetest"
)

// TestKilledServer kills a Redis with an append-only file at random moments.
// Whatever the store had acknowledged is there when it is back, and the store
// goes on by itself.
func TestKilledServer(t *testing.T) {
	t.Parallel()
	server := redistest.StartWith(t, redistest.Options{AppendOnly: true})
	s := openStore(t, server.URL())
	n := 0
	for range 5 {
		first, kill := n+1, n+1+rand.IntN(50)
		acks := make(chan int)
		go func() {
			defer close(acks)
			for i := first; storetest.WriteOne(t.Context(), s, i) == nil; i++ {
				acks <- i
			}
		}()
		for n = range acks {
			if n != kill {
				continue
			}
			if err := server.Kill(); err != nil {
				t.Error(err)
			}
		}
		if n < kill {
			t.Fatalf("write %d failed before the server was killed", n+1)
		}
		if err := server.Restart(); err != nil {
			t.Fatal(err)
		}
		storetest.CheckWritten(t, s, n)
	}
	storetest.CheckWritten(t, openStore(t, server.URL()), n)
}

// openStore opens a store that is closed with the test.
func openStore(tb testing.TB, url string) *store.Store {
	tb.Helper()
	d, err := open(url)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := store.Open(tb.Context(), d)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// TestLostAnswer loses the answer to every change in turn: it was made, and
// the store does not know. Making it again ends in the same.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	client, err := redisconn.Open(redistest.Start(t).URL(), redisconn.Options{Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	hook := &loseAnswer{}
	client.AddHook(hook)
	s, err := store.Open(t.Context(), redisstore.New(client))
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; ; n++ {
		hook.after.Store(int64(n))
		err := storetest.WriteOne(t.Context(), s, n)
		if hook.after.Load() > 0 { // fewer changes than that
			if err != nil || n < 4 {
				t.Errorf("write %d: %v", n, err)
			}
			return
		}
		if !errors.Is(err, errLost) {
			t.Fatalf("got error %v, want %v", err, errLost)
		}
		if err := storetest.WriteOne(t.Context(), s, n); err != nil {
			t.Fatal(err)
		}
		storetest.CheckWritten(t, s, n)
	}
}

var errLost = errors.New("connection reset by the test")

// loseAnswer loses the answer to the script call that many from now.
type loseAnswer struct{ after atomic.Int64 }

// DialHook implements redis.Hook.
func (l *loseAnswer) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessPipelineHook implements redis.Hook.
func (l *loseAnswer) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// ProcessHook implements redis.Hook.
func (l *loseAnswer) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if err == nil && strings.HasPrefix(cmd.Name(), "eval") && l.after.Add(-1) == 0 {
			cmd.SetErr(errLost)
			return errLost
		}
		return err
	}
}
