package commands_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot/store"
	"progressbot/bot/store/boltstore"
	"progressbot/commands"
	"progressbot/commands/commandstest"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

var (
	_ commands.Boards = (*store.Store)(nil)
	_ commands.Boards = brokenStore{}
)

// newStore returns a store of its own, as the bot has one.
func newStore(t *testing.T) *store.Store {
	t.Helper()
	d, err := boltstore.Open(filepath.Join(t.TempDir(), "progressbot.db"), boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// down is a store that does not answer.
func down(t *testing.T) *store.Store {
	t.Helper()
	s := newStore(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return s
}

// standing is how far somebody is in a program.
func standing(p progressapi.Program) store.Standing {
	return store.Standing{
		Program: p.ID, Name: p.Name, Collected: p.Collected, Size: p.Size, Percent: p.Percent, Complete: p.Completion() == progressapi.Complete,
	}
}

// sight records what somebody's own progress showed in the test's server.
func sight(t *testing.T, s *store.Store, person string, programs ...progressapi.Program) {
	t.Helper()
	sightAt(t, s, person, time.Now(), programs...)
}

func sightAt(t *testing.T, s *store.Store, person string, at time.Time, programs ...progressapi.Program) {
	t.Helper()
	sighting := store.Sighting{Server: commandstest.Guild, Person: person, At: at, Whole: true}
	for _, p := range programs {
		sighting.Programs = append(sighting.Programs, standing(p))
	}
	if err := s.Record(t.Context(), sighting); err != nil {
		t.Fatal(err)
	}
}

// consent makes a choice in the test's server.
func consent(t *testing.T, s *store.Store, person string, fn func(*store.Consent)) {
	t.Helper()
	_, err := s.UpdateConsent(t.Context(), commandstest.Guild, person, func(c *store.Consent) error {
		fn(c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// boardWorld is a world with a leaderboard of n others who all have the
// cards of two collections: those of the winter the more the earlier, those
// of the spring all the same.
func boardWorld(t *testing.T, n int) (*world, *store.Store) {
	t.Helper()
	s := newStore(t)
	for i := range n {
		sight(t, s, other(i), program("winter", "Winter Challenge", n-i, n), program("spring ~ odd", "Spring", 3, 6))
	}
	return newWorld(nil, func(w *world) { w.deps.Boards = s }), s
}

func other(i int) string { return fmt.Sprint(600000000000000000 + i) }

// brokenStore does not answer.
type brokenStore struct{ commands.Boards }

var errBroken = errors.New("connection refused")

func (brokenStore) Board(context.Context, string, string, int, int) (store.Board, error) {
	return store.Board{}, errBroken
}

func (brokenStore) Collections(context.Context, string) ([]store.Collection, error) {
	return nil, errBroken
}

func onWinter() commands.Request {
	return commandstest.Slash("leaderboard", commandstest.Options{"collection": commandstest.Text("winter")})
}

func TestLeaderboardPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, s := boardWorld(t, 34)
		sight(t, s, commandstest.Ada().ID, program("winter", "Winter Challenge", 0, 34), program("summer", "Summer", 1, 2))
		r := w.see(t, commandstest.Slash("leaderboard", nil))
		mustShow(t, r, "Leaderboard", "**1.** <@"+other(0)+">", "**10.** <@"+other(9)+">", "35 of 35", "35 members · Page 1 of 4")
		if !r.Private || r.Update || len(r.Mention) > 0 {
			t.Errorf("private %v, update %v, mentions %v", r.Private, r.Update, r.Mention)
		}
		r = w.pressOf(t, r, embeds.ActionBoardNext)
		mustShow(t, r, "**11.** <@"+other(10)+">", "Page 2 of 4")
		if !r.Update {
			t.Error("a press makes a new message")
		}

		again := newWorld(nil, func(w *world) { w.deps.Boards = s }) // a restart
		r = again.pressOf(t, r, embeds.ActionBoardLast)
		mustShow(t, r, "**35.** <@"+commandstest.Ada().ID+"> · 0 completed · 1 card · **you**", "Page 4 of 4")
		r = again.pressOf(t, r, embeds.ActionBoardPrev)
		mustShow(t, r, "Page 3 of 4")
		mustShow(t, again.pressOf(t, r, embeds.ActionBoardFirst), "Page 1 of 4")
		if calls := append(w.shelf.did(), again.shelf.did()...); len(calls) != 0 {
			t.Errorf("the API was asked: %v", calls)
		}
	})
}

func TestLeaderboardOfACollection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, _ := boardWorld(t, 12)
		for _, typed := range []string{"winter", "Winter Challenge", "wint", "winter chalenge"} {
			r := w.see(t, commandstest.Slash("leaderboard", commandstest.Options{"collection": commandstest.Text(typed)}))
			mustShow(t, r, "Leaderboard · Winter Challenge", "**1.** <@"+other(0)+"> · 12 of 12 · 100% · Completed", "**2.** <@"+other(1)+"> · 11 of 12 · 91%")
			mustSay(t, r, catalog.BoardAbsentHere, "`/progress`")
		}

		// A reference that does not tell the ID, and ranks that are shared.
		r := w.see(t, commandstest.Slash("leaderboard", commandstest.Options{"collection": commandstest.Text(embeds.ProgramRef("spring ~ odd"))}))
		for i := range 10 {
			mustShow(t, r, "**1.** <@"+other(i)+"> · 3 of 6")
		}
		r = w.pressOf(t, r, embeds.ActionBoardNext)
		mustShow(t, r, "Leaderboard · Spring", "**1.** <@"+other(11)+">")

		r = w.see(t, commandstest.Slash("leaderboard", commandstest.Options{"collection": commandstest.Text("nonsense")}))
		mustSay(t, r, catalog.ProblemNoCollection)
		mustShow(t, r, "Winter Challenge", "Spring")
		if back := w.pressOf(t, r, embeds.ActionBoardFirst); !back.Update || !back.Private || back.Embeds[0].Title != "Leaderboard" {
			t.Errorf("Back shows\n%s", words(back.Message))
		}
	})
}

// The asker's own programs are understood even if nobody is on their board.
func TestLeaderboardOfAnOwnCollection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, _ := boardWorld(t, 1)
		w.shelf.programs = mine(program("summer ~ odd", "Summer", 1, 10), program("", "No Identity", 1, 2))
		r := w.see(t, commandstest.Slash("leaderboard", commandstest.Options{"collection": commandstest.Text("summer")}))
		mustShow(t, r, "Leaderboard · Summer")
		mustSay(t, r, catalog.BoardEmpty)
		if diff := cmp.Diff([]string{"programs Ada any"}, w.shelf.did()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		id := embeds.Action{Name: embeds.ActionBoardNext, Owner: commandstest.Ada().ID, Program: embeds.ProgramRef("summer ~ odd")}.Encode()
		mustShow(t, w.see(t, commandstest.Press(id)), "Leaderboard · Summer")

		w.shelf.programs = nil
		mustSay(t, w.see(t, commandstest.Press(id)), catalog.ProblemVanished)
		w.shelf.err = progressapi.ErrUnavailable
		mustSay(t, w.see(t, commandstest.Press(id)), catalog.ProblemUnreachable)
		r = w.see(t, commandstest.Slash("leaderboard", commandstest.Options{"collection": commandstest.Text("summer")}))
		mustSay(t, r, catalog.ProblemUnreachable)
		mustShow(t, w.see(t, onWinter()), "Winter Challenge") // needs no API
	})
}

func TestLeaderboardTellsWhyOneIsNotOnIt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		choose func(*store.Consent)
		want   catalog.Key
		of     string
	}{
		{"nothing shown yet", func(*store.Consent) {}, catalog.BoardAbsentYet, "`/progress`"},
		{"never here", func(c *store.Consent) { c.Announce = store.Never }, catalog.BoardAbsentNever, "`/privacy set`"},
		{"never anywhere", func(c *store.Consent) { c.NeverAnywhere = true }, catalog.BoardAbsentNever, "`/privacy set`"},
		{"for managers", func(c *store.Consent) { c.Visibility = store.VisibleToManagers }, catalog.BoardAbsentHidden, "`/privacy set`"},
		{"for nobody", func(c *store.Consent) { c.Visibility = store.VisibleToSelf }, catalog.BoardAbsentHidden, "`/privacy set`"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, s := boardWorld(t, 2)
				consent(t, s, commandstest.Ada().ID, tt.choose)
				mustSay(t, w.see(t, commandstest.Slash("leaderboard", nil)), tt.want, tt.of)

				publicReplies(w)
				w.Router = commands.NewRouter(commands.Options{}, commands.All(w.deps)...)
				r := w.see(t, commandstest.Slash("leaderboard", nil))
				if r.Private || strings.Contains(words(r.Message), "You ") {
					t.Errorf("private %v:\n%s", r.Private, words(r.Message))
				}
			})
		})
	}
}

func TestPublicLeaderboard(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, s := boardWorld(t, 12)
		publicReplies(w)
		ada := commandstest.Ada().ID
		sight(t, s, ada, program("winter", "Winter Challenge", 12, 12))
		r := w.see(t, commandstest.Slash("leaderboard", nil))
		mustShow(t, r, "2 of 13 · <@"+ada+"> · 1 completed · 12 cards")
		if r.Private || strings.Contains(words(r.Message), "**you**") {
			t.Errorf("private %v:\n%s", r.Private, words(r.Message))
		}
		r = w.pressOf(t, r, embeds.ActionBoardNext)
		if r.Private {
			t.Error("the next page is private")
		}
		id := buttonsOf(t, r)[embeds.ActionBoardPrev]
		reply := w.see(t, commandstest.By(commandstest.Bob(), commandstest.Press(id)))
		mustSay(t, reply, catalog.ProblemForeign)
	})
}

func TestLeaderboardThatBecameShorter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, _ := boardWorld(t, 12)
		id := embeds.Action{Name: embeds.ActionBoardNext, Owner: commandstest.Ada().ID, Page: 99}.Encode()
		r := w.see(t, commandstest.Press(id))
		mustShow(t, r, "Page 2 of 2", "<@"+other(11)+">")

		w, _ = boardWorld(t, 0)
		mustSay(t, w.see(t, commandstest.Press(id)), catalog.BoardEmpty)
		mustSay(t, w.see(t, commandstest.Press(embeds.Action{Name: embeds.ActionBoardNext}.Encode())), catalog.ProblemOutdated)
	})
}

func TestEmptyLeaderboard(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, _ := boardWorld(t, 0)
		r := w.see(t, commandstest.Slash("leaderboard", nil))
		mustSay(t, r, catalog.BoardEmpty)
		mustSay(t, r, catalog.BoardBegin, "`/progress`")
		mustSay(t, w.see(t, commandstest.InDM(commandstest.Slash("leaderboard", nil))), catalog.ProblemGuildOnly)
	})
}

func TestLeaderboardWhileTheStoreIsDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, s := boardWorld(t, 2)
		w.deps.Boards = brokenStore{s}
		down := commands.NewRouter(commands.Options{Log: w.log.logger(slog.LevelInfo), Faults: w.deps.Faults}, commands.All(w.deps)...)
		up := w.Router
		w.Router = down
		for _, r := range []commands.Request{commandstest.Slash("leaderboard", nil), onWinter()} {
			reply := w.see(t, r)
			mustSay(t, reply, catalog.ProblemStoreText)
			if !reply.Private {
				t.Error("everybody reads it")
			}
		}
		if lines := w.log.lines(t); len(lines) != 1 || lines[0]["affected"] != 1.0 {
			t.Errorf("log: %v", lines)
		}
		r := w.see(t, commandstest.Slash("leaderboard", nil))
		w.Router = up
		mustShow(t, w.pressOf(t, r, embeds.ActionBoardRetry), "<@"+other(0)+">")

		w.Router = down
		id := embeds.Action{Name: embeds.ActionBoardNext, Owner: commandstest.Ada().ID, Program: embeds.ProgramRef("spring ~ odd")}.Encode()
		mustSay(t, w.see(t, commandstest.Press(id)), catalog.ProblemStoreText)
	})
}

func TestLeaderboardSuggestions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		suggest := func(w *world, typed string) []string {
			t.Helper()
			var got []string
			for _, c := range w.see(t, commandstest.Type("leaderboard", "collection", typed, nil)).Choices {
				got = append(got, fmt.Sprintf("%s=%v", c.Name, c.Value))
			}
			return got
		}
		w, s := boardWorld(t, 2)
		w.shelf.programs = mine(program("summer", "Summer", 1, 10), program("winter", "Winter Challenge", 1, 10))
		want := []string{"Summer=summer", "Winter Challenge=winter", "Spring=spring ~ odd"}
		for _, peek := range []bool{true, false} {
			w.shelf.peek = peek
			got := suggest(w, "")
			slices.Sort(got)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("peek %v (-want +got):\n%s", peek, diff)
			}
		}
		if diff := cmp.Diff([]string{"Spring=spring ~ odd"}, suggest(w, "spr")); diff != "" {
			t.Errorf("typed (-want +got):\n%s", diff)
		}
		w.shelf.peek, w.shelf.err = false, progressapi.ErrUnavailable
		if got := suggest(w, ""); len(got) != 2 {
			t.Errorf("without the API: %v", got)
		}
		w.deps.Boards = brokenStore{s}
		w.Router = commands.NewRouter(commands.Options{}, commands.All(w.deps)...)
		if got := suggest(w, ""); len(got) != 0 {
			t.Errorf("without anything: %v", got)
		}
		w.shelf.err = nil
		if got := suggest(w, ""); len(got) != 2 {
			t.Errorf("without the store: %v", got)
		}
		if got := w.see(t, commandstest.Type("leaderboard", "other", "", nil)).Choices; len(got) != 0 {
			t.Errorf("for another option: %v", got)
		}
	})
}
