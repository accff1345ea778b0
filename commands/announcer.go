package commands

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"progressbot/bot/store"
	"progressbot/embeds"
	"progressbot/progressapi"
	"progressbot/progressapi/cache"
)

// Announcer announces completions, each exactly once.
//
// Its errors are those of the store, and [ErrDiscord] where Discord could not
// be asked for the preview.
type Announcer interface {
	// Preview shows what Announce would post, byte for byte, and writes
	// nothing down. Its outcome is embeds.OutcomeQueued where that can be
	// posted; else it says why not, and there may be no message.
	Preview(ctx context.Context, a Announcement) (AnnouncementPreview, error)

	// Announce announces, unless that was done before or the person does not
	// want it. It returns when it was posted, or when it is clear that this
	// takes longer.
	Announce(ctx context.Context, a Announcement) (Fate, error)
}

// Announcement is one completion that somebody wants announced.
type Announcement struct {
	Server  string
	Person  string
	By      store.By
	At      time.Time // when they asked
	Program string
	Facts   store.Facts
	Note    string // what a manager wrote to go with it; hostile until escaped
}

// Fate is what became of an announcement, or would.
type Fate struct {
	// Outcome is one of embeds.OutcomeQueued, OutcomePosted,
	// OutcomePostedBefore, OutcomeWaits, OutcomeOff, OutcomeRefused,
	// OutcomeLeft and OutcomeExpired.
	Outcome embeds.Outcome
	Link    string // to the post, "" if there is none
	// Trouble is what it waits for, or expired over.
	Trouble embeds.Trouble
}

// AnnouncementPreview is an announcement before it is made.
type AnnouncementPreview struct {
	Fate
	Channel string // where it will be posted
	Message embeds.Message
	Ping    bool // whether the person will be notified
}

// Ledger keeps what was announced, and what managers were shown until they
// confirm it. [store.Store] is one.
type Ledger interface {
	// Entries returns those of the keys that are in the ledger.
	Entries(ctx context.Context, keys ...store.EntryKey) (map[store.EntryKey]store.Entry, error)
	// Decline takes note at now that a person who was asked about a
	// completion wants it not announced.
	Decline(ctx context.Context, server, person, program string, now time.Time) error
	// AddDraft stores a draft for a while and returns it with its ID.
	AddDraft(ctx context.Context, d store.Draft) (store.Draft, error)
	// Draft returns a draft that can be confirmed at now, or
	// store.ErrNotFound.
	Draft(ctx context.Context, server, person, id string, now time.Time) (store.Draft, error)
	// DropDraft deletes a draft, if it is there.
	DropDraft(ctx context.Context, server, person, id string) error
}

// ErrDiscord says that Discord could not be asked for something that was needed.
var ErrDiscord = errors.New("discord could not be asked")

// unwanted reports whether an error of the store says that the person does
// not want something announced, as far as others may know.
func unwanted(err error) bool {
	return errors.Is(err, store.ErrConsent) || errors.Is(err, store.ErrForgetting) || errors.Is(err, store.ErrForgotten)
}

// announcerError judges what an [Announcer] returned.
func (d Deps) announcerError(err error) error {
	if errors.Is(err, ErrDiscord) {
		return err
	}
	return d.saved(err)
}

// fresh returns nil if an answer of the API is recent enough to announce
// something by, else why it is not.
func (d Deps) fresh(s cache.Snapshot) error {
	if s.Freshness != cache.StandIn {
		d.Faults.answered(s.Fetched)
		return nil
	}
	if s.Err == nil {
		return progressapi.ErrUnavailable
	}
	return s.Err
}

// lookOf stands for a message in a channel: two that look the same have the
// same.
func lookOf(channel string, ping bool, m embeds.Message) (string, error) {
	h := sha256.New()
	if err := json.NewEncoder(h).Encode(struct {
		Channel string
		Ping    bool
		Message embeds.Message
	}{channel, ping, m}); err != nil {
		return "", fmt.Errorf("fingerprint message: %w", err)
	}
	const enough = 18
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:enough]), nil
}
