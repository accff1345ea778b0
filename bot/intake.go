package bot

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"progressbot/commands"
)

// maxSeen is how many recent interaction IDs are remembered at least, to drop
// duplicates: Discord replays events when a gateway session is resumed.
const maxSeen = 8192

// intake decodes the interactions of either transport, drops duplicates, and
// submits the rest to the dispatcher.
type intake struct {
	rest       *rest
	dispatcher *dispatcher
	log        *slog.Logger

	received, repeated, unreadable *metrics.Counter
	complaint                      throttle

	mu           sync.Mutex
	young, aging map[string]struct{} // interaction IDs, the younger and the older half
}

func newIntake(r *rest, d *dispatcher, set *metrics.Set, log *slog.Logger) *intake {
	return &intake{
		rest: r, dispatcher: d, log: log,
		received:   set.NewCounter("progressbot_interactions_received_total"),
		repeated:   set.NewCounter("progressbot_interactions_repeated_total"),
		unreadable: set.NewCounter("progressbot_interactions_unreadable_total"),
		complaint:  throttle{every: time.Minute},
		young:      make(map[string]struct{}),
	}
}

var errRepeated = errors.New("the interaction was received before")

// take decodes an interaction and submits it. The first answer goes to inline,
// or if that is nil, to Discord's REST API. take never blocks.
//
// It returns [commands.ErrPing] for a ping, errRepeated for a duplicate, and a
// decoding error for what cannot be read.
func (i *intake) take(raw []byte, received time.Time, inline *inlineAnswer) error {
	request, credentials, err := commands.Decode(raw, received)
	if errors.Is(err, commands.ErrPing) {
		return err
	}
	i.received.Inc()
	if err != nil {
		i.unreadable.Inc()
		if i.complaint.allow(received) {
			i.log.Warn("interaction cannot be read", "err", err, "interaction", credentials.InteractionID)
		}
		return err
	}
	if !i.first(request.ID) {
		i.repeated.Inc()
		return errRepeated
	}
	i.dispatcher.submit(job{request, &responder{
		rest:         i.rest,
		cred:         credentials,
		autocomplete: request.Kind == commands.Autocomplete,
		inline:       inline,
	}})
	return nil
}

// first reports whether id is seen for the first time.
func (i *intake) first(id string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if _, seen := i.young[id]; seen {
		return false
	}
	if _, seen := i.aging[id]; seen {
		return false
	}
	if len(i.young) >= maxSeen {
		i.aging, i.young = i.young, make(map[string]struct{}, maxSeen)
	}
	i.young[id] = struct{}{}
	return true
}

// throttle lets one event through per period. It is safe for concurrent use.
type throttle struct {
	every time.Duration
	mu    sync.Mutex
	last  time.Time
}

func (t *throttle) allow(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Sub(t.last) < t.every {
		return false
	}
	t.last = now
	return true
}
