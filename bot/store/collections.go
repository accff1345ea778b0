package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// collectionSample is of how many people the programs are looked at to find
// out which ones a server's leaderboard is about.
const collectionSample = 50

// Collection is a program that people on a leaderboard are in.
type Collection struct {
	Program string
	Name    string // hostile until escaped; "" if nobody's standing tells it
	People  int    // of those looked at
}

// Collections lists the programs of a server's leaderboard, those of most
// people first. It looks at the people who lead over all programs, so one
// that only those behind are in may be missing; what it costs does not grow
// with the server.
func (s *Store) Collections(ctx context.Context, server string) ([]Collection, error) {
	if err := checkID("server", server); err != nil {
		return nil, err
	}
	var out []Collection
	err := s.driver.View(ctx, func(r Reader) error {
		members, err := r.Range(overallBoard(server), everything(collectionSample))
		if err != nil {
			return err
		}
		keys := make([]string, len(members))
		for i, m := range members {
			keys[i] = standingKey(server, m.Name)
		}
		out, err = readCollections(r, keys)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list collections: %w", err)
	}
	return out, nil
}

func readCollections(r Reader, keys []string) ([]Collection, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	got, err := r.Get(keys...)
	if err != nil {
		return nil, err
	}
	var out []Collection
	at := map[string]int{}
	for i, key := range keys {
		var rec standingRecord
		if err := decode(key, got[i], &rec); err != nil {
			return nil, err
		}
		for _, p := range rec.Programs {
			n, known := at[string(p.Program)]
			if !known {
				n = len(out)
				at[string(p.Program)] = n
				out = append(out, Collection{Program: string(p.Program)})
			}
			out[n].People++
			out[n].Name = cmp.Or(out[n].Name, string(p.Name))
		}
	}
	slices.SortStableFunc(out, func(a, b Collection) int { return cmp.Compare(b.People, a.People) })
	return out, nil
}
