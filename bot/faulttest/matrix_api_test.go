package faulttest

import (
	"net/http"
	"time"

	"progressbot/progressapi/progressapitest"
)

// apiFaults are those of the progress API.
func apiFaults() []fault {
	const part = "progress API"
	var all []fault
	add := func(f progressapitest.Fault, cold string) {
		all = append(all, fault{
			part: part, name: f.String(),
			begin: func(w *world) (func() error, error) {
				w.api.Break(f)
				return func() error { w.api.Mend(); return nil }, nil
			},
			want: [states][]string{{cold}, {seenFresh}, {seenFresh, seenSaved}, {seenSaved}},
			back: time.Minute,
		})
	}
	for _, f := range progressapitest.Faults() {
		add(f, seenUnreachable)
	}
	for i := range all {
		switch all[i].name {
		case progressapitest.Status(http.StatusBadRequest, progressapitest.CodeKeyInvalid).String(),
			progressapitest.Status(http.StatusUnauthorized, progressapitest.CodeKeyMissing).String(),
			progressapitest.Status(http.StatusPaymentRequired, 0).String(),
			progressapitest.Status(http.StatusForbidden, 0).String():
			all[i].want[cold] = []string{seenNotSetUp}
		}
	}
	for _, f := range []progressapitest.Fault{
		progressapitest.Latency(700 * time.Millisecond),
		progressapitest.Latency(1300 * time.Millisecond),
	} {
		add(f, seenFresh)
		all[len(all)-1].want[old] = []string{seenFresh}
	}
	return all
}
