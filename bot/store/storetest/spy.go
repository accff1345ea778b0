package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"progressbot/bot/store"
)

// errKilled is what a process that dies never sees.
var errKilled = errors.New("killed by the test")

// spy is a driver that notes what is written and can die before any commit.
type spy struct {
	store.Driver
	notes *notes

	mu   sync.Mutex
	left int // commits until it dies; negative for never
	dead bool
}

// notes are the keys and members that were ever written, by all drivers of a
// test.
type notes struct {
	mu      sync.Mutex
	keys    map[string]bool
	members map[[2]string]bool
}

func newNotes() *notes {
	return &notes{keys: map[string]bool{}, members: map[[2]string]bool{}}
}

func (n *notes) key(k string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.keys[k] = true
}

func (n *notes) member(set, m string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.members[[2]string{set, m}] = true
}

// dieAfter makes every commit after the next n fail.
func (s *spy) dieAfter(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left, s.dead = n, false
}

// Update implements store.Driver.
func (s *spy) Update(ctx context.Context, fn func(store.Tx) error) error {
	return s.Driver.Update(ctx, s.noting(fn))
}

// UpdateSoon implements store.Driver.
func (s *spy) UpdateSoon(ctx context.Context, fn func(store.Tx) error) error {
	return s.Driver.UpdateSoon(ctx, s.noting(fn))
}

func (s *spy) noting(fn func(store.Tx) error) func(store.Tx) error {
	return func(tx store.Tx) error {
		noted := &spyTx{Tx: tx, notes: s.notes}
		if err := fn(noted); err != nil || !noted.wrote {
			return err
		}
		return s.commit()
	}
}

func (s *spy) commit() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == 0 {
		s.dead = true
	}
	if s.dead {
		return errKilled
	}
	if s.left > 0 {
		s.left--
	}
	return nil
}

// spyTx notes what a transaction writes.
type spyTx struct {
	store.Tx
	notes *notes
	wrote bool
}

// Put implements store.Tx.
func (t *spyTx) Put(key string, value []byte) {
	t.wrote = true
	t.notes.key(key)
	t.Tx.Put(key, value)
}

// Delete implements store.Tx.
func (t *spyTx) Delete(key string) {
	t.wrote = true
	t.Tx.Delete(key)
}

// SetPut implements store.Tx.
func (t *spyTx) SetPut(set, member string, score int64) {
	t.wrote = true
	t.notes.member(set, member)
	t.Tx.SetPut(set, member, score)
}

// SetDelete implements store.Tx.
func (t *spyTx) SetDelete(set, member string) {
	t.wrote = true
	t.Tx.SetDelete(set, member)
}

// holding returns what was ever written, is still there and mentions id.
func (e *env) holding(id string) []string {
	e.Helper()
	out := []string{}
	e.ok(e.driver.View(e.Context(), func(r store.Reader) error {
		for key := range e.written.keys {
			got, err := r.Get(key)
			e.ok(err)
			if got[0] != nil && (strings.Contains(key, id) || strings.Contains(string(got[0]), id)) {
				out = append(out, key)
			}
		}
		for m := range e.written.members {
			_, found, err := r.Score(m[0], m[1])
			e.ok(err)
			if found && (strings.Contains(m[0], id) || strings.Contains(m[1], id)) {
				out = append(out, m[0]+" has "+m[1])
			}
		}
		return nil
	}))
	slices.Sort(out)
	return out
}

func is(err, want error) bool { return errors.Is(err, want) }

// compare returns how values are compared: nil and empty are the same, and
// what only the store sees is left out.
func compare() []cmp.Option {
	return []cmp.Option{
		cmpopts.EquateEmpty(),
		cmpopts.IgnoreUnexported(store.Entry{}, store.Claim{}, store.Outbox{}),
	}
}
