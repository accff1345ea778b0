package presence

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"progressbot/bot/store"
	"progressbot/progressapi/outage"
)

// When the list is read. All of it is spread by chance, so that many
// processes do not come at once.
const (
	first     = 5 * time.Minute // after the start
	every     = 24 * time.Hour
	retry     = 10 * time.Minute // after the first failure; doubled by each further one
	retryMost = 6 * time.Hour
	patience  = 10 * time.Minute // for one reading
)

const (
	// pageSize is how many servers are read from the store at once.
	pageSize = 500
	// maxChecks bounds how many missing servers are asked for in one reading;
	// the others wait for the next.
	maxChecks = 500
)

// Discord knows which servers the bot is in.
type Discord interface {
	// Servers returns the ids of all servers the bot is in. A list that may
	// lack some is an error.
	Servers(ctx context.Context) ([]string, error)
	// Knows reports whether the bot is in a server. Whatever leaves that in
	// doubt is an error.
	Knows(ctx context.Context, server string) (bool, error)
}

// Store is the part of the store that is needed. [store.Store] says what the
// methods do.
type Store interface {
	Servers(ctx context.Context, offset, limit int) ([]store.Server, error)
	MarkPresent(ctx context.Context, server string) error
	MarkLeft(ctx context.Context, server string, now time.Time) error
}

// Options are the choices of a [Keeper]. The zero value works.
type Options struct {
	Log     *slog.Logger // default: none
	Metrics *metrics.Set // default: none; one set for each Keeper
}

// Keeper keeps the store informed of the servers the bot is in. Make one with
// [New].
type Keeper struct {
	store   Store
	discord Discord
	log     *slog.Logger
	unread  *outage.Watch

	readings, failures *metrics.Counter
	left, back         *metrics.Counter
}

// New returns a Keeper. It does nothing before [Keeper.Run].
func New(s Store, d Discord, o Options) *Keeper {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = metrics.NewSet()
	}
	return &Keeper{
		store: s, discord: d, log: o.Log,
		unread: outage.New(outage.Options{
			Log: o.Log, Level: slog.LevelWarn,
			Begun: "the list of the bot's servers could not be read, which is tried again", Ended: "the list of the bot's servers can be read again",
		}),
		readings: o.Metrics.NewCounter(`progressbot_presence_readings_total{result="ok"}`),
		failures: o.Metrics.NewCounter(`progressbot_presence_readings_total{result="failed"}`),
		left:     o.Metrics.NewCounter(`progressbot_presence_changes_total{change="left"}`),
		back:     o.Metrics.NewCounter(`progressbot_presence_changes_total{change="returned"}`),
	}
}

// Run reads the list daily until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	wait, failed := first, 0
	for sleep(ctx, spread(wait)) {
		if err := k.Read(ctx); err != nil {
			k.failures.Inc()
			if ctx.Err() == nil {
				k.unread.Failed(err)
			}
			wait = min(retry<<min(failed, 10), retryMost)
			failed++
			continue
		}
		k.readings.Inc()
		k.unread.Worked()
		wait, failed = every, 0
	}
}

// Read reads the list once and marks in the store what has changed. Whatever
// it is not certain of it leaves alone; its error says that there was such.
func (k *Keeper) Read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	stored, damaged := k.stored(ctx)
	if len(stored) == 0 {
		return damaged
	}
	listed, err := k.discord.Servers(ctx)
	if err != nil {
		return fmt.Errorf("list the bot's servers: %w", err)
	}
	in := make(map[string]bool, len(listed))
	for _, id := range listed {
		in[id] = true
	}
	var missing []string
	for _, s := range stored {
		switch {
		case in[s.ID] && !s.Left.IsZero():
			if err := k.returned(ctx, s.ID); err != nil {
				return err
			}
		case !in[s.ID] && s.Left.IsZero():
			missing = append(missing, s.ID)
		}
	}
	return errors.Join(damaged, k.check(ctx, missing))
}

// stored returns all servers about which something is stored. The marks are
// changed only after all of them were read, because that changes their order.
// An error that comes with servers is about others, whose records are damaged.
func (k *Keeper) stored(ctx context.Context) ([]store.Server, error) {
	var all []store.Server
	var faults []error
	for offset := 0; ; offset += pageSize {
		page, err := k.store.Servers(ctx, offset, pageSize)
		if err != nil && !errors.Is(err, store.ErrDamaged) {
			return nil, err
		}
		all = append(all, page...)
		faults = append(faults, err)
		if err == nil && len(page) < pageSize {
			return all, errors.Join(faults...)
		}
	}
}

func (k *Keeper) returned(ctx context.Context, server string) error {
	if err := k.store.MarkPresent(ctx, server); err != nil {
		return err
	}
	k.back.Inc()
	k.log.InfoContext(ctx, "the bot is in a server again, so its data is kept", "guild", server)
	return nil
}

// check asks for servers that are missing from the list, each by itself, and
// marks those that the bot has left.
func (k *Keeper) check(ctx context.Context, missing []string) error {
	var faults []error
	if len(missing) > maxChecks {
		faults = append(faults, fmt.Errorf("%d of the bot's servers are missing, %d are asked for at once", len(missing), maxChecks))
		missing = missing[:maxChecks]
	}
	for _, server := range missing {
		if ctx.Err() != nil {
			return errors.Join(append(faults, ctx.Err())...)
		}
		there, err := k.discord.Knows(ctx, server)
		if err != nil {
			faults = append(faults, fmt.Errorf("ask for a server: %w", err))
			continue
		}
		if there {
			k.log.WarnContext(ctx, "Discord's list of the bot's servers lacks one that the bot is in", "guild", server)
			continue
		}
		if err := k.store.MarkLeft(ctx, server, time.Now()); err != nil {
			return errors.Join(append(faults, err)...)
		}
		k.left.Inc()
		k.log.InfoContext(ctx, "the bot was removed from a server, so its data will be deleted",
			"guild", server, "at", time.Now().Add(store.ServerRetention).UTC().Truncate(time.Second))
	}
	return errors.Join(faults...)
}

// spread returns d, give or take a tenth.
func spread(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.9 + 0.2*rand.Float64()))
}

// sleep waits for d and reports whether ctx has not ended by then.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
