package watch_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot/redisconn"
	"progressbot/bot/redisconn/redistest"
	"progressbot/bot/store"
	"progressbot/bot/store/boltstore"
	"progressbot/bot/store/redisstore"
	"progressbot/bot/watch"
	"progressbot/progressapi"
	"progressbot/progressapi/cache"
)

const server = "900000000000000001"

// process opens a store as another process would.
type process func(t *testing.T) *store.Store

// onEveryStore runs a test on each kind of store.
func onEveryStore(t *testing.T, test func(t *testing.T, open process)) {
	t.Helper()
	t.Run("bbolt", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "progressbot.db")
		var last *boltstore.DB
		test(t, func(t *testing.T) *store.Store {
			t.Helper()
			if last != nil {
				if err := last.Close(); err != nil {
					t.Fatal(err)
				}
			}
			var err error
			if last, err = boltstore.Open(path, boltstore.Options{NoSync: true}); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { ignore(last.Close()) })
			return openStore(t, last)
		})
	})
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		test(t, onRedis(t))
	})
}

func onRedis(t *testing.T) process {
	t.Helper()
	url := redistest.Start(t).URL()
	return func(t *testing.T) *store.Store {
		t.Helper()
		client, err := redisconn.Open(url, redisconn.Options{Timeout: 10 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ignore(client.Close()) })
		return openStore(t, redisstore.New(client))
	}
}

func openStore(t *testing.T, d store.Driver) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ignore takes the error of closing what is closed already.
func ignore(error) {}

// people are people who want their completions announced.
func people(t *testing.T, s *store.Store, n int) []string {
	t.Helper()
	var out []string
	for i := range n {
		person := strconv.Itoa(100_000_000_000_000_000 + i)
		_, err := s.UpdateConsent(t.Context(), server, person, func(c *store.Consent) error {
			c.Announce = store.Always
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, person)
	}
	return out
}

// club is an API whose people all have the same programs, and says who was
// asked for.
type club struct {
	programs list
	looked   chan string

	mu    sync.Mutex
	looks map[string]int
}

func newClub(programs ...progressapi.Program) *club {
	return &club{programs: programs, looks: map[string]int{}, looked: make(chan string, 10_000)}
}

// Programs implements watch.Fetcher.
func (c *club) Programs(_ context.Context, userID string, _ cache.Want) (cache.Snapshot, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.looks[userID]++
	c.looked <- userID
	return cache.Snapshot{Programs: c.programs, Fetched: time.Now()}, nil
}

// entries is a sink on the store's ledger. It tells of each call that it has
// served.
type entries struct {
	store *store.Store
	taken chan []store.Added
}

func newEntries(s *store.Store) *entries {
	return &entries{store: s, taken: make(chan []store.Added, 100)}
}

// served reports whether something was taken.
func (e *entries) served() bool { return len(e.taken) > 0 }

// Take implements watch.Sink. It waits for the store's word, however long that
// takes: what is committed but not heard of in time would be found again.
func (e *entries) Take(ctx context.Context, f watch.Found) error {
	ctx = context.WithoutCancel(ctx)
	for _, server := range f.Servers {
		var all []store.Entry
		for _, c := range f.Completions {
			if c.Complete() {
				all = append(all, store.Entry{
					EntryKey: store.EntryKey{Server: server, Person: f.Person, Program: c.Program},
					By:       store.ByWatcher, Facts: c.Facts, Created: f.At,
				})
			}
		}
		added, err := e.store.Add(ctx, all...)
		if err != nil && !errors.Is(err, store.ErrConsent) {
			return err
		}
		e.taken <- added
	}
	return nil
}

// dying is a store whose process ends just before something is returned of a
// person, if it is ready to.
type dying struct {
	watch.Store
	person string
	ready  func() bool
	die    context.CancelFunc
}

var errDead = errors.New("the process is dead")

// Return implements watch.Store.
func (d *dying) Return(ctx context.Context, returns ...store.Returned) ([]string, error) {
	if slices.ContainsFunc(returns, func(r store.Returned) bool { return r.Claim.Person == d.person }) && d.ready() {
		d.die()
		return nil, errDead
	}
	return d.Store.Return(ctx, returns...)
}

// baseline makes a person due of whom programs have been seen.
func baseline(t *testing.T, s *store.Store, person string, programs ...progressapi.Program) {
	t.Helper()
	claim, err := s.ClaimPerson(t.Context(), person, time.Now(), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	ago := time.Now().Add(-time.Minute)
	seen := store.Returned{Claim: claim, Due: ago, State: watch.Compare(claim.State, programs, ago).State}
	if lost, err := s.Return(t.Context(), seen); err != nil || len(lost) > 0 {
		t.Fatalf("return the claim: lost %v, %v", lost, err)
	}
}

// run runs a watcher until stop is called, which returns Run's error.
func run(t *testing.T, w *watch.Watcher) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	return func() error {
		cancel()
		return <-ended
	}
}

// TestBaselineOnStores follows 500 people who have completed everything on a
// fresh store, and then one who completes something more.
func TestBaselineOnStores(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, open process) {
		t.Helper()
		s := open(t)
		persons := people(t, s, 500)
		api := newClub(cards("a", 10), cards("b", 9))
		stop := run(t, watch.New(s, api, newEntries(s), watch.Options{Rate: 5000}))
		for range persons {
			<-api.looked
		}
		if err := stop(); err != nil {
			t.Error(err)
		}

		sink := newEntries(s)
		w := watch.New(s, api, sink, watch.Options{Rate: 5000})
		stop = run(t, w)
		w.Observe(persons[42], list{cards("a", 10), cards("b", 10)}, time.Now().Add(time.Second))
		<-sink.taken
		if err := stop(); err != nil {
			t.Error(err)
		}
		total := 0
		for _, p := range persons {
			n, err := s.Stored(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			total += n.Announcements
		}
		if total != 1 {
			t.Errorf("%d entries in the ledger, want 1", total)
		}
	})
}

// TestCrashOnStores ends the process between the ledger and the state, and
// starts another.
func TestCrashOnStores(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, open process) {
		t.Helper()
		s := open(t)
		person := people(t, s, 1)[0]
		baseline(t, s, person, cards("a", 9))
		api := newClub(cards("a", 10))
		sink := newEntries(s)
		ctx, die := context.WithCancel(t.Context())
		w := watch.New(&dying{s, person, sink.served, die}, api, sink, watch.Options{Rate: 100, Lease: 3 * time.Second})
		if err := w.Run(ctx); err == nil {
			t.Error("the process ended as if it had returned everything")
		}
		first := <-sink.taken

		// The next one gets the person when the lease has ended, and finds
		// it again.
		s = open(t)
		sink = newEntries(s)
		stop := run(t, watch.New(s, api, sink, watch.Options{Rate: 100}))
		second := <-sink.taken
		if err := stop(); err != nil {
			t.Error(err)
		}
		type seen struct{ Entries, New int }
		got := []seen{{len(first), news(first)}, {len(second), news(second)}}
		if d := cmp.Diff([]seen{{1, 1}, {1, 0}}, got); d != "" {
			t.Errorf("entries before and after the crash (-want +got):\n%s", d)
		}
		n, err := s.Stored(t.Context(), person)
		if err != nil {
			t.Fatal(err)
		}
		if n.Announcements != 1 {
			t.Errorf("%d entries in the ledger, want 1", n.Announcements)
		}
	})
}

func news(added []store.Added) int {
	n := 0
	for _, a := range added {
		if a.New {
			n++
		}
	}
	return n
}

// TestProcessesShare has several processes look at the same people: nobody is
// asked for twice, for as long as they are not due again.
func TestProcessesShare(t *testing.T) {
	t.Parallel()
	open := onRedis(t)
	persons := people(t, open(t), 300)
	api := newClub(cards("a", 3))
	var stops []func() error
	for range 3 {
		s := open(t)
		stops = append(stops, run(t, watch.New(s, api, newEntries(s), watch.Options{Rate: 300})))
	}
	for range persons {
		<-api.looked
	}
	for _, stop := range stops {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}
	for _, p := range persons {
		if api.looks[p] != 1 {
			t.Errorf("%s was asked for %d times", p, api.looks[p])
		}
	}
}

// TestDeadProcess dies with claims in its hands, which another one takes over
// when their lease has ended.
func TestDeadProcess(t *testing.T) {
	t.Parallel()
	open := onRedis(t)
	s := open(t)
	person := people(t, s, 1)[0]
	ctx, die := context.WithCancel(t.Context())
	api := newClub(cards("a", 3))
	dead := watch.New(&dying{s, person, func() bool { return true }, die}, api, newEntries(s), watch.Options{Rate: 100, Lease: 3 * time.Second})
	if err := dead.Run(ctx); err == nil {
		t.Error("the process ended as if it had returned everything")
	}
	<-api.looked
	other := open(t)
	stop := run(t, watch.New(other, api, newEntries(other), watch.Options{Rate: 100}))
	<-api.looked
	if err := stop(); err != nil {
		t.Error(err)
	}
	claim, err := other.ClaimPerson(t.Context(), person, time.Now(), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(len(claim.State.Seen)); got != "1" {
		t.Errorf("%s programs are known, want 1", got)
	}
}
