package store

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"
)

// recapRetention is how long it is kept that a recap was begun: as long as
// somebody may want to know what became of it.
const recapRetention = 30 * 24 * time.Hour

// RecapDraft is a recap that a manager was shown. Each server has at most one
// for each program, the latest; it is about a time and holds nobody's name.
type RecapDraft struct {
	ID      string // given by [Store.AddRecap]
	Server  string
	Program string    // "" for the recap of all
	After   time.Time // what the recap tells came after, zero for everything
	Until   time.Time // and not after
	Channel string    // where it is to be posted
	// Look stands for what the manager was shown: whatever is posted has to
	// look the same.
	Look    string
	Created time.Time
	// Begun is when somebody confirmed it and it began to be posted; zero
	// before.
	Begun time.Time
}

type recapRecord struct {
	ID      string `json:"id"`
	Program raw    `json:"program,omitempty"`
	After   int64  `json:"after,omitempty"`
	Until   int64  `json:"until"`
	Channel string `json:"channel"`
	Look    string `json:"look"`
	Created int64  `json:"created"`
	Begun   int64  `json:"begun,omitempty"`
}

func (d RecapDraft) record() recapRecord {
	return recapRecord{
		ID: d.ID, Program: raw(d.Program), After: millis(d.After), Until: millis(d.Until),
		Channel: d.Channel, Look: d.Look, Created: millis(d.Created), Begun: millis(d.Begun),
	}
}

func (r recapRecord) draft(server string) RecapDraft {
	return RecapDraft{
		ID: r.ID, Server: server, Program: string(r.Program), After: fromMillis(r.After), Until: fromMillis(r.Until),
		Channel: r.Channel, Look: r.Look, Created: fromMillis(r.Created), Begun: fromMillis(r.Begun),
	}
}

func (d RecapDraft) check() error {
	if err := checkID("server", d.Server); err != nil {
		return err
	}
	if err := checkID("channel", d.Channel); err != nil {
		return err
	}
	if d.Program != "" {
		if err := checkProgram(d.Program); err != nil {
			return err
		}
	}
	if len(d.Look) > maxShort || d.Created.IsZero() || d.Until.IsZero() || d.Until.Before(d.After) {
		return invalid("a recap of no time")
	}
	return nil
}

// recapKey is the key of the record that a recap's ID belongs to. The ID
// begins with the key of its program.
func recapKey(server, id string) string { return "recap:" + server + ":" + recapProgram(id) }

func recapProgram(id string) string { return id[:len(id)-idLength] }

// isRecapID keeps anything else out of keys.
func isRecapID(id string) bool {
	_, err := base64.RawURLEncoding.DecodeString(id)
	return err == nil && len(id) == base64.RawURLEncoding.EncodedLen(len(ProgramKey{}))+idLength
}

// AddRecap stores what a manager was shown in place of what one was shown
// before, and returns it with its ID. It returns [ErrConflict] with a recap of
// the program that was begun and not ended: that has to be settled first.
func (s *Store) AddRecap(ctx context.Context, d RecapDraft) (RecapDraft, error) {
	if err := d.check(); err != nil {
		return RecapDraft{}, err
	}
	d.ID, d.Begun = KeyOf(d.Program).String()+newDraftID(), time.Time{}
	out := d.record().draft(d.Server)
	err := s.driver.Update(ctx, func(tx Tx) error {
		old, found, err := readRecap(tx, d.Server, d.ID)
		if err != nil {
			return err
		}
		if found && !old.Begun.IsZero() {
			out = old
			return fmt.Errorf("recap is being posted: %w", ErrConflict)
		}
		if err := ensureServer(tx, d.Server); err != nil {
			return err
		}
		return putRecap(tx, d)
	})
	if err != nil {
		return out, fmt.Errorf("add recap: %w", err)
	}
	return out, nil
}

// Recap returns the recap with this ID, or [ErrNotFound] if it was ended, if
// another was shown since, or if it was shown more than [DraftRetention]
// before now and not begun.
func (s *Store) Recap(ctx context.Context, server, id string, now time.Time) (RecapDraft, error) {
	if err := checkID("server", server); err != nil {
		return RecapDraft{}, err
	}
	var out RecapDraft
	err := s.driver.View(ctx, func(r Reader) error {
		var err error
		out, err = currentRecap(r, server, id, now)
		return err
	})
	if err != nil {
		return RecapDraft{}, fmt.Errorf("read recap: %w", err)
	}
	return out, nil
}

// BeginRecap records at now that a recap begins to be posted and is the
// server's last one of its program ([Settings.Recaps]), both in one piece:
// among any number of callers exactly one gets first. The others get the
// recap as that one left it. It returns [ErrConflict] if another recap of the
// program was posted since this one was shown, and what [Store.Recap] returns.
func (s *Store) BeginRecap(ctx context.Context, server, id string, now time.Time) (d RecapDraft, first bool, err error) {
	if err := checkID("server", server); err != nil {
		return RecapDraft{}, false, err
	}
	err = s.driver.Update(ctx, func(tx Tx) error {
		first = false
		if isRecapID(id) { // both as they were at one moment
			if _, err := tx.Get(recapKey(server, id), settingsKey(server)); err != nil {
				return err
			}
		}
		if d, err = currentRecap(tx, server, id, now); err != nil || !d.Begun.IsZero() {
			return err
		}
		settings, err := readSettings(tx, server)
		if err != nil {
			return err
		}
		if !settings.Recaps[d.Program].Equal(d.After) {
			return fmt.Errorf("another recap was posted: %w", ErrConflict)
		}
		settings.Recaps[d.Program] = d.Until
		first, d.Begun = true, fromMillis(millis(now))
		if err := writeSettings(tx, server, settings); err != nil {
			return err
		}
		return putRecap(tx, d)
	})
	if err != nil {
		return RecapDraft{}, false, fmt.Errorf("begin recap: %w", err)
	}
	return d, first, nil
}

// EndRecap records what became of a recap that was begun. If it was not
// posted, it can be begun again, and the server's last recap is the one before
// it. Ending one that is not there any more does nothing.
func (s *Store) EndRecap(ctx context.Context, d RecapDraft, posted bool) error {
	if err := d.check(); err != nil {
		return err
	}
	err := s.driver.Update(ctx, func(tx Tx) error {
		stored, found, err := readRecap(tx, d.Server, d.ID)
		if err != nil || !found || stored.ID != d.ID || stored.Begun.IsZero() {
			return err
		}
		if posted {
			key := recapKey(d.Server, d.ID)
			tx.Delete(key)
			tx.SetDelete(expirySet, key)
			return nil
		}
		settings, err := readSettings(tx, d.Server)
		if err != nil {
			return err
		}
		if settings.Recaps[stored.Program].Equal(stored.Until) {
			settings.Recaps[stored.Program] = stored.After
			if stored.After.IsZero() {
				delete(settings.Recaps, stored.Program)
			}
			if err := writeSettings(tx, d.Server, settings); err != nil {
				return err
			}
		}
		stored.Begun = time.Time{}
		return putRecap(tx, stored)
	})
	if err != nil {
		return fmt.Errorf("end recap: %w", err)
	}
	return nil
}

// currentRecap reads the recap with this ID.
func currentRecap(r Reader, server, id string, now time.Time) (RecapDraft, error) {
	if !isRecapID(id) {
		return RecapDraft{}, ErrNotFound
	}
	d, found, err := readRecap(r, server, id)
	if err != nil {
		return RecapDraft{}, err
	}
	if !found || d.ID != id || d.Begun.IsZero() && now.Sub(d.Created) > DraftRetention {
		return RecapDraft{}, ErrNotFound
	}
	return d, nil
}

// readRecap reads the recap of the program that the ID begins with.
func readRecap(r Reader, server, id string) (d RecapDraft, found bool, err error) {
	key := recapKey(server, id)
	got, err := r.Get(key)
	if err != nil {
		return RecapDraft{}, false, err
	}
	var rec recapRecord
	if err := decode(key, got[0], &rec); err != nil {
		return RecapDraft{}, false, err
	}
	return rec.draft(server), got[0] != nil, nil
}

func putRecap(tx Tx, d RecapDraft) error {
	key := recapKey(d.Server, d.ID)
	tx.SetPut(expirySet, key, millis(d.Created.Add(recapRetention)))
	return put(tx, key, d.record())
}
