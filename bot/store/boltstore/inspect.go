package boltstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"progressbot/bot/store"
)

// inspect looks through the file at path without writing to it. fresh is
// true if there is none, or one in which nothing was stored yet.
//
// bbolt trusts its file: pages that are missing, garbled or in a circle make
// it fault, panic in goroutines of its own, or run forever. So the pages are
// looked through here before bbolt gets to write.
func inspect(path string, lockTimeout time.Duration) (fresh bool, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true, nil
	case err != nil:
		return false, err
	case !info.Mode().IsRegular():
		return false, errors.New("is not a file")
	case info.Size() == 0:
		return true, nil
	}
	err = inspectFile(path, lockTimeout)
	if errors.Is(err, errEmpty) {
		return true, nil
	}
	return false, err
}

func inspectFile(path string, lockTimeout time.Duration) error {
	var db *bbolt.DB
	err := guard(func() (err error) {
		// Read-only, bbolt reads no more than the meta pages.
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout})
		return err
	})
	if err != nil {
		if strings.Contains(err.Error(), "file size too small") { // has no error value of its own
			return fmt.Errorf("%w: %v", store.ErrDamaged, err)
		}
		return translate(err)
	}
	err = guard(func() error {
		return db.View(func(tx *bbolt.Tx) error {
			if err := verify(tx); err != nil {
				return err
			}
			return findBuckets(tx)
		})
	})
	return errors.Join(err, db.Close())
}

// errEmpty says that a process died while it made the file.
var errEmpty = errors.New("nothing was stored yet")

// findBuckets makes sure that the file is one of this package.
func findBuckets(tx *bbolt.Tx) error {
	if k, _ := tx.Cursor().First(); k == nil {
		return errEmpty
	}
	for _, name := range bucketNames() {
		if tx.Bucket([]byte(name)) == nil {
			return fmt.Errorf("%w: bucket %q is missing", store.ErrDamaged, name)
		}
	}
	return nil
}

// guard runs fn and turns a panic or a memory fault, which is how bbolt
// meets a damaged file, into an error.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", store.ErrDamaged, p)
		}
	}()
	return fn()
}
