package commands_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot/store"
	"progressbot/commands"
	"progressbot/commands/commandstest"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

func recapOf(collection string) commands.Request {
	var o commandstest.Options
	if collection != "" {
		o = commandstest.Options{"collection": commandstest.Text(collection)}
	}
	return managing(commandstest.Slash("announce recap", o))
}

// complete lets somebody complete programs in the test's server, where they
// were seen before, a second after everybody before them.
func (a *announceWorld) complete(t *testing.T, person string, programs ...progressapi.Program) {
	t.Helper()
	a.completed++
	at := time.Now().Truncate(time.Hour).Add(-time.Hour).Add(time.Duration(a.completed) * time.Second)
	sightAt(t, a.store, person, at.Add(-time.Millisecond))
	sightAt(t, a.store, person, at, programs...)
}

func done(id, name string) progressapi.Program { return program(id, name, 2, 2) }

func TestRecap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		mustSay(t, a.see(t, recapOf("")), catalog.OutcomeNothingText)

		a.complete(t, other(1), done("winter", "Winter"), done("spring ~ odd", "Spring"))
		a.complete(t, other(2), done("winter", "Winter *Challenge*"))
		a.complete(t, other(3), done("winter", "Winter *Challenge*"))
		consent(t, a.store, other(3), func(c *store.Consent) { c.Announce = store.Never })
		r := a.see(t, recapOf(""))
		if !r.Private {
			t.Error("everybody sees the preview")
		}
		mustShow(t, r, "3 completions · 2 members", `Winter \*Challenge\*`, "<@"+other(1)+">, <@"+other(2)+">", "Only you can see it")
		if strings.Contains(words(r.Message), other(3)) {
			t.Error("it names one who takes no part")
		}
		if a.stage.count() != 0 {
			t.Fatal("it was posted without being confirmed")
		}

		a.restart(a.shelf.programs)
		mustSay(t, a.see(t, managing(commandstest.By(commandstest.Bob(), commandstest.Press(buttonsOf(t, r)[embeds.ActionRecapPost])))), catalog.ProblemForeign)
		mustSay(t, a.see(t, commandstest.Press(buttonsOf(t, r)[embeds.ActionRecapPost])), catalog.ProblemNotAllowed)
		posted := a.press(t, r, embeds.ActionRecapPost)
		mustSay(t, posted, catalog.OutcomePosted)
		mustShow(t, posted, linkTo("1100000000000000001"))
		if a.stage.count() != 1 || !posted.Update {
			t.Fatalf("%d posts, update %v", a.stage.count(), posted.Update)
		}
		want := embeds.Message{Content: r.Content, Embeds: r.Embeds[:len(r.Embeds)-1]}
		if diff := cmp.Diff(want, a.stage.posts[0]); diff != "" {
			t.Errorf("the post is not what was shown (-preview +post):\n%s", diff)
		}
		// By both a process finds what one of another version began.
		if diff := cmp.Diff([]string{"#UKAGRM", "2YYTXAQRLVR8CMXXRA7HD3MS"}, []string{want.Embeds[0].Footer.Text, a.stage.notes[0]}); diff != "" {
			t.Errorf("mark and nonce (-want +got):\n%s", diff)
		}

		again := a.press(t, r, embeds.ActionRecapPost)
		mustSay(t, again, catalog.OutcomeBefore)
		mustShow(t, again, linkTo("1100000000000000001"))
		nothing := a.see(t, recapOf(""))
		mustSay(t, nothing, catalog.OutcomeNothingText)
		mustShow(t, nothing, "The last recap was <t:")
		a.complete(t, other(4), done("winter", "Winter"))
		next := a.see(t, recapOf(""))
		mustShow(t, next, "1 completion · 1 member · since <t:")
		if a.stage.count() != 1 {
			t.Errorf("%d posts", a.stage.count())
		}
	})
}

// What is stored only after a recap was posted, but was seen before its end,
// is in the next one.
func TestRecapOfWhatBecameKnownLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		sightAt(t, a.store, other(2), time.Now().Add(-2*time.Hour))
		a.complete(t, other(1), done("winter", "Winter"))
		mustSay(t, a.press(t, a.see(t, recapOf("")), embeds.ActionRecapPost), catalog.OutcomePosted)
		mustSay(t, a.see(t, recapOf("")), catalog.OutcomeNothingText)
		sightAt(t, a.store, other(2), time.Now().Add(-90*time.Minute), done("winter", "Winter"))
		mustShow(t, a.see(t, recapOf("")), "1 completion · 1 member", "<@"+other(2)+">")
	})
}

func TestRecapOfACollection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		for i := range 3 {
			a.complete(t, other(i), done("winter", "Winter"), done("spring ~ odd", "Spring"))
		}
		for typed, title := range map[string]string{"winter": "Who completed Winter", embeds.ProgramRef("spring ~ odd"): "Who completed Spring"} {
			r := a.see(t, recapOf(typed))
			mustShow(t, r, title, "3 completions", "<@"+other(0)+">")
			mustSay(t, a.press(t, r, embeds.ActionRecapPost), catalog.OutcomePosted)
		}
		mustSay(t, a.see(t, recapOf("winter")), catalog.OutcomeNothingText)
		mustSay(t, a.see(t, recapOf("nonsense")), catalog.ProblemNoCollection)
		mustShow(t, a.see(t, recapOf("")), "6 completions") // the recap of all is another
	})
}

func TestRecapSpeaksTheServersLanguage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		a.complete(t, other(1), done("winter", "Winter"))
		r := recapOf("")
		r.Locale, r.GuildLocale = "de", "en-US"
		mustSay(t, a.see(t, r), catalog.RecapTitle)
	})
}

func TestRecapPressedTwiceAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		a.complete(t, other(1), done("winter", "Winter"))
		a.pressAtOnce(t, a.see(t, recapOf("")), embeds.ActionRecapPost)
	})
}

// Two managers see the same recap; the second is told.
func TestRecapShownTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		a.complete(t, other(1), done("winter", "Winter"))
		first := a.see(t, recapOf(""))
		second := a.see(t, recapOf(""))
		lost := a.press(t, first, embeds.ActionRecapPost)
		mustSay(t, lost, catalog.OutcomeLostText, "`/announce recap`")
		mustSay(t, a.press(t, second, embeds.ActionRecapPost), catalog.OutcomePosted)
		if a.stage.count() != 1 {
			t.Errorf("%d posts", a.stage.count())
		}
	})
}

func TestRecapShowsAnewWhatHasChanged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		a.complete(t, other(1), done("winter", "Winter"))
		a.complete(t, other(2), done("winter", "Winter"))
		r := a.see(t, recapOf(""))
		consent(t, a.store, other(1), func(c *store.Consent) { c.Visibility = store.VisibleToSelf })
		r = a.press(t, r, embeds.ActionRecapPost)
		mustSay(t, r, catalog.PreviewChanged)
		if strings.Contains(words(r.Message), other(1)) || a.stage.count() != 0 {
			t.Errorf("%d posts, shown:\n%s", a.stage.count(), words(r.Message))
		}

		// Nothing is left of it.
		consent(t, a.store, other(2), func(c *store.Consent) { c.Announce = store.Never })
		mustSay(t, a.press(t, r, embeds.ActionRecapPost), catalog.OutcomeNothingText)

		consent(t, a.store, other(2), func(c *store.Consent) { c.Announce = store.Ask })
		r = a.see(t, recapOf(""))
		_, err := a.store.UpdateSettings(t.Context(), commandstest.Guild, func(s *store.Settings) error { s.Channel = "710000000000000002"; return nil })
		if err != nil {
			t.Fatal(err)
		}
		r = a.press(t, r, embeds.ActionRecapPost)
		mustSay(t, r, catalog.PreviewChanged)
		mustShow(t, r, "<#710000000000000002>")
		_, err = a.store.UpdateSettings(t.Context(), commandstest.Guild, func(s *store.Settings) error { s.Announcements = false; return nil })
		if err != nil {
			t.Fatal(err)
		}
		mustSay(t, a.press(t, r, embeds.ActionRecapPost), catalog.OutcomeOffText, "`/settings announcements`")
		mustSay(t, a.see(t, recapOf("")), catalog.OutcomeOffText, "`/settings announcements`")
		if a.stage.count() != 0 {
			t.Errorf("%d posts", a.stage.count())
		}
	})
}

func TestRecapCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		a.complete(t, other(1), done("winter", "Winter"))
		r := a.see(t, recapOf(""))
		mustSay(t, a.press(t, r, embeds.ActionRecapDrop), catalog.OutcomeDroppedText)
		a.clock = func() time.Time { return time.Now().Add(2 * store.DraftRetention) }
		mustSay(t, a.press(t, r, embeds.ActionRecapPost), catalog.OutcomeLost)
	})
}

func TestRecapThatCannotBePosted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		a.complete(t, other(1), done("winter", "Winter"))
		r := a.see(t, recapOf(""))
		a.stage.trouble = &commands.PostFailure{Trouble: embeds.TroubleNoPermission, Err: errBroken}
		failed := a.press(t, r, embeds.ActionRecapPost)
		mustSay(t, failed, catalog.OutcomeNotPostedText)
		mustShow(t, failed, "View Channel")
		if failed.Update {
			t.Error("the button is gone")
		}
		a.stage.trouble = &commands.PostFailure{Trouble: embeds.TroubleOutOfReach, Err: errBroken}
		mustSay(t, a.press(t, r, embeds.ActionRecapPost), catalog.ProblemDiscordText)
		a.stage.trouble = nil
		mustSay(t, a.press(t, r, embeds.ActionRecapPost), catalog.OutcomePosted)
		if a.stage.count() != 1 {
			t.Errorf("%d posts", a.stage.count())
		}
	})
}

// The answer to the post got lost. Whoever comes next finds it.
func TestRecapWhoseAnswerGotLost(t *testing.T) {
	t.Parallel()
	for _, through := range []bool{true, false} {
		t.Run(fmt.Sprintf("through %v", through), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAnnounceWorld(t)
				a.complete(t, other(1), done("winter", "Winter"))
				r := a.see(t, recapOf(""))
				a.stage.lost = through
				if !through {
					a.stage.trouble = &commands.PostFailure{Unsure: true, Err: errBroken}
				}
				unsure := a.press(t, r, embeds.ActionRecapPost)
				mustSay(t, unsure, catalog.OutcomeUnsure)
				if unsure.Update {
					t.Error("the button is gone")
				}
				mustSay(t, a.press(t, r, embeds.ActionRecapPost), catalog.OutcomePosting) // too soon to tell
				mustSay(t, a.see(t, recapOf("")), catalog.OutcomePosting)

				a.complete(t, other(2), done("winter", "Winter"))
				mustSay(t, a.see(t, recapOf("")), catalog.OutcomePosting)
				a.clock = func() time.Time { return time.Now().Add(time.Minute) }
				a.stage.lost = false
				a.stage.trouble = &commands.PostFailure{Unsure: true, Err: errBroken}
				for _, try := range []commands.Reply{a.press(t, r, embeds.ActionRecapPost), a.see(t, recapOf(""))} {
					mustSay(t, try, catalog.OutcomeUnsure)
				}
				a.stage.trouble = nil
				a.restart(a.shelf.programs)
				mustSay(t, a.press(t, r, embeds.ActionRecapPost), catalog.OutcomePosted)
				if a.stage.count() != 1 {
					t.Errorf("%d posts", a.stage.count())
				}
				mustShow(t, a.see(t, recapOf("")), "1 completion", "<@"+other(2)+">")
			})
		})
	}
}

// The process died while it posted, and nobody presses again: the next recap
// begins where the last one really ended.
func TestRecapAfterACrash(t *testing.T) {
	t.Parallel()
	for _, through := range []bool{true, false} {
		t.Run(fmt.Sprintf("through %v", through), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAnnounceWorld(t)
				a.complete(t, other(1), done("winter", "Winter"))
				r := a.see(t, recapOf(""))
				a.stage.lost = through
				if !through {
					a.stage.trouble = &commands.PostFailure{Unsure: true, Err: errBroken}
				}
				a.press(t, r, embeds.ActionRecapPost)
				a.stage.trouble = nil
				a.restart(a.shelf.programs)
				a.clock = func() time.Time { return time.Now().Add(time.Minute) }
				a.complete(t, other(2), done("winter", "Winter"))
				next := a.see(t, recapOf(""))
				mustShow(t, next, "<@"+other(2)+">")
				if shown := strings.Contains(words(next.Message), other(1)); shown == through {
					t.Errorf("what was perhaps posted is shown again: %v", shown)
				}
			})
		})
	}
}

// manyRecaps is a store with more completions than a recap tells.
type manyRecaps struct {
	commands.Recaps
	all []store.Completed
}

func (m manyRecaps) Completions(_ context.Context, q store.Recap, offset, limit int) ([]store.Completed, int, error) {
	var in []store.Completed
	for _, c := range m.all {
		if c.At.After(q.After) && !c.At.After(q.Until) {
			in = append(in, c)
		}
	}
	end := min(offset+limit, len(in))
	next := end
	if end == len(in) {
		next = 0
	}
	return in[offset:end], next, nil
}

// What is too much for one recap is left to the next, and nothing is lost.
func TestRecapOfVeryMany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now().AddDate(-1, 0, 0)
		for _, same := range []int{1, 7, 5000} { // completions of one moment
			a := newAnnounceWorld(t)
			many := manyRecaps{Recaps: a.store}
			for i := range 4100 {
				many.all = append(many.all, store.Completed{
					Server: commandstest.Guild, Person: other(i), Program: "winter", Name: "Winter", At: start.Add(time.Duration(i/same) * time.Second),
				})
			}
			a.without(func(d *commands.Deps) { d.Recaps = many })
			told := 0
			for range 3 {
				r := a.see(t, recapOf(""))
				var n int
				text := strings.ReplaceAll(r.Embeds[0].Description, ",", "")
				if _, err := fmt.Sscan(text, &n); err != nil {
					break
				}
				told += n
				mustSay(t, a.press(t, r, embeds.ActionRecapPost), catalog.OutcomePosted)
			}
			if want := map[int]int{1: 4100, 7: 4100, 5000: 2000}[same]; told != want {
				t.Errorf("%d at once: %d told, want %d", same, told, want)
			}
		}
	})
}

func TestRecapWhileTheStoreIsDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		a.complete(t, other(1), done("winter", "Winter"))
		r := a.see(t, recapOf(""))
		broken := &failingRecaps{Recaps: a.store}
		a.without(func(d *commands.Deps) { d.Recaps = broken })
		for step, want := range map[string]catalog.Key{
			"state": catalog.ProblemStoreText, "completions": catalog.ProblemStoreText, "add": catalog.ProblemUnsavedText,
		} {
			broken.fails = step
			mustSay(t, a.see(t, recapOf("")), want)
		}
		for _, step := range []string{"recap", "completions", "state"} {
			broken.fails = step
			mustSay(t, a.press(t, r, embeds.ActionRecapPost), catalog.ProblemStoreText)
		}
		broken.fails = "begin"
		mustSay(t, a.press(t, r, embeds.ActionRecapPost), catalog.ProblemUnsavedText)
		if a.stage.count() != 0 {
			t.Fatalf("%d posts", a.stage.count())
		}

		// What became of it could not be written down: it is found out later.
		broken.fails = "end"
		mustSay(t, a.press(t, r, embeds.ActionRecapPost), catalog.OutcomePosted)
		a.clock = func() time.Time { return time.Now().Add(time.Minute) }
		mustSay(t, a.press(t, r, embeds.ActionRecapPost), catalog.ProblemUnsavedText)
		broken.fails = ""
		mustSay(t, a.press(t, r, embeds.ActionRecapPost), catalog.OutcomePosted)
		if a.stage.count() != 1 {
			t.Errorf("%d posts", a.stage.count())
		}
		a.without(func(d *commands.Deps) { d.Boards = down(t) })
		mustSay(t, a.see(t, recapOf("winter")), catalog.ProblemStoreText)
		withoutSettings(t, a)
		mustSay(t, a.see(t, recapOf("")), catalog.ProblemStoreText)
	})
}

// failingRecaps fails in one place.
type failingRecaps struct {
	commands.Recaps
	fails string
}

func (f *failingRecaps) when(step string) error {
	if f.fails == step {
		return errBroken
	}
	return nil
}

func (f *failingRecaps) Completions(ctx context.Context, q store.Recap, offset, limit int) ([]store.Completed, int, error) {
	page, next, err := f.Recaps.Completions(ctx, q, offset, limit)
	return page, next, errors.Join(err, f.when("completions"))
}

func (f *failingRecaps) AddRecap(ctx context.Context, d store.RecapDraft) (store.RecapDraft, error) {
	if err := f.when("add"); err != nil {
		return d, err
	}
	return f.Recaps.AddRecap(ctx, d)
}

func (f *failingRecaps) RecapState(ctx context.Context, server, program string) (store.RecapState, error) {
	s, err := f.Recaps.RecapState(ctx, server, program)
	return s, errors.Join(err, f.when("state"))
}

func (f *failingRecaps) Recap(ctx context.Context, server, id string, now time.Time) (store.RecapDraft, string, error) {
	d, link, err := f.Recaps.Recap(ctx, server, id, now)
	return d, link, errors.Join(err, f.when("recap"))
}

func (f *failingRecaps) BeginRecap(ctx context.Context, server, id string, now time.Time) (store.RecapDraft, bool, error) {
	if err := f.when("begin"); err != nil {
		return store.RecapDraft{}, false, err
	}
	return f.Recaps.BeginRecap(ctx, server, id, now)
}

func (f *failingRecaps) EndRecap(ctx context.Context, d store.RecapDraft, link string, now time.Time) error {
	if err := f.when("end"); err != nil {
		return err
	}
	return f.Recaps.EndRecap(ctx, d, link, now)
}
