package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Hindrance is what keeps entries of the ledger from being carried out until
// somebody fixes it: the Reason of those that wait for it or expired over it.
type Hindrance string

// The hindrances there are.
const (
	// NoChannel: none is chosen, or the one that was is gone.
	NoChannel Hindrance = "no_channel"
	// NoPermission: the bot lacks a permission in the channel.
	NoPermission Hindrance = "no_permission"
	// NotAccepted: Discord refuses the message itself.
	NotAccepted Hindrance = "not_accepted"
	// NoRole: the reward role is gone.
	NoRole Hindrance = "no_role"
	// RoleOutOfReach: the bot may not give the reward role: it lacks Manage
	// Roles, or the role is above its own.
	RoleOutOfReach Hindrance = "role_out_of_reach"
	// OutOfReach: Discord could not be asked for days, or what became of a
	// post could not be found out.
	OutOfReach Hindrance = "out_of_reach"
)

// What the names in [Settings.Told] of hindrances begin with.
const (
	toldWaiting = "waiting:"
	toldExpired = "expired:"
)

// Trouble is a hindrance in a server, for its managers to see.
type Trouble struct {
	Hindrance Hindrance
	Since     time.Time // entries have been waiting for it since; zero if none do
	Expired   time.Time // the last entry expired over it; zero if none did
}

// Troubles returns what the managers of a server should know, the most
// recent first.
func (s Settings) Troubles() []Trouble {
	found := map[Hindrance]Trouble{}
	for name, at := range s.Told {
		if h, ok := strings.CutPrefix(name, toldWaiting); ok {
			t := found[Hindrance(h)]
			t.Hindrance, t.Since = Hindrance(h), at
			found[t.Hindrance] = t
		}
		if h, ok := strings.CutPrefix(name, toldExpired); ok {
			t := found[Hindrance(h)]
			t.Hindrance, t.Expired = Hindrance(h), at
			found[t.Hindrance] = t
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b Trouble) int {
		return cmp.Or(cmp.Compare(b.last(), a.last()), cmp.Compare(a.Hindrance, b.Hindrance))
	})
}

func (t Trouble) last() int64 { return max(millis(t.Since), millis(t.Expired)) }

// Hindered reports whether entries are known to wait for h.
func (s Settings) Hindered(h Hindrance) bool { return !s.Told[toldWaiting+string(h)].IsZero() }

// Hindrances returns what entries are known to wait for, in no order.
func (s Settings) Hindrances() []Hindrance {
	var out []Hindrance
	for name := range s.Told {
		if h, ok := strings.CutPrefix(name, toldWaiting); ok {
			out = append(out, Hindrance(h))
		}
	}
	return out
}

// Hinder records that entries have been waiting for h since at, unless it is
// known, and reports whether it was news.
func (s *Settings) Hinder(h Hindrance, at time.Time) bool {
	if s.Hindered(h) {
		return false
	}
	s.tell(toldWaiting+string(h), at)
	return true
}

// Expire records that an entry expired at at, having waited for h. What
// expired [RefusedRetention] earlier is dropped.
func (s *Settings) Expire(h Hindrance, at time.Time) {
	for name, old := range s.Told {
		if strings.HasPrefix(name, toldExpired) && at.Sub(old) > RefusedRetention {
			delete(s.Told, name)
		}
	}
	s.tell(toldExpired+string(h), at)
}

// Unhinder records that nothing waits for the hindrances any more, and
// reports whether that was news.
func (s *Settings) Unhinder(hs ...Hindrance) bool {
	before := len(s.Told)
	for _, h := range hs {
		delete(s.Told, toldWaiting+string(h))
	}
	return len(s.Told) != before
}

// Unhinder records which of a server's hindrances nothing waits for any more,
// by what is in the ledger, and returns the settings. What begins to wait in
// that very moment may be missed; it is noted when it is tried again.
func (s *Store) Unhinder(ctx context.Context, server string) (Settings, error) {
	settings, err := s.Settings(ctx, server)
	if err != nil {
		return Settings{}, err
	}
	over, err := s.withoutWaiting(ctx, server, settings.Hindrances())
	if err != nil {
		return Settings{}, fmt.Errorf("read what waits: %w", err)
	}
	if len(over) == 0 {
		return settings, nil
	}
	return s.UpdateSettings(ctx, server, func(s *Settings) error {
		s.Unhinder(over...)
		return nil
	})
}

// withoutWaiting returns those of the hindrances that nothing in a server
// waits for.
func (s *Store) withoutWaiting(ctx context.Context, server string, hs []Hindrance) ([]Hindrance, error) {
	const few = 20 // persons usually say it all
	for offset := 0; len(hs) > 0; offset += few {
		persons := 0
		err := s.driver.View(ctx, func(r Reader) error {
			members, err := r.Range(waitingSet(server), Span{Min: MinScore, Max: MaxScore, Offset: offset, Limit: few})
			if err != nil {
				return err
			}
			persons = len(members)
			boxes, err := readOutboxes(r, server, members)
			hs = slices.DeleteFunc(hs, func(h Hindrance) bool {
				return slices.ContainsFunc(boxes, func(box outboxRecord) bool { return box.waitsFor(h) })
			})
			return err
		})
		if err != nil || persons < few {
			return hs, err
		}
	}
	return nil, nil
}

// readOutboxes reads what persons have open in a server. What cannot be read
// is left out: nobody can say what it waits for.
func readOutboxes(r Reader, server string, persons []Member) ([]outboxRecord, error) {
	keys := make([]string, len(persons))
	for i, m := range persons {
		keys[i] = outboxKey(server, m.Name)
	}
	got, err := r.Get(keys...)
	if err != nil {
		return nil, err
	}
	var out []outboxRecord
	for i, key := range keys {
		var rec outboxRecord
		if decode(key, got[i], &rec) == nil {
			out = append(out, rec)
		}
	}
	return out, nil
}

func (s *Settings) tell(name string, at time.Time) {
	if s.Told == nil {
		s.Told = map[string]time.Time{}
	}
	s.Told[name] = at
}
