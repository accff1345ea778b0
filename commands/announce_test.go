package commands_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"

	"progressbot/bot/store"
	"progressbot/commands"
	"progressbot/commands/commandstest"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

var (
	_ commands.Ledger = (*store.Store)(nil)
	_ commands.Recaps = (*store.Store)(nil)
)

// stage is where announcements appear: the test's server, with a ledger.
type stage struct {
	store *store.Store
	// extra is said in every message: the server's template.
	extra string
	// fate is what keeps everything from being posted, if it is not queued;
	// err is what fails.
	fate commands.Fate
	err  error
	// lost says that posts of recaps get through without an answer; trouble
	// is why they do not get through.
	lost    bool
	trouble *commands.PostFailure

	mu    sync.Mutex
	posts []embeds.Message
	notes []string
}

var (
	_ commands.Announcer  = (*stage)(nil)
	_ commands.OncePoster = (*stage)(nil)
)

func (s *stage) message(a commands.Announcement) embeds.Message {
	return embeds.Announcement(catalog.For("en-US"), embeds.AnnouncementView{
		Server: s.extra, Person: embeds.Person{ID: a.Person, Name: "Bob"}, Mark: "ABC234", Note: a.Note,
		Reached: []embeds.Reached{{Name: a.Facts.Name, Reward: s.extra, Size: a.Facts.Size, Collected: a.Facts.Collected}},
	})
}

func (s *stage) forecast(ctx context.Context, a commands.Announcement) (commands.Fate, error) {
	key := store.EntryKey{Server: a.Server, Person: a.Person, Program: a.Program}
	known, err := s.store.Entries(ctx, key)
	if err != nil {
		return commands.Fate{}, err
	}
	consent, err := s.store.Consent(ctx, a.Server, a.Person)
	switch {
	case err != nil:
		return commands.Fate{}, err
	case known[key].State == store.Sent:
		return commands.Fate{Outcome: embeds.OutcomePostedBefore, Link: linkTo(known[key].Message)}, nil
	case !consent.MayAnnounce(a.By):
		return commands.Fate{Outcome: embeds.OutcomeRefused}, nil
	case s.fate.Outcome != embeds.OutcomeRefused:
		return s.fate, nil
	}
	return commands.Fate{Outcome: embeds.OutcomeQueued}, nil
}

// Preview implements [commands.Announcer].
func (s *stage) Preview(ctx context.Context, a commands.Announcement) (commands.AnnouncementPreview, error) {
	if s.err != nil {
		return commands.AnnouncementPreview{}, s.err
	}
	f, err := s.forecast(ctx, a)
	return commands.AnnouncementPreview{Fate: f, Channel: commandstest.Channel, Message: s.message(a), Ping: true}, err
}

// Announce implements [commands.Announcer].
func (s *stage) Announce(ctx context.Context, a commands.Announcement) (commands.Fate, error) {
	if s.err != nil {
		return commands.Fate{}, s.err
	}
	f, err := s.forecast(ctx, a)
	if err != nil || f.Outcome != embeds.OutcomeQueued {
		return f, err
	}
	added, err := s.store.Add(ctx, store.Entry{
		EntryKey: store.EntryKey{Server: a.Server, Person: a.Person, Program: a.Program}, By: a.By, Facts: a.Facts, Note: a.Note, Created: a.At,
	})
	if err != nil {
		return commands.Fate{}, err
	}
	if !added[0].New {
		return commands.Fate{Outcome: embeds.OutcomePostedBefore, Link: linkTo(added[0].Entry.Message)}, nil
	}
	id := s.publish(s.message(a), a.Note)
	return commands.Fate{Outcome: embeds.OutcomePosted, Link: linkTo(id)}, s.settle(ctx, a, id)
}

// settle writes down that an entry was posted.
func (s *stage) settle(ctx context.Context, a commands.Announcement, id string) error {
	box, err := s.store.ClaimOutbox(ctx, a.Server, a.Person, a.At, time.Minute)
	if err != nil {
		return err
	}
	e := box.Entries[0]
	e.State, e.Changed, e.Attempt, e.Nonce, e.Mark, e.Channel = store.Posting, a.At, 1, "nonce", "mark", commandstest.Channel
	saved, err := s.store.Save(ctx, box, e)
	if err != nil {
		return err
	}
	saved[0].State, saved[0].Message = store.Sent, id
	if _, err := s.store.Save(ctx, box, saved...); err != nil {
		return err
	}
	return s.store.Release(ctx, box)
}

func (s *stage) publish(m embeds.Message, note string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posts, s.notes = append(s.posts, m), append(s.notes, note)
	return fmt.Sprint(1100000000000000000 + len(s.posts))
}

func linkTo(message string) string {
	return "https://discord.com/channels/" + commandstest.Guild + "/" + commandstest.Channel + "/" + message
}

// PostOnce implements [commands.OncePoster].
func (s *stage) PostOnce(_ context.Context, p commands.OncePost) (string, error) {
	if s.trouble != nil {
		return "", s.trouble
	}
	id := s.publish(p.Message, p.Nonce)
	if s.lost {
		return "", errors.New("no answer")
	}
	return linkTo(id), nil
}

// FindPost implements [commands.OncePoster].
func (s *stage) FindPost(_ context.Context, p commands.OncePost) (string, error) {
	if s.trouble != nil {
		return "", s.trouble
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, m := range s.posts {
		if m.Embeds[0].Footer.Text == p.Footer {
			return linkTo(fmt.Sprint(1100000000000000001 + i)), nil
		}
	}
	return "", nil
}

func (s *stage) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.posts)
}

// announceWorld is a server that announces, in which Bob has completed the
// winter and is on the way in the spring.
type announceWorld struct {
	*world
	store *store.Store
	stage *stage
	clock func() time.Time

	completed int // calls of complete
}

func newAnnounceWorld(t *testing.T) *announceWorld {
	t.Helper()
	a := &announceWorld{store: newStore(t), clock: time.Now}
	a.stage = &stage{store: a.store}
	_, err := a.store.UpdateSettings(t.Context(), commandstest.Guild, func(s *store.Settings) error {
		s.Announcements, s.Channel = true, commandstest.Channel
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	torn := program("torn", "Torn Pages", 1, 2)
	torn.Percent = 100
	a.restart(map[string][]progressapi.Program{
		commandstest.Bob().ID: {program("winter ~ odd", "Winter Challenge", 10, 10), program("spring", "Spring", 7, 10), torn},
		commandstest.Ada().ID: {program("mine", "My own", 1, 2)},
	})
	return a
}

// restart is the same server with a bot that knows nothing but its store.
func (a *announceWorld) restart(programs map[string][]progressapi.Program) {
	a.world = newWorld(programs, func(w *world) {
		w.deps.Settings, w.deps.People, w.deps.Boards = a.store, a.store, a.store
		w.deps.Ledger, w.deps.Recaps, w.deps.Announcer, w.deps.Once = a.store, a.store, a.stage, a.stage
		w.deps.Members = acquainted()
		w.deps.Now = func() time.Time { return a.clock() }
	})
}

// without makes a part of the surroundings fail.
func (a *announceWorld) without(change func(*commands.Deps)) {
	change(&a.deps)
	a.Router = commands.NewRouter(commands.Options{Limits: commands.Limits{Burst: 1000}}, commands.All(a.deps)...)
}

func withoutSettings(t *testing.T, a *announceWorld) {
	a.without(func(d *commands.Deps) { d.Settings = down(t) })
}

func withoutPeople(t *testing.T, a *announceWorld) {
	a.without(func(d *commands.Deps) { d.People = down(t) })
}

func withoutLedger(t *testing.T, a *announceWorld) {
	a.without(func(d *commands.Deps) { d.Ledger = down(t) })
}

// managing lets the asker manage events.
func managing(r commands.Request) commands.Request {
	r.Permissions |= discordgo.PermissionManageEvents
	return r
}

func announceBob(collection, message string) commands.Request {
	o := commandstest.Options{"member": commandstest.Member(commandstest.Bob()), "collection": commandstest.Text(collection)}
	if message != "" {
		o["message"] = commandstest.Text(message)
	}
	return managing(commandstest.Slash("announce completion", o))
}

// press presses a manager's button.
func (a *announceWorld) press(t *testing.T, r commands.Reply, name string) commands.Reply {
	t.Helper()
	id := buttonsOf(t, r)[name]
	if id == "" {
		t.Fatalf("no %s in\n%s", name, words(r.Message))
	}
	return a.see(t, managing(commandstest.Press(id)))
}

// pressAtOnce presses a manager's button several times at once, which posts
// once.
func (a *announceWorld) pressAtOnce(t *testing.T, r commands.Reply, name string) {
	t.Helper()
	press := pressed(t, r, name)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { serve(a.Router, press) })
	}
	all.Wait()
	if a.stage.count() != 1 {
		t.Errorf("%d posts", a.stage.count())
	}
}

func TestAnnounceCompletion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		const hostile = "Well done!\n**@everyone** <@1> https://evil.example \u202e"
		r := a.see(t, announceBob("winter chalenge", hostile))
		if !r.Private || len(r.Mention) > 0 {
			t.Errorf("private %v, pings %v", r.Private, r.Mention)
		}
		mustShow(t, r, "Winter Challenge", "Well done!", "Only you can see it", "<@"+commandstest.Bob().ID+"> will be notified")
		if a.stage.count() != 0 {
			t.Fatal("it was posted without being confirmed")
		}
		if diff := cmp.Diff([]string{"programs Bob fresh"}, a.shelf.did()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}

		a.restart(a.shelf.programs)
		mustSay(t, a.see(t, managing(commandstest.By(commandstest.Bob(), commandstest.Press(buttonsOf(t, r)[embeds.ActionAnnouncePost])))), catalog.ProblemForeign)
		done := a.press(t, r, embeds.ActionAnnouncePost)
		if !done.Update {
			t.Error("the preview stays")
		}
		mustSay(t, done, catalog.OutcomePosted)
		mustShow(t, done, linkTo("1100000000000000001"))
		if a.stage.count() != 1 || a.stage.notes[0] != strings.TrimSpace(hostile) {
			t.Fatalf("%d posts, notes %q", a.stage.count(), a.stage.notes)
		}
		post := a.stage.posts[0]
		if diff := cmp.Diff(post, embeds.Message{Content: r.Content, Embeds: r.Embeds[:len(r.Embeds)-1], Files: r.Files}); diff != "" {
			t.Errorf("the post is not what was shown (-post +preview):\n%s", diff)
		}

		// Whoever wants it again is led to the post.
		for _, again := range []commands.Reply{a.press(t, r, embeds.ActionAnnouncePost), a.see(t, announceBob("winter ~ odd", ""))} {
			mustSay(t, again, catalog.OutcomeBefore)
			mustShow(t, again, linkTo("1100000000000000001"))
		}
		if a.stage.count() != 1 {
			t.Errorf("%d posts", a.stage.count())
		}
	})
}

func TestAnnouncePressedTwiceAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		a.pressAtOnce(t, a.see(t, announceBob("winter", "")), embeds.ActionAnnouncePost)
	})
}

func TestAnnounceShowsAnewWhatHasChanged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		r := a.see(t, announceBob("winter", "Hooray"))
		a.stage.extra = "Another Reward"
		again := a.press(t, r, embeds.ActionAnnouncePost)
		mustSay(t, again, catalog.PreviewChanged)
		mustShow(t, again, "Another Reward", "Hooray")
		if a.stage.count() != 0 || !again.Update {
			t.Errorf("%d posts, update %v", a.stage.count(), again.Update)
		}
		mustSay(t, a.press(t, again, embeds.ActionAnnouncePost), catalog.OutcomePosted)
	})
}

func TestAnnounceCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		r := a.see(t, announceBob("winter", ""))
		dropped := a.press(t, r, embeds.ActionAnnounceDrop)
		mustSay(t, dropped, catalog.OutcomeDroppedText)
		if !dropped.Update || len(dropped.Components) > 0 {
			t.Error("the preview stays")
		}
		mustSay(t, a.press(t, r, embeds.ActionAnnouncePost), catalog.OutcomeLost)
		for _, id := range []string{
			embeds.Action{Name: embeds.ActionAnnouncePost, Owner: commandstest.Ada().ID, Person: commandstest.Bob().ID, Program: "ABC"}.Encode(),
			embeds.Action{Name: embeds.ActionAnnouncePost}.Encode(),
		} {
			mustSay(t, a.see(t, managing(commandstest.Press(id))), catalog.OutcomeLost)
		}
		if a.stage.count() != 0 {
			t.Errorf("%d posts", a.stage.count())
		}
		withoutLedger(t, a)
		mustSay(t, a.press(t, r, embeds.ActionAnnounceDrop), catalog.OutcomeDroppedText)
	})
}

func TestAnnouncePreviewsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		r := a.see(t, announceBob("winter", ""))
		a.clock = func() time.Time { return time.Now().Add(store.DraftRetention + time.Minute) }
		lost := a.press(t, r, embeds.ActionAnnouncePost)
		mustSay(t, lost, catalog.OutcomeLostText, "`/announce completion`")
	})
}

// That somebody refuses is told by nothing: neither by words nor by time.
func TestAnnounceRefusesInOneWay(t *testing.T) {
	t.Parallel()
	bob := commandstest.Bob().ID
	visible := func(v store.Visibility, c store.Choice) func(*testing.T, *announceWorld) {
		return func(t *testing.T, a *announceWorld) {
			t.Helper()
			consent(t, a.store, bob, func(k *store.Consent) { k.Visibility, k.Announce = v, c })
		}
	}
	nothing := func(_ *testing.T, a *announceWorld) { delete(a.shelf.programs, bob) }
	both := func(fs ...func(*testing.T, *announceWorld)) func(*testing.T, *announceWorld) {
		return func(t *testing.T, a *announceWorld) {
			t.Helper()
			for _, f := range fs {
				f(t, a)
			}
		}
	}
	tests := []struct {
		name       string
		setUp      func(*testing.T, *announceWorld)
		collection string
	}{
		{"never here", visible(store.VisibleToAnyone, store.Never), "winter"},
		{"never here and nothing collected", both(visible(store.VisibleToAnyone, store.Never), nothing), "winter"},
		{"never here and not complete", visible(store.VisibleToAnyone, store.Never), "spring"},
		{"never anywhere", func(t *testing.T, a *announceWorld) {
			consent(t, a.store, bob, func(k *store.Consent) { k.NeverAnywhere = true })
		}, "winter"},
		{"only me", visible(store.VisibleToSelf, store.Ask), "winter"},
		{"only me and always", visible(store.VisibleToSelf, store.Always), "winter"},
		{"only me and nothing collected", both(visible(store.VisibleToSelf, store.Ask), nothing), "winter"},
		{"managers who are asked", visible(store.VisibleToManagers, store.Ask), "winter"},
		{"for managers, and not complete", visible(store.VisibleToManagers, store.Always), "spring"},
		{"nothing collected", nothing, "winter"},
		{"no such collection", func(*testing.T, *announceWorld) {}, "xyzzy"},
		{"the API knows nobody", func(_ *testing.T, a *announceWorld) { a.shelf.err = progressapi.ErrNotFound }, "winter"},
		{"being forgotten", func(_ *testing.T, a *announceWorld) {
			a.without(func(d *commands.Deps) { d.Ledger = forgetting{a.store} })
		}, "winter"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAnnounceWorld(t)
				a.shelf.takes = 300 * time.Millisecond
				tt.setUp(t, a)
				start := time.Now()
				r := a.see(t, announceBob(tt.collection, "Hooray"))
				if took := time.Since(start); took != a.shelf.takes {
					t.Errorf("told after %v", took)
				}
				want := embeds.Announced(embeds.OutcomeView{
					Words: catalog.For("en-US"), Outcome: embeds.OutcomeRefused, Person: embeds.Person{Name: "Bob"},
				})
				if diff := cmp.Diff(want, r.Message); diff != "" || !r.Private {
					t.Errorf("private %v (-want +got):\n%s", r.Private, diff)
				}
			})
		})
	}
}

// forgetting is a store in which Bob is just being forgotten.
type forgetting struct{ commands.Ledger }

func (forgetting) AddDraft(context.Context, store.Draft) (store.Draft, error) {
	return store.Draft{}, fmt.Errorf("add draft: %w", store.ErrForgetting)
}

// What somebody chose after the preview holds as well.
func TestAnnounceRefusedMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		r := a.see(t, announceBob("winter", ""))
		consent(t, a.store, commandstest.Bob().ID, func(c *store.Consent) { c.Announce = store.Never })
		a.restart(a.shelf.programs) // only Discord knows Bob's name now
		mustSay(t, a.press(t, r, embeds.ActionAnnouncePost), catalog.OutcomeRefusedText, "Bob")
		if a.stage.count() != 0 {
			t.Error("it was posted")
		}
	})
}

func TestAnnounceOneself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		a.shelf.programs[commandstest.Ada().ID] = a.shelf.programs[commandstest.Bob().ID]
		o := commandstest.Options{"member": commandstest.Member(commandstest.Ada()), "collection": commandstest.Text("winter")}
		r := managing(commandstest.Slash("announce completion", o))
		mustSay(t, a.see(t, r), catalog.PreviewNote, "<#"+commandstest.Channel+">")
		consent(t, a.store, commandstest.Ada().ID, func(c *store.Consent) { c.Visibility = store.VisibleToSelf })
		mustSay(t, a.see(t, r), catalog.OutcomeHiddenText, "`/privacy set`")
		consent(t, a.store, commandstest.Ada().ID, func(c *store.Consent) { c.Announce = store.Never })
		mustSay(t, a.see(t, r), catalog.OutcomeNeverText, "`/privacy set`")
	})
}

// Who looks for a collection of their own that they do not have has chosen
// nothing.
func TestAnnounceOneselfWithoutTheCollection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		o := commandstest.Options{"member": commandstest.Member(commandstest.Ada()), "collection": commandstest.Text("xyzzy")}
		mustSay(t, a.see(t, managing(commandstest.Slash("announce completion", o))), catalog.ProblemNoCollectionText, "xyzzy")
	})
}

// While the API is down nobody learns who refuses, either.
func TestAnnounceRefusesNobodyWhileTheAPIIsDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		consent(t, a.store, commandstest.Bob().ID, func(c *store.Consent) { c.Announce = store.Never })
		a.shelf.err = progressapi.ErrUnavailable
		mustSay(t, a.see(t, announceBob("winter", "")), catalog.ProblemUnreachableText)
	})
}

func TestAnnounceTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		r := a.see(t, announceBob("spring", ""))
		mustSay(t, r, catalog.OutcomeIncomplete)
		mustShow(t, r, "Bob's progress in **Spring**: 7 of 10 · 70%")
		r = a.see(t, announceBob("torn", ""))
		mustShow(t, r, "Bob's progress in **Torn Pages**: 1 of 2 · 100%", "do not agree")

		// Those who only manage events see what every member sees.
		_, err := a.store.UpdateSettings(t.Context(), commandstest.Guild, func(s *store.Settings) error { s.OthersViewable = false; return nil })
		if err != nil {
			t.Fatal(err)
		}
		r = a.see(t, announceBob("spring", ""))
		mustSay(t, r, catalog.OutcomeRefusedText, "Bob")
		boss := announceBob("spring", "")
		boss.Permissions |= discordgo.PermissionManageGuild
		mustShow(t, a.see(t, boss), "7 of 10")
	})
}

func TestAnnounceThatIsHindered(t *testing.T) {
	t.Parallel()
	waits := commands.Fate{Outcome: embeds.OutcomeWaits, Trouble: embeds.TroubleNoPermission}
	settings := func(fn func(*store.Settings)) func(*testing.T, *announceWorld) {
		return func(t *testing.T, a *announceWorld) {
			_, err := a.store.UpdateSettings(t.Context(), commandstest.Guild, func(s *store.Settings) error { fn(s); return nil })
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	fate := func(f commands.Fate) func(*testing.T, *announceWorld) {
		return func(_ *testing.T, a *announceWorld) { a.stage.fate = f }
	}
	tests := []struct {
		name  string
		setUp func(*testing.T, *announceWorld)
		want  catalog.Key
		args  []any
	}{
		{"announcements are off", settings(func(s *store.Settings) { s.Announcements = false }), catalog.OutcomeOffText, []any{"`/settings announcements`"}},
		{"no channel", settings(func(s *store.Settings) { s.Channel = "" }), catalog.OutcomeOffText, []any{"`/settings announcements`"}},
		{"a permission is missing", fate(waits), catalog.OutcomeNotPostedText, nil},
		{"it waits already", func(t *testing.T, a *announceWorld) {
			a.stage.fate = waits
			_, err := a.store.Add(t.Context(), store.Entry{
				EntryKey: store.EntryKey{Server: commandstest.Guild, Person: commandstest.Bob().ID, Program: "winter ~ odd"}, By: store.BySelf, Created: time.Now(),
			})
			if err != nil {
				t.Fatal(err)
			}
		}, catalog.OutcomeWaitsText, nil},
		{"the member left", fate(commands.Fate{Outcome: embeds.OutcomeLeft}), catalog.OutcomeLeftText, []any{"Bob"}},
		{"it expired", fate(commands.Fate{Outcome: embeds.OutcomeExpired}), catalog.OutcomeExpiredText, nil},
		{"Discord does not answer", func(_ *testing.T, a *announceWorld) { a.stage.err = fmt.Errorf("member: %w", commands.ErrDiscord) }, catalog.ProblemDiscordText, nil},
		{"the announcer has no store", func(_ *testing.T, a *announceWorld) { a.stage.err = errBroken }, catalog.ProblemUnsavedText, nil},
		{"the API is down", func(_ *testing.T, a *announceWorld) { a.shelf.err = progressapi.ErrUnavailable }, catalog.ProblemUnreachableText, nil},
		{"the API's answer is old", func(_ *testing.T, a *announceWorld) { a.shelf.standIn = progressapi.ErrUnavailable }, catalog.ProblemUnreachableText, nil},
		{"no settings", withoutSettings, catalog.ProblemStoreText, nil},
		{"no consent", withoutPeople, catalog.ProblemStoreText, nil},
		{"no ledger", withoutLedger, catalog.ProblemUnsavedText, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAnnounceWorld(t)
				tt.setUp(t, a)
				r := a.see(t, announceBob("winter", ""))
				mustSay(t, r, tt.want, tt.args...)
				if a.stage.count() != 0 || !r.Private {
					t.Errorf("%d posts, private %v", a.stage.count(), r.Private)
				}
			})
		})
	}
}

// Everything that can go wrong between the preview and the post.
func TestAnnounceHinderedBeforeThePost(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		setUp func(*testing.T, *announceWorld)
		want  catalog.Key
	}{
		{"a permission is missing", func(_ *testing.T, a *announceWorld) {
			a.stage.fate = commands.Fate{Outcome: embeds.OutcomeWaits, Trouble: embeds.TroubleNoPermission}
		}, catalog.OutcomeNotPostedText},
		{"Discord does not answer", func(_ *testing.T, a *announceWorld) { a.stage.err = commands.ErrDiscord }, catalog.ProblemDiscordText},
		{"the announcer has no store", func(_ *testing.T, a *announceWorld) { a.stage.err = errBroken }, catalog.ProblemUnsavedText},
		{"no ledger", withoutLedger, catalog.ProblemStoreText},
		{"no settings", withoutSettings, catalog.ProblemStoreText},
		{"it is only queued", func(_ *testing.T, a *announceWorld) {
			a.without(func(d *commands.Deps) {
				d.Announcer = later{a.stage, commands.Fate{Outcome: embeds.OutcomeQueued}, nil}
			})
		}, catalog.OutcomeQueued},
		{"the store fails", func(_ *testing.T, a *announceWorld) {
			a.without(func(d *commands.Deps) { d.Announcer = later{a.stage, commands.Fate{}, errBroken} })
		}, catalog.ProblemUnsavedText},
		{"refused at the last moment", func(_ *testing.T, a *announceWorld) {
			a.without(func(d *commands.Deps) { d.Announcer = later{a.stage, commands.Fate{}, nil} })
		}, catalog.OutcomeRefused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAnnounceWorld(t)
				r := a.see(t, announceBob("winter", ""))
				tt.setUp(t, a)
				mustSay(t, a.press(t, r, embeds.ActionAnnouncePost), tt.want)
				if a.stage.count() != 0 {
					t.Errorf("%d posts", a.stage.count())
				}
			})
		})
	}
}

// later is an announcer whose announcements end in some other way.
type later struct {
	*stage
	fate commands.Fate
	err  error
}

func (l later) Announce(context.Context, commands.Announcement) (commands.Fate, error) {
	return l.fate, l.err
}

func TestAnnounceIsForManagers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		r := announceBob("winter", "")
		preview := a.see(t, r)
		r.Permissions = discordgo.PermissionManageMessages
		mustSay(t, a.see(t, r), catalog.ProblemNotAllowed)
		id := buttonsOf(t, preview)[embeds.ActionAnnouncePost]
		mustSay(t, a.see(t, commandstest.Press(id)), catalog.ProblemNotAllowed)
		mustSay(t, a.see(t, commandstest.InDM(announceBob("winter", ""))), catalog.ProblemGuildOnly)
		r = announceBob("winter", "")
		r.Permissions = discordgo.PermissionAdministrator
		mustSay(t, a.see(t, r), catalog.PreviewNote, "<#"+commandstest.Channel+">")
		if a.stage.count() != 0 {
			t.Errorf("%d posts", a.stage.count())
		}
	})
}

func TestAnnounceOfNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		r := announceBob("winter", strings.Repeat("ä", 600))
		mustShow(t, a.see(t, r), strings.Repeat("ä", 500))
		r.Options["member"] = commandstest.Member(commandstest.Robot())
		mustSay(t, a.see(t, r), catalog.ProblemBotText)
		for _, collection := range []string{"winter", "spring", "none"} { // complete, begun and unknown
			r := announceBob(collection, "")
			gone := commandstest.Bob()
			gone.Member = false
			r.Options["member"] = commandstest.Member(gone)
			mustSay(t, a.see(t, r), catalog.OutcomeLeftText, "Bob")
		}
		delete(r.Options, "member")
		mustSay(t, a.see(t, r), catalog.ProblemNoCommand)
	})
}

func TestAnnounceSuggestions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bob := commandstest.Options{"member": commandstest.Member(commandstest.Bob())}
		suggest := func(a *announceWorld, path string, others commandstest.Options) []string {
			t.Helper()
			var names []string
			for _, c := range a.see(t, managing(commandstest.Type(path, "collection", "", others))).Choices {
				names = append(names, c.Name)
			}
			return names
		}
		a := newAnnounceWorld(t)
		theirs, ours := []string{"Winter Challenge", "Spring", "Torn Pages"}, []string{"My own"}
		if diff := cmp.Diff(theirs, suggest(a, "announce completion", bob)); diff != "" {
			t.Errorf("member's (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(ours, suggest(a, "announce completion", nil)); diff != "" {
			t.Errorf("without a member (-want +got):\n%s", diff)
		}
		sight(t, a.store, other(1), program("summer", "Summer", 1, 2))
		if diff := cmp.Diff([]string{"My own", "Summer"}, suggest(a, "announce recap", nil)); diff != "" {
			t.Errorf("recap (-want +got):\n%s", diff)
		}
		consent(t, a.store, commandstest.Bob().ID, func(c *store.Consent) { c.Visibility = store.VisibleToSelf })
		if diff := cmp.Diff(ours, suggest(a, "announce completion", bob)); diff != "" {
			t.Errorf("hidden member's (-want +got):\n%s", diff)
		}
		left := newAnnounceWorld(t)
		left.without(func(d *commands.Deps) { d.Members = &directory{} })
		if diff := cmp.Diff(ours, suggest(left, "announce completion", bob)); diff != "" {
			t.Errorf("of who is no member (-want +got):\n%s", diff)
		}
		withoutSettings(t, a)
		if diff := cmp.Diff(ours, suggest(a, "announce completion", bob)); diff != "" {
			t.Errorf("without settings (-want +got):\n%s", diff)
		}
		a.shelf.err = progressapi.ErrUnavailable
		if got := suggest(a, "announce completion", bob); len(got) > 0 {
			t.Errorf("without the API: %v", got)
		}
	})
}

// pressed is a manager's press of a button.
func pressed(t *testing.T, r commands.Reply, name string) commands.Request {
	t.Helper()
	return managing(commandstest.Press(buttonsOf(t, r)[name]))
}

func TestFactsOfWhatIsAnnounced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounceWorld(t)
		loose := done("winter", "Winter")
		loose.CountTold, loose.Image = false, "https://cdn.example.com/a.png"
		loose.Reward = &progressapi.Reward{Name: "Snow Badge", CanClaim: true}
		a.shelf.programs[commandstest.Bob().ID] = []progressapi.Program{loose}
		r := a.see(t, announceBob("winter", ""))
		draft := buttonsOf(t, r)[embeds.ActionAnnouncePost]
		act, err := embeds.ParseAction(draft)
		if err != nil {
			t.Fatal(err)
		}
		d, err := a.store.Draft(t.Context(), commandstest.Guild, act.Person, act.Program, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		want := store.Facts{Name: "Winter", Image: "https://cdn.example.com/a.png", Reward: "Snow Badge", Size: 2}
		if diff := cmp.Diff(want, d.Facts); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
