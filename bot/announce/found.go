package announce

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"progressbot/bot/store"
	"progressbot/bot/watch"
)

var _ watch.Sink = (*Announcer)(nil)

// Take implements [watch.Sink]: it announces what the watcher found in every
// server in which the person wants that, and does not wait for it. What the
// ledger will never take is let go.
func (a *Announcer) Take(ctx context.Context, f watch.Found) error {
	var faults []error
	for _, server := range f.Servers {
		r := Request{Server: server, Person: f.Person, By: store.ByWatcher, At: f.At, Reached: reachedIn(f)}
		_, err := a.Announce(ctx, r)
		switch {
		case errors.Is(err, store.ErrFull), errors.Is(err, store.ErrInvalid):
			a.o.Log.LogAttrs(ctx, slog.LevelWarn, "announcement let go",
				slog.String("guild", server), slog.String("user", f.Person), slog.Any("err", err))
		case err != nil:
			faults = append(faults, fmt.Errorf("announce what was found: %w", err))
		}
	}
	return errors.Join(faults...)
}

// reachedIn lists what was found. Of several steps that were passed at once
// each has its entry; the post shows the furthest.
func reachedIn(f watch.Found) []Reached {
	var out []Reached
	for _, c := range f.Completions {
		if c.Complete() {
			out = append(out, Reached{Program: c.Program, Facts: c.Facts})
		}
		for _, percent := range c.Milestones {
			out = append(out, Reached{Program: c.Program, Facts: c.Facts, Percent: percent})
		}
	}
	return out
}
