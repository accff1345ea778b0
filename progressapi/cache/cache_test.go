package cache_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"progressbot/bot/redisconn"
	"progressbot/progressapi"
	"progressbot/progressapi/cache"
)

func TestMain(m *testing.M) {
	redisconn.BridgeLog(slog.New(slog.DiscardHandler))
	goleak.VerifyTestMain(m)
}

// source is a progress API whose every person has the same programs.
type source struct {
	mu       sync.Mutex
	calls    int
	byKey    map[string]int
	asked    []bool // whether each call was background work
	programs []progressapi.Program
	err      error
	failing  map[string]error // by key, beside err
	block    chan struct{}    // calls wait until it is closed
	panics   bool
}

func newSource(programs ...progressapi.Program) *source {
	return &source{programs: programs, byKey: map[string]int{}}
}

func (s *source) enter(ctx context.Context, key string) ([]progressapi.Program, error) {
	s.mu.Lock()
	s.calls++
	s.byKey[key]++
	s.asked = append(s.asked, progressapi.IsBackground(ctx))
	block := s.block
	s.mu.Unlock()
	if block != nil {
		select {
		case <-block:
		case <-ctx.Done():
			return nil, errors.Join(progressapi.ErrUnavailable, ctx.Err())
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.panics {
		panic("source")
	}
	if err := s.failing[key]; err != nil {
		return nil, err
	}
	return s.programs, s.err
}

func (s *source) ListPrograms(ctx context.Context, user string) ([]progressapi.Program, error) {
	return s.enter(ctx, user)
}

func (s *source) GetProgram(ctx context.Context, user, id string) (progressapi.Program, error) {
	programs, err := s.enter(ctx, user+"/"+id)
	if err != nil {
		return progressapi.Program{}, err
	}
	for _, p := range programs {
		if p.ID == id {
			p.Description = "on its own"
			return p, nil
		}
	}
	return progressapi.Program{}, &progressapi.Error{Op: "get program", Kind: progressapi.ErrNotFound, Status: 404}
}

// set changes what the API answers from now on.
func (s *source) set(err error, programs ...progressapi.Program) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err, s.programs = err, programs
}

// fail makes the calls of one key fail: a person, or a person's program.
func (s *source) fail(key string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = map[string]error{key: err}
}

// hold makes calls wait until the returned function is called.
func (s *source) hold() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	block := make(chan struct{})
	s.block = block
	return func() { close(block) }
}

func (s *source) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// The programs that most tests use: one that an overview shows whole, and one
// whose cards it leaves out.
func whole(collected int) progressapi.Program {
	return progressapi.Program{ID: "whole", Name: "Whole", Size: 3, Collected: collected, CountTold: true,
		Cards: []progressapi.Card{{ID: "a", Name: "A", Owned: true, Quantity: 2}, {ID: "b"}, {ID: "c"}}}
}

func bare(collected int) progressapi.Program {
	return progressapi.Program{ID: "bare", Name: "Bare", Size: 10, Collected: collected, CountTold: true}
}

var errDown = &progressapi.Error{Op: "list programs", Kind: progressapi.ErrUnavailable, Status: 503}

// answer is what a test compares: a snapshot with its age instead of its time.
type answer struct {
	Collected []int // of each program
	Age       time.Duration
	Freshness cache.Freshness
	Why       error // sentinel within Snapshot.Err or the error
	Failed    bool
}

func got(s cache.Snapshot, err error) answer {
	a := answer{Freshness: s.Freshness, Failed: err != nil, Why: sentinel(errors.Join(err, s.Err))}
	if err == nil {
		a.Age = time.Since(s.Fetched).Truncate(time.Second)
	}
	for _, p := range s.Programs {
		a.Collected = append(a.Collected, p.Collected)
	}
	return a
}

func sentinel(err error) error {
	for _, kind := range []error{
		progressapi.ErrKeyRefused, progressapi.ErrPlanRefused, progressapi.ErrNotFound,
		progressapi.ErrRateLimited, progressapi.ErrUnavailable, progressapi.ErrUnreadable,
	} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return err
}

// check compares what an ask gave, and how often the API was asked in all when
// everything behind the answer has ended. It runs in a bubble.
func check(t *testing.T, s *source, wantCalls int, want, got answer) {
	t.Helper()
	synctest.Wait()
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b error) bool { return a == b })); d != "" {
		t.Errorf("answer (-want +got):\n%s", d)
	}
	if n := s.count(); n != wantCalls {
		t.Errorf("the API was asked %d times, want %d", n, wantCalls)
	}
}

// bubble runs f in a bubble of its own time with a cache in memory only.
func bubble(t *testing.T, s *source, o cache.Options, f func(*testing.T, *cache.Cache)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := cache.New(s, o)
		defer c.Close()
		f(t, c)
	})
}

func TestAges(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1))
	bubble(t, s, cache.Options{}, func(t *testing.T, c *cache.Cache) {
		ask := func(want cache.Want) answer { return got(c.Programs(t.Context(), "ann", want)) }
		check(t, s, 1, answer{Collected: []int{1}}, ask(cache.AnyAge))
		time.Sleep(29 * time.Second)
		check(t, s, 1, answer{Collected: []int{1}, Age: 29 * time.Second}, ask(cache.OnlyFresh))

		// Stale: served at once, one refresh behind.
		time.Sleep(2 * time.Second)
		s.set(nil, whole(2))
		check(t, s, 2, answer{Collected: []int{1}, Age: 31 * time.Second, Freshness: cache.Stale}, ask(cache.AnyAge))
		check(t, s, 2, answer{Collected: []int{2}}, ask(cache.AnyAge))

		// Stale is not good enough for OnlyFresh.
		time.Sleep(31 * time.Second)
		s.set(nil, whole(3))
		check(t, s, 3, answer{Collected: []int{3}}, ask(cache.OnlyFresh))

		// Too old to be served at once.
		time.Sleep(5*time.Minute + time.Second)
		s.set(nil, whole(0))
		check(t, s, 4, answer{Collected: []int{0}}, ask(cache.AnyAge))
	})
}

func TestStandIn(t *testing.T) {
	t.Parallel()
	for _, fault := range []error{progressapi.ErrKeyRefused, progressapi.ErrPlanRefused, progressapi.ErrRateLimited, progressapi.ErrUnavailable, progressapi.ErrUnreadable} {
		t.Run(fault.Error(), func(t *testing.T) {
			t.Parallel()
			s := newSource(whole(1))
			bubble(t, s, cache.Options{}, func(t *testing.T, c *cache.Cache) {
				ask := func(want cache.Want) answer { return got(c.Programs(t.Context(), "ann", want)) }
				ask(cache.AnyAge)
				s.set(&progressapi.Error{Op: "list programs", Kind: fault})

				// A stale answer is one until its refresh has failed.
				time.Sleep(time.Minute)
				check(t, s, 2, answer{Collected: []int{1}, Age: time.Minute, Freshness: cache.Stale}, ask(cache.AnyAge))
				check(t, s, 2, answer{Collected: []int{1}, Age: time.Minute, Freshness: cache.StandIn, Why: fault}, ask(cache.AnyAge))

				// Hours later the caller waits for the API, in vain.
				time.Sleep(10 * time.Hour)
				old := answer{Collected: []int{1}, Age: 10*time.Hour + time.Minute, Freshness: cache.StandIn, Why: fault}
				check(t, s, 3, old, ask(cache.AnyAge))
				// And right after that not even that: the API is spared.
				check(t, s, 3, old, ask(cache.OnlyFresh))
				check(t, s, 3, old, ask(cache.Renew))

				// A day later there is nothing left.
				time.Sleep(14 * time.Hour)
				check(t, s, 4, answer{Why: fault, Failed: true}, ask(cache.AnyAge))

				s.set(nil, whole(2))
				check(t, s, 5, answer{Collected: []int{2}}, ask(cache.AnyAge))
			})
		})
	}
}

// TestOutageIsOver has somebody look during an outage, and again after it has
// ended, with nobody else asking anything in the meantime.
func TestOutageIsOver(t *testing.T) {
	t.Parallel()
	type look struct {
		at   time.Duration // since the first answer
		down bool          // whether the API is, by then
		want answer
		// calls is how often the API was asked by the end of it.
		calls int
	}
	aged := func(age time.Duration, f cache.Freshness) answer {
		a := answer{Collected: []int{1}, Age: age, Freshness: f}
		if f == cache.StandIn {
			a.Why = progressapi.ErrUnavailable
		}
		return a
	}
	for name, looks := range map[string][]look{
		"before the next look": {
			{40 * time.Second, true, aged(40*time.Second, cache.Stale), 2},
			{200 * time.Second, false, answer{Collected: []int{2}}, 3},
		},
		"after a second one": {
			{40 * time.Second, true, aged(40*time.Second, cache.Stale), 2},
			{40 * time.Second, true, aged(40*time.Second, cache.StandIn), 2},
			{50 * time.Second, true, aged(50*time.Second, cache.StandIn), 3},
			{51 * time.Second, false, aged(51*time.Second, cache.StandIn), 3},
			{60 * time.Second, false, answer{Collected: []int{2}}, 4},
		},
		"not at all": {
			{40 * time.Second, true, aged(40*time.Second, cache.Stale), 2},
			{80 * time.Second, true, aged(80*time.Second, cache.StandIn), 3},
			{200 * time.Second, true, aged(200*time.Second, cache.StandIn), 4},
			{290 * time.Second, true, aged(290*time.Second, cache.StandIn), 5},
			{310 * time.Second, true, aged(310*time.Second, cache.StandIn), 6},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSource(whole(1))
			bubble(t, s, cache.Options{}, func(t *testing.T, c *cache.Cache) {
				began := time.Now()
				c.Programs(t.Context(), "ann", cache.AnyAge)
				for _, l := range looks {
					time.Sleep(l.at - time.Since(began))
					s.set(nil, whole(2))
					if l.down {
						s.set(errDown)
					}
					check(t, s, l.calls, l.want, got(c.Programs(t.Context(), "ann", cache.AnyAge)))
				}
			})
		})
	}
}

// TestOneFailingProgram: the API fails for one program, which says nothing
// about the others.
func TestOneFailingProgram(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1))
	bubble(t, s, cache.Options{}, func(t *testing.T, c *cache.Cache) {
		c.Programs(t.Context(), "ann", cache.AnyAge)
		s.fail("ann/whole", errDown)
		time.Sleep(40 * time.Second)
		old := answer{Collected: []int{1}, Age: 40 * time.Second, Freshness: cache.Stale}
		// What is refreshed is what the answer was taken from.
		check(t, s, 2, old, got(c.Program(t.Context(), "ann", "whole", cache.AnyAge)))
		check(t, s, 2, answer{Collected: []int{1}}, got(c.Programs(t.Context(), "ann", cache.AnyAge)))
		check(t, s, 2, answer{Collected: []int{1}}, got(c.Program(t.Context(), "ann", "whole", cache.AnyAge)))
	})
}

// TestStandInDoesNotKeepPeopleWaiting has an API that hangs, and somebody who
// can be served without it.
func TestStandInDoesNotKeepPeopleWaiting(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1))
	bubble(t, s, cache.Options{}, func(t *testing.T, c *cache.Cache) {
		c.Programs(t.Context(), "ann", cache.AnyAge)
		time.Sleep(time.Hour)
		s.set(nil, whole(2))
		release := s.hold()
		for range 2 {
			began := time.Now()
			snap, err := c.Programs(t.Context(), "ann", cache.AnyAge)
			if err != nil || snap.Freshness != cache.StandIn || !errors.Is(snap.Err, progressapi.ErrUnavailable) {
				t.Errorf("answer = %+v, %v, want a stand-in", snap, err)
			}
			if took := time.Since(began); took != 3*time.Second {
				t.Errorf("answered after %v, want 3 s", took)
			}
		}
		began := time.Now()
		short, cancel := context.WithTimeout(progressapi.Background(t.Context()), 5*time.Second)
		defer cancel()
		if _, err := c.Programs(short, "ann", cache.OnlyFresh); err != nil || time.Since(began) != 5*time.Second {
			t.Errorf("background work: %v after %v, want a stand-in after its 5 s", err, time.Since(began))
		}
		release()
		synctest.Wait()
		// The call that people did not wait for was not for nothing.
		if snap, err := c.Programs(t.Context(), "ann", cache.AnyAge); err != nil || snap.Freshness != cache.Fresh || snap.Programs[0].Collected != 2 {
			t.Errorf("answer = %+v, %v, want the new one", snap, err)
		}
	})
}

// TestOnlyFreshWaitsForASlowAPI: who has no use for an old answer is not given
// one while a new one may still come.
func TestOnlyFreshWaitsForASlowAPI(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1))
	bubble(t, s, cache.Options{}, func(t *testing.T, c *cache.Cache) {
		c.Programs(t.Context(), "ann", cache.AnyAge)
		time.Sleep(time.Hour)
		s.set(nil, whole(2))
		time.AfterFunc(4500*time.Millisecond, s.hold())
		snap, err := c.Programs(t.Context(), "ann", cache.OnlyFresh)
		if err != nil || snap.Freshness != cache.Fresh || snap.Programs[0].Collected != 2 {
			t.Errorf("answer = %+v, %v, want the new one", snap, err)
		}
	})
}

func TestFailuresAreNotKept(t *testing.T) {
	t.Parallel()
	s := newSource()
	s.set(&progressapi.Error{Op: "list programs", Kind: progressapi.ErrKeyRefused})
	bubble(t, s, cache.Options{}, func(t *testing.T, c *cache.Cache) {
		check(t, s, 1, answer{Why: progressapi.ErrKeyRefused, Failed: true}, got(c.Programs(t.Context(), "ann", cache.AnyAge)))
		s.set(nil, whole(1))
		check(t, s, 2, answer{Collected: []int{1}}, got(c.Programs(t.Context(), "ann", cache.AnyAge)))
	})
}

// TestRefreshBacksOff asks every 100 ms for a minute while the API is down.
func TestRefreshBacksOff(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1))
	bubble(t, s, cache.Options{TTL: 10 * time.Second}, func(t *testing.T, c *cache.Cache) {
		c.Programs(t.Context(), "ann", cache.AnyAge)
		s.set(errDown)
		time.Sleep(10 * time.Second)
		for range 600 {
			if _, err := c.Programs(t.Context(), "ann", cache.AnyAge); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if n := s.count() - 1; n < 12 || n > 25 {
			t.Errorf("the API was asked %d times in a minute of outage, want about one in 3 to 4 s", n)
		}
		s.set(nil, whole(2))
		time.Sleep(4 * time.Second)
		c.Programs(t.Context(), "ann", cache.AnyAge)
		synctest.Wait()
		a := got(c.Programs(t.Context(), "ann", cache.AnyAge))
		if d := cmp.Diff(answer{Collected: []int{2}}, a); d != "" {
			t.Errorf("after the outage (-want +got):\n%s", d)
		}
	})
}

func TestNothingIsBrief(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		ttl, fresh time.Duration
	}{{30 * time.Second, 10 * time.Second}, {4 * time.Second, 4 * time.Second}} {
		for _, notFound := range []bool{false, true} {
			t.Run(fmt.Sprint(tc.ttl, notFound), func(t *testing.T) {
				t.Parallel()
				s := newSource()
				if notFound {
					s.set(&progressapi.Error{Op: "list programs", Kind: progressapi.ErrNotFound})
				}
				bubble(t, s, cache.Options{TTL: tc.ttl}, func(t *testing.T, c *cache.Cache) {
					ask := func() answer { return got(c.Programs(t.Context(), "ann", cache.AnyAge)) }
					check(t, s, 1, answer{}, ask())
					time.Sleep(tc.fresh - time.Second)
					check(t, s, 1, answer{Age: tc.fresh - time.Second}, ask())
					time.Sleep(time.Second)
					check(t, s, 2, answer{}, ask())
					// It never stands in for what the API does not say.
					time.Sleep(tc.fresh)
					s.set(errDown)
					check(t, s, 3, answer{Why: progressapi.ErrUnavailable, Failed: true}, ask())
				})
			})
		}
	}
}

func TestRenew(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1), bare(1))
	bubble(t, s, cache.Options{}, func(t *testing.T, c *cache.Cache) {
		ask := func() answer { return got(c.Programs(t.Context(), "ann", cache.Renew)) }
		check(t, s, 1, answer{Collected: []int{1, 1}}, ask())
		s.set(nil, whole(2), bare(2))
		time.Sleep(9 * time.Second)
		check(t, s, 1, answer{Collected: []int{1, 1}, Age: 9 * time.Second}, ask())
		time.Sleep(time.Second)
		check(t, s, 2, answer{Collected: []int{2, 2}}, ask())

		// The bound is the person's, not the list's.
		time.Sleep(5 * time.Second)
		check(t, s, 3, answer{Collected: []int{2}}, got(c.Program(t.Context(), "ann", "bare", cache.AnyAge)))
		time.Sleep(5 * time.Second)
		check(t, s, 3, answer{Collected: []int{2, 2}, Age: 10 * time.Second}, ask())
		// Another person has their own.
		check(t, s, 4, answer{Collected: []int{2, 2}}, got(c.Programs(t.Context(), "bob", cache.Renew)))

		// With the API down a renewal gets the old answer and the reason.
		time.Sleep(10 * time.Second)
		s.set(errDown)
		down := answer{Collected: []int{2, 2}, Age: 20 * time.Second, Freshness: cache.StandIn, Why: progressapi.ErrUnavailable}
		check(t, s, 5, down, ask())
		check(t, s, 5, down, ask())
		// Which takes nothing from what is fresh.
		check(t, s, 5, answer{Collected: []int{2, 2}, Age: 20 * time.Second}, got(c.Programs(t.Context(), "ann", cache.AnyAge)))
	})
}

func TestProgram(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1), bare(1), progressapi.Program{ID: "empty"})
	bubble(t, s, cache.Options{}, func(t *testing.T, c *cache.Cache) {
		ask := func(id string, want cache.Want) answer { return got(c.Program(t.Context(), "ann", id, want)) }
		c.Programs(t.Context(), "ann", cache.AnyAge)

		// The overview has all that these need.
		check(t, s, 1, answer{Collected: []int{1}}, ask("whole", cache.AnyAge))
		check(t, s, 1, answer{Collected: []int{0}}, ask("empty", cache.OnlyFresh))
		// This one's cards are missing in it.
		check(t, s, 2, answer{Collected: []int{1}}, ask("bare", cache.AnyAge))
		check(t, s, 2, answer{Collected: []int{1}}, ask("bare", cache.AnyAge))
		snap, err := c.Program(t.Context(), "ann", "bare", cache.AnyAge)
		if err != nil || len(snap.Programs) != 1 || snap.Programs[0].Description != "on its own" {
			t.Errorf("bare = %+v, %v, want the answer of its own endpoint", snap, err)
		}

		// An overview that tells other numbers outdates it.
		time.Sleep(12 * time.Second)
		s.set(nil, whole(1), bare(5))
		check(t, s, 3, answer{Collected: []int{1, 5}}, got(c.Programs(t.Context(), "ann", cache.Renew)))
		check(t, s, 4, answer{Collected: []int{5}}, ask("bare", cache.AnyAge))

		// The newer of the two serves.
		time.Sleep(31 * time.Second)
		s.set(nil, whole(2), bare(6))
		check(t, s, 5, answer{Collected: []int{2}}, ask("whole", cache.OnlyFresh))
		check(t, s, 5, answer{Collected: []int{2}}, ask("whole", cache.AnyAge))

		// With the API down even an overview without cards stands in.
		s.set(nil, bare(7))
		check(t, s, 6, answer{Collected: []int{7}}, got(c.Programs(t.Context(), "bob", cache.AnyAge)))
		s.set(errDown)
		check(t, s, 7, answer{Collected: []int{7}, Freshness: cache.StandIn, Why: progressapi.ErrUnavailable},
			got(c.Program(t.Context(), "bob", "bare", cache.AnyAge)))
	})
}

// TestOverviewFollows looks at the overview, then anew at programs of it, and
// goes back.
func TestOverviewFollows(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		wait  time.Duration // between the second look and the third
		down  bool          // whether the API is, at the third
		back  cache.Want
		want  answer
		calls int
	}{
		"while fresh":      {0, false, cache.AnyAge, answer{Collected: []int{3, 10}, Age: 22 * time.Second}, 3},
		"demanding fresh":  {0, false, cache.OnlyFresh, answer{Collected: []int{3, 10}, Age: 22 * time.Second}, 3},
		"while stale":      {40 * time.Second, false, cache.AnyAge, answer{Collected: []int{3, 10}, Age: 62 * time.Second, Freshness: cache.Stale}, 4},
		"during an outage": {time.Hour, true, cache.AnyAge, answer{Collected: []int{3, 10}, Age: time.Hour + 22*time.Second, Freshness: cache.StandIn, Why: progressapi.ErrUnavailable}, 4},
		"anew":             {10 * time.Second, false, cache.Renew, answer{Collected: []int{3, 8}}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSource(whole(1), bare(9))
			bubble(t, s, cache.Options{}, func(t *testing.T, c *cache.Cache) {
				check(t, s, 1, answer{Collected: []int{1, 9}}, got(c.Programs(t.Context(), "ann", cache.AnyAge)))
				time.Sleep(11 * time.Second)
				s.set(nil, whole(3), bare(10))
				check(t, s, 2, answer{Collected: []int{10}}, got(c.Program(t.Context(), "ann", "bare", cache.Renew)))
				time.Sleep(11 * time.Second)
				check(t, s, 3, answer{Collected: []int{3}}, got(c.Program(t.Context(), "ann", "whole", cache.Renew)))
				s.set(nil, whole(3), bare(8)) // People give cards away, too.
				if tc.down {
					s.set(errDown)
				}
				time.Sleep(tc.wait)
				if snap, ok := c.Peek(t.Context(), "ann"); !ok || got(snap, nil).Collected[1] != 10 {
					t.Errorf("Peek = %+v, %v, want what was last seen", snap, ok)
				}
				check(t, s, tc.calls, tc.want, got(c.Programs(t.Context(), "ann", tc.back)))
			})
		})
	}
}

func TestProgramNotFound(t *testing.T) {
	t.Parallel()
	s := newSource(bare(1))
	bubble(t, s, cache.Options{}, func(t *testing.T, c *cache.Cache) {
		ask := func(id string) answer { return got(c.Program(t.Context(), "ann", id, cache.AnyAge)) }
		none := answer{Why: progressapi.ErrNotFound, Failed: true}
		check(t, s, 0, none, ask(""))
		check(t, s, 1, none, ask("x"))
		check(t, s, 1, none, ask("x"))
		time.Sleep(10 * time.Second)
		check(t, s, 2, none, ask("x"))

		// A program that vanishes leaves no stand-in.
		check(t, s, 3, answer{Collected: []int{1}}, ask("bare"))
		time.Sleep(10 * time.Minute)
		s.set(nil)
		check(t, s, 4, none, ask("bare"))
		time.Sleep(10 * time.Second)
		s.set(errDown)
		check(t, s, 5, answer{Why: progressapi.ErrUnavailable, Failed: true}, ask("bare"))
	})
}

func TestPeekNeverAsks(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1))
	bubble(t, s, cache.Options{}, func(t *testing.T, c *cache.Cache) {
		peek := func() string {
			snap, ok := c.Peek(t.Context(), "ann")
			return fmt.Sprint(ok, len(snap.Programs), snap.Freshness)
		}
		steps := []string{peek()}
		c.Programs(t.Context(), "ann", cache.AnyAge)
		steps = append(steps, peek())
		time.Sleep(time.Minute)
		steps = append(steps, peek())
		time.Sleep(20 * time.Hour)
		steps = append(steps, peek())
		time.Sleep(4 * time.Hour)
		steps = append(steps, peek())
		want := []string{"false 0 0", "true 1 0", "true 1 1", "true 1 1", "false 0 0"}
		if d := cmp.Diff(want, steps); d != "" {
			t.Errorf("Peek (-want +got):\n%s", d)
		}
		if n := s.count(); n != 1 {
			t.Errorf("the API was asked %d times, want once", n)
		}
	})
}

func TestForget(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1), bare(1))
	bubble(t, s, cache.Options{}, func(t *testing.T, c *cache.Cache) {
		c.Programs(t.Context(), "ann", cache.AnyAge)
		c.Program(t.Context(), "ann", "bare", cache.AnyAge)
		c.Programs(t.Context(), "bob", cache.AnyAge)
		if err := c.Forget(t.Context(), "ann"); err != nil {
			t.Fatalf("Forget: %v", err)
		}
		if _, ok := c.Peek(t.Context(), "ann"); ok {
			t.Error("ann's overview is still there")
		}
		if _, ok := c.Peek(t.Context(), "bob"); !ok {
			t.Error("bob was forgotten, too")
		}
		s.set(errDown)
		check(t, s, 4, answer{Why: progressapi.ErrUnavailable, Failed: true}, got(c.Program(t.Context(), "ann", "bare", cache.AnyAge)))

		// What was under way when somebody was forgotten is not kept.
		s.set(nil, whole(2))
		release := s.hold()
		done := make(chan answer)
		go func() { done <- got(c.Programs(t.Context(), "ann", cache.AnyAge)) }()
		synctest.Wait()
		if err := c.Forget(t.Context(), "ann"); err != nil {
			t.Fatalf("Forget: %v", err)
		}
		release()
		check(t, s, 5, answer{Collected: []int{2}}, <-done)
		if _, ok := c.Peek(t.Context(), "ann"); ok {
			t.Error("an answer that was under way was kept")
		}
	})
}

func TestOneCallForThousands(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1))
	bubble(t, s, cache.Options{}, func(t *testing.T, c *cache.Cache) {
		release := s.hold()
		var asking sync.WaitGroup
		for range 1000 {
			asking.Go(func() {
				if a := got(c.Programs(t.Context(), "ann", cache.AnyAge)); a.Failed {
					t.Error(a.Why)
				}
			})
		}
		synctest.Wait()
		release()
		asking.Wait()
		if n := s.count(); n != 1 {
			t.Errorf("the API was asked %d times by a thousand, want once", n)
		}

		// And once more for a thousand who find it stale.
		time.Sleep(31 * time.Second)
		for range 1000 {
			asking.Go(func() { c.Programs(t.Context(), "ann", cache.AnyAge) })
		}
		asking.Wait()
		synctest.Wait()
		if n := s.count(); n != 2 {
			t.Errorf("the API was asked %d times, want twice", n)
		}
	})
}

// TestRacingThousands is TestOneCallForThousands with real threads and an API
// that answers at once, so that callers meet a call in each of its stages.
func TestRacingThousands(t *testing.T) {
	t.Parallel()
	for range 5 {
		s := newSource(whole(1))
		c := cache.New(s, cache.Options{})
		var asking sync.WaitGroup
		for range 1000 {
			asking.Go(func() { c.Programs(t.Context(), "ann", cache.AnyAge) })
		}
		asking.Wait()
		c.Close()
		if n := s.count(); n != 1 {
			t.Fatalf("the API was asked %d times by a thousand, want once", n)
		}
	}
}

func TestCallersLeave(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1))
	bubble(t, s, cache.Options{}, func(t *testing.T, c *cache.Cache) {
		release := s.hold()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_, err := c.Programs(ctx, "ann", cache.AnyAge)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, progressapi.ErrUnavailable) {
			t.Errorf("error = %v, want one that matches the deadline and ErrUnavailable", err)
		}
		if d := time.Since(began); d != time.Second {
			t.Errorf("the caller left after %v, want 1s", d)
		}
		// The call went on and serves the next.
		release()
		synctest.Wait()
		check(t, s, 1, answer{Collected: []int{1}}, got(c.Programs(t.Context(), "ann", cache.AnyAge)))

		// Who leaves when there is an old answer has that.
		time.Sleep(time.Hour)
		release = s.hold()
		defer release()
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		check(t, s, 2, answer{Collected: []int{1}, Age: time.Hour + time.Second, Freshness: cache.StandIn, Why: progressapi.ErrUnavailable},
			got(c.Programs(ctx, "ann", cache.AnyAge)))

		// A source that never answers is given up, by who can do with an old
		// answer sooner than by who has none.
		check(t, s, 2, answer{Collected: []int{1}, Age: time.Hour + 4*time.Second, Freshness: cache.StandIn, Why: progressapi.ErrUnavailable},
			got(c.Programs(t.Context(), "ann", cache.AnyAge)))
		began = time.Now()
		if a := got(c.Programs(t.Context(), "bob", cache.AnyAge)); !a.Failed || time.Since(began) != cache.DefaultLoadTimeout {
			t.Errorf("answer = %+v after %v, want a failure after %v", a, time.Since(began), cache.DefaultLoadTimeout)
		}
	})
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1))
	bubble(t, s, cache.Options{}, func(t *testing.T, c *cache.Cache) {
		defer s.hold()()
		done := make(chan answer)
		go func() { done <- got(c.Programs(t.Context(), "ann", cache.AnyAge)) }()
		synctest.Wait()
		c.Close()
		want := answer{Why: progressapi.ErrUnavailable, Failed: true}
		check(t, s, 1, want, <-done)
		check(t, s, 1, want, got(c.Programs(t.Context(), "bob", cache.AnyAge)))
	})
}

func TestPanicIsAFailure(t *testing.T) {
	t.Parallel()
	s := newSource()
	s.panics = true
	bubble(t, s, cache.Options{}, func(t *testing.T, c *cache.Cache) {
		check(t, s, 1, answer{Why: progressapi.ErrUnavailable, Failed: true}, got(c.Programs(t.Context(), "ann", cache.AnyAge)))
	})
}

func TestBackgroundWork(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1))
	bubble(t, s, cache.Options{}, func(t *testing.T, c *cache.Cache) {
		release := s.hold()
		var asking sync.WaitGroup
		asking.Go(func() { c.Programs(progressapi.Background(t.Context()), "ann", cache.AnyAge) })
		synctest.Wait()
		// A person does not queue behind it.
		asking.Go(func() { c.Programs(t.Context(), "ann", cache.AnyAge) })
		synctest.Wait()
		release()
		asking.Wait()
		if d := cmp.Diff([]bool{true, false}, s.asked); d != "" {
			t.Errorf("asked as background work (-want +got):\n%s", d)
		}
		// But takes what it has brought.
		check(t, s, 2, answer{Collected: []int{1}}, got(c.Programs(t.Context(), "ann", cache.AnyAge)))
	})
}

func TestOnFetch(t *testing.T) {
	t.Parallel()
	s := newSource(whole(1))
	var told []string
	o := cache.Options{OnFetch: func(user string, programs []progressapi.Program, fetched time.Time) {
		told = append(told, fmt.Sprint(user, len(programs), time.Since(fetched)))
	}}
	bubble(t, s, o, func(t *testing.T, c *cache.Cache) {
		c.Programs(t.Context(), "ann", cache.AnyAge)
		c.Programs(t.Context(), "ann", cache.AnyAge)
		c.Program(t.Context(), "ann", "bare", cache.AnyAge)
		s.set(errDown)
		c.Programs(t.Context(), "bob", cache.AnyAge)
		s.set(nil)
		c.Programs(t.Context(), "cid", cache.AnyAge)
		if d := cmp.Diff([]string{"ann1 0s", "cid0 0s"}, told); d != "" {
			t.Errorf("told (-want +got):\n%s", d)
		}
	})
}

// TestMemoryIsBounded asks for far more people than there is room for.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	const bound = 1 << 20
	p := process{set: metrics.NewSet()}
	p.Cache = cache.New(newSource(collection(8, 10)...), cache.Options{MaxBytes: bound, Metrics: p.set})
	for i := range 1000 {
		if _, err := p.Programs(t.Context(), fmt.Sprint(i), cache.AnyAge); err != nil {
			t.Fatal(err)
		}
	}
	p.Settle()
	if used, err := strconv.ParseFloat(p.metric("progressbot_cache_memory_bytes"), 64); err != nil || used == 0 || used > bound {
		t.Errorf("memory holds %v bytes (%v), want 1 to %d", used, err, bound)
	}
	if n, err := strconv.Atoi(p.metric("progressbot_cache_memory_entries")); err != nil || n == 0 || n > 200 {
		t.Errorf("memory holds %d entries (%v), want 1 to 200", n, err)
	}
	p.Close() // And no goroutine is left, as goleak finds when all tests have ended.
}

var _ cache.Source = (*progressapi.Client)(nil)
