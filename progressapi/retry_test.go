package progressapi_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/progressapi"
)

// script is a transport that plays one step per request, and notes when each
// came. Its last step repeats.
type script struct {
	steps []step
	began time.Time
	mu    sync.Mutex
	at    []time.Duration
}

// step is how one request ends.
type step struct {
	status     int
	body       string
	retryAfter string
	after      time.Duration
	hang       bool
	err        error
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	now := s.steps[min(len(s.at), len(s.steps)-1)]
	s.at = append(s.at, time.Since(s.began))
	s.mu.Unlock()
	wait := now.after
	if now.hang {
		wait = time.Hour
	}
	select {
	case <-time.After(wait):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if now.err != nil {
		return nil, now.err
	}
	return &http.Response{
		StatusCode: now.status,
		Header:     http.Header{"Retry-After": {now.retryAfter}},
		Body:       io.NopCloser(bytes.NewReader([]byte(now.body))),
		Request:    r,
	}, nil
}

// TestRetries plays scripts on a simulated clock: how often is asked, within
// which time, and what comes of it.
func TestRetries(t *testing.T) {
	t.Parallel()
	ok := step{status: 200, body: `[{"id":"p"}]`}
	fault := step{status: 503}
	limited := func(after string) step { return step{status: 429, retryAfter: after} }
	const second = time.Second
	tests := []struct {
		name     string
		steps    []step
		deadline time.Duration // 0: none
		want     error
		requests int
		least    time.Duration // the call takes
		most     time.Duration
	}{
		{"first try", []step{ok}, 0, nil, 1, 0, 0},
		{"one fault", []step{fault, ok}, 0, nil, 2, 0, 150 * time.Millisecond},
		{"two faults", []step{fault, {status: 500}, ok}, 0, nil, 3, 0, 450 * time.Millisecond},
		{"all faults", []step{fault}, 0, progressapi.ErrUnavailable, 3, 0, 450 * time.Millisecond},
		{"reset, then fine", []step{{err: io.EOF}, ok}, 0, nil, 2, 0, 150 * time.Millisecond},
		{"408, then fine", []step{{status: 408}, ok}, 0, nil, 2, 0, 150 * time.Millisecond},
		{"hangs, then fine", []step{{hang: true}, ok}, 0, nil, 2, 5 * second, 5*second + 150*time.Millisecond},
		{"slow, but steady", []step{{status: 200, body: ok.body, after: 4 * second}}, 0, nil, 1, 4 * second, 4 * second},
		{"hangs for ever", []step{{hang: true}}, 0, progressapi.ErrUnavailable, 2, 10 * second, 10 * second},
		{"hangs beyond the deadline", []step{{hang: true}}, 6 * second, progressapi.ErrUnavailable, 2, 6 * second, 6 * second},
		{"slow beyond the deadline", []step{{hang: true}}, second, progressapi.ErrUnavailable, 1, second, second},
		{"fault near the deadline", []step{{status: 503, after: second}}, second + 1, progressapi.ErrUnavailable, 1, second, second},

		{"limited, fits", []step{limited("3"), ok}, 0, nil, 2, 3 * second, 3*second + 100*time.Millisecond},
		{"limited, fits the deadline", []step{limited("3"), ok}, 4 * second, nil, 2, 3 * second, 3*second + 100*time.Millisecond},
		{"limited, does not fit", []step{limited("3"), ok}, 2 * second, progressapi.ErrRateLimited, 1, 0, 0},
		{"limited beyond the default", []step{limited("60"), ok}, 0, progressapi.ErrRateLimited, 1, 0, 0},
		{"limited, no hint", []step{limited(""), ok}, 0, nil, 2, 0, second},
		{"limited for ever", []step{limited("")}, 0, progressapi.ErrRateLimited, 3, 0, 3 * second},
		{"503 with a hint", []step{{status: 503, retryAfter: "2"}, ok}, 0, nil, 2, 2 * second, 2*second + 100*time.Millisecond},

		{"key refused", []step{{status: 401}, ok}, 0, progressapi.ErrKeyRefused, 1, 0, 0},
		{"key refused under 500", []step{{status: 500, body: `{"status":{"errorCode":1001}}`}, ok}, 0, progressapi.ErrKeyRefused, 1, 0, 0},
		{"plan refused", []step{{status: 402}, ok}, 0, progressapi.ErrPlanRefused, 1, 0, 0},
		{"bad request", []step{{status: 400}, ok}, 0, progressapi.ErrUnavailable, 1, 0, 0},
		{"not acceptable", []step{{status: 406}, ok}, 0, progressapi.ErrUnavailable, 1, 0, 0},
		{"not JSON", []step{{status: 200, body: "oops"}, ok}, 0, progressapi.ErrUnreadable, 1, 0, 0},
		{"redirect", []step{{status: 302}, ok}, 0, progressapi.ErrUnreadable, 1, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: tt.steps, began: time.Now()}
				c := replay(t, s)
				ctx := t.Context()
				if tt.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.deadline)
					defer cancel()
				}
				_, err := c.ListPrograms(ctx, testUser)
				took := time.Since(s.began)
				if kindOf(t, err) != tt.want || len(s.at) != tt.requests || took < tt.least || took > tt.most {
					t.Errorf("%v after %d requests in %s; want %v after %d in %s to %s", err, len(s.at), took, tt.want, tt.requests, tt.least, tt.most)
				}
			})
		})
	}
}

func TestRetriesAreSpreadOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		delays := make(map[time.Duration]bool)
		for range 20 {
			s := &script{steps: []step{{status: 500}}, began: time.Now()}
			replay(t, s).ListPrograms(t.Context(), testUser)
			delays[s.at[1]] = true
		}
		if len(delays) < 15 {
			t.Errorf("%d different delays in 20 calls, want random ones", len(delays))
		}
	})
}

func TestCallerWhoLeavesIsToldSo(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]step{"while it hangs": {hang: true}, "while it waits": {status: 429, retryAfter: "5"}, "before": {hang: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				began := time.Now()
				if name == "before" {
					cancel()
				}
				time.AfterFunc(time.Second, cancel)
				_, err := replay(t, &script{steps: []step{s}}).ListPrograms(ctx, testUser)
				if !errors.Is(err, context.Canceled) || time.Since(began) > time.Second {
					t.Errorf("%v after %s, want context.Canceled after a second at most", err, time.Since(began))
				}
				if kind := kindOf(t, err); kind != progressapi.ErrUnavailable && kind != progressapi.ErrRateLimited {
					t.Errorf("kind %v, want ErrUnavailable or ErrRateLimited", kind)
				}
			})
		})
	}
}

func TestDeadlineIsNamedAsTheCause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := replay(t, &script{steps: []step{{hang: true}}}).ListPrograms(ctx, testUser)
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			t.Errorf("%v, want the caller's deadline as the cause", err)
		}
		_, err = replay(t, &script{steps: []step{{hang: true}}}, progressapi.WithAttempts(1)).ListPrograms(t.Context(), testUser)
		if errors.Is(err, context.DeadlineExceeded) || kindOf(t, err) != progressapi.ErrUnavailable {
			t.Errorf("%v, want the client's own limit not to look like the caller's", err)
		}
	})
}

// gate notes what it is asked and told, and refuses as it is told to.
type gate struct {
	refuse   []error // by attempt; the rest may enter
	attempts []progressapi.Attempt
	outcomes []outcome
	open     int
}

// outcome is a progressapi.Outcome fit for comparing.
type outcome struct {
	Err        string
	RetryAfter time.Duration
	Took       time.Duration
}

func (g *gate) Enter(_ context.Context, a progressapi.Attempt) (func(progressapi.Outcome), error) {
	n := len(g.attempts)
	g.attempts = append(g.attempts, a)
	if n < len(g.refuse) && g.refuse[n] != nil {
		return nil, g.refuse[n]
	}
	g.open++
	return func(o progressapi.Outcome) {
		g.open--
		text := ""
		if o.Err != nil {
			text = o.Err.Error()
		}
		g.outcomes = append(g.outcomes, outcome{text, o.RetryAfter, o.Took})
	}, nil
}

func TestGateIsAskedAndToldOfEveryAttempt(t *testing.T) {
	t.Parallel()
	const second = time.Second
	tests := []struct {
		name     string
		steps    []step
		refuse   []error
		attempts int
		outcomes []outcome
		want     error
		text     string
	}{
		{
			name:     "a fault, a limit, no answer",
			steps:    []step{{status: 503, after: second}, {status: 429, retryAfter: "2"}, {hang: true}},
			attempts: 3,
			outcomes: []outcome{
				{"list programs: progress API is unavailable (status 503)", 0, second},
				{"list programs: progress API rate limit reached (status 429)", 2 * second, 0},
				{"list programs: progress API is unavailable: no complete answer in time", 0, 5 * second},
			},
			want: progressapi.ErrUnavailable,
			text: "list programs: progress API is unavailable: no complete answer in time",
		},
		{
			name:     "nothing here is no failure of a list",
			steps:    []step{{status: 404}},
			attempts: 1,
			outcomes: []outcome{{}},
		},
		{
			name:     "closed from the start",
			steps:    []step{{status: 200}},
			refuse:   []error{progressapi.ErrUnavailable},
			attempts: 1,
			want:     progressapi.ErrUnavailable,
			text:     "list programs: progress API is unavailable",
		},
		{
			name:     "limited from the start",
			steps:    []step{{status: 200}},
			refuse:   []error{&progressapi.Error{Op: "budget", Kind: progressapi.ErrRateLimited, RetryAfter: second}},
			attempts: 1,
			want:     progressapi.ErrRateLimited,
			text:     "list programs: progress API rate limit reached",
		},
		{
			name:     "limited in other words",
			steps:    []step{{status: 200}},
			refuse:   []error{wrapped{progressapi.ErrRateLimited}},
			attempts: 1,
			want:     progressapi.ErrRateLimited,
			text:     "list programs: progress API rate limit reached: the gate is shut",
		},
		{
			name:     "no retry granted",
			steps:    []step{{status: 502}},
			refuse:   []error{nil, progressapi.ErrUnavailable},
			attempts: 2,
			outcomes: []outcome{{"list programs: progress API is unavailable (status 502)", 0, 0}},
			want:     progressapi.ErrUnavailable,
			text:     "list programs: progress API is unavailable (status 502)",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := &gate{refuse: tt.refuse}
				s := &script{steps: tt.steps}
				_, err := replay(t, s, progressapi.WithGate(g)).ListPrograms(progressapi.Background(t.Context()), testUser)
				if kindOf(t, err) != tt.want || err != nil && err.Error() != tt.text {
					t.Errorf("error %v, want %s", err, tt.text)
				}
				var want []progressapi.Attempt
				for n := range tt.attempts {
					want = append(want, progressapi.Attempt{Background: true, Retry: n > 0})
				}
				if diff := cmp.Diff(want, g.attempts); diff != "" {
					t.Errorf("attempts (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tt.outcomes, g.outcomes); diff != "" {
					t.Errorf("outcomes (-want +got):\n%s", diff)
				}
				if g.open != 0 {
					t.Errorf("%d attempts entered and never ended", g.open)
				}
			})
		})
	}
}

// wrapped is an error that is one of the sentinels in other words.
type wrapped struct{ kind error }

func (wrapped) Error() string   { return "the gate is shut" }
func (w wrapped) Unwrap() error { return w.kind }

func TestGateIsToldOfAPanic(t *testing.T) {
	t.Parallel()
	g := &gate{}
	broken := tripper(func(*http.Request) (*http.Response, error) { panic("transport broke") })
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		replay(t, broken, progressapi.WithGate(g)).ListPrograms(t.Context(), testUser)
	}()
	if g.open != 0 || len(g.outcomes) != 1 || g.outcomes[0].Err == "" {
		t.Errorf("%d attempts entered and never ended, outcomes %+v; want one that is a failure", g.open, g.outcomes)
	}
}

func TestGateThatEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := replay(t, canned("[]"), progressapi.WithGate(&gate{refuse: []error{context.Canceled}}))
	_, err := c.ListPrograms(ctx, testUser)
	if kindOf(t, err) != progressapi.ErrUnavailable || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want ErrUnavailable because of context.Canceled", err)
	}
}
