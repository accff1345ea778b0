package standings_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"progressbot/bot/standings"
	"progressbot/bot/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var _ standings.Store = (*store.Store)(nil)

// shelf is a store that notes whose sightings it got.
type shelf struct {
	mu      sync.Mutex
	persons []string
	err     error
	takes   time.Duration // or until the context ends
}

func (s *shelf) Record(ctx context.Context, sight store.Sighting) error {
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
		return ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.persons = append(s.persons, sight.Person)
	return s.err
}

func (s *shelf) breaks(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// timeless writes a log without times.
func timeless(to *bytes.Buffer) *slog.Logger {
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

func of(person int) store.Sighting {
	return store.Sighting{Server: "1", Person: fmt.Sprint(person), At: time.Unix(1, 0)}
}

// counts are the counters of set that are not zero, by outcome.
func counts(t *testing.T, set *metrics.Set) map[string]string {
	t.Helper()
	var b bytes.Buffer
	set.WritePrometheus(&b)
	got := map[string]string{}
	for line := range strings.Lines(b.String()) {
		if outcome, ok := strings.CutPrefix(strings.TrimSpace(line), `progressbot_standings_total{outcome="`); ok {
			name, n, _ := strings.Cut(outcome, `"} `)
			if n != "0" {
				got[name] = n
			}
		}
	}
	return got
}

func TestRecorderKeepsTheOrder(t *testing.T) {
	t.Parallel()
	set, s := metrics.NewSet(), new(shelf)
	r := standings.New(s, standings.Options{Metrics: set})
	var want []string
	for i := range 100 {
		r.Record(of(i))
		want = append(want, fmt.Sprint(i))
	}
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, s.persons); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r.Record(of(1)) // too late
	if err := r.Close(t.Context()); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if diff := cmp.Diff(map[string]string{"recorded": "100", "dropped": "1"}, counts(t, set)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRecorderNeverWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		set, s := metrics.NewSet(), &shelf{takes: time.Second}
		r := standings.New(s, standings.Options{Metrics: set, Queue: 3})
		r.Record(of(0))
		synctest.Wait() // the worker has taken it
		start := time.Now()
		for i := range 10 {
			r.Record(of(i + 1))
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("waited for %v", waited)
		}
		if err := r.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"0", "1", "2", "3"}, s.persons); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]string{"recorded": "4", "dropped": "7"}, counts(t, set)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestRecorderStopsInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		set, s := metrics.NewSet(), &shelf{takes: time.Hour}
		r := standings.New(s, standings.Options{Metrics: set, Patience: 24 * time.Hour})
		for i := range 5 {
			r.Record(of(i))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if err := r.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v", err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %v", took)
		}
		if diff := cmp.Diff(map[string]string{"failed": "1", "dropped": "4"}, counts(t, set)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestRecorderTellsOfAFaultTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		set, s := metrics.NewSet(), &shelf{err: errors.New("connection refused")}
		r := standings.New(s, standings.Options{Metrics: set, Log: timeless(&log)})
		for _, err := range []error{s.err, s.err, s.err, nil} {
			s.breaks(err)
			for i := range 10 {
				r.Record(of(i))
			}
			time.Sleep(time.Minute)
		}
		if err := r.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := `level=WARN msg="standings are not stored" err="connection refused"
level=INFO msg="standings are stored again" lasted=3m0s failures=30
`
		if diff := cmp.Diff(want, log.String()); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]string{"failed": "30", "recorded": "10"}, counts(t, set)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestRecorderDoesNotComplainOfAChoice(t *testing.T) {
	t.Parallel()
	for _, err := range []error{store.ErrForgotten, store.ErrForgetting, store.ErrFull} {
		var log bytes.Buffer
		set, s := metrics.NewSet(), &shelf{err: fmt.Errorf("record: %w", err)}
		r := standings.New(s, standings.Options{Metrics: set, Log: slog.New(slog.NewTextHandler(&log, nil))})
		r.Record(of(1))
		if err := r.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if log.Len() > 0 {
			t.Errorf("log: %s", log.String())
		}
		if diff := cmp.Diff(map[string]string{"refused": "1"}, counts(t, set)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

func TestRecorderByMany(t *testing.T) {
	t.Parallel()
	set, s := metrics.NewSet(), new(shelf)
	r := standings.New(s, standings.Options{Metrics: set})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 100 {
				r.Record(of(i))
			}
		})
	}
	all.Go(func() { _ = r.Close(context.Background()) })
	all.Wait()
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := counts(t, set)
	var recorded, dropped int
	_, _ = fmt.Sscan(got["recorded"], &recorded)
	_, _ = fmt.Sscan(got["dropped"], &dropped)
	if recorded+dropped != 800 || recorded != len(s.persons) {
		t.Errorf("%d recorded, %d dropped, %d stored", recorded, dropped, len(s.persons))
	}
}
