package commands

import (
	"context"
	"errors"
	"sync"
	"time"
)

// exchange is one request on its way to exactly one answer. Two goroutines
// may want to answer: the one that runs the handler, and a timer when that
// takes long. Only one acts at a time; the fields below busy belong to
// whoever does.
type exchange struct {
	rt   *Router
	ctx  context.Context // for sending; never cancelled
	req  *Request
	task task
	resp Responder

	mu    sync.Mutex
	state state
	timer *time.Timer   // nil before arm
	busy  chan struct{} // not nil while the timer's goroutine acts; closed when it is done

	outcome   outcome
	err       error     // what went wrong, nil if nothing did
	reference string    // what the person was told to quote
	first     time.Time // when Discord took the first answer; zero if never
	deferred  bool
}

type state int

const (
	open         state = iota // no answer yet
	acknowledged              // the answer is still to come
	closed                    // answered, or given up
)

// arm starts the timer that answers when the handler takes long.
func (x *exchange) arm() {
	after := deferAfter
	switch {
	case x.task.suggest != nil:
		after = suggestAnyway
	case x.task.action.Modal:
		after = modalAnyway
	}
	x.rt.serving.Add(1)
	x.mu.Lock()
	x.timer = time.AfterFunc(time.Until(x.req.Received.Add(after)), x.onTime)
	x.mu.Unlock()
}

// onTime runs in the timer's goroutine: first when it is time to acknowledge,
// then when the handler should be long done.
func (x *exchange) onTime() {
	defer x.rt.serving.Done()
	x.mu.Lock()
	state := x.state
	if state == closed {
		x.mu.Unlock()
		return
	}
	busy := make(chan struct{})
	x.busy = busy
	x.mu.Unlock()

	next := x.act(state)

	x.mu.Lock()
	x.state = next
	x.busy = nil
	if next == acknowledged {
		x.rt.serving.Add(1)
		x.timer.Reset(time.Until(x.req.Received.Add(handleBy + overdueAfter)))
	}
	x.mu.Unlock()
	close(busy)
}

// act does what is due without the handler's answer.
func (x *exchange) act(s state) state {
	switch {
	case s == acknowledged:
		x.complete(x.explain(errOverdue))
	case x.task.suggest != nil, x.task.action.Modal:
		x.respond(x.explain(errOverdue))
	default:
		return x.acknowledge()
	}
	return closed
}

// finish sends the handler's answer unless the timer gave up on it.
func (x *exchange) finish(reply Reply, err error) {
	switch x.take() {
	case open:
		x.respond(x.final(reply, err))
	case acknowledged:
		if err == nil && reply.Modal != nil {
			err = errLateModal
		}
		x.complete(x.final(reply, err))
	case closed:
	}
}

// take closes the exchange to the timer and returns where it stood.
func (x *exchange) take() state {
	x.mu.Lock()
	defer x.mu.Unlock()
	for x.busy != nil {
		busy := x.busy
		x.mu.Unlock()
		<-busy
		x.mu.Lock()
	}
	s := x.state
	x.state = closed
	if x.timer != nil && x.timer.Stop() {
		x.rt.serving.Done()
	}
	return s
}

// final is the reply, or what is said in its place.
func (x *exchange) final(reply Reply, err error) Reply {
	if err == nil && reply.empty() && x.req.Kind != Autocomplete {
		err = errEmptyReply
	}
	if err != nil {
		return x.explain(err)
	}
	return reply
}

// respond sends a first answer.
func (x *exchange) respond(r Reply) {
	ctx, cancel := x.firstAnswer()
	defer cancel()
	if err := x.say(ctx, r, x.resp.Respond); err != nil {
		x.undelivered(err)
		return
	}
	x.delivered()
}

// say sends r. What Discord rejects for its content it would reject every
// time, so the person is told that something went wrong instead of waiting
// for nothing.
func (x *exchange) say(ctx context.Context, r Reply, send func(context.Context, Reply) error) error {
	err := guard(func() error { return send(ctx, r) })
	if errors.Is(err, ErrRejected) {
		instead := x.explain(err)
		err = guard(func() error { return send(ctx, instead) })
	}
	return err
}

// acknowledge tells Discord that the answer is coming. When it cannot be
// known whether that got through, the answer is still tried.
func (x *exchange) acknowledge() state {
	ctx, cancel := x.firstAnswer()
	defer cancel()
	d := Deferral{Private: true} // when in doubt
	if err := guard(func() error { d = x.task.deferral(ctx, x.req); return nil }); err != nil {
		x.err, x.outcome = err, panicked
	}
	if err := guard(func() error { return x.resp.Defer(ctx, d) }); err != nil {
		x.undelivered(err)
		if x.outcome == gone {
			return closed
		}
		return acknowledged
	}
	x.delivered()
	x.deferred = true
	return acknowledged
}

// complete sends the answer after an acknowledgement.
func (x *exchange) complete(r Reply) {
	ctx, cancel := context.WithTimeout(x.ctx, completeTime)
	defer cancel()
	if err := x.say(ctx, r, x.resp.Complete); err != nil {
		x.undelivered(err)
	}
}

// firstAnswer is the time that Discord gives for a first answer.
func (x *exchange) firstAnswer() (context.Context, context.CancelFunc) {
	by := x.req.Received.Add(firstAnswerBy)
	if least := time.Now().Add(leastTime); by.Before(least) {
		by = least
	}
	return context.WithDeadline(x.ctx, by)
}

// delivered notes that Discord had its first answer.
func (x *exchange) delivered() {
	x.first = time.Now()
	x.rt.o.Faults.delivered(x.first)
}

// undelivered notes that an answer did not get through.
func (x *exchange) undelivered(err error) {
	x.err = err
	if errors.Is(err, ErrInteractionGone) || errors.Is(err, ErrAlreadyAnswered) {
		x.outcome = gone
		return
	}
	x.outcome = undelivered
	x.rt.o.Faults.report(faultDiscord, err)
}
