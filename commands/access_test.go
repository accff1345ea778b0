package commands_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
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

// situation is one of all that there can be when Ada looks at herself or at
// Bob.
type situation struct {
	chosen
	rank store.Rank
	way  string
}

// chosen is what the one who is looked at chose, and what the server did.
type chosen struct {
	consent store.Consent
	others  bool // members may look at each other
	public  bool // replies are public
}

func (s situation) String() string {
	return fmt.Sprintf("%v, %v, never %v, others %v, public %v, %v by %s",
		s.consent.Visibility, s.consent.Announce, s.consent.NeverAnywhere, s.others, s.public, s.rank, s.way)
}

// allChosen lists all that can be chosen.
func allChosen() []chosen {
	var all []chosen
	for _, visibility := range []store.Visibility{store.VisibleToAnyone, store.VisibleToManagers, store.VisibleToSelf} {
		for _, announce := range []store.Choice{store.Ask, store.Always, store.Never} {
			for i := range 8 {
				c := store.Consent{Visibility: visibility, Announce: announce, NeverAnywhere: i&1 != 0}
				all = append(all, chosen{c, i&2 != 0, i&4 != 0})
			}
		}
	}
	return all
}

// situations lists all ways to look for everybody who can.
func (c chosen) situations() []situation {
	var all []situation
	for _, rank := range []store.Rank{store.Self, store.Manager, store.Fellow, store.Stranger} {
		for way := range ways() {
			all = append(all, situation{c, rank, way})
		}
	}
	return all
}

// ways are the ways to look at somebody.
func ways() map[string]func(who commands.User) commands.Request {
	button := func(name string, public bool) func(commands.User) commands.Request {
		return func(who commands.User) commands.Request {
			r := commandstest.Press(embeds.Action{Name: name, Owner: commandstest.Ada().ID, Person: who.ID, Program: "won"}.Encode())
			r.Message.Private = !public
			return r
		}
	}
	slash := func(o commandstest.Options) func(commands.User) commands.Request {
		return func(who commands.User) commands.Request {
			o := commandstest.Options{"member": commandstest.Member(who), "collection": o["collection"], "share": o["share"]}
			for name, v := range o {
				if v == (commands.Option{}) {
					delete(o, name)
				}
			}
			return commandstest.Slash("progress", o)
		}
	}
	return map[string]func(commands.User) commands.Request{
		"command":                       slash(nil),
		"command with a collection":     slash(commandstest.Options{"collection": commandstest.Text("won")}),
		"command with share":            slash(commandstest.Options{"share": commandstest.Yes()}),
		"context menu":                  func(who commands.User) commands.Request { return commandstest.Menu("View progress", who) },
		"refresh":                       button(embeds.ActionRefresh, false),
		"refresh of one":                button(embeds.ActionRefreshOne, false),
		"refresh of what all read":      button(embeds.ActionRefresh, true),
		"share":                         button(embeds.ActionShare, false),
		"share of one":                  button(embeds.ActionShareOne, false),
		"another page of what all read": button(embeds.ActionNext, true),
	}
}

// request is Ada looking at who in the situation.
func (s situation) request(who commands.User) commands.Request {
	r := ways()[s.way](who)
	switch s.rank {
	case store.Manager:
		r.Permissions = discordgo.PermissionManageGuild
	case store.Stranger:
		r = commandstest.InDM(r)
	}
	return r
}

// may is the rule, written down once more and in another way: who may look,
// and whether everyone in the channel may read along.
func (s situation) may() (look, aloud bool) {
	if s.rank == store.Self {
		return true, s.consent.Visibility == store.VisibleToAnyone || strings.Contains(s.way, "share")
	}
	look = map[store.Visibility]map[store.Rank]bool{
		store.VisibleToAnyone:   {store.Manager: true, store.Fellow: s.others},
		store.VisibleToManagers: {store.Manager: true},
	}[s.consent.Visibility][s.rank]
	aloud = look && s.others && s.consent.Visibility == store.VisibleToAnyone
	if strings.HasPrefix(s.way, "share") {
		look = aloud // all it is good for
	}
	return look, aloud
}

// world is one in which Ada and Bob have both chosen so.
func (c chosen) world(programs ...progressapi.Program) *world {
	ada, bob := commandstest.Ada().ID, commandstest.Bob().ID
	return newWorld(map[string][]progressapi.Program{ada: programs, bob: programs}, func(w *world) {
		w.store.Choose(commandstest.Guild, ada, c.consent)
		w.store.Choose(commandstest.Guild, bob, c.consent)
		w.store.Put(commandstest.Guild, func(to *store.Settings) { to.OthersViewable, to.PublicReplies = c.others, c.public })
		w.shelf.takes = 100 * time.Millisecond
	})
}

func (s situation) who() commands.User {
	if s.rank == store.Self {
		return commandstest.Ada()
	}
	return commandstest.Bob()
}

// Whatever people chose, nobody learns more than they may, not even by how
// the refusal reads, or how long it takes.
func TestConsentMatrix(t *testing.T) {
	t.Parallel()
	won := program("won", "Won", 2, 2)
	won.Reward = &progressapi.Reward{Name: "Prize", CanClaim: true}
	for _, c := range allChosen() {
		synctest.Test(t, func(t *testing.T) {
			w, nothing := c.world(won), c.world()
			for _, s := range c.situations() {
				time.Sleep(10 * time.Second) // so that nothing is too quick
				s.test(t, w, nothing)
			}
		})
	}
}

func (s situation) test(t *testing.T, w, nothing *world) {
	t.Helper()
	w.shelf.did()
	began := time.Now()
	r := w.see(t, s.request(s.who()))
	took := time.Since(began)
	none := nothing.see(t, s.request(s.who()))
	look, aloud := s.may()
	if got := strings.Contains(words(r.Message), "Won"); got != look {
		t.Errorf("%v: sees progress %v, want %v:\n%s", s, got, look, words(r.Message))
	}
	if !r.Private && !aloud {
		t.Errorf("%v: everyone reads\n%s", s, words(r.Message))
	}
	if !r.Private && strings.Contains(words(r.Message), "ready to claim") {
		t.Errorf("%v: everyone learns of the reward", s)
	}
	if look {
		return
	}
	if calls := w.shelf.did(); len(calls) > 0 {
		t.Errorf("%v: looked up for a refusal: %v", s, calls)
	}
	if took != 0 {
		t.Errorf("%v: the refusal took %v", s, took)
	}
	if diff := cmp.Diff(r, none); diff != "" {
		t.Errorf("%v: the refusal tells whether there is progress:\n%s", s, diff)
	}
}

func TestRefusalsSayWhy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bob := commandstest.Bob()
		elsewhere := bob
		elsewhere.Member = false
		look := commandstest.Menu("View progress", bob)
		tests := []struct {
			name    string
			request commands.Request
			change  func(*commandstest.Records)
			want    string
		}{
			{"the member hides", look, func(d *commandstest.Records) { d.Choose("", bob.ID, store.Consent{Visibility: store.VisibleToSelf}) }, "Bob does not show"},
			{"the server hides", look, func(d *commandstest.Records) {
				d.Put(commandstest.Guild, func(s *store.Settings) { s.OthersViewable = false })
			}, "In this server members cannot"},
			{"both hide", look, func(d *commandstest.Records) {
				d.Choose("", bob.ID, store.Consent{Visibility: store.VisibleToSelf})
				d.Put(commandstest.Guild, func(s *store.Settings) { s.OthersViewable = false })
			}, "In this server members cannot"},
			{"in a direct message", commandstest.InDM(look), nil, "a server that you are both in"},
			{"no member of the server", commandstest.Menu("View progress", elsewhere), nil, "a server that you are both in"},
			{"no member of the server, for a manager", with(discordgo.PermissionAdministrator, commandstest.Menu("View progress", elsewhere)), nil, "a server that you are both in"},
			{"a bot", commandstest.Menu("View progress", commandstest.Robot()), nil, "not a bot"},
			{"hidden from an administrator", with(discordgo.PermissionAdministrator, look),
				func(d *commandstest.Records) { d.Choose("", bob.ID, store.Consent{Visibility: store.VisibleToSelf}) }, "Bob does not show"},
		}
		for _, tc := range tests {
			w := newWorld(map[string][]progressapi.Program{bob.ID: collection(1)}, func(w *world) {
				if tc.change != nil {
					tc.change(w.store)
				}
			})
			r := w.see(t, tc.request)
			if !strings.Contains(words(r.Message), tc.want) || !r.Private {
				t.Errorf("%s: private %v\n%s", tc.name, r.Private, words(r.Message))
			}
		}
	})
}

func TestProgressWithoutTheStore(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*commandstest.Records){
		"down": func(d *commandstest.Records) { d.Err = errors.New("connection refused") },
		"busy": func(d *commandstest.Records) { d.Err = store.ErrBusy },
		"slow": func(d *commandstest.Records) { d.Takes = time.Hour },
	} {
		synctest.Test(t, func(t *testing.T) {
			bob := commandstest.Bob()
			people := map[string][]progressapi.Program{commandstest.Ada().ID: collection(1), bob.ID: collection(2)}
			w := newWorld(people, func(w *world) {
				w.store.Put(commandstest.Guild, func(s *store.Settings) { s.PublicReplies = true })
				fail(w.store)
			})
			began := time.Now()
			r := w.see(t, commandstest.Slash("progress", nil))
			mustShow(t, r, "Collection A")
			if took := time.Since(began); !r.Private || took > time.Second/2 {
				t.Errorf("%s: private %v after %v", name, r.Private, took)
			}
			began = time.Now()
			mustShow(t, w.see(t, commandstest.Slash("progress", nil)), "Collection A")
			if took := time.Since(began); took != 0 {
				t.Errorf("%s: the next one waits for %v, too", name, took)
			}
			w.shelf.did()
			r = w.see(t, commandstest.Menu("View progress", bob))
			mustSay(t, r, catalog.ProblemStoreText)
			if calls := w.shelf.did(); len(calls) > 0 {
				t.Errorf("%s: looked up %v", name, calls)
			}

			w.store.Err, w.store.Takes = nil, 0
			time.Sleep(3 * time.Second)
			mustShow(t, w.pressOf(t, r, embeds.ActionRetry), "Bob", "Collection B")
		})
	}
}

// When the server's rules can be had and the member's choice cannot, the
// answer is still no.
func TestConsentThatCannotBeRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(map[string][]progressapi.Program{commandstest.Bob().ID: collection(1)})
		mustShow(t, w.see(t, commandstest.Menu("View progress", commandstest.Bob())), "Collection A")
		w.store.Err = store.ErrDamaged
		mustSay(t, w.see(t, commandstest.Menu("View progress", commandstest.Bob())), catalog.ProblemStoreText)
	})
}

// Try again leads to what was asked for: one collection, or all.
func TestRetryOfALookThatMayNotBe(t *testing.T) {
	t.Parallel()
	bob := commandstest.Bob().ID
	for name, tc := range map[string]struct {
		press  string
		values []string
		again  string
	}{
		"overview":     {embeds.ActionRefresh, nil, embeds.ActionRetry},
		"picked":       {embeds.ActionOpen, []string{"program_1"}, embeds.ActionRetryOne},
		"one anew":     {embeds.ActionRefreshOne, nil, embeds.ActionRetryOne},
		"one retried":  {embeds.ActionRetryOne, nil, embeds.ActionRetryOne},
		"one by name":  {embeds.ActionRetryTyped, nil, embeds.ActionRetryTyped},
		"share of one": {embeds.ActionShareOne, nil, embeds.ActionRetryOne},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(map[string][]progressapi.Program{bob: collection(2)})
				a := embeds.Action{Name: tc.press, Owner: commandstest.Ada().ID, Person: bob}
				if tc.press != embeds.ActionRefresh && tc.values == nil {
					a.Program = "program_1"
				}
				w.store.Err = store.ErrDamaged
				failed := w.see(t, commandstest.Press(a.Encode(), tc.values...))
				mustSay(t, failed, catalog.ProblemStoreText)
				w.store.Err = nil
				time.Sleep(3 * time.Second)
				r := w.pressOf(t, failed, tc.again)
				if mustShow(t, r, "Collection B"); strings.Contains(words(r.Message), "Collection A") != (tc.again == embeds.ActionRetry) {
					t.Errorf("shows\n%s", words(r.Message))
				}
			})
		})
	}
}

// What the server wants public is public only where it is certain that the
// person lets anyone see it, and that the server's wish still counts.
func TestOwnProgressInPublic(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*world)
		look   commands.Request
		public bool
	}{
		"as the server wants":     {func(*world) {}, commandstest.Slash("progress", nil), true},
		"the choice is not known": {func(w *world) { w.store.Err = store.ErrDamaged }, commandstest.Slash("progress", nil), false},
		"the choice takes long":   {func(w *world) { w.store.Takes = time.Second }, commandstest.Slash("progress", nil), false},
		"only me":                 {func(w *world) { w.hide(commandstest.Ada()) }, commandstest.Slash("progress", nil), false},
		"only me, shared": {func(w *world) { w.hide(commandstest.Ada()) },
			commandstest.Slash("progress", commandstest.Options{"share": commandstest.Yes()}), true},
		"the bot was removed": {func(*world) {}, alone(commandstest.Slash("progress", nil)), false},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(mine(collection(1)...), func(w *world) {
				w.store.Put(commandstest.Guild, func(s *store.Settings) { s.PublicReplies = true })
			})
			w.see(t, commandstest.Slash("progress", nil)) // the server's rules are known now
			tc.change(w)
			began := time.Now()
			r := w.see(t, tc.look)
			mustShow(t, r, "Collection A")
			if took := time.Since(began); r.Private == tc.public || took > time.Second/2 {
				t.Errorf("%s: private %v after %v", name, r.Private, took)
			}
		})
	}
}

// alone is the request in a server that the bot is not, or no longer, in.
func alone(r commands.Request) commands.Request {
	r.BotInGuild = false
	return r
}

func TestRulesComeFromMemoryForAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(mine(collection(1)...))
		look := func() bool { return !w.see(t, commandstest.Slash("progress", nil)).Private }
		if slices.Contains([]bool{look(), look(), look()}, true) {
			t.Error("public by itself")
		}
		if diff := cmp.Diff([]string{"settings"}, w.store.Calls()); diff != "" {
			t.Errorf("the store was asked (-want +got):\n%s", diff)
		}
		// Another process changes it: it takes a moment to arrive.
		w.store.Put(commandstest.Guild, func(s *store.Settings) { s.PublicReplies = true })
		if look() {
			t.Error("did not come from memory")
		}
		time.Sleep(16 * time.Second)
		if !look() {
			t.Error("never arrives")
		}
		// This process changes it: it holds at once.
		w.store.Calls()
		w.see(t, manage(commandstest.Slash("settings replies", commandstest.Options{"public": commands.Option{}})))
		if look() {
			t.Error("a change of one's own has to wait")
		}
		if calls := w.store.Calls(); !slices.Equal(calls, []string{"update settings", "settings"}) {
			t.Errorf("the store was asked %v", calls)
		}
	})
}

// A read that began before a change must not outlive it in memory.
func TestRulesAreNotReadAroundAChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(mine(collection(1)...))
		w.store.Takes = 200 * time.Millisecond
		done := make(chan struct{})
		go func() {
			defer close(done)
			w.see(t, commandstest.Slash("progress", nil))
		}()
		time.Sleep(100 * time.Millisecond)
		w.see(t, manage(commandstest.Slash("settings replies", commandstest.Options{"public": commandstest.Yes()})))
		<-done
		w.store.Takes = 0
		if r := w.see(t, commandstest.Slash("progress", nil)); r.Private {
			t.Error("the old rules are still in memory")
		}
	})
}

// with lets somebody do it who has permissions in the server.
func with(permissions int64, r commands.Request) commands.Request {
	r.Permissions = permissions
	return r
}

// manage lets somebody who manages the server do it.
func manage(r commands.Request) commands.Request {
	return with(discordgo.PermissionManageGuild, r)
}

// Who asks for everyone to see what not everyone may see is told why only
// they do.
func TestWhatCannotBeShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bob := commandstest.Bob()
		w := newWorld(map[string][]progressapi.Program{bob.ID: collection(2)})
		for _, collection := range []string{"", "collection a"} {
			look := func() commands.Reply {
				return w.see(t, manage(commandstest.Slash("progress", commandstest.Options{
					"member": commandstest.Member(bob), "collection": commandstest.Text(collection), "share": commandstest.Yes(),
				})))
			}
			note := catalog.For("en-US").Text(catalog.NoteUnshared, "Bob")
			w.store.Choose("", bob.ID, store.Consent{})
			if r := look(); r.Private || strings.Contains(words(r.Message), note) {
				t.Errorf("private %v\n%s", r.Private, words(r.Message))
			}
			w.store.Choose("", bob.ID, store.Consent{Visibility: store.VisibleToManagers})
			r := look()
			if mustShow(t, r, "Collection A", note); !r.Private {
				t.Error("everyone reads it")
			}
		}
	})
}
