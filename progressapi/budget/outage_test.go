package budget_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"progressbot/progressapi"
	"progressbot/progressapi/budget"
	"progressbot/progressapi/cache"
)

// api is the progress API as an [http.RoundTripper].
type api struct {
	down  atomic.Bool
	hangs bool // how it is down: it never answers, or says 503 at once
	asked atomic.Int64
}

func (a *api) RoundTrip(r *http.Request) (*http.Response, error) {
	a.asked.Add(1)
	if !a.down.Load() {
		return answer(r, 200, `[{"id":"p","name":"P","size":3,"collectedCount":1,"progressInPercentage":33,"cards":[{"id":"c"}]}]`), nil
	}
	if a.hangs {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return answer(r, 503, "sorry"), nil
}

func answer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
}

// TestHourOfOutage has a thousand people ask through cache, client and budget
// while the API is down for an hour, half of whom have been answered before.
func TestHourOfOutage(t *testing.T) {
	t.Parallel()
	for _, hangs := range []bool{false, true} {
		t.Run(fmt.Sprintf("hangs %v", hangs), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := budget.New(budget.Options{Rate: 1000})
				defer b.Close()
				a := &api{hangs: hangs}
				client, err := progressapi.NewClient("https://api.invalid/v1", "key", progressapi.WithGate(b),
					progressapi.WithHTTPClient(&http.Client{Transport: a}))
				if err != nil {
					t.Fatal(err)
				}
				c := cache.New(client, cache.Options{})
				defer c.Close()
				hourOfOutage(t, a, c)
			})
		})
	}
}

func hourOfOutage(t *testing.T, a *api, c *cache.Cache) {
	t.Helper()
	const people = 1000
	for i := range people / 2 {
		if _, err := c.Programs(t.Context(), fmt.Sprint(i), cache.AnyAge); err != nil {
			t.Fatal(err)
		}
	}
	before := a.asked.Load()
	a.down.Store(true)
	random := rand.New(rand.NewPCG(1, 2))
	var asks, stoodIn, failed atomic.Int64
	var asking sync.WaitGroup
	began := time.Now()
	for time.Since(began) < time.Hour {
		user := fmt.Sprint(random.IntN(people))
		asking.Go(func() {
			asks.Add(1)
			snap, err := c.Programs(t.Context(), user, cache.AnyAge)
			switch {
			case err != nil && errors.Is(err, progressapi.ErrUnavailable):
				failed.Add(1)
			case err == nil && len(snap.Programs) == 1:
				stoodIn.Add(1)
			default:
				t.Errorf("answer = %+v, %v, want an old one or ErrUnavailable", snap, err)
			}
		})
		time.Sleep(100 * time.Millisecond)
	}
	asking.Wait()
	attempts := a.asked.Load() - before
	if limit := asks.Load() / 50; attempts > limit {
		t.Errorf("the API was asked %d times for %d asks, want at most 2 %% of them, %d", attempts, asks.Load(), limit)
	}
	if failed.Load() == 0 || stoodIn.Load() < asks.Load()/3 {
		t.Errorf("%d asks failed and %d had an old answer, want both", failed.Load(), stoodIn.Load())
	}

	a.down.Store(false)
	ended := time.Now()
	for {
		snap, err := c.Programs(t.Context(), fmt.Sprint(random.IntN(people)), cache.AnyAge)
		if err == nil && snap.Freshness == cache.Fresh {
			break
		}
		time.Sleep(30 * time.Millisecond)
		if time.Since(ended) > 15*time.Second {
			t.Fatal("no good answer within 15 s of the end")
		}
	}
	t.Logf("%d asks of %d people in an hour of outage made %d attempts (%.2f %%); first good answer %v after the end",
		asks.Load(), people, attempts, 100*float64(attempts)/float64(asks.Load()), time.Since(ended).Round(time.Millisecond))
}
