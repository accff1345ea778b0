package announce

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"golang.org/x/time/rate"

	"progressbot/bot/store"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
)

// Options are what an [Announcer] is made from. Store, Posts, Members,
// Managers, Log and Metrics are required.
type Options struct {
	Store    *store.Store
	Posts    Poster
	Members  Members
	Managers Managers
	// Draw draws the card of a completion. Nil draws none.
	Draw func(ctx context.Context, d Drawing) (embeds.File, error)
	Log  *slog.Logger
	// Metrics counts what became of entries.
	Metrics *metrics.Set

	// Now is the clock. Default [time.Now].
	Now func() time.Time
	// Workers is how many persons' entries are worked on at once. Default 4.
	Workers int
	// Pace is how many posts and roles are given out in a second, over all
	// servers. Default 5.
	Pace float64
	// Lease is how long a person's entries are kept from other processes;
	// what a process that died had in hand is taken over after that. Work
	// under a lease ends well before it. Default 1m.
	Lease time.Duration
	// Settle is how long Discord has to carry out a request whose answer
	// did not come, before its outcome is looked for. Default 5s.
	Settle time.Duration
	// Wait is how long [Announcer.Announce] waits for what somebody
	// announces by hand to be posted. Default 8s.
	Wait time.Duration
}

// Drawing is the card of a completion.
type Drawing struct {
	Words   *catalog.Words
	Person  string // the member's name; hostile until cleaned
	Reached embeds.Reached
}

func (o Options) withDefaults() Options {
	setDefault(&o.Workers, 4)
	setDefault(&o.Pace, 5)
	setDefault(&o.Lease, time.Minute)
	setDefault(&o.Settle, 5*time.Second)
	setDefault(&o.Wait, 8*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func setDefault[T comparable](v *T, fallback T) {
	var zero T
	if *v == zero {
		*v = fallback
	}
}

// Announcer takes what members reached to the channels of their servers.
type Announcer struct {
	o      Options
	pace   *rate.Limiter
	meters *meters
	wake   chan struct{} // holds one while there may be something to do

	mu     sync.Mutex
	urgent []boxKey                   // outboxes that somebody waits for
	ended  map[boxKey][]chan struct{} // closed when work on the outbox ends
}

// boxKey names an outbox: what one person has open in one server.
type boxKey struct{ server, person string }

// New returns an announcer. It does nothing of its own accord before
// [Announcer.Run].
func New(o Options) *Announcer {
	o = o.withDefaults()
	return &Announcer{
		o:      o,
		pace:   rate.NewLimiter(rate.Limit(o.Pace), max(1, int(o.Pace))),
		meters: newMeters(o.Metrics),
		wake:   make(chan struct{}, 1),
		ended:  make(map[boxKey][]chan struct{}),
	}
}

// Notify says that there may be something to do: entries were added to the
// ledger past [Announcer.Announce], or waiting ones were woken. It returns at
// once.
func (a *Announcer) Notify() {
	select {
	case a.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// expect returns a channel that is closed when work on an outbox next ends.
// forget must be called when nobody waits on it any more.
func (a *Announcer) expect(key boxKey) (ended <-chan struct{}, forget func()) {
	ch := make(chan struct{})
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended[key] = append(a.ended[key], ch)
	return ch, func() { a.unexpect(key, ch) }
}

func (a *Announcer) unexpect(key boxKey, ch chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended[key] = slices.DeleteFunc(a.ended[key], func(other chan struct{}) bool { return other == ch })
	if len(a.ended[key]) == 0 {
		delete(a.ended, key)
	}
}

// finish tells those who wait for an outbox.
func (a *Announcer) finish(key boxKey) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, ch := range a.ended[key] {
		close(ch)
	}
	delete(a.ended, key)
}

// hurry puts an outbox in front of the others.
func (a *Announcer) hurry(key boxKey) {
	a.mu.Lock()
	if len(a.urgent) < maxUrgent {
		a.urgent = append(a.urgent, key)
	}
	a.mu.Unlock()
	a.Notify()
}

// maxUrgent bounds how many outboxes can be put in front of the others.
const maxUrgent = 256

// takeUrgent returns up to n outboxes that somebody waits for.
func (a *Announcer) takeUrgent(n int) []boxKey {
	a.mu.Lock()
	defer a.mu.Unlock()
	n = min(n, len(a.urgent))
	taken := a.urgent[:n:n]
	a.urgent = a.urgent[n:]
	return taken
}
