package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// How long closed entries are kept. An entry that was sent is what says
// "announced already" and where.
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
	p, err := beginPerson(tx, person, oldest(entries))
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
		if !p.rec.in(server).MayAnnounce(e.By) {
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

// reopens reports whether adding e revives what is stored.
func reopens(stored, e Entry) bool {
	return (stored.State == Expired || stored.State == Refused) && e.By != ByWatcher
}

func oldest(entries []Entry) time.Time {
	at := entries[0].Created
	for _, e := range entries[1:] {
		if e.Created.Before(at) {
			at = e.Created
		}
	}
	return at
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
	switch e.State {
	case Sent:
		tx.SetPut(expirySet, key, millis(e.Changed.Add(LedgerRetention)))
	case Expired, Refused:
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

// Outbox is the open entries of one person in one server, for this process
// alone to work on until its lease ends.
type Outbox struct {
	Server string
	Person string
	// Entries are those that were due, in the order in which they were
	// added.
	Entries []Entry

	token string
}

// ClaimOutboxes leases up to n outboxes with entries that are due at now. A
// lease that ends without [Store.Release] makes the outbox due again for
// every process; an entry found [Posting] was left behind by an attempt
// whose outcome is not known. The lease must outlast every request made
// under it.
//
// An outbox that cannot be read stays out and is told by an [ErrDamaged]
// beside the others.
func (s *Store) ClaimOutboxes(ctx context.Context, now time.Time, n int, lease time.Duration) ([]Outbox, error) {
	token := newToken()
	members, err := s.driver.Claim(ctx, outboxQueue, now, min(n, MaxBatch), lease, token)
	if err != nil {
		return nil, fmt.Errorf("claim outboxes: %w", err)
	}
	out := make([]Outbox, 0, len(members))
	var faults []error
	for _, m := range members {
		server, person := splitMember(m.Name)
		o, err := s.readOutbox(ctx, Outbox{Server: server, Person: person, token: token}, now)
		if err != nil {
			faults = append(faults, fmt.Errorf("claim outboxes: %w", err))
			continue
		}
		out = append(out, o)
	}
	return out, errors.Join(faults...)
}

// NextOutbox returns when the first outbox is due. On Redis one that is
// leased is due when its lease ends; on bbolt it still has the time from
// before. It returns [ErrNotFound] if no entry is open.
func (s *Store) NextOutbox(ctx context.Context) (time.Time, error) {
	first, err := s.rangeOf(ctx, outboxQueue, everything(1))
	if err == nil && len(first) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("next outbox: %w", err)
	}
	return fromMillis(first[0].Score), nil
}

// ClaimOutbox leases one outbox, for a post that somebody waits for. It
// returns [ErrNotFound] if there is nothing open and [ErrConflict] if
// somebody holds the lease at now.
func (s *Store) ClaimOutbox(ctx context.Context, server, person string, now time.Time, lease time.Duration) (Outbox, error) {
	if err := checkIDs(server, person); err != nil {
		return Outbox{}, err
	}
	o := Outbox{Server: server, Person: person, token: newToken()}
	if err := s.driver.ClaimMember(ctx, outboxQueue, server+":"+person, now, lease, o.token); err != nil {
		return Outbox{}, fmt.Errorf("claim outbox: %w", err)
	}
	o, err := s.readOutbox(ctx, o, now)
	if err != nil {
		return Outbox{}, fmt.Errorf("claim outbox: %w", err)
	}
	return o, nil
}

// readOutbox fills in the entries that are due.
func (s *Store) readOutbox(ctx context.Context, o Outbox, now time.Time) (Outbox, error) {
	err := s.driver.View(ctx, func(r Reader) error {
		var rec outboxRecord
		if err := get(r, outboxKey(o.Server, o.Person), &rec); err != nil {
			return err
		}
		keys := rec.due("entry:"+o.Server+":"+o.Person+":", millis(now))
		o.Entries = nil
		if len(keys) == 0 {
			return nil
		}
		got, err := r.Get(keys...)
		if err != nil {
			return err
		}
		for i, key := range keys {
			e, found, err := decodeEntry(key, got[i])
			if err != nil {
				return err
			}
			if found {
				o.Entries = append(o.Entries, e)
			}
		}
		return nil
	})
	return o, err
}

// Save stores how far entries of a claimed outbox got, in one piece, and
// returns them as they are stored, ready to be saved again. It keeps the
// lease. Nothing is written
//
//   - if the lease was lost or an entry changed since it was read
//     ([ErrConflict]);
//   - if the person is being forgotten ([ErrForgetting]) or was ([ErrNotFound],
//     or [ErrConflict] because their leases ended too): a post that was made
//     meanwhile has no entry any more;
//   - if an entry is to begin [Posting] against what the person chose by now
//     ([ErrConsent]);
//   - if an entry cannot go from its state to the new one ([ErrInvalid]).
func (s *Store) Save(ctx context.Context, box Outbox, entries ...Entry) ([]Entry, error) {
	for _, e := range entries {
		if err := e.checkProgress(); err != nil {
			return nil, err
		}
		if e.Server != box.Server || e.Person != box.Person {
			return nil, invalid("an entry of another outbox")
		}
	}
	var out []Entry
	err := s.driver.Update(ctx, func(tx Tx) error {
		o, err := beginOutbox(tx, box.Server, box.Person)
		if err != nil {
			return err
		}
		if o.lease == "" || o.lease != box.token {
			return fmt.Errorf("lease of the outbox: %w", ErrConflict)
		}
		out, err = save(o, entries)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("save to ledger: %w", err)
	}
	return out, nil
}

func save(o *outboxTx, entries []Entry) ([]Entry, error) {
	p, err := beginPerson(o.tx, o.person, time.Time{})
	if err != nil {
		return nil, err
	}
	stored, err := readEntries(o.tx, entries)
	if err != nil {
		return nil, err
	}
	out := make([]Entry, len(entries))
	for i, e := range entries {
		out[i], err = step(stored[i], e, p.rec.in(o.server))
		if err != nil {
			return nil, err
		}
		if out[i] == stored[i] {
			continue
		}
		if err := putEntry(o.tx, out[i]); err != nil {
			return nil, err
		}
		if err := o.put(out[i]); err != nil {
			return nil, err
		}
	}
	return out, o.save()
}

// step returns what an entry becomes.
func step(stored, e Entry, consent Consent) (Entry, error) {
	next := stored
	next.State, next.Changed, next.Due, next.Attempt = e.State, e.Changed, e.Due, e.Attempt
	next.Nonce, next.Mark, next.Channel, next.Message = e.Nonce, e.Mark, e.Channel, e.Message
	next.Reason, next.Told = e.Reason, e.Told
	next.revision = e.revision + 1
	next = next.record().entry()
	switch {
	case stored.revision == 0:
		return Entry{}, ErrNotFound
	case stored == next:
		return stored, nil // this very change, repeated after an answer got lost
	case stored.revision != e.revision:
		return Entry{}, fmt.Errorf("entry: %w", ErrConflict)
	case !stored.State.mayBecome(e.State):
		return Entry{}, invalid("an entry cannot go from %v to %v", stored.State, e.State)
	case e.State == Posting && !consent.MayAnnounce(stored.By):
		return Entry{}, ErrConsent
	}
	return next, nil
}

// Release gives a claimed outbox back. It becomes due with the first of its
// open entries, or ends if there is none. Releasing what is not held any
// more does nothing.
func (s *Store) Release(ctx context.Context, box Outbox) error {
	err := s.driver.Update(ctx, func(tx Tx) error {
		o, err := beginOutbox(tx, box.Server, box.Person)
		if err != nil {
			return err
		}
		if o.lease != "" && o.lease == box.token {
			o.release()
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("release outbox: %w", err)
	}
	return nil
}

// Wake makes every waiting entry of a server due at now, because what they
// wait for may have been fixed. It returns how many there were.
func (s *Store) Wake(ctx context.Context, server string, now time.Time) (int, error) {
	if err := checkID("server", server); err != nil {
		return 0, err
	}
	woken := 0
	for offset := 0; ; offset += eraseBatch {
		persons, err := s.rangeOf(ctx, waitingSet(server), Span{Min: MinScore, Max: MaxScore, Offset: offset, Limit: eraseBatch})
		if err != nil {
			return woken, fmt.Errorf("wake entries: %w", err)
		}
		for _, m := range persons {
			n, err := s.wakePerson(ctx, server, m.Name, millis(now))
			if err != nil {
				return woken, fmt.Errorf("wake entries: %w", err)
			}
			woken += n
		}
		if len(persons) < eraseBatch {
			return woken, nil
		}
	}
}

func (s *Store) wakePerson(ctx context.Context, server, person string, now int64) (int, error) {
	n := 0
	err := s.driver.Update(ctx, func(tx Tx) error {
		n = 0
		o, err := beginOutbox(tx, server, person)
		if err != nil {
			return err
		}
		for i := range o.rec.Open {
			if o.rec.Open[i].Waiting {
				o.rec.Open[i].Due = min(o.rec.Open[i].Due, now)
				n++
			}
		}
		if n == 0 {
			return nil
		}
		return o.save()
	})
	return n, err
}
