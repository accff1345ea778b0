package bot_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"progressbot/bot"
	"progressbot/bot/discordsim"
	"progressbot/bot/redisconn/redistest"
	"progressbot/bot/store"
	"progressbot/bot/store/boltstore"
	"progressbot/progressapi/progressapitest"
)

// as invokes a command as somebody.
func (w *world) as(user, command string, options map[string]any) discordsim.Message {
	w.t.Helper()
	return w.sees(w.discord.Invoke(discordsim.Invocation{Command: command, User: user, Options: options}))
}

// TestAnAdminSetsTheBotUp goes the way of somebody who has never seen the
// bot: from /settings alone.
func TestAnAdminSetsTheBotUp(t *testing.T) {
	t.Parallel()
	bothTransports(t, func(t *testing.T, transport bot.Transport) {
		w := newWorld(t, transport).ready()
		admin := w.discord.People().Admin
		m := w.as(admin, "settings show", nil)
		if !m.Ephemeral() {
			t.Error("everybody sees the settings")
		}
		mention(t, m, "Next:", "pick a channel")
		press := func(button string) discordsim.Message {
			t.Helper()
			m = w.sees(w.discord.Press(admin, m.ID, button))
			return m
		}
		choose := func(menu string, values ...string) discordsim.Message {
			t.Helper()
			m = w.sees(w.discord.Choose(admin, m.ID, menu, values...))
			return m
		}

		mention(t, press("Announcements"), "Off, no channel chosen")
		if err := w.discord.DenyBot(discordsim.AnnounceChannelID, discordsim.PermEmbedLinks|discordsim.PermAttachFiles); err != nil {
			t.Fatal(err)
		}
		mention(t, choose("Channel for announcements", discordsim.AnnounceChannelID), "still needs: **Embed Links**", "pictures are left out")
		mention(t, press("Turn on"), "Announcements stay off", "Embed Links")
		if err := w.discord.DenyBot(discordsim.AnnounceChannelID, discordsim.PermAttachFiles); err != nil {
			t.Fatal(err)
		}
		mention(t, press("Turn on"), "Announcements are on", "pictures are left out")
		mention(t, choose("Milestones", "quarters"), "Every quarter")

		i, a := w.used(w.discord.Press(admin, m.ID, "Edit message"))
		if a.Modal == nil {
			t.Fatalf("answered with type %d", a.Type)
		}
		m = w.sees(w.discord.Submit(i, map[string]string{"message": "{membr} won"}))
		mention(t, m, "Did you mean `{member}`?")
		i, _ = w.used(w.discord.Press(admin, m.ID, "Edit again"))
		m = w.sees(w.discord.Submit(i, map[string]string{"message": "Hooray for {member} in {server}"}))
		mention(t, m, "Hooray for <@"+admin+"> in Collectors' Corner")

		press("Send a test message")
		mention(t, m, "A test message was posted")
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		post, err := w.discord.AwaitMessage(ctx, discordsim.AnnounceChannelID, func(m discordsim.Message) bool { return strings.Contains(m.Content, "Hooray") })
		if err != nil || len(post.Pings) != 0 || !strings.Contains(post.Content, "Test") {
			t.Errorf("posted %q, which pings %v: %v", post.Content, post.Pings, err)
		}

		press("Back")
		mention(t, press("Reward roles"), "None yet")
		mention(t, choose("Role for any collection", discordsim.HighRoleID), "not below the bot's own role")
		mention(t, choose("Role for any collection", discordsim.CollectorRoleID), "Members get")
		press("Back")
		mention(t, press("Replies"), "Private by default")
		mention(t, press("Make replies public"), "Shown to everyone")
		mention(t, press("Back"), "Everything is set up", "On, in")
		if shown := w.invoke("progress"); shown.Ephemeral() {
			t.Error("replies are still private")
		}
		mention(t, w.as(admin, "settings reset", nil), "Reset", "1 reward role")

		if _, err := w.discord.Invoke(discordsim.Invocation{Command: "settings show"}); !errors.Is(err, discordsim.ErrNoCommand) {
			t.Errorf("a member is offered the settings: %v", err)
		}
	})
}

// TestPrivacyHolds lets a member hide, and forget themselves.
func TestPrivacyHolds(t *testing.T) {
	t.Parallel()
	bothTransports(t, func(t *testing.T, transport bot.Transport) {
		w := newWorld(t, transport).ready()
		member, finisher := progressapitest.Collector, progressapitest.Finisher
		look := func() discordsim.Message {
			t.Helper()
			return w.sees(w.discord.InvokeUser(discordsim.Invocation{Command: "View progress", User: finisher, Target: member}))
		}
		mention(t, look(), "Winter Lights")
		mention(t, w.as(member, "privacy set", map[string]any{"visibility": "self"}), "Saved", "Only me")
		asked := len(w.api.Requests())
		mention(t, look(), "does not show their progress")
		if n := len(w.api.Requests()) - asked; n != 0 {
			t.Errorf("the API was asked %d times for a refusal", n)
		}
		dm, err := w.discord.OpenDM(member)
		if err != nil {
			t.Fatal(err)
		}
		m := w.sees(w.discord.Invoke(discordsim.Invocation{Command: "privacy forget", User: member, Channel: dm}))
		mention(t, m, "Delete everything about you?", "1 choice of yours")
		m = w.sees(w.discord.Press(member, m.ID, "Delete everything"))
		mention(t, m, "This was deleted", "1 choice of yours", "saved copy of your progress")
		mention(t, look(), "Winter Lights")
	})
}

// TestSettingsOutliveARestart keeps them in the file.
func TestSettingsOutliveARestart(t *testing.T) {
	t.Parallel()
	w := newWorldIn(t, discordsim.Options{Gateway: discordsim.Gateway{IdentifyInterval: -1}}, bot.Gateway).ready()
	admin := w.discord.People().Admin
	w.as(admin, "settings replies", map[string]any{"public": true})
	panel := w.as(admin, "settings replies", nil)
	if err := w.shutDown(); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.ready()
	mention(t, w.as(admin, "settings show", nil), "Shown to everyone")
	mention(t, w.sees(w.discord.Press(admin, panel.ID, "Make replies private")), "Private by default")
}

func TestAStoreThatCannotBeOpenedEndsTheStart(t *testing.T) {
	t.Parallel()
	file := func(w *world) string { return filepath.Join(w.env["DATA_DIR"], "progressbot.db") }
	open := func(t *testing.T, w *world) *boltstore.DB {
		t.Helper()
		db, err := boltstore.Open(file(w), boltstore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	tests := map[string]struct {
		harm func(t *testing.T, w *world)
		want error
	}{
		"in use": {func(t *testing.T, w *world) {
			db := open(t, w)
			t.Cleanup(func() { _ = db.Close() })
		}, store.ErrLocked},
		"of a newer version": {func(t *testing.T, w *world) {
			db := open(t, w)
			if err := db.Update(t.Context(), func(tx store.Tx) error { tx.Put("schema", []byte("99")); return nil }); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}, store.ErrNewerSchema},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, bot.Gateway).ready()
			if err := w.shutDown(); err != nil {
				t.Fatal(err)
			}
			tc.harm(t, w)
			w.start()
			select {
			case err := <-w.result:
				w.result <- err
				if !errors.Is(err, tc.want) || !strings.Contains(err.Error(), "DATA_DIR") {
					t.Errorf("Run: %v, want %v", err, tc.want)
				}
			case <-time.After(patience):
				t.Fatal("the bot runs all the same")
			}
		})
	}
}

// TestRedisThatIsDownAtTheStart comes up without it and finds it later.
func TestRedisThatIsDownAtTheStart(t *testing.T) {
	t.Parallel()
	r := redistest.Start(t)
	if err := r.Kill(); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, bot.Gateway, "REDIS_URL", r.URL()).ready()
	admin := w.discord.People().Admin
	w.log.await(t, "store cannot be reached")
	mention(t, w.invoke("progress"), "Winter Lights")
	m := w.as(admin, "settings show", nil)
	mention(t, m, "Please try again")
	if err := r.Restart(); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(patience)
	for {
		m = w.sees(w.discord.Press(admin, m.ID, "Try again"))
		if strings.Contains(m.Text(), "Settings") {
			break
		}
		select {
		case <-deadline:
			t.Fatalf("the store never comes back:\n%s", m.Text())
		case <-time.After(100 * time.Millisecond):
		}
	}
	w.log.await(t, "store can be reached again")
	w.log.await(t, "store is swept again")
}
