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
// bbolt trusts its file: pages that are missing or garbled make it panic or
// fault, in goroutines of its own too. So the file is first walked through
// here, where that can be caught, and only then handed to bbolt's own check.
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
	err = inspectWith(path, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout}, walk)
	if errors.Is(err, errEmpty) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, inspectWith(path, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout, PreLoadFreelist: true}, check)
}

// inspectWith opens the file read-only and runs fn on it.
func inspectWith(path string, o *bbolt.Options, fn func(*bbolt.Tx) error) error {
	var db *bbolt.DB
	err := guard(func() (err error) {
		db, err = bbolt.Open(path, 0o600, o)
		return err
	})
	if err != nil {
		if strings.Contains(err.Error(), "file size too small") { // has no error value of its own
			return fmt.Errorf("%w: %v", store.ErrDamaged, err)
		}
		return translate(err)
	}
	err = guard(func() error { return db.View(fn) })
	return errors.Join(err, db.Close())
}

// check runs bbolt's own check, which needs a file that can be walked.
func check(tx *bbolt.Tx) error {
	var faults []error
	for err := range tx.Check() {
		if len(faults) < maxFaults {
			faults = append(faults, fmt.Errorf("%w: %v", store.ErrDamaged, err))
		}
	}
	return errors.Join(faults...)
}

// maxFaults bounds how many faults of a file are told.
const maxFaults = 5

// walk finds missing pages and buckets, and touches every key and value.
func walk(tx *bbolt.Tx) error {
	info, err := os.Stat(tx.DB().Path())
	if err != nil {
		return err
	}
	if info.Size() < tx.Size() {
		return fmt.Errorf("%w: the file has %d bytes of %d", store.ErrDamaged, info.Size(), tx.Size())
	}
	if k, _ := tx.Cursor().First(); k == nil {
		return errEmpty
	}
	sum := 0
	for _, name := range bucketNames() {
		b := tx.Bucket([]byte(name))
		if b == nil {
			return fmt.Errorf("%w: bucket %q is missing", store.ErrDamaged, name)
		}
		c := b.Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			sum += touch(k) + touch(v)
		}
	}
	if sum < 0 {
		return store.ErrDamaged
	}
	return nil
}

// errEmpty says that a process died while it made the file.
var errEmpty = errors.New("nothing was stored yet")

// touch reads both ends of b.
func touch(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	return int(b[0]) + int(b[len(b)-1])
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
