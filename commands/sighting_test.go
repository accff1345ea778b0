package commands_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot/standings"
	"progressbot/bot/store"
	"progressbot/commands"
	"progressbot/commands/commandstest"
	"progressbot/embeds"
	"progressbot/progressapi"
)

var _ commands.Standings = (*standings.Recorder)(nil)

// ledgerOfLooks notes sightings.
type ledgerOfLooks struct {
	mu   sync.Mutex
	seen []store.Sighting
}

func (n *ledgerOfLooks) Record(s store.Sighting) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen = append(n.seen, s)
}

// since returns and forgets what was noted.
func (n *ledgerOfLooks) since() []store.Sighting {
	n.mu.Lock()
	defer n.mu.Unlock()
	seen := n.seen
	n.seen = nil
	return seen
}

func TestOwnProgressIsRecorded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		torn := program("torn", "Torn", 1, 2)
		torn.Percent = 100
		uncounted := progressapi.Program{ID: "uncounted", Name: "Uncounted", Size: 10, Percent: 100, PercentTold: true}
		noted := new(ledgerOfLooks)
		w := newWorld(mine(program("winter", "Winter", 2, 2), torn, uncounted, program("", "No Identity", 1, 2), program(strings.Repeat("x", 5000), "Endless", 1, 2)),
			func(w *world) { w.deps.Standings = noted })
		winter := store.Standing{Program: "winter", Name: "Winter", Collected: 2, Size: 2, Percent: 100, Complete: true}
		all := []store.Standing{winter, {Program: "torn", Name: "Torn", Collected: 1, Size: 2, Percent: 100}, {Program: "uncounted", Name: "Uncounted", Percent: 100, Complete: true}}
		want := store.Sighting{Server: commandstest.Guild, Person: commandstest.Ada().ID, At: time.Now().Add(-time.Minute), Programs: all, Whole: true}

		w.shelf.age = time.Minute
		r := w.see(t, commandstest.Slash("progress", nil))
		if diff := cmp.Diff([]store.Sighting{want}, noted.since()); diff != "" {
			t.Errorf("overview (-want +got):\n%s", diff)
		}

		want.Programs, want.Whole = all[:1], false
		w.pressOf(t, r, embeds.ActionOpen, "winter")
		if diff := cmp.Diff([]store.Sighting{want}, noted.since()); diff != "" {
			t.Errorf("one collection (-want +got):\n%s", diff)
		}
	})
}

func TestWhatTellsNothingIsNotRecorded(t *testing.T) {
	t.Parallel()
	ours := program("winter", "Winter", 2, 2)
	bob := commandstest.Bob()
	userInstalled := commandstest.Slash("progress", nil)
	userInstalled.BotInGuild = false
	tests := []struct {
		name     string
		programs []progressapi.Program
		standIn  error
		request  commands.Request
	}{
		{"somebody else's", []progressapi.Program{ours}, nil, commandstest.Slash("progress", commandstest.Options{"member": commandstest.Member(bob)})},
		{"somebody else's by menu", []progressapi.Program{ours}, nil, commandstest.Menu("View progress", bob)},
		{"in direct messages", []progressapi.Program{ours}, nil, commandstest.InDM(commandstest.Slash("progress", nil))},
		{"where the bot is not", []progressapi.Program{ours}, nil, userInstalled},
		{"a stand-in", []progressapi.Program{ours}, progressapi.ErrUnavailable, commandstest.Slash("progress", nil)},
		{"nothing", nil, nil, commandstest.Slash("progress", nil)},
		{"nothing that has an ID", []progressapi.Program{program("", "No Identity", 1, 2)}, nil, commandstest.Slash("progress", nil)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				noted := new(ledgerOfLooks)
				people := map[string][]progressapi.Program{commandstest.Ada().ID: tt.programs, bob.ID: tt.programs}
				w := newWorld(people, func(w *world) { w.deps.Standings = noted })
				w.shelf.standIn = tt.standIn
				w.see(t, tt.request)
				if got := noted.since(); len(got) > 0 {
					t.Errorf("sightings: %+v", got)
				}
			})
		})
	}
}

// From a member's own progress to the leaderboard, with everything between.
func TestProgressLeadsToTheLeaderboard(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		recorder := standings.New(s, standings.Options{})
		w := newWorld(mine(program("winter", "Winter", 2, 2)), func(w *world) { w.deps.Standings, w.deps.Boards = recorder, s })
		w.shelf.programs[commandstest.Bob().ID] = []progressapi.Program{program("winter", "Winter", 1, 2)}
		for _, u := range []commands.User{commandstest.Ada(), commandstest.Bob()} {
			w.see(t, commandstest.By(u, commandstest.Slash("progress", nil)))
		}
		if err := recorder.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		r := w.see(t, commandstest.Slash("leaderboard", nil))
		mustShow(t, r, "**1.** <@"+commandstest.Ada().ID+"> · 1 completed · 2 cards · **you**", "**2.** <@"+commandstest.Bob().ID+"> · 0 completed · 1 card")
		if n := slices.Index(w.shelf.did(), "programs Bob any"); n < 0 {
			t.Error("the API was not asked at all")
		}
	})
}

// An answer from the cache is as old as what it shows: it takes nothing back
// that a newer one told.
func TestCachedAnswerTakesNothingBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		recorder := standings.New(s, standings.Options{})
		almost, done := program("winter", "Winter", 9, 10), program("winter", "Winter", 10, 10)
		w := newWorld(mine(almost), func(w *world) { w.deps.Standings, w.deps.Boards = recorder, s })
		overview := w.see(t, commandstest.Slash("progress", nil))
		one := w.pressOf(t, overview, embeds.ActionOpen, "winter")

		time.Sleep(20 * time.Second)
		w.shelf.programs[commandstest.Ada().ID] = []progressapi.Program{done}
		one = w.pressOf(t, one, embeds.ActionRefreshOne)

		time.Sleep(5 * time.Second)
		w.shelf.programs[commandstest.Ada().ID], w.shelf.age = []progressapi.Program{almost}, 25*time.Second
		w.pressOf(t, one, embeds.ActionBack)
		if err := recorder.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		mustShow(t, w.see(t, commandstest.Slash("leaderboard", nil)), "1 completed · 10 cards")
	})
}
