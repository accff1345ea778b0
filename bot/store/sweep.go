package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Swept counts what [Store.Sweep] did.
type Swept struct {
	Servers int // servers whose data ended
	Records int // records that had become too old
	Forgets int // unfinished deletions of people that were completed
}

// Sweep ends what is kept no longer: data of servers that removed the bot
// [ServerRetention] ago, and whatever has outlived its retention. It also
// completes deletions that another process left behind. Any number of
// processes may call it, once an hour or so; what fails keeps nothing else from
// being done, and is tried again by the next call.
func (s *Store) Sweep(ctx context.Context, now time.Time) (Swept, error) {
	var out Swept
	var err1, err2, err3 error
	out.Forgets, err1 = s.ResumeForgets(ctx)
	out.Servers, err2 = s.sweepServers(ctx, now)
	out.Records, err3 = s.sweepRecords(ctx, now)
	return out, errors.Join(err1, err2, err3)
}

func (s *Store) sweepServers(ctx context.Context, now time.Time) (int, error) {
	return s.drain(ctx, serversSet, millis(now.Add(-ServerRetention)), func(server string) (bool, error) {
		err := s.PurgeServer(ctx, server)
		if errors.Is(err, ErrConflict) { // the bot has just returned
			return false, nil
		}
		return err == nil, err
	})
}

func (s *Store) sweepRecords(ctx context.Context, now time.Time) (int, error) {
	return s.drain(ctx, expirySet, millis(now), func(key string) (bool, error) {
		done, err := s.expire(ctx, key, millis(now))
		if err != nil {
			return false, fmt.Errorf("sweep: %w", err)
		}
		return done, nil
	})
}

// drain calls do for the members of a set up to a score until none is left,
// and returns how many it has done; do takes out of the set, or beyond the
// score, what does not fail. What fails stays, keeps nothing else from being
// done, and is told in the end.
func (s *Store) drain(ctx context.Context, set string, until int64, do func(member string) (done bool, err error)) (int, error) {
	n := 0
	var faults []error
	for {
		members, err := s.rangeOf(ctx, set, Span{Min: MinScore, Max: until, Offset: len(faults), Limit: eraseBatch})
		if err != nil {
			return n, fmt.Errorf("list %s: %w", set, err)
		}
		if len(members) == 0 {
			return n, errors.Join(faults...)
		}
		for _, m := range members {
			done, err := do(m.Name)
			if err != nil {
				faults = append(faults, err)
			} else if done {
				n++
			}
		}
	}
}

// expire deletes one record if its time has not been put off since, and
// what then is left about the person in the server.
func (s *Store) expire(ctx context.Context, key string, now int64) (done bool, err error) {
	parts := strings.Split(key, ":")
	err = s.driver.Update(ctx, func(tx Tx) error {
		// Read the record, so that putting it off meanwhile is noticed.
		if _, err := tx.Get(key); err != nil {
			return err
		}
		at, found, err := tx.Score(expirySet, key)
		if done = found && at <= now; err != nil || !done {
			return err
		}
		return expireKey(tx, key, parts)
	})
	if err != nil || !done || len(parts) < 3 {
		return done, err
	}
	return done, s.tidy(ctx, parts[1], parts[2])
}

func expireKey(tx Tx, key string, parts []string) error {
	switch {
	case parts[0] == forgetKind && len(parts) == 2:
		tx.Delete(key)
		tx.SetDelete(expirySet, key)
	case parts[0] == standingKind && len(parts) == 3:
		tx.SetDelete(expirySet, key)
		_, err := dropStandings(tx, parts[2], parts[1])
		return err
	case parts[0] == draftsKind && len(parts) == 3:
		_, err := eraseDrafts(tx, parts[1], parts[2])
		return err
	case (parts[0] == entryKind || parts[0] == completionKind) && len(parts) > 3:
		eraseKey(tx, parts[1], parts[2], key)
	default:
		return damaged(key, "it is listed for deletion and of no known kind")
	}
	return nil
}

// tidy ends the record that something is stored about a person in a server
// once nothing is. Whatever adds something changes one of the records read
// here.
func (s *Store) tidy(ctx context.Context, server, person string) error {
	err := s.driver.Update(ctx, func(tx Tx) error {
		got, err := tx.Get(personKey(person), standingKey(server, person), outboxKey(server, person), draftsKey(server, person))
		if err != nil {
			return err
		}
		var rec personRecord
		if err := decode(personKey(person), got[0], &rec); err != nil {
			return err
		}
		choice, known := rec.Servers[server]
		if !known || choice != Ask || got[1] != nil || got[2] != nil || got[3] != nil {
			return nil
		}
		n, err := tx.Count(storedSet(server, person), MinScore, MaxScore)
		if err != nil || n > 0 {
			return err
		}
		return leaveServer(tx, server, person, rec)
	})
	if err != nil {
		return fmt.Errorf("tidy: %w", err)
	}
	return nil
}
