package commands_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"progressbot/bot/store"
	"progressbot/commands"
	"progressbot/commands/commandstest"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// offerWorld is a server that announces, in which Ada has completed two
// collections.
func offerWorld(t *testing.T) *announceWorld {
	t.Helper()
	a := newAnnounceWorld(t)
	a.shelf.programs[commandstest.Ada().ID] = []progressapi.Program{
		program("spring", "Spring", 7, 10), done("winter", "Winter *Challenge*"), done("autumn ~ odd", "Autumn"),
	}
	return a
}

// offered reports whether a message asks about an announcement.
func offered(t *testing.T, r commands.Reply) bool {
	t.Helper()
	b := buttonsOf(t, r)
	one, always := b[embeds.ActionOfferOne] != "", b[embeds.ActionOfferAlways] != ""
	if one != always {
		t.Errorf("buttons: %v", b)
	}
	return one
}

func ownDetail(collection string) commands.Request {
	return commandstest.Slash("progress", commandstest.Options{"collection": commandstest.Text(collection)})
}

func TestOffer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := offerWorld(t)
		r := a.see(t, commandstest.Slash("progress", nil))
		if !offered(t, r) {
			t.Fatalf("nothing is asked:\n%s", words(r.Message))
		}
		mustSay(t, r, catalog.OfferTitle, "Autumn")
		mustSay(t, r, catalog.OfferText, "<#"+commandstest.Channel+">")

		a.restart(a.shelf.programs)
		done := a.pressOf(t, r, embeds.ActionOfferOne)
		mustSay(t, done, catalog.OutcomePosted)
		mustShow(t, done, linkTo("1100000000000000001"))
		if !done.Private || done.Update || a.stage.count() != 1 {
			t.Errorf("private %v, update %v, %d posts", done.Private, done.Update, a.stage.count())
		}
		again := a.pressOf(t, r, embeds.ActionOfferOne)
		mustSay(t, again, catalog.OutcomeBefore)
		mustShow(t, again, linkTo("1100000000000000001"))

		// The other one is next; the one that was announced is asked about no more.
		mustSay(t, a.see(t, commandstest.Slash("progress", nil)), catalog.OfferTitle, `Winter \*Challenge\*`)
		if r := a.see(t, ownDetail("autumn")); offered(t, r) {
			t.Error("what was announced is asked about")
		}
		r = a.see(t, ownDetail("winter"))
		if !offered(t, r) {
			t.Fatal("a completion on its own is not asked about")
		}
		mustSay(t, a.pressOf(t, r, embeds.ActionOfferOne), catalog.OutcomePosted)
		if offered(t, a.see(t, commandstest.Slash("progress", nil))) || a.stage.count() != 2 {
			t.Errorf("asked again, or %d posts", a.stage.count())
		}
	})
}

func TestOfferAlways(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := offerWorld(t)
		r := a.see(t, commandstest.Slash("progress", nil))
		always := a.pressOf(t, r, embeds.ActionOfferAlways)
		mustSay(t, always, catalog.OutcomePosted)
		mustSay(t, always, catalog.AlwaysText, "`/privacy set`")
		c, err := a.store.Consent(t.Context(), commandstest.Guild, commandstest.Ada().ID)
		if err != nil || c.Announce != store.Always {
			t.Errorf("consent %+v, %v", c, err)
		}
		if offered(t, a.see(t, commandstest.Slash("progress", nil))) {
			t.Error("still asks")
		}
		again := a.pressOf(t, r, embeds.ActionOfferAlways)
		mustSay(t, again, catalog.OutcomeBefore)
		mustSay(t, again, catalog.AlwaysTitle)
		if a.stage.count() != 1 {
			t.Errorf("%d posts", a.stage.count())
		}
	})
}

// What somebody wants not announced they are not asked about again, there
// alone, until they forget it or change their mind.
func TestOfferNotThisOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := offerWorld(t)
		r := a.see(t, commandstest.Slash("progress", nil)) // about Autumn
		not := a.pressOf(t, r, embeds.ActionOfferNot)
		mustSay(t, not, catalog.OutcomeDeclinedText)
		if !not.Private || not.Update || a.stage.count() != 0 {
			t.Errorf("private %v, update %v, %d posts", not.Private, not.Update, a.stage.count())
		}
		mustSay(t, a.pressOf(t, r, embeds.ActionOfferNot), catalog.OutcomeDeclinedText)
		a.restart(a.shelf.programs)
		time.Sleep(90 * 24 * time.Hour)
		if offered(t, a.see(t, ownDetail("autumn"))) {
			t.Error("still asks")
		}
		winter := a.see(t, commandstest.Slash("progress", nil))
		mustSay(t, winter, catalog.OfferTitle, `Winter \*Challenge\*`)
		mustShow(t, a.see(t, privacy("show", nil)), "1 record of announcements")

		mustSay(t, a.pressOf(t, r, embeds.ActionOfferOne), catalog.OutcomePosted)
		mustSay(t, a.pressOf(t, r, embeds.ActionOfferNot), catalog.OutcomeDeclinedText)
		mustSay(t, a.pressOf(t, r, embeds.ActionOfferOne), catalog.OutcomeBefore)
		a.shelf.programs[commandstest.Ada().ID] = nil
		mustSay(t, a.pressOf(t, r, embeds.ActionOfferNot), catalog.ProblemVanished)
		withoutLedger(t, a)
		mustSay(t, a.pressOf(t, winter, embeds.ActionOfferNot), catalog.ProblemUnsavedText)
	})
}

// An old button takes back no choice.
func TestOfferAfterAnotherChoice(t *testing.T) {
	t.Parallel()
	for name, choose := range map[string]func(*store.Consent){
		"never here":     func(c *store.Consent) { c.Announce = store.Never },
		"never anywhere": func(c *store.Consent) { c.NeverAnywhere = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := offerWorld(t)
				r := a.see(t, commandstest.Slash("progress", nil))
				consent(t, a.store, commandstest.Ada().ID, choose)
				for _, button := range []string{embeds.ActionOfferOne, embeds.ActionOfferAlways} {
					mustSay(t, a.pressOf(t, r, button), catalog.OutcomeNeverText, "`/privacy set`")
				}
				want := store.Consent{}
				choose(&want)
				if c, err := a.store.Consent(t.Context(), commandstest.Guild, commandstest.Ada().ID); err != nil || c != want {
					t.Errorf("consent %+v, %v", c, err)
				}
				if a.stage.count() != 0 {
					t.Errorf("%d posts", a.stage.count())
				}
			})
		})
	}
}

func TestOfferAlwaysWhileHidden(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := offerWorld(t)
		r := a.see(t, commandstest.Slash("progress", nil))
		consent(t, a.store, commandstest.Ada().ID, func(c *store.Consent) { c.Visibility = store.VisibleToSelf })
		mustSay(t, a.pressOf(t, r, embeds.ActionOfferAlways), catalog.OutcomeHiddenText, "`/privacy set`")
	})
}

// Where replies are public, a completion that can be announced is asked about in
// private, and not every time.
func TestOfferWhereRepliesArePublic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := offerWorld(t)
		if _, err := a.store.UpdateSettings(t.Context(), commandstest.Guild, func(s *store.Settings) error { s.PublicReplies = true; return nil }); err != nil {
			t.Fatal(err)
		}
		look := func(r commands.Request, asks bool) commands.Reply {
			t.Helper()
			reply := a.see(t, r)
			if mustShow(t, reply, "Winter"); offered(t, reply) != asks || reply.Private != asks {
				t.Errorf("asks %v, private %v, want %v:\n%s", offered(t, reply), reply.Private, asks, words(reply.Message))
			}
			if explained := strings.Contains(words(reply.Message), "Only you can see this, because there is a question for you. Press Share to show it."); explained != asks {
				t.Errorf("explains that it is private: %v, want %v", explained, asks)
			}
			return reply
		}
		overview := commandstest.Slash("progress", nil)
		look(overview, true) // about Autumn
		aloud := look(overview, false)
		if r := a.pressOf(t, aloud, embeds.ActionRefresh); r.Private || !r.Update || offered(t, r) {
			t.Errorf("private %v, update %v", r.Private, r.Update)
		}
		look(ownDetail("winter"), true)
		look(ownDetail("winter"), false)
		time.Sleep(25 * time.Hour)
		mustSay(t, a.pressOf(t, look(ownDetail("winter"), true), embeds.ActionOfferOne), catalog.OutcomePosted)
		time.Sleep(25 * time.Hour)
		look(ownDetail("winter"), false)
		a.shelf.takes = 2 * time.Second
		look(overview, true) // though the answer was announced as public
		look(commandstest.Slash("progress", commandstest.Options{"share": commandstest.Yes()}), false)
	})
}

func TestNothingIsOffered(t *testing.T) {
	t.Parallel()
	ada := commandstest.Ada().ID
	slash := commandstest.Slash("progress", nil)
	settings := func(fn func(*store.Settings)) func(*testing.T, *announceWorld) {
		return func(t *testing.T, a *announceWorld) {
			if _, err := a.store.UpdateSettings(t.Context(), commandstest.Guild, func(s *store.Settings) error { fn(s); return nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
	chosen := func(fn func(*store.Consent)) func(*testing.T, *announceWorld) {
		return func(t *testing.T, a *announceWorld) { consent(t, a.store, ada, fn) }
	}
	plain := func(*testing.T, *announceWorld) {}
	elsewhere := slash
	elsewhere.BotInGuild = false
	tests := []struct {
		name    string
		setUp   func(*testing.T, *announceWorld)
		request commands.Request
	}{
		{"announcements are off", settings(func(s *store.Settings) { s.Announcements = false }), slash},
		{"no channel", settings(func(s *store.Settings) { s.Channel = "" }), slash},
		{"shared", plain, commandstest.Slash("progress", commandstest.Options{"share": commandstest.Yes()})},
		{"always", chosen(func(c *store.Consent) { c.Announce = store.Always }), slash},
		{"never", chosen(func(c *store.Consent) { c.Announce = store.Never }), slash},
		{"never anywhere", chosen(func(c *store.Consent) { c.NeverAnywhere = true }), slash},
		{"only me", chosen(func(c *store.Consent) { c.Visibility = store.VisibleToSelf }), slash},
		{"of another member", plain, commandstest.Slash("progress", commandstest.Options{"member": commandstest.Member(commandstest.Bob())})},
		{"in direct messages", plain, commandstest.InDM(slash)},
		{"where the bot is not", plain, elsewhere},
		{"nothing complete", func(_ *testing.T, a *announceWorld) { a.shelf.programs[ada] = a.shelf.programs[ada][:1] }, slash},
		{"on another page", func(_ *testing.T, a *announceWorld) {
			a.shelf.programs[ada] = append(collection(6), a.shelf.programs[ada]...)
		}, slash},
		{"without an ID", func(_ *testing.T, a *announceWorld) {
			a.shelf.programs[ada] = []progressapi.Program{done("", "No Identity")}
		}, slash},
		{"an old answer", func(_ *testing.T, a *announceWorld) { a.shelf.standIn = progressapi.ErrUnavailable }, slash},
		{"it waits already", func(t *testing.T, a *announceWorld) {
			a.shelf.programs[ada] = []progressapi.Program{done("winter", "Winter")}
			_, err := a.store.Add(t.Context(), store.Entry{
				EntryKey: store.EntryKey{Server: commandstest.Guild, Person: ada, Program: "winter"}, By: store.BySelf, Created: time.Now(),
			})
			if err != nil {
				t.Fatal(err)
			}
		}, slash},
		{"no ledger", withoutLedger, slash},
		{"no consent", withoutPeople, slash},
		{"no settings", withoutSettings, slash},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := offerWorld(t)
				tt.setUp(t, a)
				r := a.see(t, tt.request)
				if offered(t, r) || strings.Contains(words(r.Message), "<#"+commandstest.Channel) {
					t.Errorf("it asks:\n%s", words(r.Message))
				}
				if len(r.Embeds) == 0 || strings.Contains(words(r.Message), "Not possible just now") {
					t.Errorf("no progress is shown:\n%s", words(r.Message))
				}
			})
		})
	}
}

// slowLedger takes its time.
type slowLedger struct{ commands.Ledger }

func (slowLedger) Entries(ctx context.Context, _ ...store.EntryKey) (map[store.EntryKey]store.Entry, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(time.Minute):
		return nil, nil
	}
}

// Nobody waits long for a question.
func TestOfferDoesNotHoldProgressUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := offerWorld(t)
		a.without(func(d *commands.Deps) { d.Ledger = slowLedger{} })
		start := time.Now()
		r := a.see(t, commandstest.Slash("progress", nil))
		if took := time.Since(start); took > 250*time.Millisecond || offered(t, r) {
			t.Errorf("took %v", took)
		}
		mustShow(t, r, "Autumn")
	})
}

func TestOfferOfWhatIsNotComplete(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := offerWorld(t)
		ada := commandstest.Ada().ID
		r := a.see(t, ownDetail("winter"))
		press := func() commands.Reply { return a.pressOf(t, r, embeds.ActionOfferOne) }

		a.shelf.programs[ada] = []progressapi.Program{program("winter", "Winter", 1, 2)}
		mustShow(t, press(), "Your progress in **Winter**: 1 of 2 · 50%")
		always := a.pressOf(t, r, embeds.ActionOfferAlways)
		mustSay(t, always, catalog.OutcomeIncomplete)
		mustSay(t, always, catalog.AlwaysTitle)
		a.shelf.programs[ada] = nil
		mustSay(t, press(), catalog.ProblemVanished)
		mustSay(t, a.pressOf(t, r, embeds.ActionOfferAlways), catalog.OutcomeRefused)
		a.shelf.err = progressapi.ErrUnavailable
		mustSay(t, press(), catalog.ProblemUnreachableText)
		a.shelf.err = nil
		a.shelf.programs[ada] = []progressapi.Program{done("winter", "Winter")}
		a.shelf.standIn = progressapi.ErrUnavailable
		mustSay(t, press(), catalog.ProblemUnreachableText)
		a.shelf.standIn = nil
		a.stage.err = errBroken
		mustSay(t, press(), catalog.ProblemUnsavedText)
		a.stage.err = nil
		a.stage.fate = commands.Fate{Outcome: embeds.OutcomeWaits, Trouble: embeds.TroubleNoPermission}
		mustSay(t, press(), catalog.OutcomeWaitsOwn)
		if a.stage.count() != 0 {
			t.Errorf("%d posts", a.stage.count())
		}
	})
}

// The choice is kept even if the first announcement has to wait for the API.
func TestOfferAlwaysWhileTheAPIIsDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := offerWorld(t)
		r := a.see(t, ownDetail("winter"))
		a.shelf.err = progressapi.ErrUnavailable
		always := a.pressOf(t, r, embeds.ActionOfferAlways)
		mustSay(t, always, catalog.OutcomeLaterText)
		mustSay(t, always, catalog.AlwaysTitle)
		if !always.Private || always.Update {
			t.Errorf("private %v, update %v", always.Private, always.Update)
		}
		if lines := a.log.lines(t); len(lines) == 0 || lines[0]["level"] != slog.LevelWarn.String() {
			t.Errorf("log: %v", lines)
		}
		a.without(func(d *commands.Deps) { d.People = unsaved{a.store} })
		mustSay(t, a.pressOf(t, r, embeds.ActionOfferAlways), catalog.ProblemUnsavedText)
	})
}

// unsaved is a store that takes no change.
type unsaved struct{ commands.PeopleStore }

func (unsaved) UpdateConsent(context.Context, string, string, func(*store.Consent) error) (store.Consent, error) {
	return store.Consent{}, errors.New("disk full")
}

func TestForeignOffers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := offerWorld(t)
		ada, bob := commandstest.Ada().ID, commandstest.Bob()
		r := a.see(t, ownDetail("winter"))
		for _, button := range []string{embeds.ActionOfferOne, embeds.ActionOfferAlways} {
			mustSay(t, a.see(t, commandstest.By(bob, commandstest.Press(buttonsOf(t, r)[button]))), catalog.ProblemForeign)
			for _, odd := range []embeds.Action{
				{Name: button, Owner: ada, Person: bob.ID, Program: "winter"},
				{Name: button, Program: "winter"},
				{Name: button, Owner: ada},
			} {
				mustSay(t, a.see(t, commandstest.Press(odd.Encode())), catalog.ProblemOutdated)
			}
			mustSay(t, a.see(t, commandstest.InDM(commandstest.Press(buttonsOf(t, r)[button]))), catalog.ProblemGuildOnly)
		}
		if a.stage.count() != 0 {
			t.Errorf("%d posts", a.stage.count())
		}
	})
}
