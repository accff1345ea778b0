package commandstest

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"progressbot/bot/store"
	"progressbot/commands"
)

// Records is a store in memory that can fail and be slow. It keeps to the
// store's contract as far as commands see it.
type Records struct {
	// Err is what everything returns while it is set, ErrWrite what changes
	// return.
	Err, ErrWrite error
	// Takes is how long everything takes.
	Takes time.Duration
	// Before is called before a change is made, for a test to be quicker.
	Before func()
	// Erase is what Forget counts beside the choices; Waiting is what Wake
	// finds.
	Erase   store.Erased
	Waiting int

	mu       sync.Mutex
	settings map[string]store.Settings
	persons  map[string]person
	calls    []string
}

// person is what one person chose.
type person struct {
	visibility store.Visibility
	never      bool
	servers    map[string]store.Choice
}

// NewRecords returns a store in which nobody has chosen anything.
func NewRecords() *Records {
	return &Records{settings: map[string]store.Settings{}, persons: map[string]person{}}
}

var (
	_ commands.SettingsStore = (*Records)(nil)
	_ commands.PeopleStore   = (*Records)(nil)
)

// Put stores a server's settings.
func (d *Records) Put(server string, change func(*store.Settings)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.of(server)
	change(&s)
	d.settings[server] = s
}

// Choose stores a person's choices, as they are for one server.
func (d *Records) Choose(server, user string, c store.Consent) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.choose(server, user, c)
}

// Kept returns a server's settings, and Chosen a person's choices, without
// any of the faults.
func (d *Records) Kept(server string) store.Settings {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.of(server)
}

// Chosen returns a person's choices as they are for one server.
func (d *Records) Chosen(server, user string) store.Consent {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.in(server, user)
}

// Calls returns and forgets what was asked of the store so far.
func (d *Records) Calls() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	calls := d.calls
	d.calls = nil
	return calls
}

// begin is what every call begins with.
func (d *Records) begin(ctx context.Context, writes bool, what string) error {
	if d.Takes > 0 {
		select {
		case <-time.After(d.Takes):
		case <-ctx.Done():
		}
	}
	if writes && d.Before != nil {
		d.Before()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = append(d.calls, what)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case d.Err != nil:
		return d.Err
	case writes:
		return d.ErrWrite
	default:
		return nil
	}
}

// of returns a copy of a server's settings.
func (d *Records) of(server string) store.Settings {
	s, ok := d.settings[server]
	if !ok {
		return store.DefaultSettings()
	}
	s.RewardRoles = maps.Clone(s.RewardRoles)
	return s
}

func (d *Records) in(server, user string) store.Consent {
	p := d.persons[user]
	return store.Consent{Visibility: p.visibility, Announce: p.servers[server], NeverAnywhere: p.never}
}

func (d *Records) choose(server, user string, c store.Consent) {
	p := d.persons[user]
	p.visibility, p.never = c.Visibility, c.NeverAnywhere
	p.servers = maps.Clone(p.servers)
	if p.servers == nil {
		p.servers = map[string]store.Choice{}
	}
	if server != "" {
		p.servers[server] = c.Announce
	}
	d.persons[user] = p
}

// Settings implements [commands.SettingsStore].
func (d *Records) Settings(ctx context.Context, server string) (store.Settings, error) {
	if err := d.begin(ctx, false, "settings"); err != nil {
		return store.Settings{}, err
	}
	return d.Kept(server), nil
}

// UpdateSettings implements [commands.SettingsStore].
func (d *Records) UpdateSettings(ctx context.Context, server string, fn func(*store.Settings) error) (store.Settings, error) {
	if err := d.begin(ctx, true, "update settings"); err != nil {
		return store.Settings{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.of(server)
	if err := fn(&s); err != nil {
		return store.Settings{}, fmt.Errorf("update settings: %w", err)
	}
	if len(s.RewardRoles) > store.MaxRewardRoles {
		return store.Settings{}, fmt.Errorf("update settings: %w", store.ErrFull)
	}
	d.settings[server] = s
	return d.of(server), nil
}

// ResetSettings implements [commands.SettingsStore].
func (d *Records) ResetSettings(ctx context.Context, server string) (store.Settings, error) {
	return d.UpdateSettings(ctx, server, func(s *store.Settings) error {
		fresh := store.DefaultSettings()
		fresh.Told = s.Told
		*s = fresh
		return nil
	})
}

// Wake implements [commands.SettingsStore].
func (d *Records) Wake(ctx context.Context, _ string, _ time.Time) (int, error) {
	return d.Waiting, d.begin(ctx, true, "wake")
}

// Consent implements [commands.PeopleStore].
func (d *Records) Consent(ctx context.Context, server, user string) (store.Consent, error) {
	if err := d.begin(ctx, false, "consent"); err != nil {
		return store.Consent{}, err
	}
	return d.Chosen(server, user), nil
}

// UpdateConsent implements [commands.PeopleStore].
func (d *Records) UpdateConsent(ctx context.Context, server, user string, fn func(*store.Consent) error) (store.Consent, error) {
	if err := d.begin(ctx, true, "update consent"); err != nil {
		return store.Consent{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.in(server, user)
	if err := fn(&c); err != nil {
		return store.Consent{}, fmt.Errorf("update consent: %w", err)
	}
	if server == "" && c.Announce != store.Ask {
		return store.Consent{}, store.ErrInvalid
	}
	d.choose(server, user, c)
	return c, nil
}

// Choices implements [commands.PeopleStore].
func (d *Records) Choices(ctx context.Context, user string) (map[string]store.Choice, error) {
	if err := d.begin(ctx, false, "choices"); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	out := maps.Clone(d.persons[user].servers)
	maps.DeleteFunc(out, func(_ string, c store.Choice) bool { return c == store.Ask })
	return out, nil
}

// Stored implements [commands.PeopleStore].
func (d *Records) Stored(ctx context.Context, user string) (store.Erased, error) {
	if err := d.begin(ctx, false, "stored"); err != nil {
		return store.Erased{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.count(user), nil
}

func (d *Records) count(user string) store.Erased {
	n := d.Erase
	p := d.persons[user]
	if p.visibility != store.VisibleToAnyone {
		n.Choices++
	}
	if p.never {
		n.Choices++
	}
	for _, c := range p.servers {
		if c != store.Ask {
			n.Choices++
		}
	}
	return n
}

// Forget implements [commands.PeopleStore].
func (d *Records) Forget(ctx context.Context, user string, _ time.Time) (store.Erased, error) {
	if err := d.begin(ctx, true, "forget"); err != nil {
		return store.Erased{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.count(user)
	d.Erase = store.Erased{}
	delete(d.persons, user)
	return n, nil
}
