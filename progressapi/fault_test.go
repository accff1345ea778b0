package progressapi_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"progressbot/progressapi"
	"progressbot/progressapi/progressapitest"
)

// patient are timeouts so long that a busy machine does not matter.
func patient() progressapi.Option { return progressapi.WithTimeouts(time.Minute, time.Minute) }

// hasty are timeouts for faults that never come to an end by themselves.
func hasty() progressapi.Option { return progressapi.WithTimeouts(200*time.Millisecond, time.Minute) }

// TestFaults lets every fault of the fake API happen over real connections.
func TestFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault progressapitest.Fault
		want  error
		cause string // with which the error's text ends
	}{
		{progressapitest.Status(500, 0), progressapi.ErrUnavailable, "(status 500)"},
		{progressapitest.Status(400, 1001), progressapi.ErrKeyRefused, "(status 400, code 1001)"},
		{progressapitest.Status(402, 0), progressapi.ErrPlanRefused, "(status 402)"},
		{progressapitest.RateLimited("60"), progressapi.ErrRateLimited, "(status 429)"},
		{progressapitest.Hang(), progressapi.ErrUnavailable, "no complete answer in time"},
		{progressapitest.Drip(5 * time.Millisecond), progressapi.ErrUnavailable, "no complete answer in time"},
		{progressapitest.Latency(time.Hour), progressapi.ErrUnavailable, "no complete answer in time"},
		{progressapitest.Reset(), progressapi.ErrUnavailable, ""},
		{progressapitest.CutOff(), progressapi.ErrUnavailable, "(status 200): connection closed early"},
		{progressapitest.HTML(200), progressapi.ErrUnreadable, "HTML instead of JSON"},
		{progressapitest.HTML(404), progressapi.ErrUnreadable, "HTML instead of JSON"},
		{progressapitest.HTML(502), progressapi.ErrUnavailable, "(status 502)"},
		{progressapitest.Truncated(), progressapi.ErrUnreadable, "truncated JSON"},
		{progressapitest.Foreign(), progressapi.ErrUnreadable, "JSON of another shape"},
		{progressapitest.Huge(50 << 20), progressapi.ErrUnreadable, "too large"},
		{progressapitest.GzipBomb(10 << 20), progressapi.ErrUnreadable, "too large"},
		{progressapitest.Redirect(302, "https://elsewhere.example.com/"), progressapi.ErrUnreadable, "redirect to another place"},
		{progressapitest.Raw(200, ""), progressapi.ErrUnreadable, "empty"},
	}
	for _, tt := range tests {
		t.Run(tt.fault.String(), func(t *testing.T) {
			t.Parallel()
			server, err := progressapitest.Start(progressapitest.Options{Gzip: true})
			if err != nil {
				t.Fatalf("Start: %v", err)
			}
			defer server.Close()
			server.Break(tt.fault)
			limits := patient()
			if tt.cause == "no complete answer in time" {
				limits = hasty()
			}
			c := clientOf(t, server, progressapi.WithAttempts(1), limits)
			_, err = c.GetProgram(t.Context(), progressapitest.Collector, progressapitest.ProgramAlmost)
			if kindOf(t, err) != tt.want || !strings.HasSuffix(err.Error(), tt.cause) {
				t.Errorf("error %v, want %v ending in %q", err, tt.want, tt.cause)
			}
			checkSecrets(t, err)

			server.Mend()
			if p, err := clientOf(t, server, patient()).GetProgram(t.Context(), progressapitest.Collector, progressapitest.ProgramAlmost); err != nil || p.Collected != 11 {
				t.Errorf("after the fault: %d cards, %v; want 11", p.Collected, err)
			}
		})
	}
}

func TestFaultsThatPassAreNotSeen(t *testing.T) {
	t.Parallel()
	for _, f := range []progressapitest.Fault{
		progressapitest.Status(503, 0), progressapitest.RateLimited(""), progressapitest.Reset(), progressapitest.CutOff(), progressapitest.HTML(502),
	} {
		t.Run(f.String(), func(t *testing.T) {
			t.Parallel()
			server, err := progressapitest.Start(progressapitest.Options{})
			if err != nil {
				t.Fatalf("Start: %v", err)
			}
			defer server.Close()
			server.Inject(progressapitest.Rule{Times: 1, Fault: f})
			programs, err := clientOf(t, server, patient()).ListPrograms(t.Context(), progressapitest.Collector)
			if err != nil || len(programs) != 8 || server.Total() < 2 {
				t.Errorf("%d programs, %v after %d requests; want 8 after 2", len(programs), err, server.Total())
			}
		})
	}
}

func TestContentEncodings(t *testing.T) {
	t.Parallel()
	pack := func(s string) string {
		var b bytes.Buffer
		zw := gzip.NewWriter(&b)
		io.WriteString(zw, s)
		zw.Close()
		return b.String()
	}
	const list = `[{"id": "p"}]`
	whole := pack(list)
	hollow := strings.Repeat(hollowGzip(t), 130) // 8.5 MB that unpack to nothing
	tests := []struct {
		name, encoding, body string
		want                 error
		cause                string
	}{
		{"plain", "", list, nil, ""},
		{"identity", "identity", list, nil, ""},
		{"gzip", "gzip", whole, nil, ""},
		{"gzip in capitals", "GZIP", whole, nil, ""},
		{"not gzip", "gzip", list, progressapi.ErrUnreadable, "broken gzip"},
		{"empty gzip", "gzip", "", progressapi.ErrUnreadable, "broken gzip"},
		{"half a gzip", "gzip", whole[:len(whole)-12], progressapi.ErrUnreadable, "broken gzip"},
		{"brotli", "br", list, progressapi.ErrUnreadable, "unknown content encoding"},
		{"as large as can be", "", list + strings.Repeat(" ", 8<<20-len(list)), nil, ""},
		{"a byte too large", "", list + strings.Repeat(" ", 8<<20-len(list)+1), progressapi.ErrUnreadable, "too large"},
		{"unpacks to as much as can be", "gzip", pack(list + strings.Repeat(" ", 8<<20-len(list))), nil, ""},
		{"unpacks to a byte too much", "gzip", pack(list + strings.Repeat(" ", 8<<20-len(list)+1)), progressapi.ErrUnreadable, "too large"},
		{"too large while packed", "gzip", hollow, progressapi.ErrUnreadable, "too large"},
	}
	for _, tt := range tests {
		for _, length := range []int64{int64(len(tt.body)), -1} {
			t.Run(fmt.Sprintf("%s/length %d", tt.name, length), func(t *testing.T) {
				t.Parallel()
				answer := tripper(func(r *http.Request) (*http.Response, error) {
					resp, err := canned(tt.body).RoundTrip(r)
					resp.Header.Set("Content-Encoding", tt.encoding)
					resp.ContentLength = length
					return resp, err
				})
				programs, err := replay(t, answer).ListPrograms(t.Context(), testUser)
				if kindOf(t, err) != tt.want || err == nil && len(programs) != 1 || err != nil && !strings.HasSuffix(err.Error(), tt.cause) {
					t.Errorf("%d programs, %v; want 1 or %v %s", len(programs), err, tt.want, tt.cause)
				}
			})
		}
	}
}

// hollowGzip returns 64 KiB of gzip that unpack to nothing.
func hollowGzip(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	zw.Extra = make([]byte, 1<<16-1)
	if err := zw.Close(); err != nil {
		t.Fatalf("pack: %v", err)
	}
	return b.String()
}

func TestErrorBodiesAreUnpackedAndBounded(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	zw := gzip.NewWriter(&packed)
	io.WriteString(zw, `{"status": {"errorCode": 1001}}`)
	zw.Close()
	page := "<html>" + strings.Repeat(" ", 1<<20)
	tests := []struct {
		name           string
		status         int
		encoding, body string
		want           error
	}{
		{"packed code", 400, "gzip", packed.String(), progressapi.ErrKeyRefused},
		{"broken gzip", 400, "gzip", "no", progressapi.ErrUnavailable},
		{"half a gzip", 404, "gzip", packed.String()[:20], progressapi.ErrNotFound},
		{"long page", 404, "", page, progressapi.ErrUnreadable},
		{"long page of a proxy", 502, "", page, progressapi.ErrUnavailable},
	}
	for _, tt := range tests {
		read := 0
		answer := tripper(func(r *http.Request) (*http.Response, error) {
			body := countReader{strings.NewReader(tt.body), &read}
			return &http.Response{StatusCode: tt.status, Header: http.Header{"Content-Encoding": {tt.encoding}}, Body: io.NopCloser(body), Request: r}, nil
		})
		_, err := replay(t, answer, progressapi.WithAttempts(1)).GetProgram(t.Context(), testUser, "p")
		if kindOf(t, err) != tt.want || read > 65<<10 {
			t.Errorf("%s: %v after %d bytes, want %v after at most 64 KiB", tt.name, err, read, tt.want)
		}
	}
}

// countReader counts what is read.
type countReader struct {
	io.Reader
	n *int
}

func (r countReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	*r.n += n
	return n, err
}

// TestConnectionFaultsAreToldInFixedWords lets transports fail with errors
// that hold what must not be passed on.
func TestConnectionFaultsAreToldInFixedWords(t *testing.T) {
	t.Parallel()
	const secret = "https://api.example.com/users/discord/123456789012345678 " + testKey
	tests := []struct {
		err  error
		want string
		is   error
	}{
		{errors.New(secret), "connection failed (*errors.errorString)", nil},
		{&net.OpError{Op: "dial", Err: fmt.Errorf("connect: %w", syscall.ECONNREFUSED)}, "connection: connection refused", syscall.ECONNREFUSED},
		{&net.DNSError{Err: "no such host", Name: secret}, "host name not resolved", nil},
		{&net.DNSError{Err: "timeout", Name: secret, IsTimeout: true}, "no complete answer in time", nil},
		{fmt.Errorf("read %s: %w", secret, io.EOF), "connection closed early", nil},
		{fmt.Errorf("read %s: %w", secret, io.ErrUnexpectedEOF), "connection closed early", nil},
	}
	for _, tt := range tests {
		c := replay(t, tripper(func(*http.Request) (*http.Response, error) { return nil, tt.err }), progressapi.WithAttempts(1))
		_, err := c.ListPrograms(t.Context(), testUser)
		want := "list programs: progress API is unavailable: " + tt.want
		if kindOf(t, err) != progressapi.ErrUnavailable || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
		if tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("error %v does not match %v", err, tt.is)
		}
		checkSecrets(t, err)
	}
}

// checkSecrets fails if an error gives away the key, the URL, a person or
// the value of a reward, however it is printed or logged.
func checkSecrets(t *testing.T, values ...any) {
	t.Helper()
	for _, v := range values {
		var logged bytes.Buffer
		slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "value", v)
		slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "value", v)
		text := fmt.Sprintf("%v %+v %#v %s", v, v, v, v) + logged.String()
		for err, ok := v.(error); ok && err != nil; err = errors.Unwrap(err) {
			text += fmt.Sprintf(" %#v", err)
		}
		for _, secret := range []string{testKey, progressapitest.DefaultKey, progressapitest.RewardValue, testUser, progressapitest.Collector, "/users/", "http://", "https://"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is given away in %s", secret, text)
			}
		}
	}
}

func TestClientGivesNothingAway(t *testing.T) {
	t.Parallel()
	c := newClient(t, respond(200, "[]"), progressapi.WithUserAgent("progressbot/1"))
	for _, text := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), fmt.Sprintf("%v", *c), fmt.Sprintf("%#v", *c)} {
		if strings.Contains(text, testKey) {
			t.Errorf("the key is given away in %s", text)
		}
	}
}

func TestRewardValueIsDropped(t *testing.T) {
	t.Parallel()
	server, err := progressapitest.Start(progressapitest.Options{})
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	defer server.Close()
	c := clientOf(t, server, patient())
	for _, person := range []string{progressapitest.Finisher, progressapitest.Hostile} {
		if !bytes.Contains(fetchBody(t, server.API, person), []byte(progressapitest.RewardValue)) {
			t.Errorf("%s has no reward with a value, so that nothing is shown", person)
		}
		programs, err := c.ListPrograms(t.Context(), person)
		if err != nil {
			t.Fatalf("ListPrograms: %v", err)
		}
		if text := fmt.Sprintf("%+v", rewardsOf(programs)) + fmt.Sprintf("%#v", programs); strings.Contains(text, progressapitest.RewardValue) {
			t.Errorf("the value of a reward of %s is still there", person)
		}
	}
}

func rewardsOf(programs []progressapi.Program) []progressapi.Reward {
	var rewards []progressapi.Reward
	for _, p := range programs {
		if p.Reward != nil {
			rewards = append(rewards, *p.Reward)
		}
	}
	return rewards
}
