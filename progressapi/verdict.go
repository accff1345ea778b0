package progressapi

import (
	"errors"
	"net/http"
)

// Codes that the API gives in its error bodies.
const (
	codeKeyInvalid = 1001
	codeKeyMissing = 1002
)

// errKeyLost goes with codeKeyMissing: a key is always sent.
var errKeyLost = errors.New("the key did not get there; a proxy may drop header names with an underscore")

// judge is the one place that decides what an answer amounts to: nil if it
// holds data, else one of the sentinels, with the cause where the status
// alone does not tell.
//
// The codes of the key come first because the API sends them under more than
// one status. A 404 in HTML is a proxy talking, so it says nothing about the
// person who was asked for.
func judge(status int, d document) (kind, cause error) {
	switch d.code {
	case codeKeyInvalid:
		return ErrKeyRefused, nil
	case codeKeyMissing:
		return ErrKeyRefused, errKeyLost
	}
	switch {
	case succeeded(status):
		return judgeData(status, d)
	case status < 400:
		return ErrUnreadable, errRedirect
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return ErrKeyRefused, nil
	case status == http.StatusPaymentRequired:
		return ErrPlanRefused, nil
	case status == http.StatusNotFound && d.html:
		return ErrUnreadable, errHTML
	case status == http.StatusNotFound, status == http.StatusBadRequest && d.code != 0:
		return ErrNotFound, nil
	case status == http.StatusTooManyRequests:
		return ErrRateLimited, nil
	default:
		return ErrUnavailable, nil
	}
}

// judgeData judges an answer whose status promises data.
func judgeData(status int, d document) (kind, cause error) {
	switch {
	case status == http.StatusNoContent:
		return ErrNotFound, nil
	case d.html:
		return ErrUnreadable, errHTML
	case d.err != nil:
		return ErrUnreadable, d.err
	case len(d.programs) == 0:
		return ErrNotFound, nil
	default:
		return nil, nil
	}
}
