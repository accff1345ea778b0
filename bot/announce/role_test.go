package announce_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot/announce"
	"progressbot/bot/store"
)

func rewards(w *world) {
	w.settings(red, func(s *store.Settings) { s.RewardRoles = map[string]string{"": collector, winter: veteran} })
}

// role returns what the ledger says of a reward role.
func (w *world) role(person, program, role string) store.Entry {
	w.Helper()
	e, err := w.store.Entry(w.Context(), store.EntryKey{Server: red, Person: person, Program: program, Kind: store.RoleGrant, Role: role})
	w.ok(err)
	return e
}

func TestRewardRoles(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*world)
		ask    announce.Request
		want   []string
	}{
		{"one and any", rewards, completed(alice, winter), []string{collector, veteran}},
		{"any", rewards, completed(alice, spring), []string{collector}},
		{"steps earn none", rewards, step(completed(alice), winter, 50), nil},
		{"none chosen", func(*world) {}, completed(alice, winter), nil},
		{"the same twice", func(w *world) {
			w.settings(red, func(s *store.Settings) { s.RewardRoles = map[string]string{"": collector, winter: collector} })
		}, completed(alice, winter, spring), []string{collector}},
		{"by the watcher, where nothing is announced", func(w *world) {
			rewards(w)
			w.choose(alice, store.Always)
			w.settings(red, func(s *store.Settings) { s.Announcements = false })
		}, by(store.ByWatcher, completed(alice, winter)), []string{collector, veteran}},
		{"by hand, where nothing is announced", func(w *world) {
			rewards(w)
			w.settings(red, func(s *store.Settings) { s.Announcements = false })
		}, completed(alice, winter), nil},
		{"never", func(w *world) {
			rewards(w)
			w.choose(alice, store.Never)
		}, by(store.ByManager, completed(alice, winter)), nil},
		{"the answer is lost", func(w *world) {
			rewards(w)
			w.discord.breaks("role", fault{err: errLost, after: true}, fault{err: errLost})
		}, completed(alice, winter), []string{collector, veteran}},
		{"not sent", func(w *world) {
			rewards(w)
			w.discord.breaks("role", fault{err: failed(announce.NotSent)})
		}, completed(alice, winter), []string{collector, veteran}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				tt.change(w)
				a := w.start()
				tt.ask.At = time.Now()
				w.announce(a, tt.ask)
				time.Sleep(time.Minute)
				got := w.discord.rolesOf(alice)
				slices.Sort(got)
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s\n%s", diff, w.log)
				}
			})
		})
	}
}

// A role that cannot be given waits by itself and holds up no post.
func TestRoleThatWaits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		cause announce.Cause
		want  store.Hindrance
	}{
		{"out of reach", announce.NotAllowed, store.RoleOutOfReach},
		{"managed by somebody else", announce.NotAccepted, store.RoleOutOfReach},
		{"gone", announce.NotFound, store.NoRole},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				rewards(w)
				w.discord.down("role", fault{err: failed(tt.cause)})
				a := w.start()
				if got := w.announce(a, completed(alice, spring)); got[0].Outcome != announce.Announced {
					t.Fatalf("the post was held up: %v", got)
				}
				w.announce(a, completed(bob, spring))
				if e := w.role(alice, spring, collector); e.State != store.Waiting || e.Reason != string(tt.want) {
					t.Errorf("state %v, reason %q", e.State, e.Reason)
				}
				if told := w.discord.notices(); len(told) != 1 || told[0].Embeds[0].Title != "Reward roles are waiting in Ice Club" {
					t.Errorf("told %+v", told)
				}
				if troubles := w.troubles(); len(troubles) != 1 || troubles[0].Hindrance != tt.want {
					t.Errorf("troubles %v", troubles)
				}
				w.discord.up("role")
				time.Sleep(2 * time.Minute)
				if e := w.role(alice, spring, collector); e.State != store.Sent || len(w.troubles()) != 0 {
					t.Errorf("state %v, troubles %v\n%s", e.State, w.troubles(), w.log)
				}
				if w.counter("role", "sent") != 2 {
					t.Errorf("counted %d", w.counter("role", "sent"))
				}
			})
		})
	}
}

func TestRoleChangesOfMind(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *world){
		"person says never":         func(w *world) { w.choose(alice, store.Never) },
		"person leaves":             func(w *world) { w.discord.leave(alice) },
		"person left, Discord says": func(w *world) { w.discord.down("role", fault{err: failed(announce.NoMember)}) },
		"role is no reward": func(w *world) {
			w.settings(red, func(s *store.Settings) { s.RewardRoles = nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				rewards(w)
				w.discord.down("role", fault{err: failed(announce.NotAllowed)})
				a := w.start()
				w.announce(a, completed(alice, spring))
				w.discord.up("role")
				change(w)
				time.Sleep(2 * time.Minute)
				if e := w.role(alice, spring, collector); e.State != store.Refused {
					t.Errorf("state %v\n%s", e.State, w.log)
				}
				if got := w.discord.rolesOf(alice); len(got) != 0 {
					t.Errorf("roles %v", got)
				}
			})
		})
	}
}

func TestRoleExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		rewards(w)
		w.discord.down("role", fault{err: failed(announce.NotAllowed)})
		a := w.start()
		w.announce(a, completed(alice, spring))
		time.Sleep(announce.Patience + time.Minute)
		if e := w.role(alice, spring, collector); e.State != store.Expired {
			t.Errorf("state %v", e.State)
		}
		if troubles := w.troubles(); len(troubles) != 1 || troubles[0].Expired.IsZero() {
			t.Errorf("troubles %v", troubles)
		}
	})
}
