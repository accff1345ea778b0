package announce_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"progressbot/bot/announce"
	"progressbot/bot/redisconn"
	"progressbot/bot/redisconn/redistest"
	"progressbot/bot/store"
	"progressbot/bot/store/redisstore"
)

// process is an announcer with its own connection to a shared Redis, as in a
// process of its own.
type process struct {
	*announce.Announcer
	store *store.Store
	life  *mortal
}

func (w *world) process(url string, m *mortal) *process {
	w.Helper()
	client, err := redisconn.Open(url, redisconn.Options{Timeout: 10 * time.Second})
	w.ok(err)
	s, err := store.Open(w.Context(), mortalDriver{redisstore.New(client), m})
	w.ok(err)
	d := mortalDiscord{w.discord, m}
	a := announce.New(announce.Options{
		Store: s, Posts: d, Members: d, Managers: d, Log: slog.New(slog.NewTextHandler(w.log, nil)), Metrics: metrics.NewSet(),
		Pace: 10_000, Workers: 8, Lease: 2 * time.Second, Settle: 50 * time.Millisecond, Wait: time.Nanosecond,
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.Run(ctx)
	}()
	w.Cleanup(func() {
		cancel()
		<-done
		w.ok(client.Close())
	})
	return &process{a, s, m}
}

// Two processes share a Redis and find out the same things; one dies on the
// way, and Discord loses answers. Every completion has one post in the end.
func TestTwoProcessesOneRedis(t *testing.T) {
	t.Parallel()
	const people, programs = 12, 3
	w := &world{T: t, discord: newDiscord(time.Now), log: &logBuffer{}}
	server := redistest.Start(t)
	for i := range people * programs / 4 {
		w.discord.breaks("post", fault{}, fault{err: errLost, after: i%2 == 0}, fault{err: failed(announce.NotSent)})
	}
	doomed := w.process(server.URL(), &mortal{at: 60 + rand.IntN(80)})
	living := w.process(server.URL(), &mortal{at: -1})
	w.store = living.store
	w.settings(red, func(s *store.Settings) { s.Announcements, s.Channel = true, general })

	var wg sync.WaitGroup
	for i := range people {
		person := fmt.Sprintf("1000000000000001%02d", i)
		w.discord.mu.Lock()
		w.discord.members[person] = person
		w.discord.mu.Unlock()
		for j := range programs {
			for _, p := range []*process{doomed, living} {
				wg.Go(func() {
					r := by(store.ByManager, completed(person, fmt.Sprint("program_", j)))
					if _, err := p.Announce(t.Context(), r); err != nil && p == living {
						t.Error(err)
					}
				})
			}
		}
	}
	wg.Wait()
	for _, e := range w.entries(people, programs) {
		w.awaitEntry(e)
	}
	if dead, steps := doomed.life.died(); !dead {
		t.Errorf("nobody died in %d steps", steps)
	}

	seen := map[string]int{}
	for _, m := range w.discord.posts() {
		seen[m.post.Nonce+m.Footers[0]]++
	}
	for _, key := range w.entries(people, programs) {
		e, err := w.store.Entry(t.Context(), key)
		w.ok(err)
		if n := seen[e.Nonce+"#"+e.Mark]; n != 1 {
			t.Errorf("%s of %s has %d posts", key.Program, key.Person, n)
		}
	}
	if n := len(w.discord.posts()); n != people*programs {
		t.Errorf("%d posts", n)
	}
}

func (w *world) entries(people, programs int) (keys []store.EntryKey) {
	for i := range people {
		for j := range programs {
			keys = append(keys, store.EntryKey{Server: red, Person: fmt.Sprintf("1000000000000001%02d", i), Program: fmt.Sprint("program_", j)})
		}
	}
	return keys
}

// awaitEntry waits in real time until an entry is sent.
func (w *world) awaitEntry(key store.EntryKey) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	for {
		e, err := w.store.Entry(ctx, key)
		if err != nil {
			w.Fatalf("%v\n%s", err, w.log)
		}
		if e.State == store.Sent {
			return
		}
		select {
		case <-ctx.Done():
			w.Fatalf("%s of %s is %v\n%s", key.Program, key.Person, e.State, w.log)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
