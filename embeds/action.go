package embeds

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Action is what a button or a menu asks for. It is the component's custom
// ID, so that it outlives a restart: nothing is kept anywhere else.
type Action struct {
	// Name says what to do: up to 16 of a-z, 0-9, "." and "-".
	Name string
	// Owner is who may do it, by Discord user ID; "" for anybody. Person is
	// whose progress it is about, the owner's own if left out.
	Owner  string
	Person string
	// Page is a page of the overview, from 0, at most [MaxPage].
	Page int
	// Program is a [ProgramRef], or "".
	Program string
}

// The actions of this package's own components. The four of a pager all ask
// for the overview at [Action.Page]; their names differ because a message
// must not hold two components of one custom ID. ActionOpen sits on a menu
// whose values are program references; [Action.Page] is then the page the
// menu is on, to go back to.
const (
	ActionFirst   = "first"
	ActionPrev    = "prev"
	ActionNext    = "next"
	ActionLast    = "last"
	ActionOpen    = "open"
	ActionRefresh = "refresh" // the overview anew, at Page
	ActionShare   = "share"   // the overview for everyone, at Page
	ActionBack    = "back"    // from a collection to the overview, at Page

	ActionRefreshOne = "refresh-one" // the collection anew; Page is for Back
	ActionShareOne   = "share-one"   // the collection for everyone

	ActionRetry      = "retry"       // the overview again after a problem, at Page
	ActionRetryOne   = "retry-one"   // the collection again after a problem
	ActionRetryTyped = "retry-typed" // the same; [Action.Program] is what somebody typed
)

// MaxPage is the highest page that an [Action] can name.
const MaxPage = 99_999

const (
	actionVersion = "p1"
	maxActionName = 16
	maxSnowflake  = 20 // digits
)

var (
	// ErrForeignAction: the custom ID is not one of an [Action], or damaged.
	ErrForeignAction = errors.New("not an action's custom id")
	// ErrActionVersion: the custom ID is an [Action]'s of another version of
	// the bot; the message it is on has to be made anew.
	ErrActionVersion = errors.New("an action of another version")
)

// Encode returns the custom ID, at most 100 characters. What cannot be part
// of one is left out of it: a name, an ID or a reference out of its bounds
// becomes "", a page the nearest one there is.
func (a Action) Encode() string {
	person := a.Person
	if person == a.Owner {
		person = ""
	}
	b := make([]byte, 0, LimitCustomID)
	b = append(b, actionVersion...)
	b = appendPart(b, a.Name, isActionName)
	b = appendPart(b, a.Owner, isSnowflake)
	b = appendPart(b, person, isSnowflake)
	b = append(b, ':')
	if page := min(max(a.Page, 0), MaxPage); page > 0 {
		b = strconv.AppendInt(b, int64(page), 10)
	}
	b = appendPart(b, a.Program, isRef)
	return string(b)
}

func appendPart(b []byte, part string, valid func(string) bool) []byte {
	b = append(b, ':')
	if valid(part) {
		b = append(b, part...)
	}
	return b
}

// ParseAction reads a custom ID. Its errors match [ErrForeignAction] or
// [ErrActionVersion] and never hold the ID, which anybody may have sent. Of
// another version's the name is returned, if it is where this one has it.
func ParseAction(customID string) (Action, error) {
	version, rest, ok := strings.Cut(customID, ":")
	if !ok || len(customID) > LimitCustomID || !isVersion(version) {
		return Action{}, ErrForeignAction
	}
	if version != actionVersion {
		name, _, _ := strings.Cut(rest, ":")
		if !isActionName(name) {
			name = ""
		}
		return Action{Name: name}, ErrActionVersion
	}
	var parts [5]string
	for i := range parts {
		if parts[i], rest, ok = strings.Cut(rest, ":"); ok != (i < len(parts)-1) {
			return Action{}, fmt.Errorf("%w: wrong number of parts", ErrForeignAction)
		}
	}
	a := Action{Name: parts[0], Owner: parts[1], Person: parts[2], Program: parts[4]}
	if !isActionName(a.Name) || a.Owner != "" && !isSnowflake(a.Owner) ||
		a.Person != "" && !isSnowflake(a.Person) || a.Program != "" && !isRef(a.Program) {
		return Action{}, fmt.Errorf("%w: a part is out of bounds", ErrForeignAction)
	}
	if a.Page, ok = parsePage(parts[3]); !ok {
		return Action{}, fmt.Errorf("%w: the page is out of bounds", ErrForeignAction)
	}
	if a.Person == "" {
		a.Person = a.Owner
	}
	return a, nil
}

// parsePage reads a page as Encode writes it: "" for 0, no sign, no zeros
// in front.
func parsePage(s string) (int, bool) {
	if s == "" {
		return 0, true
	}
	page, err := strconv.Atoi(s)
	return page, err == nil && page > 0 && page <= MaxPage && s[0] != '+' && s[0] != '0'
}

func isVersion(s string) bool {
	return len(s) >= 2 && len(s) <= 4 && s[0] == 'p' && all(s[1:], isDigit)
}

func isActionName(s string) bool {
	return len(s) >= 1 && len(s) <= maxActionName && all(s, func(c byte) bool {
		return isDigit(c) || c >= 'a' && c <= 'z' || c == '.' || c == '-'
	})
}

func isSnowflake(s string) bool {
	return len(s) >= 1 && len(s) <= maxSnowflake && all(s, isDigit)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func all(s string, is func(byte) bool) bool {
	for i := range len(s) {
		if !is(s[i]) {
			return false
		}
	}
	return true
}
