package bot_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"progressbot/bot"
	"progressbot/bot/discordsim"
	"progressbot/progressapi/progressapitest"
)

// announcesIn lets the admin turn announcements on in a channel.
func (w *world) announcesIn(channel string) {
	w.t.Helper()
	mention(w.t, w.as(w.discord.People().Admin, "settings announcements", map[string]any{"channel": channel, "enabled": true}), "On, in")
}

// announced waits for the n-th announcement in a channel.
func (w *world) announced(channel string, n int) discordsim.Message {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	for {
		seen := w.discord.Revision()
		if list := w.discord.Messages(channel, ""); len(list) >= n {
			return list[n-1]
		}
		if _, err := w.discord.AwaitChange(ctx, seen); err != nil {
			w.t.Fatalf("no announcement: %v; log:\n%s", err, w.log)
		}
	}
}

// TestManagerAnnounces takes a completion from the command to the channel, and
// then to the recap.
func TestManagerAnnounces(t *testing.T) {
	t.Parallel()
	bothTransports(t, func(t *testing.T, transport bot.Transport) {
		w := newWorld(t, transport).ready()
		channel, manager, member := discordsim.AnnounceChannelID, w.discord.People().Manager, progressapitest.Collector
		w.announcesIn(channel)
		ask := map[string]any{"member": member, "collection": "Starline Express", "message": "Well *done*, @everyone"}
		preview := w.as(manager, "announce completion", ask)
		if !preview.Ephemeral() {
			t.Error("everybody sees the preview")
		}
		if n := len(w.discord.Messages(channel, "")); n != 0 {
			t.Fatalf("%d messages before anything was confirmed", n)
		}

		// Discord stores the post and says that it did not.
		w.discord.InjectREST(discordsim.RESTFault{Route: discordsim.RoutePost, Status: 500, AfterWork: true, Times: 1})
		pressed := time.Now()
		done := w.sees(w.discord.Press(manager, preview.ID, "Post it"))
		post := w.announced(channel, 1)
		link := "https://discord.com/channels/" + discordsim.GuildID + "/" + channel + "/" + post.ID
		// The reply waits 8 s. Where the machine is slower, a later one tells.
		for late := time.Since(pressed) >= 8*time.Second; late && !strings.Contains(done.Text(), link) && time.Since(pressed) < patience; {
			done = w.as(manager, "announce completion", ask)
		}
		mention(t, done, link)
		if len(post.Pings) != 0 || !strings.Contains(post.Content, "<@"+member+">") || strings.Contains(post.Text(), "@everyone") {
			t.Errorf("posted %q, which pings %v", post.Text(), post.Pings)
		}
		shown := slices.IndexFunc(preview.Embeds, func(e discordsim.Embed) bool {
			return e.Footer != nil && e.Footer.Text == post.Embeds[0].Footer.Text
		})
		if shown < 0 || preview.Embeds[shown].Description != post.Embeds[0].Description || !strings.Contains(preview.Content, post.Content) {
			t.Errorf("the preview is\n%s\nthe post is\n%s", preview.Text(), post.Text())
		}

		again := w.as(manager, "announce completion", ask)
		mention(t, again, link)

		recap := w.as(manager, "announce recap", nil)
		done = w.sees(w.discord.Press(manager, recap.ID, "Post it"))
		message := w.announced(channel, 2)
		mention(t, message, "Starline Express")
		mention(t, done, message.ID)
		if n := len(w.discord.Messages(channel, "")); n != 2 {
			t.Errorf("%d messages in the end", n)
		}
	})
}

// TestNeverMeansNever: no manager can announce whom the member's own choice
// keeps out.
func TestNeverMeansNever(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bot.HTTP).ready()
	channel, manager, member := discordsim.AnnounceChannelID, w.discord.People().Manager, progressapitest.Collector
	w.announcesIn(channel)
	ask := map[string]any{"member": member, "collection": "Starline Express"}
	preview := w.as(manager, "announce completion", ask)
	w.as(member, "privacy set", map[string]any{"announcements": "never"})
	w.sees(w.discord.Press(manager, preview.ID, "Post it"))
	w.as(manager, "announce completion", ask)
	if list := w.discord.Messages(channel, ""); len(list) != 0 {
		t.Errorf("posted:\n%s", list[0].Text())
	}
}
