package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// MaxBatch bounds how many claims are taken or returned at once.
const MaxBatch = 1000

// Claim is a followed person whom this process alone may look at until its
// lease ends.
type Claim struct {
	Person  string
	Servers []string  // where the person chose [Always]
	Due     time.Time // when the look was due; zero for a new follow, the end of the lease for one that was lost
	State   WatchState

	token string
}

// Returned gives a claim back together with what was found out.
type Returned struct {
	Claim Claim
	Due   time.Time // when to look again
	State WatchState
}

// firstSight reports whether a program was seen for the first time.
func (r Returned) firstSight() bool {
	if len(r.State.Seen) > len(r.Claim.State.Seen) {
		return true
	}
	known := make(map[ProgramKey]bool, len(r.Claim.State.Seen))
	for _, s := range r.Claim.State.Seen {
		known[s.Program] = true
	}
	return slices.ContainsFunc(r.State.Seen, func(s Seen) bool { return !known[s.Program] })
}

// ClaimDue leases up to n followed persons who are due at now, earliest
// first. A claim that is neither returned nor lost to [Store.UpdateConsent]
// or [Store.Forget] becomes due again when its lease ends, for every process
// that shares the store. On bbolt leases live in memory and end with the
// process.
//
// A person whose state cannot be read stays out of the claims, which are
// returned together with an [ErrDamaged] that names the record.
func (s *Store) ClaimDue(ctx context.Context, now time.Time, n int, lease time.Duration) ([]Claim, error) {
	token := newToken()
	members, err := s.driver.Claim(ctx, watchQueue, now, min(n, MaxBatch), lease, token)
	if err != nil {
		return nil, fmt.Errorf("claim due: %w", err)
	}
	claims, err := s.readClaims(ctx, token, members...)
	if err != nil {
		err = fmt.Errorf("claim due: %w", err)
	}
	return claims, err
}

// ClaimPerson leases one person, due or not, so that an answer which was
// fetched for another reason can update what is known of them. It returns
// [ErrNotFound] if nobody follows the person and [ErrConflict] if somebody
// holds the lease at now.
func (s *Store) ClaimPerson(ctx context.Context, person string, now time.Time, lease time.Duration) (Claim, error) {
	if err := checkID("person", person); err != nil {
		return Claim{}, err
	}
	token := newToken()
	if err := s.driver.ClaimMember(ctx, watchQueue, person, now, lease, token); err != nil {
		return Claim{}, fmt.Errorf("claim person: %w", err)
	}
	claims, err := s.readClaims(ctx, token, Member{Name: person, Score: millis(now)})
	if err != nil {
		return Claim{}, fmt.Errorf("claim person: %w", err)
	}
	if len(claims) == 0 {
		return Claim{}, fmt.Errorf("claim person: %w", ErrNotFound)
	}
	return claims[0], nil
}

// readClaims reads what is known of the leased members. Those who are not
// followed any more are left out.
func (s *Store) readClaims(ctx context.Context, token string, members ...Member) ([]Claim, error) {
	if len(members) == 0 {
		return nil, nil
	}
	keys := make([]string, 0, 2*len(members))
	for _, m := range members {
		keys = append(keys, personKey(m.Name), watchKey(m.Name))
	}
	var got [][]byte
	err := s.driver.View(ctx, func(r Reader) error {
		var err error
		got, err = r.Get(keys...)
		return err
	})
	if err != nil {
		return nil, err
	}
	claims := make([]Claim, 0, len(members))
	var faults []error
	for i, m := range members {
		claim, err := readClaim(m, got[2*i], got[2*i+1])
		switch {
		case err != nil:
			faults = append(faults, err)
		case len(claim.Servers) > 0:
			claim.token = token
			claims = append(claims, claim)
		}
	}
	return claims, errors.Join(faults...)
}

func readClaim(m Member, person, watch []byte) (Claim, error) {
	var rec personRecord
	if err := decode(personKey(m.Name), person, &rec); err != nil {
		return Claim{}, err
	}
	state, err := unpackWatch(watchKey(m.Name), watch)
	if err != nil {
		return Claim{}, err
	}
	return Claim{Person: m.Name, Servers: rec.followed(), Due: fromMillis(m.Score), State: state}, nil
}

// Return stores what was found out about claimed persons and gives the
// claims back, all in one piece. It returns the persons whose claims were
// lost (the lease ended and somebody else took it, or they are not followed
// any more): nothing is stored about those.
//
// On bbolt a process that dies may lose the returns of its last second: the
// looks are then made again, and what they find is in the ledger already.
// The first sight of a program is never lost, because what happened since
// would then pass for a first sight.
func (s *Store) Return(ctx context.Context, returns ...Returned) (lost []string, err error) {
	if len(returns) == 0 {
		return nil, nil
	}
	if len(returns) > MaxBatch {
		return nil, invalid("%d claims at once, at most %d", len(returns), MaxBatch)
	}
	persons := make([]string, len(returns))
	for i, r := range returns {
		if err := r.State.check(); err != nil {
			return nil, err
		}
		persons[i] = r.Claim.Person
	}
	update := s.driver.UpdateSoon
	if slices.ContainsFunc(returns, Returned.firstSight) {
		update = s.driver.Update
	}
	err = update(ctx, func(tx Tx) error {
		lost = lost[:0]
		tokens, err := tx.Leases(watchQueue, persons...)
		if err != nil {
			return err
		}
		for i, r := range returns {
			if tokens[i] == "" || tokens[i] != r.Claim.token {
				lost = append(lost, r.Claim.Person)
				continue
			}
			tx.Put(watchKey(r.Claim.Person), r.State.pack())
			tx.SetPut(watchQueue, r.Claim.Person, millis(r.Due))
			tx.Unlease(watchQueue, r.Claim.Person)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("return claims: %w", err)
	}
	return lost, nil
}

// Backlog says how much work the queues hold.
type Backlog struct {
	Follows     int // followed persons
	FollowsDue  int // of whom are due
	Outboxes    int // pairs of server and person with open entries
	OutboxesDue int // of which are due
}

// Backlog counts the queues at now. On bbolt it walks through them, so it is
// for once a minute rather than for every claim.
func (s *Store) Backlog(ctx context.Context, now time.Time) (Backlog, error) {
	var out Backlog
	err := s.driver.View(ctx, func(r Reader) error {
		for _, c := range []struct {
			queue string
			max   int64
			into  *int
		}{
			{watchQueue, MaxScore, &out.Follows},
			{watchQueue, millis(now), &out.FollowsDue},
			{outboxQueue, MaxScore, &out.Outboxes},
			{outboxQueue, millis(now), &out.OutboxesDue},
		} {
			n, err := r.Count(c.queue, MinScore, c.max)
			if err != nil {
				return err
			}
			*c.into = n
		}
		return nil
	})
	if err != nil {
		return Backlog{}, fmt.Errorf("count backlog: %w", err)
	}
	return out, nil
}
