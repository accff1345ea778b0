package store

import (
	"context"
	"fmt"
	"time"
)

// CompletionRetention is how long a completion is kept for recaps.
const CompletionRetention = 400 * 24 * time.Hour

// Completed is a completion that became known in a server: by an entry of
// the ledger, or because a person who had used the bot there before was seen
// to have completed a program since.
type Completed struct {
	Server  string
	Person  string
	Program string
	Name    string // of the program; hostile until escaped
	Size    int
	// At is when it became known: after the end of every recap of the server
	// that was shown or posted before it was stored.
	At time.Time
}

type completedRecord struct {
	Program raw   `json:"program"`
	Name    raw   `json:"name,omitempty"`
	Size    int   `json:"size,omitempty"`
	At      int64 `json:"at"`
}

func completionOf(e Entry) Completed {
	return Completed{Server: e.Server, Person: e.Person, Program: e.Program, Name: e.Facts.Name, Size: e.Facts.Size, At: e.Created}
}

// noteCompletion stores a completion unless it is known already. Whether the
// person takes part is asked when completions are read.
//
// One that was seen before the end of a recap and is stored only now moves
// behind it: no recap would tell it otherwise. Because the recaps are read in
// the same commit, one that is added meanwhile makes this start over.
func noteCompletion(tx Tx, c Completed) error {
	program := KeyOf(c.Program).String()
	key := completionKey(c.Server, c.Person, program)
	got, err := tx.Get(key)
	if err != nil || got[0] != nil {
		return err
	}
	var recaps recapsRecord
	if err := get(tx, recapsKey(c.Server), &recaps); err != nil {
		return err
	}
	c.At = fromMillis(max(millis(c.At), recaps.end()+1))
	tx.SetPut(completedSet(c.Server), completedMember(c.Person, program), millis(c.At))
	tx.SetPut(storedSet(c.Server, c.Person), key, millis(c.At))
	tx.SetPut(expirySet, key, millis(c.At.Add(CompletionRetention)))
	return put(tx, key, completedRecord{Program: raw(c.Program), Name: raw(cut(c.Name, maxFact)), Size: c.Size, At: millis(c.At)})
}

// maxDropped bounds how much of what is stored about a person in a server is
// looked through for completions; nobody has that many.
const maxDropped = 5000

// dropCompletions deletes the completions of a person in a server.
func dropCompletions(tx Tx, server, person string) error {
	stored, err := tx.Range(storedSet(server, person), everything(maxDropped))
	if err != nil {
		return err
	}
	for _, m := range stored {
		if isCompletion(m.Name) {
			eraseKey(tx, server, person, m.Name)
		}
	}
	return nil
}

// Recap selects completions of a server.
type Recap struct {
	Server  string
	Program string    // "" for all
	After   time.Time // exclusive
	Until   time.Time // inclusive
}

// Completions returns completions of those who take part, oldest first, up
// to limit of them, and where to go on: the offset to pass for the next
// page, 0 when there is none. The first page has the offset 0.
func (s *Store) Completions(ctx context.Context, q Recap, offset, limit int) (page []Completed, next int, err error) {
	if err := checkID("server", q.Server); err != nil {
		return nil, 0, err
	}
	for len(page) < limit {
		found, read, err := s.readCompletions(ctx, q, offset, limit)
		if err != nil {
			return nil, 0, fmt.Errorf("read completions: %w", err)
		}
		for i, c := range found {
			if c.Person == "" { // was filtered out
				continue
			}
			if len(page) == limit {
				return page, offset + i, nil
			}
			page = append(page, c)
		}
		if read < limit {
			return page, 0, nil
		}
		offset += read
	}
	return page, offset, nil
}

// readCompletions reads up to limit completions from offset and blanks those
// that do not belong into the recap. It returns how many it has read.
func (s *Store) readCompletions(ctx context.Context, q Recap, offset, limit int) (out []Completed, read int, err error) {
	err = s.driver.View(ctx, func(r Reader) error {
		members, err := r.Range(completedSet(q.Server), Span{
			Min: millis(q.After) + 1, Max: millis(q.Until), Offset: offset, Limit: limit,
		})
		if err != nil {
			return err
		}
		read = len(members)
		out, err = resolveCompletions(r, q, members)
		return err
	})
	return out, read, err
}

func resolveCompletions(r Reader, q Recap, members []Member) ([]Completed, error) {
	if len(members) == 0 {
		return nil, nil
	}
	keys := make([]string, 0, 2*len(members))
	persons := make([]string, len(members))
	for i, m := range members {
		person, program := splitMember(m.Name)
		persons[i] = person
		keys = append(keys, completionKey(q.Server, person, program), personKey(person))
	}
	got, err := r.Get(keys...)
	if err != nil {
		return nil, err
	}
	out := make([]Completed, len(members))
	for i := range members {
		var rec completedRecord
		if err := decode(keys[2*i], got[2*i], &rec); err != nil {
			return nil, err
		}
		var person personRecord
		if err := decode(keys[2*i+1], got[2*i+1], &person); err != nil {
			return nil, err
		}
		if got[2*i] == nil || !person.in(q.Server).TakesPart() || q.Program != "" && string(rec.Program) != q.Program {
			continue
		}
		out[i] = Completed{
			Server: q.Server, Person: persons[i], Program: string(rec.Program), Name: string(rec.Name),
			Size: rec.Size, At: fromMillis(rec.At),
		}
	}
	return out, nil
}
