package progressapi_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/progressapi"
)

const (
	testKey  = "key-canary-5e3b1f"
	testUser = "123456789012345678"
	// basePath is not the root, so that a path built from the root fails.
	basePath = "/mounted/api/v1"
)

// arrival is when every answer arrives in these tests.
var arrival = time.Date(2025, time.December, 1, 12, 0, 0, 0, time.UTC)

// newClient returns a client of a server that answers with h, and never
// waits long.
func newClient(t *testing.T, h http.Handler, opts ...progressapi.Option) *progressapi.Client {
	t.Helper()
	server := httptest.NewServer(http.StripPrefix(basePath, h))
	t.Cleanup(server.Close)
	opts = append([]progressapi.Option{
		progressapi.WithClock(func() time.Time { return arrival }),
		progressapi.WithAttempts(1),
	}, opts...)
	c, err := progressapi.NewClient(server.URL+basePath+"/", testKey, opts...)
	if err != nil {
		t.Fatalf("NewClient: %v", err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// respond answers every request alike.
func respond(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// kindOf returns which sentinel err matches, and fails unless it is exactly
// one.
func kindOf(t *testing.T, err error) error {
	t.Helper()
	var found []error
	for _, kind := range []error{
		progressapi.ErrKeyRefused, progressapi.ErrPlanRefused, progressapi.ErrNotFound,
		progressapi.ErrRateLimited, progressapi.ErrUnavailable, progressapi.ErrUnreadable,
	} {
		if errors.Is(err, kind) {
			found = append(found, kind)
		}
	}
	if err == nil {
		return nil
	}
	if len(found) != 1 {
		t.Fatalf("error %v matches %d sentinels, want exactly 1", err, len(found))
	}
	return found[0]
}

func TestListProgramsReadsTheDocumentedExample(t *testing.T) {
	t.Parallel()
	c := newClient(t, respond(http.StatusOK, `[
  {"id": "program_winter", "name": "Winter Challenge", "image": "https://cdn.example.com/programs/winter.png",
   "description": "Collect all winter-themed cards", "size": 10, "progressInPercentage": 30, "environment": "production",
   "createdTimestamp": 1764547200000, "timeLeft": 604800000, "status": "in_progress", "collectedCount": 3,
   "cards": [
     {"id": "card_snowflake", "name": "Snowflake", "image": "https://cdn.example.com/cards/snowflake.png", "ownedQuantity": 2, "isOwned": true, "rarity": "rare"},
     {"id": "card_aurora", "name": "Aurora", "image": "https://cdn.example.com/cards/aurora.png", "ownedQuantity": 0, "isOwned": false, "rarity": "legendary"}
   ],
   "reward": {"id": "reward_winter", "name": "Winter Champion Badge", "image": "https://cdn.example.com/rewards/winter.png",
     "description": "Awarded for completing the Winter Challenge", "isClaimed": false, "canClaim": false, "value": "", "claimedTimestamp": null, "viewType": "QR"},
   "duration": {"start": {"date": 1764547200000, "showBefore": true}, "end": {"date": 1767225600000, "showAfter": false}}},
  {"id": "program_ocean", "name": "Ocean Explorers", "size": 8, "progressInPercentage": 100, "status": "completed", "collectedCount": 8,
   "reward": {"id": "reward_ocean", "name": "Deep Diver", "isClaimed": false, "canClaim": true, "viewType": "QR"},
   "duration": {"start": {"date": 1756684800000, "showBefore": true}, "end": null}},
  {"id": "program_empty"}
]`))
	got, err := c.ListPrograms(t.Context(), testUser)
	if err != nil {
		t.Fatalf("ListPrograms: %v", err)
	}
	want := []progressapi.Program{
		{
			ID: "program_winter", Name: "Winter Challenge", Image: "https://cdn.example.com/programs/winter.png",
			Description: "Collect all winter-themed cards", Environment: "production", Status: "in_progress",
			Size: 10, Collected: 3, Percent: 30, CountTold: true, PercentTold: true,
			Created: time.UnixMilli(1764547200000).UTC(),
			Starts:  time.UnixMilli(1764547200000).UTC(),
			Ends:    time.UnixMilli(1767225600000).UTC(),
			Cards: []progressapi.Card{
				{ID: "card_snowflake", Name: "Snowflake", Image: "https://cdn.example.com/cards/snowflake.png", Rarity: "rare", Owned: true, Quantity: 2},
				{ID: "card_aurora", Name: "Aurora", Image: "https://cdn.example.com/cards/aurora.png", Rarity: "legendary"},
			},
			Reward: &progressapi.Reward{
				ID: "reward_winter", Name: "Winter Champion Badge", Image: "https://cdn.example.com/rewards/winter.png",
				Description: "Awarded for completing the Winter Challenge",
			},
		},
		{
			ID: "program_ocean", Name: "Ocean Explorers", Status: "completed",
			Size: 8, Collected: 8, Percent: 100, CountTold: true, PercentTold: true,
			Starts: time.UnixMilli(1756684800000).UTC(),
			Reward: &progressapi.Reward{ID: "reward_ocean", Name: "Deep Diver", CanClaim: true},
		},
		{ID: "program_empty"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("programs (-want +got):\n%s", diff)
	}
}

func TestListProgramsOfNobodyIsAnEmptyList(t *testing.T) {
	t.Parallel()
	c := newClient(t, respond(http.StatusNotFound, `{"status":{"errorCode":5250}}`))
	got, err := c.ListPrograms(t.Context(), testUser)
	if err != nil || got == nil || len(got) != 0 {
		t.Errorf("ListPrograms = %v, %v; want an empty list, no error", got, err)
	}
	_, err = c.GetProgram(t.Context(), testUser, "program_x")
	if kindOf(t, err) != progressapi.ErrNotFound {
		t.Errorf("GetProgram: %v, want ErrNotFound", err)
	}
}

func TestNewClientNamesEveryProblemAndShowsNoValue(t *testing.T) {
	t.Parallel()
	_, err := progressapi.NewClient("ftp://user:hunter2@example.com", "bad key canary\n",
		progressapi.WithPlatform(""), progressapi.WithKeyHeader("no spaces"), progressapi.WithHTTPClient(nil),
		progressapi.WithUserAgent(""), progressapi.WithGate(nil), progressapi.WithClock(nil),
		progressapi.WithAttempts(0), progressapi.WithTimeouts(0, 1))
	want := `base URL is neither http nor https
API key holds spaces, line ends or other characters that no key has
platform is empty or too long
key header is not a usable header name
HTTP client is nil
user agent is empty or not plain text
gate is nil
clock is nil
attempts are not between 1 and 10
timeouts are not positive`
	if err == nil || err.Error() != want {
		t.Errorf("NewClient error:\n%v\nwant:\n%s", err, want)
	}
}
