package bot

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"progressbot/commands"
)

// answerState is how far the answer to an interaction has come.
type answerState int

const (
	waiting  answerState = iota // neither answered nor acknowledged
	answered                    // answered
	deferred                    // acknowledged; the answer is to follow
	done                        // acknowledged and answered, or gone
)

var errNotAnswerable = errors.New("a modal or choices cannot follow a deferral")

var _ commands.Responder = (*responder)(nil)

// responder answers one interaction, in either transport. It sends one first
// answer and, if that was a deferral, one completion. A step that failed without
// effect can be repeated with another reply.
type responder struct {
	rest         *rest
	cred         commands.Credentials
	autocomplete bool
	// inline carries a first answer back in the HTTP request that brought
	// the interaction. Nil for the gateway.
	inline *inlineAnswer

	mu       sync.Mutex // held for a whole step: steps never overlap
	state    answerState
	deferral commands.Deferral
	// unsure is the state to assume if a first answer whose outcome is
	// unknown has arrived after all; waiting if there is no such answer.
	unsure answerState
	// answerUnsure says that the answer after such a deferral may have arrived
	// as well, in a call whose outcome is unknown.
	answerUnsure bool
	// publicGone says that the public acknowledgement was deleted already.
	publicGone bool
}

// Respond implements [commands.Responder].
func (p *responder) Respond(ctx context.Context, r commands.Reply) error {
	body, contentType, err := encode(newCallback(&r, p.autocomplete), r.Files)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	inline := p.inline
	if len(r.Files) > 0 {
		inline = nil // an HTTP response cannot carry files
	}
	return p.first(ctx, answered, inline, body, contentType)
}

// Defer implements [commands.Responder]. It uses the REST API in both
// transports, because only that confirms that Discord has received the
// acknowledgement: an answer that arrived before it would be refused.
func (p *responder) Defer(ctx context.Context, d commands.Deferral) error {
	body, contentType, err := encode(newDeferral(d), nil)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == waiting && p.unsure == waiting {
		p.deferral = d
	}
	return p.first(ctx, deferred, nil, body, contentType)
}

// first sends a first answer. The state becomes next or, if Discord says that an
// earlier attempt with an unknown outcome has arrived, what that one aimed for.
func (p *responder) first(ctx context.Context, next answerState, inline *inlineAnswer, body []byte, contentType string) error {
	if p.state != waiting {
		return commands.ErrAlreadyAnswered
	}
	var unsure bool
	var err error
	if inline != nil {
		err = inline.send(ctx, body)
		unsure = err != nil
	} else {
		unsure, err = p.rest.callback(ctx, &p.cred, body, contentType, p.unsure == waiting)
	}
	if unsure && p.unsure == deferred && next != deferred {
		p.answerUnsure = true
	}
	switch {
	case err == nil:
		p.state = next
	case errors.Is(err, commands.ErrAlreadyAnswered) && p.unsure != waiting:
		p.state = p.unsure
		err = nil
	case errors.Is(err, commands.ErrInteractionGone), errors.Is(err, commands.ErrAlreadyAnswered):
		p.state = done
	default:
		if unsure && p.unsure == waiting {
			p.unsure = next
		}
		return err
	}
	p.inline.settle(http.StatusAccepted)
	return err
}

// abandon ends an HTTP request whose interaction will not be answered.
func (p *responder) abandon() { p.inline.settle(http.StatusServiceUnavailable) }

// Complete implements [commands.Responder]. Where it is not known whether the
// acknowledgement got through, the answer is tried as the first one; if there
// was one, Discord says so.
func (p *responder) Complete(ctx context.Context, r commands.Reply) error {
	if r.Modal != nil || p.autocomplete {
		return errNotAnswerable
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == waiting && p.unsure == deferred {
		body, contentType, err := encode(newCallback(&r, false), r.Files)
		if err != nil {
			return err
		}
		if err := p.first(ctx, done, nil, body, contentType); err != nil || p.state == done {
			return err
		}
	}
	if p.state != deferred {
		return commands.ErrAlreadyAnswered
	}
	if p.answerUnsure && p.onItsOwn(&r) {
		p.state = done // better none than two
		return nil
	}
	err := p.complete(ctx, &r)
	if err == nil || errors.Is(err, commands.ErrInteractionGone) {
		p.state = done
	}
	return err
}

// onItsOwn reports whether r completes the deferral with a message of its own,
// because the component's stays. Any other completion takes the place of what
// it repeats.
func (p *responder) onItsOwn(r *commands.Reply) bool { return p.deferral.Update && !r.Update }

func (p *responder) complete(ctx context.Context, r *commands.Reply) error {
	switch {
	case p.onItsOwn(r):
		return p.rest.followUp(ctx, &p.cred, newMessagePayload(r), r.Files)
	case r.Private && !p.deferral.Private && !p.deferral.Update:
		return p.goPrivate(ctx, r)
	default:
		return p.rest.editOriginal(ctx, &p.cred, newEdit(r), r.Files)
	}
}

// goPrivate completes a public acknowledgement with a private answer. It deletes
// the acknowledgement first, because Discord would otherwise turn it, publicly,
// into the follow-up.
func (p *responder) goPrivate(ctx context.Context, r *commands.Reply) error {
	if !p.publicGone {
		if err := p.rest.deleteOriginal(ctx, &p.cred); err != nil {
			return err
		}
		p.publicGone = true
	}
	return p.rest.followUp(ctx, &p.cred, newMessagePayload(r), r.Files)
}
