package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"progressbot/bot/store"
	"progressbot/bot/store/boltstore"
)

const (
	server = "700000000000000001"
	member = "500000000000000001"
)

func TestLaterOpensWhenItCan(t *testing.T) {
	t.Parallel()
	down := errors.New("down")
	var mu sync.Mutex
	tries, up := 0, false
	path := filepath.Join(t.TempDir(), "later.db")
	s := store.Later(func(context.Context) (store.Driver, error) {
		mu.Lock()
		defer mu.Unlock()
		tries++
		if !up {
			return nil, down
		}
		return boltstore.Open(path, boltstore.Options{NoSync: true})
	})
	ctx := t.Context()
	for name, ask := range everyWay(s) {
		if err := ask(ctx); !errors.Is(err, down) {
			t.Errorf("%s: %v, want what keeps it from opening", name, err)
		}
	}
	mu.Lock()
	up = true
	before := tries
	mu.Unlock()

	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := s.Ready(ctx); err != nil {
				t.Errorf("Ready: %v", err)
			}
		})
	}
	all.Wait()
	if _, err := s.UpdateSettings(ctx, server, func(s *store.Settings) error { s.PublicReplies = true; return nil }); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Settings(ctx, server); err != nil || !got.PublicReplies {
		t.Errorf("settings %+v, %v", got, err)
	}
	for name, ask := range everyWay(s) {
		if err := ask(ctx); err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	mu.Lock()
	if tries != before+1 {
		t.Errorf("opened %d times", tries-before)
	}
	mu.Unlock()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestLaterNeverOpened(t *testing.T) {
	t.Parallel()
	s := store.Later(func(context.Context) (store.Driver, error) { return nil, errors.New("down") })
	if err := s.Close(); err != nil {
		t.Errorf("close what was never open: %v", err)
	}
}

// everyWay asks the driver of a store in every way there is.
func everyWay(s *store.Store) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"ready":      s.Ready,
		"view":       func(ctx context.Context) error { _, err := s.Settings(ctx, server); return err },
		"update":     func(ctx context.Context) error { return s.MarkPresent(ctx, server) },
		"durability": func(ctx context.Context) error { _, err := s.Durability(ctx); return err },
		"claim": func(ctx context.Context) error {
			_, err := s.ClaimOutboxes(ctx, time.Now(), 1, time.Minute)
			return err
		},
		"claim one": func(ctx context.Context) error {
			_, err := s.ClaimOutbox(ctx, server, member, time.Now(), time.Minute)
			return err
		},
	}
}

func TestLaterRefusesANewerSchema(t *testing.T) {
	t.Parallel()
	closed := 0
	s := store.Later(func(context.Context) (store.Driver, error) { return &newer{closed: &closed}, nil })
	if err := s.Ready(t.Context()); !errors.Is(err, store.ErrNewerSchema) {
		t.Errorf("Ready: %v", err)
	}
	if closed != 1 {
		t.Errorf("the driver was closed %d times", closed)
	}
}

// newer is a driver with data of a newer version.
type newer struct {
	store.Driver
	closed *int
}

func (*newer) Update(context.Context, func(store.Tx) error) error {
	return &store.SchemaError{Found: 9, Known: 1}
}

func (n *newer) Close() error { *n.closed++; return nil }

func TestLaterDoesNotHoldUpThoseWhoGiveUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := store.Later(func(ctx context.Context) (store.Driver, error) {
			<-ctx.Done() // a database that does not answer
			return nil, ctx.Err()
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if err := s.Ready(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Ready: %v", err)
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("gave up after %v", took)
		}
		if err := s.Ready(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the attempt has no end: %v", err)
		}
	})
}

// TestLaterClosedWhileOpening: what comes up after the end does not stay
// open, or its file would be locked for good.
func TestLaterClosedWhileOpening(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "closed.db")
	opening, goOn := make(chan struct{}), make(chan struct{})
	s := store.Later(func(context.Context) (store.Driver, error) {
		close(opening)
		<-goOn
		return boltstore.Open(path, boltstore.Options{NoSync: true})
	})
	done := make(chan error)
	go func() { done <- s.Ready(t.Context()) }()
	<-opening
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	close(goOn)
	if err := <-done; err == nil {
		t.Error("a closed store can be used")
	}
	d, err := boltstore.Open(path, boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatalf("the file is still locked: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

func TestAnOpenStoreIsReady(t *testing.T) {
	t.Parallel()
	d, err := boltstore.Open(filepath.Join(t.TempDir(), "open.db"), boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
