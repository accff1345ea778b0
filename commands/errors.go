package commands

import "errors"

var (
	// ErrInteractionGone: Discord does not know the interaction (any more).
	ErrInteractionGone = errors.New("interaction is gone")
	// ErrAlreadyAnswered: the interaction has had its first answer.
	ErrAlreadyAnswered = errors.New("interaction was already answered")
)
