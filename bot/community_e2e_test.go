package bot_test

import (
	"testing"

	"progressbot/bot"
	"progressbot/bot/discordsim"
	"progressbot/progressapi/progressapitest"
)

// TestProgressLeadsToTheLeaderboard: what members see of their own, in the
// server, is what its leaderboard is made of, also after a restart.
func TestProgressLeadsToTheLeaderboard(t *testing.T) {
	t.Parallel()
	w := newWorldIn(t, discordsim.Options{Gateway: discordsim.Gateway{IdentifyInterval: -1}}, bot.Gateway).ready()
	collector, finisher := progressapitest.Collector, progressapitest.Finisher
	mention(t, w.as(collector, "leaderboard", nil), "Nobody is on this leaderboard yet")
	for _, member := range []string{collector, finisher} {
		w.as(member, "progress", nil)
	}
	if err := w.shutDown(); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.ready()
	asked := len(w.api.Requests())
	m := w.as(collector, "leaderboard", nil)
	mention(t, m, "1.", "<@"+collector+">", "<@"+finisher+">", "Your place", "2 members")
	if !m.Ephemeral() || len(m.Pings) > 0 {
		t.Errorf("ephemeral %v, pings %v", m.Ephemeral(), m.Pings)
	}
	if n := len(w.api.Requests()) - asked; n != 0 {
		t.Errorf("the API was asked %d times for a leaderboard", n)
	}
	w.as(finisher, "privacy set", map[string]any{"announcements": "never"})
	mention(t, w.as(collector, "leaderboard", nil), "1 member")
	mention(t, w.as(finisher, "leaderboard", nil), "You chose not to be announced here")
}

// TestMemberAnnouncesThemselves: under their own, private progress, once.
func TestMemberAnnouncesThemselves(t *testing.T) {
	t.Parallel()
	bothTransports(t, func(t *testing.T, transport bot.Transport) {
		w := newWorld(t, transport).ready()
		channel, member := discordsim.AnnounceChannelID, progressapitest.Collector
		completed := map[string]any{"collection": "Starline Express"}
		if m := w.as(member, "progress", completed); asks(m) {
			t.Errorf("a server that announces nothing asks:\n%s", m.Text())
		}
		w.announcesIn(channel)
		own := w.as(member, "progress", completed)
		mention(t, own, "You completed Starline Express", "<#"+channel+">")
		done := w.sees(w.discord.Press(member, own.ID, "Announce it"))
		post := w.announced(channel, 1)
		link := "https://discord.com/channels/" + discordsim.GuildID + "/" + channel + "/" + post.ID
		mention(t, done, link)
		if !done.Ephemeral() || len(post.Pings) != 0 {
			t.Errorf("ephemeral %v, pings %v", done.Ephemeral(), post.Pings)
		}
		always := w.sees(w.discord.Press(member, own.ID, "Always announce mine"))
		mention(t, always, link, "/privacy set")
		if m := w.as(member, "progress", completed); asks(m) {
			t.Errorf("asked again:\n%s", m.Text())
		}
		if n := len(w.discord.Messages(channel, "")); n != 1 {
			t.Errorf("%d posts", n)
		}
	})
}

func asks(m discordsim.Message) bool {
	_, asked := m.Button("Announce it")
	return asked
}
