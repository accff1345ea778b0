package progressapi

import (
	"errors"
	"fmt"
	"time"
)

// The sentinels say what a caller can do about a failure. Every error that
// leaves a [Client] matches exactly one of them with [errors.Is], except
// that a caller's own cancelled context also matches [context.Canceled].
var (
	// ErrKeyRefused: the API key is wrong or lacks rights; the operator must act.
	ErrKeyRefused = errors.New("progress API refused the key")
	// ErrPlanRefused: the account behind the key is overdue; the operator must act.
	ErrPlanRefused = errors.New("progress API refused the account")
	// ErrNotFound: the API knows nothing under that person or program (yet).
	ErrNotFound = errors.New("progress API has nothing here")
	// ErrRateLimited: too many requests; [Error.RetryAfter] says how long to wait.
	ErrRateLimited = errors.New("progress API rate limit reached")
	// ErrUnavailable: the API did not answer in time or answered with a fault; try later.
	ErrUnavailable = errors.New("progress API is unavailable")
	// ErrUnreadable: an answer came that is not what the API documents.
	ErrUnreadable = errors.New("progress API answer is unreadable")
)

// Error is every failure of a [Client]. Its text holds the operation, the
// HTTP status and the API's numeric code, and never the key, the URL, a
// person's ID or text that the API sent.
type Error struct {
	Op         string        // "list programs" or "get program"
	Kind       error         // one of the sentinels
	Status     int           // HTTP status, 0 if none arrived
	Code       int           // the API's errorCode, 0 if none
	RetryAfter time.Duration // what the API asked to wait, 0 if it did not say
	Err        error         // cause, already stripped of URLs; may be nil
}

// Error implements error.
func (e *Error) Error() string {
	s := e.Op + ": " + e.Kind.Error()
	if e.Status != 0 {
		s += fmt.Sprintf(" (status %d", e.Status)
		if e.Code != 0 {
			s += fmt.Sprintf(", code %d", e.Code)
		}
		s += ")"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the kind and the cause, so that [errors.Is] finds both.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}
