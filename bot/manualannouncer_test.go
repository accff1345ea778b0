package bot_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot"
	"progressbot/bot/announce"
	"progressbot/bot/store"
	"progressbot/commands"
	"progressbot/embeds"
)

func TestFates(t *testing.T) {
	t.Parallel()
	want := map[announce.Outcome]embeds.Outcome{
		announce.Queued: embeds.OutcomeQueued, announce.Announced: embeds.OutcomePosted, announce.AnnouncedBefore: embeds.OutcomePostedBefore,
		announce.Waits: embeds.OutcomeWaits, announce.Off: embeds.OutcomeOff, announce.Refused: embeds.OutcomeRefused,
		announce.Left: embeds.OutcomeLeft, announce.Expired: embeds.OutcomeExpired,
	}
	for from, to := range want {
		got := bot.FateOf(announce.Result{Outcome: from, Link: "https://x", Hindrance: store.NoPermission})
		if diff := cmp.Diff(commands.Fate{Outcome: to, Link: "https://x", Trouble: embeds.TroubleNoPermission}, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", from, diff)
		}
	}
}

func TestFaultsOfDiscordAreToldFromTheStores(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, store.ErrBusy} {
		if got := bot.DiscordError(err); got != err {
			t.Errorf("%v became %v", err, got)
		}
	}
	if got := bot.DiscordError(&announce.Failure{Err: errors.New("503")}); !errors.Is(got, commands.ErrDiscord) {
		t.Errorf("got %v", got)
	}
}
