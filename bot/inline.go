package bot

import (
	"context"
	"sync"

	"progressbot/commands"
)

// inlineAnswer hands the first answer from the responder to the HTTP request
// that brought the interaction.
type inlineAnswer struct {
	body    chan []byte   // unbuffered: who takes it will write it
	written chan error    // what became of it
	settled chan int      // status to respond with where there is nothing to carry
	gone    chan struct{} // closed when the request is over
	once    sync.Once     // settle
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

// settle tells the request that it has nothing to carry: Discord got its
// first answer by a call, or there is none. It does nothing on nil, which is
// what the gateway has.
func (a *inlineAnswer) settle(status int) {
	if a != nil {
		a.once.Do(func() { a.settled <- status })
	}
}
