package progressapi_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/progressapi"
)

// TestEveryAnswerHasOneMeaning is the table of statuses, codes and bodies,
// and of what they mean to a caller.
func TestEveryAnswerHasOneMeaning(t *testing.T) {
	t.Parallel()
	const (
		invalid = `{"status": {"timestamp": "1764600000000", "errorCode": 1001, "errorMessage": "This API Key is invalid."}}`
		missing = `{"status": {"errorCode": "1002"}}`
		unknown = `{"status": {"errorCode": 5250, "errorMessage": "Campaign not found"}}`
		page    = "\n <!DOCTYPE html><html>1001</html>"
	)
	tests := []struct {
		status int
		body   string
		want   error
	}{
		{200, invalid, progressapi.ErrKeyRefused},
		{200, missing, progressapi.ErrKeyRefused},
		{400, invalid, progressapi.ErrKeyRefused},
		{401, missing, progressapi.ErrKeyRefused},
		{404, invalid, progressapi.ErrKeyRefused},
		{429, invalid, progressapi.ErrKeyRefused},
		{500, invalid, progressapi.ErrKeyRefused},
		{401, "", progressapi.ErrKeyRefused},
		{403, page, progressapi.ErrKeyRefused},
		{402, unknown, progressapi.ErrPlanRefused},
		{402, "", progressapi.ErrPlanRefused},

		{404, unknown, progressapi.ErrNotFound},
		{404, "", progressapi.ErrNotFound},
		{404, "Not Found", progressapi.ErrNotFound},
		{404, page, progressapi.ErrUnreadable},
		{404, "\ufeff<html>", progressapi.ErrUnreadable},
		{400, unknown, progressapi.ErrNotFound},
		{400, `{"data": null, "status": {"errorCode": 7.0}}`, progressapi.ErrNotFound},
		{400, "", progressapi.ErrUnavailable},
		{400, page, progressapi.ErrUnavailable},
		{400, `{"status": {"errorCode": "many"}}`, progressapi.ErrUnavailable},
		{200, "null", progressapi.ErrNotFound},
		{200, "{}", progressapi.ErrNotFound},
		{200, "[]", progressapi.ErrNotFound},
		{200, "[null, null]", progressapi.ErrNotFound},
		{200, `{"data": null}`, progressapi.ErrNotFound},
		{200, `{"data": []}`, progressapi.ErrNotFound},
		{200, `{"data": {}}`, progressapi.ErrNotFound},
		{200, `{"data": {"data": null}}`, progressapi.ErrNotFound},
		{200, `{"status": {"timestamp": "1"}}`, progressapi.ErrNotFound},
		{200, unknown, progressapi.ErrNotFound},
		{204, "", progressapi.ErrNotFound},

		{429, "", progressapi.ErrRateLimited},
		{429, unknown, progressapi.ErrRateLimited},
		{408, "", progressapi.ErrUnavailable},
		{405, "", progressapi.ErrUnavailable},
		{418, page, progressapi.ErrUnavailable},
		{500, unknown, progressapi.ErrUnavailable},
		{502, page, progressapi.ErrUnavailable},
		{503, "", progressapi.ErrUnavailable},
		{599, "", progressapi.ErrUnavailable},

		{200, "", progressapi.ErrUnreadable},
		{200, " \n ", progressapi.ErrUnreadable},
		{200, page, progressapi.ErrUnreadable},
		{200, "hello", progressapi.ErrUnreadable},
		{200, `"hello"`, progressapi.ErrUnreadable},
		{200, "42", progressapi.ErrUnreadable},
		{200, "[1, 2]", progressapi.ErrUnreadable},
		{200, `["a"]`, progressapi.ErrUnreadable},
		{200, `{"message": "It works!"}`, progressapi.ErrUnreadable},
		{200, `[{"message": "It works!"}]`, progressapi.ErrUnreadable},
		{200, `{"data": {"message": "It works!"}}`, progressapi.ErrUnreadable},
		{200, `{"data": "It works!"}`, progressapi.ErrUnreadable},
		{200, `{"data": "oops", "status": {"timestamp": "1688555980233"}}`, progressapi.ErrUnreadable},
		{400, `{"data": "Campaign not found", "status": {"errorCode": 5250}}`, progressapi.ErrNotFound},
		{200, `[{"id": "p"}`, progressapi.ErrUnreadable},
		{200, `[{"id": "p"},`, progressapi.ErrUnreadable},
		{200, `[`, progressapi.ErrUnreadable},
		{200, `{"id": "p"`, progressapi.ErrUnreadable},
		{200, `[{"id": "p"}] trailing`, progressapi.ErrUnreadable},
		{200, `[{"id": "p"}][]`, progressapi.ErrUnreadable},
		{200, `{"id": "p"} {}`, progressapi.ErrUnreadable},
		{200, `[{"id": p}]`, progressapi.ErrUnreadable},
		{200, `{"data": {"data": {"data": {"data": {"data": {"data": [{"id": "deep"}]}}}}}}`, progressapi.ErrUnreadable},
		{300, "", progressapi.ErrUnreadable},
		{304, "", progressapi.ErrUnreadable},

		{200, `[{"id": "program_1"}]`, nil},
		{201, `{"id": "program_1"}`, nil},
		{200, `{"data": [{"id": "program_1"}], "status": {"errorCode": 0}}`, nil},
	}
	for i, tt := range tests {
		t.Run(fmt.Sprintf("%d_%d", i, tt.status), func(t *testing.T) {
			t.Parallel()
			c := newClient(t, respond(tt.status, tt.body))
			_, err := c.GetProgram(t.Context(), testUser, "program_1")
			if got := kindOf(t, err); got != tt.want {
				t.Errorf("GetProgram on %d %s: %v, want %v", tt.status, tt.body, err, tt.want)
			}
			if failure, ok := errors.AsType[*progressapi.Error](err); ok && (failure.Status != tt.status || failure.Op != "get program") {
				t.Errorf("error %+v, want status %d of get program", failure, tt.status)
			}
			programs, err := c.ListPrograms(t.Context(), testUser)
			if tt.want == progressapi.ErrNotFound {
				if err != nil || programs == nil || len(programs) != 0 {
					t.Errorf("ListPrograms on %d %s: %v, %v; want an empty list", tt.status, tt.body, programs, err)
				}
			} else if got := kindOf(t, err); got != tt.want {
				t.Errorf("ListPrograms on %d %s: %v, want %v", tt.status, tt.body, err, tt.want)
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status     int
		body, want string
	}{
		{400, `{"status": {"errorCode": 1001, "errorMessage": "secret"}}`, "list programs: progress API refused the key (status 400, code 1001)"},
		{401, `{"status": {"errorCode": 1002}}`, "list programs: progress API refused the key (status 401, code 1002): the key did not get there; a proxy may drop header names with an underscore"},
		{503, "upstream at 10.0.0.1 said no", "list programs: progress API is unavailable (status 503)"},
		{200, "<html>", "list programs: progress API answer is unreadable (status 200): HTML instead of JSON"},
		{200, `[{"id`, "list programs: progress API answer is unreadable (status 200): truncated JSON"},
		{200, `[{]`, "list programs: progress API answer is unreadable (status 200): not JSON"},
		{200, `[7]`, "list programs: progress API answer is unreadable (status 200): JSON of another shape"},
		{200, ``, "list programs: progress API answer is unreadable (status 200): empty"},
	}
	for _, tt := range tests {
		_, err := newClient(t, respond(tt.status, tt.body)).ListPrograms(t.Context(), testUser)
		if err == nil || err.Error() != tt.want {
			t.Errorf("error on %d %s:\n%v\nwant:\n%s", tt.status, tt.body, err, tt.want)
		}
	}
}

func TestRetryAfterIsRead(t *testing.T) {
	t.Parallel()
	tests := []struct {
		header string
		want   time.Duration
	}{
		{"", 0},
		{"30", 30 * time.Second},
		{" 1.5 ", 1500 * time.Millisecond},
		{"0", 0},
		{"-5", 0},
		{"soon", 0},
		{"NaN", 0},
		{"Inf", time.Hour},
		{"1e300", time.Hour},
		{"86400", time.Hour},
		{arrival.Add(90 * time.Second).Format(http.TimeFormat), 90 * time.Second},
		{arrival.Add(-time.Minute).Format(http.TimeFormat), 0},
		{arrival.Add(48 * time.Hour).Format(http.TimeFormat), time.Hour},
	}
	for _, tt := range tests {
		c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", tt.header)
			w.WriteHeader(http.StatusTooManyRequests)
		}))
		_, err := c.ListPrograms(t.Context(), testUser)
		failure, ok := errors.AsType[*progressapi.Error](err)
		if !ok || failure.RetryAfter != tt.want {
			t.Errorf("Retry-After %q: %+v, want %s", tt.header, err, tt.want)
		}
	}
}

func TestPercentage(t *testing.T) {
	t.Parallel()
	type answer struct {
		Percent int
		Known   bool
	}
	ready := &progressapi.Reward{CanClaim: true}
	tests := []struct {
		name    string
		program progressapi.Program
		want    answer
	}{
		{"nothing told", progressapi.Program{Size: 10}, answer{0, false}},
		{"a percentage", progressapi.Program{Size: 10, Percent: 40, PercentTold: true}, answer{40, true}},
		{"0%", progressapi.Program{PercentTold: true}, answer{0, true}},
		{"a count", progressapi.Program{Size: 3, Collected: 1, CountTold: true}, answer{33, true}},
		{"a count of none", progressapi.Program{Size: 3, CountTold: true}, answer{0, true}},
		{"both", progressapi.Program{Size: 10, Collected: 3, CountTold: true, Percent: 35, PercentTold: true}, answer{35, true}},
		{"complete by the count", progressapi.Program{Size: 3, Collected: 3, CountTold: true}, answer{100, true}},
		{"complete by the reward alone", progressapi.Program{Size: 10, Reward: ready}, answer{100, true}},
		{"contradictory", progressapi.Program{Percent: 40, PercentTold: true, Reward: ready}, answer{40, true}},
		{"out of bounds", progressapi.Program{Percent: 400}, answer{100, true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got answer
			got.Percent, got.Known = tt.program.Percentage()
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
