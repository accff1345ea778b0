package commands_test

import (
	"context"
	"errors"
	"fmt"
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
)

// copies is a cache that knows only how to forget.
type copies struct {
	forgotten []string
	err       error
	takes     time.Duration
}

func (c *copies) Forget(ctx context.Context, user string) error {
	select {
	case <-time.After(c.takes):
	case <-ctx.Done():
		return ctx.Err()
	}
	if c.err == nil {
		c.forgotten = append(c.forgotten, user)
	}
	return c.err
}

func privacy(path string, o commandstest.Options) commands.Request {
	return commandstest.Slash("privacy "+path, o)
}

func TestPrivacyShowsTheDefaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(nil)
		for _, path := range []string{"show", "set"} {
			r := w.see(t, privacy(path, nil))
			if !r.Private {
				t.Error("everyone reads it")
			}
			mustShow(t, r, "**Anyone in my servers:**", "Announcements in this server", "**Ask me:**", "- A copy of your progress")
			if m := component[discordgo.SelectMenu](t, r, embeds.ActionSetVisibility); len(m.Options) != 3 || !m.Options[0].Default {
				t.Errorf("menu %+v", m)
			}

			r = w.see(t, commandstest.InDM(privacy(path, nil)))
			mustShow(t, r, "**Anyone in my servers:**", "You choose this for each server, in that server")
			if _, ok := buttonsOf(t, r)[embeds.ActionSetAnnounce]; ok {
				t.Error("offers a choice for no server")
			}
			installed := privacy(path, nil)
			installed.BotInGuild = false
			mustShow(t, w.see(t, installed), "You choose this for each server, in that server")
		}
	})
}

// A choice of announcements promises none where the server has none.
func TestPrivacyWhereNothingIsAnnounced(t *testing.T) {
	t.Parallel()
	const quiet, roles = "This server announces nothing at present.", "Reward roles are still given."
	off := func(*store.Settings) {}
	on := func(s *store.Settings) { s.Announcements, s.Channel = true, news }
	rewards := func(s *store.Settings) { s.RewardRoles = map[string]string{"": "800000000000000001"} }
	always := store.Consent{Announce: store.Always}
	tests := []struct {
		name     string
		settings func(*store.Settings)
		choice   store.Consent
		dm       bool
		says     string // all of it that is said
	}{
		{"always", off, always, false, quiet},
		{"always, with reward roles", rewards, always, false, quiet + " " + roles},
		{"always, but hidden", rewards, store.Consent{Announce: store.Always, Visibility: store.VisibleToSelf}, false, quiet},
		{"ask", rewards, store.Consent{}, false, quiet},
		{"never", off, store.Consent{Announce: store.Never}, false, ""},
		{"never, anywhere", off, store.Consent{Announce: store.Always, NeverAnywhere: true}, false, ""},
		{"announcements", on, always, false, ""},
		{"in a DM", off, always, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(nil, func(w *world) {
					w.store.Put(commandstest.Guild, tt.settings)
					w.store.Choose(commandstest.Guild, commandstest.Ada().ID, tt.choice)
				})
				r := privacy("show", nil)
				if tt.dm {
					r = commandstest.InDM(r)
				}
				got := ""
				for line := range strings.Lines(words(w.see(t, r).Message)) {
					if strings.Contains(line, quiet) || strings.Contains(line, roles) {
						got = strings.TrimSuffix(line, "\n")
					}
				}
				if got != tt.says {
					t.Errorf("says %q, want %q", got, tt.says)
				}
			})
		})
	}
}

func TestPrivacyChoices(t *testing.T) {
	t.Parallel()
	ada := commandstest.Ada().ID
	set := func(visibility, announcements string) commandstest.Options {
		o := commandstest.Options{}
		if visibility != "" {
			o["visibility"] = commandstest.Text(visibility)
		}
		if announcements != "" {
			o["announcements"] = commandstest.Text(announcements)
		}
		return o
	}
	never := store.Consent{NeverAnywhere: true}
	tests := []struct {
		name    string
		before  store.Consent
		request commands.Request
		want    store.Consent
		says    []string
	}{
		{"visibility", store.Consent{}, privacy("set", set("self", "")), store.Consent{Visibility: store.VisibleToSelf}, []string{"Saved.", "**Only me:**", "1 choice of yours"}},
		{"for managers", store.Consent{}, privacy("set", set("managers", "")), store.Consent{Visibility: store.VisibleToManagers}, []string{"**Managers only:**"}},
		{"for anyone again", store.Consent{Visibility: store.VisibleToSelf}, privacy("set", set("anyone", "")), store.Consent{}, []string{"**Anyone in my servers:**", "Stored about you\n- A copy of your progress"}},
		{"always", store.Consent{}, privacy("set", set("", "always")), store.Consent{Announce: store.Always}, []string{"**Always:**"}},
		{"never here", store.Consent{}, privacy("set", set("", "never")), store.Consent{Announce: store.Never}, []string{"**Never in this server:**"}},
		{"ask again", store.Consent{Announce: store.Always}, privacy("set", set("", "ask")), store.Consent{}, []string{"**Ask me:**"}},
		{"never anywhere", store.Consent{Announce: store.Always}, privacy("set", set("", "never-anywhere")), store.Consent{Announce: store.Always, NeverAnywhere: true},
			[]string{"**Never, anywhere:**", "overrides everything else", "your choice for this server applies again: Always"}},
		{"always under never", never, privacy("set", set("", "always")), store.Consent{Announce: store.Always, NeverAnywhere: true}, []string{"**Never, anywhere:**"}},
		{"both", store.Consent{}, privacy("set", set("self", "always")), store.Consent{Visibility: store.VisibleToSelf, Announce: store.Always},
			[]string{"But only you may see your progress"}},

		{"visibility in a DM", store.Consent{}, commandstest.InDM(privacy("set", set("self", ""))), store.Consent{Visibility: store.VisibleToSelf}, []string{"Saved.", "**Only me:**"}},
		{"never anywhere in a DM", store.Consent{}, commandstest.InDM(privacy("set", set("", "never-anywhere"))), never, []string{"Saved.", "**Never, anywhere:**"}},
		{"for a server in a DM", store.Consent{}, commandstest.InDM(privacy("set", set("", "always"))), store.Consent{}, []string{"This choice is made for each server"}},
		{"both in a DM", store.Consent{}, commandstest.InDM(privacy("set", set("managers", "never"))), store.Consent{Visibility: store.VisibleToManagers},
			[]string{"This choice is made for each server", "**Managers only:**"}},
		{"elsewhere chosen, in a DM", store.Consent{Announce: store.Always}, commandstest.InDM(privacy("show", nil)), store.Consent{Announce: store.Always}, []string{"“Always” in 1 server"}},
		{"elsewhere refused, in a DM", store.Consent{Announce: store.Never}, commandstest.InDM(privacy("show", nil)), store.Consent{Announce: store.Never}, []string{"“Never” in 1 server"}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(nil, func(w *world) { w.store.Choose(commandstest.Guild, ada, tc.before) })
				r := w.see(t, tc.request)
				if !r.Private {
					t.Error("everyone reads it")
				}
				mustShow(t, r, tc.says...)
				if diff := cmp.Diff(tc.want, w.store.Chosen(commandstest.Guild, ada)); diff != "" {
					t.Errorf("stored (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestPrivacyPanel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ada := commandstest.Ada().ID
		w := newWorld(nil)
		r := w.see(t, privacy("show", nil))
		r = w.pressOf(t, r, embeds.ActionSetVisibility, "managers")
		if !r.Update {
			t.Error("the panel is a new message")
		}
		r = w.pressOf(t, r, embeds.ActionSetAnnounce, "always")
		mustShow(t, r, "Saved.", "**Managers only:**", "**Always:**")
		r = w.pressOf(t, r, embeds.ActionNeverAnywhere)
		mustShow(t, r, "**Never, anywhere:**")
		if !component[discordgo.SelectMenu](t, r, embeds.ActionSetAnnounce).Disabled {
			t.Error("a choice that does not count can be made")
		}
		restarted := newWorld(nil, func(again *world) { again.store, again.deps.Settings, again.deps.People = w.store, w.store, w.store })
		r = restarted.pressOf(t, r, embeds.ActionNeverAnywhere)
		mustShow(t, r, "**Always:**")
		want := store.Consent{Visibility: store.VisibleToManagers, Announce: store.Always}
		if diff := cmp.Diff(want, w.store.Chosen(commandstest.Guild, ada)); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}
		for _, id := range buttonsOf(t, r) {
			mustSay(t, w.see(t, commandstest.By(commandstest.Bob(), commandstest.Press(id, "self"))), catalog.ProblemForeign)
		}
		for _, q := range []commands.Request{
			commandstest.Press(embeds.ActionSetVisibility), commandstest.Press(embeds.ActionSetVisibility, "everybody"),
			commandstest.Press(embeds.ActionSetAnnounce, "a", "b"), commandstest.Press(embeds.ActionSetAnnounce, "sometimes"),
		} {
			q.CustomID = embeds.Action{Name: q.CustomID, Owner: ada}.Encode()
			mustSay(t, w.see(t, q), catalog.ProblemOutdated)
		}
		mustSay(t, w.see(t, privacy("set", commandstest.Options{"visibility": commandstest.Text("x")})), catalog.ProblemNoCommand)
		mustSay(t, w.see(t, privacy("set", commandstest.Options{"announcements": commandstest.Text("x")})), catalog.ProblemNoCommand)
		if diff := cmp.Diff(want, w.store.Chosen(commandstest.Guild, ada)); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}
	})
}

func TestForget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ada := commandstest.Ada()
		for _, here := range []bool{true, false} {
			place := func(r commands.Request) commands.Request {
				if here {
					return r
				}
				return commandstest.InDM(r)
			}
			cached := new(copies)
			w := newWorld(nil, func(w *world) {
				w.deps.Cached = cached
				w.store.Erase = store.Erased{Follows: 1, Announcements: 2, Standings: 1, Completions: 3}
				w.store.Choose(commandstest.Guild, ada.ID, store.Consent{Visibility: store.VisibleToSelf, Announce: store.Never})
			})
			all := []string{
				"2 choices of yours", "2 records of announcements and reward roles", "Your place on the leaderboard of 1 server", "3 completions kept for recaps",
				"What was last seen of your progress", "The saved copy of your progress",
			}
			r := w.see(t, place(privacy("forget", nil)))
			mustShow(t, r, append(all, "This deletes, for all servers and for good", "anyone in your servers may see your progress again", "messages that were posted stay")...)
			if b := component[discordgo.Button](t, r, embeds.ActionForgetAll); b.Style != discordgo.DangerButton {
				t.Error("the button does not look dangerous")
			}
			if len(cached.forgotten) != 0 || w.store.Chosen(commandstest.Guild, ada.ID) == (store.Consent{}) {
				t.Fatal("deleted without being told to")
			}
			mustShow(t, w.see(t, place(commandstest.Press(buttonsOf(t, r)[embeds.ActionPrivacy]))), "**Only me:**") // Cancel
			yes := place(commandstest.Press(buttonsOf(t, r)[embeds.ActionForgetAll]))
			r = w.see(t, yes)
			mustShow(t, r, append(all, "This was deleted", "it starts afresh")...)
			if diff := cmp.Diff([]string{ada.ID}, cached.forgotten); diff != "" {
				t.Errorf("copies (-want +got):\n%s", diff)
			}
			if got := w.store.Chosen(commandstest.Guild, ada.ID); got != (store.Consent{}) {
				t.Errorf("left is %+v", got)
			}
			r = w.see(t, yes)
			mustShow(t, r, "The saved copy of your progress")
			if strings.Contains(words(r.Message), "choices of yours") {
				t.Error("deleted twice")
			}
			mustShow(t, w.see(t, place(commandstest.Press(buttonsOf(t, r)[embeds.ActionPrivacy]))), "**Anyone in my servers:**", "- A copy of your progress")
		}
	})
}

func TestForgetWhenSomethingIsInTheWay(t *testing.T) {
	t.Parallel()
	ada := commandstest.Ada().ID
	confirm := func() commands.Request {
		return commandstest.Press(embeds.Action{Name: embeds.ActionForgetAll, Owner: ada}.Encode())
	}
	for name, c := range map[string]struct {
		err  error
		says catalog.Key
	}{
		"the store":         {errDown, catalog.ProblemUnsavedText},
		"the store, midway": {fmt.Errorf("%w: %w", store.ErrUnfinished, errDown), catalog.ProblemUnfinishedText},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				cached := new(copies)
				w := newWorld(nil, func(w *world) { w.deps.Cached = cached; w.store.ErrWrite = c.err })
				r := w.see(t, confirm())
				mustSay(t, r, c.says)
				w.store.ErrWrite = nil
				mustShow(t, w.pressOf(t, r, embeds.ActionForgetAll), "This was deleted")
				if len(cached.forgotten) != 1 {
					t.Errorf("copies were deleted %d times", len(cached.forgotten))
				}
			})
		})
	}
	for name, c := range map[string]*copies{"the cache": {err: errors.New("redis://secret")}, "a slow cache": {takes: time.Hour}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(nil, func(w *world) {
					w.deps.Cached = c
					w.store.Choose(commandstest.Guild, ada, store.Consent{Announce: store.Always})
				})
				r := w.see(t, confirm())
				mustShow(t, r, "1 choice of yours", "could not be deleted just now")
				if strings.Contains(words(r.Message), "secret") || strings.Contains(words(r.Message), "- The saved copy") {
					t.Errorf("says\n%s", words(r.Message))
				}
				if !strings.Contains(w.log.text(), "delete copies of progress") {
					t.Errorf("the operator does not learn of it:\n%s", w.log.text())
				}
				c.err, c.takes = nil, 0
				r = w.pressOf(t, r, embeds.ActionForgetAll)
				mustShow(t, r, "- The saved copy of your progress")
			})
		})
	}
	t.Run("nothing to count", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(nil, func(w *world) { w.store.Err = errDown })
			mustShow(t, w.see(t, privacy("forget", nil)), "The saved copy of your progress")
		})
	})
}

func TestPrivacyWithoutTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ada := commandstest.Ada().ID
		press := func(name string, values ...string) commands.Request {
			return commandstest.Press(embeds.Action{Name: name, Owner: ada, Page: 1}.Encode(), values...)
		}
		for _, q := range []commands.Request{privacy("show", nil), commandstest.InDM(privacy("set", nil)), press(embeds.ActionPrivacy)} {
			w := newWorld(nil, func(w *world) { w.store.Err = errDown })
			r := w.see(t, q)
			mustSay(t, r, catalog.ProblemStoreText)
			w.store.Err = nil
			mustShow(t, w.pressOf(t, r, embeds.ActionPrivacy), "Your privacy")
		}
		for _, q := range []commands.Request{
			privacy("set", commandstest.Options{"visibility": commandstest.Text("self")}),
			press(embeds.ActionSetVisibility, "self"), press(embeds.ActionSetAnnounce, "never"), press(embeds.ActionNeverAnywhere),
		} {
			w := newWorld(nil, func(w *world) { w.store.ErrWrite = errDown })
			r := w.see(t, q)
			mustSay(t, r, catalog.ProblemUnsavedText)
			w.store.ErrWrite = nil
			mustShow(t, w.pressOf(t, r, embeds.ActionPrivacy), "Your privacy")
		}
		w := newWorld(nil, func(w *world) { w.store.ErrWrite = store.ErrForgetting })
		mustSay(t, w.see(t, press(embeds.ActionSetVisibility, "self")), catalog.ProblemForgettingText)
	})
}

// What cannot be counted is no reason to hide the rest.
func TestPrivacyWithoutTheCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(nil, func(w *world) { w.deps.People = uncounted{w.store} })
		mustShow(t, w.see(t, privacy("show", nil)), "**Anyone in my servers:**", "could not be looked up")
		mustShow(t, w.see(t, commandstest.InDM(privacy("show", nil))), "**Anyone in my servers:**", "could not be looked up")
	})
}

// uncounted is a store that knows choices and nothing else.
type uncounted struct{ *commandstest.Records }

func (uncounted) Stored(context.Context, string) (store.Erased, error) {
	return store.Erased{}, errDown
}

func (uncounted) Choices(context.Context, string) (map[string]store.Choice, error) {
	return nil, errDown
}

// A bot whose surroundings do not answer says so politely.
func TestCommandsWithoutSurroundings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(mine(collection(1)...), func(w *world) { w.store.Err = errDown })
		mustShow(t, w.see(t, commandstest.Slash("progress", nil)), "Collection A")
		mustSay(t, w.see(t, privacy("show", nil)), catalog.ProblemStoreText)
		mustSay(t, w.see(t, commandstest.InDM(privacy("show", nil))), catalog.ProblemStoreText)
		mustSay(t, w.see(t, privacy("set", commandstest.Options{"visibility": commandstest.Text("self")})), catalog.ProblemUnsavedText)
		mustSay(t, w.see(t, manage(commandstest.Slash("settings show", nil))), catalog.ProblemStoreText)
		mustSay(t, w.see(t, manage(commandstest.Slash("settings replies", commandstest.Options{"public": commandstest.Yes()}))), catalog.ProblemUnsavedText)
		mustSay(t, w.see(t, commandstest.Press(embeds.Action{Name: embeds.ActionForgetAll, Owner: commandstest.Ada().ID}.Encode())), catalog.ProblemUnsavedText)
		mustSay(t, w.see(t, manage(commandstest.Press(embeds.Action{Name: embeds.ActionResetAll, Owner: commandstest.Ada().ID}.Encode()))), catalog.ProblemStoreText)

		w = newWorld(nil, func(w *world) { w.guild.ErrGuild, w.guild.ErrChannel, w.guild.ErrPost = errDown, errDown, errDown })
		mustShow(t, w.see(t, manage(commandstest.Slash("settings announcements", channel(news)))), "could not be checked")
		mustShow(t, w.see(t, manage(commandstest.Slash("settings reward-role", commandstest.Options{"role": commandstest.Text(commandstest.RoleLow)}))), "could not be checked")
		mustShow(t, w.see(t, manage(commandstest.Press(embeds.Action{Name: embeds.ActionTest, Owner: commandstest.Ada().ID}.Encode()))), "could not be posted")
		mustShow(t, w.see(t, commandstest.Press(embeds.Action{Name: embeds.ActionForgetAll, Owner: commandstest.Ada().ID}.Encode())), "This was deleted")
	})
}
