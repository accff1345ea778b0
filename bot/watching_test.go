package bot_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot"
	"progressbot/bot/discordsim"
	"progressbot/bot/store"
	"progressbot/progressapi/progressapitest"
)

func TestOwnServers(t *testing.T) {
	t.Parallel()
	discord, g := newGuilds(t)
	var want []string
	for _, guild := range discord.Guilds() {
		if !guild.WithoutBot {
			want = append(want, guild.ID)
		}
	}
	for i := range 401 {
		want = append(want, discord.AddGuild(discordsim.Guild{Name: fmt.Sprint("Guild ", i)}))
	}
	got, err := g.Servers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(asSet(want), asSet(got)); d != "" || len(got) != len(want) {
		t.Errorf("%d servers, want %d (-want +got):\n%s", len(got), len(want), d)
	}

	// Answers that may lack some.
	discord.InjectREST(discordsim.RESTFault{Route: discordsim.RouteGuild, Times: 1, Status: http.StatusForbidden})
	if _, err := g.Servers(t.Context()); err == nil {
		t.Error("a refusal is no error")
	}
	for _, body := range []string{`[{"id":"2"},{"id":"1"}]`, `[{"id":"red"}]`, `[{}]`} {
		discord.InjectREST(discordsim.RESTFault{Route: discordsim.RouteGuild, Times: 1, Status: http.StatusOK, Body: body})
		if got, err := g.Servers(t.Context()); err == nil {
			t.Errorf("%s is the list %v", body, got)
		}
	}
}

func asSet(all []string) map[string]bool {
	set := map[string]bool{}
	for _, s := range all {
		set[s] = true
	}
	return set
}

func TestKnowsServer(t *testing.T) {
	t.Parallel()
	discord, g := newGuilds(t)
	knows := func(server string) string {
		there, err := g.Knows(t.Context(), server)
		if err != nil {
			return "in doubt"
		}
		return fmt.Sprint(there)
	}
	expect := func(what, server, want string) {
		t.Helper()
		if got := knows(server); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	expect("a server of the bot's", discordsim.GuildID, "true")
	expect("an unknown one", "4711", "false")
	if err := discord.RemoveBot(discordsim.GuildID); err != nil {
		t.Fatal(err)
	}
	expect("one that removed it", discordsim.GuildID, "false")
	for _, f := range []discordsim.RESTFault{
		{Status: http.StatusForbidden},
		{Status: http.StatusNotFound},
		{Status: http.StatusUnauthorized},
		{Status: http.StatusNotFound, Code: 10003},
	} {
		f.Route, f.Times = discordsim.RouteGuild, 1
		discord.InjectREST(f)
		expect(fmt.Sprintf("status %d, code %d", f.Status, f.Code), discordsim.GuildID, "in doubt")
	}
}

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
