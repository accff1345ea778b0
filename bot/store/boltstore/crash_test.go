package boltstore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"progressbot/bot/store"
	"progressbot/bot/store/boltstore"
	"progressbot/bot/store/storetest"
)

// childEnv makes the test's binary the process that is killed; it holds the
// path of the file.
const childEnv = "BOLTSTORE_TEST_CHILD"

// child writes until it is killed, and says what is done.
func child(path string) int {
	db, err := boltstore.Open(path, boltstore.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	s, err := store.Open(context.Background(), db)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for n := 1; ; n++ {
		if err := storetest.WriteOne(context.Background(), s, n); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println(n)
	}
}

// TestKilled kills a process at random moments. Whatever it had acknowledged
// is there afterwards.
func TestKilled(t *testing.T) {
	t.Parallel()
	for round := range 6 {
		path := filepath.Join(t.TempDir(), "progressbot.db")
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childEnv+"="+path)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		last := 0
		for kill := 1 + rand.IntN(60); lines.Scan(); {
			if last, err = strconv.Atoi(lines.Text()); err != nil {
				t.Fatal(err)
			}
			if last == kill {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the process ended by itself")
		}
		if last == 0 {
			t.Fatalf("round %d: the process has written nothing", round)
		}
		s := openAt(t, path, boltstore.Options{})
		storetest.CheckWritten(t, s, last)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestCopyUnderLoad copies the file at random moments while the bot writes
// as fast as it can. Every copy is whole: it opens, passes bbolt's check, and
// has all that was acknowledged before it was begun.
func TestCopyUnderLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "progressbot.db")
	s := openAt(t, path, boltstore.Options{})
	storetest.Follow(t, s, 0, 200)

	var acked atomic.Int64
	written := make(chan struct{})
	stop := make(chan struct{})
	var load sync.WaitGroup
	end := sync.OnceFunc(func() {
		close(stop)
		load.Wait()
	})
	defer end()
	load.Go(func() {
		defer close(written)
		for n := 1; ; n++ {
			select {
			case <-stop:
				return
			case written <- struct{}{}:
			default:
			}
			if err := storetest.WriteOne(t.Context(), s, n); err != nil {
				t.Error(err)
				return
			}
			acked.Store(int64(n))
		}
	})
	load.Go(func() { watchForever(t, s, stop) })
	for i := range 40 {
		for range rand.IntN(3) {
			<-written
		}
		n := int(acked.Load())
		to := filepath.Join(dir, strconv.Itoa(i)+".db")
		if err := copyFile(path, to); err != nil {
			t.Fatal(err)
		}
		checkFile(t, to)
		backup := openAt(t, to, boltstore.Options{NoSync: true})
		storetest.CheckWritten(t, backup, n)
		if err := errors.Join(backup.Close(), os.Remove(to)); err != nil {
			t.Fatal(err)
		}
	}
	end()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if acked.Load() == 0 {
		t.Error("nothing was written: this was no load")
	}
}

// watchForever claims and returns what is followed.
func watchForever(tb testing.TB, s *store.Store, stop <-chan struct{}) {
	for now := time.UnixMilli(1 << 41); ; now = now.Add(time.Second) {
		select {
		case <-stop:
			return
		default:
		}
		claims, err := s.ClaimDue(tb.Context(), now, 10, time.Minute)
		if err != nil {
			tb.Error(err)
			return
		}
		var returns []store.Returned
		for i, c := range claims {
			c.State.Failed++
			returns = append(returns, store.Returned{Claim: c, Due: now.Add(time.Duration(i*7%5) * time.Second), State: c.State})
		}
		if _, err := s.Return(tb.Context(), returns...); err != nil {
			tb.Error(err)
			return
		}
	}
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// checkFile runs bbolt's own consistency check.
func checkFile(tb testing.TB, path string) {
	tb.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		tb.Fatal(err)
	}
	err = db.View(func(tx *bbolt.Tx) error {
		var faults []error
		for err := range tx.Check() {
			faults = append(faults, err)
		}
		return errors.Join(faults...)
	})
	if err := errors.Join(err, db.Close()); err != nil {
		tb.Fatalf("the copy is not consistent: %v", err)
	}
}

// TestMemory measures what a follow costs the process beyond what the store
// costs anyway.
func TestMemory(t *testing.T) {
	const people = 2000
	s := openAt(t, filepath.Join(t.TempDir(), "progressbot.db"), boltstore.Options{NoSync: true})
	storetest.Follow(t, s, 0, people)
	before := storetest.HeapInUse()
	storetest.Follow(t, s, people, people)
	grown := storetest.HeapInUse() - before
	if grown > 200*people {
		t.Errorf("%d more follows take %d bytes of memory, %d each", people, grown, grown/people)
	}
	t.Logf("%d bytes of the heap for each of %d more follows", grown/people, people)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
