package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ForgottenRetention is how long the mark stays that somebody was forgotten.
// It keeps what was fetched about them before from being stored after.
const ForgottenRetention = time.Hour

// eraseBatch bounds how many records one step of a deletion handles.
const eraseBatch = 200

// Erased counts what was deleted about a person.
type Erased struct {
	Choices       int // the visibility, "never anywhere", and each server's choice of announcements
	Follows       int // 1 if what was last seen of the person was kept for watching
	Announcements int // entries of the ledger, and drafts of such
	Standings     int // leaderboards, one for each server
	Completions   int // completions kept for recaps
}

// Add returns the sum of two counts.
func (e Erased) Add(o Erased) Erased {
	return Erased{
		Choices:       e.Choices + o.Choices,
		Follows:       e.Follows + o.Follows,
		Announcements: e.Announcements + o.Announcements,
		Standings:     e.Standings + o.Standings,
		Completions:   e.Completions + o.Completions,
	}
}

// forgetRecord marks a person as being forgotten, or forgotten.
type forgetRecord struct {
	At   int64 `json:"at"`
	Done bool  `json:"done,omitempty"`
}

// checkForgetMark keeps writes away from a person who is being forgotten, and
// data that was obtained before from one who was. at is when it was obtained;
// zero means now.
func checkForgetMark(person string, mark []byte, at time.Time) error {
	if mark == nil {
		return nil
	}
	var rec forgetRecord
	if err := decode(forgetKey(person), mark, &rec); err != nil {
		return err
	}
	switch {
	case !rec.Done:
		return fmt.Errorf("data of the person %w", ErrForgetting)
	case !at.IsZero() && millis(at) <= rec.At:
		return ErrForgotten
	}
	return nil
}

// Forget deletes everything that is stored about a person, in all servers,
// their choices included, and says what it was. now is when they asked.
//
// The intent is stored first: from then on nothing about the person is
// written, claims and outboxes that are out are lost, and if the process
// dies [Store.ResumeForgets] completes the deletion. An error matches
// [ErrUnfinished] unless it is certain that the intent was not stored. Calling
// Forget again is harmless and counts only what was left.
func (s *Store) Forget(ctx context.Context, person string, now time.Time) (Erased, error) {
	if err := checkID("person", person); err != nil {
		return Erased{}, err
	}
	tried := false
	err := s.driver.Update(ctx, func(tx Tx) error {
		// Where nothing can be read, nothing is written that may have arrived.
		if _, err := tx.Get(forgetKey(person)); err != nil {
			return err
		}
		tx.SetPut(forgetsSet, person, millis(now))
		tx.SetDelete(expirySet, forgetKey(person))
		tried = true
		return put(tx, forgetKey(person), forgetRecord{At: millis(now)})
	})
	if err != nil && (!tried || errors.Is(err, ErrBusy) || errors.Is(err, ErrNewerSchema)) {
		return Erased{}, fmt.Errorf("forget: %w", err)
	}
	var n Erased
	if err == nil {
		n, err = s.erasePerson(ctx, person)
	}
	if err != nil {
		return n, fmt.Errorf("%w: %w", ErrUnfinished, err)
	}
	return n, nil
}

// ResumeForgets completes the deletions that a process left unfinished and
// returns how many those were. [Store.Sweep] calls it. One that fails does
// not keep it from the others.
func (s *Store) ResumeForgets(ctx context.Context) (int, error) {
	return s.drain(ctx, forgetsSet, MaxScore, func(person string) (bool, error) {
		_, err := s.erasePerson(ctx, person)
		return err == nil, err
	})
}

// erasePerson deletes everything about a person who asked to be forgotten.
func (s *Store) erasePerson(ctx context.Context, person string) (Erased, error) {
	e := eraser{store: s, pending: func(tx Tx) (bool, error) {
		// Whoever completes the deletion changes the mark. Reading it makes
		// a step that was overtaken start again, and find nothing to do.
		if _, err := readForgetMark(tx, person); err != nil {
			return false, err
		}
		_, asked, err := tx.Score(forgetsSet, person)
		return asked, err
	}}
	total, err := e.everywhere(ctx, person)
	if err != nil && !errors.Is(err, errCompleted) {
		return total, fmt.Errorf("forget: %w", err)
	}
	return total, nil
}

func readForgetMark(r Reader, person string) (mark forgetRecord, err error) {
	return mark, get(r, forgetKey(person), &mark)
}

// errCompleted stops a deletion that another process has completed. Whatever
// is stored by then is new and must stay.
var errCompleted = errors.New("the deletion was completed by another process")

// eraser deletes data about people in steps that can be repeated.
type eraser struct {
	store *Store
	// pending reports, as part of a step's transaction, whether the deletion
	// is still to be completed.
	pending func(Tx) (bool, error)
}

// step runs one step of the deletion. It returns errCompleted if there is
// nothing left to do.
func (e eraser) step(ctx context.Context, fn func(Tx) (Erased, error)) (Erased, error) {
	var n Erased
	err := e.store.driver.Update(ctx, func(tx Tx) error {
		n = Erased{}
		switch pending, err := e.pending(tx); {
		case err != nil:
			return err
		case !pending:
			return errCompleted
		}
		var err error
		n, err = fn(tx)
		return err
	})
	if err != nil {
		return Erased{}, err
	}
	return n, nil
}

// everywhere deletes all there is about a person.
func (e eraser) everywhere(ctx context.Context, person string) (Erased, error) {
	var servers []string
	total, err := e.step(ctx, func(tx Tx) (Erased, error) {
		var rec personRecord
		if err := get(tx, personKey(person), &rec); err != nil {
			return Erased{}, err
		}
		servers = sortedKeys(rec.Servers)
		_, followed, err := tx.Score(watchQueue, person)
		if err != nil || !followed {
			return Erased{}, err
		}
		unfollow(tx, person)
		return Erased{Follows: 1}, nil
	})
	if err != nil {
		return total, err
	}
	for _, server := range servers {
		n, err := e.inServer(ctx, server, person)
		total = total.Add(n)
		if err != nil {
			return total, err
		}
	}
	n, err := e.step(ctx, func(tx Tx) (Erased, error) { return endForget(tx, person) })
	return total.Add(n), err
}

// endForget deletes the choices that are left and turns the mark into that
// of a forgotten person.
func endForget(tx Tx, person string) (Erased, error) {
	var rec personRecord
	if err := get(tx, personKey(person), &rec); err != nil {
		return Erased{}, err
	}
	mark, err := readForgetMark(tx, person)
	if err != nil {
		return Erased{}, err
	}
	mark.Done = true
	tx.Delete(personKey(person))
	tx.SetDelete(forgetsSet, person)
	tx.SetPut(expirySet, forgetKey(person), mark.At+ForgottenRetention.Milliseconds())
	return Erased{Choices: rec.choices()}, put(tx, forgetKey(person), mark)
}

// choices counts the choices that differ from the default.
func (p personRecord) choices() int {
	n := 0
	if p.Visibility != VisibleToAnyone {
		n++
	}
	if p.Never {
		n++
	}
	for _, c := range p.Servers {
		if c != Ask {
			n++
		}
	}
	return n
}

// inServer deletes everything about a person in one server.
func (e eraser) inServer(ctx context.Context, server, person string) (Erased, error) {
	var total Erased
	for more := true; more; {
		n, err := e.step(ctx, func(tx Tx) (n Erased, err error) {
			n, more, err = eraseStored(tx, server, person)
			return n, err
		})
		if err != nil {
			return total, err
		}
		total = total.Add(n)
		more = more && n != Erased{}
	}
	n, err := e.step(ctx, func(tx Tx) (Erased, error) { return eraseRest(tx, server, person) })
	return total.Add(n), err
}

// eraseStored deletes a batch of the person's entries and completions.
func eraseStored(tx Tx, server, person string) (n Erased, more bool, err error) {
	members, err := tx.Range(storedSet(server, person), everything(eraseBatch))
	if err != nil {
		return n, false, err
	}
	for _, m := range members {
		n = n.Add(eraseKey(tx, server, person, m.Name))
	}
	return n, len(members) == eraseBatch, nil
}

// eraseKey deletes the entry or completion at key and all that points to it.
func eraseKey(tx Tx, server, person, key string) Erased {
	tx.Delete(key)
	tx.SetDelete(storedSet(server, person), key)
	tx.SetDelete(expirySet, key)
	if program, ok := strings.CutPrefix(key, completionPrefix(server, person)); ok {
		tx.SetDelete(completedSet(server), completedMember(person, program))
		return Erased{Completions: 1}
	}
	return Erased{Announcements: 1}
}

// eraseRest deletes what there is once for a person in a server, the choice
// of announcements included.
func eraseRest(tx Tx, server, person string) (Erased, error) {
	var n Erased
	var rec personRecord
	err := get(tx, personKey(person), &rec)
	if err != nil {
		return n, err
	}
	if n.Standings, err = dropStandings(tx, person, server); err != nil {
		return n, err
	}
	if n.Announcements, err = eraseDrafts(tx, server, person); err != nil {
		return n, err
	}
	tx.Delete(outboxKey(server, person))
	tx.SetDelete(outboxQueue, outboxMember(server, person))
	tx.Unlease(outboxQueue, outboxMember(server, person))
	tx.SetDelete(waitingSet(server), person)
	if rec.Servers[server] != Ask {
		n.Choices = 1
	}
	return n, leaveServer(tx, server, person, rec)
}

// leaveServer stores that nothing is left about a person in a server.
func leaveServer(tx Tx, server, person string, rec personRecord) error {
	tx.SetDelete(personsSet(server), person)
	delete(rec.Servers, server)
	if len(rec.followed()) == 0 {
		unfollow(tx, person)
	}
	if len(rec.Servers) == 0 && rec.choices() == 0 {
		tx.Delete(personKey(person))
		return nil
	}
	return put(tx, personKey(person), rec)
}

// Stored counts what is stored about a person, as [Store.Forget] would.
func (s *Store) Stored(ctx context.Context, person string) (Erased, error) {
	if err := checkID("person", person); err != nil {
		return Erased{}, err
	}
	var n Erased
	err := s.driver.View(ctx, func(r Reader) error {
		n = Erased{}
		var rec personRecord
		if err := get(r, personKey(person), &rec); err != nil {
			return err
		}
		n.Choices = rec.choices()
		if len(rec.followed()) > 0 {
			n.Follows = 1
		}
		for _, server := range sortedKeys(rec.Servers) {
			here, err := countStored(r, server, person)
			if err != nil {
				return err
			}
			n = n.Add(here)
		}
		return nil
	})
	if err != nil {
		return Erased{}, fmt.Errorf("count what is stored: %w", err)
	}
	return n, nil
}

func countStored(r Reader, server, person string) (n Erased, err error) {
	_, standing, err := readStanding(r, server, person)
	if err != nil {
		return n, err
	}
	if standing {
		n.Standings = 1
	}
	var drafts draftsRecord
	if err := get(r, draftsKey(server, person), &drafts); err != nil {
		return n, err
	}
	n.Announcements = len(drafts.Drafts)
	for offset := 0; ; offset += eraseBatch {
		members, err := r.Range(storedSet(server, person), Span{Min: MinScore, Max: MaxScore, Offset: offset, Limit: eraseBatch})
		if err != nil {
			return n, err
		}
		for _, m := range members {
			if isCompletion(m.Name) {
				n.Completions++
			} else {
				n.Announcements++
			}
		}
		if len(members) < eraseBatch {
			return n, nil
		}
	}
}
