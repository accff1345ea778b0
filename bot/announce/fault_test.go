package announce_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot/announce"
	"progressbot/bot/store"
)

// Whatever goes wrong, the post is there exactly once at the end.
func TestEveryFaultEndsInOnePost(t *testing.T) {
	t.Parallel()
	lost := fault{err: errLost}
	stored := fault{err: errLost, after: true}
	limited := fault{err: &announce.Failure{Cause: announce.NotSent, RetryAfter: 90 * time.Second, Err: errLost}}
	repeat := func(f fault, n int) []fault {
		var out []fault
		for range n {
			out = append(out, f)
		}
		return out
	}
	tests := []struct {
		name  string
		setup func(w *world)
		// within is how long it may take; posts are the attempts there may be.
		within time.Duration
		posts  int
	}{
		{"no fault", func(*world) {}, time.Second, 1},
		{"answer lost, not posted", func(w *world) { w.discord.breaks("post", lost) }, 6 * time.Second, 2},
		{"answer lost, posted", func(w *world) { w.discord.breaks("post", stored) }, 6 * time.Second, 1},
		{"often lost, not posted", func(w *world) { w.discord.breaks("post", repeat(lost, 6)...) }, 10 * time.Minute, 7},
		{"lost, then lost but posted", func(w *world) { w.discord.breaks("post", lost, lost, stored) }, time.Minute, 3},
		{"rate limited", func(w *world) { w.discord.breaks("post", limited) }, 91 * time.Second, 2},
		{"not sent", func(w *world) { w.discord.breaks("post", repeat(fault{err: failed(announce.NotSent)}, 4)...) }, time.Minute, 5},
		{"refused once", func(w *world) { w.discord.breaks("post", fault{err: failed(announce.NotAccepted)}) }, 2 * time.Minute, 2},
		{"forbidden once", func(w *world) { w.discord.breaks("post", fault{err: failed(announce.NotAllowed)}) }, 2 * time.Minute, 2},
		{"server unknown once", func(w *world) { w.discord.breaks("post", fault{err: failed(announce.NoServer)}) }, time.Minute, 2},
		{"posted, history down for an hour", func(w *world) {
			w.discord.breaks("post", stored)
			w.discord.down("history", lost)
			time.AfterFunc(time.Hour, func() { w.discord.up("history") })
		}, 2 * time.Hour, 1},
		{"posted, history forbidden for a day", func(w *world) {
			w.discord.breaks("post", fault{err: errLost, after: true, hook: func() {
				w.discord.allow(general, allPermissions&^discordgo.PermissionReadMessageHistory)
			}})
			time.AfterFunc(24*time.Hour, func() { w.discord.allow(general, allPermissions) })
		}, 26 * time.Hour, 1},
		{"not posted, history forbidden while it is read", func(w *world) {
			w.discord.breaks("post", stored)
			w.discord.breaks("history", fault{hook: func() {
				w.discord.allow(general, allPermissions&^discordgo.PermissionReadMessageHistory)
			}})
			time.AfterFunc(time.Hour, func() { w.discord.allow(general, allPermissions) })
		}, 3 * time.Hour, 1},
		{"posted later than the history is read", func(w *world) {
			w.discord.breaks("post", fault{err: errLost, hook: func() {
				e := w.entry(alice, winter)
				time.AfterFunc(7*time.Second, func() {
					w.discord.mu.Lock()
					defer w.discord.mu.Unlock()
					w.discord.add(general, announce.Post{Nonce: e.Nonce}, true)
				})
			}})
		}, time.Minute, 2},
		{"posted in a busy channel", func(w *world) {
			w.discord.chatter(general, 250)
			w.discord.breaks("post", fault{err: errLost, after: true, hook: func() { w.discord.chatter(general, 30) }})
			time.AfterFunc(time.Second, func() { w.discord.chatter(general, 1000) })
		}, 6 * time.Second, 1},
		{"not posted in a busy channel", func(w *world) {
			w.discord.breaks("post", lost)
			time.AfterFunc(time.Second, func() { w.discord.chatter(general, 1000) })
		}, 6 * time.Second, 2},
		{"clock ahead of Discord's", func(w *world) {
			w.options.Now = func() time.Time { return time.Now().Add(4 * time.Minute) }
			w.discord.breaks("post", stored)
		}, 6 * time.Second, 1},
		{"clock behind Discord's", func(w *world) {
			w.options.Now = func() time.Time { return time.Now().Add(-4 * time.Minute) }
			w.discord.breaks("post", stored)
		}, 6 * time.Second, 1},
		{"place unknown", func(w *world) { w.discord.breaks("place", lost, lost) }, time.Minute, 1},
		{"member unknown", func(w *world) { w.discord.breaks("member", lost, fault{err: failed(announce.NoServer)}) }, time.Minute, 1},
		{"member unknown after a lost answer", func(w *world) {
			w.discord.breaks("post", lost)
			w.discord.breaks("member", fault{}, lost, lost)
		}, time.Minute, 2},
		{"channel deleted after a lost answer, then another chosen", func(w *world) {
			w.discord.breaks("post", fault{err: errLost, hook: func() { w.discord.remove(general) }})
			time.AfterFunc(time.Hour, func() { w.settings(red, func(s *store.Settings) { s.Channel = other }) })
		}, 3 * time.Hour, 2},
		{"another channel chosen after a lost answer", func(w *world) {
			w.discord.breaks("post", fault{err: errLost, after: true, hook: func() {
				w.settings(red, func(s *store.Settings) { s.Channel = other })
			}})
		}, 6 * time.Second, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				tt.setup(w)
				a := w.start()
				began := time.Now()
				r := completed(alice, winter)
				if w.options.Now != nil {
					r.At = w.options.Now()
				}
				w.announce(a, r)
				e := w.await(alice, winter, store.Sent)
				if took := time.Since(began); took > tt.within+tt.within/5 {
					t.Errorf("took %v", took)
				}
				time.Sleep(24 * time.Hour)
				posts := w.discord.posts()
				if len(posts) != 1 || posts[0].ID != e.Message {
					t.Errorf("%d posts, the ledger has %s\n%s", len(posts), e.Message, w.log)
				}
				if n := w.discord.count("post"); n != tt.posts {
					t.Errorf("%d attempts, want %d\n%s", n, tt.posts, w.log)
				}
				if s, err := w.store.Settings(t.Context(), red); err != nil || len(s.Troubles()) != 0 {
					t.Errorf("troubles at the end: %v, %v", s.Troubles(), err)
				}
			})
		})
	}
}

// Where the outcome cannot be found out, nothing is posted again, ever.
func TestNeverPostsBlind(t *testing.T) {
	t.Parallel()
	for name, blind := range map[string]func(w *world){
		"history down": func(w *world) { w.discord.down("history", fault{err: errLost}) },
		"history forbidden": func(w *world) {
			w.discord.allow(general, allPermissions&^discordgo.PermissionReadMessageHistory)
		},
		"channel hidden": func(w *world) { w.discord.down("place", fault{err: failed(announce.NotAllowed)}) },
		"history too long": func(w *world) {
			w.discord.chatter(general, 7000)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.discord.breaks("post", fault{err: errLost, hook: func() { blind(w) }})
				a := w.start()
				w.announce(a, completed(alice, winter))
				e := w.await(alice, winter, store.Expired)
				if age := time.Since(e.Created); age < announce.Patience || age > announce.Patience+time.Hour {
					t.Errorf("expired after %v", age)
				}
				if n := w.discord.count("post"); n != 1 {
					t.Errorf("%d attempts", n)
				}
				s, err := w.store.Settings(t.Context(), red)
				w.ok(err)
				if troubles := s.Troubles(); len(troubles) == 0 || troubles[0].Expired.IsZero() {
					t.Errorf("troubles %v", troubles)
				}
				if w.counter("completion", "expired") != 1 {
					t.Error("not counted")
				}
			})
		})
	}
}

// A person's or a server's change of mind counts until the moment of the
// post.
func TestChangesOfMind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(w *world)
	}{
		{"person says never", func(w *world) { w.choose(alice, store.Never) }},
		{"person leaves", func(w *world) { w.discord.leave(alice) }},
		{"server turns announcements off", func(w *world) { w.settings(red, func(s *store.Settings) { s.Announcements = false }) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.discord.remove(general)
				a := w.start()
				w.announce(a, completed(alice, winter))
				w.await(alice, winter, store.Waiting)
				tt.change(w)
				w.discord.allow(general, allPermissions)
				w.await(alice, winter, store.Refused)
				if len(w.discord.posts()) != 0 {
					t.Error("it was posted")
				}
			})
		})
		t.Run(tt.name+", after a lost answer", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.discord.breaks("post", fault{err: errLost, hook: func() { tt.change(w) }})
				a := w.start()
				w.announce(a, completed(alice, winter))
				w.await(alice, winter, store.Refused)
				if w.discord.count("post") != 1 {
					t.Error("it was tried again")
				}
			})
		})
		t.Run(tt.name+", after a post", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.discord.breaks("post", fault{err: errLost, after: true, hook: func() { tt.change(w) }})
				a := w.start()
				w.announce(a, completed(alice, winter))
				w.await(alice, winter, store.Sent)
			})
		})
	}
	t.Run("person says never at the last moment", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.discord.breaks("place", fault{hook: func() { w.choose(alice, store.Never) }})
			a := w.start()
			if got := w.announce(a, completed(alice, winter)); got[0].Outcome != announce.Refused {
				t.Errorf("got %v", got)
			}
			if w.discord.count("post") != 0 {
				t.Error("it was posted")
			}
		})
	})
	t.Run("person is forgotten during the post", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.discord.breaks("post", fault{hook: func() {
				_, err := w.store.Forget(t.Context(), alice, time.Now())
				if err != nil {
					t.Error(err)
				}
			}})
			a := w.start()
			if got := w.announce(a, completed(alice, winter)); got[0].Outcome != announce.Refused {
				t.Errorf("got %v", got)
			}
		})
	})
}
