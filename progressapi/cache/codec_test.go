package cache_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/progressapi"
	"progressbot/progressapi/cache"
)

// collection returns n programs as somebody who collects has them.
func collection(n, cards int) []progressapi.Program {
	ends := time.Date(2026, 12, 24, 18, 0, 0, 0, time.UTC)
	all := make([]progressapi.Program, n)
	for i := range all {
		p := progressapi.Program{
			ID: fmt.Sprint("program_", i), Name: fmt.Sprint("Winter Series ", i), Image: fmt.Sprintf("https://cdn.example.com/programs/%d/cover.png", i),
			Description: "Collect every card of the series before the winter ends.", Environment: "production", Status: "in_progress",
			Size: cards, Collected: i % (cards + 1), CountTold: true, Percent: 100 * (i % (cards + 1)) / max(cards, 1), PercentTold: true,
			Created: ends.AddDate(0, -2, i%30), Ends: ends.AddDate(0, 0, i%30),
			Reward: &progressapi.Reward{ID: fmt.Sprint("reward_", i), Name: "A golden frame", CanClaim: i%7 == 0, Claimed: ends},
		}
		for j := range cards {
			p.Cards = append(p.Cards, progressapi.Card{
				ID: fmt.Sprintf("card_%d_%d", i, j), Name: fmt.Sprint("Snow fox ", j), Rarity: "rare",
				Image: fmt.Sprintf("https://cdn.example.com/programs/%d/cards/%d.png", i, j), Owned: j%2 == 0, Quantity: j % 3,
			})
		}
		all[i] = p
	}
	return all
}

func TestCodecRoundTrip(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 12, 0, 0, 123e6, time.UTC)
	for name, programs := range map[string][]progressapi.Program{
		"nothing": nil,
		"one":     collection(1, 3),
		"many":    collection(300, 10),
		"hostile": {{ID: "\x00\u202e", Name: strings.Repeat("](x)@everyone<>&\"\\", 300), Size: 1 << 40, Percent: 100}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := cache.Encode(programs, at)
			if err != nil {
				t.Fatalf("Encode: %v", err)
			}
			got, gotAt, err := cache.Decode(b)
			if err != nil {
				t.Fatalf("Decode: %v", err)
			}
			if d := cmp.Diff(programs, got); d != "" {
				t.Errorf("programs (-want +got):\n%s", d)
			}
			if !gotAt.Equal(at) {
				t.Errorf("fetched = %v, want %v", gotAt, at)
			}
		})
	}
}

func TestCodecRefusesWhatJSONCannotHold(t *testing.T) {
	t.Parallel()
	far := []progressapi.Program{{ID: "x", Ends: time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)}}
	if b, err := cache.Encode(far, time.Now()); err == nil {
		t.Errorf("Encode of the year 20000 = %q, want an error", b)
	}
}

// FuzzDecode shows that nothing in Redis makes the cache panic, and that
// whatever it believes it can write again.
func FuzzDecode(f *testing.F) {
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, n := range []int{0, 1, 30} {
		b, err := cache.Encode(collection(n, 3), at)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, false)
	}
	f.Add([]byte(`[{"id":"a","size":1e9}]`), true)
	f.Add([]byte(`[null]`), true)
	f.Add([]byte(`{}`), true)
	f.Fuzz(func(t *testing.T, b []byte, wrap bool) {
		if wrap {
			b = cache.Stored(at, 'j', b) // Past the checksum.
		}
		programs, fetched, err := cache.Decode(b)
		if err != nil {
			return
		}
		again, err := cache.Encode(programs, fetched)
		if err != nil {
			if !errors.Is(err, cache.ErrTooBig) {
				t.Errorf("Encode of what was decoded: %v", err)
			}
			return
		}
		got, _, err := cache.Decode(again)
		if err != nil {
			t.Fatalf("Decode of what was encoded: %v", err)
		}
		if d := cmp.Diff(programs, got); d != "" && len(programs) > 0 {
			t.Errorf("programs (-want +got):\n%s", d)
		}
	})
}
