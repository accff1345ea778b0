package announce

import (
	"context"
	"errors"
	"log/slog"
	"math/bits"
	"slices"
	"strconv"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot/store"
	"progressbot/embeds"
)

const (
	// skew is how far the clock of the process that began an attempt may be
	// ahead of Discord's.
	skew = 5 * time.Minute
	// horizon is how long after the beginning of an attempt its post may
	// show up, by clocks that differ.
	horizon = 30 * time.Minute
	// maxPages bounds how much of a history is read at once.
	maxPages = 60
)

// recover finds out what became of attempts that were begun, which are due
// once Discord has had time to carry them out. It returns the posts that can
// be made again, because nothing was posted, and the entries of those whose
// channel is gone, which are free for another.
func (j *job) recover(ctx context.Context, begun []store.Entry) (again []batch, freed []store.Entry, err error) {
	for _, b := range resume(begun) {
		message, err := j.find(ctx, b, lastBegun(b.entries))
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
	if _, err := j.save(ctx, entries); err != nil {
		return err
	}
	j.a.meters.note(entries, outcomeWaiting)
	return nil
}

var (
	errNoHistory   = errors.New("the channel's history may not be read")
	errLongHistory = errors.New("the channel's history is too long to read")
)

// find looks for the post of an attempt that began at a time and returns its
// ID, "" if there certainly is none.
//
// Discord shows an empty history to those who may not read it, so a search
// that found nothing counts only if the bot may read before and after it.
func (j *job) find(ctx context.Context, b batch, began time.Time) (string, error) {
	channel := b.entries[0].Channel
	if err := j.mayRead(ctx, channel); err != nil {
		return "", err
	}
	id, err := j.search(ctx, channel, embeds.AnnouncementFooter(b.mark), began)
	if err != nil || id != "" {
		return id, err
	}
	if err := j.mayRead(ctx, channel); err != nil {
		return "", err
	}
	j.log.LogAttrs(ctx, slog.LevelInfo, "announcement was not posted, trying again", slog.String("channel", channel))
	return "", nil
}

func (j *job) mayRead(ctx context.Context, channel string) error {
	const reading = discordgo.PermissionViewChannel | discordgo.PermissionReadMessageHistory
	place, err := j.a.o.Posts.Place(ctx, j.box.Server, channel)
	if err == nil && place.Permissions&reading != reading {
		err = &Failure{Cause: NotAllowed, Err: errNoHistory}
	}
	return err
}

// search reads the history around the time of an attempt for the bot's own
// message with a footer.
func (j *job) search(ctx context.Context, channel, footer string, began time.Time) (string, error) {
	after := snowflakeAt(began.Add(-skew))
	end := snowflakeAt(began.Add(horizon))
	for range maxPages {
		page, err := j.a.o.Posts.History(ctx, channel, formatSnowflake(after))
		if err != nil {
			return "", err
		}
		for _, m := range page {
			if m.Own && slices.Contains(m.Footers, footer) {
				return m.ID, nil
			}
			id, err := strconv.ParseUint(m.ID, 10, 64)
			if err != nil {
				return "", &Failure{Cause: NotSent, Err: errors.New("a message's id is none")}
			}
			after = max(after, id)
		}
		if len(page) < PageSize || after > end {
			return "", nil
		}
	}
	return "", &Failure{Cause: NotSent, RetryAfter: mendMost, Err: errLongHistory}
}

// discordEpoch is the beginning of Discord's time, in Unix milliseconds.
const discordEpoch = 1420070400000

// snowflakeAt is the smallest ID that Discord gave at t.
func snowflakeAt(t time.Time) uint64 {
	ms := max(t.UnixMilli()-discordEpoch, 0)
	return uint64(ms) << 22 & (1<<(bits.UintSize-1) - 1)
}

func formatSnowflake(id uint64) string { return strconv.FormatUint(id, 10) }
