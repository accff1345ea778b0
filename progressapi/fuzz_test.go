package progressapi_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"progressbot/progressapi"
	"progressbot/progressapi/progressapitest"
)

// seeds returns bodies to start fuzzing from: every answer in testdata, and
// the hostile person of the fake API one program at a time.
func seeds(f *testing.F) [][]byte {
	f.Helper()
	var bodies [][]byte
	for _, file := range answerFiles(f) {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatalf("read seed: %v", err)
		}
		bodies = append(bodies, body)
	}
	api := progressapitest.New(progressapitest.Options{})
	for _, p := range api.Programs(progressapitest.Hostile) {
		if len(p.Raw) < 20_000 {
			bodies = append(bodies, p.Raw)
		}
	}
	if len(bodies) < 30 {
		f.Fatalf("%d seeds, want every answer and every hostile program", len(bodies))
	}
	return bodies
}

// FuzzListPrograms checks that whatever body comes is read into programs
// within all bounds, or refused for one reason.
func FuzzListPrograms(f *testing.F) {
	for _, body := range seeds(f) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		programs, err := read(t, body)
		if err != nil {
			kindOf(t, err)
			return
		}
		checkPrograms(t, programs)
		for _, p := range programs {
			if p.Completion() == progressapi.Complete && p.CountTold && p.Collected < p.Size {
				t.Errorf("program %+v is taken for complete against its count", p)
			}
			p.Phase(arrival)
		}
	})
}

// FuzzAnswer checks that any status with any header and body has exactly one
// meaning, and that none of its text gets into an error.
func FuzzAnswer(f *testing.F) {
	for i, body := range seeds(f) {
		f.Add([]int{200, 400, 401, 402, 403, 404, 408, 429, 500, 503}[i%10], "30", "gzip", body)
		f.Add(200, "Mon, 01 Dec 2025 12:00:30 GMT", "", body)
	}
	f.Fuzz(func(t *testing.T, status int, retryAfter, encoding string, body []byte) {
		if status < 200 || status > 999 {
			return // net/http lets no such answer through.
		}
		const canary = "canary-in-a-body"
		answer := tripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode:    status,
				Header:        http.Header{"Retry-After": {retryAfter}, "Content-Encoding": {encoding}},
				Body:          io.NopCloser(io.MultiReader(bytes.NewReader(body), strings.NewReader(canary))),
				ContentLength: -1,
				Request:       r,
			}, nil
		})
		_, err := replay(t, answer, progressapi.WithAttempts(1)).GetProgram(t.Context(), testUser, "program_1")
		failure, ok := errors.AsType[*progressapi.Error](err)
		if !ok {
			t.Fatalf("error %v of an answer that ends in garbage, want an *Error", err)
		}
		kindOf(t, err)
		if failure.Status != status || failure.RetryAfter < 0 || failure.RetryAfter > time.Hour {
			t.Errorf("error %+v, want status %d and a bounded delay", failure, status)
		}
		if strings.Contains(err.Error(), canary) {
			t.Errorf("error %v quotes the body", err)
		}
		checkSecrets(t, err)
	})
}
