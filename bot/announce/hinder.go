package announce

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"progressbot/bot/store"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
)

// wait puts entries aside, of which nothing was carried out, until somebody
// fixes what hinders them. f is what Discord said, nil if it was not asked. The
// managers are told the first time.
func (j *job) wait(ctx context.Context, entries []store.Entry, h store.Hindrance, f *Failure) error {
	entries, err := j.expire(ctx, entries, h)
	if err != nil || len(entries) == 0 {
		return err
	}
	if err := j.hinder(ctx, h, f); err != nil {
		return err
	}
	unbegin(entries)
	now := j.a.o.Now()
	for i := range entries {
		e := &entries[i]
		e.Due, e.Told = mendAt(*e, now), true
		if e.State != store.Waiting || e.Reason != string(h) {
			e.State, e.Reason, e.Changed = store.Waiting, string(h), now
		}
	}
	if _, err := j.save(entries); err != nil {
		return err
	}
	j.a.meters.note(entries, outcomeWaiting)
	return j.unhinder() // of what they waited for before
}

// hinder notes what hinders entries of this server and, if that is news,
// tells the managers and the log. The note comes first: the managers may be
// told too little, where a process dies in between, but never over and over,
// and they always see it in the settings.
func (j *job) hinder(ctx context.Context, h store.Hindrance, f *Failure) error {
	if j.settings.Hindered(h) {
		return nil
	}
	news := false
	settings, err := j.a.o.Store.UpdateSettings(ctx, j.box.Server, func(s *store.Settings) error {
		news = s.Hinder(h, j.a.o.Now())
		return nil
	})
	if errors.Is(err, store.ErrForgetting) {
		return nil // the server's data is on its way out
	}
	if err != nil {
		return err
	}
	j.settings = settings
	if !news {
		return nil
	}
	attrs := []slog.Attr{slog.String("reason", string(h)), slog.String("channel", settings.Channel)}
	if f != nil {
		attrs = append(attrs, slog.Any("err", f))
	}
	j.log.LogAttrs(ctx, slog.LevelWarn, "announcements of this server wait for its managers", attrs...)
	j.tell(ctx, h)
	return nil
}

// tell sends the managers word. The words are in the server's language where
// the bot can find out which that is.
func (j *job) tell(ctx context.Context, h store.Hindrance) {
	place, err := j.a.o.Posts.Place(ctx, j.box.Server, j.settings.Channel)
	if err != nil {
		place = Place{Server: place.Server, Locale: place.Locale}
	}
	notice := embeds.TroubleNotice(catalog.For(place.Locale), embeds.Trouble(h), place.Server, j.settings.Channel)
	if err := j.a.o.Managers.Tell(ctx, j.box.Server, notice); err != nil {
		j.log.LogAttrs(ctx, slog.LevelInfo, "managers could not be told", slog.Any("err", err))
	}
}

// unhinder notes what nothing waits for any more: a success shows that for
// itself alone, another post or role may wait for the same. It is not worth
// failing for.
func (j *job) unhinder() error {
	if len(j.settings.Hindrances()) == 0 {
		return nil
	}
	ctx, cancel := j.afterwards()
	defer cancel()
	settings, err := j.a.o.Store.Unhinder(ctx, j.box.Server)
	if err != nil {
		j.log.LogAttrs(ctx, slog.LevelWarn, "announcements: ledger fault", slog.Any("err", err))
		return nil
	}
	j.settings = settings
	return nil
}

// noteExpired notes for the managers what entries expired over.
func (j *job) noteExpired(ctx context.Context, entries []store.Entry, now time.Time) error {
	_, err := j.a.o.Store.UpdateSettings(ctx, j.box.Server, func(s *store.Settings) error {
		for _, e := range entries {
			s.Expire(store.Hindrance(e.Reason), now)
		}
		return nil
	})
	if errors.Is(err, store.ErrForgetting) {
		return nil
	}
	return err
}
