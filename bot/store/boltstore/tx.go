package boltstore

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"

	"progressbot/bot/store"
)

// The buckets. A set is kept twice: in order, under set ∅ score member in
// the order bucket, and by member, under set:member ∅ among the records with
// the score as the value, where ∅ is a zero byte and the score has eight
// bytes that sort like the number. A member of the set "watch" thus lies
// beside the record with the key "watch:member", mostly on the same page,
// which halves what a change of both writes.
const (
	recordsBucket = "records"
	orderBucket   = "order"
)

func bucketNames() []string { return []string{recordsBucket, orderBucket} }

// reader implements [store.Reader].
type reader struct {
	records, order *bbolt.Bucket
}

func newReader(tx *bbolt.Tx) reader {
	return reader{
		records: tx.Bucket([]byte(recordsBucket)),
		order:   tx.Bucket([]byte(orderBucket)),
	}
}

// Get implements [store.Reader].
func (r reader) Get(keys ...string) ([][]byte, error) {
	out := make([][]byte, len(keys))
	return out, guard(func() error {
		for i, key := range keys {
			// bbolt's memory is only valid within the transaction.
			out[i] = bytes.Clone(r.records.Get([]byte(key)))
		}
		return nil
	})
}

// Range implements [store.Reader].
func (r reader) Range(set string, s store.Span) ([]store.Member, error) {
	if s.Limit <= 0 {
		return nil, nil
	}
	var out []store.Member
	skip := s.Offset
	err := r.each(set, s.Min, s.Max, func(member []byte, score int64) bool {
		if skip > 0 {
			skip--
			return true
		}
		out = append(out, store.Member{Name: string(member), Score: score})
		return len(out) < s.Limit
	})
	return out, err
}

// Count implements [store.Reader]. It walks through what it counts.
func (r reader) Count(set string, min, max int64) (int, error) {
	n := 0
	err := r.each(set, min, max, func([]byte, int64) bool {
		n++
		return true
	})
	return n, err
}

// each calls fn for the members with a score within min and max, in order,
// until it returns false. fn must not keep the member.
func (r reader) each(set string, min, max int64, fn func(member []byte, score int64) bool) error {
	prefix := setPrefix(set)
	begin := append(bytes.Clone(prefix), sortable(min)...)
	end := append(bytes.Clone(prefix), sortable(max)...)
	return guard(func() error {
		c := r.order.Cursor()
		for k, _ := c.Seek(begin); within(k, prefix, end); k, _ = c.Next() {
			score, member := k[len(prefix):len(end)], k[len(end):]
			if !fn(member, unsortable(score)) {
				break
			}
		}
		return nil
	})
}

// within reports whether k belongs to a set and its score is not beyond end.
func within(k, prefix, end []byte) bool {
	return len(k) >= len(end) && bytes.HasPrefix(k, prefix) && bytes.Compare(k[:len(end)], end) <= 0
}

// Score implements [store.Reader].
func (r reader) Score(set, member string) (score int64, found bool, err error) {
	err = guard(func() error {
		v := r.records.Get(memberKey(set, member))
		if found = len(v) == scoreSize; found {
			score = unsortable(v)
		}
		return nil
	})
	return score, found, err
}

// writer implements [store.Tx].
type writer struct {
	reader
	store.Changes
	db *DB
}

// Leases implements [store.Tx].
func (w *writer) Leases(queue string, members ...string) ([]string, error) {
	out := make([]string, len(members))
	for i, m := range members {
		out[i] = w.db.leases[leaseKey{queue, m}].token
	}
	return out, nil
}

// apply makes the collected changes.
func (w *writer) apply() error {
	for _, c := range w.List {
		if err := w.applyOne(c); err != nil {
			return fmt.Errorf("write %q: %w", c.Key, err)
		}
	}
	return nil
}

func (w *writer) applyOne(c store.Change) error {
	switch c.Op {
	case store.OpPut:
		return w.records.Put([]byte(c.Key), c.Value)
	case store.OpDelete:
		return w.records.Delete([]byte(c.Key))
	case store.OpSetPut:
		return w.setPut(c.Key, c.Member, c.Score)
	case store.OpSetDelete:
		return w.setDelete(c.Key, c.Member)
	}
	return nil // leases end after the commit
}

func (w *writer) setPut(set, member string, score int64) error {
	key := memberKey(set, member)
	value := sortable(score)
	old := w.records.Get(key)
	if bytes.Equal(old, value) {
		return nil
	}
	if old != nil {
		if err := w.order.Delete(orderKey(set, old, member)); err != nil {
			return err
		}
	}
	if err := w.records.Put(key, value); err != nil {
		return err
	}
	return w.order.Put(orderKey(set, value, member), nil)
}

func (w *writer) setDelete(set, member string) error {
	key := memberKey(set, member)
	old := w.records.Get(key)
	if old == nil {
		return nil
	}
	if err := w.order.Delete(orderKey(set, old, member)); err != nil {
		return err
	}
	return w.records.Delete(key)
}

func (w *writer) unlease() {
	for _, c := range w.List {
		if c.Op == store.OpUnlease {
			delete(w.db.leases, leaseKey{c.Key, c.Member})
		}
	}
}

const scoreSize = 8

// sortable returns a score in bytes that sort like it.
func sortable(score int64) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(score)^1<<63)
}

func unsortable(b []byte) int64 { return int64(binary.BigEndian.Uint64(b) ^ 1<<63) }

func setPrefix(set string) []byte { return append([]byte(set), 0) }

func memberKey(set, member string) []byte { return []byte(set + ":" + member + "\x00") }

func orderKey(set string, score []byte, member string) []byte {
	return append(append(setPrefix(set), score...), member...)
}
