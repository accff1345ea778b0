package bot

import (
	"context"
	"sync"

	"progressbot/commands"
)

// inlineAnswer hands the first answer from the responder to the HTTP request
// that brought the interaction.
type inlineAnswer struct {
	body    chan []byte   // the response; unbuffered, so that a received one gets written
	written chan error    // the result of writing it
	settled chan int      // status of a response without a body
	gone    chan struct{} // closed when the request has ended
	once    sync.Once     // for settle
}

func newInlineAnswer() *inlineAnswer {
	return &inlineAnswer{
		body:    make(chan []byte),
		written: make(chan error, 1),
		settled: make(chan int, 1),
		gone:    make(chan struct{}),
	}
}

// send gives the request its response and waits until it is written.
func (a *inlineAnswer) send(ctx context.Context, body []byte) error {
	select {
	case a.body <- body:
	case <-a.gone:
		return commands.ErrInteractionGone
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-a.written:
		return err
	case <-a.gone:
		// Both may be ready; a written answer counts.
		select {
		case err := <-a.written:
			return err
		default:
			return commands.ErrInteractionGone
		}
	case <-ctx.Done():
		return ctx.Err()
	}
}

// settle ends the request with a status and no body, because Discord got the
// first answer over the REST API, or because there is none. It does nothing on
// nil, which stands for the gateway.
func (a *inlineAnswer) settle(status int) {
	if a != nil {
		a.once.Do(func() { a.settled <- status })
	}
}
