package announce_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"progressbot/bot/announce"
	"progressbot/bot/store"
)

// newMetrics returns the options of another announcer.
func (w *world) newMetrics() announce.Options {
	o := w.options
	o.Metrics = metrics.NewSet()
	w.metrics = o.Metrics
	return o
}

// Run sleeps until something is due: an idle one asks the store twice a
// minute and Discord never.
func TestRunIsIdle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.start()
		time.Sleep(time.Hour)
		w.discord.mu.Lock()
		defer w.discord.mu.Unlock()
		if len(w.discord.calls) != 0 {
			t.Errorf("calls %v", w.discord.calls)
		}
	})
}

// What another process added, and did not live to post, is found.
func TestRunFindsWhatOthersAdded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.start()
		time.Sleep(time.Minute)
		if _, err := w.store.Add(t.Context(), store.Entry{
			EntryKey: store.EntryKey{Server: red, Person: alice, Program: winter}, By: store.BySelf, Created: time.Now(),
		}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		w.await(alice, winter, store.Sent)
		if took := time.Since(began); took > time.Minute {
			t.Errorf("took %v", took)
		}
	})
}

func TestPaceIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.options.Pace = 2
		w.choose(alice, store.Always)
		a := w.start()
		const posts = 42
		for i := range posts {
			r := by(store.ByManager, completed(alice, winter+string(rune('a'+i))))
			r.By = store.ByWatcher
			r.Person = "1000000000000001" + string(rune('0'+i/10)) + string(rune('0'+i%10))
			w.discord.mu.Lock()
			w.discord.members[r.Person] = "Somebody"
			w.discord.mu.Unlock()
			w.choose(r.Person, store.Always)
			w.announce(a, r)
		}
		time.Sleep(10 * time.Second)
		if n := len(w.discord.posts()); n < 20 || n > 22 {
			t.Errorf("%d posts in ten seconds", n)
		}
		time.Sleep(time.Minute)
		if n := len(w.discord.posts()); n != posts {
			t.Errorf("%d posts in the end", n)
		}
	})
}

// flaky is a store whose database fails on demand.
type flaky struct {
	store.Driver
	down atomic.Bool
	// hangs makes commits take as long as they may.
	hangs atomic.Bool
	// commits, if not zero, is how many more there are before it hangs.
	commits atomic.Int32
	// panics makes the next commits panic.
	panics atomic.Int32
}

func (f *flaky) works() {
	f.down.Store(false)
	f.hangs.Store(false)
}

var errDatabase = errors.New("connection refused")

func (f *flaky) Update(ctx context.Context, fn func(store.Tx) error) error {
	if f.down.Load() {
		return errDatabase
	}
	if f.panics.Add(-1) >= 0 {
		panic("out of luck")
	}
	if f.hangs.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	if f.commits.Add(-1) == 0 {
		f.hangs.Store(true)
	}
	return f.Driver.Update(ctx, fn)
}

func (f *flaky) Claim(ctx context.Context, queue string, now time.Time, n int, lease time.Duration, token string) ([]store.Member, error) {
	if f.down.Load() {
		return nil, errDatabase
	}
	return f.Driver.Claim(ctx, queue, now, n, lease, token)
}

func newFlakyWorld(t *testing.T) (*world, *flaky) {
	t.Helper()
	w := newWorld(t)
	f := &flaky{Driver: w.driver}
	w.open(f)
	return w, f
}

func TestStoreThatFails(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		hook func(w *world, f *flaky)
		// attempts is how often it is posted, seen by Discord.
		attempts int
	}{
		{"before the post", func(w *world, f *flaky) {
			w.discord.breaks("place", fault{hook: func() { outage(f, time.Minute) }})
		}, 1},
		{"after the post", func(w *world, f *flaky) {
			w.discord.breaks("post", fault{hook: func() { outage(f, time.Minute) }})
		}, 1},
		{"shortly after the post", func(w *world, f *flaky) {
			w.discord.breaks("post", fault{hook: func() { outage(f, time.Second) }})
		}, 1},
		{"for hours", func(w *world, f *flaky) {
			w.discord.breaks("post", fault{hook: func() { outage(f, 5*time.Hour) }})
		}, 1},
		{"with a panic before the post", func(w *world, f *flaky) {
			w.discord.breaks("place", fault{hook: func() { f.panics.Store(1) }})
		}, 1},
		{"with a panic after the post", func(w *world, f *flaky) {
			w.discord.breaks("post", fault{hook: func() { f.panics.Store(1) }})
		}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, f := newFlakyWorld(t)
				tt.hook(w, f)
				a := w.start()
				w.announce(a, completed(alice, winter))
				w.await(alice, winter, store.Sent)
				time.Sleep(24 * time.Hour)
				if n := w.discord.count("post"); n != tt.attempts || len(w.discord.posts()) != 1 {
					t.Errorf("%d attempts, %d posts\n%s", n, len(w.discord.posts()), w.log)
				}
				begun, ended := strings.Count(w.log.String(), "ledger cannot be read"), strings.Count(w.log.String(), "ledger can be read again")
				if begun > 1 || ended != begun {
					t.Errorf("the beginning of one fault was logged %d times, its end %d times", begun, ended)
				}
			})
		})
	}
}

func outage(f *flaky, d time.Duration) {
	f.down.Store(true)
	time.AfterFunc(d, func() { f.down.Store(false) })
}

// A bot that stops finishes what it has begun, for a while.
func TestStopping(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		takes time.Duration
		store func(f *flaky) // what becomes of it meanwhile
		want  store.State
	}{
		"quick":                    {3 * time.Second, func(*flaky) {}, store.Sent},
		"slow":                     {20 * time.Second, func(*flaky) {}, store.Posting},
		"quick, the store is down": {3 * time.Second, func(f *flaky) { f.down.Store(true) }, store.Posting},
		"slow, the store is down":  {20 * time.Second, func(f *flaky) { f.down.Store(true) }, store.Posting},
		"quick, the store hangs":   {3 * time.Second, func(f *flaky) { f.hangs.Store(true) }, store.Posting},
		"slow, the store hangs":    {20 * time.Second, func(f *flaky) { f.hangs.Store(true) }, store.Posting},
		"the store fails last":     {3 * time.Second, func(f *flaky) { f.commits.Store(1) }, store.Sent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, f := newFlakyWorld(t)
				started := make(chan struct{})
				w.options.Posts = slowPoster{w.discord, started, tt.takes}
				a, stop := w.startUntil()
				go func() { _, _ = a.Announce(context.Background(), completed(alice, winter)) }()
				<-started
				tt.store(f)
				began := time.Now()
				stop()
				if took := time.Since(began); took > announce.StopTime {
					t.Errorf("stopping took %v", took)
				}
				f.works()
				if e := w.entry(alice, winter); e.State != tt.want {
					t.Errorf("state %v", e.State)
				}

				// The next process finds what this one left.
				w.options = w.newMetrics()
				w.options.Posts = w.discord
				w.start()
				w.await(alice, winter, store.Sent)
				time.Sleep(time.Hour)
				if n := len(w.discord.posts()); n != 1 {
					t.Errorf("%d posts", n)
				}
			})
		})
	}
}

// slowPoster takes its time before it posts, unless it is told to give up.
type slowPoster struct {
	*discord
	started chan struct{}
	takes   time.Duration
}

func (p slowPoster) Post(ctx context.Context, channel string, post announce.Post) (string, error) {
	close(p.started)
	select {
	case <-time.After(p.takes):
		return p.discord.Post(ctx, channel, post)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Nothing that people wrote or the API sent gets into the log.
func TestLogsKeepQuiet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		rewards(w)
		w.settings(red, func(s *store.Settings) { s.Template = "secret-template {member}" })
		w.discord.breaks("post", fault{err: errLost}, fault{err: failed(announce.NotAllowed)})
		a := w.start()
		r := by(store.ByManager, completed(alice, winter))
		r.Note = "secret-note"
		r.Reached[0].Facts = store.Facts{Name: "secret-name", Reward: "secret-reward", Image: "https://secret-image.example"}
		w.announce(a, r)
		w.await(alice, winter, store.Sent)
		if strings.Contains(w.log.String(), "secret") {
			t.Errorf("log:\n%s", w.log)
		}
		for _, want := range []string{"guild=" + red, "user=" + alice} {
			if !strings.Contains(w.log.String(), want) {
				t.Errorf("%s is not logged", want)
			}
		}
	})
}

func TestGauges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.discord.remove(general)
		a := w.start()
		w.announce(a, completed(alice, winter))
		w.announce(a, completed(bob, winter))
		time.Sleep(2 * time.Hour)
		var out strings.Builder
		w.metrics.WritePrometheus(&out)
		for _, want := range []string{"progressbot_announcements_waiting 2\n", "progressbot_announcements_due 0\n"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("no %q in\n%s", want, out.String())
			}
		}
	})
}
