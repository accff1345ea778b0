package announce_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"

	"progressbot/bot/announce"
	"progressbot/bot/store"
	"progressbot/embeds"
)

// What the store calls a hindrance is what embeds put into words.
func TestHindrancesHaveWords(t *testing.T) {
	t.Parallel()
	for hindrance, trouble := range map[store.Hindrance]embeds.Trouble{
		store.NoChannel: embeds.TroubleNoChannel, store.NoPermission: embeds.TroubleNoPermission,
		store.NotAccepted: embeds.TroubleNotAccepted, store.NoRole: embeds.TroubleNoRole,
		store.RoleOutOfReach: embeds.TroubleRole, store.OutOfReach: embeds.TroubleOutOfReach,
	} {
		if embeds.Trouble(hindrance) != trouble {
			t.Errorf("%q is put into words as %q", hindrance, trouble)
		}
	}
}

func TestHindrances(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		break_  func(w *world)
		mend    func(w *world)
		want    store.Hindrance
		mention string // in what the managers are told
	}{
		{"channel deleted", func(w *world) { w.discord.remove(general) },
			func(w *world) { w.settings(red, func(s *store.Settings) { s.Channel = other }) }, store.NoChannel, "no channel"},
		{"channel hidden", func(w *world) { w.discord.down("place", fault{err: failed(announce.NotAllowed)}) },
			func(w *world) { w.discord.up("place") }, store.NoPermission, "Read Message History"},
		{"no sending", lacks(discordgo.PermissionSendMessages), grants, store.NoPermission, "<#" + general + ">"},
		{"no embeds", lacks(discordgo.PermissionEmbedLinks), grants, store.NoPermission, "Embed Links"},
		{"no history", lacks(discordgo.PermissionReadMessageHistory), grants, store.NoPermission, "Send Messages"},
		{"forbidden all the same", func(w *world) { w.discord.down("post", fault{err: failed(announce.NotAllowed)}) },
			func(w *world) { w.discord.up("post") }, store.NoPermission, "View Channel"},
		{"not accepted", func(w *world) { w.discord.down("post", fault{err: failed(announce.NotAccepted)}) },
			func(w *world) { w.discord.up("post") }, store.NotAccepted, "does not accept"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				tt.break_(w)
				a := w.start()
				got := w.announce(a, completed(alice, winter))
				if diff := cmp.Diff([]announce.Result{{Outcome: announce.Waits, Hindrance: tt.want}}, got); diff != "" {
					t.Fatalf("(-want +got):\n%s\n%s", diff, w.log)
				}
				w.announce(a, completed(bob, winter))
				time.Sleep(3 * 24 * time.Hour)
				told := w.discord.notices()
				if len(told) != 1 || !strings.Contains(told[0].Embeds[0].Description, tt.mention) || !strings.Contains(told[0].Embeds[0].Title, "Ice Club") && tt.name != "channel hidden" {
					t.Errorf("told: %+v", told)
				}
				if e := w.entry(alice, winter); !e.Told || e.Mark != "" || e.Reason != string(tt.want) {
					t.Errorf("entry %+v", e)
				}
				troubles := w.troubles()
				if len(troubles) != 1 || troubles[0].Hindrance != tt.want || time.Since(troubles[0].Since) < 3*24*time.Hour {
					t.Errorf("troubles %v", troubles)
				}

				// /settings wakes what waits.
				tt.mend(w)
				if _, err := w.store.Wake(t.Context(), red, time.Now()); err != nil {
					t.Fatal(err)
				}
				a.Notify()
				synctest.Wait()
				if n := len(w.discord.posts()); n != 2 {
					t.Fatalf("%d posts\n%s", n, w.log)
				}
				if troubles := w.troubles(); len(troubles) != 0 {
					t.Errorf("troubles at the end: %v", troubles)
				}

				// The next time is news again.
				tt.break_(w)
				if tt.want == store.NoChannel {
					w.discord.remove(other)
				}
				w.announce(a, completed(alice, spring))
				if n := len(w.discord.notices()); n != 2 {
					t.Errorf("told %d times", n)
				}
			})
		})
	}
}

func TestChannelThatIsNotChosenAnyMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.options.Wait = time.Nanosecond
		a := announce.New(w.options)
		w.announce(a, completed(alice, winter))
		w.settings(red, func(s *store.Settings) { s.Channel = "" })
		w.options = w.newMetrics()
		w.start()
		if e := w.await(alice, winter, store.Waiting); e.Reason != string(store.NoChannel) {
			t.Errorf("reason %q", e.Reason)
		}
		w.settings(red, func(s *store.Settings) { s.Channel = other })
		w.await(alice, winter, store.Sent)
	})
}

func lacks(permission int64) func(w *world) {
	return func(w *world) { w.discord.allow(general, allPermissions&^permission) }
}

func grants(w *world) { w.discord.allow(general, allPermissions) }

func (w *world) troubles() []store.Trouble {
	w.Helper()
	s, err := w.store.Settings(w.Context(), red)
	w.ok(err)
	return s.Troubles()
}

// What is fixed is noticed without anybody saying so.
func TestMendedByItself(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{30 * time.Second, time.Hour, 6 * 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.discord.allow(general, 0)
			a := w.start()
			w.announce(a, completed(alice, winter))
			time.Sleep(after)
			w.discord.allow(general, allPermissions)
			mended := time.Now()
			w.await(alice, winter, store.Sent)
			if took := time.Since(mended); took > max(time.Minute, min(after/2, time.Hour))+10*time.Minute {
				t.Errorf("mended after %v, noticed %v later", after, took)
			}
		})
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.discord.remove(general)
		a := w.start()
		r := completed(alice, winter)
		w.announce(a, r)
		time.Sleep(announce.Patience - time.Minute)
		if e := w.entry(alice, winter); e.State != store.Waiting {
			t.Fatalf("too early: %v", e.State)
		}
		time.Sleep(2 * time.Minute)
		e := w.entry(alice, winter)
		if e.State != store.Expired || e.Reason != string(store.NoChannel) {
			t.Fatalf("state %v, reason %q\n%s", e.State, e.Reason, w.log)
		}
		want := []store.Trouble{{Hindrance: store.NoChannel, Since: r.At.UTC(), Expired: e.Changed}}
		if diff := cmp.Diff(want, w.troubles()); diff != "" {
			t.Errorf("troubles (-want +got):\n%s", diff)
		}
		if n := len(w.discord.notices()); n != 1 {
			t.Errorf("told %d times", n)
		}

		// Somebody may still announce it, once the channel is back.
		if got := w.announce(a, completed(alice, winter)); got[0].Outcome != announce.Waits {
			t.Errorf("again: %v", got)
		}
		w.discord.allow(general, allPermissions)
		w.await(alice, winter, store.Sent)
	})
}

// An entry that nobody got round to for long is still tried once.
func TestOldEntryIsTriedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.options.Wait = time.Nanosecond
		w.announce(announce.New(w.options), completed(alice, winter))
		w.announce(announce.New(w.newMetrics()), completed(bob, winter))
		time.Sleep(10 * 24 * time.Hour)
		w.discord.breaks("place", fault{}, fault{err: errLost})
		w.options = w.newMetrics()
		w.options.Workers = 1
		w.start()
		time.Sleep(time.Minute)
		states := map[store.State]int{w.entry(alice, winter).State: 1}
		states[w.entry(bob, winter).State]++
		if states[store.Sent] != 1 || states[store.Expired] != 1 {
			t.Errorf("states %v\n%s", states, w.log)
		}
		if troubles := w.troubles(); len(troubles) != 1 || troubles[0].Hindrance != store.OutOfReach {
			t.Errorf("troubles %v", troubles)
		}
	})
}

// When the server stops announcing there is nothing left to fix.
func TestTroubleEndsWithAnnouncements(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.discord.remove(general)
		a := w.start()
		w.announce(a, completed(alice, winter))
		w.settings(red, func(s *store.Settings) { s.Announcements = false })
		w.await(alice, winter, store.Refused)
		if troubles := w.troubles(); len(troubles) != 0 {
			t.Errorf("troubles %v", troubles)
		}
	})
}

func TestManagersWhoCannotBeTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.discord.remove(general)
		w.discord.down("tell", fault{err: errLost})
		a := w.start()
		w.announce(a, completed(alice, winter))
		time.Sleep(24 * time.Hour)
		if n := w.discord.count("tell"); n != 1 {
			t.Errorf("tried to tell %d times", n)
		}
		if len(w.troubles()) != 1 {
			t.Error("the settings do not show it")
		}
	})
}

// joined returns a new member of the server who wants everything announced.
func (w *world) joined() (person string) {
	w.Helper()
	w.discord.mu.Lock()
	person = fmt.Sprintf("1000000000000001%03d", len(w.discord.members))
	w.discord.members[person] = "Somebody"
	w.discord.mu.Unlock()
	w.choose(person, store.Always)
	return person
}

// picky is a Discord that does not give one role, or takes no post about one
// member.
type picky struct {
	*discord
	role, name string
}

func (d picky) AddRole(ctx context.Context, server, person, role string) error {
	if role == d.role {
		return failed(announce.NotAllowed)
	}
	return d.discord.AddRole(ctx, server, person, role)
}

func (d picky) Post(ctx context.Context, channel string, p announce.Post) (string, error) {
	if p.Embeds[0].Author.Name == d.name {
		d.enter(ctx, "post")
		return "", failed(announce.NotAccepted)
	}
	return d.discord.Post(ctx, channel, p)
}

// What works beside what does not is no reason to tell the managers again,
// nor to hide from them what still waits.
func TestToldOnceWhileOthersSucceed(t *testing.T) {
	t.Parallel()
	const days = 3
	tests := []struct {
		name  string
		setup func(w *world)
		first announce.Request
		want  store.Hindrance
	}{
		{"a role among others", func(w *world) {
			rewards(w)
			w.options.Members = picky{discord: w.discord, role: veteran}
		}, completed(alice, winter), store.RoleOutOfReach},
		{"a post among others", func(w *world) {
			w.options.Posts = picky{discord: w.discord, name: "Alice"}
		}, completed(alice, spring), store.NotAccepted},
		{"an attempt in a channel that was chosen before", func(w *world) {
			w.discord.breaks("post", fault{err: errLost, hook: func() {
				w.discord.allow(general, 0)
				w.settings(red, func(s *store.Settings) { s.Channel = other })
			}})
		}, completed(alice, spring), store.NoPermission},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				tt.setup(w)
				a := w.start()
				tt.first.At = time.Now()
				w.announce(a, tt.first)
				time.Sleep(time.Minute)
				for hour := range days * 24 {
					w.announce(a, by(store.ByWatcher, completed(w.joined(), winter)))
					time.Sleep(time.Hour)
					if troubles := w.troubles(); len(troubles) != 1 || troubles[0].Hindrance != tt.want || time.Since(troubles[0].Since) < time.Duration(hour)*time.Hour {
						t.Fatalf("troubles after %d h: %v\n%s", hour, troubles, w.log)
					}
				}
				if n := len(w.discord.notices()); n != 1 {
					t.Errorf("told %d times", n)
				}
				if n := len(w.discord.posts()); n < days*24 {
					t.Errorf("%d posts", n)
				}
			})
		})
	}
}

// An attempt under way does not count as a success yet.
func TestToldOnceWhileItIsTried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.discord.down("post", fault{err: failed(announce.NotAccepted)})
		a := w.start()
		w.announce(a, completed(alice, winter))
		w.discord.up("post")
		w.discord.breaks("post", fault{err: failed(announce.NotAccepted), hook: func() {
			if got := w.announce(a, completed(bob, winter)); got[0].Outcome != announce.Announced {
				t.Errorf("got %v", got)
			}
			if troubles := w.troubles(); len(troubles) != 1 {
				t.Errorf("troubles %v", troubles)
			}
		}})
		w.await(alice, winter, store.Sent)
		if n := len(w.discord.notices()); n != 1 {
			t.Errorf("told %d times", n)
		}
	})
}

// What waits for something else now does not wait for what was before.
func TestHindranceAfterAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.discord.remove(general)
		a := w.start()
		w.announce(a, completed(alice, winter))
		w.discord.allow(other, 0)
		w.settings(red, func(s *store.Settings) { s.Channel = other })
		time.Sleep(time.Hour)
		if troubles := w.troubles(); len(troubles) != 1 || troubles[0].Hindrance != store.NoPermission {
			t.Errorf("troubles %v", troubles)
		}
		if n := len(w.discord.notices()); n != 2 {
			t.Errorf("told %d times", n)
		}
	})
}

// A role that is no reward any more is nobody's trouble.
func TestTroubleEndsWithTheReward(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		rewards(w)
		w.discord.down("role", fault{err: failed(announce.NotAllowed)})
		a := w.start()
		w.announce(a, completed(alice, spring))
		w.settings(red, func(s *store.Settings) { s.RewardRoles = nil })
		time.Sleep(2 * time.Minute)
		if troubles := w.troubles(); len(troubles) != 0 {
			t.Errorf("troubles %v\n%s", troubles, w.log)
		}
	})
}
