package budget_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"progressbot/bot/redisconn"
	"progressbot/progressapi"
	"progressbot/progressapi/budget"
)

func TestMain(m *testing.M) {
	redisconn.BridgeLog(slog.New(slog.DiscardHandler))
	goleak.VerifyTestMain(m)
}

// log is when attempts started.
type starts struct {
	mu sync.Mutex
	at []time.Time
}

// try makes one attempt that takes no time and ends with err.
func (s *starts) try(ctx context.Context, b *budget.Budget, a progressapi.Attempt, o progressapi.Outcome) error {
	done, err := b.Enter(ctx, a)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.at = append(s.at, time.Now())
	s.mu.Unlock()
	done(o)
	return nil
}

func (s *starts) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.at)
}

// busiest returns the most starts in any window of length d.
func (s *starts) busiest(d time.Duration) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.SortFunc(s.at, time.Time.Compare)
	most, first := 0, 0
	for i := range s.at {
		for s.at[i].Sub(s.at[first]) >= d {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// world is processes that share a Redis in a bubble of its own time.
type world struct {
	redis *redis.Client
	down  *atomic.Bool // the way to Redis is cut
	a, b  *budget.Budget
}

func sharing(t *testing.T, o budget.Options, f func(*testing.T, world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		mini := miniredis.NewMiniRedis()
		mini.ClockTTL(true)
		defer mini.Close()
		w := world{redis: inMemory(mini), down: &atomic.Bool{}}
		defer w.redis.Close()
		cuttable := inMemory(mini)
		cuttable.AddHook(cut{w.down})
		defer cuttable.Close()
		o.Redis = cuttable
		w.a, w.b = budget.New(o), budget.New(withoutMetrics(o))
		defer w.a.Close()
		defer w.b.Close()
		f(t, w)
	})
}

func withoutMetrics(o budget.Options) budget.Options {
	o.Metrics = nil
	return o
}

// cut fails every command while it is set.
type cut struct{ down *atomic.Bool }

func (c cut) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c cut) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if c.down.Load() {
			return &net.OpError{Op: "read", Err: errors.New("cut")}
		}
		return next(ctx, cmd)
	}
}

func (c cut) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// alone runs f with a budget that has no Redis.
func alone(t *testing.T, o budget.Options, f func(*testing.T, *budget.Budget)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := budget.New(o)
		defer b.Close()
		f(t, b)
	})
}

var (
	person     = progressapi.Attempt{}
	retry      = progressapi.Attempt{Retry: true}
	background = progressapi.Attempt{Background: true}

	fine    = progressapi.Outcome{Took: 50 * time.Millisecond}
	broken  = progressapi.Outcome{Err: &progressapi.Error{Op: "x", Kind: progressapi.ErrUnavailable, Status: 503}}
	slow    = progressapi.Outcome{Took: 4600 * time.Millisecond}
	limited = progressapi.Outcome{Err: &progressapi.Error{Op: "x", Kind: progressapi.ErrRateLimited, Status: 429}}
)

// TestTwoProcessesKeepTheRate has sixty people ask two processes for half a
// minute without pause.
func TestTwoProcessesKeepTheRate(t *testing.T) {
	t.Parallel()
	sharing(t, budget.Options{Rate: 10, RedisBudget: time.Minute}, func(t *testing.T, w world) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		var s starts
		var asking sync.WaitGroup
		for i := range 60 {
			asking.Go(func() {
				for ctx.Err() == nil {
					if err := s.try(ctx, []*budget.Budget{w.a, w.b}[i%2], person, fine); err != nil {
						time.Sleep(500 * time.Millisecond)
					}
				}
			})
		}
		asking.Wait()
		if n := s.busiest(time.Second); n > 10 {
			t.Errorf("%d attempts started within a second, want at most 10", n)
		}
		if n := s.count(); n < 270 || n > 300 {
			t.Errorf("%d attempts started in half a minute, want nearly 300", n)
		}
	})
}

// TestRateIsKeptWhenRedisComesAndGoes has people ask without pause while the
// way to Redis is cut and mended again and again.
func TestRateIsKeptWhenRedisComesAndGoes(t *testing.T) {
	t.Parallel()
	sharing(t, budget.Options{Rate: 10, RedisBudget: time.Minute}, func(t *testing.T, w world) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		var s starts
		var asking sync.WaitGroup
		for range 30 {
			asking.Go(func() {
				for ctx.Err() == nil {
					if err := s.try(ctx, w.a, person, fine); err != nil {
						time.Sleep(100 * time.Millisecond)
					}
				}
			})
		}
		for ctx.Err() == nil {
			w.down.Store(!w.down.Load())
			time.Sleep(3700 * time.Millisecond)
		}
		asking.Wait()
		if n := s.busiest(time.Second); n > 10 {
			t.Errorf("%d attempts started within a second, want at most 10", n)
		}
		if n := s.count(); n < 600 {
			t.Errorf("%d attempts started in two minutes, want more than half of 1200", n)
		}
	})
}

func TestBurstStartsAtOnce(t *testing.T) {
	t.Parallel()
	alone(t, budget.Options{Rate: 10}, func(t *testing.T, b *budget.Budget) {
		var s starts
		began := time.Now()
		for range 10 {
			if err := s.try(t.Context(), b, person, fine); err != nil {
				t.Fatal(err)
			}
		}
		if d := time.Since(began); d != 0 {
			t.Errorf("ten people waited %v, want no time at all", d)
		}
		if err := s.try(t.Context(), b, person, fine); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(began); d < time.Second || d > 1100*time.Millisecond {
			t.Errorf("the eleventh waited %v, want a little over a second", d)
		}
	})
}

func TestHopelessWaitsAreRefusedAtOnce(t *testing.T) {
	t.Parallel()
	alone(t, budget.Options{Rate: 2}, func(t *testing.T, b *budget.Budget) {
		var s starts
		for range 2 {
			if err := s.try(t.Context(), b, person, fine); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		err := s.try(ctx, b, person, fine)
		var e *progressapi.Error
		if !errors.As(err, &e) || !errors.Is(err, progressapi.ErrRateLimited) || e.RetryAfter < time.Second || e.RetryAfter > 1100*time.Millisecond {
			t.Errorf("error = %v, want ErrRateLimited that says when to come back", err)
		}
		// Ten more are promised a turn within five seconds, not more.
		var asking sync.WaitGroup
		var refused atomic.Int64
		for range 20 {
			asking.Go(func() {
				if s.try(t.Context(), b, person, fine) != nil {
					refused.Add(1)
				}
			})
		}
		synctest.Wait()
		if d := time.Since(began); d != 0 || refused.Load() != 12 {
			t.Errorf("%d of 20 were refused after %v, want 12 at once", refused.Load(), d)
		}
		if n := b.State().Waiting; n != 8 {
			t.Errorf("%d wait, want 8", n)
		}
		asking.Wait()
	})
}

func TestWaitersLeave(t *testing.T) {
	t.Parallel()
	alone(t, budget.Options{Rate: 1}, func(t *testing.T, b *budget.Budget) {
		var s starts
		for _, a := range []progressapi.Attempt{person, person, background} {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(300*time.Millisecond, cancel)
			err := s.try(ctx, b, a, fine)
			if n := s.count(); n != 1 || n == 1 && err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("error = %v after %d starts, want one start and else a cancelled wait", err, n)
			}
		}
	})
}

// TestLeavingIsNoRefusal has a caller leave while Redis is asked for its turn.
func TestLeavingIsNoRefusal(t *testing.T) {
	t.Parallel()
	set := metrics.NewSet()
	sharing(t, budget.Options{Metrics: set}, func(t *testing.T, w world) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := w.a.Enter(ctx, person); !errors.Is(err, context.Canceled) || errors.Is(err, progressapi.ErrRateLimited) {
			t.Errorf("error = %v, want that of the context", err)
		}
		if n := set.GetOrCreateCounter(`progressbot_budget_refused_total{reason="rate"}`).Get(); n != 0 {
			t.Errorf("counted as %d refusals", n)
		}
	})
}

// TestPeopleGoFirst has background work ask without pause, and people as much
// as the rate allows.
func TestPeopleGoFirst(t *testing.T) {
	t.Parallel()
	for _, shared := range []bool{false, true} {
		t.Run(fmt.Sprintf("shared %v", shared), func(t *testing.T) {
			t.Parallel()
			sharing(t, budget.Options{Rate: 10, RedisBudget: time.Minute}, func(t *testing.T, w world) {
				w.down.Store(!shared)
				ctx, stop := context.WithCancel(t.Context())
				var work, asking starts
				var all sync.WaitGroup
				for range 20 {
					all.Go(func() {
						for ctx.Err() == nil {
							_ = work.try(ctx, w.a, background, fine)
						}
					})
				}
				time.Sleep(20 * time.Second)
				if n := work.count(); n < 15 || shared && n < 90 {
					t.Errorf("background work started %d times in 20 s by itself, want about half the rate", n)
				}
				if n := work.busiest(time.Second); n > 5 {
					t.Errorf("background work started %d times within a second, want at most 5", n)
				}
				if !shared {
					stop()
					all.Wait()
					return
				}

				before := work.count()
				var longest time.Duration
				for range 200 {
					began := time.Now()
					if err := asking.try(t.Context(), w.b, person, fine); err != nil {
						t.Errorf("a person was refused: %v", err)
					}
					longest = max(longest, time.Since(began))
				}
				if longest > 1100*time.Millisecond {
					t.Errorf("a person waited %v, want little more than a second", longest)
				}
				if n := work.count() - before; n > 10 {
					t.Errorf("background work started %d times while people used up the rate", n)
				}
				stop()
				all.Wait()
			})
		})
	}
}

func TestQueueOfBackgroundWorkIsBounded(t *testing.T) {
	t.Parallel()
	alone(t, budget.Options{Rate: 0.1}, func(t *testing.T, b *budget.Budget) {
		var s starts
		if err := s.try(t.Context(), b, person, fine); err != nil {
			t.Fatal(err)
		}
		var full atomic.Int64
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				err := s.try(t.Context(), b, background, fine)
				if !errors.Is(err, progressapi.ErrRateLimited) {
					t.Errorf("error = %v, want ErrRateLimited", err)
				}
				if strings.Contains(err.Error(), "too many") {
					full.Add(1)
				}
			})
		}
		all.Wait()
		if n := b.State().Waiting; n != 0 {
			t.Errorf("%d still wait", n)
		}
	})
}

// TestTooManyRequests has one process meet a 429 that the other must heed.
func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	sharing(t, budget.Options{Rate: 10, RedisBudget: time.Minute}, func(t *testing.T, w world) {
		var s starts
		o := limited
		o.RetryAfter = 3 * time.Second
		began := time.Now()
		// A burst of refusals counts once.
		var burst []func(progressapi.Outcome)
		for range 4 {
			done, err := w.a.Enter(t.Context(), person)
			if err != nil {
				t.Fatal(err)
			}
			burst = append(burst, done)
		}
		for _, done := range burst {
			done(o)
		}
		if err := s.try(t.Context(), w.b, person, fine); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(began); d < 3*time.Second || d > 3100*time.Millisecond {
			t.Errorf("the other process went on after %v, want 3s", d)
		}
		if rate := w.a.State().Rate; rate != 5 {
			t.Errorf("the rate is %v, want half of 10", rate)
		}

		// Asked as much as possible, the rate grows back.
		seconds := make([]int, 40)
		for i := range seconds {
			until := time.Now().Add(time.Second)
			for time.Now().Before(until) {
				ctx, cancel := context.WithDeadline(t.Context(), until.Add(100*time.Millisecond))
				if s.try(ctx, w.b, person, fine) == nil {
					seconds[i]++
				} else {
					time.Sleep(time.Until(until))
				}
				cancel()
			}
		}
		if first, last := seconds[1], slices.Max(seconds[35:]); first > 6 || last < 9 {
			t.Errorf("attempts by second = %v, want 5 at first and nearly 10 in the end", seconds)
		}
		if rate := w.b.State().Rate; rate != 10 {
			t.Errorf("the rate is %v in the end, want 10", rate)
		}
	})
}

// TestQueuedPeopleHeedA429 has somebody wait for their turn when it comes.
func TestQueuedPeopleHeedA429(t *testing.T) {
	t.Parallel()
	for _, shared := range []bool{false, true} {
		t.Run(fmt.Sprintf("shared %v", shared), func(t *testing.T) {
			t.Parallel()
			sharing(t, budget.Options{Rate: 1, RedisBudget: time.Minute}, func(t *testing.T, w world) {
				meets, waits := w.a, w.b
				if !shared {
					w.down.Store(true)
					time.Sleep(10 * time.Second)
					waits = w.a
				}
				done, err := meets.Enter(t.Context(), person)
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				var waited time.Duration
				var all sync.WaitGroup
				all.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
					defer cancel()
					var s starts
					err := s.try(ctx, waits, person, fine)
					waited = time.Since(began)
					if shared && err != nil {
						t.Errorf("the one who waited was refused: %v", err)
					}
				})
				time.Sleep(500 * time.Millisecond)
				o := limited
				o.RetryAfter = 2 * time.Second
				done(o)
				all.Wait()
				if waited > 1100*time.Millisecond && waited < 2500*time.Millisecond {
					t.Errorf("the one who waited started after %v, within the pause", waited)
				}
			})
		})
	}
}

// TestRedisHearsOfA429Later has Redis fail while one process meets a 429, which
// both have to heed as soon as Redis is back.
func TestRedisHearsOfA429Later(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		asked, back time.Duration // what the API asks for, and when Redis is back
		pause       time.Duration // what is left then
		rate        float64
	}{
		"during the pause": {asked: time.Minute, back: 3 * time.Second, pause: 57 * time.Second, rate: 5},
		"after the pause":  {back: 4 * time.Second, rate: 5},
		"long after it":    {asked: time.Second, back: 2 * time.Minute, rate: 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sharing(t, budget.Options{Rate: 10}, func(t *testing.T, w world) {
				done, err := w.a.Enter(t.Context(), person)
				if err != nil {
					t.Fatal(err)
				}
				w.down.Store(true)
				o := limited
				o.RetryAfter = tc.asked
				done(o)
				w.down.Store(false)
				time.Sleep(tc.back)
				for _, b := range []*budget.Budget{w.a, w.b} {
					var s starts
					var e *progressapi.Error
					if err := s.try(t.Context(), b, person, fine); errors.As(err, &e) != (tc.pause > 0) || e != nil && e.RetryAfter != tc.pause {
						t.Errorf("error = %v, want a pause of %v", err, tc.pause)
					}
					want := budget.State{Breaker: budget.Closed, Rate: tc.rate, Pause: tc.pause, Shared: true}
					if d := cmp.Diff(want, b.State()); d != "" {
						t.Errorf("state (-want +got):\n%s", d)
					}
				}
			})
		})
	}
}

func TestSilent429Pauses(t *testing.T) {
	t.Parallel()
	alone(t, budget.Options{}, func(t *testing.T, b *budget.Budget) {
		var s starts
		began := time.Now()
		_ = s.try(t.Context(), b, person, limited)
		if p := b.State().Pause; p != time.Second {
			t.Errorf("the pause is %v, want 1s", p)
		}
		if err := s.try(t.Context(), b, person, fine); err != nil || time.Since(began) != time.Second {
			t.Errorf("went on after %v with %v, want 1s", time.Since(began), err)
		}
	})
}

// TestWithoutRedis cuts Redis off from two processes that know of each other.
func TestWithoutRedis(t *testing.T) {
	t.Parallel()
	sharing(t, budget.Options{Rate: 10}, func(t *testing.T, w world) {
		var s starts
		for _, b := range []*budget.Budget{w.a, w.b, w.a, w.b} {
			if err := s.try(t.Context(), b, person, fine); err != nil {
				t.Fatal(err)
			}
		}
		if st := w.a.State(); !st.Shared || st.Rate != 10 {
			t.Errorf("state = %+v, want a shared rate of 10", st)
		}
		w.down.Store(true)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				for ctx.Err() == nil {
					if s.try(ctx, []*budget.Budget{w.a, w.b}[i%2], person, fine) != nil {
						time.Sleep(500 * time.Millisecond)
					}
				}
			})
		}
		all.Wait()
		if n := s.busiest(time.Second); n > 10 {
			t.Errorf("%d attempts started within a second, want at most 10 of both together", n)
		}
		if n := s.count(); n < 270 {
			t.Errorf("%d attempts started in half a minute, want nearly 300", n)
		}
		if st := w.a.State(); st.Shared || st.Rate != 5 {
			t.Errorf("state = %+v, want a rate of 5 by itself", st)
		}
		w.down.Store(false)
		time.Sleep(3 * time.Second)
		if st := w.a.State(); !st.Shared || st.Rate != 10 {
			t.Errorf("state = %+v, want a shared rate again", st)
		}
	})
}

func TestWithoutRedisFromTheStart(t *testing.T) {
	t.Parallel()
	sharing(t, budget.Options{Rate: 8}, func(t *testing.T, w world) {
		w.down.Store(true)
		var s starts
		_ = s.try(t.Context(), w.a, person, fine)
		if st := w.a.State(); st.Shared || st.Rate != 2 {
			t.Errorf("state = %+v, want a quarter of the rate by itself", st)
		}
	})
}

func TestWhatIsStoredExpires(t *testing.T) {
	t.Parallel()
	sharing(t, budget.Options{RedisBudget: time.Minute}, func(t *testing.T, w world) {
		var s starts
		_ = s.try(t.Context(), w.a, person, limited)
		_ = s.try(t.Context(), w.b, person, fine)
		keys := w.redis.Keys(t.Context(), "*").Val()
		if d := cmp.Diff([]string{budget.KeyMembers, budget.KeyStarts, budget.KeyState}, keys); d != "" {
			t.Errorf("keys (-want +got):\n%s", d)
		}
		for _, key := range keys {
			if ttl := w.redis.TTL(t.Context(), key).Val(); ttl <= 0 || !strings.HasPrefix(key, "progressbot:cache:{budget}:") {
				t.Errorf("%s expires in %v", key, ttl)
			}
		}
	})
}

// TestRetryBudget lets every first attempt ask for two repetitions.
func TestRetryBudget(t *testing.T) {
	t.Parallel()
	alone(t, budget.Options{Rate: 10_000}, func(t *testing.T, b *budget.Budget) {
		var firsts, retries starts
		for range 1000 {
			if err := firsts.try(t.Context(), b, person, fine); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := retries.try(t.Context(), b, retry, fine); err != nil && !errors.Is(err, progressapi.ErrUnavailable) {
					t.Errorf("error = %v, want ErrUnavailable", err)
				}
			}
		}
		if n := retries.count(); n < 100 || n > 111 {
			t.Errorf("%d repetitions of 1000 attempts, want a tenth and ten", n)
		}
	})
}

func TestBreaker(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		outcomes []progressapi.Outcome // one each 100 ms
		opens    int                   // after how many, 0 for never
	}{
		"five in a row fail":  {repeat(broken, 10), 5},
		"half of twenty fail": {alternate(broken, fine, 20), 10},
		"a third fails":       {repeat3(broken, fine, fine, 60), 0},
		"all crawl":           {repeat(slow, 20), 10},
		"keys are refused":    {repeat(failing(progressapi.ErrKeyRefused), 40), 5},
		"plans are refused":   {repeat(failing(progressapi.ErrPlanRefused), 40), 5},
		"nobody is found":     {repeat(failing(progressapi.ErrNotFound), 40), 0},
		"nothing is readable": {repeat(failing(progressapi.ErrUnreadable), 40), 5},
		"all are called off":  {repeat(progressapi.Outcome{Err: errors.Join(progressapi.ErrUnavailable, context.Canceled)}, 40), 0},
		"time-outs":           {repeat(progressapi.Outcome{Err: errors.Join(progressapi.ErrUnavailable, context.DeadlineExceeded), Took: 5 * time.Second}, 40), 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alone(t, budget.Options{Rate: 1000}, func(t *testing.T, b *budget.Budget) {
				var s starts
				for i, o := range tc.outcomes {
					if err := s.try(t.Context(), b, person, o); err != nil {
						want := progressapi.ErrUnavailable
						for _, kind := range []error{progressapi.ErrKeyRefused, progressapi.ErrPlanRefused} {
							if errors.Is(o.Err, kind) {
								want = kind
							}
						}
						if i != tc.opens || !errors.Is(err, want) {
							t.Errorf("refused after %d attempts with %v, want %v after %d", i, err, want, tc.opens)
						}
						return
					}
					time.Sleep(100 * time.Millisecond)
				}
				if tc.opens != 0 || b.State().Breaker != budget.Closed {
					t.Errorf("the breaker is %v, want it to open after %d", b.State().Breaker, tc.opens)
				}
			})
		})
	}
}

func failing(kind error) progressapi.Outcome {
	return progressapi.Outcome{Err: &progressapi.Error{Op: "x", Kind: kind}}
}

func repeat(o progressapi.Outcome, n int) []progressapi.Outcome {
	return slices.Repeat([]progressapi.Outcome{o}, n)
}

func alternate(a, b progressapi.Outcome, n int) []progressapi.Outcome {
	return slices.Repeat([]progressapi.Outcome{a, b}, n/2)
}

func repeat3(a, b, c progressapi.Outcome, n int) []progressapi.Outcome {
	return slices.Repeat([]progressapi.Outcome{a, b, c}, n/3)
}

// TestSlowestOfManyAreNoOutage has a hundred attempts begin at once, the last
// six of which fail, as those do that take longer than a client waits.
func TestSlowestOfManyAreNoOutage(t *testing.T) {
	t.Parallel()
	alone(t, budget.Options{Rate: 1000}, func(t *testing.T, b *budget.Budget) {
		var all sync.WaitGroup
		for i := range 100 {
			done, err := b.Enter(t.Context(), person)
			if err != nil {
				t.Fatal(err)
			}
			all.Go(func() {
				o := progressapi.Outcome{Took: time.Duration(i) * 10 * time.Millisecond}
				if i >= 94 {
					o.Err = broken.Err
				}
				time.Sleep(o.Took)
				done(o)
			})
		}
		all.Wait()
		if s := b.State().Breaker; s != budget.Closed {
			t.Fatalf("the breaker is %v after 6 of 100 failed, want closed", s)
		}
		var s starts
		for range 5 {
			_ = s.try(t.Context(), b, person, broken)
		}
		if s := b.State().Breaker; s != budget.Open {
			t.Errorf("the breaker is %v after five more failed, want open", s)
		}
	})
}

// TestBreakerProbes follows an outage from its beginning to its end.
func TestBreakerProbes(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	set := metrics.NewSet()
	o := budget.Options{Rate: 1000, Metrics: set, Log: slog.New(slog.NewTextHandler(&log, nil))}
	alone(t, o, func(t *testing.T, b *budget.Budget) {
		var s starts
		for range 5 {
			_ = s.try(t.Context(), b, person, broken)
		}
		if st := b.State().Breaker; st != budget.Open {
			t.Fatalf("the breaker is %v, want open", st)
		}
		// For ten minutes everybody asks all the time.
		for range 6000 {
			_ = s.try(t.Context(), b, person, broken)
			time.Sleep(100 * time.Millisecond)
		}
		if n := s.count() - 5; n < 55 || n > 90 {
			t.Errorf("%d probes in ten minutes, want one in 8 to 10 s", n)
		}

		// One probe at a time.
		time.Sleep(10 * time.Second)
		done, err := b.Enter(t.Context(), person)
		if err != nil {
			t.Fatalf("no probe after ten seconds: %v", err)
		}
		if err := s.try(t.Context(), b, person, fine); !errors.Is(err, progressapi.ErrUnavailable) {
			t.Errorf("error = %v beside a probe, want ErrUnavailable", err)
		}
		if st := b.State().Breaker; st != budget.HalfOpen {
			t.Errorf("the breaker is %v, want half-open", st)
		}
		done(fine)
		// The second that goes well closes it.
		if err := s.try(t.Context(), b, person, fine); err != nil {
			t.Errorf("no second probe: %v", err)
		}
		if st := b.State().Breaker; st != budget.Closed {
			t.Errorf("the breaker is %v, want closed", st)
		}
		time.Sleep(10 * time.Second)
		_ = s.try(t.Context(), b, person, fine)

		var scraped bytes.Buffer
		set.WritePrometheus(&scraped)
		for _, want := range []string{
			"progressbot_budget_breaker_opened_total 1\n",
			"progressbot_budget_breaker_state 0\n",
			"progressbot_budget_rate 1000\n",
			"progressbot_budget_shared 0\n",
		} {
			if !strings.Contains(scraped.String(), want) {
				t.Errorf("metrics lack %q", want)
			}
		}
	})
	if n := strings.Count(log.String(), "\n"); n != 2 || !strings.Contains(log.String(), "breaker opened") || !strings.Contains(log.String(), "breaker closed") {
		t.Errorf("log = %q, want one line at the beginning and one at the end", log.String())
	}
}

// TestProbeThatNeverStarts is refused by the limiter, and leaves the way free
// for the next.
func TestProbeThatNeverStarts(t *testing.T) {
	t.Parallel()
	alone(t, budget.Options{Rate: 0.05}, func(t *testing.T, b *budget.Budget) {
		// With a rate this low failures have to come from elsewhere.
		var s starts
		for range 5 {
			if err := s.try(t.Context(), b, person, broken); err != nil {
				t.Fatal(err)
			}
			time.Sleep(21 * time.Second)
		}
		// The breaker is open and the turn is far off.
		_ = s.try(t.Context(), b, person, broken)
		time.Sleep(15 * time.Second)
		if err := s.try(t.Context(), b, person, fine); !errors.Is(err, progressapi.ErrRateLimited) {
			t.Errorf("error = %v, want a probe refused by the rate", err)
		}
		time.Sleep(10 * time.Second)
		if err := s.try(t.Context(), b, person, fine); err != nil {
			t.Errorf("the next probe was refused: %v", err)
		}
	})
}

// TestLostProbe shows that a probe whose end is never told blocks nobody for
// ever.
func TestLostProbe(t *testing.T) {
	t.Parallel()
	alone(t, budget.Options{Rate: 1000}, func(t *testing.T, b *budget.Budget) {
		var s starts
		for range 5 {
			_ = s.try(t.Context(), b, person, broken)
		}
		time.Sleep(time.Second)
		if _, err := b.Enter(t.Context(), person); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		if err := s.try(t.Context(), b, person, fine); err != nil {
			t.Errorf("no probe after a lost one: %v", err)
		}
	})
}
