package bot_test

import (
	"context"
	"testing"
	"time"

	"progressbot/bot"
	"progressbot/bot/discordsim"
	"progressbot/bot/store"
	"progressbot/progressapi/progressapitest"
)

// follow makes the store of a bot that is not running follow somebody who had
// one card missing an hour ago, and gives them that card.
func (w *world) follow(person string, due time.Time) {
	w.t.Helper()
	w.inStore(func(ctx context.Context, s *store.Store) {
		_, err := s.UpdateSettings(ctx, discordsim.GuildID, func(s *store.Settings) error {
			s.Announcements, s.Channel = true, discordsim.AnnounceChannelID
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
		_, err = s.UpdateConsent(ctx, discordsim.GuildID, person, func(c *store.Consent) error {
			c.Announce = store.Always
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
		claim, err := s.ClaimPerson(ctx, person, time.Now(), time.Minute)
		if err != nil {
			w.t.Fatal(err)
		}
		seen := store.Returned{Claim: claim, Due: due, State: store.WatchState{
			Checked: time.Now().Add(-time.Hour), Every: time.Hour,
			Seen: []store.Seen{{Program: store.KeyOf(progressapitest.ProgramAlmost), Collected: 11, Percent: 91, Milestone: 75}},
		}}
		if _, err := s.Return(ctx, seen); err != nil {
			w.t.Fatal(err)
		}
	})
	if err := w.api.Advance(person, progressapitest.ProgramAlmost, 1); err != nil {
		w.t.Fatal(err)
	}
}

// TestBotAnnouncesWhatItFinds follows somebody who completed a collection
// while the bot was not running.
func TestBotAnnouncesWhatItFinds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bot.HTTP)
	if err := w.ready().shutDown(); err != nil {
		t.Fatal(err)
	}
	w.follow(progressapitest.Collector, time.Now())
	w.start()
	mention(t, w.announced(discordsim.AnnounceChannelID, 1), "Winter")

	// After a restart the member looks for themselves, which shows nothing
	// new.
	if err := w.shutDown(); err != nil {
		t.Error(err)
	}
	w.start()
	w.ready()
	mention(t, w.invoke("progress"), "Winter")
	if err := w.shutDown(); err != nil {
		t.Error(err)
	}
	w.inStore(func(ctx context.Context, s *store.Store) {
		n, err := s.Stored(ctx, progressapitest.Collector)
		if err != nil || n.Announcements != 1 {
			t.Errorf("%d entries in the ledger, want 1: %v", n.Announcements, err)
		}
	})
}

// TestBotObserves finds a completion in what the member looked up, long
// before it would have asked by itself.
func TestBotObserves(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bot.HTTP)
	if err := w.ready().shutDown(); err != nil {
		t.Fatal(err)
	}
	w.follow(progressapitest.Collector, time.Now().Add(time.Hour))
	w.start()
	w.ready()
	mention(t, w.invoke("progress"), "Winter")
	mention(t, w.announced(discordsim.AnnounceChannelID, 1), "Winter")
}
