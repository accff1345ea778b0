package watch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/google/go-cmp/cmp"

	"progressbot/bot/store"
	"progressbot/bot/watch"
	"progressbot/progressapi"
	"progressbot/progressapi/cache"
)

// api answers for people as it is told to.
type api struct {
	mu      sync.Mutex
	answers map[string]list
	faults  map[string]error // by person; "" is everybody
	stale   error            // a stand-in is served because of it
	age     time.Duration    // of the answers
	took    time.Duration
	panics  bool
	asked   []string
	at      []time.Time
}

func newAPI() *api { return &api{answers: map[string]list{}, faults: map[string]error{}} }

// Programs implements watch.Fetcher.
func (a *api) Programs(ctx context.Context, userID string, want cache.Want) (cache.Snapshot, error) {
	a.mu.Lock()
	a.asked = append(a.asked, userID)
	a.at = append(a.at, time.Now())
	took := a.took
	a.mu.Unlock()
	if want != cache.OnlyFresh || !progressapi.IsBackground(ctx) {
		return cache.Snapshot{}, errors.New("not what the watcher should ask for")
	}
	select {
	case <-time.After(took):
	case <-ctx.Done():
		return cache.Snapshot{}, errors.Join(progressapi.ErrUnavailable, ctx.Err())
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.panics {
		panic("a broken cache")
	}
	for _, who := range []string{"", userID} {
		if err := a.faults[who]; err != nil {
			return cache.Snapshot{}, err
		}
	}
	return cache.Snapshot{Programs: a.answers[userID], Fetched: time.Now().Add(-a.age), Err: a.stale}, nil
}

func (a *api) set(change func(*api)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(a)
}

func (a *api) answer(person string, programs ...progressapi.Program) {
	a.set(func(a *api) { a.answers[person] = programs })
}

func (a *api) fail(person string, err error) {
	a.set(func(a *api) { a.faults[person] = err })
}

// requests returns who was asked for since the last call.
func (a *api) requests() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := a.asked
	a.asked = nil
	return out
}

// ledger takes what is found, each thing once.
type ledger struct {
	mu      sync.Mutex
	entries []string
	taken   []watch.Found
	fault   error
}

// Take implements watch.Sink.
func (l *ledger) Take(_ context.Context, f watch.Found) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken = append(l.taken, f)
	if l.fault != nil {
		return l.fault
	}
	for _, what := range describe(f.Completions) {
		if entry := f.Person + ": " + what; !slices.Contains(l.entries, entry) {
			l.entries = append(l.entries, entry)
		}
	}
	return nil
}

func (l *ledger) set(fault error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = fault
}

// takes returns what was handed over, repetitions included.
func (l *ledger) takes() []watch.Found {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.taken)
}

func (l *ledger) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.entries)
}

// logbook is a log that can be read while it is written.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// scene is a watcher among doubles.
type scene struct {
	*testing.T
	queue   *queue
	api     *api
	ledger  *ledger
	metrics *metrics.Set
	log     *logbook
	watcher *watch.Watcher
	stop    func() error
}

// play runs a test in a bubble, with a watcher that follows the persons.
func play(t *testing.T, test func(*scene), persons ...string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &scene{T: t, queue: newQueue(persons...), api: newAPI(), ledger: &ledger{}}
		s.start()
		test(s)
		if err := s.stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
		if held := s.queue.held(); len(held) > 0 {
			t.Errorf("claims of %v were not given back", held)
		}
	})
}

// start starts a watcher, as a new process would. It begins when the test
// first lets time pass, so that what is set up until then counts from the
// first look on.
func (s *scene) start() {
	s.metrics, s.log = metrics.NewSet(), &logbook{}
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelInfo, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	s.watcher = watch.New(s.queue, s.api, s.ledger, watch.Options{Rate: 10, Log: log, Metrics: s.metrics})
	ctx, cancel := context.WithCancel(s.Context())
	ended := make(chan error, 1)
	go func() {
		time.Sleep(time.Nanosecond)
		ended <- s.watcher.Run(ctx)
	}()
	s.stop = func() error {
		cancel()
		return <-ended
	}
}

// pass lets time pass.
func (s *scene) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func (s *scene) expect(what string, want, got any) {
	s.Helper()
	if d := cmp.Diff(want, got); d != "" {
		s.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// expectMetrics looks for lines in the metrics.
func (s *scene) expectMetrics(lines ...string) {
	s.Helper()
	var b bytes.Buffer
	s.metrics.WritePrometheus(&b)
	for _, line := range lines {
		if !strings.Contains(b.String(), "progressbot_watch_"+line+"\n") {
			s.Errorf("metrics lack %q:\n%s", line, b.String())
		}
	}
}

// expectLog compares the log, one message a line.
func (s *scene) expectLog(want string) {
	s.Helper()
	s.expect("log", want, s.log.String())
}

func TestBaseline(t *testing.T) {
	t.Parallel()
	var persons []string
	for i := range 500 {
		persons = append(persons, fmt.Sprint(1000+i))
	}
	play(t, func(s *scene) {
		for _, p := range persons {
			s.api.answer(p, cards("a", 10), cards("b", 9))
		}
		s.pass(10 * time.Minute)
		s.expect("entries of people who had all completed something", []string(nil), s.ledger.all())
		s.expectMetrics(`looks_total{result="first"} 500`, `follows 500`, `found_total{kind="completion"} 0`)

		s.api.answer("1234", cards("a", 10), cards("b", 10))
		s.pass(10 * time.Minute)
		s.expect("entries", []string{"1234: b complete"}, s.ledger.all())
		s.pass(time.Hour)
		s.expect("entries an hour later", []string{"1234: b complete"}, s.ledger.all())
		s.expectMetrics(`found_total{kind="completion"} 1`)
	}, persons...)
}

func TestFoundTellsWhere(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.api.answer("1", cards("a", 2), cards("b", 9))
		s.pass(time.Minute)
		s.api.answer("1", cards("a", 6), cards("b", 10))
		s.pass(10 * time.Minute)
		taken := s.ledger.takes()
		if len(taken) != 1 {
			s.Fatalf("taken %d times, want once", len(taken))
		}
		got := taken[0]
		s.expect("what was found", watch.Found{
			Person: "1", Servers: []string{"1"}, At: got.At,
			Completions: []watch.Completion{
				{Program: "a", Milestones: []int{25, 50}, Facts: store.Facts{Name: "Name of a", Collected: 6, Size: 10}},
				{Program: "b", Facts: store.Facts{Name: "Name of b", Collected: 10, Size: 10}},
			},
		}, got)
		if age := time.Since(got.At); age < 0 || age > 10*time.Minute {
			s.Errorf("the answer is from %v ago", age)
		}
		s.expectMetrics(`found_total{kind="completion"} 1`, `found_total{kind="milestone"} 1`, `found_within_seconds_count 1`)
	}, "1")
}

// TestCrash ends the process when what was found is in the ledger and the
// state is not stored yet.
func TestCrash(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.api.answer("1", cards("a", 9))
		s.pass(time.Minute)
		s.queue.set(func(q *queue) { q.failReturns = errors.New("the process is dead") })
		s.api.answer("1", cards("a", 10))
		s.pass(10 * time.Minute)
		s.expect("entries before the crash", []string{"1: a complete"}, s.ledger.all())
		if err := s.stop(); err != nil {
			s.Errorf("stop: %v", err)
		}

		s.queue.set(func(q *queue) { q.failReturns = nil })
		taken := len(s.ledger.takes())
		s.start()
		s.pass(10 * time.Minute)
		s.expect("times it was found again", 1, len(s.ledger.takes())-taken)
		s.expect("entries", []string{"1: a complete"}, s.ledger.all())
	}, "1")
}

// TestSinkFails hands over what nobody takes.
func TestSinkFails(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.api.answer("1", cards("a", 9))
		s.pass(time.Minute)
		s.ledger.set(errors.New("the disk is full"))
		s.api.answer("1", cards("a", 10))
		s.pass(time.Hour)
		s.expect("what is known", false, s.queue.stateOf("1").Seen[0].Complete)
		if n := len(s.ledger.takes()); n < 3 || n > 12 {
			s.Errorf("tried %d times in an hour", n)
		}
		s.ledger.set(nil)
		s.pass(20 * time.Minute)
		s.expect("entries", []string{"1: a complete"}, s.ledger.all())
		s.expect("what is known", true, s.queue.stateOf("1").Seen[0].Complete)
		s.expect("failures that are remembered", 0, s.queue.stateOf("1").Failed)
		s.expectLog(`level=ERROR msg="what was found cannot be handed to the ledger, it will be found again" err="the disk is full"
` + s.rest(`level=INFO msg="what is found can be handed to the ledger again"`))
	}, "1")
}

// rest returns the line of the log that begins as told.
func (s *scene) rest(prefix string) string {
	for line := range strings.Lines(s.log.String()) {
		if strings.HasPrefix(line, prefix) {
			return line
		}
	}
	return prefix
}

func TestAPIFails(t *testing.T) {
	t.Parallel()
	limited := &progressapi.Error{Op: "list programs", Kind: progressapi.ErrRateLimited, RetryAfter: 10 * time.Minute}
	for _, c := range []struct {
		name     string
		fault    error
		min, max int // requests in an hour
	}{
		{"down", progressapi.ErrUnavailable, 25, 50},
		{"unreadable", progressapi.ErrUnreadable, 25, 50},
		{"limited", progressapi.ErrRateLimited, 100, 150},
		{"limited for long", limited, 5, 7},
		{"key refused", progressapi.ErrKeyRefused, 12, 20},
		{"account refused", progressapi.ErrPlanRefused, 12, 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var persons []string
			for i := range 50 {
				persons = append(persons, fmt.Sprint(1000+i))
			}
			play(t, func(s *scene) {
				for _, p := range persons {
					s.api.answer(p, cards("a", 9))
				}
				s.pass(time.Minute)
				s.api.requests()
				s.api.fail("", c.fault)
				s.pass(time.Hour)
				if n := len(s.api.requests()); n < c.min || n > c.max {
					s.Errorf("%d requests in an hour of trouble, want %d to %d", n, c.min, c.max)
				}
				s.expectMetrics(`paused 1`, `found_total{kind="completion"} 0`)
				s.expect("lines in the log", 1, strings.Count(s.log.String(), "\n"))

				s.api.fail("", nil)
				for _, p := range persons {
					s.api.answer(p, cards("a", 10))
				}
				s.pass(25 * time.Minute)
				s.expect("entries after it", len(persons), len(s.ledger.all()))
				s.expectMetrics(`paused 0`)
				s.pass(7 * time.Hour)
				s.expect("lines in the log", 2, strings.Count(s.log.String(), "\n"))
			}, persons...)
		})
	}
}

// TestPoison follows somebody for whom the API always fails.
func TestPoison(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.api.fail("2", progressapi.ErrUnavailable)
		for _, p := range []string{"1", "3"} {
			s.api.answer(p, cards("a", 9))
		}
		s.pass(day)
		asked := map[string]int{}
		for _, p := range s.api.requests() {
			asked[p]++
		}
		if asked["1"] < 300 || asked["3"] < 300 {
			s.Errorf("the others are looked at %d and %d times a day", asked["1"], asked["3"])
		}
		if asked["2"] > 120 {
			s.Errorf("the one who fails was asked for %d times a day", asked["2"])
		}
		s.expectMetrics(fmt.Sprintf(`looks_total{result="failed"} %d`, asked["2"]))
		s.expect("log", "", s.log.String())
	}, "1", "2", "3")
}

// TestStandIn serves old answers while the API fails: they are nobody's
// baseline.
func TestStandIn(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.api.answer("1", cards("a", 9))
		s.api.set(func(a *api) { a.stale = progressapi.ErrUnavailable })
		s.pass(time.Hour)
		s.expect("what is known", store.WatchState{}, withoutFailures(s.queue.stateOf("1")))
	}, "1")
}

func withoutFailures(w store.WatchState) store.WatchState {
	w.Failed = 0
	return w
}

// TestOldAnswer gets an answer from before what is known already.
func TestOldAnswer(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.api.answer("1", cards("a", 9))
		s.pass(time.Minute)
		known := s.queue.stateOf("1")
		s.api.answer("1", cards("a", 2))
		s.api.set(func(a *api) { a.age = 20 * time.Minute })
		s.pass(15 * time.Minute)
		got := s.queue.stateOf("1")
		got.Every = known.Every
		s.expect("what is known", known, got)
		s.expectMetrics(`looks_total{result="first"} 1`, `looks_total{result="changed"} 0`)
	}, "1")
}

// TestClockSetBack has a state that was stored by a clock that ran ahead.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.api.answer("1", cards("a", 9))
		s.pass(time.Minute)
		s.queue.set(func(q *queue) { q.all["1"].State.Checked = time.Now().Add(day) })
		s.api.answer("1", cards("a", 10))
		s.pass(10 * time.Minute)
		s.expect("entries", []string{"1: a complete"}, s.ledger.all())
	}, "1")
}

func TestNobodyYet(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.api.fail("1", progressapi.ErrNotFound)
		s.pass(time.Minute)
		s.expect("looked at", false, s.queue.stateOf("1").Checked.IsZero())
		s.api.fail("1", nil)
		s.api.answer("1", cards("a", 10))
		s.pass(day)
		s.expect("what is known of the first program", true, s.queue.stateOf("1").Seen[0].Complete)
		s.expect("entries", []string(nil), s.ledger.all())
	}, "1")
}

func TestPanic(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.api.set(func(a *api) { a.panics = true })
		s.pass(time.Minute)
		s.api.set(func(a *api) { a.panics = false })
		s.pass(10 * time.Minute)
		s.expect("looked at", false, s.queue.stateOf("1").Checked.IsZero())
	}, "1")
}

// TestStop ends the watcher in the middle of requests.
func TestStop(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.api.set(func(a *api) { a.took = 10 * time.Second })
		s.pass(time.Second)
		if len(s.queue.held()) < 3 {
			s.Fatalf("only %v are looked at", s.queue.held())
		}
		began := time.Now()
		if err := s.stop(); err != nil {
			s.Errorf("stop: %v", err)
		}
		s.expect("time it took", time.Duration(0), time.Since(began))
		for _, p := range []string{"1", "2", "3", "4"} {
			s.expect("due time of "+p, time.Time{}, s.queue.dueOf(p))
			s.expect("state of "+p, store.WatchState{}, s.queue.stateOf(p))
		}
		s.start()
	}, "1", "2", "3", "4")
}

func TestStopWithoutStore(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.api.set(func(a *api) { a.took = 10 * time.Second })
		s.pass(time.Second)
		s.queue.set(func(q *queue) { q.failReturns = errors.New("gone") })
		if err := s.stop(); err == nil {
			s.Error("stopped without an error, want one about claims that are held")
		}
		s.queue.set(func(q *queue) { q.failReturns = nil })
		s.start()
		s.pass(10 * time.Minute)
		s.expect("looked at after the lease", false, s.queue.stateOf("1").Checked.IsZero())
	}, "1")
}

func TestStoreFails(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.pass(time.Minute)
		s.queue.set(func(q *queue) { q.failClaims, q.claimed = errors.New("refused"), 0 })
		s.pass(time.Hour)
		if n := s.queue.claims(); n < 100 || n > 150 {
			s.Errorf("the store was tried %d times in an hour", n)
		}
		s.expectLog("level=ERROR msg=\"the store fails, so looking for completions pauses\" err=refused\n")
		s.queue.set(func(q *queue) { q.failClaims = nil })
		s.api.answer("1", cards("a", 9))
		s.pass(7 * time.Hour)
		s.expect("programs that are known", 1, len(s.queue.stateOf("1").Seen))
		s.expect("lines in the log", 2, strings.Count(s.log.String(), "\n"))
	}, "1")
}

// TestDamaged has records that cannot be read among the claims.
func TestDamaged(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.queue.set(func(q *queue) { q.damaged = fmt.Errorf("%w: record %q", store.ErrDamaged, "watch:9") })
		s.api.answer("1", cards("a", 9))
		s.pass(50 * time.Minute)
		s.expect("the others are looked at", false, s.queue.stateOf("1").Checked.IsZero())
		s.pass(day)
		s.expect("lines in the log", 1, strings.Count(s.log.String(), "\n"))
		s.queue.set(func(q *queue) { q.damaged = nil })
		s.pass(2 * time.Hour)
		s.expectLog(`level=ERROR msg="what is stored about somebody who is followed is damaged, so they are left out" err="stored data is damaged: record \"watch:9\""
` + s.rest(`level=INFO msg="what is stored about those who are followed can be read again"`))
	}, "1")
}

// TestUnfollowed loses a claim while the request is on its way.
func TestUnfollowed(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.api.set(func(a *api) { a.took = 10 * time.Second })
		s.pass(5 * time.Second)
		s.queue.set(func(q *queue) { delete(q.all, "1") })
		s.pass(time.Minute)
		s.expectMetrics(`lost_claims_total 1`)
	}, "1")
}

func TestObserve(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.api.answer("1", cards("a", 5))
		s.api.answer("2", cards("a", 5))
		s.pass(time.Minute)
		s.api.requests()

		s.watcher.Observe("1", list{cards("a", 10)}, time.Now())
		s.watcher.Observe("3", list{cards("a", 10)}, time.Now())
		s.pass(0)
		s.expect("entries", []string{"1: a complete"}, s.ledger.all())
		s.expect("requests", []string(nil), s.api.requests())
		s.expectMetrics(`observed_total{result="taken"} 1`, `observed_total{result="not_followed"} 1`, `claims_total{reason="answer"} 1`)

		s.watcher.Observe("1", list{cards("a", 10)}, time.Now().Add(-time.Minute))
		s.pass(0)
		s.expectMetrics(`looks_total{result="old"} 1`)

		// While the person is being looked at by this process, or another.
		s.api.set(func(a *api) { a.took = 5 * time.Second })
		s.queue.set(func(q *queue) { q.setDue(q.all["2"], time.Time{}) })
		s.pass(3 * time.Second)
		s.expect("requests", []string{"2"}, s.api.requests())
		s.watcher.Observe("2", list{cards("a", 10)}, time.Now())
		s.queue.set(func(q *queue) { q.all["1"].leased = time.Now().Add(time.Minute) })
		s.watcher.Observe("1", list{cards("b", 10)}, time.Now())
		s.pass(0)
		s.expectMetrics(`observed_total{result="taken"} 2`, `observed_total{result="held"} 1`)
		s.queue.set(func(q *queue) { q.all["1"].leased = time.Time{} })
		s.pass(time.Minute)
	}, "1", "2")
}

// TestObserveNeverWaits floods a watcher whose store does not answer.
func TestObserveNeverWaits(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.pass(time.Minute)
		s.queue.set(func(q *queue) { q.failClaims = errors.New("refused") })
		for range 1000 {
			s.watcher.Observe("1", list{cards("a", 10)}, time.Now())
		}
		s.pass(0)
		s.expectMetrics(`observed_total{result="dropped"} 1000`)
		s.queue.set(func(q *queue) { q.failClaims = nil })
	}, "1")
}

// TestAfterOutage is back after hours with everybody overdue: those with one
// card missing are found first.
func TestAfterOutage(t *testing.T) {
	t.Parallel()
	var persons []string
	for i := range 20_000 {
		persons = append(persons, fmt.Sprint(100_000+i))
	}
	play(t, func(s *scene) {
		s.queue.set(func(q *queue) {
			for i, p := range persons {
				f := q.all[p]
				f.State = store.WatchState{Checked: time.Now().Add(-day), Every: 12 * time.Hour, Seen: []store.Seen{{Program: store.KeyOf("a"), Milestone: 75}}}
				due := time.Now().Add(-10 * time.Hour).Add(time.Duration(i) * time.Second)
				if i%100 == 99 {
					f.State.Every = 7 * time.Minute
				}
				q.setDue(f, due)
			}
		})
		for i, p := range persons {
			s.api.answer(p, cards("a", 5))
			if i%100 == 99 {
				s.api.answer(p, cards("a", 10))
			}
		}
		s.pass(5 * time.Minute)
		s.expect("entries", len(persons)/100, len(s.ledger.all()))
		if n := len(s.api.requests()); n > 5*60*10+1 {
			s.Errorf("%d requests in 5 minutes", n)
		}
	}, persons...)
}

// TestSlowAPI holds back looks: fewer are planned, and none outlives a lease.
func TestSlowAPI(t *testing.T) {
	t.Parallel()
	var persons []string
	for i := range 300 {
		persons = append(persons, fmt.Sprint(1000+i))
	}
	play(t, func(s *scene) {
		for _, p := range persons {
			s.api.answer(p, cards("a", 9))
		}
		s.api.set(func(a *api) { a.took = 14 * time.Second })
		s.pass(3 * time.Hour)
		last := map[string]time.Time{}
		s.api.set(func(a *api) {
			for i, p := range a.asked {
				if gap := a.at[i].Sub(last[p]); gap < 100*time.Second {
					s.Fatalf("%s was asked for twice within %v", p, gap)
				}
				last[p] = a.at[i]
			}
		})
		s.expect("people looked at", len(persons), len(last))
		s.expectMetrics(`looks_total{result="failed"} 0`, `lost_claims_total 0`)
	}, persons...)
}
