package store

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// How long closed entries are kept. An entry that was sent is what says
// "announced already" and where; one that the person declined is kept as long.
const (
	LedgerRetention  = 400 * 24 * time.Hour
	RefusedRetention = 30 * 24 * time.Hour
)

// Added is what became of one entry given to [Store.Add].
type Added struct {
	Entry Entry // as it is stored
	New   bool  // false: it was there before
}

// Add is the gate through which everything passes that must happen once. It
// adds the entries, which are all of one person in one server, in one piece;
// among any number of callers exactly one gets New for an entry. An entry
// that is there is left alone and returned as it is, with one exception:
// people may try again what expired or was refused, so an entry that is not
// by the watcher reopens it.
//
// An entry begins [Pending]; its Due is Created if it is zero. Nothing is
// added against the person's choice ([ErrConsent]), while they or the server
// are being deleted ([ErrForgetting]), from before they were forgotten
// ([ErrForgotten]), or beyond [MaxOpen] ([ErrFull]).
func (s *Store) Add(ctx context.Context, entries ...Entry) ([]Added, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	for _, e := range entries {
		if err := e.check(); err != nil {
			return nil, err
		}
		if e.Server != entries[0].Server || e.Person != entries[0].Person {
			return nil, invalid("entries of several persons or servers at once")
		}
	}
	var out []Added
	err := s.driver.Update(ctx, func(tx Tx) error {
		var err error
		out, err = add(tx, entries)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("add to ledger: %w", err)
	}
	return out, nil
}

func add(tx Tx, entries []Entry) ([]Added, error) {
	server, person := entries[0].Server, entries[0].Person
	oldest := slices.MinFunc(entries, func(a, b Entry) int { return a.Created.Compare(b.Created) })
	p, err := beginPerson(tx, person, oldest.Created)
	if err != nil {
		return nil, err
	}
	stored, err := readEntries(tx, entries)
	if err != nil {
		return nil, err
	}
	out := make([]Added, len(entries))
	var fresh []Entry
	for i, e := range entries {
		if stored[i].revision != 0 && !reopens(stored[i], e) {
			out[i] = Added{Entry: stored[i]}
			continue
		}
		if !p.rec.in(server).MayAnnounce(e.By) || stored[i].Bars(e.By) {
			return nil, ErrConsent
		}
		e = begin(e, stored[i].revision)
		out[i] = Added{Entry: e, New: true}
		fresh = append(fresh, e)
	}
	if len(fresh) == 0 {
		return out, nil
	}
	if err := p.enter(server); err != nil {
		return nil, err
	}
	return out, insert(tx, fresh)
}

// insert stores entries that are new in their outbox.
func insert(tx Tx, fresh []Entry) error {
	o, err := beginOutbox(tx, fresh[0].Server, fresh[0].Person)
	if err != nil {
		return err
	}
	for _, e := range fresh {
		if err := putEntry(tx, e); err != nil {
			return err
		}
		if err := o.put(e); err != nil {
			return err
		}
		if e.Kind == Completion {
			if err := noteCompletion(tx, completionOf(e)); err != nil {
				return err
			}
		}
	}
	return o.save()
}

// begin returns an entry as it is when it is added.
func begin(e Entry, revision int64) Entry {
	fresh := Entry{
		EntryKey: e.EntryKey, By: e.By, Facts: e.Facts, Note: e.Note, Created: e.Created,
		State: Pending, Changed: e.Created, Due: e.Due, revision: revision + 1,
	}
	if fresh.Due.IsZero() {
		fresh.Due = e.Created
	}
	return fresh.record().entry()
}

// Decline takes note that a person who was asked about a completion wants it
// not announced: its entry is refused, and only they themselves reopen it. now
// is when they said so. What is announced, or on its way, is left alone.
//
// It returns [ErrForgetting] while the person is being forgotten, and
// [ErrForgotten] if they said so before they were.
func (s *Store) Decline(ctx context.Context, server, person, program string, now time.Time) error {
	e := Entry{EntryKey: EntryKey{Server: server, Person: person, Program: program}, By: BySelf, Created: now}
	if err := e.check(); err != nil {
		return err
	}
	if err := s.driver.Update(ctx, func(tx Tx) error { return decline(tx, e) }); err != nil {
		return fmt.Errorf("decline in ledger: %w", err)
	}
	return nil
}

func decline(tx Tx, e Entry) error {
	p, err := beginPerson(tx, e.Person, e.Created)
	if err != nil {
		return err
	}
	stored, err := readEntries(tx, []Entry{e})
	if err != nil || stored[0].revision != 0 && !reopens(stored[0], e) {
		return err
	}
	if err := p.enter(e.Server); err != nil {
		return err
	}
	e = begin(e, stored[0].revision)
	e.State, e.Reason = Refused, reasonDeclined
	return putEntry(tx, e)
}

// reopens reports whether adding e revives what is stored.
func reopens(stored, e Entry) bool {
	return (stored.State == Expired || stored.State == Refused) && e.By != ByWatcher
}

// readEntries reads the stored form of entries; one that is not stored has
// the revision 0.
func readEntries(r Reader, entries []Entry) ([]Entry, error) {
	keys := make([]string, len(entries))
	for i, e := range entries {
		keys[i] = e.String()
	}
	got, err := r.Get(keys...)
	if err != nil {
		return nil, err
	}
	out := make([]Entry, len(entries))
	for i, key := range keys {
		if out[i], _, err = decodeEntry(key, got[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// putEntry stores an entry and when it may be deleted.
func putEntry(tx Tx, e Entry) error {
	key := e.String()
	tx.SetPut(storedSet(e.Server, e.Person), key, millis(e.Created))
	switch {
	case e.State == Sent, e.Declined():
		tx.SetPut(expirySet, key, millis(e.Changed.Add(LedgerRetention)))
	case e.State == Expired, e.State == Refused:
		tx.SetPut(expirySet, key, millis(e.Changed.Add(RefusedRetention)))
	default:
		tx.SetDelete(expirySet, key)
	}
	return put(tx, key, e.record())
}

// Entry returns the entry of a key, or [ErrNotFound].
func (s *Store) Entry(ctx context.Context, key EntryKey) (Entry, error) {
	if err := key.check(); err != nil {
		return Entry{}, err
	}
	var out Entry
	err := s.driver.View(ctx, func(r Reader) error {
		got, err := r.Get(key.String())
		if err != nil {
			return err
		}
		var found bool
		out, found, err = decodeEntry(key.String(), got[0])
		if err == nil && !found {
			err = ErrNotFound
		}
		return err
	})
	if err != nil {
		return Entry{}, fmt.Errorf("read ledger: %w", err)
	}
	return out, nil
}

// Entries returns those of the keys that are in the ledger.
func (s *Store) Entries(ctx context.Context, keys ...EntryKey) (map[EntryKey]Entry, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	if len(keys) > MaxBatch {
		return nil, invalid("%d entries at once, at most %d", len(keys), MaxBatch)
	}
	names := make([]string, len(keys))
	for i, key := range keys {
		if err := key.check(); err != nil {
			return nil, err
		}
		names[i] = key.String()
	}
	var out map[EntryKey]Entry
	err := s.driver.View(ctx, func(r Reader) error {
		out = make(map[EntryKey]Entry, len(keys))
		got, err := r.Get(names...)
		if err != nil {
			return err
		}
		for i, key := range keys {
			e, found, err := decodeEntry(names[i], got[i])
			if err != nil {
				return err
			}
			if found {
				out[key] = e
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read ledger: %w", err)
	}
	return out, nil
}
