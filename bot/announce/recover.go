package announce

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"progressbot/bot/store"
	"progressbot/embeds"
)

// recover finds out what became of attempts that were begun, which are due
// once Discord has had time to carry them out. It returns the posts that can
// be made again, because nothing was posted, and the entries of those whose
// channel is gone, which are free for another.
func (j *job) recover(ctx context.Context, begun []store.Entry) (again []batch, freed []store.Entry, err error) {
	for _, b := range resume(begun) {
		message, err := j.find(ctx, b)
		switch {
		case err == nil && message != "":
			err = j.sent(ctx, b.entries, message, outcomeFound)
		case err == nil:
			again = append(again, b)
		case failureOf(err).Cause == NotFound:
			unbegin(b.entries)
			freed, err = append(freed, b.entries...), nil
		default:
			err = j.unread(ctx, b.entries, failureOf(err))
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return again, freed, nil
}

// lastBegun is when the last attempt of entries began.
func lastBegun(entries []store.Entry) time.Time {
	last := slices.MaxFunc(entries, func(a, b store.Entry) int { return a.Changed.Compare(b.Changed) })
	return last.Changed
}

// unread leaves entries begun, whose outcome cannot be found out just now.
func (j *job) unread(ctx context.Context, entries []store.Entry, f *Failure) error {
	if f.Cause != NotAllowed {
		return j.putOff(ctx, entries, f)
	}
	entries, err := j.expire(ctx, entries, store.NoPermission)
	if err != nil || len(entries) == 0 {
		return err
	}
	if err := j.hinder(ctx, store.NoPermission, f); err != nil {
		return err
	}
	now := j.a.o.Now()
	for i := range entries {
		e := &entries[i]
		e.Due, e.Reason, e.Told = mendAt(*e, now), string(store.NoPermission), true
	}
	if _, err := j.save(entries); err != nil {
		return err
	}
	j.a.meters.note(entries, outcomeWaiting)
	return nil
}

// find looks for the post of a batch and returns its ID, "" if there
// certainly is none.
func (j *job) find(ctx context.Context, b batch) (string, error) {
	s := Sought{
		Server: j.box.Server, Channel: b.entries[0].Channel,
		Footer: embeds.AnnouncementFooter(b.mark), Began: lastBegun(b.entries),
	}
	id, err := Find(ctx, j.a.o.Posts, s)
	if err == nil && id == "" {
		j.log.LogAttrs(ctx, slog.LevelInfo, "announcement was not posted, trying again", slog.String("channel", s.Channel))
	}
	return id, err
}
