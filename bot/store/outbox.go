package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// MaxOpen bounds the open entries of one person in one server.
const MaxOpen = 500

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
	if err := s.driver.ClaimMember(ctx, outboxQueue, outboxMember(server, person), now, lease, o.token); err != nil {
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
		keys := rec.due(entryPrefix(o.Server, o.Person), millis(now))
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

// outboxRecord lists the open entries of one person in one server. All of
// them are worked on under one lease, which makes posts of one moment one
// post and keeps their order.
type outboxRecord struct {
	Open []openEntry `json:"open,omitempty"`
}

// openEntry is an entry with work left.
type openEntry struct {
	Key     string `json:"k"` // the entry's key without what all of them share
	Due     int64  `json:"d"`
	Waiting bool   `json:"w,omitempty"`
	// Hindrance is what it waits for, or waited for when it was last tried:
	// while it is being tried nobody knows better. Earlier versions of the
	// program did not write it.
	Hindrance Hindrance `json:"h,omitempty"`
}

func openEntryOf(key string, e Entry) openEntry {
	return openEntry{Key: key, Due: millis(e.Due), Waiting: e.waits(), Hindrance: Hindrance(e.Reason)}
}

func (o openEntry) hindered() bool { return o.Waiting || o.Hindrance != "" }

// outboxTx is an outbox inside a transaction.
type outboxTx struct {
	tx             Tx
	server, person string
	lease          string // the token it is leased under, "" if it is not
	rec            outboxRecord
}

func beginOutbox(tx Tx, server, person string) (*outboxTx, error) {
	o := &outboxTx{tx: tx, server: server, person: person}
	tokens, err := tx.Leases(outboxQueue, o.member())
	if err != nil {
		return nil, err
	}
	o.lease = tokens[0]
	return o, get(tx, outboxKey(server, person), &o.rec)
}

func (o *outboxTx) member() string { return outboxMember(o.server, o.person) }

// put brings the list in step with an entry.
func (o *outboxTx) put(e Entry) error {
	short := strings.TrimPrefix(e.String(), entryPrefix(o.server, o.person))
	at := slices.IndexFunc(o.rec.Open, func(open openEntry) bool { return open.Key == short })
	switch {
	case !e.State.Open() && at >= 0:
		o.rec.Open = slices.Delete(o.rec.Open, at, at+1)
	case !e.State.Open():
	case at >= 0:
		o.rec.Open[at] = openEntryOf(short, e)
	case len(o.rec.Open) >= MaxOpen:
		return ErrFull
	default:
		o.rec.Open = append(o.rec.Open, openEntryOf(short, e))
	}
	return nil
}

// waitsFor reports whether an entry waits for h, or may.
func (r outboxRecord) waitsFor(h Hindrance) bool {
	return slices.ContainsFunc(r.Open, func(open openEntry) bool {
		return open.Hindrance == h || open.Waiting && open.Hindrance == ""
	})
}

func (r outboxRecord) due(prefix string, now int64) []string {
	var keys []string
	for _, open := range r.Open {
		if open.Due <= now {
			keys = append(keys, prefix+open.Key)
		}
	}
	return keys
}

// save stores the list. Unless somebody holds the lease, whose end will
// bring the outbox back by itself, it also sets when the outbox is due.
func (o *outboxTx) save() error {
	o.markWaiting()
	if len(o.rec.Open) == 0 {
		o.tx.Delete(outboxKey(o.server, o.person))
	} else if err := put(o.tx, outboxKey(o.server, o.person), o.rec); err != nil {
		return err
	}
	if o.lease == "" {
		o.schedule()
	}
	return nil
}

// release ends the lease.
func (o *outboxTx) release() {
	o.tx.Unlease(outboxQueue, o.member())
	o.schedule()
}

// schedule makes the outbox due with the first of its entries.
func (o *outboxTx) schedule() {
	if len(o.rec.Open) == 0 {
		o.tx.SetDelete(outboxQueue, o.member())
		return
	}
	first := int64(MaxScore)
	for _, open := range o.rec.Open {
		first = min(first, open.Due)
	}
	o.tx.SetPut(outboxQueue, o.member(), first)
}

func (o *outboxTx) markWaiting() {
	if slices.ContainsFunc(o.rec.Open, openEntry.hindered) {
		o.tx.SetPut(waitingSet(o.server), o.person, 0)
	} else {
		o.tx.SetDelete(waitingSet(o.server), o.person)
	}
}
