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
	n := 0
	var faults []error
	for {
		due := Span{Min: MinScore, Max: millis(now.Add(-ServerRetention)), Offset: len(faults), Limit: eraseBatch}
		servers, err := s.rangeOf(ctx, serversSet, due)
		if err != nil {
			return n, err
		}
		if len(servers) == 0 {
			return n, errors.Join(faults...)
		}
		for _, m := range servers {
			switch err := s.PurgeServer(ctx, m.Name); {
			case errors.Is(err, ErrConflict): // the bot has just returned
			case err != nil:
				faults = append(faults, err)
			default:
				n++
			}
		}
	}
}

func (s *Store) sweepRecords(ctx context.Context, now time.Time) (int, error) {
	n := 0
	var faults []error
	for {
		span := Span{Min: MinScore, Max: millis(now), Offset: len(faults), Limit: eraseBatch}
		old, err := s.rangeOf(ctx, expirySet, span)
		if err != nil {
			return n, err
		}
		if len(old) == 0 {
			return n, errors.Join(faults...)
		}
		for _, m := range old {
			done, err := s.expire(ctx, m.Name, millis(now))
			switch {
			case err != nil:
				faults = append(faults, fmt.Errorf("sweep: %w", err))
			case done:
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
