package commands_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	"progressbot/embeds/card"
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// directory knows what members are called, as Discord does.
type directory struct {
	names map[string]string // by ID; who is not there has left
	err   error
	after time.Duration

	mu      sync.Mutex
	asked   []string
	running int
	most    int // at a time
}

func (d *directory) MemberName(ctx context.Context, guild, person string) (string, error) {
	d.mu.Lock()
	d.asked = append(d.asked, guild+" "+person)
	d.running++
	d.most = max(d.most, d.running)
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		d.running--
		d.mu.Unlock()
	}()
	select {
	case <-time.After(d.after):
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if d.err != nil {
		return "", d.err
	}
	if name, ok := d.names[person]; ok {
		return name, nil
	}
	return "", commands.ErrNoMember
}

// calls returns how often Discord was asked since the last time.
func (d *directory) calls() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := len(d.asked)
	d.asked = nil
	return n
}

// acquainted knows Ada and Bob.
func acquainted() *directory {
	return &directory{names: map[string]string{commandstest.Ada().ID: "Ada", commandstest.Bob().ID: "Bob"}}
}

func newDirectory(n int) *directory {
	d := &directory{names: map[string]string{}}
	for i := range n {
		d.names[other(i)] = fmt.Sprintf("Player %d", i)
	}
	return d
}

// easel notes the cards it is to draw.
type easel struct {
	err error

	mu    sync.Mutex
	cards []card.Card
}

func (e *easel) PNG(_ context.Context, c card.Card) ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cards = append(e.cards, c)
	return []byte("\x89PNG"), e.err
}

// drawnBoards is the world of [boardWorld], in which leaderboards are drawn.
func drawnBoards(t *testing.T, n int, d *directory) (*world, *easel) {
	t.Helper()
	w, _ := boardWorld(t, n)
	e := new(easel)
	w.deps.Painter, w.deps.Members = e, d
	w.Router = commands.NewRouter(commands.Options{Limits: commands.Limits{Burst: 1000}}, commands.All(w.deps)...)
	return w, e
}

// attachable lets the bot attach files.
func attachable(r commands.Request) commands.Request {
	r.AppPermissions = discordgo.PermissionAttachFiles
	return r
}

// turn presses a button where the bot may attach files.
func (w *world) turn(t *testing.T, r commands.Reply, name string) commands.Reply {
	t.Helper()
	return w.see(t, attachable(commandstest.Press(buttonsOf(t, r)[name])))
}

// pictured returns the alt text of the reply's picture, "" if it has none.
func pictured(t *testing.T, r commands.Reply) string {
	t.Helper()
	switch {
	case len(r.Files) == 0 && r.Embeds[0].Image == nil:
		return ""
	case len(r.Files) == 1 && r.Embeds[0].Image != nil && r.Embeds[0].Image.URL == "attachment://"+r.Files[0].Name:
		return r.Files[0].Description
	}
	t.Errorf("%d files, image %v", len(r.Files), r.Embeds[0].Image)
	return ""
}

func TestLeaderboardPicture(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDirectory(12)
		delete(d.names, other(1))           // has left
		d.names[other(2)] = "\u202e@here\n" // hostile
		w, _ := drawnBoards(t, 12, d)

		r := w.see(t, attachable(onWinter()))
		mustShow(t, r, "**2.** <@"+other(1)+">")
		want := "Winter Challenge, Leaderboard · 12 members · Page 1 of 2. 1. Player 0, 12 of 12; 2. Member, 11 of 12; 3. @here, 10 of 12; 4. Player 3, 9 of 12;"
		if got := pictured(t, r); !strings.HasPrefix(got, want) {
			t.Errorf("alt text %q, want it to begin with %q", got, want)
		}
		if n := d.calls(); n != 10 || d.most > 4 {
			t.Errorf("Discord was asked %d times, %d at a time", n, d.most)
		}

		r = w.turn(t, r, embeds.ActionBoardNext)
		if got := pictured(t, r); !r.Update || !strings.Contains(got, "Page 2 of 2. 11. Player 10, 2 of 12; 12. Player 11") {
			t.Errorf("update %v, alt text %q", r.Update, got)
		}
		if n := d.calls(); n != 2 {
			t.Errorf("Discord was asked %d times for two members", n)
		}
		if got := pictured(t, w.turn(t, r, embeds.ActionBoardPrev)); !strings.HasPrefix(got, want) || d.calls() != 0 {
			t.Errorf("alt text %q, from memory", got)
		}
	})
}

// People who were seen are known, in the server where they were, until they
// want to be forgotten.
func TestNamesAreLearned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDirectory(0)
		w, _ := drawnBoards(t, 2, d)
		one := commands.User{ID: other(1), Name: "One of Us", Member: true}
		w.see(t, commandstest.By(one, commandstest.Slash("progress", nil)))
		elsewhere := commandstest.By(commands.User{ID: other(0), Name: "Zero Elsewhere", Member: true}, commandstest.Slash("progress", nil))
		elsewhere.Guild = "777777777777777777"
		w.see(t, elsewhere)

		got := pictured(t, w.see(t, attachable(onWinter())))
		if !strings.Contains(got, "2. One of Us") || strings.Contains(got, "Elsewhere") {
			t.Errorf("alt text %q", got)
		}
		if diff := cmp.Diff([]string{commandstest.Guild + " " + other(0)}, d.asked); diff != "" {
			t.Errorf("asked (-want +got):\n%s", diff)
		}
		forget := w.see(t, commandstest.By(one, commandstest.Slash("privacy forget", nil)))
		w.see(t, commandstest.By(one, commandstest.Press(buttonsOf(t, forget)[embeds.ActionForgetAll])))
		if got := pictured(t, w.see(t, attachable(onWinter()))); got != "" {
			t.Errorf("somebody is still named: %q", got)
		}
	})
}

// A panic while several names are looked up at a time ends the request alone.
func TestPanicWhileNamesAreLookedUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDirectory(3)
		w, _ := drawnBoards(t, 3, d)
		w.deps.Members = brokenDirectory{}
		var log logbook
		w.Router = commands.NewRouter(commands.Options{Log: log.logger(slog.LevelInfo)}, commands.All(w.deps)...)
		mustSay(t, w.see(t, attachable(onWinter())), catalog.ProblemInternalText)
		if lines := log.lines(t); len(lines) != 1 || lines[0]["outcome"] != "panicked" || !strings.Contains(log.text(), "brokenDirectory") {
			t.Errorf("the log says %s", log.text())
		}
	})
}

// brokenDirectory panics.
type brokenDirectory struct{}

func (brokenDirectory) MemberName(context.Context, string, string) (string, error) { panic("boom") }

func TestLeaderboardWithoutAPicture(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*world, *directory, *easel, *commands.Request){
		"may not attach":  func(_ *world, _ *directory, _ *easel, r *commands.Request) { r.AppPermissions = 0 },
		"painter is busy": func(_ *world, _ *directory, e *easel, _ *commands.Request) { e.err = context.DeadlineExceeded },
		"nobody is legible": func(_ *world, d *directory, _ *easel, _ *commands.Request) {
			d.names = map[string]string{other(0): "漢字", other(1): "🔥", other(2): "かな"}
		},
		"everybody left":    func(_ *world, d *directory, _ *easel, _ *commands.Request) { d.names = nil },
		"Discord refuses":   func(_ *world, d *directory, _ *easel, _ *commands.Request) { d.err = errors.New("rate limited") },
		"the store is down": func(w *world, _ *directory, _ *easel, _ *commands.Request) { w.store.Err = errDown },
		"turned off": func(w *world, _ *directory, _ *easel, r *commands.Request) {
			w.store.Put(r.Guild, func(s *store.Settings) { s.Pictures = store.NoPictures })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDirectory(3)
				w, e := drawnBoards(t, 3, d)
				r := attachable(onWinter())
				change(w, d, e, &r)
				reply := w.see(t, r)
				mustShow(t, reply, "**1.** <@"+other(0)+"> · 3 of 3")
				if got := pictured(t, reply); got != "" {
					t.Errorf("a picture of %q", got)
				}
			})
		})
	}
}

// A Discord that does not answer keeps nobody waiting: not the first, who is
// told in time that the answer is coming, and nobody soon after.
func TestLeaderboardWhileNamesAreSlow(t *testing.T) {
	t.Parallel()
	w, s := boardWorld(t, 10)
	synctest.Test(t, func(t *testing.T) {
		d := newDirectory(10)
		d.after = time.Hour
		deps := w.deps
		deps.Painter, deps.Members, deps.Boards = new(easel), d, s
		rt := commands.NewRouter(commands.Options{}, commands.All(deps)...)
		ask := func() (commands.Reply, time.Duration) {
			r := attachable(onWinter())
			r.Received = time.Now()
			answer := seen(t, serve(rt, r))
			return answer, time.Since(r.Received)
		}
		for i, most := range []time.Duration{2 * time.Second, 0} {
			r, took := ask()
			mustShow(t, r, "**1.** <@"+other(0)+">")
			if got := pictured(t, r); got != "" || took > most {
				t.Errorf("%d: a picture of %q, after %v", i, got, took)
			}
		}
		d.after = 0
		time.Sleep(15 * time.Second)
		if r, _ := ask(); pictured(t, r) == "" {
			t.Error("no picture though Discord answers again")
		}
		rt.Wait()
	})
}

// watched is a world in which Ada was shown Bob's progress before the bot
// restarted, and knows Discord through d.
func watched(t *testing.T, d *directory) (*world, commands.Reply) {
	t.Helper()
	bob := commandstest.Bob()
	people := map[string][]progressapi.Program{bob.ID: collection(8), commandstest.Ada().ID: collection(8)}
	shown := newWorld(people).see(t, commandstest.Menu("View progress", bob))
	return newWorld(people, func(w *world) { w.deps.Members = d }), shown
}

// Buttons know only IDs: Discord is asked whether the member is still there,
// and what they are called.
func TestButtonsAboutAMember(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bob := commandstest.Bob()
		d := &directory{names: map[string]string{bob.ID: "Bobby"}}
		w, r := watched(t, d)
		for range 3 {
			mustShow(t, w.pressOf(t, r, embeds.ActionNext), "Bobby's progress", "Collection G")
		}
		w.pressOf(t, w.see(t, commandstest.Slash("progress", nil)), embeds.ActionNext) // one's own
		if diff := cmp.Diff([]string{commandstest.Guild + " " + bob.ID}, d.asked); diff != "" {
			t.Errorf("asked (-want +got):\n%s", diff)
		}

		delete(d.names, bob.ID)
		time.Sleep(11 * time.Minute)
		w.shelf.did()
		for _, boss := range []bool{false, true} {
			p := commandstest.Press(buttonsOf(t, r)[embeds.ActionRefresh])
			if boss {
				p = manage(p)
			}
			reply := w.see(t, p)
			if mustSay(t, reply, catalog.ProblemNotTogetherText); !reply.Private || reply.Update {
				t.Errorf("private %v, update %v", reply.Private, reply.Update)
			}
		}
		if calls := w.shelf.did(); len(calls) > 0 || d.calls() != 2 {
			t.Errorf("looked up for somebody who left: %v", calls)
		}
		d.names[bob.ID] = "Back"
		time.Sleep(11 * time.Minute)
		mustShow(t, w.pressOf(t, r, embeds.ActionRefresh), "Back's progress")
	})
}

func TestButtonsWhileDiscordCannotTell(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*directory, *commands.Request){
		"refuses":        func(d *directory, _ *commands.Request) { d.err = errors.New("rate limited") },
		"is slow":        func(d *directory, _ *commands.Request) { d.after = time.Hour },
		"the bot is not": func(_ *directory, r *commands.Request) { r.BotInGuild = false },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDirectory(0)
				w, r := watched(t, d)
				p := commandstest.Press(buttonsOf(t, r)[embeds.ActionNext])
				change(d, &p)
				for _, most := range []time.Duration{time.Second, 0} {
					began := time.Now()
					mustShow(t, w.see(t, p), "This member's progress", "Collection G")
					if took := time.Since(began); took > most {
						t.Errorf("took %v", took)
					}
				}
				if n := d.calls(); n > 1 {
					t.Errorf("asked %d times", n)
				}
			})
		})
	}
}
