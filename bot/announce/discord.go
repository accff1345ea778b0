package announce

import (
	"context"
	"errors"
	"time"

	"progressbot/embeds"
)

// PageSize is how many messages a page of a channel's history has.
const PageSize = 100

// Poster posts to channels and reads them. Its errors are [*Failure]s; an
// error that is none counts as one whose outcome is not known.
type Poster interface {
	// Place tells what the bot finds where it is to post. It asks Discord
	// each time: whether a history may be trusted depends on it. It fails
	// with [NoServer] if the bot is not in the server, with [NotFound] if
	// the server has no such channel (any more) and with [NotAllowed] if
	// the bot cannot see it; with the last two it still tells the server's
	// name and language.
	Place(ctx context.Context, server, channel string) (Place, error)

	// Post sends a message with its nonce, which Discord is to enforce, and
	// returns the message's ID. A request whose outcome is not known is not
	// repeated.
	Post(ctx context.Context, channel string, p Post) (message string, err error)

	// History returns up to [PageSize] messages of a channel that come after
	// an ID, oldest first; fewer mean that there are no more.
	History(ctx context.Context, channel, after string) ([]Posted, error)
}

// Members looks members up and gives them roles. Its errors are like those
// of a [Poster].
type Members interface {
	// Member looks a member up. It fails with [NoMember] if there is no
	// such member (any more) and with [NoServer] if the bot is not in the
	// server.
	Member(ctx context.Context, server, person string) (Member, error)

	// AddRole gives a member a role. Giving it again changes nothing. It
	// fails with [NotFound] if there is no such role and with [NotAllowed]
	// or [NotAccepted] if the bot may not give it.
	AddRole(ctx context.Context, server, person, role string) error
}

// Managers reaches those who manage a server.
type Managers interface {
	// Tell sends them a message.
	Tell(ctx context.Context, server string, m embeds.Message) error
}

// Place is a channel as the bot finds it.
type Place struct {
	Server      string // the server's name
	Locale      string // the server's language, a Discord locale
	Permissions int64  // what the bot may do in the channel, in Discord's bits
}

// Post is a message to send.
type Post struct {
	embeds.Message
	Nonce string
	// Ping is the member to notify, "" for nobody.
	Ping string
}

// Posted is a message of a channel's history.
type Posted struct {
	ID  string
	Own bool // by the bot itself
	// Footers are those of its embeds.
	Footers []string
}

// Member is a member of a server.
type Member struct {
	Name string // the one shown in the server
}

// Cause says what is known of a call to Discord that failed.
type Cause int

// The causes there are.
const (
	// Unknown: it may have been carried out.
	Unknown Cause = iota
	// NotSent: it was not carried out and can be tried again.
	NotSent
	// NotAllowed: the bot lacks a permission or cannot see the channel.
	NotAllowed
	// NotFound: what it is about is gone.
	NotFound
	// NotAccepted: Discord refuses what was sent.
	NotAccepted
	// NoMember: the person is not a member.
	NoMember
	// NoServer: the bot is not in the server.
	NoServer
)

// Failure is the error of a call to Discord.
type Failure struct {
	Cause Cause
	// RetryAfter is how long Discord asks to wait, 0 if it does not.
	RetryAfter time.Duration
	Err        error
}

// Error implements error.
func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns what is behind it.
func (f *Failure) Unwrap() error { return f.Err }

// failureOf sorts an error of a call to Discord.
func failureOf(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	return &Failure{Cause: Unknown, Err: err}
}
