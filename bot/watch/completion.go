package watch

import (
	"context"
	"time"

	"progressbot/bot/store"
)

// Completion says that a person got ahead in one program since it was last
// looked at: completed it, or passed milestones on the way.
type Completion struct {
	Program string // its id, 1 to 4096 bytes of anything
	// Milestones are those that were passed, in percent, ascending; nil if
	// the program is complete.
	Milestones []int
	// Facts are what the answer tells of the program. Its texts are hostile
	// until escaped.
	Facts store.Facts
}

// Complete reports whether the program is complete.
func (c Completion) Complete() bool { return len(c.Milestones) == 0 }

// Found is what one look at a person found.
type Found struct {
	Person string
	// Servers are those in which the person chose to have completions
	// announced, as the look began. Whether that still holds, and whether the
	// server announces such things at all, is the sink's to check.
	Servers []string
	// Completions are at least one, each of another program, in the order of
	// the answer.
	Completions []Completion
	At          time.Time // when the API gave the answer
}

// Sink takes over what was found.
type Sink interface {
	// Take makes sure of what was found before it returns, or lets go of it
	// because nobody wants it. The same may be found again after a crash or
	// an error, in any process, so taking it again must change nothing. An
	// error says that some of it may be lost: it is found again later.
	Take(ctx context.Context, f Found) error
}
