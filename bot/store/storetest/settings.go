package storetest

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"progressbot/bot/store"
)

func testSettings(e *env) {
	want := store.DefaultSettings()
	got, err := e.Settings(e.Context(), red)
	e.ok(err)
	same(e, "settings of a server that chose nothing", want, got)

	want = store.Settings{
		Announcements: true,
		Channel:       channel,
		Milestones:    store.Quarters,
		Template:      "**{member}** \x00\xff\xfe base64: 🎉",
		PingMember:    true,
		PublicReplies: true,
		Pictures:      store.AllPictures,
		RewardRoles:   map[string]string{"": role, "odd \xff:id": "500000000000000002"},
		Told:          map[string]time.Time{"base64:channel": at(time.Millisecond)},
	}
	got, err = e.UpdateSettings(e.Context(), red, func(s *store.Settings) error {
		*s = want
		return nil
	})
	e.ok(err)
	same(e, "settings as returned", want, got)
	e.reopen()
	got, err = e.Settings(e.Context(), red)
	e.ok(err)
	same(e, "settings", want, got)

	boom := errors.New("boom")
	_, err = e.UpdateSettings(e.Context(), red, func(s *store.Settings) error {
		s.Channel = ""
		return boom
	})
	e.fails(err, boom)
	got, err = e.Settings(e.Context(), red)
	e.ok(err)
	same(e, "settings after a failed change", want, got)

	got, err = e.Settings(e.Context(), blue)
	e.ok(err)
	same(e, "settings of another server", store.DefaultSettings(), got)
}

func testSettingsInvalid(e *env) {
	for name, change := range map[string]func(*store.Settings){
		"channel":    func(s *store.Settings) { s.Channel = "general" },
		"milestones": func(s *store.Settings) { s.Milestones = 7 },
		"pictures":   func(s *store.Settings) { s.Pictures = 3 },
		"template":   func(s *store.Settings) { s.Template = strings.Repeat("x", store.MaxTemplate+1) },
		"role":       func(s *store.Settings) { s.RewardRoles[""] = "admin" },
		"program":    func(s *store.Settings) { s.RewardRoles[strings.Repeat("x", 5000)] = role },
	} {
		_, err := e.UpdateSettings(e.Context(), red, func(s *store.Settings) error {
			change(s)
			return nil
		})
		if !is(err, store.ErrInvalid) {
			e.Errorf("%s: got error %v", name, err)
		}
	}
	for _, id := range []string{"", "0", "-1", "+1", "01", "1:2", "x", "100000000000000000000000"} {
		_, err := e.Settings(e.Context(), id)
		if !is(err, store.ErrInvalid) {
			e.Errorf("server %q: got error %v", id, err)
		}
	}
	_, err := e.UpdateSettings(e.Context(), red, func(s *store.Settings) error {
		for i := range store.MaxRewardRoles + 1 {
			s.RewardRoles[strconv.Itoa(i)] = role
		}
		return nil
	})
	e.fails(err, store.ErrFull)
}

// testSettingsByMany also shows that what the bot remembers stays bounded.
func testSettingsByMany(e *env) {
	const workers, rounds = 8, 10
	stores := []*store.Store{e.Store, e.second()}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for r := range rounds {
				n := w*rounds + r
				_, err := stores[w%2].UpdateSettings(e.Context(), red, func(s *store.Settings) error {
					s.Told[strconv.Itoa(n)] = at(time.Duration(n) * time.Second)
					return nil
				})
				if err != nil {
					e.Error(err)
				}
			}
		})
	}
	wg.Wait()
	got, err := e.Settings(e.Context(), red)
	e.ok(err)
	same(e, "changes that were kept", workers*rounds, len(got.Told))

	got, err = e.UpdateSettings(e.Context(), red, func(s *store.Settings) error {
		for i := range 1000 {
			s.Told["more "+strconv.Itoa(i)] = at(time.Duration(i) * time.Hour)
		}
		return nil
	})
	e.ok(err)
	got, err = e.Settings(e.Context(), red)
	e.ok(err)
	if _, newest := got.Told["more 999"]; len(got.Told) != 100 || !newest {
		e.Errorf("%d notices are kept, the newest among them: %v", len(got.Told), newest)
	}
}

func testSettingsReset(e *env) {
	_, err := e.UpdateSettings(e.Context(), red, func(s *store.Settings) error {
		s.Announcements, s.Channel, s.Pictures = true, channel, store.NoPictures
		s.Told["x"] = at(0)
		return nil
	})
	e.ok(err)
	want := store.DefaultSettings()
	want.Told = map[string]time.Time{"x": at(0)}
	got, err := e.ResetSettings(e.Context(), red)
	e.ok(err)
	same(e, "settings as returned", want, got)
	got, err = e.Settings(e.Context(), red)
	e.ok(err)
	same(e, "settings", want, got)
}
