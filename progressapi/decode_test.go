package progressapi_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"progressbot/progressapi"
	"progressbot/progressapi/progressapitest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// reading is what a golden file holds: how a body was read.
type reading struct {
	Programs []progressapi.Program `json:"programs"`
	Error    string                `json:"error,omitempty"`
}

// read decodes a body as the answer to ListPrograms, without a network.
func read(tb testing.TB, body []byte) ([]progressapi.Program, error) {
	tb.Helper()
	return replay(tb, canned(body)).ListPrograms(tb.Context(), testUser)
}

// replay returns a client whose answers all come from rt.
func replay(tb testing.TB, rt http.RoundTripper, opts ...progressapi.Option) *progressapi.Client {
	tb.Helper()
	opts = append([]progressapi.Option{
		progressapi.WithHTTPClient(&http.Client{Transport: rt}),
		progressapi.WithClock(func() time.Time { return arrival }),
	}, opts...)
	c, err := progressapi.NewClient("http://api.example.com/v1", testKey, opts...)
	if err != nil {
		tb.Fatalf("NewClient: %v", err)
	}
	return c
}

// TestGoldenAnswers reads every answer in testdata/answers and compares what
// became of it with the golden file beside it.
func TestGoldenAnswers(t *testing.T) {
	t.Parallel()
	for _, file := range answerFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("read answer: %v", err)
			}
			programs, err := read(t, body)
			got := reading{Programs: programs}
			if err != nil {
				got.Error = err.Error()
			}
			golden := strings.TrimSuffix(file, ".json") + ".golden"
			if *update {
				writeGolden(t, golden, got)
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatalf("read golden file: %v", err)
			}
			if diff := cmp.Diff(string(want), indent(t, got)); diff != "" {
				t.Errorf("reading (-want +got):\n%s", diff)
			}
		})
	}
}

// answerFiles returns the answers in testdata, and fails if there are none.
func answerFiles(tb testing.TB) []string {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "answers", "*.json"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no answers in testdata (%v)", err)
	}
	return files
}

func indent(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatalf("marshal: %v", err)
	}
	return string(b) + "\n"
}

func writeGolden(t *testing.T, file string, v any) {
	t.Helper()
	if err := os.WriteFile(file, []byte(indent(t, v)), 0o644); err != nil {
		t.Fatalf("write golden file: %v", err)
	}
}

// program reads a single program in which only the given fields stand.
func program(t *testing.T, fields string) progressapi.Program {
	t.Helper()
	p, err := replay(t, canned("{"+fields+"}")).GetProgram(t.Context(), testUser, "program_1")
	if err != nil {
		t.Fatalf("GetProgram on {%s}: %v", fields, err)
	}
	return p
}

func TestFigures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fields                   string
		size, collected, percent int
		countTold, percentTold   bool
	}{
		{`"size": 10, "collectedCount": 3, "progressInPercentage": 30`, 10, 3, 30, true, true},
		{`"size": "10", "collectedCount": "3", "progressInPercentage": " 30 "`, 10, 3, 30, true, true},
		{`"size": 1e1, "collectedCount": 3.0, "progressInPercentage": "30.9"`, 10, 3, 30, true, true},
		{`"size": 10, "collectedCount": 9, "progressInPercentage": 99.99`, 10, 9, 99, true, true},
		{`"size": 10, "collectedCount": 3`, 10, 3, 30, true, false},
		{`"size": 3, "collectedCount": 2`, 3, 2, 66, true, false},
		{`"size": 10, "progressInPercentage": 30`, 10, 0, 30, false, true},
		{`"collectedCount": 3, "progressInPercentage": 30`, 0, 3, 30, false, true},
		{`"size": 10`, 10, 0, 0, false, false},
		{`"size": 10, "collectedCount": 14, "progressInPercentage": 140`, 10, 10, 100, true, true},
		{`"size": 10, "collectedCount": -4, "progressInPercentage": -1`, 10, 0, 0, true, true},
		{`"size": -10, "collectedCount": 4, "progressInPercentage": 1e9`, 0, 4, 100, false, true},
		{`"size": 1e400, "collectedCount": 1e400, "progressInPercentage": -1e400`, 1<<31 - 1, 1<<31 - 1, 0, true, true},
		{`"size": "NaN", "collectedCount": "Infinity", "progressInPercentage": "-Inf"`, 0, 0, 0, false, false},
		{`"size": "many", "collectedCount": true, "progressInPercentage": [30]`, 0, 0, 0, false, false},
		{`"size": {}, "collectedCount": null, "progressInPercentage": ""`, 0, 0, 0, false, false},
		{`"size": ` + strings.Repeat("9", 2000), 0, 0, 0, false, false},
		{`"size": 2, "cards": [{"id": "a", "isOwned": true}, {"id": "b"}]`, 2, 1, 50, true, false},
		{`"size": 3, "cards": [{"id": "a", "isOwned": true}, {"id": "b"}]`, 3, 1, 33, false, false},
		{`"cards": [{"id": "a", "isOwned": true}, {"id": "b"}]`, 0, 1, 0, false, false},
		{`"size": 2, "collectedCount": 5, "cards": [{"id": "a", "ownedQuantity": 5}, {"id": "b"}]`, 2, 1, 50, true, false},
		{`"size": 3, "collectedCount": 5, "cards": [{"id": "a", "ownedQuantity": 5}, {"id": "b"}]`, 3, 3, 100, true, false},
		// What a complete list of cards says about the count.
		{`"size": 3, "collectedCount": 3, "cards": [{"id": "a", "ownedQuantity": 3}, {"id": "b"}, {"id": "c"}]`, 3, 1, 33, true, false},
		{`"size": 3, "collectedCount": 3, "progressInPercentage": 100, "cards": [{"id": "a", "ownedQuantity": 3}, {"id": "b"}, {"id": "c"}]`, 3, 1, 100, true, true},
		{`"size": 2, "collectedCount": 2, "cards": [{"id": "a", "isOwned": true}, {"id": "b", "isOwned": true}]`, 2, 2, 100, true, false},
		{`"size": 2, "collectedCount": 2, "cards": [{"id": "a", "isOwned": false}, {"id": "b", "isOwned": false}]`, 2, 0, 0, true, false},
		{`"size": 2, "collectedCount": 2, "cards": [{"id": "a", "ownedQuantity": 0}, {"id": "b"}]`, 2, 0, 0, true, false},
		{`"size": 3, "collectedCount": 1, "cards": [{"id": "a", "ownedQuantity": 1}, {"id": "b", "isOwned": true}, {"id": "c"}]`, 3, 1, 33, true, false},
		{`"size": 2, "collectedCount": 2, "cards": [{"id": "a", "isOwned": true}, {"id": "b"}, {"id": "c"}]`, 2, 1, 50, true, false},
		// A list that leaves out cards, or who has them, says nothing.
		{`"size": 3, "collectedCount": 3, "cards": [{"id": "a", "ownedQuantity": 3}, {"id": "b"}]`, 3, 3, 100, true, false},
		{`"size": 3, "collectedCount": 3, "cards": [{"id": "a", "isOwned": true}, {"id": "a", "isOwned": true}, {"id": "b"}]`, 3, 3, 100, true, false},
		{`"size": 2, "collectedCount": 2, "cards": [{"id": "a"}, {"id": "b", "isOwned": null}]`, 2, 2, 100, true, false},
		{`"size": 2, "cards": [{"id": "a"}, {"id": "b"}]`, 2, 0, 0, false, false},
		{`"collectedCount": 3, "cards": [{"id": "a", "ownedQuantity": 3}]`, 0, 3, 0, false, false},
	}
	for _, tt := range tests {
		p := program(t, `"name": "P", `+tt.fields)
		got := fmt.Sprint(p.Size, p.Collected, p.Percent, p.CountTold, p.PercentTold)
		want := fmt.Sprint(tt.size, tt.collected, tt.percent, tt.countTold, tt.percentTold)
		if got != want {
			t.Errorf("%.200s\nsize, collected, percent, told: %s, want %s", tt.fields, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	at := func(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
	tests := []struct {
		fields                string
		created, starts, ends time.Time
	}{
		{`"createdTimestamp": 1764547200000`, at(1764547200000), time.Time{}, time.Time{}},
		{`"createdTimestamp": "1764547200000.7"`, at(1764547200000), time.Time{}, time.Time{}},
		{`"createdTimestamp": 0`, time.Time{}, time.Time{}, time.Time{}},
		{`"createdTimestamp": -1764547200000`, time.Time{}, time.Time{}, time.Time{}},
		{`"createdTimestamp": 253402300799999`, at(253402300799999), time.Time{}, time.Time{}},
		{`"createdTimestamp": 253402300800000`, time.Time{}, time.Time{}, time.Time{}},
		{`"createdTimestamp": 1e300`, time.Time{}, time.Time{}, time.Time{}},
		{`"createdTimestamp": "2025-12-01"`, time.Time{}, time.Time{}, time.Time{}},
		{`"timeLeft": 60000`, time.Time{}, time.Time{}, arrival.Add(time.Minute)},
		{`"timeLeft": 0`, time.Time{}, time.Time{}, arrival},
		{`"timeLeft": -60000`, time.Time{}, time.Time{}, arrival.Add(-time.Minute)},
		{`"timeLeft": 1e300`, time.Time{}, time.Time{}, time.Time{}},
		{`"timeLeft": null`, time.Time{}, time.Time{}, time.Time{}},
		{`"timeLeft": 60000, "duration": {"start": {"date": 1000}, "end": {"date": 2000}}`, time.Time{}, at(1000), at(2000)},
		{`"timeLeft": 60000, "duration": {"start": {"date": "1000"}, "end": null}`, time.Time{}, at(1000), time.Time{}},
		{`"timeLeft": 60000, "duration": {"start": null}`, time.Time{}, time.Time{}, arrival.Add(time.Minute)},
		{`"timeLeft": 60000, "duration": {"end": {"date": null}}`, time.Time{}, time.Time{}, arrival.Add(time.Minute)},
		{`"timeLeft": 60000, "duration": {"end": "never", "start": 7}`, time.Time{}, time.Time{}, arrival.Add(time.Minute)},
		{`"timeLeft": 60000, "duration": null`, time.Time{}, time.Time{}, arrival.Add(time.Minute)},
		{`"timeLeft": 60000, "duration": "P7D"`, time.Time{}, time.Time{}, arrival.Add(time.Minute)},
	}
	for _, tt := range tests {
		p := program(t, `"name": "P", `+tt.fields)
		got := []time.Time{p.Created, p.Starts, p.Ends}
		if want := []time.Time{tt.created, tt.starts, tt.ends}; !cmp.Equal(got, want) {
			t.Errorf("%s\ncreated, starts, ends: %v, want %v", tt.fields, got, want)
		}
	}
}

func TestCards(t *testing.T) {
	t.Parallel()
	p := program(t, `"cards": [
		{"id": "a", "name": "A", "isOwned": true, "ownedQuantity": 2, "rarity": "mythical"},
		{"id": "b", "isOwned": "true"},
		{"id": "c", "isOwned": 1, "ownedQuantity": 0},
		{"id": "d", "isOwned": false, "ownedQuantity": "3"},
		{"id": "e", "isOwned": "false", "ownedQuantity": -3},
		{"id": "f", "isOwned": "perhaps", "ownedQuantity": [1], "name": 7, "rarity": null},
		{"id": 12345678901234567890, "isOwned": 0.0},
		{"id": "a", "name": "the same again"},
		{"name": "no id"}, {"name": "no id"},
		null, 7, "card", [], {}, {"image": "https://cdn.example.com/x.png"},
		{"id": {"odd": 1}, "name": "odd id"},
		{"id": "esc\u0061ped é \ud83d"}]`)
	want := []progressapi.Card{
		{ID: "a", Name: "A", Rarity: "mythical", Owned: true, Quantity: 2},
		{ID: "b", Owned: true, Quantity: 1},
		{ID: "c", Owned: true, Quantity: 1},
		{ID: "d", Owned: true, Quantity: 3},
		{ID: "e"},
		{ID: "f"},
		{ID: "12345678901234567890"},
		{Name: "no id"}, {Name: "no id"},
		{Name: "odd id"},
		{ID: "escaped é \ufffd"},
	}
	if diff := cmp.Diff(want, p.Cards); diff != "" {
		t.Errorf("cards (-want +got):\n%s", diff)
	}
	if p := program(t, `"name": "P", "cards": {"id": "alone"}`); len(p.Cards) != 1 || p.Cards[0].ID != "alone" {
		t.Errorf("one card that is not in an array: %v", p.Cards)
	}
	for _, none := range []string{`null`, `[]`, `"none"`, `7`, `[null]`} {
		if p := program(t, `"name": "P", "cards": `+none); p.Cards != nil {
			t.Errorf("cards %s: %v, want none", none, p.Cards)
		}
	}
}

func TestRewards(t *testing.T) {
	t.Parallel()
	tests := []struct {
		reward string
		want   *progressapi.Reward
	}{
		{`null`, nil},
		{`"medal"`, nil},
		{`{}`, nil},
		{`{"value": "secret"}`, nil},
		{`{"id": 7, "name": "Medal", "canClaim": "1", "isClaimed": "no", "value": "secret"}`, &progressapi.Reward{ID: "7", Name: "Medal", CanClaim: true}},
		{`{"isClaimed": true, "claimedTimestamp": 1764547200000, "viewType": {"odd": true}}`, &progressapi.Reward{IsClaimed: true, Claimed: time.UnixMilli(1764547200000).UTC()}},
	}
	for _, tt := range tests {
		p := program(t, `"name": "P", "reward": `+tt.reward)
		if diff := cmp.Diff(tt.want, p.Reward); diff != "" {
			t.Errorf("reward %s (-want +got):\n%s", tt.reward, diff)
		}
	}
}

func TestListKeepsWhatCanBeNamedOnce(t *testing.T) {
	t.Parallel()
	got, err := read(t, []byte(`[{"id": "a", "name": "first"}, {"id": "a", "name": "second"}, {"name": "unnumbered"}, {"name": "unnumbered"}, {"size": 3}, {"id": ""}, {"id": 7}]`))
	want := []progressapi.Program{{ID: "a", Name: "first"}, {Name: "unnumbered"}, {Name: "unnumbered"}, {ID: "7"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("programs (-want +got), error %v:\n%s", err, diff)
	}
}

func TestNamedProgramsAreNoEnvelopes(t *testing.T) {
	t.Parallel()
	a, b := progressapi.Program{ID: "a", Name: "A", Size: 3}, progressapi.Program{ID: "b", Name: "B"}
	tests := []struct {
		body string
		want []progressapi.Program
	}{
		{`[{"id": "a", "name": "A", "size": 3, "data": []}]`, []progressapi.Program{a}},
		{`[{"id": "a", "name": "A", "size": 3, "data": {"theme": "dark"}}, {"id": "b", "name": "B"}]`, []progressapi.Program{a, b}},
		{`{"data": [{"id": "a", "name": "A", "size": 3, "data": [{"id": "x", "name": "X"}]}]}`, []progressapi.Program{a}},
		// An envelope, whatever else it holds.
		{`{"size": 20, "data": [{"id": "b", "name": "B"}]}`, []progressapi.Program{b}},
		{`{"id": "request_1", "status": {"timestamp": "1688555980233"}, "data": [{"id": "b", "name": "B"}]}`, []progressapi.Program{b}},
	}
	for _, tt := range tests {
		got, err := read(t, []byte(tt.body))
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: error %v, programs (-want +got):\n%s", tt.body, err, diff)
		}
	}
}

func TestGetProgramChooses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body string
		want string // name of the program; none: not found
	}{
		{`{"id": "program_1", "name": "bare"}`, "bare"},
		{`{"name": "without ID"}`, "without ID"},
		{`[{"name": "in an array"}]`, "in an array"},
		{`[{"id": "canonical", "name": "another ID"}]`, "another ID"},
		{`{"data": [{"id": "program_1", "name": "in data"}]}`, "in data"},
		{`[{"id": "program_0", "name": "no"}, {"id": "program_1", "name": "second"}, {"id": "program_1", "name": "third"}]`, "second"},
		{`[{"id": "program_0", "name": "no"}, {"id": "program_2", "name": "neither"}]`, ""},
		{`[{"name": "no"}, {"name": "neither"}]`, ""},
	}
	for _, tt := range tests {
		p, err := replay(t, canned(tt.body)).GetProgram(t.Context(), testUser, "program_1")
		if tt.want == "" {
			if kindOf(t, err) != progressapi.ErrNotFound {
				t.Errorf("%s: %v, want ErrNotFound", tt.body, err)
			}
			continue
		}
		if err != nil || p.Name != tt.want || p.ID != "program_1" && p.ID != "canonical" {
			t.Errorf("%s: %+v, %v; want %s", tt.body, p, err, tt.want)
		}
	}
}

func TestTextsAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 8191) + "é" + strings.Repeat("y", 10_000)
	p := program(t, fmt.Sprintf(`"id": %q, "name": %q, "status": %q, "cards": [{"id": %q, "name": %q}]`, long, long, long, long, long))
	want := strings.Repeat("x", 8191)
	if p.ID != "program_1" || p.Name != want || p.Status != want || p.Cards[0].ID != "" || p.Cards[0].Name != want {
		t.Errorf("lengths: ID %d, name %d, status %d, card %d and %d; want the IDs dropped, the rest cut to 8191",
			len(p.ID), len(p.Name), len(p.Status), len(p.Cards[0].ID), len(p.Cards[0].Name))
	}
}

func TestListsAreBounded(t *testing.T) {
	t.Parallel()
	programs, err := read(t, []byte("["+strings.Repeat(`{"name": "P"},`, 10_500)+"null]"))
	if err != nil || len(programs) != 10_000 {
		t.Errorf("%d programs, %v; want 10000", len(programs), err)
	}
	p := program(t, `"cards": [`+strings.Repeat(`{"name": "C"},`, 5_500)+"null]")
	if len(p.Cards) != 5_000 {
		t.Errorf("%d cards, want 5000", len(p.Cards))
	}
	nested := `{"data": [` + strings.Repeat(`{"name": "P"},`, 9_999) + `null]},`
	if programs, err := read(t, listBody(t, 10_000)); err != nil || len(programs) != 10_000 {
		t.Errorf("%d programs of the fake API, %v; want 10000", len(programs), err)
	}
	api := progressapitest.New(progressapitest.Options{})
	api.SetPrograms(testUser, progressapitest.Program{ID: "p", Cards: progressapitest.Cards(5_000)})
	if programs, err := read(t, fetchBody(t, api, testUser)); err != nil || len(programs) != 1 || len(programs[0].Cards) != 5_000 {
		t.Errorf("%d programs of the fake API, %v; want one with 5000 cards", len(programs), err)
	}
	if programs, err := read(t, []byte("["+strings.Repeat(nested, 2)+"null]")); err != nil || len(programs) != 10_000 {
		t.Errorf("%d programs in nested lists, %v; want 10000", len(programs), err)
	}
}

func TestEverybodyCanBeRead(t *testing.T) {
	t.Parallel()
	server, err := progressapitest.Start(progressapitest.Options{Gzip: true})
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	defer server.Close()
	c := clientOf(t, server, patient())
	counts := map[string]int{
		progressapitest.Newcomer: 0, progressapitest.Collector: 8, progressapitest.Finisher: 2,
		progressapitest.Veteran: 300, "nobody": 0,
	}
	for _, shape := range []progressapitest.Shape{{}, {Data: true}, {Object: true, Array: true}, {Data: true, Object: true, Array: true}} {
		server.SetShape(shape)
		for person, want := range counts {
			programs, err := c.ListPrograms(t.Context(), person)
			if err != nil || len(programs) != want {
				t.Errorf("%s in shape %+v: %d programs, %v; want %d", person, shape, len(programs), err, want)
			}
			for _, p := range programs[:min(len(programs), 8)] {
				one, err := c.GetProgram(t.Context(), person, p.ID)
				if diff := cmp.Diff(p, one); err != nil || diff != "" {
					t.Errorf("%s in shape %+v: single %s, %v (-list +single):\n%s", person, shape, p.ID, err, diff)
				}
			}
		}
	}
	if v := server.Violations(); len(v) > 0 {
		t.Errorf("the client broke the API's rules: %q", v)
	}
}

// clientOf returns a client of a fake API.
func clientOf(t *testing.T, server *progressapitest.Server, opts ...progressapi.Option) *progressapi.Client {
	t.Helper()
	c, err := progressapi.NewClient(server.URL(), progressapitest.DefaultKey, opts...)
	if err != nil {
		t.Fatalf("NewClient: %v", err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func TestHostileDataIsTamed(t *testing.T) {
	t.Parallel()
	server, err := progressapitest.Start(progressapitest.Options{})
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	defer server.Close()
	c := clientOf(t, server, patient())
	programs, err := c.ListPrograms(t.Context(), progressapitest.Hostile)
	if err != nil {
		t.Fatalf("ListPrograms: %v", err)
	}
	if len(programs) < 45 {
		t.Errorf("%d programs, want nearly all that were sent", len(programs))
	}
	checkPrograms(t, programs)
	for _, p := range programs {
		if p.ID == "" {
			continue
		}
		one, err := c.GetProgram(t.Context(), progressapitest.Hostile, p.ID)
		if err != nil || one.ID != p.ID {
			t.Errorf("GetProgram(%.50q): %.50q, %v", p.ID, one.ID, err)
		}
	}
}

// checkPrograms checks what holds for every list that a client returns,
// whatever the API sent.
func checkPrograms(t *testing.T, programs []progressapi.Program) {
	t.Helper()
	if len(programs) > 10_000 {
		t.Errorf("%d programs", len(programs))
	}
	seen := make(map[string]bool)
	for i := range programs {
		p := &programs[i]
		if p.ID == "" && p.Name == "" || p.ID != "" && seen[p.ID] {
			t.Errorf("program %d: ID %.50q, name %.50q: unnamed or repeated", i, p.ID, p.Name)
		}
		seen[p.ID] = true
		if err := checkProgram(p); err != nil {
			t.Errorf("program %d %.50q: %v", i, p.ID, err)
		}
	}
}

// checkProgram returns what is wrong with a single program.
func checkProgram(p *progressapi.Program) error {
	texts := []string{p.ID, p.Name, p.Image, p.Description, p.Environment, p.Status}
	times := []time.Time{p.Created, p.Starts, p.Ends}
	for _, c := range p.Cards {
		texts = append(texts, c.ID, c.Name, c.Image, c.Rarity)
		if c.Quantity < 0 || c.Owned != (c.Quantity > 0) {
			return fmt.Errorf("card %+v", c)
		}
	}
	if r := p.Reward; r != nil {
		texts = append(texts, r.ID, r.Name, r.Image, r.Description)
		times = append(times, r.Claimed)
	}
	switch {
	case p.Percent < 0 || p.Percent > 100, p.Size < 0, p.Collected < 0, p.Size > 0 && p.Collected > p.Size, p.CountTold && p.Size == 0:
		return fmt.Errorf("figures %d of %d, %d%%", p.Collected, p.Size, p.Percent)
	case len(p.Cards) > 5_000:
		return fmt.Errorf("%d cards", len(p.Cards))
	case slices.ContainsFunc(texts, func(s string) bool { return len(s) > 8<<10 || !utf8.ValidString(s) }):
		return errors.New("a text is too long or not UTF-8")
	case slices.ContainsFunc(times, func(t time.Time) bool { return !t.IsZero() && (t.Year() < 1970 || t.Year() > 9999) }):
		return fmt.Errorf("times %v", times)
	}
	return nil
}
