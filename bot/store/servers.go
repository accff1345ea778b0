package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ServerRetention is how long a server's data outlives the bot's removal.
const ServerRetention = 30 * 24 * time.Hour

// Server is a server about which something is stored.
type Server struct {
	ID   string
	Left time.Time // when the bot was found to be gone; zero while it is there
}

// serverRecord is the stored form of a [Server]. Every write about a server
// reads it, which lets a purge keep them out.
type serverRecord struct {
	Left    int64 `json:"left,omitempty"`
	Purging bool  `json:"purging,omitempty"`
}

// Servers returns up to limit servers about which something is stored,
// those that removed the bot first, then the others, without the first
// offset of them. Those whose record is damaged are left out, and told by an
// error that matches [ErrDamaged] and comes with the others.
func (s *Store) Servers(ctx context.Context, offset, limit int) ([]Server, error) {
	var out []Server
	var faults []error
	err := s.driver.View(ctx, func(r Reader) error {
		members, err := r.Range(serversSet, Span{Min: MinScore, Max: MaxScore, Offset: offset, Limit: limit})
		if err != nil {
			return err
		}
		out, faults = make([]Server, 0, len(members)), nil
		for _, m := range members {
			rec, _, err := readServer(r, m.Name)
			switch {
			case errors.Is(err, ErrDamaged):
				faults = append(faults, err)
			case err != nil:
				return err
			default:
				out = append(out, Server{ID: m.Name, Left: fromMillis(rec.Left)})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list servers: %w", err)
	}
	if err := errors.Join(faults...); err != nil {
		return out, fmt.Errorf("list servers: %w", err)
	}
	return out, nil
}

// MarkPresent records that the bot is in the server, which ends the
// countdown to the deletion of its data.
func (s *Store) MarkPresent(ctx context.Context, server string) error {
	return s.markServer(ctx, server, time.Time{})
}

// MarkLeft records that the bot was found gone from the server at now. A
// server that was marked before keeps its earlier time, and one about which
// nothing is stored is not recorded.
func (s *Store) MarkLeft(ctx context.Context, server string, now time.Time) error {
	return s.markServer(ctx, server, now)
}

func (s *Store) markServer(ctx context.Context, server string, left time.Time) error {
	if err := checkID("server", server); err != nil {
		return err
	}
	err := s.driver.Update(ctx, func(tx Tx) error {
		rec, found, err := readServer(tx, server)
		if err != nil {
			return err
		}
		if !found || (rec.Left != 0) == !left.IsZero() {
			return nil
		}
		rec.Left = millis(left)
		return writeServer(tx, server, rec)
	})
	if err != nil {
		return fmt.Errorf("mark server: %w", err)
	}
	return nil
}

func readServer(r Reader, server string) (rec serverRecord, found bool, err error) {
	got, err := r.Get(serverKey(server))
	if err != nil {
		return rec, false, err
	}
	return rec, got[0] != nil, decode(serverKey(server), got[0], &rec)
}

func writeServer(tx Tx, server string, rec serverRecord) error {
	score := int64(MaxScore)
	switch {
	case rec.Purging:
		score = MinScore // until somebody has finished it
	case rec.Left != 0:
		score = rec.Left
	}
	tx.SetPut(serversSet, server, score)
	return put(tx, serverKey(server), rec)
}

// ensureServer makes sure that a server about which something is about to
// be stored is listed, so that its data can end with it.
func ensureServer(tx Tx, server string) error {
	rec, found, err := readServer(tx, server)
	if err != nil {
		return err
	}
	if rec.Purging {
		return fmt.Errorf("data of the server %w", ErrForgetting)
	}
	if !found {
		return writeServer(tx, server, serverRecord{})
	}
	return nil
}

// PurgeServer deletes everything about a server that removed the bot: its
// settings, its recaps and all that is stored of people there, their choices included.
// It returns [ErrConflict] if the bot is there. It may be called again after
// a failure and goes on where it stopped; until it is done, writes about the
// server are refused with [ErrForgetting].
func (s *Store) PurgeServer(ctx context.Context, server string) error {
	if err := checkID("server", server); err != nil {
		return err
	}
	if err := s.purgeServer(ctx, server); err != nil && !errors.Is(err, errCompleted) {
		return fmt.Errorf("purge server: %w", err)
	}
	return nil
}

func (s *Store) purgeServer(ctx context.Context, server string) error {
	if err := s.driver.Update(ctx, func(tx Tx) error { return beginPurge(tx, server) }); err != nil {
		return err
	}
	e := eraser{store: s, pending: func(tx Tx) (bool, error) {
		rec, _, err := readServer(tx, server)
		return rec.Purging, err
	}}
	for {
		persons, err := s.rangeOf(ctx, personsSet(server), everything(eraseBatch))
		if err != nil {
			return err
		}
		if len(persons) == 0 {
			break
		}
		for _, m := range persons {
			if _, err := e.inServer(ctx, server, m.Name); err != nil {
				return err
			}
		}
	}
	return s.driver.Update(ctx, func(tx Tx) error { return endPurge(tx, server) })
}

func beginPurge(tx Tx, server string) error {
	rec, found, err := readServer(tx, server)
	switch {
	case err != nil:
		return err
	case !found:
		tx.SetDelete(serversSet, server)
		return nil
	case rec.Purging:
		return nil
	case rec.Left == 0:
		return fmt.Errorf("the bot is in the server: %w", ErrConflict)
	}
	rec.Purging = true
	tx.Delete(settingsKey(server))
	tx.Delete(recapsKey(server))
	return writeServer(tx, server, rec)
}

// endPurge removes the server, or opens it again if the bot has returned.
func endPurge(tx Tx, server string) error {
	rec, found, err := readServer(tx, server)
	if err != nil || !found || !rec.Purging {
		return err
	}
	if rec.Left == 0 {
		return writeServer(tx, server, serverRecord{})
	}
	tx.SetDelete(serversSet, server)
	tx.Delete(serverKey(server))
	return nil
}
