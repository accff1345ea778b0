package redisstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"progressbot/bot/store"
)

// prefix begins every key. The braces are a hash tag.
const prefix = "progressbot:{state}:"

// maxTries bounds how often a change that others got in the way of begins
// again.
const maxTries = 100

// DB is a [store.Driver] on Redis.
type DB struct {
	client redis.UniversalClient

	commitScript, claimScript, claimMemberScript *redis.Script

	pinKey   string // "" until Pin was called
	pinValue []byte
}

var _ store.Driver = (*DB)(nil)

// New returns a driver that keeps its data behind client, and asks nothing
// of it yet. [DB.Close] leaves the client open: whoever opened it may have
// given it to others too.
func New(client redis.UniversalClient) *DB {
	return &DB{
		client:            client,
		commitScript:      redis.NewScript(commitLua),
		claimScript:       redis.NewScript(claimLua),
		claimMemberScript: redis.NewScript(claimMemberLua),
	}
}

// Ping asks, by way of client, the server that holds the state for an answer. A
// PING could go to any server of a cluster.
func Ping(ctx context.Context, client redis.UniversalClient) error {
	if err := client.Exists(ctx, prefix).Err(); err != nil {
		return fmt.Errorf("ping the Redis server of the state: %w", err)
	}
	return nil
}

// Pin implements [store.Driver]. It is called once, before the driver is
// used by several goroutines.
func (d *DB) Pin(key string, value []byte) { d.pinKey, d.pinValue = key, value }

// Close implements [store.Driver]. It holds nothing.
func (d *DB) Close() error { return nil }

// View implements [store.Driver]. What fn reads with one call is of one
// moment, what it reads with several is not.
func (d *DB) View(ctx context.Context, fn func(store.Reader) error) error {
	return fn(reader{ctx: ctx, db: d})
}

// Update implements [store.Driver].
func (d *DB) Update(ctx context.Context, fn func(store.Tx) error) error {
	for try := range maxTries {
		if err := pause(ctx, try); err != nil {
			return err
		}
		tx := &writer{reader: reader{ctx: ctx, db: d}}
		if err := fn(tx); err != nil || len(tx.List) == 0 {
			return err
		}
		made, err := d.commit(ctx, tx)
		if err != nil {
			return fmt.Errorf("write to Redis: %w", err)
		}
		if made {
			return nil
		}
	}
	return store.ErrBusy
}

// UpdateSoon implements [store.Driver]. It is Update: what Redis has is safe
// from the end of this process.
func (d *DB) UpdateSoon(ctx context.Context, fn func(store.Tx) error) error { return d.Update(ctx, fn) }

// pause waits before another try, longer the more there were, so that those
// who compete do not meet again.
func pause(ctx context.Context, try int) error {
	if try == 0 {
		return nil
	}
	limit := time.Millisecond << min(try, 6)
	t := time.NewTimer(rand.N(limit))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Claim implements [store.Driver].
func (d *DB) Claim(ctx context.Context, queue string, now time.Time, n int, lease time.Duration, token string) ([]store.Member, error) {
	if n <= 0 {
		return nil, nil
	}
	got, err := d.claimScript.Run(ctx, d.client, queueKeys(queue), now.UnixMilli(), n, now.Add(lease).UnixMilli(), token).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("claim in Redis: %w", translate(err))
	}
	out := make([]store.Member, 0, len(got)/2)
	for i := 0; i+1 < len(got); i += 2 {
		score, err := parseScore(got[i+1])
		if err != nil {
			return nil, err
		}
		out = append(out, store.Member{Name: got[i], Score: score})
	}
	return out, nil
}

// ClaimMember implements [store.Driver].
func (d *DB) ClaimMember(ctx context.Context, queue, member string, now time.Time, lease time.Duration, token string) error {
	code, err := d.claimMemberScript.Run(ctx, d.client, queueKeys(queue), now.UnixMilli(), member, now.Add(lease).UnixMilli(), token).Int()
	switch {
	case err != nil:
		return fmt.Errorf("claim in Redis: %w", translate(err))
	case code == claimAbsent:
		return store.ErrNotFound
	case code == claimHeld:
		return store.ErrConflict
	}
	return nil
}

func queueKeys(queue string) []string { return []string{prefix + queue, leasesKey(queue)} }

// leasesKey names the hash that holds the tokens of a queue's leased members.
func leasesKey(queue string) string { return prefix + "leases:" + queue }

// translate turns an error that Redis gives for a key of a foreign kind into
// one of the store.
func translate(err error) error {
	if err != nil && strings.Contains(err.Error(), "WRONGTYPE") {
		return fmt.Errorf("%w: %v", store.ErrDamaged, err)
	}
	return err
}

// absent reports whether Redis said that there is nothing.
func absent(err error) bool { return errors.Is(err, redis.Nil) }
