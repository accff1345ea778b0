package announce_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"progressbot/bot/announce"
	"progressbot/bot/store"
	"progressbot/bot/store/boltstore"
	"progressbot/embeds"
)

var errDead = errors.New("the process is dead")

// mortal is a process that dies at one of its steps: before or after a commit
// to the store, or before or after a call to Discord. From then on it does
// nothing any more.
type mortal struct {
	mu    sync.Mutex
	steps int
	at    int // the step at which it dies; negative for never
	dead  bool
}

// alive takes a step and reports whether the process lives.
func (m *mortal) alive() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.steps == m.at {
		m.dead = true
	}
	m.steps++
	return !m.dead
}

// died reports whether it died, and in how many steps it lived.
func (m *mortal) died() (bool, int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dead, m.steps
}

// mortalDriver is a process's store.
type mortalDriver struct {
	store.Driver
	m *mortal
}

func (d mortalDriver) Update(ctx context.Context, fn func(store.Tx) error) error {
	if !d.m.alive() {
		return errDead
	}
	err := d.Driver.Update(ctx, fn)
	if !d.m.alive() {
		return errDead
	}
	return err
}

func (d mortalDriver) Claim(ctx context.Context, queue string, now time.Time, n int, lease time.Duration, token string) ([]store.Member, error) {
	if dead, _ := d.m.died(); dead {
		return nil, errDead
	}
	return d.Driver.Claim(ctx, queue, now, n, lease, token)
}

// mortalDiscord is a process's way to Discord.
type mortalDiscord struct {
	*discord
	m *mortal
}

func (d mortalDiscord) Post(ctx context.Context, channel string, p announce.Post) (string, error) {
	if !d.m.alive() {
		return "", errDead
	}
	id, err := d.discord.Post(ctx, channel, p)
	if !d.m.alive() {
		return "", errDead
	}
	return id, err
}

func (d mortalDiscord) AddRole(ctx context.Context, server, person, role string) error {
	if !d.m.alive() {
		return errDead
	}
	err := d.discord.AddRole(ctx, server, person, role)
	if !d.m.alive() {
		return errDead
	}
	return err
}

func (d mortalDiscord) Tell(ctx context.Context, server string, m embeds.Message) error {
	if !d.m.alive() {
		return errDead
	}
	return d.discord.Tell(ctx, server, m)
}

// life runs a process on a store until it is done or dead: it announces what
// it is asked to, as often as it has to.
func (w *world) life(t *testing.T, path string, m *mortal, requests []announce.Request) {
	driver, err := boltstore.Open(path, boltstore.Options{NoSync: true})
	w.ok(err)
	defer func() { w.ok(driver.Close()) }()
	at := m.at
	m.at = -1 // opening is no step
	w.open(mortalDriver{driver, m})
	m.at, m.steps = at, 0
	d := mortalDiscord{w.discord, m}
	w.options.Posts, w.options.Members, w.options.Managers = d, d, d
	w.options.Metrics = metrics.NewSet()
	a, stop := w.startUntil()
	defer stop()
	for _, r := range requests {
		if _, err := a.Announce(t.Context(), r); err != nil {
			break
		}
	}
	time.Sleep(10 * time.Minute)
}

func TestDeathAtEveryStep(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		setup func(w *world)
	}{
		{"all is well", func(*world) {}},
		{"the answer is lost, posted", func(w *world) { w.discord.breaks("post", fault{err: errLost, after: true}) }},
		{"the answer is lost, not posted", func(w *world) { w.discord.breaks("post", fault{err: errLost}) }},
		{"a permission is missing at first", func(w *world) { w.discord.breaks("place", fault{err: failed(announce.NotAllowed)}) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			died, posts := 0, 0
			for step := 0; ; step++ {
				var dead bool
				synctest.Test(t, func(t *testing.T) {
					dead, posts = dieOnce(t, step, tt.setup)
				})
				if !dead {
					break
				}
				died++
			}
			if died < 10 || posts != 2 {
				t.Errorf("died at only %d steps, %d posts in the end", died, posts)
			}
		})
	}
}

// dieOnce lets a process die at a step and another carry on.
func dieOnce(t *testing.T, step int, setup func(*world)) (dead bool, posts int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "progressbot.db")
	w := newWorldAt(t, path)
	w.settings(red, func(s *store.Settings) { s.RewardRoles = map[string]string{"": collector} })
	w.ok(w.store.Close())
	setup(w)
	requests := []announce.Request{completed(alice, winter, spring), completed(bob, winter)}

	m := &mortal{at: step}
	w.life(t, path, m, requests)
	dead, _ = m.died()
	for _, r := range requests { // whoever found it out finds it out again
		r.At = time.Now()
	}
	w.life(t, path, &mortal{at: -1}, requests)

	list := w.discord.posts()
	seen := map[string]int{}
	for _, p := range list {
		seen[p.post.Embeds[0].Author.Name]++
	}
	if seen["Alice"] != 1 || seen["Bob"] != 1 {
		t.Errorf("step %d: posts %v\n%s", step, seen, w.log)
	}
	if fmt.Sprint(w.discord.rolesOf(alice), w.discord.rolesOf(bob)) != fmt.Sprintf("[%s] [%s]", collector, collector) {
		t.Errorf("step %d: roles %v %v", step, w.discord.rolesOf(alice), w.discord.rolesOf(bob))
	}
	if n := len(w.discord.notices()); n > 1 {
		t.Errorf("step %d: the managers were told %d times", step, n)
	}
	return dead, len(list)
}
