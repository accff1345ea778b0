package store

import (
	"context"
	"fmt"
	"strconv"
)

// schemaVersion is the version of the layout of keys and sets. A change that
// an older program would misread raises it.
const schemaVersion = 1

// Store keeps the bot's data. Its methods are grouped by what they are
// about: settings.go, trouble.go, person.go, watch.go, ledger.go,
// outbox.go, drafts.go, standings.go, board.go, collections.go, completions.go,
// recaps.go, servers.go, forget.go and sweep.go.
//
// Every method returns [ErrInvalid] for ids that are not Discord ids and
// [ErrDamaged] for a record that cannot be read; any error that is none of
// the package's own means that the database could not be reached, and that
// nothing is known about whether a change was made. Making the change again
// is always safe.
type Store struct {
	driver Driver
}

// Open returns the store on the driver's data, which it marks with the
// schema version if it is new. It returns a [*SchemaError] if the data was
// written by a newer version, and [ErrDamaged] if the mark is unreadable;
// then nothing was written and the driver is still open.
func Open(ctx context.Context, d Driver) (*Store, error) {
	want := []byte(strconv.Itoa(schemaVersion))
	err := d.Update(ctx, func(tx Tx) error {
		got, err := tx.Get(schemaKey)
		if err != nil {
			return err
		}
		if got[0] == nil {
			tx.Put(schemaKey, want)
			return nil
		}
		return checkSchema(got[0])
	})
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	d.Pin(schemaKey, want)
	return &Store{driver: d}, nil
}

func checkSchema(mark []byte) error {
	version, err := strconv.Atoi(string(mark))
	if err != nil || version < 1 {
		return damaged(schemaKey, "it is not a version number")
	}
	if version > schemaVersion {
		return &SchemaError{Found: version, Known: schemaVersion}
	}
	return nil
}

// Close releases the database.
func (s *Store) Close() error { return s.driver.Close() }

// Durability returns what the operator should know about how safely the
// data is kept: Redis without persistence, with eviction, and the like. None
// is good news.
func (s *Store) Durability(ctx context.Context) ([]Warning, error) {
	return s.driver.Durability(ctx)
}

// get reads one record into v, which keeps its value if there is none.
func get(r Reader, key string, v any) error {
	got, err := r.Get(key)
	if err != nil {
		return err
	}
	return decode(key, got[0], v)
}

// put writes v as a record.
func put(tx Tx, key string, v any) error {
	data, err := encode(v)
	if err != nil {
		return err
	}
	tx.Put(key, data)
	return nil
}

// rangeOf reads a part of a set.
func (s *Store) rangeOf(ctx context.Context, set string, span Span) ([]Member, error) {
	var out []Member
	err := s.driver.View(ctx, func(r Reader) error {
		var err error
		out, err = r.Range(set, span)
		return err
	})
	return out, err
}
