package commandstest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"progressbot/commands"
)

// How long Discord waits for a first answer and lets the answer be changed.
const (
	firstAnswerWithin = 3 * time.Second
	tokenLife         = 15 * time.Minute
)

// Op is what a [commands.Responder] was asked to do.
type Op string

// The three of them.
const (
	Respond  Op = "respond"
	Defer    Op = "defer"
	Complete Op = "complete"
)

// Call is one call of a [commands.Responder].
type Call struct {
	Op       Op
	Reply    commands.Reply    // Respond and Complete
	Deferral commands.Deferral // Defer
	At       time.Duration     // after the request was received
	Err      error             // what it returned
}

// Recorder is the Discord end of one interaction.
type Recorder struct {
	// Fail, if set, is asked before a call is looked at; what it returns is
	// returned and nothing happens. It stands for a transport that fails.
	Fail func(ctx context.Context, op Op) error
	// Unsure, if set, is asked after a call has happened; what it returns
	// is returned although it did. It stands for an answer that was lost.
	Unsure func(op Op) error
	// Latency is how long every call takes.
	Latency time.Duration

	request commands.Request

	mu       sync.Mutex
	calls    []Call
	answered bool
	deferral *commands.Deferral
	complete bool
	seen     *commands.Reply
}

// New returns the Discord end of r.
func New(r commands.Request) *Recorder { return &Recorder{request: r} }

var _ commands.Responder = (*Recorder)(nil)

// Respond implements [commands.Responder].
func (d *Recorder) Respond(ctx context.Context, r commands.Reply) error {
	return d.do(ctx, Call{Op: Respond, Reply: r}, func() error {
		if err := d.first(); err != nil {
			return err
		}
		if err := d.check(r); err != nil {
			return err
		}
		d.answered, d.complete = true, true
		d.show(r, r.Private)
		return nil
	})
}

// Defer implements [commands.Responder].
func (d *Recorder) Defer(ctx context.Context, f commands.Deferral) error {
	return d.do(ctx, Call{Op: Defer, Deferral: f}, func() error {
		if err := d.first(); err != nil {
			return err
		}
		switch {
		case d.request.Kind == commands.Autocomplete:
			return errors.New("suggestions cannot be deferred")
		case f.Update && !d.updatable():
			return errors.New("there is no message to update")
		}
		d.answered, d.deferral = true, &f
		return nil
	})
}

// Complete implements [commands.Responder].
func (d *Recorder) Complete(ctx context.Context, r commands.Reply) error {
	return d.do(ctx, Call{Op: Complete, Reply: r}, func() error {
		switch {
		case d.deferral == nil:
			return fmt.Errorf("nothing was deferred: %w", commands.ErrInteractionGone)
		case d.complete:
			return errors.New("completed twice")
		case d.at() > tokenLife:
			return commands.ErrInteractionGone
		case r.Modal != nil || r.Choices != nil:
			return errors.New("only a message completes a deferral")
		case r.Update && !d.deferral.Update:
			return errors.New("a new message was deferred, not an update")
		}
		d.complete = true
		d.show(r, r.Private || d.deferral.Private)
		return nil
	})
}

// do records a call around what it does.
func (d *Recorder) do(ctx context.Context, c Call, act func() error) error {
	if d.Latency > 0 {
		select {
		case <-time.After(d.Latency):
		case <-ctx.Done():
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	c.At = d.at()
	c.Err = d.happen(ctx, c.Op, act)
	d.calls = append(d.calls, c)
	return c.Err
}

func (d *Recorder) happen(ctx context.Context, op Op, act func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.Fail != nil {
		if err := d.Fail(ctx, op); err != nil {
			return err
		}
	}
	if err := act(); err != nil {
		return err
	}
	if d.Unsure != nil {
		return d.Unsure(op)
	}
	return nil
}

// first reports why a first answer is not possible (any more).
func (d *Recorder) first() error {
	switch {
	case d.answered:
		return commands.ErrAlreadyAnswered
	case d.at() > firstAnswerWithin:
		return commands.ErrInteractionGone
	default:
		return nil
	}
}

// check reports why Discord would not take r as an answer to the request.
func (d *Recorder) check(r commands.Reply) error {
	message := r.Content != "" || len(r.Embeds)+len(r.Components)+len(r.Files) > 0
	if d.request.Kind == commands.Autocomplete {
		if message || r.Modal != nil {
			return errors.New("suggestions are answered by choices")
		}
		return nil
	}
	switch {
	case r.Choices != nil:
		return errors.New("choices answer nothing but suggestions")
	case r.Modal != nil && d.request.Kind == commands.ModalSubmit:
		return errors.New("a modal cannot answer a modal")
	case r.Modal == nil && !message:
		return errors.New("the message is empty")
	case r.Update && !d.updatable():
		return errors.New("there is no message to update")
	default:
		return nil
	}
}

// show notes what the person sees from now on: an updated message stays as
// private as it was.
func (d *Recorder) show(r commands.Reply, private bool) {
	r.Private = private
	if r.Update {
		r.Private = d.request.Message != nil && d.request.Message.Private
	}
	d.seen = &r
}

// updatable reports whether there is a message that an answer can change.
func (d *Recorder) updatable() bool {
	return d.request.Kind == commands.Component || d.request.Kind == commands.ModalSubmit && d.request.Message != nil
}

func (d *Recorder) at() time.Duration { return time.Since(d.request.Received) }

// Calls returns what the responder was asked to do, in order.
func (d *Recorder) Calls() []Call {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Call(nil), d.calls...)
}

// Seen returns what the person sees in the end, with Private as it really is,
// whatever was asked for. It is false if that is nothing but "thinking…", or
// an interaction that failed.
func (d *Recorder) Seen() (commands.Reply, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.seen == nil {
		return commands.Reply{}, false
	}
	return *d.seen, true
}
