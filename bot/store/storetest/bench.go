package storetest

import (
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"progressbot/bot/store"
)

// Follows is how many people the benchmarks follow.
const Follows = 100_000

// stride shuffles people; it has no factor in common with their number.
const stride = 61_803

// dueBatch is how many claims are taken at once: those of one second at the
// default rate of requests.
const dueBatch = 10

// seenPrograms is how many programs are known of each.
const seenPrograms = 4

// Follow makes people who are followed, without the first skip of them who
// are already, with what was last seen of each. They are due one after the
// other from the suite's beginning of time, in no order of their ids.
func Follow(tb testing.TB, s *store.Store, skip, people int) {
	tb.Helper()
	var wg sync.WaitGroup
	const workers = 16
	for w := range workers {
		wg.Go(func() {
			for i := skip + w; i < skip+people; i += workers {
				_, err := s.UpdateConsent(tb.Context(), red, strconv.FormatInt(1e17+int64(i), 10), func(c *store.Consent) error {
					c.Announce = store.Always
					return nil
				})
				if err != nil {
					tb.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	for looked := 0; looked < people; {
		claims, err := s.ClaimDue(tb.Context(), at(-time.Hour), 100, time.Hour)
		if err != nil || len(claims) == 0 {
			tb.Fatalf("claim %d of %d: %d, %v", looked, people, len(claims), err)
		}
		giveBack(tb, s, claims, func(i int) time.Time {
			return at(time.Duration((looked+i)*stride%people) * time.Millisecond)
		})
		looked += len(claims)
	}
}

func giveBack(tb testing.TB, s *store.Store, claims []store.Claim, due func(i int) time.Time) {
	tb.Helper()
	returns := make([]store.Returned, len(claims))
	for i, c := range claims {
		w := store.WatchState{Checked: at(0), Changed: at(0), Every: time.Hour}
		for p := range seenPrograms {
			w.Seen = append(w.Seen, store.Seen{Program: store.KeyOf(strconv.Itoa(p)), Collected: i, Percent: 40})
		}
		returns[i] = store.Returned{Claim: c, Due: due(i), State: w}
	}
	lost, err := s.Return(tb.Context(), returns...)
	if err != nil || len(lost) > 0 {
		tb.Fatalf("return claims: lost %d, %v", len(lost), err)
	}
}

// Benchmark measures what the bot does most: it claims a due batch of
// [Follows] followed people and stores it back. s holds them already, by
// [Follow].
func Benchmark(b *testing.B, s *store.Store) {
	clock := Follows
	var claiming, returning time.Duration
	// Every round claims the batch that is due first and sends it back to
	// the end of the queue, in no order.
	round := func() {
		start := time.Now()
		claims, err := s.ClaimDue(b.Context(), at(time.Duration(clock)*time.Millisecond), dueBatch, time.Minute)
		if err != nil || len(claims) != dueBatch {
			b.Fatalf("claimed %d, %v", len(claims), err)
		}
		claiming += time.Since(start)
		start = time.Now()
		giveBack(b, s, claims, func(i int) time.Time {
			return at(time.Duration(clock+(clock+i)*stride%Follows) * time.Millisecond)
		})
		returning += time.Since(start)
		clock += dueBatch
	}
	for range 50 {
		round() // the first change after filling writes out all of it
	}
	claiming, returning = 0, 0
	for b.Loop() {
		round()
	}
	b.ReportMetric(float64(claiming.Microseconds())/float64(b.N), "µs/claim")
	b.ReportMetric(float64(returning.Microseconds())/float64(b.N), "µs/return")
}

// HeapInUse returns the bytes of the heap that are in use.
func HeapInUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse)
}
