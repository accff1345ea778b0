package redisstore

import (
	"context"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"

	"progressbot/bot/store"
)

// reader implements [store.Reader].
type reader struct {
	ctx context.Context
	db  *DB
}

// Get implements [store.Reader].
func (r reader) Get(keys ...string) ([][]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	full := make([]string, len(keys))
	for i, k := range keys {
		full[i] = prefix + k
	}
	got, err := r.db.client.MGet(r.ctx, full...).Result()
	if err != nil {
		return nil, fmt.Errorf("read from Redis: %w", translate(err))
	}
	out := make([][]byte, len(keys))
	for i, v := range got {
		if s, ok := v.(string); ok {
			out[i] = []byte(s)
		}
	}
	return out, nil
}

// Range implements [store.Reader].
func (r reader) Range(set string, s store.Span) ([]store.Member, error) {
	if s.Limit <= 0 {
		return nil, nil
	}
	got, err := r.db.client.ZRangeArgsWithScores(r.ctx, redis.ZRangeArgs{
		Key: prefix + set, ByScore: true, Start: s.Min, Stop: s.Max,
		Offset: int64(s.Offset), Count: int64(s.Limit),
	}).Result()
	if err != nil {
		return nil, fmt.Errorf("read from Redis: %w", translate(err))
	}
	out := make([]store.Member, len(got))
	for i, z := range got {
		name, _ := z.Member.(string)
		out[i] = store.Member{Name: name, Score: int64(z.Score)}
	}
	return out, nil
}

// Count implements [store.Reader].
func (r reader) Count(set string, min, max int64) (int, error) {
	n, err := r.db.client.ZCount(r.ctx, prefix+set, strconv.FormatInt(min, 10), strconv.FormatInt(max, 10)).Result()
	if err != nil {
		return 0, fmt.Errorf("read from Redis: %w", translate(err))
	}
	return int(n), nil
}

// Score implements [store.Reader].
func (r reader) Score(set, member string) (int64, bool, error) {
	score, err := r.db.client.ZScore(r.ctx, prefix+set, member).Result()
	if absent(err) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("read from Redis: %w", translate(err))
	}
	return int64(score), true, nil
}

func parseScore(s string) (int64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: a score is %q", store.ErrDamaged, s)
	}
	return int64(f), nil
}

// writer implements [store.Tx]. It remembers what was read.
type writer struct {
	reader
	store.Changes
	records map[string][]byte
	leases  []leaseRead
}

// leaseRead is a lease as it was read.
type leaseRead struct{ queue, member, token string }

// Get implements [store.Reader]. A key that was read before is not read
// again.
func (w *writer) Get(keys ...string) ([][]byte, error) {
	if w.records == nil {
		w.records = make(map[string][]byte, len(keys))
	}
	var missing []string
	for _, k := range keys {
		if _, known := w.records[k]; !known {
			missing = append(missing, k)
		}
	}
	got, err := w.reader.Get(missing...)
	if err != nil {
		return nil, err
	}
	for i, k := range missing {
		w.records[k] = got[i]
	}
	out := make([][]byte, len(keys))
	for i, k := range keys {
		out[i] = w.records[k]
	}
	return out, nil
}

// Leases implements [store.Tx].
func (w *writer) Leases(queue string, members ...string) ([]string, error) {
	if len(members) == 0 {
		return nil, nil
	}
	got, err := w.db.client.HMGet(w.ctx, leasesKey(queue), members...).Result()
	if err != nil {
		return nil, fmt.Errorf("read from Redis: %w", translate(err))
	}
	out := make([]string, len(members))
	for i, v := range got {
		out[i], _ = v.(string)
		w.leases = append(w.leases, leaseRead{queue: queue, member: members[i], token: out[i]})
	}
	return out, nil
}

// What commitLua returns.
const (
	commitMade    = 1
	commitRefused = -1
)

// commit makes the changes of a transaction. It returns false if something
// has changed since it was read.
func (d *DB) commit(ctx context.Context, tx *writer) (made bool, err error) {
	keys, args := d.encode(tx)
	code, err := d.commitScript.Run(ctx, d.client, keys, args...).Int()
	if err != nil {
		return false, translate(err)
	}
	if code == commitRefused {
		return false, fmt.Errorf("%w, which has begun to use it", store.ErrNewerSchema)
	}
	return code == commitMade, nil
}

// encode writes a transaction down for commitLua.
func (d *DB) encode(tx *writer) (keys []string, args []any) {
	e := encoder{index: make(map[string]int, len(tx.records)+len(tx.List))}
	e.key(prefix + d.pinKey)
	e.args = append(make([]any, 0, 4*len(tx.records)+4*len(tx.leases)+5*len(tx.List)), d.pinValue)

	e.add(len(tx.records) + len(tx.leases))
	for k, v := range tx.records {
		kind := "r"
		if v == nil {
			kind = "R"
		}
		e.add(kind, e.key(prefix+k), v)
	}
	for _, l := range tx.leases {
		e.add("l", e.key(leasesKey(l.queue)), l.member, l.token)
	}
	e.types(tx.List)
	e.add(len(tx.List))
	for _, c := range tx.List {
		e.change(c)
	}
	return e.keys, e.args
}

// encoder collects the keys and arguments of a script.
type encoder struct {
	keys  []string
	index map[string]int
	args  []any
}

func (e *encoder) add(args ...any) { e.args = append(e.args, args...) }

// key returns the index of a key.
func (e *encoder) key(k string) int {
	if i, known := e.index[k]; known {
		return i
	}
	e.keys = append(e.keys, k)
	e.index[k] = len(e.keys)
	return len(e.keys)
}

// types lists the sorted sets and hashes that are written.
func (e *encoder) types(list []store.Change) {
	types := map[string]string{}
	for _, c := range list {
		switch c.Op {
		case store.OpSetPut, store.OpSetDelete:
			types[prefix+c.Key] = "zset"
		case store.OpUnlease:
			types[leasesKey(c.Key)] = "hash"
		}
	}
	e.add(len(types))
	for k, t := range types {
		e.add(e.key(k), t)
	}
}

func (e *encoder) change(c store.Change) {
	switch c.Op {
	case store.OpPut:
		e.add("put", e.key(prefix+c.Key), c.Value, 0)
	case store.OpDelete:
		e.add("del", e.key(prefix+c.Key), "", 0)
	case store.OpSetPut:
		e.add("zadd", e.key(prefix+c.Key), c.Member, c.Score)
	case store.OpSetDelete:
		e.add("zrem", e.key(prefix+c.Key), c.Member, 0)
	case store.OpUnlease:
		e.add("unlease", e.key(leasesKey(c.Key)), c.Member, 0)
	}
}
