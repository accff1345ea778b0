package boltstore

import (
	"context"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"progressbot/bot/store"
)

// soon is how long changes that need not be safe at once wait for others, so
// that all of them cost one sync of the disk.
const soon = time.Second

// maxSoon bounds how many changes wait.
const maxSoon = 1500

// waiting is a write transaction with changes that wait to be committed.
// While there is one, everybody reads through it, one at a time.
type waiting struct {
	tx      *bbolt.Tx
	reader  reader
	changes int
	timer   *time.Timer
}

// View implements [store.Driver]. What fn reads is of one moment.
func (d *DB) View(ctx context.Context, fn func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.waiting.Load() != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.view(fn)
	}
	return d.viewCommitted(fn)
}

// view reads while d.mu is held.
func (d *DB) view(fn func(store.Reader) error) error {
	if w := d.waiting.Load(); w != nil {
		return fn(w.reader)
	}
	return d.viewCommitted(fn)
}

func (d *DB) viewCommitted(fn func(store.Reader) error) error {
	tx, r, err := d.begin(false)
	if err != nil {
		return err
	}
	defer rollback(tx)
	return fn(r)
}

// Update implements [store.Driver]. It calls fn once, because nobody else
// can write meanwhile. A transaction without changes costs no sync.
func (d *DB) Update(ctx context.Context, fn func(store.Tx) error) error {
	return d.update(ctx, fn, func(w *waiting) error { return d.commit(w) })
}

// UpdateSoon implements [store.Driver]. The changes are committed with those
// of the next Update, or by themselves within a second.
func (d *DB) UpdateSoon(ctx context.Context, fn func(store.Tx) error) error {
	return d.update(ctx, fn, func(w *waiting) error {
		if w.changes > maxSoon {
			return d.commit(w)
		}
		if w.timer == nil {
			w.timer = time.AfterFunc(soon, func() { d.commitLater(w) })
		}
		d.waiting.Store(w)
		return nil
	})
}

// update runs fn, makes its changes, and ends with finish.
func (d *DB) update(ctx context.Context, fn func(store.Tx) error, finish func(*waiting) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ready(ctx); err != nil {
		return err
	}
	w, err := d.beginWrite()
	if err != nil {
		return err
	}
	defer d.abandon(w)
	tx := &writer{reader: w.reader, db: d}
	if err := fn(tx); err != nil || len(tx.List) == 0 {
		return err
	}
	err = guard(tx.apply)
	if err == nil {
		w.changes += len(tx.List)
		err = finish(w)
	} else {
		d.end(w) // it holds half of the changes
	}
	if err != nil {
		return fmt.Errorf("write to store: %w", err)
	}
	tx.unlease()
	return nil
}

// ready returns why no change can be made: ctx, or a commit that failed in
// the background, which is told once.
func (d *DB) ready(ctx context.Context) error {
	if err := d.failed; err != nil {
		d.failed = nil
		return fmt.Errorf("write to store: %w", err)
	}
	return ctx.Err()
}

// beginWrite returns the write transaction that is open, or opens one.
func (d *DB) beginWrite() (*waiting, error) {
	if w := d.waiting.Load(); w != nil {
		return w, nil
	}
	if err := guard(d.keeper.keep); err != nil {
		return nil, fmt.Errorf("read store: %w", err)
	}
	tx, r, err := d.begin(true)
	return &waiting{tx: tx, reader: r}, err
}

// abandon ends a transaction that is not to wait.
func (d *DB) abandon(w *waiting) {
	if d.waiting.Load() != w {
		rollback(w.tx)
	}
}

// commit brings all changes of a transaction to the disk, or loses all.
func (d *DB) commit(w *waiting) error {
	defer d.end(w)
	return guard(w.tx.Commit)
}

// end ends a transaction, and loses its changes unless it was committed.
func (d *DB) end(w *waiting) {
	if w.timer != nil {
		w.timer.Stop()
	}
	rollback(w.tx)
	d.waiting.CompareAndSwap(w, nil)
}

// commitLater commits a transaction unless somebody has. A failure is told by
// the next change.
func (d *DB) commitLater(w *waiting) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.waiting.Load() == w {
		d.failed = d.commit(w)
	}
}

func (d *DB) begin(writable bool) (tx *bbolt.Tx, r reader, err error) {
	err = guard(func() error {
		if tx, err = d.bolt.Begin(writable); err != nil {
			return err
		}
		r = newReader(tx)
		return nil
	})
	if err != nil {
		return nil, reader{}, fmt.Errorf("read store: %w", err)
	}
	return tx, r, nil
}

// rollback ends a transaction that was not committed. It fails only if the
// transaction has ended.
func rollback(tx *bbolt.Tx) {
	_ = guard(tx.Rollback)
}
