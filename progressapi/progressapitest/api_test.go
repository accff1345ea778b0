package progressapitest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"progressbot/progressapi/progressapitest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2025, time.December, 1, 12, 0, 0, 0, time.UTC)

// start serves an API whose clock stands at noon.
func start(t *testing.T, o progressapitest.Options) *progressapitest.Server {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	s, err := progressapitest.Start(o)
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// ask sends a well-formed request, changed by change.
func ask(t *testing.T, s *progressapitest.Server, path string, change func(*http.Request)) (int, http.Header, []byte, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+path, nil)
	if err != nil {
		t.Fatalf("NewRequest: %v", err)
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "progressapitest")
	r.Header["x-gft_api_key"] = []string{progressapitest.DefaultKey}
	if change != nil {
		change(r)
	}
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, body, err
}

func list(person string) string {
	return "/users/discord/" + person + "/progress/collection-challenges"
}

func get(person, program string) string { return list(person) + "/" + program }

// programs decodes a bare list.
func programs(t *testing.T, body []byte) []map[string]any {
	t.Helper()
	var list []map[string]any
	if err := json.Unmarshal(body, &list); err != nil {
		t.Fatalf("decode %.200q: %v", body, err)
	}
	return list
}

func TestRefusesWhatBreaksTheRules(t *testing.T) {
	t.Parallel()
	path := list(progressapitest.Collector)
	tests := []struct {
		name   string
		path   string
		change func(*http.Request)
		status int
		code   int
	}{
		{"wrong key", path, func(r *http.Request) { r.Header["x-gft_api_key"] = []string{"wrong"} }, 400, 1001},
		{"missing key", path, func(r *http.Request) { delete(r.Header, "x-gft_api_key") }, 401, 1002},
		{"key in another header", path, func(r *http.Request) {
			delete(r.Header, "x-gft_api_key")
			r.Header.Set("gft-api-key", progressapitest.DefaultKey)
		}, 401, 1002},
		{"method", path, func(r *http.Request) { r.Method = http.MethodPost }, 405, 0},
		{"accept", path, func(r *http.Request) { r.Header.Del("Accept") }, 406, 0},
		{"user agent", path, func(r *http.Request) { r.Header.Set("User-Agent", "Go-http-client/1.1") }, 403, 0},
		{"query", path + "?page=2", nil, 400, 0},
		{"platform", strings.Replace(path, "discord", "roblox", 1), nil, 404, 0},
		{"trailing slash", path + "/", nil, 404, 0},
		{"unescaped slash", get(progressapitest.Collector, "a/b"), nil, 404, 0},
		{"other endpoint", "/users/discord/1/inventory", nil, 404, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, progressapitest.Options{})
			status, _, body, err := ask(t, s, tt.path, tt.change)
			if err != nil {
				t.Fatalf("ask: %v", err)
			}
			var got struct {
				Status struct {
					Timestamp string `json:"timestamp"`
					ErrorCode int    `json:"errorCode"`
				} `json:"status"`
			}
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatalf("decode %q: %v", body, err)
			}
			if status != tt.status || got.Status.ErrorCode != tt.code || got.Status.Timestamp != "1764590400000" {
				t.Errorf("status %d, body %s; want status %d, code %d", status, body, tt.status, tt.code)
			}
			if v := s.Violations(); len(v) != 1 || strings.Contains(v[0], progressapitest.DefaultKey) {
				t.Errorf("violations %q, want one that quotes no key", v)
			}
		})
	}
}

func TestEverybodyIsWhoTheySayTheyAre(t *testing.T) {
	t.Parallel()
	s := start(t, progressapitest.Options{})
	want := map[string]int{
		progressapitest.Newcomer: 0, progressapitest.Collector: 8, progressapitest.Finisher: 2, progressapitest.Veteran: 300,
	}
	for person, n := range want {
		status, _, body, err := ask(t, s, list(person), nil)
		if err != nil || status != http.StatusOK {
			t.Fatalf("ask about %s: status %d, %v", person, status, err)
		}
		if got := len(programs(t, body)); got != n {
			t.Errorf("%s has %d programs, want %d", person, got, n)
		}
	}
	if got := len(progressapitest.People()); got != len(want)+1 {
		t.Errorf("%d people, want those above and one hostile", got)
	}
}

func TestCollectorHasOneProgramInEachState(t *testing.T) {
	t.Parallel()
	s := start(t, progressapitest.Options{})
	type state struct {
		Status    any
		Percent   any
		Collected any
		Size      any
		TimeLeft  any
	}
	_, _, body, err := ask(t, s, list(progressapitest.Collector), nil)
	if err != nil {
		t.Fatalf("ask: %v", err)
	}
	got := make(map[string]state)
	for _, p := range programs(t, body) {
		got[p["id"].(string)] = state{p["status"], p["progressInPercentage"], p["collectedCount"], p["size"], p["timeLeft"]}
	}
	const day = 86400e3
	want := map[string]state{
		progressapitest.ProgramHalfway:  {"in_progress", 50., 5., 10., 7 * day},
		progressapitest.ProgramAlmost:   {"in_progress", 91., 11., 12., day},
		progressapitest.ProgramUntaken:  {"not_started", 0., 0., 8., 40 * day},
		progressapitest.ProgramUpcoming: {"not_started", 0., 0., 9., 33 * day},
		progressapitest.ProgramEnded:    {"ended", 50., 4., 8., 0.},
		progressapitest.ProgramClaimed:  {"completed", 100., 10., 10., 30 * day},
		progressapitest.ProgramEndless:  {"in_progress", 42., 3., 7., nil},
		progressapitest.ProgramSparse:   {"in_progress", 45., nil, nil, nil},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

func TestProgressCanBeMade(t *testing.T) {
	t.Parallel()
	s := start(t, progressapitest.Options{})
	look := func() string {
		t.Helper()
		_, _, body, err := ask(t, s, get(progressapitest.Collector, progressapitest.ProgramAlmost), nil)
		if err != nil {
			t.Fatalf("ask: %v", err)
		}
		var p struct {
			Status    string
			Collected int `json:"collectedCount"`
			Percent   int `json:"progressInPercentage"`
			Cards     []struct {
				Owned    bool `json:"isOwned"`
				Quantity int  `json:"ownedQuantity"`
			}
			Reward struct {
				CanClaim, IsClaimed bool
				ClaimedTimestamp    int64
			}
		}
		if err := json.Unmarshal(body, &p); err != nil {
			t.Fatalf("decode: %v", err)
		}
		spare := 0
		for _, c := range p.Cards {
			spare += max(c.Quantity-1, 0)
		}
		return fmt.Sprintf("%s %d %d%% spare %d claim %t/%t at %d", p.Status, p.Collected, p.Percent, spare, p.Reward.CanClaim, p.Reward.IsClaimed, p.Reward.ClaimedTimestamp)
	}
	steps := []struct {
		do   func() error
		want string
	}{
		{func() error { return nil }, "in_progress 11 91% spare 0 claim false/false at 0"},
		{func() error {
			return s.Advance(progressapitest.Collector, progressapitest.ProgramAlmost, 3)
		}, "completed 12 100% spare 2 claim true/false at 0"},
		{func() error {
			s.Pass(time.Minute)
			return s.Claim(progressapitest.Collector, progressapitest.ProgramAlmost)
		}, "completed 12 100% spare 2 claim false/true at 1764590460000"},
	}
	for i, step := range steps {
		if err := step.do(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		if got := look(); got != step.want {
			t.Errorf("step %d: %s, want %s", i, got, step.want)
		}
	}
	if err := s.Advance(progressapitest.Collector, "program_none", 1); err == nil {
		t.Error("Advance of a program that is not there: no error")
	}
	if err := s.Claim(progressapitest.Collector, progressapitest.ProgramHalfway); err == nil {
		t.Error("Claim of a reward that is not earned: no error")
	}
}

func TestSetProgramsWithoutCards(t *testing.T) {
	t.Parallel()
	s := start(t, progressapitest.Options{})
	s.SetPrograms("42", progressapitest.Program{ID: "p", Name: "P", Size: 4, Collected: 1, Ends: noon.Add(time.Hour)})
	if err := s.Advance("42", "p", 9); err != nil {
		t.Fatalf("Advance: %v", err)
	}
	s.SetNow(noon.Add(30 * time.Minute))
	_, _, body, err := ask(t, s, list("42"), nil)
	if err != nil {
		t.Fatalf("ask: %v", err)
	}
	p := programs(t, body)[0]
	if p["collectedCount"] != 4. || p["timeLeft"] != 1800e3 || p["status"] != "completed" {
		t.Errorf("program %v, want 4 collected, half an hour left, completed", p)
	}
	s.Forget("42")
	if _, _, body, _ := ask(t, s, list("42"), nil); string(body) != "[]" {
		t.Errorf("forgotten person: %s, want []", body)
	}
}

func TestProgramsAreCopies(t *testing.T) {
	t.Parallel()
	s := start(t, progressapitest.Options{})
	mine := s.Programs(progressapitest.Finisher)
	mine[0].Cards[0].Quantity = 77
	mine[0].Reward.Name = "changed"
	theirs := s.Programs(progressapitest.Finisher)
	if theirs[0].Cards[0].Quantity != 1 || theirs[0].Reward.Name != "River Keeper" {
		t.Errorf("program %+v changed with its copy", theirs[0])
	}
	s.SetPrograms("42", mine...)
	mine[0].Cards[0].Quantity = 78
	if got := s.Programs("42")[0].Cards[0].Quantity; got != 77 {
		t.Errorf("quantity %d changed after it was set, want 77", got)
	}
}

func TestUnknownPeople(t *testing.T) {
	t.Parallel()
	tests := []struct {
		unknown    progressapitest.Unknown
		list, get  int
		body, code string
	}{
		{progressapitest.UnknownEmpty, 200, 404, `[]`, ""},
		{progressapitest.UnknownNull, 200, 200, `{"data":null,"status":{"timestamp":"1764590400000"}}`, ""},
		{progressapitest.UnknownNoData, 200, 200, `{"status":{"timestamp":"1764590400000"}}`, ""},
		{progressapitest.UnknownNotFound, 404, 404, `{"status":{"errorCode":5250,"errorMessage":"Campaign not found","timestamp":"1764590400000"}}`, ""},
		{progressapitest.UnknownRefused, 400, 400, `{"status":{"errorCode":5250,"errorMessage":"Campaign not found","timestamp":"1764590400000"}}`, ""},
	}
	for _, tt := range tests {
		s := start(t, progressapitest.Options{Unknown: tt.unknown})
		status, _, body, err := ask(t, s, list("7"), nil)
		if err != nil || status != tt.list || string(body) != tt.body {
			t.Errorf("unknown %d: list %d %s %v, want %d %s", tt.unknown, status, body, err, tt.list, tt.body)
		}
		status, _, _, err = ask(t, s, get("7", "p"), nil)
		if err != nil || status != tt.get {
			t.Errorf("unknown %d: get %d %v, want %d", tt.unknown, status, err, tt.get)
		}
	}
}

func TestSampleIsDifferentForEverybodyAndStable(t *testing.T) {
	t.Parallel()
	a := start(t, progressapitest.Options{Unknown: progressapitest.UnknownSample})
	b := start(t, progressapitest.Options{Unknown: progressapitest.UnknownSample})
	one, other := a.Programs("1001"), a.Programs("1002")
	if diff := cmp.Diff(one, b.Programs("1001")); diff != "" {
		t.Errorf("sample of one person (-first +second):\n%s", diff)
	}
	if len(one) < 3 || cmp.Equal(one, other) {
		t.Errorf("samples of two people: %d programs, equal %t; want at least 3, and different ones", len(one), cmp.Equal(one, other))
	}
	if err := a.Advance("1001", one[0].ID, 1); err != nil {
		t.Errorf("Advance of a sample: %v", err)
	}
}

func TestShapes(t *testing.T) {
	t.Parallel()
	s := start(t, progressapitest.Options{})
	s.SetPrograms("42", progressapitest.Program{Raw: json.RawMessage(`{"id":"p"}`), ID: "p"})
	const status = `, "status": {"timestamp": "1764590400000"}}`
	tests := []struct {
		shape     progressapitest.Shape
		list, get string
	}{
		{progressapitest.Shape{}, `[{"id":"p"}]`, `{"id":"p"}`},
		{progressapitest.Shape{Data: true}, `{"data": [{"id":"p"}]` + status, `{"data": {"id":"p"}` + status},
		{progressapitest.Shape{Object: true, Array: true}, `{"id":"p"}`, `[{"id":"p"}]`},
		{progressapitest.Shape{Data: true, Object: true, Array: true}, `{"data": {"id":"p"}` + status, `{"data": [{"id":"p"}]` + status},
	}
	for _, tt := range tests {
		s.SetShape(tt.shape)
		if _, _, body, err := ask(t, s, list("42"), nil); string(body) != tt.list || err != nil {
			t.Errorf("%+v: list %s %v, want %s", tt.shape, body, err, tt.list)
		}
		if _, _, body, err := ask(t, s, get("42", "p"), nil); string(body) != tt.get || err != nil {
			t.Errorf("%+v: get %s %v, want %s", tt.shape, body, err, tt.get)
		}
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	s := start(t, progressapitest.Options{Gzip: true})
	_, h, packed, err := ask(t, s, list(progressapitest.Collector), func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip") })
	if err != nil || h.Get("Content-Encoding") != "gzip" {
		t.Fatalf("content encoding %q, %v; want gzip", h.Get("Content-Encoding"), err)
	}
	zr, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatalf("gzip: %v", err)
	}
	body, err := io.ReadAll(zr)
	if err != nil {
		t.Fatalf("unpack: %v", err)
	}
	if _, _, plain, _ := ask(t, s, list(progressapitest.Collector), nil); !bytes.Equal(plain, body) {
		t.Error("packed and plain answer differ")
	}
}

func TestEscapedSegmentsStayInTheirPlace(t *testing.T) {
	t.Parallel()
	s := start(t, progressapitest.Options{})
	for escaped, id := range map[string]string{"a%2Fb": "a/b", "%2E%2E": "..", "..%2F..%2Fadmin": "../../admin", "with%20space%3F&%23%25%2F;=+": "with space?&#%/;=+"} {
		s.ForgetRequests()
		if _, _, _, err := ask(t, s, get("u%2F1", escaped), nil); err != nil {
			t.Fatalf("ask: %v", err)
		}
		r := s.Requests()[0]
		if r.Endpoint.String() != "get" || r.Person != "u/1" || r.Program != id || r.Endpoint != progressapitest.Get {
			t.Errorf("%s: logged %+v, want person u/1, program %s", escaped, r, id)
		}
	}
}

func TestLogCounts(t *testing.T) {
	t.Parallel()
	s := start(t, progressapitest.Options{})
	s.Inject(progressapitest.Rule{Person: "2", Fault: progressapitest.Status(500, 0)})
	for _, path := range []string{list("1"), get("1", "p"), list("2"), "/nowhere"} {
		if _, _, _, err := ask(t, s, path, nil); err != nil {
			t.Fatalf("ask %s: %v", path, err)
		}
	}
	want := []progressapitest.Request{
		{At: noon, Endpoint: progressapitest.List, Person: "1", Status: 200},
		{At: noon, Endpoint: progressapitest.Get, Person: "1", Program: "p", Status: 404},
		{At: noon, Endpoint: progressapitest.List, Person: "2", Status: 500, Fault: "status 500 code 0"},
		{At: noon, Status: 404, Problem: "no such path"},
	}
	if diff := cmp.Diff(want, s.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if s.Total() != 4 || s.Count("1") != 2 || s.Count("3") != 0 || s.Peak() != 1 {
		t.Errorf("total %d, of 1 %d, of 3 %d, peak %d; want 4, 2, 0, 1", s.Total(), s.Count("1"), s.Count("3"), s.Peak())
	}
	if diff := cmp.Diff(map[string]int{"1": 2, "2": 1}, s.Counts()); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	s.ForgetRequests()
	if s.Total() != 0 || len(s.Requests()) != 0 || len(s.Violations()) != 0 {
		t.Error("something is left after ForgetRequests")
	}
}

func TestAwaitTotalEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := progressapitest.New(progressapitest.Options{}).AwaitTotal(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("AwaitTotal: %v, want context.Canceled", err)
	}
}

func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	api := progressapitest.New(progressapitest.Options{})
	for range 5000 {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://x/", nil)
		api.ServeHTTP(discard{}, r)
	}
	if n := len(api.Requests()); n > 4096 || api.Total() != 5000 || len(api.Violations()) != 100 {
		t.Errorf("%d requests kept of %d, %d violations; want at most 4096 of 5000, 100", n, api.Total(), len(api.Violations()))
	}
}

type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}

func TestRulesApplyInOrderToWhatTheyFit(t *testing.T) {
	t.Parallel()
	s := start(t, progressapitest.Options{})
	s.Inject(progressapitest.Rule{Person: "1", Endpoint: progressapitest.List, Times: 2, Fault: progressapitest.Status(501, 0)})
	s.Inject(progressapitest.Rule{Person: "1", Program: "p", Fault: progressapitest.Status(502, 0)})
	remove := s.Inject(progressapitest.Rule{Times: 0, Fault: progressapitest.Raw(299, "{}")})
	var got []int
	status := func(path string) {
		t.Helper()
		st, _, _, err := ask(t, s, path, nil)
		if err != nil {
			t.Fatalf("ask: %v", err)
		}
		got = append(got, st)
	}
	status(list("1"))
	status(get("1", "p"))
	status(list("1"))
	status(list("1"))
	status(list("2"))
	remove()
	status(list("2"))
	status(get("1", "p"))
	s.Mend()
	s.Break(progressapitest.Truth())
	status(get(progressapitest.Finisher, progressapitest.ProgramFinished))
	if diff := cmp.Diff([]int{501, 502, 501, 299, 299, 200, 502, 200}, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
}

func TestRateIsKeptPerSecond(t *testing.T) {
	t.Parallel()
	s := start(t, progressapitest.Options{})
	s.SetRate(2)
	var got []int
	for range 2 {
		for range 3 {
			status, _, _, err := ask(t, s, list("1"), nil)
			if err != nil {
				t.Fatalf("ask: %v", err)
			}
			got = append(got, status)
		}
		s.Pass(time.Second)
	}
	if diff := cmp.Diff([]int{200, 200, 429, 200, 200, 429}, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	s.SetRate(0)
	for range 3 {
		if status, _, _, err := ask(t, s, list("1"), nil); status != 200 || err != nil {
			t.Errorf("without a rate: status %d, %v", status, err)
		}
	}
}

func TestFieldsReplaceWhatFollows(t *testing.T) {
	t.Parallel()
	s := start(t, progressapitest.Options{})
	s.SetPrograms("1", progressapitest.Program{ID: "p", Name: "P", Size: 2, Fields: map[string]any{
		"name": nil, "size": "2", "environment": progressapitest.Omit, "createdTimestamp": progressapitest.Omit, "new": true,
	}})
	_, _, body, err := ask(t, s, get("1", "p"), nil)
	const want = `{"collectedCount":0,"id":"p","name":null,"new":true,"progressInPercentage":0,"size":"2","status":"not_started"}`
	if string(body) != want || err != nil {
		t.Errorf("%s, %v; want %s", body, err, want)
	}
}

func TestFaultsDoWhatTheySay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault progressapitest.Fault
		check func(status int, h http.Header, body []byte, err error) bool
	}{
		{progressapitest.RateLimited("7"), func(status int, h http.Header, _ []byte, _ error) bool {
			return status == 429 && h.Get("Retry-After") == "7"
		}},
		{progressapitest.RateLimited(""), func(status int, h http.Header, _ []byte, _ error) bool {
			return status == 429 && h["Retry-After"] == nil
		}},
		{progressapitest.Latency(time.Millisecond), func(status int, _ http.Header, body []byte, _ error) bool {
			return status == 200 && len(body) > 1000
		}},
		{progressapitest.Reset(), func(status int, _ http.Header, _ []byte, err error) bool { return status == 0 && err != nil }},
		{progressapitest.CutOff(), func(status int, _ http.Header, body []byte, err error) bool {
			return status == 200 && len(body) > 0 && errors.Is(err, io.ErrUnexpectedEOF)
		}},
		{progressapitest.HTML(502), func(status int, _ http.Header, body []byte, _ error) bool {
			return status == 502 && bytes.Contains(body, []byte("<h1>"))
		}},
		{progressapitest.Truncated(), func(status int, _ http.Header, body []byte, err error) bool {
			return status == 200 && err == nil && !json.Valid(body)
		}},
		{progressapitest.Huge(9 << 20), func(_ int, _ http.Header, body []byte, _ error) bool {
			return len(body) == 9<<20 && json.Valid(body)
		}},
		{progressapitest.GzipBomb(9 << 20), func(_ int, h http.Header, body []byte, _ error) bool {
			return len(body) < 64<<10 && h.Get("Content-Encoding") == "gzip"
		}},
		{progressapitest.Foreign(), func(status int, _ http.Header, body []byte, _ error) bool {
			return status == 200 && json.Valid(body)
		}},
		{progressapitest.Redirect(307, "https://elsewhere.example.com/"), func(status int, h http.Header, _ []byte, _ error) bool {
			return status == 307 && h.Get("Location") != ""
		}},
	}
	for _, tt := range tests {
		t.Run(tt.fault.String(), func(t *testing.T) {
			t.Parallel()
			s := start(t, progressapitest.Options{})
			s.Break(tt.fault)
			status, h, body, err := ask(t, s, list(progressapitest.Collector), nil)
			if !tt.check(status, h, body, err) {
				t.Errorf("status %d, header %v, %d bytes %.100q, error %v", status, h, len(body), body, err)
			}
		})
	}
}

func TestEndlessFaultsEndWithTheServer(t *testing.T) {
	t.Parallel()
	for _, f := range []progressapitest.Fault{progressapitest.Hang(), progressapitest.Drip(time.Millisecond), progressapitest.Latency(time.Hour), progressapitest.Held(nil)} {
		s, err := progressapitest.Start(progressapitest.Options{})
		if err != nil {
			t.Fatalf("Start: %v", err)
		}
		s.Break(f)
		asked := make(chan error, 1)
		go func() {
			_, _, _, err := ask(t, s, list("1"), nil)
			asked <- err
		}()
		if err := s.AwaitTotal(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("%s: Close: %v", f, err)
		}
		if err := <-asked; err == nil {
			t.Errorf("%s: an answer came, want none", f)
		}
	}
}

func TestHeldAnswersOnceItIsLet(t *testing.T) {
	t.Parallel()
	s, err := progressapitest.Start(progressapitest.Options{})
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	until := make(chan struct{})
	s.Break(progressapitest.Held(until))
	asked := make(chan int, 1)
	go func() {
		status, _, _, err := ask(t, s, list("1"), nil)
		if err != nil {
			t.Errorf("ask: %v", err)
		}
		asked <- status
	}()
	if err := s.AwaitTotal(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	select {
	case status := <-asked:
		t.Fatalf("status %d while it is held", status)
	default:
	}
	close(until)
	if status := <-asked; status != http.StatusOK {
		t.Errorf("status %d, want 200", status)
	}
}

func TestFaultsHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, f := range progressapitest.Faults() {
		if f.String() == "" || seen[f.String()] {
			t.Errorf("fault %q is unnamed or there twice", f)
		}
		seen[f.String()] = true
	}
	if len(seen) < 15 {
		t.Errorf("%d faults, want every kind", len(seen))
	}
}

func TestGeneratorsMakeDifferentThings(t *testing.T) {
	t.Parallel()
	programs := progressapitest.Programs(10_000, noon)
	ids, names := make(map[string]bool), make(map[string]bool)
	for _, p := range programs {
		ids[p.ID], names[p.Name] = true, true
	}
	if len(ids) != 10_000 || len(names) != 10_000 {
		t.Errorf("%d ids, %d names, want 10000 of each", len(ids), len(names))
	}
	cards := make(map[string]bool)
	owned := 0
	for _, c := range progressapitest.Cards(5000) {
		cards[c.ID] = true
		if c.Quantity > 0 {
			owned++
		}
	}
	if len(cards) != 5000 || owned != 1667 {
		t.Errorf("%d cards, %d owned; want 5000, 1667", len(cards), owned)
	}
}

func TestHostileIsHostile(t *testing.T) {
	t.Parallel()
	s := start(t, progressapitest.Options{})
	_, _, body, err := ask(t, s, list(progressapitest.Hostile), nil)
	if err != nil {
		t.Fatalf("ask: %v", err)
	}
	for _, want := range []string{
		"@everyone", `\u0000`, "\xff\xc3\x28", "\u202e", "\u200b", "```", "discord.gg/", "javascript:", "1e400", "NaN", `"a/b"`, `"../../admin"`,
		progressapitest.RewardValue, strings.Repeat("W", 5000),
	} {
		if !bytes.Contains(body, []byte(want)) {
			t.Errorf("%.40q is missing", want)
		}
	}
	if !json.Valid(body) || len(body) > 8<<20 {
		t.Errorf("valid %t, %d bytes; want JSON that can be read at all", json.Valid(body), len(body))
	}
}
