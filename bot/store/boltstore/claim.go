package boltstore

import (
	"context"
	"time"

	"progressbot/bot/store"
)

// leaseKey names a member of a queue.
type leaseKey struct{ queue, member string }

// lease says who holds a member, and until when.
type lease struct {
	token string
	until int64 // in milliseconds; the lease holds before it
}

// Claim implements [store.Driver]. It writes nothing to the disk.
func (d *DB) Claim(ctx context.Context, queue string, now time.Time, n int, length time.Duration, token string) ([]store.Member, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n <= 0 {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var out []store.Member
	err := d.view(func(r store.Reader) error {
		return r.(reader).each(queue, store.MinScore, now.UnixMilli(), func(member []byte, score int64) bool {
			if !d.leased(queue, string(member), now) {
				out = append(out, store.Member{Name: string(member), Score: score})
			}
			return len(out) < n
		})
	})
	if err != nil {
		return nil, err
	}
	for _, m := range out {
		d.leases[leaseKey{queue, m.Name}] = lease{token: token, until: now.Add(length).UnixMilli()}
	}
	return out, nil
}

// ClaimMember implements [store.Driver].
func (d *DB) ClaimMember(ctx context.Context, queue, member string, now time.Time, length time.Duration, token string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	err := d.view(func(r store.Reader) error {
		_, found, err := r.Score(queue, member)
		if err == nil && !found {
			err = store.ErrNotFound
		}
		return err
	})
	if err != nil {
		return err
	}
	if d.leased(queue, member, now) {
		return store.ErrConflict
	}
	d.leases[leaseKey{queue, member}] = lease{token: token, until: now.Add(length).UnixMilli()}
	return nil
}

func (d *DB) leased(queue, member string, now time.Time) bool {
	l, held := d.leases[leaseKey{queue, member}]
	return held && now.UnixMilli() < l.until
}
