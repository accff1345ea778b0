package commands

import (
	"errors"

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

// panicError is what became of a handler that panicked.
type panicError struct {
	value any
	stack []byte
}

// Error implements error.
func (e *panicError) Error() string { return "handler panicked" }
