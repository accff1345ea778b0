package bot

import (
	"net/http"
	"time"
)

// CountRefusals makes the client believe that it was refused n times.
func (t *TestREST) CountRefusals(n int) {
	for range n {
		t.r.limits.count(&apiError{Status: http.StatusForbidden}, time.Now())
	}
}

// The reasons not to send a request.
var (
	ErrRateLimited     = errRateLimited
	ErrTooManyRefusals = errTooManyRefusals
)

// MaxRefusals is how many refusals in a row are borne.
const MaxRefusals = maxRefusals
