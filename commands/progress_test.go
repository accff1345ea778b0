package commands_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
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
	"progressbot/embeds/embedstest"
	"progressbot/progressapi"
	"progressbot/progressapi/cache"
)

// shelf is a cache that holds what a test puts there.
type shelf struct {
	mu       sync.Mutex
	programs map[string][]progressapi.Program // by user
	peek     bool                             // whether Peek finds what is there
	err      error                            // what Programs and Program return
	standIn  error                            // why everything is a stand-in
	age      time.Duration                    // how long ago the API gave the answers
	takes    time.Duration
	calls    []string
}

var (
	_ commands.Fetcher = (*shelf)(nil)
	_ commands.Fetcher = (*cache.Cache)(nil)
)

func (s *shelf) note(ctx context.Context, format string, args ...any) error {
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
		return ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, fmt.Sprintf(format, args...))
	return s.err
}

func (s *shelf) snapshot(p []progressapi.Program) cache.Snapshot {
	out := cache.Snapshot{Programs: p, Fetched: time.Now().Add(-s.age)}
	if s.standIn != nil {
		out.Freshness, out.Err, out.Fetched = cache.StandIn, s.standIn, time.Now().Add(-time.Hour)
	}
	return out
}

func (s *shelf) Programs(ctx context.Context, user string, want cache.Want) (cache.Snapshot, error) {
	if err := s.note(ctx, "programs %s %s", who(user), wants(want)); err != nil {
		return cache.Snapshot{}, err
	}
	return s.snapshot(s.programs[user]), nil
}

func (s *shelf) Program(ctx context.Context, user, id string, want cache.Want) (cache.Snapshot, error) {
	if err := s.note(ctx, "program %s %s %s", who(user), id, wants(want)); err != nil {
		return cache.Snapshot{}, err
	}
	for _, p := range s.programs[user] {
		if p.ID == id {
			return s.snapshot([]progressapi.Program{p}), nil
		}
	}
	return cache.Snapshot{}, progressapi.ErrNotFound
}

func (s *shelf) Peek(_ context.Context, user string) (cache.Snapshot, bool) {
	p, ok := s.programs[user]
	return s.snapshot(p), ok && s.peek
}

// did returns and forgets the calls so far.
func (s *shelf) did() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

func who(id string) string {
	for _, u := range []commands.User{commandstest.Ada(), commandstest.Bob(), commandstest.Robot()} {
		if u.ID == id {
			return u.Name
		}
	}
	return id
}

func wants(w cache.Want) string {
	return [...]string{cache.AnyAge: "any", cache.OnlyFresh: "fresh", cache.Renew: "renew"}[w]
}

func program(id, name string, collected, size int) progressapi.Program {
	return progressapi.Program{
		ID: id, Name: name, Size: size, Collected: collected, Percent: 100 * collected / size, CountTold: true, PercentTold: true,
	}
}

// collection is n programs of which the first is the furthest.
func collection(n int) []progressapi.Program {
	return many(n, func(i int) progressapi.Program {
		return program(fmt.Sprintf("program_%d", i), fmt.Sprintf("Collection %c", 'A'+i), 60-i, 100)
	})
}

// world is a router over all commands, with its surroundings: all but those of
// leaderboards and of announcements.
type world struct {
	*commands.Router
	shelf *shelf
	log   *logbook
	store *commandstest.Records
	guild *commandstest.Discord
	deps  commands.Deps
}

func newWorld(programs map[string][]progressapi.Program, change ...func(*world)) *world {
	w := &world{shelf: &shelf{programs: programs}, log: new(logbook), store: commandstest.NewRecords(), guild: new(commandstest.Discord)}
	faults := commands.NewFaultLog(w.log.logger(slog.LevelInfo))
	w.deps = commands.Deps{
		Progress: w.shelf, Cached: new(copies), Settings: w.store, People: w.store, Standings: nowhere{},
		Guilds: w.guild, Poster: w.guild, Members: acquainted(), Faults: faults, Mentions: new(commands.Mentions),
	}
	for _, f := range change {
		f(w)
	}
	w.Router = commands.NewRouter(commands.Options{
		Log: w.log.logger(slog.LevelInfo), Faults: faults, Limits: commands.Limits{Burst: 1000},
	}, commands.All(w.deps)...)
	return w
}

// hide lets a person show their progress to nobody.
func (w *world) hide(u commands.User) {
	w.store.Choose("", u.ID, store.Consent{Visibility: store.VisibleToSelf})
}

// see takes r through the router and returns what the person sees.
func (w *world) see(t *testing.T, r commands.Request) commands.Reply {
	t.Helper()
	r.Received = time.Now()
	reply := seen(t, serve(w.Router, r))
	if r.Kind != commands.Autocomplete && reply.Modal == nil {
		if err := embedstest.Check(reply.Message); err != nil {
			t.Errorf("Discord would refuse the message: %v", err)
		}
	}
	return reply
}

func mine(p ...progressapi.Program) map[string][]progressapi.Program {
	return map[string][]progressapi.Program{commandstest.Ada().ID: p}
}

// buttonsOf returns the message's buttons and menus by their action.
func buttonsOf(t *testing.T, r commands.Reply) map[string]string {
	t.Helper()
	ids := map[string]string{}
	for _, row := range r.Components {
		for _, c := range row.(discordgo.ActionsRow).Components {
			id := ""
			switch c := c.(type) {
			case discordgo.Button:
				id = c.CustomID
			case discordgo.SelectMenu:
				id = c.CustomID
			}
			a, err := embeds.ParseAction(id)
			if err != nil {
				t.Fatalf("custom id %q: %v", id, err)
			}
			ids[a.Name] = id
		}
	}
	return ids
}

// pressOf presses a button that has to be there.
func (w *world) pressOf(t *testing.T, r commands.Reply, name string, values ...string) commands.Reply {
	t.Helper()
	id := buttonsOf(t, r)[name]
	if id == "" {
		t.Fatalf("no %s among %v", name, buttonsOf(t, r))
	}
	p := commandstest.Press(id, values...)
	p.Message.Private = r.Private
	return w.see(t, p)
}

func mustShow(t *testing.T, r commands.Reply, want ...string) {
	t.Helper()
	for _, s := range want {
		if !strings.Contains(words(r.Message), s) {
			t.Errorf("%q is missing in\n%s", s, words(r.Message))
		}
	}
}

func TestProgressOverview(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(mine(collection(8)...))
		r := w.see(t, commandstest.Slash("progress", nil))
		if !r.Private || r.Update {
			t.Errorf("private %v, update %v", r.Private, r.Update)
		}
		mustShow(t, r, "Collection A", "Collection F")
		if strings.Contains(words(r.Message), "Collection G") {
			t.Error("the second page is on the first")
		}

		r = w.pressOf(t, r, embeds.ActionNext)
		if !r.Update {
			t.Error("a press makes a new message")
		}
		mustShow(t, r, "Collection G", "Collection H")

		again := newWorld(w.shelf.programs) // a restart
		r = again.pressOf(t, r, embeds.ActionPrev)
		mustShow(t, r, "Collection A")

		r = again.pressOf(t, r, embeds.ActionOpen, "program_2")
		mustShow(t, r, "Collection C", "58")
		if !r.Update {
			t.Error("a pick makes a new message")
		}
		r = again.pressOf(t, r, embeds.ActionBack)
		mustShow(t, r, "Collection A")
	})
}

func TestProgressOfOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bob := commandstest.Bob()
		people := map[string][]progressapi.Program{bob.ID: collection(8), commandstest.Ada().ID: {program("mine", "My own", 1, 2)}}
		slash := commandstest.Slash("progress", commandstest.Options{"member": commandstest.Member(bob)})
		menu := commandstest.Menu("View progress", bob)

		for _, r := range []commands.Request{slash, menu} {
			w := newWorld(people)
			reply := w.see(t, r)
			mustShow(t, reply, "Bob", "Collection A")
			if !reply.Private {
				t.Error("everybody can read it")
			}
			reply = w.pressOf(t, reply, embeds.ActionNext)
			mustShow(t, reply, "Bob", "Collection G")

			w.hide(bob)
			w.shelf.did()
			reply = w.pressOf(t, reply, embeds.ActionPrev)
			mustSay(t, reply, catalog.ProblemPrivateText, "Bob")
			hidden := w.see(t, r)
			nothing := newWorld(nil, func(w *world) { w.hide(bob) }).see(t, r)
			if diff := cmp.Diff(words(nothing.Message), words(hidden.Message)); diff != "" {
				t.Errorf("a refusal tells whether there is progress:\n%s", diff)
			}
			if calls := w.shelf.did(); len(calls) != 0 {
				t.Errorf("progress was looked up for a refusal: %v", calls)
			}
			restarted := newWorld(people)
			reply = restarted.see(t, commandstest.Press(embeds.Action{Name: embeds.ActionNext, Owner: commandstest.Ada().ID, Person: bob.ID, Page: 1}.Encode()))
			mustShow(t, reply, "Collection G")
		}

		w := newWorld(people)
		mustSay(t, w.see(t, commandstest.Menu("View progress", commandstest.Robot())), catalog.ProblemBotText)
		mustSay(t, w.see(t, commandstest.Slash("progress", commandstest.Options{"member": commandstest.Member(commandstest.Robot())})), catalog.ProblemBotText)
		mustShow(t, w.see(t, commandstest.Menu("View progress", commandstest.Ada())), "My own")
		mustShow(t, w.see(t, commandstest.Slash("progress", commandstest.Options{"member": commandstest.Member(commandstest.Ada())})), "My own")
		mustSay(t, w.see(t, commandstest.InDM(menu)), catalog.ProblemNotTogetherText)

		w = newWorld(people, func(w *world) { w.store.Err = errDown })
		mustSay(t, w.see(t, slash), catalog.ProblemStoreText)
	})
}

func TestProgressInPublic(t *testing.T) {
	t.Parallel()
	claimable := program("won", "Won", 2, 2)
	claimable.Reward = &progressapi.Reward{Name: "Prize", CanClaim: true}
	share := commandstest.Options{"share": commandstest.Yes()}
	one := commandstest.Options{"share": commandstest.Yes(), "collection": commandstest.Text("won")}
	down := func(w *world) { w.shelf.err = progressapi.ErrUnavailable }
	tests := []struct {
		name     string
		programs map[string][]progressapi.Program
		change   func(*world)
		request  commands.Request
		public   bool
		buttons  bool
		says     string
	}{
		{"shared", mine(claimable), nil, commandstest.Slash("progress", share), true, false, "Ada"},
		{"shared collection", mine(claimable), nil, commandstest.Slash("progress", one), true, false, "Ada"},
		{"shared in a DM", mine(claimable), nil, commandstest.InDM(commandstest.Slash("progress", share)), true, false, "Ada"},
		{"nothing to share", nil, nil, commandstest.Slash("progress", share), false, true, "Nothing collected yet"},
		{"shared while the API is down", mine(claimable), down, commandstest.Slash("progress", share), false, true, "cannot be reached"},
		{"shared what is not there", mine(claimable), nil,
			commandstest.Slash("progress", commandstest.Options{"share": commandstest.Yes(), "collection": commandstest.Text("xyzzyx")}), false, true, "No such collection"},
		{"public by default", mine(claimable), publicReplies, commandstest.Slash("progress", nil), true, true, "Ada"},
		{"public by default, context menu", mine(claimable), publicReplies, commandstest.Menu("View progress", commandstest.Ada()), true, true, "Ada"},
		{"public by default, not shared", mine(claimable), publicReplies,
			commandstest.Slash("progress", commandstest.Options{"share": commands.Option{}}), false, true, "Your progress"},
		{"public by default, not in a DM", mine(claimable), publicReplies, commandstest.InDM(commandstest.Slash("progress", nil)), false, true, "Your progress"},
	}
	for _, tc := range tests {
		for _, takes := range []time.Duration{0, 2 * time.Second} {
			t.Run(fmt.Sprint(tc.name, " after ", takes), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(tc.programs)
					if tc.change != nil {
						w = newWorld(tc.programs, tc.change)
					}
					w.shelf.takes = takes
					r := w.see(t, tc.request)
					if r.Private == tc.public || len(r.Components) > 0 != tc.buttons {
						t.Errorf("private %v, want %v; rows of buttons %d, want any: %v", r.Private, !tc.public, len(r.Components), tc.buttons)
					}
					mustShow(t, r, tc.says)
					if !r.Private && strings.Contains(words(r.Message), "ready to claim") {
						t.Error("everybody learns of a reward")
					}
				})
			})
		}
	}
}

// publicReplies lets the server want replies public.
func publicReplies(w *world) {
	w.store.Put(commandstest.Guild, func(s *store.Settings) { s.PublicReplies = true })
}

func TestAPublicMessageStaysFitForThePublic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		won := program("won", "Won", 2, 2)
		won.Reward = &progressapi.Reward{Name: "Prize", CanClaim: true}
		w := newWorld(mine(won), publicReplies)
		r := w.see(t, commandstest.Slash("progress", nil))
		for _, step := range []string{embeds.ActionRefresh, embeds.ActionOpen, embeds.ActionRefreshOne, embeds.ActionBack} {
			r = w.pressOf(t, r, step, "won")
			if r.Private || strings.Contains(strings.ToLower(words(r.Message)), "ready to claim") {
				t.Errorf("%s shows everybody\n%s", step, words(r.Message))
			}
			mustShow(t, r, "Ada")
		}
	})
}

func TestProgressOfOneCollection(t *testing.T) {
	t.Parallel()
	odd := strings.Repeat("odd id/", 20)
	list := mine(
		program("program_1", "Winter Wonders", 5, 10),
		program("program_2", "Café Olé", 4, 10),
		program("program_3", "Space Cats", 3, 10),
		program("program_4", "Space Dogs", 2, 10),
		program("twins_1", "Twins", 6, 10),
		program("twins_2", "Twins", 1, 10),
		program(odd, "Odd One", 1, 10),
		program("", "No Identity", 1, 10),
	)
	tests := []struct {
		typed string
		peek  bool
		shows string
		calls []string
	}{
		{"program_1", false, "Winter Wonders", []string{"program Ada program_1 any"}},
		{"program_1", true, "Winter Wonders", []string{"program Ada program_1 any"}},
		{"  program_1 ", false, "Winter Wonders", []string{"program Ada program_1 any"}},
		{"cafe ole", true, "Café Olé", []string{"program Ada program_2 any"}},
		{"cafe ole", false, "Café Olé", []string{"programs Ada any", "program Ada program_2 any"}},
		{"WINTER", false, "Winter Wonders", []string{"program Ada WINTER any", "programs Ada any", "program Ada program_1 any"}},
		{"wonders", true, "Winter Wonders", []string{"program Ada program_1 any"}},
		{"wintr wonders", true, "Winter Wonders", []string{"program Ada program_1 any"}},
		{"cats", true, "Space Cats", []string{"program Ada program_3 any"}},
		{"twins", true, "6 of 10", []string{"program Ada twins_1 any"}},
		{odd, false, "Odd One", []string{"programs Ada any", "program Ada " + odd + " any"}},
		{embeds.ProgramRef(odd), true, "Odd One", []string{"program Ada " + odd + " any"}},
		{"space", true, "Space Cats", []string{"program Ada space any", "programs Ada any"}},
		{"program_9", false, "Did you mean", []string{"program Ada program_9 any", "programs Ada any"}},
		{"../admin", false, "Did you mean", []string{"programs Ada any"}},
		{"\u200b ", false, "Your progress", []string{"programs Ada any"}},
	}
	for _, tc := range tests {
		t.Run(fmt.Sprintf("%.20s %v", tc.typed, tc.peek), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(list, func(w *world) { w.shelf.peek = tc.peek })
				r := w.see(t, commandstest.Slash("progress", commandstest.Options{"collection": commandstest.Text(tc.typed)}))
				mustShow(t, r, tc.shows)
				if diff := cmp.Diff(tc.calls, w.shelf.did()); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestProgressOfOneCollectionOfNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(nil)
		mustSay(t, w.see(t, commandstest.Slash("progress", commandstest.Options{"collection": commandstest.Text("any")})), catalog.EmptyTitle)
	})
}

func TestNoSuchCollectionOffersTheNearest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(mine(
			program("1", "Autumn", 9, 10), program("2", "Space Cats", 3, 10), program("3", "Space Dogs", 2, 10),
			program("4", "Space Dogs", 2, 10), program("5", "", 2, 10)))
		r := w.see(t, commandstest.Slash("progress", commandstest.Options{"collection": commandstest.Text("space")}))
		mustSay(t, r, catalog.ProblemNoCollectionText, "space")
		if !r.Private || strings.Contains(words(r.Message), "Autumn") || strings.Count(words(r.Message), "Space Dogs") != 1 {
			t.Errorf("shows\n%s", words(r.Message))
		}
		mustShow(t, r, "Space Cats", "Space Dogs")
		mustShow(t, w.pressOf(t, r, embeds.ActionBack), "Autumn", "Space Cats", "Space Dogs")
		r = w.see(t, commandstest.Slash("progress", commandstest.Options{"collection": commandstest.Text("automobile**")}))
		text := words(r.Message)
		if i, j := strings.Index(text, "Autumn"), strings.Index(text, "Space Cats"); i < 0 || j < i {
			t.Errorf("the nearest is not first:\n%s", text)
		}
	})
}

// A name that was typed while the API was down is still a name afterwards.
func TestTypedNameAfterAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(mine(program("p1", "Winter Lights", 1, 2), program("p2", "Summer", 1, 2)), func(w *world) { w.shelf.err = progressapi.ErrUnavailable })
		for typed, want := range map[string]string{"winter": "Winter Lights", "p2": "Summer", "zzzzzzzz": "called “zzzzzzzz”"} {
			w.shelf.err = progressapi.ErrUnavailable
			r := w.see(t, commandstest.Slash("progress", commandstest.Options{"collection": commandstest.Text(typed)}))
			r = w.pressOf(t, r, embeds.ActionRetryTyped) // still down
			w.shelf.err = nil
			r = w.pressOf(t, r, embeds.ActionRetryTyped)
			if mustShow(t, r, want); !r.Update || !r.Private {
				t.Errorf("%s: private %v, update %v", typed, r.Private, r.Update)
			}
		}
		a := embeds.Action{Name: embeds.ActionRetryTyped, Owner: commandstest.Ada().ID}
		mustSay(t, w.see(t, commandstest.Press(a.Encode())), catalog.ProblemOutdated)
	})
}

// The suggestions are the asker's own, whoever the command is about.
func TestSuggestionThatAnotherDoesNotHave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ada, bob := commandstest.Ada(), commandstest.Bob()
		odd := strings.Repeat("odd id/", 20)
		w := newWorld(map[string][]progressapi.Program{
			ada.ID: {program("program_1", "Winter Lights", 1, 2), program(odd, "Odd One", 1, 2)}, bob.ID: {program("program_9", "Summer", 1, 2)},
		}, func(w *world) { w.shelf.peek = true })
		for typed, name := range map[string]string{"program_1": "Winter Lights", embeds.ProgramRef(odd): "Odd One", "Autumn": "Autumn"} {
			r := w.see(t, commandstest.Slash("progress", commandstest.Options{"member": commandstest.Member(bob), "collection": commandstest.Text(typed)}))
			mustSay(t, r, catalog.ProblemNoCollectionOf, "Bob", name)
		}
	})
}

func TestVanishedProgram(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		odd := strings.Repeat("odd id/", 20)
		w := newWorld(mine(append(collection(8), program(odd, "Odd One", 99, 100))...))
		r := w.see(t, commandstest.Slash("progress", nil))
		mustShow(t, w.pressOf(t, r, embeds.ActionOpen, embeds.ProgramRef(odd)), "Odd One")
		last := w.pressOf(t, r, embeds.ActionNext)
		for _, ref := range []string{"program_99", embeds.ProgramRef(odd + "gone")} {
			r = w.pressOf(t, last, embeds.ActionOpen, ref)
			mustSay(t, r, catalog.ProblemVanishedText)
			if !r.Update {
				t.Error("the message with the dead menu stays")
			}
			mustShow(t, w.pressOf(t, r, embeds.ActionBack), "Collection G")
		}
		for _, values := range [][]string{nil, {"a", "b"}, {"no ref!"}} {
			p := commandstest.Press(buttonsOf(t, last)[embeds.ActionOpen], values...)
			if text := words(w.see(t, p).Message); strings.Contains(text, "Something went wrong") {
				t.Errorf("values %q end in\n%s", values, text)
			}
		}
	})
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(mine(collection(2)...))
		r := w.see(t, commandstest.Slash("progress", nil))
		w.shelf.did()
		steps := []struct {
			wait   time.Duration
			action string
			want   string
		}{
			{0, embeds.ActionRefresh, "programs Ada renew"},
			{time.Second, embeds.ActionRefresh, "programs Ada any"},
			{9 * time.Second, embeds.ActionRefresh, "programs Ada renew"},
			{5 * time.Second, embeds.ActionOpen, "program Ada program_1 any"},
			{0, embeds.ActionRefreshOne, "program Ada program_1 any"},
			{5 * time.Second, embeds.ActionRefreshOne, "program Ada program_1 renew"},
		}
		for _, s := range steps {
			time.Sleep(s.wait)
			r = w.pressOf(t, r, s.action, "program_1")
			if diff := cmp.Diff([]string{s.want}, w.shelf.did()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", s.action, diff)
			}
			if !r.Update {
				t.Error("a refresh makes a new message")
			}
			mustShow(t, r, "Collection B")
		}
	})
}

func TestShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(mine(collection(8)...))
		first := w.pressOf(t, w.see(t, commandstest.Slash("progress", nil)), embeds.ActionNext)
		posted := w.pressOf(t, first, embeds.ActionShare)
		if posted.Private || posted.Update || len(posted.Components) != 0 || len(posted.Mention) != 0 {
			t.Errorf("posted %+v", posted)
		}
		mustShow(t, posted, "Ada", "Collection G")

		hint := w.pressOf(t, first, embeds.ActionShare)
		if !hint.Private {
			t.Error("a double press posts twice")
		}
		mustSay(t, hint, catalog.ProblemSlowDown)

		one := w.pressOf(t, first, embeds.ActionOpen, "program_7")
		posted = w.pressOf(t, one, embeds.ActionShareOne)
		mustShow(t, posted, "Ada", "Collection H")
		if posted.Private || posted.Update || len(posted.Components) != 0 {
			t.Errorf("posted %+v", posted)
		}

		time.Sleep(10 * time.Second)
		w.shelf.err = progressapi.ErrUnavailable
		failed := w.pressOf(t, first, embeds.ActionShare)
		if !failed.Private || failed.Update {
			t.Errorf("private %v, update %v", failed.Private, failed.Update)
		}
		w.shelf.err = nil
		if posted = w.pressOf(t, first, embeds.ActionShare); posted.Private {
			t.Error("a share that failed has to wait")
		}

		w.shelf.takes = 2 * time.Second
		time.Sleep(10 * time.Second)
		if posted = w.pressOf(t, first, embeds.ActionShare); posted.Private || posted.Update {
			t.Errorf("a slow share is private %v, an update %v", posted.Private, posted.Update)
		}
	})
}

func TestTryAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(mine(collection(8)...))
		overview := w.pressOf(t, w.see(t, commandstest.Slash("progress", nil)), embeds.ActionNext)
		w.shelf.err = progressapi.ErrUnavailable
		starts := map[string]commands.Reply{
			"Collection G": w.pressOf(t, overview, embeds.ActionRefresh),
			"Collection A": w.see(t, commandstest.Slash("progress", nil)),
			"Collection C": w.see(t, commandstest.Slash("progress", commandstest.Options{"collection": commandstest.Text("program_2")})),
			"Collection D": w.pressOf(t, overview, embeds.ActionOpen, "program_3"),
		}
		for shows, r := range starts {
			w.shelf.err = progressapi.ErrUnavailable
			mustSay(t, r, catalog.ProblemUnreachableText)
			if !r.Private || r.Update {
				t.Errorf("private %v, update %v", r.Private, r.Update)
			}
			name := slices.Collect(maps.Keys(buttonsOf(t, r)))[0] // the only one
			r = w.pressOf(t, r, name)
			mustSay(t, r, catalog.ProblemUnreachableText)
			if !r.Update {
				t.Error("failing again makes another message")
			}
			w.shelf.err = nil
			r = w.pressOf(t, r, name)
			mustShow(t, r, shows)
			if !r.Update {
				t.Error("the problem stays")
			}
		}
		if lines := w.log.lines(t); len(lines) != 1 {
			t.Errorf("want one line for the outage, the log says\n%s", w.log.text())
		}
	})
}

func TestWhatTheAPIMeans(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*world)
		says   catalog.Key
		level  string // of the one line in the log
	}{
		{"nothing yet", func(*world) {}, catalog.EmptyOwn, ""},
		{"not found", func(w *world) { w.shelf.err = progressapi.ErrNotFound }, catalog.EmptyOwn, ""},
		{"key refused", func(w *world) { w.shelf.err = progressapi.ErrKeyRefused }, catalog.ProblemSetupText, "ERROR"},
		{"account refused", func(w *world) { w.shelf.err = progressapi.ErrPlanRefused }, catalog.ProblemSetupText, "ERROR"},
		{"rate limited", func(w *world) { w.shelf.err = progressapi.ErrRateLimited }, catalog.ProblemUnreachableText, "WARN"},
		{"unavailable", func(w *world) { w.shelf.err = progressapi.ErrUnavailable }, catalog.ProblemUnreachableText, "WARN"},
		{"unreadable", func(w *world) { w.shelf.err = progressapi.ErrUnreadable }, catalog.ProblemUnreachableText, "WARN"},
		{"stand-in", func(w *world) {
			w.shelf.standIn = progressapi.ErrUnavailable
			w.shelf.programs = mine(collection(1)...)
		}, "note.stand_in", "WARN"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(nil, tc.change)
				for range 5 {
					r := w.see(t, commandstest.Slash("progress", nil))
					if tc.says == "note.stand_in" {
						mustShow(t, r, "cannot be reached just now", "Collection A")
					} else {
						mustSay(t, r, tc.says)
					}
					if !r.Private {
						t.Error("everybody can read it")
					}
				}
				lines := w.log.lines(t)
				if tc.level == "" && len(lines) != 0 || tc.level != "" && (len(lines) != 1 || lines[0]["level"] != tc.level) {
					t.Errorf("want one line at %q, the log says\n%s", tc.level, w.log.text())
				}
			})
		})
	}
}

func TestTheEndOfAnOutageIsLogged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(mine(collection(1)...))
		ask := func() { w.see(t, commandstest.Slash("progress", nil)) }
		for range 6 { // a flickering API
			w.shelf.err = progressapi.ErrUnavailable
			ask()
			time.Sleep(10 * time.Second)
			w.shelf.err = nil
			ask()
			time.Sleep(10 * time.Second)
		}
		if n := len(w.log.lines(t)); n != 1 {
			t.Errorf("%d lines for one fault:\n%s", n, w.log.text())
		}
		time.Sleep(time.Minute)
		ask()
		ask()
		lines := w.log.lines(t)
		if len(lines) != 2 || lines[1]["affected"] != 6.0 || lines[1]["reference"] != lines[0]["reference"] {
			t.Errorf("the log says\n%s", w.log.text())
		}
	})
}

func TestForeignAndHollowButtons(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(mine(collection(8)...))
		r := w.see(t, commandstest.Slash("progress", nil))
		for name, id := range buttonsOf(t, r) {
			reply := w.see(t, commandstest.By(commandstest.Bob(), commandstest.Press(id, "program_1")))
			mustSay(t, reply, catalog.ProblemForeign)
			if !reply.Private || reply.Update {
				t.Errorf("%s: private %v, update %v", name, reply.Private, reply.Update)
			}
		}
		w.shelf.did()
		for _, a := range []embeds.Action{{Name: embeds.ActionNext}, {Name: embeds.ActionOpen}, {Name: embeds.ActionShare}, {Name: embeds.ActionRefresh}, {Name: embeds.ActionRefreshOne}} {
			mustSay(t, w.see(t, commandstest.Press(a.Encode(), "x")), catalog.ProblemOutdated)
		}
		if calls := w.shelf.did(); len(calls) != 0 {
			t.Errorf("calls for nobody: %v", calls)
		}
	})
}

func TestHelp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mentions := new(commands.Mentions)
		w := newWorld(nil, func(w *world) { w.deps.Mentions = mentions })
		r := w.see(t, commandstest.InDM(commandstest.Slash("help", nil)))
		mustShow(t, r, "`/progress`", "`/help`", "View progress")
		mustSay(t, r, catalog.CommandProgressAbout)
		if !r.Private {
			t.Error("everybody can read it")
		}
		mentions.Set(map[string]string{"progress": "4711", "help": "4712"})
		mustShow(t, w.see(t, commandstest.Slash("help", nil)), "</progress:4711>", "</help:4712>")
	})
}

// Nobody is told of what they cannot use where they are.
func TestHelpListsWhatTheAskerCanUse(t *testing.T) {
	t.Parallel()
	help := commandstest.Slash("help", nil)
	with := func(permissions int64) commands.Request {
		r := help
		r.Permissions = permissions
		return r
	}
	alone := help // in a server that the bot was not added to
	alone.BotInGuild = false
	tests := []struct {
		name  string
		asker commands.Request
		want  []string
	}{
		{"a member", with(0), []string{"leaderboard"}},
		{"who manages events", with(discordgo.PermissionManageEvents), []string{"leaderboard", "announce completion"}},
		{"who manages the server", with(discordgo.PermissionManageGuild), []string{"leaderboard", "settings show"}},
		{"an administrator", with(discordgo.PermissionAdministrator), []string{"leaderboard", "announce completion", "settings show"}},
		{"in a direct message", commandstest.InDM(help), nil},
		{"by their own account", alone, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newWorld(nil).see(t, tt.asker)
				mustShow(t, r, "`/progress`", "`/privacy forget`", "`/help`")
				for _, path := range []string{"leaderboard", "announce completion", "settings show"} {
					if got, want := strings.Contains(words(r.Message), "`/"+path+"`"), slices.Contains(tt.want, path); got != want {
						t.Errorf("/%s is listed: %v, want %v", path, got, want)
					}
				}
			})
		})
	}
}

func TestHelpListsSubcommandsInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		german := func(o *option) *option {
			o.DescriptionLocalizations = locales{"de": "Auf Deutsch: " + o.Name}
			return o
		}
		other := command("settings", nil, func(c *commands.Command) {
			c.Definition.Options = []*option{german(subcommand("show")), group("reply", german(subcommand("private")))}
		})
		mentions := new(commands.Mentions)
		mentions.Set(map[string]string{"settings": "42"})
		help := commands.Help(commands.Deps{Mentions: mentions}, []commands.Command{other})
		r := commandstest.Slash("help", nil)
		r.Locale = "de"
		reply := seen(t, serve(commands.NewRouter(commands.Options{}, help), r))
		mustShow(t, reply, "</settings show:42>", "</settings reply private:42>", "Auf Deutsch: show", "Auf Deutsch: private", "`/help`")
	})
}

func TestDefinitionsGolden(t *testing.T) {
	t.Parallel()
	got, err := json.MarshalIndent(newWorld(nil).Definitions(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/definitions.golden.json"
	if *update {
		if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
		t.Errorf("what Discord is told changed (-want +got):\n%s", diff)
	}
}

func TestAllKeepsTheContract(t *testing.T) {
	t.Parallel()
	rt := newWorld(nil).Router
	everywhere, servers := []discordgo.InteractionContextType{0, 1, 2}, []discordgo.InteractionContextType{0}
	want := []struct {
		name     string
		kind     discordgo.ApplicationCommandType
		contexts []discordgo.InteractionContextType
		options  []string
	}{
		{"progress", discordgo.ChatApplicationCommand, everywhere, []string{"collection", "member", "share"}},
		{"View progress", discordgo.UserApplicationCommand, everywhere, nil},
		{"leaderboard", discordgo.ChatApplicationCommand, servers, []string{"collection"}},
		{"privacy", discordgo.ChatApplicationCommand, everywhere, []string{"show", "set", "forget"}},
		{"announce", discordgo.ChatApplicationCommand, servers, []string{"completion", "recap"}},
		{"settings", discordgo.ChatApplicationCommand, servers, []string{"show", "announcements", "replies", "reward-role", "reset"}},
		{"help", discordgo.ChatApplicationCommand, everywhere, nil},
	}
	got := rt.Definitions()
	if len(got) != len(want) {
		t.Fatalf("%d commands, want %d", len(got), len(want))
	}
	for i, d := range got {
		if d.Name != want[i].name || d.Type != want[i].kind {
			t.Errorf("command %d is %q of type %d", i, d.Name, d.Type)
		}
		if diff := cmp.Diff(want[i].contexts, *d.Contexts); diff != "" {
			t.Errorf("%s: contexts (-want +got):\n%s", d.Name, diff)
		}
		installs := []discordgo.ApplicationIntegrationType{0, 1}
		if len(*d.Contexts) == 1 {
			installs = installs[:1]
		}
		if diff := cmp.Diff(installs, *d.IntegrationTypes); diff != "" {
			t.Errorf("%s: integration types (-want +got):\n%s", d.Name, diff)
		}
		var options []string
		for _, o := range d.Options {
			options = append(options, o.Name)
			if o.Required {
				t.Errorf("%s: %s is required", d.Name, o.Name)
			}
		}
		if !slices.Equal(options, want[i].options) {
			t.Errorf("%s: options are %v", d.Name, options)
		}
		var needs int64
		if d.DefaultMemberPermissions != nil {
			needs = *d.DefaultMemberPermissions
		}
		if want := map[string]int64{"announce": discordgo.PermissionManageEvents, "settings": discordgo.PermissionManageGuild}[d.Name]; needs != want {
			t.Errorf("%s needs the permissions %d, want %d", d.Name, needs, want)
		}
	}
}

func TestAProgramWithoutID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, peek := range []bool{false, true} {
			w := newWorld(mine(program("", "No Identity", 1, 10)), func(w *world) { w.shelf.peek = peek })
			r := w.see(t, commandstest.Slash("progress", commandstest.Options{"collection": commandstest.Text("No Identity")}))
			mustShow(t, r, "No Identity", "1 of 10")
			for _, name := range []string{embeds.ActionRefreshOne, embeds.ActionShareOne} {
				if _, ok := buttonsOf(t, r)[name]; ok {
					reply := w.pressOf(t, r, name)
					if text := words(reply.Message); strings.Contains(text, "Something went wrong") {
						t.Errorf("%s ends in\n%s", name, text)
					}
				}
			}
			for _, call := range w.shelf.did() {
				if strings.HasPrefix(call, "program ") && !strings.HasPrefix(call, "program Ada No") {
					t.Errorf("asked for %q", call)
				}
			}
		}
	})
}

func TestAProgramThatVanishedSinceItWasAtHand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(mine(collection(2)...), func(w *world) {
			w.shelf.peek = true
			w.deps.Progress = &vanishing{shelf: w.shelf, id: "program_1"}
		})
		r := w.see(t, commandstest.Slash("progress", commandstest.Options{"collection": commandstest.Text("collection b")}))
		mustSay(t, r, catalog.ProblemNoCollection)
	})
}

// vanishing no longer knows one program that its list still has.
type vanishing struct {
	*shelf
	id string
}

func (v *vanishing) Program(ctx context.Context, user, id string, want cache.Want) (cache.Snapshot, error) {
	if id == v.id {
		return cache.Snapshot{}, progressapi.ErrNotFound
	}
	return v.shelf.Program(ctx, user, id, want)
}
