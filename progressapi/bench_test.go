package progressapi_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"progressbot/progressapi"
	"progressbot/progressapi/progressapitest"
)

// canned answers every request with the same body, without a network.
type canned []byte

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode:    http.StatusOK,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(bytes.NewReader(c)),
		ContentLength: int64(len(c)),
		Request:       r,
	}, nil
}

// BenchmarkListPrograms measures a call without its network: building the
// request, reading, decoding and judging the answer.
func BenchmarkListPrograms(b *testing.B) {
	for _, n := range []int{0, 8, 300} {
		b.Run(fmt.Sprintf("programs=%d", n), func(b *testing.B) {
			body := listBody(b, n)
			c, err := progressapi.NewClient("http://api.example.com/v1", testKey, progressapi.WithHTTPClient(&http.Client{Transport: canned(body)}))
			if err != nil {
				b.Fatalf("NewClient: %v", err)
			}
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				programs, err := c.ListPrograms(context.Background(), testUser)
				if err != nil || len(programs) != n {
					b.Fatalf("ListPrograms: %d programs, %v", len(programs), err)
				}
			}
		})
	}
}

// listBody returns the fake API's answer for somebody with n programs.
func listBody(tb testing.TB, n int) []byte {
	tb.Helper()
	api := progressapitest.New(progressapitest.Options{})
	api.SetPrograms(testUser, progressapitest.Programs(n, arrival)...)
	return fetchBody(tb, api, testUser)
}

// fetchBody returns the fake API's answer about a person.
func fetchBody(tb testing.TB, api *progressapitest.API, person string) []byte {
	tb.Helper()
	r := httptest.NewRequest(http.MethodGet, progressapitest.DefaultBasePath+"/users/discord/"+person+"/progress/collection-challenges", nil)
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "progressapi_test")
	r.Header.Set(progressapitest.DefaultKeyHeader, progressapitest.DefaultKey)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		tb.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.Bytes()
}
