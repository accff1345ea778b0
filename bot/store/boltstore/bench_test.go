package boltstore_test

import (
	"path/filepath"
	"testing"

	"progressbot/bot/store"
	"progressbot/bot/store/boltstore"
	"progressbot/bot/store/storetest"
)

// BenchmarkWatch100k claims and returns batches as in production: what is
// returned is synced to the disk once a second.
func BenchmarkWatch100k(b *testing.B) {
	path := filepath.Join(b.TempDir(), "progressbot.db")
	s := openAt(b, path, boltstore.Options{NoSync: true})
	storetest.Follow(b, s, 0, storetest.Follows)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	s = openAt(b, path, boltstore.Options{})
	defer s.Close()
	storetest.Benchmark(b, s)
}

func openAt(tb testing.TB, path string, o boltstore.Options) *store.Store {
	tb.Helper()
	db, err := boltstore.Open(path, o)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := store.Open(tb.Context(), db)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}
