package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// StandingRetention is how long a person stays on a server's leaderboard
// without using the bot there.
const StandingRetention = 180 * 24 * time.Hour

// MaxStandings bounds the programs that are kept for one person in one
// server; the furthest ones are.
const MaxStandings = 500

// maxName bounds the name of a program in a standing, in bytes.
const maxName = 200

// Standing is how far a person is in a program.
type Standing struct {
	Program   string
	Name      string // hostile until escaped
	Collected int
	Size      int // 0 if it is not known how many of it were collected
	Percent   int
	Complete  bool
}

// points orders standings in one program: who completed it, then the
// percentage, then the count.
func (s Standing) points() int64 {
	points := int64(max(0, min(s.Percent, 100)))<<32 | clampUint(s.Collected)
	if s.Complete {
		points = 1<<40 | clampUint(s.Collected)
	}
	return points
}

// started reports whether there is anything to show.
func (s Standing) started() bool { return s.Complete || s.Collected > 0 || s.Percent > 0 }

// Sighting is what a person's own use of the bot in a server showed.
type Sighting struct {
	Server   string
	Person   string
	At       time.Time // when the progress API told it
	Programs []Standing
	// Whole says that these are all of the person's programs: what is known
	// of others is dropped.
	Whole bool
}

// Record stores what a sighting showed for leaderboard and recap, if the
// person takes part there. A sighting older than what is known changes
// nothing. A completion enters the recap only if it happened since the bot
// first saw the program here, or first saw all of the person's programs.
//
// It returns [ErrForgotten] if the API told it before the person
// was forgotten.
func (s *Store) Record(ctx context.Context, sight Sighting) error {
	if err := sight.check(); err != nil {
		return err
	}
	if err := s.driver.Update(ctx, func(tx Tx) error { return record(tx, sight) }); err != nil {
		return fmt.Errorf("record standing: %w", err)
	}
	return nil
}

func (s Sighting) check() error {
	if err := checkIDs(s.Server, s.Person); err != nil {
		return err
	}
	if s.At.IsZero() {
		return invalid("a sighting without a time")
	}
	for _, p := range s.Programs {
		if err := checkProgram(p.Program); err != nil {
			return err
		}
	}
	return nil
}

func record(tx Tx, sight Sighting) error {
	p, err := beginPerson(tx, sight.Person, sight.At)
	if err != nil {
		return err
	}
	old, known, err := readStanding(tx, sight.Server, sight.Person)
	if err != nil || !p.rec.in(sight.Server).TakesPart() || millis(sight.At) < old.At {
		return err
	}
	next := merge(old, sight)
	if known && !old.differs(next) {
		return nil
	}
	if err := p.enter(sight.Server); err != nil {
		return err
	}
	before := old.byProgram()
	for _, s := range sight.Programs {
		was, seen := before[s.Program]
		if s.Complete && !was.Complete && (seen || old.Whole) {
			if err := noteCompletion(tx, sight.completed(s)); err != nil {
				return err
			}
		}
	}
	return writeStanding(tx, sight.Server, sight.Person, old, next)
}

func (s Sighting) completed(p Standing) Completed {
	return Completed{Server: s.Server, Person: s.Person, Program: p.Program, Name: p.Name, Size: p.Size, At: s.At}
}

// standingRecord is what is stored of a person in a server.
type standingRecord struct {
	At       int64             `json:"at"`
	Whole    bool              `json:"whole,omitempty"` // all programs were seen once
	Programs []programStanding `json:"programs,omitempty"`
}

type programStanding struct {
	Program   raw  `json:"id"`
	Name      raw  `json:"name,omitempty"`
	Collected int  `json:"count,omitempty"`
	Size      int  `json:"size,omitempty"`
	Percent   int  `json:"percent,omitempty"`
	Complete  bool `json:"complete,omitempty"`
}

func (p programStanding) standing() Standing {
	return Standing{
		Program: string(p.Program), Name: string(p.Name),
		Collected: p.Collected, Size: p.Size, Percent: p.Percent, Complete: p.Complete,
	}
}

func (r standingRecord) byProgram() map[string]Standing {
	out := make(map[string]Standing, len(r.Programs))
	for _, p := range r.Programs {
		out[string(p.Program)] = p.standing()
	}
	return out
}

// sightingStep is how much later a sighting that shows nothing new must be
// to be written: enough to tell who is still around.
const sightingStep = 24 * time.Hour

// differs reports whether next is worth writing.
func (r standingRecord) differs(next standingRecord) bool {
	return !slices.Equal(r.Programs, next.Programs) || r.Whole != next.Whole || next.At-r.At >= sightingStep.Milliseconds()
}

// overall orders people over all programs: how many they completed, then
// how many cards they have.
func (r standingRecord) overall() (points int64, completed, collected int) {
	for _, p := range r.Programs {
		if p.Complete {
			completed++
		}
		collected += int(clampUint(p.Collected))
	}
	return int64(completed)<<32 | clampUint(collected), completed, collected
}

// merge returns what is known after a sighting.
func merge(old standingRecord, sight Sighting) standingRecord {
	next := standingRecord{At: millis(sight.At), Whole: old.Whole || sight.Whole}
	seen := make(map[string]bool, len(sight.Programs))
	for _, p := range sight.Programs {
		if seen[p.Program] {
			continue
		}
		seen[p.Program] = true
		if p.started() {
			next.Programs = append(next.Programs, programStanding{
				Program: raw(p.Program), Name: raw(cut(p.Name, maxName)),
				Collected: max(0, p.Collected), Size: max(0, p.Size), Percent: max(0, min(p.Percent, 100)), Complete: p.Complete,
			})
		}
	}
	for _, p := range old.Programs {
		if !sight.Whole && !seen[string(p.Program)] {
			next.Programs = append(next.Programs, p)
		}
	}
	slices.SortFunc(next.Programs, func(a, b programStanding) int {
		return cmp.Or(cmp.Compare(b.standing().points(), a.standing().points()), cmp.Compare(a.Program, b.Program))
	})
	next.Programs = next.Programs[:min(len(next.Programs), MaxStandings)]
	return next
}

func readStanding(r Reader, server, person string) (rec standingRecord, found bool, err error) {
	key := standingKey(server, person)
	got, err := r.Get(key)
	if err != nil {
		return rec, false, err
	}
	return rec, got[0] != nil, decode(key, got[0], &rec)
}

// writeStanding stores a standing and brings the boards in step with it.
// Scores on boards are negative, so that the best come first.
func writeStanding(tx Tx, server, person string, old, next standingRecord) error {
	key := standingKey(server, person)
	before, after := old.byProgram(), next.byProgram()
	for _, p := range old.Programs {
		if _, kept := after[string(p.Program)]; !kept {
			tx.SetDelete(programBoard(server, KeyOf(string(p.Program))), person)
		}
	}
	for _, p := range next.Programs {
		points := p.standing().points()
		if was, known := before[string(p.Program)]; !known || was.points() != points {
			tx.SetPut(programBoard(server, KeyOf(string(p.Program))), person, -points)
		}
	}
	if points, _, _ := next.overall(); len(next.Programs) > 0 {
		tx.SetPut(overallBoard(server), person, -points)
	} else {
		tx.SetDelete(overallBoard(server), person)
	}
	tx.SetPut(expirySet, key, next.At+StandingRetention.Milliseconds())
	return put(tx, key, next)
}

// dropStandings deletes what is stored of the person for the leaderboards of
// servers. It returns how many standings there were.
func dropStandings(tx Tx, person string, servers ...string) (int, error) {
	if len(servers) == 0 {
		return 0, nil
	}
	keys := make([]string, len(servers))
	for i, server := range servers {
		keys[i] = standingKey(server, person)
	}
	got, err := tx.Get(keys...)
	if err != nil {
		return 0, err
	}
	n := 0
	for i, server := range servers {
		if got[i] == nil {
			continue
		}
		var rec standingRecord
		if err := decode(keys[i], got[i], &rec); err != nil {
			return 0, err
		}
		for _, p := range rec.Programs {
			tx.SetDelete(programBoard(server, KeyOf(string(p.Program))), person)
		}
		tx.SetDelete(overallBoard(server), person)
		tx.SetDelete(expirySet, keys[i])
		tx.Delete(keys[i])
		n++
	}
	return n, nil
}
