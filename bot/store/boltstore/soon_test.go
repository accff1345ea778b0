package boltstore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"progressbot/bot/store"
	"progressbot/bot/store/boltstore"
)

// disk is a database and what of it has reached the file.
type disk struct {
	*testing.T
	*boltstore.DB
	path string
}

func newDisk(t *testing.T) *disk {
	t.Helper()
	path := filepath.Join(t.TempDir(), "progressbot.db")
	db, err := boltstore.Open(path, boltstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &disk{T: t, DB: db, path: path}
}

type update func(context.Context, func(store.Tx) error) error

// put writes a record.
func (d *disk) put(how update, key, value string) {
	d.Helper()
	err := how(d.Context(), func(tx store.Tx) error {
		tx.Put(key, []byte(value))
		return nil
	})
	if err != nil {
		d.Fatal(err)
	}
}

func (d *disk) get(from *boltstore.DB, key string) string {
	d.Helper()
	var value string
	err := from.View(d.Context(), func(r store.Reader) error {
		got, err := r.Get(key)
		value = string(got[0])
		return err
	})
	if err != nil {
		d.Fatal(err)
	}
	return value
}

// saved returns what the file holds for a key.
func (d *disk) saved(key string) string {
	d.Helper()
	to := filepath.Join(d.TempDir(), "copy.db")
	if err := copyFile(d.path, to); err != nil {
		d.Fatal(err)
	}
	db, err := boltstore.Open(to, boltstore.Options{})
	if err != nil {
		d.Fatal(err)
	}
	value := d.get(db, key)
	if err := errors.Join(db.Close(), os.Remove(to)); err != nil {
		d.Fatal(err)
	}
	return value
}

func (d *disk) is(what, got, want string) {
	d.Helper()
	if got != want {
		d.Errorf("%s is %q, want %q", what, got, want)
	}
}

func TestUpdateSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDisk(t)
		d.put(d.UpdateSoon, "a", "1")
		d.is("what is read", d.get(d.DB, "a"), "1")
		d.is("what is saved", d.saved("a"), "")
		time.Sleep(time.Second)
		synctest.Wait()
		d.is("what is saved after a second", d.saved("a"), "1")

		d.put(d.UpdateSoon, "a", "2")
		d.put(d.UpdateSoon, "b", "2")
		d.put(d.Update, "c", "2")
		for _, key := range []string{"a", "b", "c"} {
			d.is("what is saved with others", d.saved(key), "2")
		}

		d.put(d.UpdateSoon, "a", "3")
		boom := errors.New("boom")
		for _, how := range []update{d.Update, d.UpdateSoon} {
			err := how(t.Context(), func(tx store.Tx) error {
				tx.Put("a", []byte("4"))
				return boom
			})
			if !errors.Is(err, boom) {
				t.Errorf("got error %v", err)
			}
		}
		d.is("what is read after others failed", d.get(d.DB, "a"), "3")
		if err := d.Update(t.Context(), func(store.Tx) error { return nil }); err != nil {
			t.Error(err)
		}
		d.is("what is saved by a change of nothing", d.saved("a"), "2")

		for i := range 2000 {
			d.put(d.UpdateSoon, "many:"+strconv.Itoa(i), "x")
		}
		d.is("what is saved of very many", d.saved("many:0"), "x")
		d.put(d.UpdateSoon, "a", "5")
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		d.is("what is saved at the end", d.saved("a"), "5")
	})
}

// TestClaimsSeeWhatWaits: a member that was just rescheduled is not due at
// its time from before.
func TestClaimsSeeWhatWaits(t *testing.T) {
	t.Parallel()
	d := newDisk(t)
	at := func(n int64) time.Time { return time.UnixMilli(n) }
	schedule := func(due int64) {
		t.Helper()
		err := d.UpdateSoon(t.Context(), func(tx store.Tx) error {
			tx.SetPut("q", "m", due)
			tx.Unlease("q", "m")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	claimed := func(now int64) int {
		t.Helper()
		got, err := d.Claim(t.Context(), "q", at(now), 5, time.Millisecond, "t")
		if err != nil {
			t.Fatal(err)
		}
		return len(got)
	}
	schedule(10)
	if claimed(9) != 0 || claimed(10) != 1 {
		t.Error("the first time does not count")
	}
	schedule(20)
	if claimed(19) != 0 || claimed(20) != 1 {
		t.Error("the second time does not count")
	}
	if err := d.ClaimMember(t.Context(), "q", "m", at(30), time.Millisecond, "t"); err != nil {
		t.Error(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
