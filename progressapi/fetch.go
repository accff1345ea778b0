package progressapi

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"
)

// call is one thing that a caller wants to know.
type call struct {
	op  string
	url string
	// choose picks the wanted programs out of an answer, and reports false
	// if they are not in it.
	choose func([]Program) ([]Program, bool)
}

// nothing returns what the call makes of an answer that holds no program.
func (k call) nothing(status, code int) ([]Program, *Error) {
	if programs, ok := k.choose(nil); ok {
		return programs, nil
	}
	return nil, &Error{Op: k.op, Kind: ErrNotFound, Status: status, Code: code}
}

var errPanicked = errors.New("panicked")

// openGate is the gate of a client that was given none.
type openGate struct{}

func (openGate) Enter(context.Context, Attempt) (func(Outcome), error) {
	return func(Outcome) {}, nil
}

// fetch makes a call, in as many attempts as are worth making. Its error is
// always an *Error.
func (c *Client) fetch(ctx context.Context, k call) ([]Program, error) {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	var last *Error
	for n := range c.attempts {
		if n > 0 && !pause(ctx, delay(n, last)) {
			break
		}
		done, err := c.gate.Enter(ctx, Attempt{Background: IsBackground(ctx), Retry: n > 0})
		if err != nil {
			if last == nil {
				last = refused(ctx, k.op, err)
			}
			break
		}
		var programs []Program
		if programs, last = c.try(ctx, k, done); last == nil {
			return programs, nil
		}
		if !last.transient() {
			break
		}
	}
	return nil, ended(ctx, last)
}

// try makes one attempt and tells the gate how it ended.
func (c *Client) try(ctx context.Context, k call, done func(Outcome)) (programs []Program, failure *Error) {
	began := time.Now()
	failure = &Error{Op: k.op, Kind: ErrUnavailable, Err: errPanicked} // stands only if the attempt panics
	defer func() {
		o := Outcome{Took: time.Since(began)}
		if failure != nil {
			o.Err, o.RetryAfter = failure, failure.RetryAfter
		}
		done(o)
	}()
	return c.attempt(ctx, k)
}

// attempt sends the request once and makes sense of the answer.
func (c *Client) attempt(ctx context.Context, k call) ([]Program, *Error) {
	limited, cancel := context.WithTimeout(ctx, c.attemptTimeout)
	defer cancel()
	a, err := c.send(limited, k.url)
	defer a.place.leave()
	if err != nil {
		return nil, &Error{Op: k.op, Kind: ErrUnavailable, Status: a.status, Err: fault(ctx, err)}
	}
	d := decode(a.body, a.arrived)
	kind, cause := judge(a.status, d)
	if kind == nil {
		if programs, ok := k.choose(d.programs); ok {
			return programs, nil
		}
		kind = ErrNotFound
	}
	if errors.Is(kind, ErrNotFound) {
		return k.nothing(a.status, d.code)
	}
	if a.err != nil {
		cause = a.err
	}
	return nil, &Error{Op: k.op, Kind: kind, Status: a.status, Code: d.code, RetryAfter: a.retryAfter, Err: cause}
}

// refused turns a gate's refusal into the error of a call that was never
// sent.
func refused(ctx context.Context, op string, err error) *Error {
	e := &Error{Op: op, Kind: ErrUnavailable, Err: err}
	if errors.Is(err, ErrRateLimited) {
		e.Kind = ErrRateLimited
	}
	if own, ok := errors.AsType[*Error](err); ok {
		*e = *own
		e.Op = op
	}
	switch {
	case ctx.Err() != nil:
		e.Err = ctx.Err()
	case errors.Is(e.Kind, e.Err):
		e.Err = nil // It adds nothing to the kind.
	}
	return e
}

// ended marks a failure with the end of the caller's context, if that ended.
func ended(ctx context.Context, e *Error) *Error {
	if ctx.Err() == nil || !e.transient() || errors.Is(e, ctx.Err()) {
		return e
	}
	marked := *e
	marked.Err = ctx.Err()
	return &marked
}

// transient reports whether the same request may well succeed a little later.
func (e *Error) transient() bool {
	switch {
	case errors.Is(e.Kind, ErrRateLimited):
		return true
	case errors.Is(e.Kind, ErrUnavailable):
		return e.Status < 300 || e.Status == http.StatusRequestTimeout || e.Status >= 500
	default:
		return false
	}
}

// Windows of the random delay before a repeated attempt. Where the API says
// how long to wait, a little is added so that not everybody comes back at
// the same instant.
const (
	firstDelay   = 150 * time.Millisecond
	limitedDelay = time.Second
	afterDelay   = 100 * time.Millisecond
)

// delay returns how long to wait before repeating an attempt for the nth
// time after it failed with e: as long as the API asked for, else a random
// time within a window that doubles ("full jitter").
func delay(n int, e *Error) time.Duration {
	switch {
	case e.RetryAfter > 0:
		return e.RetryAfter + rand.N(afterDelay)
	case errors.Is(e.Kind, ErrRateLimited):
		return rand.N(limitedDelay << (n - 1))
	default:
		return rand.N(firstDelay << (n - 1))
	}
}

// pause waits for d and reports true, or reports false: at once if ctx ends
// before d would be over, else when ctx ends.
func pause(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
