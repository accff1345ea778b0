package announce_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot/announce"
	"progressbot/bot/store"
	"progressbot/progressapi"
)

func TestAnnounceResults(t *testing.T) {
	t.Parallel()
	off := func(w *world) { w.settings(red, func(s *store.Settings) { s.Announcements = false }) }
	tests := []struct {
		name   string
		change func(*world)
		ask    announce.Request
		want   []announce.Outcome
		posts  int
	}{
		{"posted", func(*world) {}, completed(alice, winter, spring), []announce.Outcome{announce.Announced, announce.Announced}, 1},
		{"by the watcher, who does not wait", func(w *world) { w.choose(alice, store.Always) },
			by(store.ByWatcher, completed(alice, winter)), []announce.Outcome{announce.Queued}, 1},
		{"by the watcher, unasked", func(*world) {}, by(store.ByWatcher, completed(alice, winter)), []announce.Outcome{announce.Refused}, 0},
		{"never", func(w *world) { w.choose(alice, store.Never) }, by(store.ByManager, completed(alice, winter)), []announce.Outcome{announce.Refused}, 0},
		{"never, by themselves", func(w *world) { w.choose(alice, store.Never) }, completed(alice, winter), []announce.Outcome{announce.Refused}, 0},
		{"declined", declined, by(store.ByManager, completed(alice, winter)), []announce.Outcome{announce.Refused}, 0},
		{"declined, by themselves after all", declined, completed(alice, winter), []announce.Outcome{announce.Announced}, 1},
		{"off", off, completed(alice, winter), []announce.Outcome{announce.Off}, 0},
		{"no channel", func(w *world) { w.settings(red, func(s *store.Settings) { s.Channel = "" }) },
			completed(alice, winter), []announce.Outcome{announce.Off}, 0},
		{"no steps", func(w *world) { w.settings(red, func(s *store.Settings) { s.Milestones = store.HalfWay }) },
			step(completed(alice, winter), winter, 25), []announce.Outcome{announce.Announced, announce.Off}, 1},
		{"left", func(w *world) { w.discord.leave(alice) }, completed(alice, winter), []announce.Outcome{announce.Left}, 0},
		{"channel gone", func(w *world) { w.discord.remove(general) }, completed(alice, winter), []announce.Outcome{announce.Waits}, 0},
		{"discord is slow to answer", func(w *world) { w.discord.breaks("post", fault{err: errLost, after: true}) },
			completed(alice, winter), []announce.Outcome{announce.Announced}, 1},
		{"discord is down", func(w *world) { w.discord.down("member", fault{err: errLost}) },
			completed(alice, winter), []announce.Outcome{announce.Queued}, 0},
		{"nothing", func(*world) {}, completed(alice), []announce.Outcome{}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				tt.change(w)
				a := w.start()
				tt.ask.At = time.Now()
				got := []announce.Outcome{}
				for _, r := range w.announce(a, tt.ask) {
					got = append(got, r.Outcome)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				synctest.Wait()
				if n := len(w.discord.posts()); n != tt.posts {
					t.Errorf("%d posts, want %d", n, tt.posts)
				}
			})
		})
	}
}

func TestAnnounceWithoutRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		a := announce.New(w.options)
		if got := w.announce(a, completed(alice, winter)); got[0].Outcome != announce.Queued {
			t.Errorf("got %v", got)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if got, err := a.Announce(ctx, completed(alice, winter)); err != nil || got[0].Outcome != announce.Queued || time.Since(began) != time.Second {
			t.Errorf("got %v, %v after %v", got, err, time.Since(began))
		}
	})
}

func TestAnnounceAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		a := w.start()
		w.choose(alice, store.Always)
		w.discord.leave(alice)
		w.announce(a, by(store.ByWatcher, completed(alice, winter)))
		synctest.Wait()
		if got := w.announce(a, by(store.ByManager, completed(alice, winter))); got[0].Outcome != announce.Left {
			t.Errorf("left: %v", got)
		}
		w.discord.mu.Lock()
		w.discord.members[alice] = "Alice"
		w.discord.mu.Unlock()
		w.choose(alice, store.Always)
		if got := w.announce(a, by(store.ByWatcher, completed(alice, winter))); got[0].Outcome != announce.Left {
			t.Errorf("the watcher again: %v", got)
		}
		if got := w.announce(a, completed(alice, winter)); got[0].Outcome != announce.Announced {
			t.Errorf("back, by themselves: %v", got)
		}
	})
}

func TestAnnounceInvalid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		a := announce.New(w.options)
		r := completed(alice, winter)
		r.Note = strings.Repeat("x", store.MaxNote+1)
		if _, err := a.Announce(t.Context(), r); err == nil {
			t.Error("a note that is too long was taken")
		}
		r.Server = "red"
		if _, err := a.Announce(t.Context(), r); err == nil {
			t.Error("a server that is none was taken")
		}
		if _, err := a.Preview(t.Context(), r); err == nil {
			t.Error("a server that is none was shown")
		}
	})
}

func TestManyWaitAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.options.Pace = 1000
		a := w.start()
		results := make(chan announce.Outcome)
		const callers = 40
		for i := range callers {
			go func() {
				// Half of them want the same thing.
				got, err := a.Announce(context.Background(), completed(alice, []string{winter, spring}[i%2]))
				if err != nil {
					t.Error(err)
					results <- announce.Off
					return
				}
				results <- got[0].Outcome
			}()
		}
		counts := map[announce.Outcome]int{}
		for range callers {
			counts[<-results]++
		}
		posted := counts[announce.Announced] + counts[announce.AnnouncedBefore]
		if posted != callers {
			t.Errorf("outcomes %v", counts)
		}
		programs := map[string]int{}
		for _, p := range w.discord.posts() {
			programs[p.post.Embeds[0].Title]++
		}
		if n := len(w.discord.posts()); n < 1 || n > 2 {
			t.Errorf("posts: %v", programs)
		}
	})
}

func TestFactsOf(t *testing.T) {
	t.Parallel()
	p := progressapi.Program{Name: "n", Image: "i", Size: 12, Collected: 12, Percent: 100, Reward: &progressapi.Reward{Name: "r", Description: "d"}}
	if diff := cmp.Diff(store.Facts{Name: "n", Image: "i", Reward: "r", Size: 12}, store.FactsOf(p)); diff != "" {
		t.Errorf("count not told (-want +got):\n%s", diff)
	}
	p.CountTold, p.Reward = true, nil
	if diff := cmp.Diff(store.Facts{Name: "n", Image: "i", Collected: 12, Size: 12}, store.FactsOf(p)); diff != "" {
		t.Errorf("count told (-want +got):\n%s", diff)
	}
}
