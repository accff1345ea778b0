package store

import (
	"context"
	"fmt"
)

// Row is a person on a leaderboard.
type Row struct {
	// Rank begins at 1. People with the same result share it, and the next
	// rank leaves as many out.
	Rank   int
	Person string
	// Standing is how far the person is in the program of the board; on the
	// board of all programs only Collected is set, to the sum.
	Standing  Standing
	Completed int // how many programs the person has completed
}

// Board is a page of a leaderboard.
type Board struct {
	Rows  []Row
	Total int // people on the whole board
}

// Board returns a page of a server's leaderboard in a program, or over all
// programs if program is "": up to limit people without the first offset of
// them. Everybody on it takes part at the moment; people enter it by
// [Store.Record] once they have begun and leave it the moment they choose
// otherwise.
//
// On bbolt the cost grows with the offset and the size of the board.
func (s *Store) Board(ctx context.Context, server, program string, offset, limit int) (Board, error) {
	set, err := boardSet(server, program)
	if err != nil {
		return Board{}, err
	}
	var out Board
	err = s.driver.View(ctx, func(r Reader) error {
		out = Board{}
		total, err := r.Count(set, MinScore, MaxScore)
		if err != nil {
			return err
		}
		out.Total = total
		members, err := r.Range(set, Span{Min: MinScore, Max: MaxScore, Offset: offset, Limit: limit})
		if err != nil || len(members) == 0 {
			return err
		}
		before, err := r.Count(set, MinScore, members[0].Score-1)
		if err != nil {
			return err
		}
		out.Rows, err = readRows(r, server, program, ranked(members, before, offset))
		return err
	})
	if err != nil {
		return Board{}, fmt.Errorf("read leaderboard: %w", err)
	}
	return out, nil
}

// Place returns a person's own row of a leaderboard, or [ErrNotFound] if
// they are not on it.
func (s *Store) Place(ctx context.Context, server, program, person string) (Row, error) {
	set, err := boardSet(server, program)
	if err != nil {
		return Row{}, err
	}
	if err := checkID("person", person); err != nil {
		return Row{}, err
	}
	var out Row
	err = s.driver.View(ctx, func(r Reader) error {
		score, found, err := r.Score(set, person)
		if err != nil {
			return err
		}
		if !found {
			return ErrNotFound
		}
		before, err := r.Count(set, MinScore, score-1)
		if err != nil {
			return err
		}
		rows, err := readRows(r, server, program, []Row{{Rank: before + 1, Person: person}})
		if err == nil && len(rows) == 0 {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		out = rows[0]
		return nil
	})
	if err != nil {
		return Row{}, fmt.Errorf("read place: %w", err)
	}
	return out, nil
}

func boardSet(server, program string) (string, error) {
	if err := checkID("server", server); err != nil {
		return "", err
	}
	if program == "" {
		return overallBoard(server), nil
	}
	return programBoard(server, KeyOf(program)), checkProgram(program)
}

// ranked gives the members of a page their ranks. before is how many people
// are better than the first of them, offset how many stand above it.
func ranked(members []Member, before, offset int) []Row {
	rows := make([]Row, len(members))
	for i, m := range members {
		rows[i] = Row{Rank: offset + i + 1, Person: m.Name}
		if i == 0 {
			rows[i].Rank = before + 1
		} else if m.Score == members[i-1].Score {
			rows[i].Rank = rows[i-1].Rank
		}
	}
	return rows
}

// readRows fills in the standings of rows. It leaves out those who have
// chosen to vanish since the board was read.
func readRows(r Reader, server, program string, rows []Row) ([]Row, error) {
	keys := make([]string, len(rows))
	for i, row := range rows {
		keys[i] = standingKey(server, row.Person)
	}
	got, err := r.Get(keys...)
	if err != nil {
		return nil, err
	}
	out := make([]Row, 0, len(rows))
	for i, row := range rows {
		if got[i] == nil {
			continue
		}
		var rec standingRecord
		if err := decode(keys[i], got[i], &rec); err != nil {
			return nil, err
		}
		_, completed, collected := rec.overall()
		row.Completed, row.Standing = completed, Standing{Collected: collected}
		if program != "" {
			row.Standing = rec.byProgram()[program]
		}
		out = append(out, row)
	}
	return out, nil
}
