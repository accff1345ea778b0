package bot_test

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"net/http"
	"testing"
	"time"

	"progressbot/bot"
	"progressbot/bot/discordsim"
	"progressbot/bot/store"
	"progressbot/progressapi/progressapitest"
)

// ranked puts n members on a leaderboard, of whom a bot that starts then
// knows nothing but IDs, and starts it. The last of them has left.
func ranked(t *testing.T, n int, transport bot.Transport) *world {
	t.Helper()
	w := newWorldIn(t, discordsim.Options{Gateway: discordsim.Gateway{IdentifyInterval: -1}}, transport).ready()
	if err := w.shutDown(); err != nil {
		t.Fatal(err)
	}
	w.inStore(func(ctx context.Context, s *store.Store) {
		for i := range n {
			id := w.newcomer(fmt.Sprint(330000000000000000 + i))
			err := s.Record(ctx, store.Sighting{
				Server: discordsim.GuildID, Person: id, At: time.Now(), Whole: true,
				Programs: []store.Standing{{Program: "program_winter", Name: "Winter Lights", Collected: 50 - i, Size: 50, Percent: 2 * (50 - i)}},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	if err := w.discord.RemoveMember(discordsim.GuildID, fmt.Sprint(330000000000000000+n-1)); err != nil {
		t.Fatal(err)
	}
	w.start()
	return w.ready()
}

// alt returns the alt text of a message's picture, "" if it has none.
func alt(t *testing.T, m discordsim.Message) string {
	t.Helper()
	if len(m.Attachments) == 0 {
		return ""
	}
	if len(m.Attachments) > 1 {
		t.Errorf("%d attachments", len(m.Attachments))
	}
	picture, err := png.Decode(bytes.NewReader(fetch(t, m.Attachments[0].URL)))
	if err != nil || picture.Bounds().Dx() == 0 {
		t.Errorf("the card is no picture: %v", err)
	}
	return m.Attachments[0].Description
}

// TestLeaderboardIsDrawn: with the names that Discord knows, and another
// picture in its place on every page.
func TestLeaderboardIsDrawn(t *testing.T) {
	t.Parallel()
	bothTransports(t, func(t *testing.T, transport bot.Transport) {
		w := ranked(t, 12, transport)
		looks := progressapitest.Collector
		m := w.as(looks, "leaderboard", map[string]any{"collection": "Winter Lights"})
		mention(t, m, "12 members · Page 1 of 2", "<@330000000000000000>")
		contains(t, alt(t, m), "Winter Lights, Leaderboard · 12 members · Page 1 of 2. 1. user330000000000000000, 50 of 50; 2. user330000000000000001, 49 of 50")
		m = w.sees(w.discord.Press(looks, m.ID, "Next"))
		contains(t, alt(t, m), "Page 2 of 2. 11. user330000000000000010, 40 of 50; 12. Member, 39 of 50.")

		// Without names there is no picture, and none is left over.
		if err := w.discord.RemoveMember(discordsim.GuildID, "330000000000000010"); err != nil {
			t.Fatal(err)
		}
		m = w.sees(w.discord.Press(looks, m.ID, "Prev"))
		if err := w.discord.DenyBot(m.ChannelID, discordsim.PermAttachFiles); err != nil {
			t.Fatal(err)
		}
		m = w.sees(w.discord.Press(looks, m.ID, "Next"))
		mention(t, m, "<@330000000000000010>", "Page 2 of 2")
		if got := alt(t, m); got != "" {
			t.Errorf("a picture of %q", got)
		}
	})
}

// TestLeaderboardWithoutNames: whatever Discord says when it is asked for
// names, the leaderboard comes, and in time.
func TestLeaderboardWithoutNames(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]discordsim.RESTFault{
		"rate limited": {RateLimit: &discordsim.RateLimit{RetryAfter: time.Minute}},
		"silent":       {Hang: true},
		"broken":       {Status: http.StatusBadGateway, Body: "<html>"},
		"refused":      {Status: http.StatusForbidden, Code: discordsim.CodeMissingAccess},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := ranked(t, 3, bot.Gateway)
			fault.Route = discordsim.RouteMember
			w.discord.InjectREST(fault)
			m := w.as(progressapitest.Collector, "leaderboard", nil)
			mention(t, m, "<@330000000000000000>", "3 members")
			if got := alt(t, m); got != "" {
				t.Errorf("a picture of %q", got)
			}
		})
	}
}

func contains(t *testing.T, text, part string) {
	t.Helper()
	if !bytes.Contains([]byte(text), []byte(part)) {
		t.Errorf("%q lacks %q", text, part)
	}
}
