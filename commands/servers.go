package commands

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"progressbot/bot/store"
)

const (
	// rulesFresh is how long a server's rules are believed without asking
	// the store: as long as a change in another process may take to arrive.
	rulesFresh = 15 * time.Second
	// rulesRetry is how long the store is left alone after it has failed, so
	// that not everybody waits for it.
	rulesRetry = 2 * time.Second
	// rulesWithin is how long a reply waits for its server's rules.
	rulesWithin = 400 * time.Millisecond
	// maxServers bounds for how many servers rules are kept in memory.
	maxServers = 4096
	// storeWithin is how long somebody waits for what they asked the store.
	storeWithin = 3 * time.Second
)

// SettingsStore keeps what servers chose. [store.Store] is one.
type SettingsStore interface {
	// Settings returns a server's settings, the defaults if it chose none.
	Settings(ctx context.Context, server string) (store.Settings, error)
	// UpdateSettings changes a server's settings in one piece and returns
	// them. fn may be called more than once; its error is returned, wrapped,
	// and leaves everything alone.
	UpdateSettings(ctx context.Context, server string, fn func(*store.Settings) error) (store.Settings, error)
	// ResetSettings puts every choice back to its default.
	ResetSettings(ctx context.Context, server string) (store.Settings, error)
	// Wake makes what waits for a server's settings to be fixed due at now.
	Wake(ctx context.Context, server string, now time.Time) (int, error)
}

// replyRules are the part of a server's settings that replies depend on.
type replyRules struct {
	PublicReplies  bool
	OthersViewable bool
	Pictures       store.Pictures
	Channel        string // for announcements, "" while they are off
	RewardRoles    bool   // whether there are any
}

func rulesOf(s store.Settings) replyRules {
	r := replyRules{PublicReplies: s.PublicReplies, OthersViewable: s.OthersViewable, Pictures: s.Pictures, RewardRoles: len(s.RewardRoles) > 0}
	if s.Announcements {
		r.Channel = s.Channel
	}
	return r
}

// servers gives access to the settings of servers. Panels and changes go to the
// store; the rules that every reply depends on are cached in memory for
// [rulesFresh].
type servers struct {
	Deps
	loading singleflight.Group

	mu     sync.Mutex
	seen   recent[string, knownRules]
	writes uint64 // how many changes there were, see learn
}

// knownRules are a server's rules, or why they are not known, for a time.
type knownRules struct {
	rules replyRules
	err   error
	until time.Time
}

func newServers(d Deps) *servers {
	return &servers{Deps: d, seen: newRecent[string, knownRules](maxServers)}
}

// publicByDefault reports whether replies in a server are public unless asked
// otherwise. Where that is not known, they are private.
func (s *servers) publicByDefault(ctx context.Context, guild string) bool {
	rules, err := s.rules(ctx, guild)
	return err == nil && rules.PublicReplies
}

// rules returns a server's rules for replies. It waits for the store for a
// moment at most, and not at all soon after it has failed.
func (s *servers) rules(ctx context.Context, guild string) (replyRules, error) {
	if k, ok := s.known(guild); ok {
		return k.rules, k.err
	}
	v, err, _ := s.loading.Do(guild, func() (any, error) {
		// Others may wait for the same answer, so it outlives the first.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rulesWithin)
		defer cancel()
		before := s.changes()
		got, err := s.Settings.Settings(ctx, guild)
		err = s.stored(err)
		s.learn(guild, rulesOf(got), err, before)
		return rulesOf(got), err
	})
	return v.(replyRules), err
}

func (s *servers) known(guild string) (knownRules, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.seen.get(guild)
	return k, ok && s.Now().Before(k.until)
}

func (s *servers) changes() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes
}

// learn keeps what a read has found, unless there was a change since it
// began: then nobody knows which of the two it saw.
func (s *servers) learn(guild string, rules replyRules, err error, before uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writes != before {
		return
	}
	k := knownRules{rules, err, s.Now().Add(rulesFresh)}
	if err != nil {
		k = knownRules{replyRules{}, err, s.Now().Add(rulesRetry)}
	}
	s.seen.put(guild, k)
}

// get reads a server's settings.
func (s *servers) get(ctx context.Context, guild string) (store.Settings, error) {
	ctx, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	got, err := s.Settings.Settings(ctx, guild)
	return got, s.stored(err)
}

// change changes a server's settings. An error of fn's comes back wrapped.
func (s *servers) change(ctx context.Context, guild string, fn func(*store.Settings) error) (store.Settings, error) {
	return s.write(ctx, guild, func(ctx context.Context) (store.Settings, error) {
		return s.Settings.UpdateSettings(ctx, guild, fn)
	})
}

func (s *servers) reset(ctx context.Context, guild string) (store.Settings, error) {
	return s.write(ctx, guild, func(ctx context.Context) (store.Settings, error) {
		return s.Settings.ResetSettings(ctx, guild)
	})
}

// write makes a change and forgets what was known: before, for reads that
// have begun, and after, for what they found meanwhile.
func (s *servers) write(ctx context.Context, guild string, change func(context.Context) (store.Settings, error)) (store.Settings, error) {
	s.forget(guild)
	defer s.forget(guild)
	ctx, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	return change(ctx)
}

func (s *servers) forget(guild string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	s.seen.put(guild, knownRules{})
}

// wake tells the store that what hindered announcements may be fixed. If
// that fails nothing is lost: what waits is tried again by itself.
func (s *servers) wake(ctx context.Context, guild string) {
	ctx, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	_, err := s.Settings.Wake(ctx, guild, s.Now())
	_ = s.stored(err)
}
