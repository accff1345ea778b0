package commands

import (
	"context"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds"
)

// Reply is a handler's whole answer: exactly one of a message, a modal or
// choices.
type Reply struct {
	embeds.Message
	// Private shows the message to the asker only (ephemeral).
	Private bool
	// Update replaces the message the component sits on instead of sending
	// a new one.
	Update bool

	Modal   *Modal
	Choices []*discordgo.ApplicationCommandOptionChoice // Autocomplete only; nil is an empty list
	// Mention lists the user IDs that the message may ping. Nobody else is
	// ever pinged.
	Mention []string
}

// Modal asks the person for text.
type Modal struct {
	CustomID   string
	Title      string
	Components []discordgo.MessageComponent
}

// Deferral says how to acknowledge an interaction whose answer takes longer.
type Deferral struct {
	Private bool // the coming message is for the asker only; cannot change later
	Update  bool // the coming answer updates the component's message: no "thinking…" state
}

// Responder carries the answer to one interaction back to Discord. The
// router calls Respond once, or Defer once and then Complete once.
//
// Errors: [ErrInteractionGone] when Discord no longer knows the interaction
// (too late), [ErrAlreadyAnswered] when it was answered before; anything else
// is a transport failure that was already retried within ctx.
type Responder interface {
	Respond(ctx context.Context, r Reply) error
	Defer(ctx context.Context, d Deferral) error
	// Complete replaces the acknowledgement by the answer. A private reply
	// to a public deferral deletes the public "thinking…" and follows up
	// privately.
	Complete(ctx context.Context, r Reply) error
}
