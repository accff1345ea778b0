package store

import (
	"strconv"
	"time"
	"unicode/utf8"

	"progressbot/progressapi"
)

// Kind says what an entry of the ledger is about.
type Kind int

const (
	// Completion is the announcement of a completed program.
	Completion Kind = iota
	// Milestone is the announcement of a step on the way there.
	Milestone
	// RoleGrant is the grant of a reward role.
	RoleGrant
)

// String returns a word for logs and metrics.
func (k Kind) String() string { return name([]string{"completion", "milestone", "role"}, int(k)) }

// EntryKey names one thing that happens once: there is at most one [Entry]
// for it.
type EntryKey struct {
	Server  string
	Person  string
	Program string
	Kind    Kind
	Percent int    // the milestone, 1..99; 0 otherwise
	Role    string // the role; "" otherwise
}

func (k EntryKey) check() error {
	if err := checkIDs(k.Server, k.Person); err != nil {
		return err
	}
	if err := checkProgram(k.Program); err != nil {
		return err
	}
	if (k.Kind == Milestone) != (k.Percent != 0) || k.Percent < 0 || k.Percent > 99 {
		return invalid("%v with milestone %d", k.Kind, k.Percent)
	}
	if (k.Kind == RoleGrant) != (k.Role != "") || k.Kind < Completion || k.Kind > RoleGrant {
		return invalid("%v with a role", k.Kind)
	}
	if k.Role != "" {
		return checkID("role", k.Role)
	}
	return nil
}

// String returns the key of the entry's record.
func (k EntryKey) String() string {
	what := "completion"
	switch k.Kind {
	case Milestone:
		what = "milestone" + strconv.Itoa(k.Percent)
	case RoleGrant:
		what = "role" + k.Role
	}
	return entryPrefix(k.Server, k.Person) + KeyOf(k.Program).String() + ":" + what
}

// State is where an entry stands.
type State int

const (
	// Pending: nothing was sent, and work can begin.
	Pending State = iota
	// Posting: an attempt began and may or may not have reached Discord.
	Posting
	// Waiting: nothing was sent, and somebody has to fix something first.
	Waiting
	// Sent: done. Final.
	Sent
	// Expired: waited too long; nothing was sent. Final.
	Expired
	// Refused: must not be sent any more; nothing was. Final.
	Refused
)

// String returns a word for logs and metrics.
func (s State) String() string {
	return name([]string{"pending", "posting", "waiting", "sent", "expired", "refused"}, int(s))
}

// Open reports whether work remains.
func (s State) Open() bool { return s == Pending || s == Posting || s == Waiting }

// waits reports whether somebody has to fix something before work on the
// entry can go on: before anything is sent, or, of an attempt that may have
// been, before it can be found out.
func (e Entry) waits() bool { return e.State == Waiting || e.State == Posting && e.Told }

// Entry is one line of the ledger. Its key, By, Facts, Note and Created are
// fixed when it is added; the rest is how far it got.
type Entry struct {
	EntryKey
	By      By
	Facts   Facts
	Note    string    // what a manager wrote to go with it
	Created time.Time // when it was added

	State   State
	Changed time.Time // when State was reached
	Due     time.Time // when to work on it next, while it is open
	Attempt int       // attempts begun, the one of Posting included
	// Nonce goes with the post so that Discord drops a repetition of it,
	// Mark is the short id that the post shows and by which it is found
	// again. Entries of one post share both.
	Nonce   string
	Mark    string
	Channel string // where it was posted or is being posted
	Message string // the post, once Sent; "" for a role
	Reason  string // why it waits, or last waited, expired or was refused: a word for code, not for people
	Told    bool   // the managers were told that it waits, or an attempt of it

	revision int64
}

// reasonDeclined is the [Entry.Reason] of what [Store.Decline] refused.
const reasonDeclined = "declined"

// Declined reports whether the person was asked and said no.
func (e Entry) Declined() bool { return e.State == Refused && e.Reason == reasonDeclined }

// Bars reports whether the person's no keeps by from announcing it.
func (e Entry) Bars(by By) bool { return e.Declined() && by == ByManager }

// Facts are what an announcement tells, as they were when the entry was
// added. The texts come from outside and are hostile until escaped.
type Facts struct {
	Name      string // of the program
	Image     string
	Reward    string // its name
	Collected int
	Size      int
}

// FactsOf returns what an announcement tells of a program, within the bounds
// of what is stored, so that what is shown before looks the same.
func FactsOf(p progressapi.Program) Facts {
	f := Facts{Name: p.Name, Image: p.Image, Size: p.Size}
	if p.CountTold {
		f.Collected = p.Collected
	}
	if p.Reward != nil {
		f.Reward = p.Reward.Name
	}
	return f.bounded()
}

// bounded cuts texts that are too long. The URL of an image would be another
// one then, so there is none instead.
func (f Facts) bounded() Facts {
	f.Name, f.Reward = cut(f.Name, maxFact), cut(f.Reward, maxFact)
	if len(f.Image) > maxFact {
		f.Image = ""
	}
	return f
}

// Bounds of an [Entry], in bytes. Texts of [Facts] beyond theirs are cut, and
// an image is left out.
const (
	MaxNote  = 4000
	maxFact  = 2048
	maxShort = 200 // Nonce, Mark, Reason
)

func (e Entry) check() error {
	if err := e.EntryKey.check(); err != nil {
		return err
	}
	if e.By < ByWatcher || e.By > BySelf {
		return invalid("an announcement by %v", e.By)
	}
	if e.Created.IsZero() {
		return invalid("an entry without a time")
	}
	if len(e.Note) > MaxNote {
		return invalid("a note of %d bytes, at most %d are kept", len(e.Note), MaxNote)
	}
	return nil
}

// checkProgress says whether the fields fit the state.
func (e Entry) checkProgress() error {
	post := e.Kind != RoleGrant
	switch {
	case e.State < Pending || e.State > Refused:
		return invalid("state %d does not exist", e.State)
	case e.Changed.IsZero():
		return invalid("a change without a time")
	case len(e.Nonce) > maxShort, len(e.Mark) > maxShort, len(e.Reason) > maxShort:
		return invalid("nonce, mark or reason is longer than %d bytes", maxShort)
	case e.State == Posting && e.Attempt < 1:
		return invalid("posting without an attempt")
	case post && e.State == Posting && (e.Nonce == "" || e.Mark == "" || e.Channel == ""):
		return invalid("posting without nonce, mark or channel")
	case post && e.State == Sent && (e.Channel == "" || e.Message == ""):
		return invalid("sent without channel or message")
	}
	return nil
}

// mayBecome reports whether an entry can go from one state to another.
// Staying in an open state is allowed: another attempt, another reason.
// Nothing is sent without having been posting, and what is final stays.
func (s State) mayBecome(next State) bool {
	if !s.Open() {
		return false
	}
	return next != Sent || s == Posting
}

// entryRecord is the stored form of an [Entry].
type entryRecord struct {
	Server   string `json:"server"`
	Person   string `json:"person"`
	Program  raw    `json:"program"`
	Kind     Kind   `json:"kind,omitempty"`
	Percent  int    `json:"percent,omitempty"`
	Role     string `json:"role,omitempty"`
	By       By     `json:"by,omitempty"`
	Name     raw    `json:"name,omitempty"`
	Image    raw    `json:"image,omitempty"`
	Reward   raw    `json:"reward,omitempty"`
	Count    int    `json:"count,omitempty"`
	Size     int    `json:"size,omitempty"`
	Note     raw    `json:"note,omitempty"`
	Created  int64  `json:"created"`
	State    State  `json:"state"`
	Changed  int64  `json:"changed,omitempty"`
	Due      int64  `json:"due,omitempty"`
	Attempt  int    `json:"attempt,omitempty"`
	Nonce    string `json:"nonce,omitempty"`
	Mark     string `json:"mark,omitempty"`
	Channel  string `json:"channel,omitempty"`
	Message  string `json:"message,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Told     bool   `json:"told,omitempty"`
	Revision int64  `json:"revision"`
}

func (e Entry) record() entryRecord {
	facts := e.Facts.bounded()
	return entryRecord{
		Server: e.Server, Person: e.Person, Program: raw(e.Program),
		Kind: e.Kind, Percent: e.Percent, Role: e.Role, By: e.By,
		Name: raw(facts.Name), Image: raw(facts.Image), Reward: raw(facts.Reward),
		Count: facts.Collected, Size: facts.Size,
		Note: raw(e.Note), Created: millis(e.Created),
		State: e.State, Changed: millis(e.Changed), Due: millis(e.Due), Attempt: e.Attempt,
		Nonce: e.Nonce, Mark: e.Mark, Channel: e.Channel, Message: e.Message,
		Reason: e.Reason, Told: e.Told, Revision: e.revision,
	}
}

func (r entryRecord) entry() Entry {
	return Entry{
		EntryKey: EntryKey{
			Server: r.Server, Person: r.Person, Program: string(r.Program),
			Kind: r.Kind, Percent: r.Percent, Role: r.Role,
		},
		By:    r.By,
		Facts: Facts{Name: string(r.Name), Image: string(r.Image), Reward: string(r.Reward), Collected: r.Count, Size: r.Size},
		Note:  string(r.Note), Created: fromMillis(r.Created),
		State: r.State, Changed: fromMillis(r.Changed), Due: fromMillis(r.Due), Attempt: r.Attempt,
		Nonce: r.Nonce, Mark: r.Mark, Channel: r.Channel, Message: r.Message,
		Reason: r.Reason, Told: r.Told, revision: r.Revision,
	}
}

// decodeEntry reads the record of an entry; found is false if there is none.
func decodeEntry(key string, data []byte) (e Entry, found bool, err error) {
	if data == nil {
		return Entry{}, false, nil
	}
	var rec entryRecord
	if err := decode(key, data, &rec); err != nil {
		return Entry{}, false, err
	}
	e = rec.entry()
	if e.String() != key {
		return Entry{}, false, damaged(key, "it belongs to another key")
	}
	return e, true, nil
}

// cut returns s without what is beyond limit bytes, whole characters only.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
