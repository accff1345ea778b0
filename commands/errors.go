package commands

import (
	"errors"

	"progressbot/bot/store"
	"progressbot/embeds"
)

var (
	// ErrInteractionGone: Discord does not know the interaction (any more).
	ErrInteractionGone = errors.New("interaction is gone")
	// ErrAlreadyAnswered: the interaction has had its first answer.
	ErrAlreadyAnswered = errors.New("interaction was already answered")
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
type storeError struct{ err error }

// stored judges what the store returned: nil ends the store's fault if there
// was one, and a failure becomes a [storeError] unless it is the caller's own.
func (d Deps) stored(err error) error {
	switch {
	case err == nil:
		d.Faults.remembered(d.Now())
		return nil
	case errors.Is(err, store.ErrInvalid):
		return err
	default:
		return &storeError{err}
	}
}

// Error implements error.
func (e *storeError) Error() string { return "store: " + e.err.Error() }

// Unwrap returns what failed.
func (e *storeError) Unwrap() error { return e.err }

// panicError is what became of a handler that panicked.
type panicError struct {
	value any
	stack []byte
}

// Error implements error.
func (e *panicError) Error() string { return "handler panicked" }
