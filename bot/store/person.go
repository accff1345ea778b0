package store

import (
	"context"
	"fmt"
	"time"
)

// MaxServersPerPerson bounds in how many servers something is stored about
// one person.
const MaxServersPerPerson = 1000

// personRecord holds a person's choices and in which servers anything is
// stored about them. Every write about a person reads it, so consent and
// data never disagree.
type personRecord struct {
	Visibility Visibility        `json:"visibility,omitempty"`
	Never      bool              `json:"never,omitempty"`
	Servers    map[string]Choice `json:"servers,omitempty"`
}

// in returns what one server may know of the choices.
func (p personRecord) in(server string) Consent {
	return Consent{Visibility: p.Visibility, Announce: p.Servers[server], NeverAnywhere: p.Never}
}

// followed returns the servers in which the person is followed, in order.
func (p personRecord) followed() []string {
	var out []string
	for _, server := range sortedKeys(p.Servers) {
		if p.in(server).follows() {
			out = append(out, server)
		}
	}
	return out
}

// Consent returns a person's choices as the given server may know them.
// With the server "" it returns those that hold outside servers.
func (s *Store) Consent(ctx context.Context, server, person string) (Consent, error) {
	if err := checkConsentIDs(server, person); err != nil {
		return Consent{}, err
	}
	var rec personRecord
	err := s.driver.View(ctx, func(r Reader) error {
		rec = personRecord{}
		return get(r, personKey(person), &rec)
	})
	if err != nil {
		return Consent{}, fmt.Errorf("read consent: %w", err)
	}
	return rec.in(server), nil
}

// Choices returns a person's announcement choices in all servers where they
// made one. It is for that person's eyes alone.
func (s *Store) Choices(ctx context.Context, person string) (map[string]Choice, error) {
	if err := checkID("person", person); err != nil {
		return nil, err
	}
	out := map[string]Choice{}
	err := s.driver.View(ctx, func(r Reader) error {
		var rec personRecord
		if err := get(r, personKey(person), &rec); err != nil {
			return err
		}
		clear(out)
		for server, choice := range rec.Servers {
			if choice != Ask {
				out[server] = choice
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read choices: %w", err)
	}
	return out, nil
}

// UpdateConsent changes a person's choices in one piece, together with all
// that follows from them, and returns the new ones: somebody who now chose
// [Always] is followed and due at once, somebody who no longer takes part
// vanishes from leaderboards and returns with their next use of the bot. fn
// may be called more than once; its error is returned, wrapped, and leaves
// everything alone. With the server "" fn must not change Announce.
//
// It returns [ErrForgetting] while the person is being forgotten.
func (s *Store) UpdateConsent(ctx context.Context, server, person string, fn func(*Consent) error) (Consent, error) {
	if err := checkConsentIDs(server, person); err != nil {
		return Consent{}, err
	}
	var out Consent
	err := s.driver.Update(ctx, func(tx Tx) error {
		p, err := beginPerson(tx, person, time.Time{})
		if err != nil {
			return err
		}
		before := p.rec.in(server)
		out = before
		if err := fn(&out); err != nil {
			return err
		}
		if err := out.check(); err != nil {
			return err
		}
		if server == "" && out.Announce != Ask {
			return invalid("outside servers there is no choice of announcements")
		}
		if out == before {
			return nil
		}
		return p.choose(server, out)
	})
	if err != nil {
		return Consent{}, fmt.Errorf("update consent: %w", err)
	}
	if server != "" && out.Announce == Ask {
		return out, s.tidy(ctx, server, person)
	}
	return out, nil
}

// DropMember records that a person is no longer a member of a server: they
// are not followed there any more and leave its leaderboard and recap. A
// choice of [Never] stays, and so does what was announced.
func (s *Store) DropMember(ctx context.Context, server, person string) error {
	if err := checkIDs(server, person); err != nil {
		return err
	}
	err := s.driver.Update(ctx, func(tx Tx) error {
		p, err := beginPerson(tx, person, time.Time{})
		if err != nil {
			return err
		}
		if _, known := p.rec.Servers[server]; !known {
			return nil
		}
		if _, err := dropStandings(tx, person, server); err != nil {
			return err
		}
		if err := dropCompletions(tx, server, person); err != nil {
			return err
		}
		consent := p.rec.in(server)
		if consent.Announce != Always {
			return nil
		}
		consent.Announce = Ask
		return p.choose(server, consent)
	})
	if err != nil {
		return fmt.Errorf("drop member: %w", err)
	}
	return s.tidy(ctx, server, person)
}

// personTx is a person inside a transaction.
type personTx struct {
	tx     Tx
	person string
	rec    personRecord
}

// beginPerson reads what every write about a person depends on. at is when the
// data to be written was obtained; zero means now.
func beginPerson(tx Tx, person string, at time.Time) (*personTx, error) {
	got, err := tx.Get(personKey(person), forgetKey(person))
	if err != nil {
		return nil, err
	}
	p := &personTx{tx: tx, person: person}
	if err := decode(personKey(person), got[0], &p.rec); err != nil {
		return nil, err
	}
	if err := checkForgetMark(person, got[1], at); err != nil {
		return nil, err
	}
	return p, nil
}

// enter records that something is stored about the person in a server.
func (p *personTx) enter(server string) error {
	if err := ensureServer(p.tx, server); err != nil {
		return err
	}
	if _, known := p.rec.Servers[server]; known {
		return nil
	}
	if len(p.rec.Servers) >= MaxServersPerPerson {
		return fmt.Errorf("%w: %d servers for one person", ErrFull, MaxServersPerPerson)
	}
	p.add(server, Ask)
	return p.save()
}

func (p *personTx) add(server string, choice Choice) {
	if p.rec.Servers == nil {
		p.rec.Servers = map[string]Choice{}
	}
	p.rec.Servers[server] = choice
	p.tx.SetPut(personsSet(server), p.person, 0)
}

func (p *personTx) save() error { return put(p.tx, personKey(p.person), p.rec) }

// choose stores new choices and all that follows from them.
func (p *personTx) choose(server string, c Consent) error {
	wasFollowed := len(p.rec.followed()) > 0
	p.rec.Visibility, p.rec.Never = c.Visibility, c.NeverAnywhere
	if server != "" {
		if err := p.enter(server); err != nil {
			return err
		}
		p.add(server, c.Announce)
	}
	switch isFollowed := len(p.rec.followed()) > 0; {
	case isFollowed && !wasFollowed:
		p.tx.SetPut(watchQueue, p.person, 0)
	case !isFollowed && wasFollowed:
		unfollow(p.tx, p.person)
	}
	if err := p.leaveBoards(); err != nil {
		return err
	}
	return p.save()
}

// leaveBoards deletes the person's standings wherever they no longer take
// part.
func (p *personTx) leaveBoards() error {
	var out []string
	for _, server := range sortedKeys(p.rec.Servers) {
		if !p.rec.in(server).TakesPart() {
			out = append(out, server)
		}
	}
	_, err := dropStandings(p.tx, p.person, out...)
	return err
}

// unfollow removes the person from the watch queue. A claim that is still
// out can no longer be returned.
func unfollow(tx Tx, person string) {
	tx.SetDelete(watchQueue, person)
	tx.Unlease(watchQueue, person)
	tx.Delete(watchKey(person))
}

func checkConsentIDs(server, person string) error {
	if server == "" {
		return checkID("person", person)
	}
	return checkIDs(server, person)
}
