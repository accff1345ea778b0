package commands

import (
	"context"
	"errors"
	"time"

	"progressbot/bot/store"
	"progressbot/embeds"
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
	if words, ok := errors.AsType[*told](err); ok {
		return words.reply
	}
	if path := x.task.anew(); path != "" {
		p.Command = x.rt.o.Mentions.Of(path)
	}
	if again, ok := errors.AsType[*retryable](err); ok {
		p.Retry = again.again.Encode()
	}
	return Reply{
		Message: embeds.Problem(catalog.For(x.req.Locale), p),
		Private: true,
		// What leads back has to be where one was.
		Update: x.req.updatable() && (p.Back != "" || x.task.action.Replace),
	}
}

// judge sorts an error into what people are told and what is counted.
func (x *exchange) judge(err error) (embeds.ProblemView, outcome) {
	if no, ok := errors.AsType[*refusal](err); ok {
		return no.problem, refused
	}
	if _, ok := errors.AsType[*panicError](err); ok {
		return embeds.ProblemView{Kind: embeds.InternalFault, Reference: newReference()}, panicked
	}
	switch {
	case errors.Is(err, errUnknown):
		if x.req.Kind == Component || x.req.Kind == ModalSubmit {
			return embeds.ProblemView{Kind: embeds.OutdatedButton}, unknown
		}
		return embeds.ProblemView{Kind: embeds.OutdatedCommand}, unknown
	case errors.Is(err, errNoRoom):
		return embeds.ProblemView{Kind: embeds.Busy}, turnedAway
	case x.req.Kind == Autocomplete && errors.Is(err, context.DeadlineExceeded):
		return embeds.ProblemView{}, timedOut // its time is too short to blame the API
	case errors.Is(err, ErrDiscord):
		return embeds.ProblemView{Kind: embeds.DiscordSilent}, unavailable
	case errors.Is(err, context.Canceled): // the bot is shutting down
		return embeds.ProblemView{Kind: embeds.Unreachable}, unavailable
	}
	if f, ok := faultOf(err); ok {
		p, o := faultProblem(f, err)
		p.Reference = x.rt.o.Faults.report(f, err)
		return p, o
	}
	o := failed
	if errors.Is(err, errOverdue) {
		o = timedOut
	}
	return embeds.ProblemView{Kind: embeds.InternalFault, Reference: newReference()}, o
}

// faultProblem is judge for a fault that hits everybody.
func faultProblem(f fault, err error) (embeds.ProblemView, outcome) {
	switch f {
	case faultAPI, faultRate:
		return embeds.ProblemView{Kind: embeds.Unreachable, Until: notBefore(err, time.Now())}, unavailable
	case faultStore:
		if errors.Is(err, store.ErrUnfinished) {
			return embeds.ProblemView{Kind: embeds.Unfinished}, storeDown
		}
		if e, ok := errors.AsType[*storeError](err); ok && e.unsaved {
			return embeds.ProblemView{Kind: embeds.Unsaved}, storeDown
		}
		return embeds.ProblemView{Kind: embeds.StoreUnreachable}, storeDown
	default:
		return embeds.ProblemView{Kind: embeds.NotSetUp}, misconfigured
	}
}

// notBefore returns when the API is worth asking again, if it has named a time
// that is longer than what people take for a moment.
func notBefore(err error, now time.Time) time.Time {
	if e, ok := errors.AsType[*progressapi.Error](err); ok && e.RetryAfter >= time.Minute {
		return now.Add(e.RetryAfter)
	}
	return time.Time{}
}

// faultOf tells which of the faults that hit everybody err belongs to. A
// handler that was cut off waited for the API unless it says otherwise:
// nothing else takes so long.
func faultOf(err error) (fault, bool) {
	if _, ok := errors.AsType[*storeError](err); ok {
		return faultStore, true
	}
	switch {
	case errors.Is(err, progressapi.ErrKeyRefused):
		return faultKey, true
	case errors.Is(err, progressapi.ErrPlanRefused):
		return faultAccount, true
	case errors.Is(err, progressapi.ErrRateLimited):
		return faultRate, true
	case errors.Is(err, progressapi.ErrUnavailable),
		errors.Is(err, progressapi.ErrUnreadable),
		errors.Is(err, context.DeadlineExceeded):
		return faultAPI, true
	default:
		return 0, false
	}
}
