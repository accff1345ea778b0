package faulttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"progressbot/bot/redisconn/redistest"
)

// TestRedisKilledUnderLoad kills and restarts the Redis, and breaks the way to
// it, while people ask. Nobody notices.
func TestRedisKilledUnderLoad(t *testing.T) {
	steadilyIn(t, setup{Env: map[string]string{"CACHE_TTL": "500ms"}}, func(w *world) error {
		w.late = true
		w.start()
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		load := w.load(ctx, 100, 200)
		pause := func() { <-time.After(400 * time.Millisecond) }
		pause()
		for range 2 {
			if err := w.server.Kill(); err != nil {
				return err
			}
			pause()
			if err := w.server.Restart(); err != nil {
				return err
			}
			pause()
		}
		for _, m := range []redistest.Mode{redistest.Refuse, redistest.BlackHole, redistest.Freeze, redistest.Slow, redistest.Cut} {
			if err := w.redis.Set(m); err != nil {
				return err
			}
			pause()
			if err := w.redis.Set(redistest.Pass); err != nil {
				return err
			}
			pause()
		}
		stop()
		firsts, err := load()
		if err != nil {
			return err
		}
		if err := w.awaitShared(); err != nil {
			return err
		}
		t.Logf("%d asks while Redis was killed twice and broken five times: all answered once; first answer after %s in the middle, %s at the 99th percentile, %s at last",
			len(firsts), ms(firsts[len(firsts)/2]), ms(firsts[len(firsts)*99/100]), ms(firsts[len(firsts)-1]))
		return nil
	})
}

// load has people ask, so many times a second in all, until ctx ends. What it
// returns waits for the last answer, and returns how long people waited for
// the first answers, in order of length. Its error is an answer that was not
// fresh progress, or should not have been.
func (w *world) load(ctx context.Context, perSecond, crowd int) (wait func() ([]time.Duration, error)) {
	var (
		mu     sync.Mutex
		firsts []time.Duration
		errs   []error
		asking sync.WaitGroup
		people = make([]string, crowd)
	)
	for i := range people {
		people[i] = w.person()
	}
	asking.Go(func() {
		tick := time.NewTicker(time.Second / time.Duration(perSecond))
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			asking.Go(func() {
				s, err := w.tries(people[n%crowd])
				if err == nil && !s.good() {
					err = fmt.Errorf("the member saw: %s", s.What)
				}
				mu.Lock()
				defer mu.Unlock()
				firsts = append(firsts, s.First)
				if err != nil && len(errs) < 10 {
					errs = append(errs, err)
				}
			})
		}
	})
	return func() ([]time.Duration, error) {
		asking.Wait()
		slices.Sort(firsts)
		return firsts, errors.Join(errs...)
	}
}
