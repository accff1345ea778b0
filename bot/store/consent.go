package store

import (
	"fmt"
	"slices"
)

// Visibility says who may look at a person's progress. It is one choice for
// all servers.
type Visibility int

const (
	// VisibleToAnyone lets the members of the person's servers look.
	VisibleToAnyone Visibility = iota
	// VisibleToManagers lets only those who manage one of the person's
	// servers look.
	VisibleToManagers
	// VisibleToSelf lets nobody else look.
	VisibleToSelf
)

// Choice says how a person's completions are announced in one server.
type Choice int

const (
	// Ask announces when the person presses the button, or a manager
	// announces by hand.
	Ask Choice = iota
	// Always announces by itself.
	Always
	// Never announces nothing, whoever wants it, and keeps the person out
	// of leaderboard and recap.
	Never
)

// Consent is what a person chose, as one server may know it: nothing in it
// tells what was chosen for another server. The zero value is the default.
type Consent struct {
	Visibility Visibility
	Announce   Choice // here
	// NeverAnywhere is Never for every server, above all other choices.
	NeverAnywhere bool
}

// Rank is what somebody who wants to look at a person's progress is to them.
type Rank int

const (
	// Stranger shares no server with the person as far as is known: a
	// direct message, a private channel.
	Stranger Rank = iota
	// Fellow is a member of the same server.
	Fellow
	// Manager manages the same server.
	Manager
	// Self is the person.
	Self
)

// By says who wants an announcement.
type By int

const (
	// ByWatcher is the bot itself, having found a completion.
	ByWatcher By = iota
	// ByManager is a manager, by hand.
	ByManager
	// BySelf is the person, by the button under their own progress.
	BySelf
)

// MayView reports whether somebody of the given rank may see the person's
// progress. othersViewable is the server's own setting; it binds fellow
// members, not those who manage the server.
func (c Consent) MayView(rank Rank, othersViewable bool) bool {
	switch rank {
	case Self:
		return true
	case Manager:
		return c.Visibility == VisibleToAnyone || c.Visibility == VisibleToManagers
	case Fellow:
		return c.Visibility == VisibleToAnyone && othersViewable
	default:
		return false
	}
}

// MayAnnounce reports whether the person's completions may be announced here.
//
// Never, here or anywhere, refuses everybody. Otherwise people announce
// themselves as they like; the bot announces those who chose Always unless
// only they themselves may see their progress; and managers announce those
// who chose Always, or whom every member may look at anyway.
func (c Consent) MayAnnounce(by By) bool {
	if c.refuses() {
		return false
	}
	switch by {
	case BySelf:
		return true
	case ByManager:
		return c.Visibility == VisibleToAnyone || c.Visibility == VisibleToManagers && c.Announce == Always
	case ByWatcher:
		return c.follows()
	default:
		return false
	}
}

// MayOffer reports whether the person's own progress should carry the
// buttons that announce a completion: they are asked only if that is their
// choice, and not if they keep their progress to themselves.
func (c Consent) MayOffer() bool {
	return !c.refuses() && c.Announce == Ask && c.Visibility != VisibleToSelf
}

// TakesPart reports whether the person appears on this server's leaderboard
// and recap.
func (c Consent) TakesPart() bool {
	return !c.refuses() && c.Visibility == VisibleToAnyone
}

// follows reports whether the bot looks for completions to announce here.
func (c Consent) follows() bool {
	return !c.refuses() && c.Announce == Always && c.Visibility != VisibleToSelf
}

// refuses reports whether the person wants nothing announced here.
func (c Consent) refuses() bool { return c.NeverAnywhere || c.Announce == Never }

func (c Consent) check() error {
	if c.Visibility < VisibleToAnyone || c.Visibility > VisibleToSelf {
		return invalid("visibility %d does not exist", c.Visibility)
	}
	if c.Announce < Ask || c.Announce > Never {
		return invalid("choice %d does not exist", c.Announce)
	}
	return nil
}

// String returns the name of the visibility, for logs and for values of
// options and buttons.
func (v Visibility) String() string { return name(visibilityNames(), int(v)) }

// ParseVisibility is the inverse of [Visibility.String].
func ParseVisibility(s string) (Visibility, error) {
	i, err := parseName("visibility", visibilityNames(), s)
	return Visibility(i), err
}

// String returns the name of the choice, for logs and for values of options
// and buttons.
func (c Choice) String() string { return name(choiceNames(), int(c)) }

// ParseChoice is the inverse of [Choice.String].
func ParseChoice(s string) (Choice, error) {
	i, err := parseName("choice", choiceNames(), s)
	return Choice(i), err
}

// String returns a word for logs.
func (b By) String() string { return name([]string{"watcher", "manager", "self"}, int(b)) }

func visibilityNames() []string { return []string{"anyone", "managers", "self"} }
func choiceNames() []string     { return []string{"ask", "always", "never"} }

func name(names []string, i int) string {
	if i < 0 || i >= len(names) {
		return fmt.Sprintf("unknown(%d)", i)
	}
	return names[i]
}

func parseName(what string, names []string, s string) (int, error) {
	i := slices.Index(names, s)
	if i < 0 {
		return 0, invalid("%s %q does not exist", what, s)
	}
	return i, nil
}
