package announce

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/bwmarrin/discordgo"
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

var (
	errNoHistory   = errors.New("the channel's history may not be read")
	errLongHistory = errors.New("the channel's history is too long to read")
	errNoID        = errors.New("a message's id is none")
)

// Sought is a post that the bot may have made.
type Sought struct {
	Server  string
	Channel string
	Footer  string    // of one of its embeds: no other message has the same
	Began   time.Time // when the attempt to make it began
}

// Find looks for a post whose attempt has had time to be carried out, and
// returns its ID, "" if there certainly is none. Its errors are [*Failure]s:
// with [NotFound] the channel is gone, and the post with it if there was one;
// with any other nothing is known.
//
// Discord shows an empty history to those who may not read it, so a search
// that found nothing counts only if the bot may read before and after it.
func Find(ctx context.Context, posts Poster, s Sought) (message string, err error) {
	if err := mayRead(ctx, posts, s); err != nil {
		return "", err
	}
	id, err := search(ctx, posts, s)
	if err != nil || id != "" {
		return id, err
	}
	return "", mayRead(ctx, posts, s)
}

func mayRead(ctx context.Context, posts Poster, s Sought) error {
	const reading = discordgo.PermissionViewChannel | discordgo.PermissionReadMessageHistory
	place, err := posts.Place(ctx, s.Server, s.Channel)
	if err == nil && place.Permissions&reading != reading {
		err = &Failure{Cause: NotAllowed, Err: errNoHistory}
	}
	return err
}

// search reads the history around the time of an attempt for the bot's own
// message with a footer.
func search(ctx context.Context, posts Poster, s Sought) (string, error) {
	after, end := snowflakeAt(s.Began.Add(-skew)), snowflakeAt(s.Began.Add(horizon))
	for range maxPages {
		page, err := posts.History(ctx, s.Channel, strconv.FormatUint(after, 10))
		if err != nil {
			return "", err
		}
		for _, m := range page {
			if m.Own && slices.Contains(m.Footers, s.Footer) {
				return m.ID, nil
			}
			id, err := strconv.ParseUint(m.ID, 10, 64)
			if err != nil {
				return "", &Failure{Cause: NotSent, Err: errNoID}
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
	return uint64(max(t.UnixMilli()-discordEpoch, 0)) << 22
}
