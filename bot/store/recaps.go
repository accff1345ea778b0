package store

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"time"
)

// maxRecaps bounds of how many programs a server's recaps are kept; of the
// others the next recap begins anew.
const maxRecaps = 100

// RecapState is where a server stands with the recaps of one program.
type RecapState struct {
	// Told is until when the last recap told what was completed: the next
	// begins after it. Zero if there was none.
	Told time.Time
	// Posted is when the last recap was posted, zero if there was none.
	Posted time.Time
	// Draft is what a manager was shown last; it has no ID if that was posted
	// or there was nothing.
	Draft RecapDraft
}

// RecapDraft is a recap that a manager was shown. It is about a time and holds
// nobody's name.
type RecapDraft struct {
	ID      string // given by [Store.AddRecap]
	Server  string
	Program string    // "" for the recap of all
	After   time.Time // what the recap tells came after, zero for everything
	Until   time.Time // and not after
	Channel string    // where it is to be posted
	// Look stands for what the manager was shown: whatever is posted has to
	// look the same.
	Look    string
	Created time.Time
	// Begun is when somebody confirmed it and it began to be posted; zero
	// before.
	Begun time.Time
}

// recapsRecord is what is stored of a server's recaps, those changed last at
// the end.
type recapsRecord struct {
	Programs []recapRecord `json:"programs"`
}

type recapRecord struct {
	Program raw    `json:"program,omitempty"`
	Told    int64  `json:"told,omitempty"`
	Posted  int64  `json:"posted,omitempty"`
	Link    string `json:"link,omitempty"`
	Last    string `json:"last,omitempty"` // the ID of what was posted

	ID      string `json:"id,omitempty"`
	After   int64  `json:"after,omitempty"`
	Until   int64  `json:"until,omitempty"`
	Channel string `json:"channel,omitempty"`
	Look    string `json:"look,omitempty"`
	Created int64  `json:"created,omitempty"`
	Begun   int64  `json:"begun,omitempty"`
}

// draw fills in the draft.
func (r recapRecord) draw(d RecapDraft) recapRecord {
	r.Program, r.ID, r.After, r.Until = raw(d.Program), d.ID, millis(d.After), millis(d.Until)
	r.Channel, r.Look, r.Created, r.Begun = d.Channel, d.Look, millis(d.Created), millis(d.Begun)
	return r
}

func (r recapRecord) draft(server string) RecapDraft {
	if r.ID == "" {
		return RecapDraft{}
	}
	return RecapDraft{
		ID: r.ID, Server: server, Program: string(r.Program), After: fromMillis(r.After), Until: fromMillis(r.Until),
		Channel: r.Channel, Look: r.Look, Created: fromMillis(r.Created), Begun: fromMillis(r.Begun),
	}
}

func (r recapRecord) state(server string) RecapState {
	return RecapState{Told: fromMillis(r.Told), Posted: fromMillis(r.Posted), Draft: r.draft(server)}
}

func (d RecapDraft) check() error {
	if err := checkID("server", d.Server); err != nil {
		return err
	}
	if err := checkID("channel", d.Channel); err != nil {
		return err
	}
	if d.Program != "" {
		if err := checkProgram(d.Program); err != nil {
			return err
		}
	}
	if len(d.Look) > maxShort || d.Created.IsZero() || d.Until.IsZero() || d.Until.Before(d.After) {
		return invalid("a recap of no time")
	}
	return nil
}

// isRecapID reports whether id can be that of a recap. It begins with the key
// of its program.
func isRecapID(id string) bool {
	_, err := base64.RawURLEncoding.DecodeString(id)
	return err == nil && len(id) == base64.RawURLEncoding.EncodedLen(len(ProgramKey{}))+idLength
}

// programOf returns the key of its program, which a recap's ID begins with.
func programOf(id string) string { return id[:len(id)-idLength] }

// find returns what is kept of the program with a key.
func (r *recapsRecord) find(key string) recapRecord {
	for _, p := range r.Programs {
		if KeyOf(string(p.Program)).String() == key {
			return p
		}
	}
	return recapRecord{}
}

// end is until when the recaps that were shown or posted tell what was
// completed, 0 if there are none.
func (r *recapsRecord) end() int64 {
	var end int64
	for _, p := range r.Programs {
		end = max(end, p.Told, p.Until)
	}
	return end
}

// put stores what is kept of a program in place of what was.
func (r *recapsRecord) put(p recapRecord) {
	r.Programs = append(slices.DeleteFunc(r.Programs, func(o recapRecord) bool { return o.Program == p.Program }), p)
	r.Programs = r.Programs[max(len(r.Programs)-maxRecaps, 0):]
}

// RecapState returns where a server stands with the recaps of a program, or
// with that of all if program is "".
func (s *Store) RecapState(ctx context.Context, server, program string) (RecapState, error) {
	if err := checkID("server", server); err != nil {
		return RecapState{}, err
	}
	var rec recapsRecord
	err := s.driver.View(ctx, func(r Reader) error {
		rec = recapsRecord{}
		return get(r, recapsKey(server), &rec)
	})
	if err != nil {
		return RecapState{}, fmt.Errorf("read recaps: %w", err)
	}
	return rec.find(KeyOf(program).String()).state(server), nil
}

// AddRecap stores what a manager was shown in place of what one was shown
// before, and returns it with its ID. It returns [ErrConflict] if what was
// shown before is being posted, or was posted since After was read from
// [Store.RecapState].
func (s *Store) AddRecap(ctx context.Context, d RecapDraft) (RecapDraft, error) {
	if err := d.check(); err != nil {
		return RecapDraft{}, err
	}
	d.ID, d.Begun = KeyOf(d.Program).String()+newDraftID(), time.Time{}
	err := s.changeRecap(ctx, d.Server, d.ID, func(tx Tx, p recapRecord) (recapRecord, error) {
		if p.Begun != 0 || p.Told != millis(d.After) {
			return p, fmt.Errorf("another recap: %w", ErrConflict)
		}
		return p.draw(d), ensureServer(tx, d.Server)
	})
	if err != nil {
		return RecapDraft{}, fmt.Errorf("add recap: %w", err)
	}
	return recapRecord{}.draw(d).draft(d.Server), nil
}

// Recap returns the recap with this ID. It returns [ErrNotFound] if another
// was shown since, or if it was shown more than [DraftRetention] before now
// and not begun; and [ErrConflict] with the link to it if it was posted.
func (s *Store) Recap(ctx context.Context, server, id string, now time.Time) (d RecapDraft, link string, err error) {
	if err := checkID("server", server); err != nil {
		return RecapDraft{}, "", err
	}
	if !isRecapID(id) {
		return RecapDraft{}, "", fmt.Errorf("read recap: %w", ErrNotFound)
	}
	var rec recapsRecord
	err = s.driver.View(ctx, func(r Reader) error {
		rec = recapsRecord{}
		return get(r, recapsKey(server), &rec)
	})
	if err == nil {
		d, link, err = rec.find(programOf(id)).current(server, id, now)
	}
	if err != nil {
		return RecapDraft{}, link, fmt.Errorf("read recap: %w", err)
	}
	return d, link, nil
}

// current returns the draft if it has this ID.
func (r recapRecord) current(server, id string, now time.Time) (RecapDraft, string, error) {
	d := r.draft(server)
	switch {
	case r.Last == id:
		return RecapDraft{}, r.Link, fmt.Errorf("was posted: %w", ErrConflict)
	case d.ID != id, d.Begun.IsZero() && now.Sub(d.Created) > DraftRetention:
		return RecapDraft{}, "", ErrNotFound
	}
	return d, "", nil
}

// BeginRecap records that a recap begins to be posted at now: among any number
// of callers exactly one gets first, until somebody ends it. The others get
// the recap as that one left it. Its errors are those of [Store.Recap].
func (s *Store) BeginRecap(ctx context.Context, server, id string, now time.Time) (d RecapDraft, first bool, err error) {
	if err := checkID("server", server); err != nil {
		return RecapDraft{}, false, err
	}
	if !isRecapID(id) {
		return RecapDraft{}, false, fmt.Errorf("begin recap: %w", ErrNotFound)
	}
	err = s.changeRecap(ctx, server, id, func(_ Tx, p recapRecord) (recapRecord, error) {
		first = false
		d, _, err = p.current(server, id, now)
		if err != nil || !d.Begun.IsZero() {
			return p, err
		}
		p.Begun = millis(now)
		d, first = p.draft(server), true
		return p, nil
	})
	if err != nil {
		return RecapDraft{}, false, fmt.Errorf("begin recap: %w", err)
	}
	return d, first, nil
}

// EndRecap records at now what became of a recap that was begun. With a link
// it was posted, and the next one begins where it ended. Without, it was not
// and can be begun again. Ending one that is not there any more, or was begun
// anew since, does nothing.
func (s *Store) EndRecap(ctx context.Context, d RecapDraft, link string, now time.Time) error {
	if err := d.check(); err != nil {
		return err
	}
	if !isRecapID(d.ID) || len(link) > maxShort {
		return invalid("a recap without ID or with too long a link")
	}
	err := s.changeRecap(ctx, d.Server, d.ID, func(_ Tx, p recapRecord) (recapRecord, error) {
		switch {
		case p.ID != d.ID || p.Begun == 0 || p.Begun != millis(d.Begun):
		case link == "":
			p.Begun = 0
		default:
			p = recapRecord{Program: p.Program, Told: p.Until, Posted: millis(now), Link: link, Last: p.ID}
		}
		return p, nil
	})
	if err != nil {
		return fmt.Errorf("end recap: %w", err)
	}
	return nil
}

// changeRecap changes what is kept of the program that an ID belongs to, if
// fn changes it.
func (s *Store) changeRecap(ctx context.Context, server, id string, fn func(Tx, recapRecord) (recapRecord, error)) error {
	return s.driver.Update(ctx, func(tx Tx) error {
		var rec recapsRecord
		if err := get(tx, recapsKey(server), &rec); err != nil {
			return err
		}
		before := rec.find(programOf(id))
		after, err := fn(tx, before)
		if err != nil || cmp.Or(after.ID, after.Last) == "" || after == before {
			return err
		}
		rec.put(after)
		return put(tx, recapsKey(server), rec)
	})
}
