package bot_test

import (
	"bytes"
	"context"
	"image/png"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"progressbot/bot"
	"progressbot/bot/discordsim"
	"progressbot/bot/store"
	"progressbot/bot/store/boltstore"
	"progressbot/progressapi/progressapitest"
)

// inStore works on the store of a bot that is not running.
func (w *world) inStore(fn func(ctx context.Context, s *store.Store)) {
	w.t.Helper()
	driver, err := boltstore.Open(filepath.Join(w.env["DATA_DIR"], "progressbot.db"), boltstore.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = driver.Close() }()
	s, err := store.Open(w.t.Context(), driver)
	if err != nil {
		w.t.Fatal(err)
	}
	fn(w.t.Context(), s)
}

// What is in the ledger when the bot starts is posted, with its card, and the
// reward role is given.
func TestBotWorksOnItsLedger(t *testing.T) {
	t.Parallel()
	w := newWorld(t, bot.HTTP)
	if err := w.ready().shutDown(); err != nil {
		t.Fatal(err)
	}
	w.inStore(func(ctx context.Context, s *store.Store) {
		_, err := s.UpdateSettings(ctx, discordsim.GuildID, func(s *store.Settings) error {
			s.Announcements, s.Channel, s.PingMember = true, discordsim.AnnounceChannelID, true
			s.RewardRoles = map[string]string{"": discordsim.CollectorRoleID}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		done := store.Entry{
			EntryKey: store.EntryKey{Server: discordsim.GuildID, Person: progressapitest.Finisher, Program: "program_winter"},
			By:       store.BySelf, Created: time.Now(), Facts: store.Facts{Name: "Winter *Stars*", Reward: "Snow Badge", Collected: 12, Size: 12},
		}
		role := done
		role.Kind, role.Role = store.RoleGrant, discordsim.CollectorRoleID
		if _, err := s.Add(ctx, done, role); err != nil {
			t.Fatal(err)
		}
	})
	w.start()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	m, err := w.discord.AwaitMessage(ctx, discordsim.AnnounceChannelID, func(discordsim.Message) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(m.Content, `Winter \*Stars\*`) || len(m.Pings) != 1 || m.Pings[0] != progressapitest.Finisher {
		t.Errorf("content %q pings %v", m.Content, m.Pings)
	}
	if len(m.Attachments) != 1 || !strings.Contains(m.Attachments[0].Description, "Finn") {
		t.Fatalf("attachments %+v", m.Attachments)
	}
	if picture, err := png.Decode(bytes.NewReader(fetch(t, m.Attachments[0].URL))); err != nil || picture.Bounds().Dx() == 0 {
		t.Errorf("the card is no picture: %v", err)
	}
	for {
		seen := w.discord.Revision()
		if len(w.discord.MemberRoles(discordsim.GuildID, progressapitest.Finisher)) > 0 {
			break
		}
		if _, err := w.discord.AwaitChange(ctx, seen); err != nil {
			t.Fatalf("no role: %v", err)
		}
	}
	if err := w.shutDown(); err != nil {
		t.Error(err)
	}
	w.inStore(func(ctx context.Context, s *store.Store) {
		e, err := s.Entry(ctx, store.EntryKey{Server: discordsim.GuildID, Person: progressapitest.Finisher, Program: "program_winter"})
		if err != nil || e.State != store.Sent || e.Message != m.ID {
			t.Errorf("entry %+v, %v", e, err)
		}
	})
}

func fetch(t *testing.T, url string) []byte {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
