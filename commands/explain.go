package commands

import (
	"context"
	"errors"

	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// explain puts an error into words for the person who asked. It is the only
// place that does, and the only one that decides what the error is to the
// operator. Where something is to be found in the log, the person gets the
// reference under which it is.
func (x *exchange) explain(err error) Reply {
	x.err = err
	p, o := x.judge(err)
	x.outcome, x.reference = o, p.Reference
	if x.req.Kind == Autocomplete { // no room for words
		return Reply{}
	}
	p.Command = x.rt.o.Mentions.Of(homeCommand)
	if again, ok := errors.AsType[*retryable](err); ok {
		p.Retry = again.again
	}
	return Reply{Private: true, Message: p.message(catalog.For(x.req.Locale))}
}

// homeCommand is where people start anew.
const homeCommand = "progress"

// judge sorts an error into what people are told and what is counted.
func (x *exchange) judge(err error) (problem, outcome) {
	if no, ok := errors.AsType[*refusal](err); ok {
		return no.problem, refused
	}
	if _, ok := errors.AsType[*panicError](err); ok {
		return problem{Kind: problemInternal, Reference: newReference()}, panicked
	}
	if errors.Is(err, errUnknown) {
		return problem{Kind: problemOutdated}, unknown
	}
	if errors.Is(err, context.Canceled) { // the bot is shutting down
		return problem{Kind: problemUnreachable}, unavailable
	}
	if f, ok := faultOf(err); ok {
		p := problem{Kind: problemUnreachable, Reference: x.rt.o.Faults.report(f, err)}
		if f == faultAPI {
			return p, unavailable
		}
		p.Kind = problemSetup
		return p, misconfigured
	}
	o := failed
	if errors.Is(err, errOverdue) {
		o = timedOut
	}
	return problem{Kind: problemInternal, Reference: newReference()}, o
}

// faultOf tells which of the faults that hit everybody err belongs to. A
// handler that was cut off waited for the API: nothing else takes so long.
func faultOf(err error) (fault, bool) {
	switch {
	case errors.Is(err, progressapi.ErrKeyRefused):
		return faultKey, true
	case errors.Is(err, progressapi.ErrPlanRefused):
		return faultAccount, true
	case errors.Is(err, progressapi.ErrRateLimited),
		errors.Is(err, progressapi.ErrUnavailable),
		errors.Is(err, progressapi.ErrUnreadable),
		errors.Is(err, context.DeadlineExceeded):
		return faultAPI, true
	default:
		return 0, false
	}
}
