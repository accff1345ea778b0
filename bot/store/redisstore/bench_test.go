package redisstore_test

import (
	"testing"

	"progressbot/bot/redisconn/redistest"
	"progressbot/bot/store"
	"progressbot/bot/store/storetest"
)

// BenchmarkWatch100k claims and returns batches on a Redis that appends every
// change to its file.
func BenchmarkWatch100k(b *testing.B) {
	d, err := open(redistest.StartWith(b, redistest.Options{AppendOnly: true}).URL())
	if err != nil {
		b.Fatal(err)
	}
	s, err := store.Open(b.Context(), d)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	storetest.Follow(b, s, 0, storetest.Follows)
	storetest.Benchmark(b, s)
}
