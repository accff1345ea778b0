package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"
)

// DraftRetention is how long what a manager was shown can be confirmed.
const DraftRetention = time.Hour

// maxDrafts is how many drafts about one person in one server are kept; the
// newest are.
const maxDrafts = 10

// Draft is an announcement of a completion that a manager was shown and has
// not confirmed yet. It does not tell who that manager is.
type Draft struct {
	ID      string // given by [Store.AddDraft]
	Server  string
	Person  string
	Program string
	Facts   Facts
	Note    string
	// Look stands for what the manager was shown: whatever is posted has to
	// look the same.
	Look    string
	Created time.Time
}

// draftsRecord is what is stored of the drafts about a person in a server,
// oldest first.
type draftsRecord struct {
	Drafts []draftRecord `json:"drafts"`
}

type draftRecord struct {
	ID      string `json:"id"`
	Program raw    `json:"program"`
	Name    raw    `json:"name,omitempty"`
	Image   raw    `json:"image,omitempty"`
	Reward  raw    `json:"reward,omitempty"`
	Count   int    `json:"count,omitempty"`
	Size    int    `json:"size,omitempty"`
	Note    raw    `json:"note,omitempty"`
	Look    string `json:"look"`
	Created int64  `json:"created"`
}

func (d Draft) record() draftRecord {
	facts := d.Facts.bounded()
	return draftRecord{
		ID: d.ID, Program: raw(d.Program),
		Name: raw(facts.Name), Image: raw(facts.Image), Reward: raw(facts.Reward),
		Count: facts.Collected, Size: facts.Size, Note: raw(d.Note), Look: d.Look, Created: millis(d.Created),
	}
}

func (r draftRecord) draft(server, person string) Draft {
	return Draft{
		ID: r.ID, Server: server, Person: person, Program: string(r.Program),
		Facts: Facts{Name: string(r.Name), Image: string(r.Image), Reward: string(r.Reward), Collected: r.Count, Size: r.Size},
		Note:  string(r.Note), Look: r.Look, Created: fromMillis(r.Created),
	}
}

func (d Draft) check() error {
	if err := checkIDs(d.Server, d.Person); err != nil {
		return err
	}
	if err := checkProgram(d.Program); err != nil {
		return err
	}
	if len(d.Note) > MaxNote || len(d.Look) > maxShort || d.Created.IsZero() {
		return invalid("a draft that is too long or without a time")
	}
	return nil
}

// newDraftID returns an ID that nobody guesses: 15 characters of A-Z and 2-7.
func newDraftID() string { return rand.Text()[:idLength] }

const idLength = 15

// AddDraft stores a draft for [DraftRetention] and returns it with its ID.
// Nothing is stored against the person's choice ([ErrConsent]), and it goes
// with everything else when they are forgotten.
func (s *Store) AddDraft(ctx context.Context, d Draft) (Draft, error) {
	if err := d.check(); err != nil {
		return Draft{}, err
	}
	d.ID = newDraftID()
	err := s.driver.Update(ctx, func(tx Tx) error {
		p, err := beginPerson(tx, d.Person, d.Created)
		if err != nil {
			return err
		}
		if !p.rec.in(d.Server).MayAnnounce(ByManager) {
			return ErrConsent
		}
		if err := p.enter(d.Server); err != nil {
			return err
		}
		key := draftsKey(d.Server, d.Person)
		var rec draftsRecord
		if err := get(tx, key, &rec); err != nil {
			return err
		}
		rec.Drafts = append(rec.Drafts, d.record())
		rec.Drafts = rec.Drafts[max(len(rec.Drafts)-maxDrafts, 0):]
		tx.SetPut(expirySet, key, millis(d.Created.Add(DraftRetention)))
		return put(tx, key, rec)
	})
	if err != nil {
		return Draft{}, fmt.Errorf("add draft: %w", err)
	}
	return d.record().draft(d.Server, d.Person), nil
}

// Draft returns a draft about a person that can be confirmed at now, or
// [ErrNotFound].
func (s *Store) Draft(ctx context.Context, server, person, id string, now time.Time) (Draft, error) {
	if err := checkIDs(server, person); err != nil {
		return Draft{}, err
	}
	var rec draftsRecord
	err := s.driver.View(ctx, func(r Reader) error {
		rec = draftsRecord{}
		return get(r, draftsKey(server, person), &rec)
	})
	if err != nil {
		return Draft{}, fmt.Errorf("read draft: %w", err)
	}
	for _, r := range rec.Drafts {
		if r.ID == id && now.Sub(fromMillis(r.Created)) <= DraftRetention {
			return r.draft(server, person), nil
		}
	}
	return Draft{}, fmt.Errorf("read draft: %w", ErrNotFound)
}

// DropDraft deletes a draft, if it is there.
func (s *Store) DropDraft(ctx context.Context, server, person, id string) error {
	if err := checkIDs(server, person); err != nil {
		return err
	}
	err := s.driver.Update(ctx, func(tx Tx) error {
		key := draftsKey(server, person)
		var rec draftsRecord
		if err := get(tx, key, &rec); err != nil {
			return err
		}
		before := len(rec.Drafts)
		rec.Drafts = slices.DeleteFunc(rec.Drafts, func(r draftRecord) bool { return r.ID == id })
		switch len(rec.Drafts) {
		case before:
			return nil
		case 0:
			tx.Delete(key)
			tx.SetDelete(expirySet, key)
			return nil
		}
		return put(tx, key, rec)
	})
	if err != nil {
		return fmt.Errorf("drop draft: %w", err)
	}
	return s.tidy(ctx, server, person)
}

// eraseDrafts deletes the drafts about a person in a server and returns how
// many there were.
func eraseDrafts(tx Tx, server, person string) (int, error) {
	key := draftsKey(server, person)
	var rec draftsRecord
	if err := get(tx, key, &rec); err != nil {
		return 0, err
	}
	if rec.Drafts != nil {
		tx.Delete(key)
		tx.SetDelete(expirySet, key)
	}
	return len(rec.Drafts), nil
}
