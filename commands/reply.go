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

// empty reports whether there is nothing to send.
func (r *Reply) empty() bool {
	return r.Modal == nil && r.Choices == nil &&
		r.Content == "" && len(r.Embeds) == 0 && len(r.Components) == 0 && len(r.Files) == 0
}

// Responder carries the answer to one interaction back to Discord. The
// router calls Respond once, or Defer once and then Complete once, Complete
// also when Defer failed and nobody knows whether Discord had it.
//
// Errors: [ErrInteractionGone] when Discord no longer knows the interaction
// (too late), [ErrAlreadyAnswered] when it was answered before by somebody
// else, [ErrRejected] when Discord does not take this reply, whereupon the same
// method is called once more with another; anything else is a transport
// failure that was already retried within ctx. A retry that finds the interaction answered found its own first try.
// No error holds the interaction's token.
type Responder interface {
	// Respond sends r as the first answer: an update of the message that
	// the component sits on if r.Update, a new message otherwise; a modal;
	// or, to an Autocomplete, r.Choices, of which nil is an empty list.
	Respond(ctx context.Context, r Reply) error

	// Defer acknowledges: by an update that is still to come, which people
	// do not see, if d.Update, else by a visible "thinking…" that becomes
	// the message. Only components, and modals opened from one, get
	// updates.
	Defer(ctx context.Context, d Deferral) error

	// Complete sends the answer after Defer. What becomes of the
	// acknowledgement depends on both:
	//
	//   - update deferred, r.Update: the component's message changes to r.
	//   - update deferred, not r.Update: the component's message stays as it
	//     is, r follows up as a new message, private or not as r says.
	//   - message deferred privately: "thinking…" becomes r, which stays
	//     private whatever r says.
	//   - message deferred publicly, r not private: "thinking…" becomes r.
	//   - message deferred publicly, r private: "thinking…" is deleted and r
	//     follows up privately.
	Complete(ctx context.Context, r Reply) error
}
