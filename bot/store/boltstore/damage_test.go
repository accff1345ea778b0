package boltstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"progressbot/bot/store"
	"progressbot/bot/store/boltstore"
	"progressbot/bot/store/storetest"
)

// sound returns the bytes of a file with some data, with branch pages and
// values that take several pages.
func sound(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "progressbot.db")
	s := openAt(t, path, boltstore.Options{NoSync: true})
	storetest.Follow(t, s, 0, 300)
	for i := range 20 {
		_, err := s.UpdateSettings(t.Context(), strconv.Itoa(1000+i), func(s *store.Settings) error {
			s.Template = string(bytes.Repeat([]byte("x"), store.MaxTemplate))
			for p := range 60 {
				s.RewardRoles[fmt.Sprint(i, p)] = "500000000000000001"
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(compact(t, path))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// compact returns the path of a copy of a file in which every page counts.
func compact(t *testing.T, path string) string {
	t.Helper()
	from, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	to, err := bbolt.Open(path+".compact", 0o600, &bbolt.Options{NoFreelistSync: true})
	if err != nil {
		t.Fatal(err)
	}
	to.AllocSize = 4096
	if err := errors.Join(bbolt.Compact(to, from, 0), to.Close(), from.Close()); err != nil {
		t.Fatal(err)
	}
	return path + ".compact"
}

// openBytes opens a file with the given content. If it is refused, the
// content must not have changed.
func openBytes(t *testing.T, data []byte) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "progressbot.db")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := boltstore.Open(path, boltstore.Options{NoSync: true})
	if err == nil {
		return db.Close()
	}
	after, readErr := os.ReadFile(path)
	if readErr != nil {
		t.Fatal(readErr)
	}
	if !bytes.Equal(data, after) {
		t.Errorf("a file that was refused (%v) was written to", err)
	}
	return err
}

func TestDamagedFile(t *testing.T) {
	t.Parallel()
	good := sound(t)
	page := os.Getpagesize()
	garbled := func(from, to int) []byte {
		data := bytes.Clone(good)
		for i := from; i < to; i++ {
			data[i] ^= 0x5a
		}
		return data
	}
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"sound", good, nil},
		{"one meta page is garbled", garbled(0, page), nil},
		{"both meta pages are garbled", garbled(0, 2*page), store.ErrDamaged},
		{"all pages are garbled", garbled(2*page, len(good)), store.ErrDamaged},
		{"a text", []byte("settings: none\n"), store.ErrDamaged},
		{"zeros", make([]byte, len(good)), store.ErrDamaged},
		{"cut after the meta pages", good[:2*page], store.ErrDamaged},
		{"cut within the meta pages", good[:page], store.ErrDamaged},
		{"cut within a page", good[:len(good)/2+100], store.ErrDamaged},
		{"cut to a byte", good[:1], store.ErrDamaged},
		{"empty", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := openBytes(t, c.data); !errors.Is(err, c.want) {
				t.Errorf("got error %v, want %v", err, c.want)
			}
		})
	}
}

// TestGarbledPages garbles pages in many ways. Most show, and what shows must
// not take the process down or keep it forever.
func TestGarbledPages(t *testing.T) {
	t.Parallel()
	good := sound(t)
	page := os.Getpagesize()
	refused := 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		data := bytes.Clone(good)
		for range 1 + r.IntN(3) {
			at := (2 + r.IntN(len(data)/page-2)) * page
			switch r.IntN(4) {
			case 0: // another page in its place, as in a torn copy
				from := (2 + r.IntN(len(data)/page-2)) * page
				copy(data[at:at+page], good[from:from+page])
			case 1: // a header or an element
				at += r.IntN(page/16) * 16
				for i := range 8 {
					data[at+i] = byte(r.Uint32())
				}
			case 2: // a bit
				data[at+r.IntN(page)] ^= 1 << r.IntN(8)
			case 3: // zeros
				clear(data[at : at+page])
			}
		}
		err := openBytes(t, data)
		if err != nil && !errors.Is(err, store.ErrDamaged) {
			t.Errorf("seed %d: got error %v", seed, err)
		}
		if err != nil {
			refused++
		}
	}
	if refused < 100 {
		t.Errorf("only %d of 400 garbled files are refused", refused)
	}
}

// TestForeignFile: a bbolt file of another program is none of the bot's.
func TestForeignFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "progressbot.db")
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("somebody else's"))
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := boltstore.Open(path, boltstore.Options{}); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("got error %v, want %v", err, store.ErrDamaged)
	}
}

// TestHalfMadeFile: a process that died while it made the file leaves one
// that the next can use.
func TestHalfMadeFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "progressbot.db")
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, path, boltstore.Options{})
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestLockedFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "progressbot.db")
	s := openAt(t, path, boltstore.Options{})
	_, err := boltstore.Open(path, boltstore.Options{LockTimeout: 10 * time.Millisecond})
	if !errors.Is(err, store.ErrLocked) {
		t.Errorf("got error %v, want %v", err, store.ErrLocked)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path, boltstore.Options{})
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestNotAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := boltstore.Open(dir, boltstore.Options{}); err == nil {
		t.Error("a folder is opened")
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := boltstore.Open(filepath.Join(dir, "file", "progressbot.db"), boltstore.Options{}); err == nil {
		t.Error("a file in a file is opened")
	}
}
