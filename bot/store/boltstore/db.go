package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"progressbot/bot/store"
)

// lockTimeout is how long Open waits for another process to let go of the
// file: long enough for one that is just ending.
const lockTimeout = 2 * time.Second

// Options change how a file is opened. The zero value is for production.
type Options struct {
	// LockTimeout is how long to wait for another process to let go of the
	// file. Default 2s.
	LockTimeout time.Duration
	// NoSync leaves it to the system when changes reach the disk, so that a
	// power cut destroys the file. It is for data nobody will miss.
	NoSync bool
}

// DB is a [store.Driver] on a bbolt file.
type DB struct {
	bolt *bbolt.DB

	// waiting holds changes that are not committed yet. It changes only
	// while mu is held.
	waiting atomic.Pointer[waiting]

	mu     sync.Mutex // held during changes and claims
	leases map[leaseKey]lease
	keeper keeper
	failed error // of a commit in the background
}

var _ store.Driver = (*DB)(nil)

// Open opens the file at path, or makes it and its folder if there is none.
//
// It returns [store.ErrLocked] if another process has it open and
// [store.ErrDamaged] if it is not a sound bbolt file, which is then left as
// it is.
func Open(path string, o Options) (*DB, error) {
	if o.LockTimeout <= 0 {
		o.LockTimeout = lockTimeout
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	fresh, err := inspect(path, o.LockTimeout)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:         o.LockTimeout,
		NoSync:          o.NoSync,
		FreelistType:    bbolt.FreelistMapType,
		NoFreelistSync:  true, // it grows with what the keeper holds; inspect has just read the whole file anyway
		InitialMmapSize: mapped(),
		NoStatistics:    true,
	})
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, translate(err))
	}
	if err := prepare(db, path, fresh, o); err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, errors.Join(err, db.Close()))
	}
	return &DB{bolt: db, leases: map[leaseKey]lease{}, keeper: keeper{db: db}}, nil
}

// prepare makes the buckets of a new file.
func prepare(db *bbolt.DB, path string, fresh bool, o Options) error {
	if !fresh {
		return nil
	}
	err := db.Update(func(tx *bbolt.Tx) error {
		for _, name := range bucketNames() {
			if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || o.NoSync {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a new file's name survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) || errors.Is(err, fs.ErrPermission) {
		err = nil // not every system can
	}
	return errors.Join(err, d.Close())
}

// translate turns an error of bbolt into one of the store.
func translate(err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return store.ErrLocked
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum),
		errors.Is(err, bolterrors.ErrVersionMismatch):
		return fmt.Errorf("%w: %v", store.ErrDamaged, err)
	}
	return err
}

// Pin implements [store.Driver]. Nobody else can write to the file, so there
// is nothing to watch.
func (d *DB) Pin(string, []byte) {}

// Durability implements [store.Driver]. There is nothing to warn of.
func (d *DB) Durability(context.Context) ([]store.Warning, error) { return nil, nil }

// Close implements [store.Driver]. It commits what waits for it.
func (d *DB) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	err := d.failed
	if w := d.waiting.Load(); w != nil {
		err = errors.Join(err, d.commit(w))
	}
	d.keeper.stop()
	if err := errors.Join(err, d.bolt.Close()); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}
