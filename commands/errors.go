package commands

import (
	"errors"
	"fmt"
	"runtime/debug"

	"progressbot/bot/store"
	"progressbot/embeds"
)

var (
	// ErrInteractionGone: Discord does not know the interaction (any more).
	ErrInteractionGone = errors.New("interaction is gone")
	// ErrAlreadyAnswered: the interaction has had its first answer.
	ErrAlreadyAnswered = errors.New("interaction was already answered")
	// ErrRejected: Discord does not take this answer for what is in it. It had
	// no effect, and another one can take its place.
	ErrRejected = errors.New("the answer was rejected")
	// ErrNoChannel: the channel is gone, or it is none of this server.
	ErrNoChannel = errors.New("no such channel in the server")
	// ErrNoMember: the person has left the server, or never was in it.
	ErrNoMember = errors.New("no such member of the server")
)

var (
	errUnknown    = errors.New("no such command, button or menu (any more)")
	errNoRoom     = errors.New("all workers are busy")
	errOverdue    = errors.New("the handler did not heed its deadline")
	errLateModal  = errors.New("a modal cannot follow an acknowledgement")
	errEmptyReply = errors.New("the handler returned an empty reply")
)

// refusal is a no that is nobody's fault: not allowed, not there, not yet. It
// holds what the person is to be told.
type refusal struct{ problem embeds.ProblemView }

func refuse(p embeds.ProblemView) error { return &refusal{p} }

// Error implements error.
func (e *refusal) Error() string { return "refused" }

// retryable is a failure with the button that tries again.
type retryable struct {
	err   error
	again embeds.Action
}

// Error implements error.
func (e *retryable) Error() string { return e.err.Error() }

// Unwrap returns why the first try failed.
func (e *retryable) Unwrap() error { return e.err }

// storeError is a failure of the bot's own store.
type storeError struct {
	err error
	// unsaved says that something was to be stored.
	unsaved bool
}

// stored judges what the store returned for a read: nil ends the store's
// fault if there was one, and a failure becomes a [storeError] unless it is
// the caller's own, or everything is as it should be and the answer is no.
func (d Deps) stored(err error) error { return d.judgeStore(err, false) }

// saved is [Deps.stored] for a change.
func (d Deps) saved(err error) error { return d.judgeStore(err, true) }

func (d Deps) judgeStore(err error, unsaved bool) error {
	if _, refused := errors.AsType[*refusal](err); refused {
		return err
	}
	switch {
	case err == nil:
		d.Faults.remembered(d.Now())
		return nil
	case errors.Is(err, store.ErrForgetting):
		return refuse(embeds.ProblemView{Kind: embeds.BeingDeleted})
	case errors.Is(err, store.ErrInvalid), errors.Is(err, store.ErrFull):
		return err
	default:
		return &storeError{err, unsaved}
	}
}

// Error implements error.
func (e *storeError) Error() string { return "store: " + e.err.Error() }

// Unwrap returns what failed.
func (e *storeError) Unwrap() error { return e.err }

// told is a failure that the handler has put into words itself, because it
// knows what else has to be in them. The rest of an error's way is the same.
type told struct {
	err   error
	reply Reply
}

// Error implements error.
func (e *told) Error() string { return e.err.Error() }

// Unwrap returns what failed.
func (e *told) Unwrap() error { return e.err }

// guard calls f and turns a panic into an error. In a goroutine of its own a
// panic would end the process.
func guard(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{value: v, stack: debug.Stack()}
		}
	}()
	return f()
}

// panicError is what became of something that panicked; see [guard].
type panicError struct {
	value any
	stack []byte
}

// Error implements error.
func (e *panicError) Error() string { return fmt.Sprintf("panicked: %v", e.value) }
