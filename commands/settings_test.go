package commands_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
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
	"progressbot/embeds/embedstest"
	"progressbot/progressapi"
)

const (
	news   = "710000000000000009" // another channel
	hidden = "710000000000000008" // one in which the bot lacks something
)

var errDown = errors.New("connection refused")

// office is a world in which Ada manages the server.
type office struct {
	*world
	t *testing.T
}

func newOffice(t *testing.T, change ...func(*world)) *office {
	return &office{newWorld(mine(program("program_1", "Winter *Wonders*", 3, 10), program("program_2", "Space Cats", 1, 5)), append([]func(*world){
		func(w *world) {
			w.shelf.peek = true
			w.guild.Missing = map[string]int64{hidden: discordgo.PermissionEmbedLinks | discordgo.PermissionReadMessageHistory}
		},
	}, change...)...), t}
}

// run uses a subcommand.
func (o *office) run(path string, options commandstest.Options) commands.Reply {
	o.t.Helper()
	return o.private(o.see(o.t, manage(commandstest.Slash("settings "+path, options))))
}

// press presses a button of a panel, or picks from a menu, and says whether
// the panel took the answer.
func (o *office) press(r commands.Reply, name string, values ...string) commands.Reply {
	o.t.Helper()
	id := buttonsOf(o.t, r)[name]
	if id == "" {
		o.t.Fatalf("no %s among %v", name, buttonsOf(o.t, r))
	}
	return o.private(o.see(o.t, manage(commandstest.Press(id, values...))))
}

func (o *office) private(r commands.Reply) commands.Reply {
	o.t.Helper()
	if !r.Private && r.Modal == nil {
		o.t.Errorf("everyone reads\n%s", words(r.Message))
	}
	return r
}

func (o *office) kept() store.Settings { return o.store.Kept(commandstest.Guild) }

func (o *office) put(change func(*store.Settings)) { o.store.Put(commandstest.Guild, change) }

func channel(id string) commandstest.Options {
	return commandstest.Options{"channel": commandstest.Text(id)}
}

func shows(t *testing.T, r commands.Reply, want string) {
	t.Helper()
	if !strings.Contains(words(r.Message), want) {
		t.Errorf("%q is missing in\n%s", want, words(r.Message))
	}
}

func hides(t *testing.T, r commands.Reply, unwanted string) {
	t.Helper()
	if strings.Contains(words(r.Message), unwanted) {
		t.Errorf("%q is in\n%s", unwanted, words(r.Message))
	}
}

// component returns a message's component by its action.
func component[T any](t *testing.T, r commands.Reply, name string) T {
	t.Helper()
	id := buttonsOf(t, r)[name]
	for _, row := range r.Components {
		for _, c := range row.(discordgo.ActionsRow).Components {
			switch c := c.(type) {
			case discordgo.Button:
				if c.CustomID == id {
					return any(c).(T)
				}
			case discordgo.SelectMenu:
				if c.CustomID == id {
					return any(c).(T)
				}
			}
		}
	}
	t.Fatalf("no %s", name)
	panic("unreachable")
}

// An admin who has never seen the bot finds the way from the overview alone.
func TestSettingsFromTheStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		r := o.run("show", nil)
		shows(t, r, "**Next:** pick a channel under “Announcements”")
		shows(t, r, "Off, no channel chosen")
		shows(t, r, "Private by default")
		shows(t, r, "None yet.")

		r = o.press(r, embeds.ActionAnnouncements)
		if !r.Update {
			t.Error("the panel is a new message")
		}
		if !component[discordgo.Button](t, r, embeds.ActionSetOn).Disabled || !component[discordgo.Button](t, r, embeds.ActionTest).Disabled {
			t.Error("there are buttons to press without a channel")
		}
		menu := component[discordgo.SelectMenu](t, r, embeds.ActionSetChannel)
		if menu.MenuType != discordgo.ChannelSelectMenu || len(menu.DefaultValues) != 0 ||
			!slices.Equal(menu.ChannelTypes, []discordgo.ChannelType{discordgo.ChannelTypeGuildText, discordgo.ChannelTypeGuildNews}) {
			t.Errorf("menu of channels: %+v", menu)
		}
		r = o.press(r, embeds.ActionSetChannel, news)
		shows(t, r, "Announcements will go to <#"+news+"> when turned on")
		if d := component[discordgo.SelectMenu](t, r, embeds.ActionSetChannel).DefaultValues; len(d) != 1 || d[0].ID != news {
			t.Errorf("the menu shows %v", d)
		}
		if b := component[discordgo.Button](t, r, embeds.ActionSetOn); b.Disabled || b.Style != discordgo.PrimaryButton {
			t.Errorf("what is left to do does not stand out: %+v", b)
		}
		r = o.press(r, embeds.ActionTest)
		shows(t, r, "A test message was posted in <#"+news+">. [See it](https://discord.com/channels/"+commandstest.Guild+"/"+news+"/"+commandstest.Message+")")
		r = o.press(r, embeds.ActionSetOn)
		shows(t, r, "Announcements are on, in <#"+news+">")
		r = o.press(r, embeds.ActionSetMilestones, "quarters")
		shows(t, r, "Every quarter of the way")
		r = o.press(r, embeds.ActionSetPing)
		shows(t, r, "mentioned and pinged")

		r = o.press(r, embeds.ActionSettings)
		shows(t, r, "Everything is set up")
		shows(t, r, "On, in <#"+news+">\nMilestones: 25, 50 and 75%")
		want := store.DefaultSettings()
		want.Announcements, want.Channel, want.Milestones, want.PingMember = true, news, store.Quarters, true
		if diff := cmp.Diff(want, o.kept()); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}

		post := o.guild.Posts()
		if len(post) != 1 || post[0].Channel != news || !strings.HasPrefix(post[0].Message.Content, "-# Test, sent for <@"+commandstest.Ada().ID+">. Nobody has completed anything") {
			t.Errorf("posted %+v", post)
		}
	})
}

func TestSettingsAreForManagers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		before := o.kept()
		for _, path := range []string{"show", "announcements", "replies", "reward-role", "reset"} {
			mustSay(t, o.see(t, commandstest.Slash("settings "+path, nil)), catalog.ProblemNotAllowedNeeds, "Manage Server")
			mustSay(t, o.see(t, with(discordgo.PermissionManageRoles|discordgo.PermissionManageEvents, commandstest.Slash("settings "+path, nil))), catalog.ProblemNotAllowed)
			mustSay(t, o.see(t, commandstest.InDM(commandstest.Slash("settings "+path, nil))), catalog.ProblemGuildOnlyText)
			elsewhere := manage(commandstest.Slash("settings "+path, nil))
			elsewhere.BotInGuild = false
			mustSay(t, o.see(t, elsewhere), catalog.ProblemGuildOnlyText)
		}
		for _, action := range []string{
			embeds.ActionSettings, embeds.ActionSetOn, embeds.ActionSetChannel, embeds.ActionEditMessage, embeds.ActionTest,
			embeds.ActionSetPublic, embeds.ActionGiveRole, embeds.ActionResetAll,
		} {
			id := embeds.Action{Name: action, Owner: commandstest.Ada().ID, Page: 1}.Encode()
			mustSay(t, o.see(t, commandstest.Press(id, news)), catalog.ProblemNotAllowed)
			mustSay(t, o.see(t, manage(commandstest.By(commandstest.Bob(), commandstest.Press(id, news)))), catalog.ProblemForeign)
		}
		save := embeds.Action{Name: embeds.ActionSaveMessage, Owner: commandstest.Ada().ID}.Encode()
		mustSay(t, o.see(t, commandstest.Submit(save, map[string]string{"message": "hi"})), catalog.ProblemNotAllowed)
		if diff := cmp.Diff(before, o.kept()); diff != "" {
			t.Errorf("changed (-want +got):\n%s", diff)
		}
		shows(t, o.see(t, with(discordgo.PermissionAdministrator, commandstest.Slash("settings show", nil))), "Settings")
	})
}

func TestAnnouncementsGoWhereTheyCan(t *testing.T) {
	t.Parallel()
	on := func(c string) func(*store.Settings) {
		return func(s *store.Settings) { s.Announcements, s.Channel = true, c }
	}
	off := func(c string) func(*store.Settings) { return func(s *store.Settings) { s.Channel = c } }
	yes, no := commandstest.Yes(), commands.Option{}
	tests := []struct {
		name    string
		before  func(*store.Settings)
		change  func(*commandstest.Discord)
		options commandstest.Options
		on      bool
		channel string
		says    []string
	}{
		{"off, a good channel", off(""), nil, channel(news), false, news, []string{"Saved. Announcements will go to <#" + news + "> when turned on."}},
		{"off, a bad channel", off(""), nil, channel(hidden), false, hidden,
			[]string{"Saved. Announcements will go to <#" + hidden + "> when turned on.", "still needs: **Embed Links, Read Message History**", "channel's settings › Permissions"}},
		{"off, a channel of nowhere", off(news), func(d *commandstest.Discord) { d.Gone = map[string]bool{hidden: true} }, channel(hidden), false, news,
			[]string{"Announcements stay off", "does not belong to this server"}},
		{"off, unchecked", off(""), func(d *commandstest.Discord) { d.ErrChannel = errDown }, channel(news), false, news,
			[]string{"Saved", "could not be checked"}},
		{"on, a good channel", on(hidden), nil, channel(news), true, news, []string{"Saved. Announcements go to <#" + news}},
		{"on, a bad channel", on(news), nil, channel(hidden), true, news,
			[]string{"Announcements stay in <#" + news, "In <#" + hidden + "> the bot still needs: **Embed Links, Read Message History**"}},
		{"on, unchecked", on(news), func(d *commandstest.Discord) { d.ErrChannel = errDown }, channel(hidden), true, news,
			[]string{"Announcements stay in <#" + news, "could not be checked"}},
		{"on, unchecked, but here", on(news), func(d *commandstest.Discord) { d.ErrChannel = errDown }, channel(commandstest.Channel), true, commandstest.Channel,
			[]string{"Saved"}},
		{"turn on", off(news), nil, commandstest.Options{"enabled": yes}, true, news, []string{"Announcements are on, in <#" + news}},
		{"turn on again", on(news), nil, commandstest.Options{"enabled": yes}, true, news, []string{"Announcements are on"}},
		{"turn on without a channel", off(""), nil, commandstest.Options{"enabled": yes}, false, "", []string{"Announcements stay off.\nPick a channel first"}},
		{"turn on in a bad channel", off(hidden), nil, commandstest.Options{"enabled": yes}, false, hidden, []string{"Announcements stay off", "**Embed Links, Read Message History**"}},
		{"turn on in a channel that is gone", off(news), func(d *commandstest.Discord) { d.Gone = map[string]bool{news: true} },
			commandstest.Options{"enabled": yes}, false, news, []string{"Announcements stay off", "is gone"}},
		{"turn on in another channel", off(hidden), nil, commandstest.Options{"enabled": yes, "channel": commandstest.Text(news)}, true, news, []string{"Announcements are on, in <#" + news}},
		{"turn on in another, bad channel", off(news), nil, commandstest.Options{"enabled": yes, "channel": commandstest.Text(hidden)}, false, hidden,
			[]string{"Announcements stay off. Everything else was saved.\nIn <#" + hidden + ">"}},
		{"turn off", on(hidden), nil, commandstest.Options{"enabled": no}, false, hidden, []string{"Announcements are off."}},
		{"turn on in a bad channel, and more", off(hidden), nil, commandstest.Options{"enabled": yes, "ping": yes}, false, hidden,
			[]string{"Announcements stay off. Everything else was saved.\n"}},
		{"move to a bad channel, and more", on(news), nil, commandstest.Options{"channel": commandstest.Text(hidden), "message": commandstest.Text("Hi")}, true, news,
			[]string{"Announcements stay in <#" + news + ">. Everything else was saved.\n"}},
		{"turn off and move to nowhere", on(news), func(d *commandstest.Discord) { d.Gone = map[string]bool{hidden: true} },
			commandstest.Options{"enabled": no, "channel": commandstest.Text(hidden)}, false, news, []string{"Announcements are off.\n", "does not belong to this server"}},
		{"turn off and move", on(news), nil, commandstest.Options{"enabled": no, "channel": commandstest.Text(hidden)}, false, hidden, []string{"Saved", "still needs"}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, func(w *world) {
					w.store.Put(commandstest.Guild, tc.before)
					if tc.change != nil {
						tc.change(w.guild)
					}
				})
				q := manage(commandstest.Slash("settings announcements", tc.options))
				q.AppPermissions = embeds.AnnouncePermissions
				r := o.private(o.see(t, q))
				for _, want := range tc.says {
					shows(t, r, want)
				}
				if got := o.kept(); got.Announcements != tc.on || got.Channel != tc.channel {
					t.Errorf("on %v in %q, want %v in %q", got.Announcements, got.Channel, tc.on, tc.channel)
				}
				if woken := slices.Contains(o.store.Calls(), "wake"); woken != (tc.on && !strings.Contains(tc.says[0], "stay")) {
					t.Errorf("what waits was woken: %v", woken)
				}
			})
		})
	}
}

// Whatever is changed, what keeps announcements from being posted is named,
// once.
func TestChangesNameWhatIsMissing(t *testing.T) {
	t.Parallel()
	changes := []commandstest.Options{
		{"enabled": commandstest.Yes()}, {"ping": commandstest.Yes()}, {"milestones": commandstest.Text("half")},
		{"message": commandstest.Text("Well done, {member}")},
	}
	tests := []struct {
		channel string
		gone    bool
		says    string
	}{
		{hidden, false, "still needs: **Embed Links, Read Message History**"},
		{news, true, "is gone, or does not belong to this server"},
	}
	for _, tc := range tests {
		for _, change := range changes {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, func(w *world) {
					w.store.Put(commandstest.Guild, func(s *store.Settings) { s.Announcements, s.Channel = true, tc.channel })
					w.guild.Gone = map[string]bool{tc.channel: tc.gone}
				})
				r := o.run("announcements", change)
				if n := strings.Count(words(r.Message), tc.says); n != 1 {
					t.Errorf("%v: named %d times in\n%s", change, n, words(r.Message))
				}
				hides(t, r, "Announcements are on, in")
				if !o.kept().Announcements {
					t.Errorf("%v: turned off", change)
				}
			})
		}
	}
}

// Only the pictures need Attach Files: without it announcements go on.
func TestAnnouncementsWithoutAttachFiles(t *testing.T) {
	t.Parallel()
	const hint = "In <#" + news + "> pictures are left out: they need **Attach Files**."
	tests := []struct {
		name   string
		change func(*world)
		told   bool
	}{
		{"standard pictures", nil, true},
		{"no pictures wanted", func(w *world) {
			w.store.Put(commandstest.Guild, func(s *store.Settings) { s.Pictures = store.NoPictures })
		}, false},
		{"none are drawn", func(w *world) { w.deps.Painter = nil }, false},
		{"it may attach files", func(w *world) { w.guild.Missing[news] = 0 }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, func(w *world) {
					w.deps.Painter = brokenPainter{} // draws nothing here anyway
					w.guild.Missing[news] = discordgo.PermissionAttachFiles
					if tt.change != nil {
						tt.change(w)
					}
				})
				on := o.run("announcements", commandstest.Options{"enabled": commandstest.Yes(), "channel": commandstest.Text(news)})
				shows(t, on, "Announcements are on, in <#"+news)
				if !o.kept().Announcements || !slices.Contains(o.store.Calls(), "wake") {
					t.Error("announcements do not go on")
				}
				overview := o.run("show", nil)
				shows(t, overview, "Everything is set up")
				for _, r := range []commands.Reply{on, overview} {
					if told := strings.Contains(words(r.Message), hint); told != tt.told || strings.Contains(words(r.Message), "still needs") {
						t.Errorf("told: %v, want %v, in\n%s", told, tt.told, words(r.Message))
					}
				}
			})
		})
	}
}

// What was given up stays on show for as long as the ledger knows of it.
func TestTheOverviewSaysWhatWasGivenUp(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		ago  time.Duration
		want bool
	}{
		{"lately", time.Hour, true},
		{"long ago", store.RefusedRetention + time.Hour, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				at := time.Now().Add(-tt.ago)
				o := newOffice(t, func(w *world) {
					w.deps.Now = time.Now
					w.store.Put(commandstest.Guild, func(s *store.Settings) { s.Expire(store.NoPermission, at) })
				})
				said := words(o.run("show", nil).Message)
				if got := strings.Contains(said, fmt.Sprintf("given up, most recently <t:%d:R>", at.Unix())); got != tt.want {
					t.Errorf("told: %v, want %v, in\n%s", got, tt.want, said)
				}
			})
		})
	}
}

// An administrator's bot needs nothing else.
func TestAnAdministratorMayAnnounceAnywhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, func(w *world) { w.guild.ErrChannel = errDown })
		q := manage(commandstest.Slash("settings announcements", channel(commandstest.Channel)))
		q.AppPermissions = discordgo.PermissionAdministrator
		shows(t, o.see(t, q), "Saved. Announcements will go to")
	})
}

func TestTheOverviewSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		before func(*store.Settings)
		change func(*commandstest.Discord)
		says   []string
	}{
		{"off", func(s *store.Settings) { s.Channel = news }, nil, []string{"**Next:** announcements to <#" + news + "> are off"}},
		{"missing permissions", func(s *store.Settings) { s.Announcements, s.Channel = true, hidden }, nil, []string{"**Embed Links, Read Message History**", "On, in"}},
		{"a channel that is gone", func(s *store.Settings) { s.Announcements, s.Channel = true, news },
			func(d *commandstest.Discord) { d.Gone = map[string]bool{news: true} }, []string{"is gone"}},
		{"a role out of reach", func(s *store.Settings) {
			s.Announcements, s.Channel, s.RewardRoles = true, news, map[string]string{"": commandstest.RoleHigh}
		}, nil, []string{"there is a role that the bot cannot give", "is not below the bot's own role"}},
		{"roles that cannot be checked", func(s *store.Settings) {
			s.Announcements, s.Channel, s.RewardRoles = true, news, map[string]string{"": commandstest.RoleHigh}
		}, func(d *commandstest.Discord) { d.ErrGuild = errDown }, []string{"Everything is set up", "**Any collection**: <@&" + commandstest.RoleHigh + ">"}},
		{"everything", func(s *store.Settings) {
			s.Announcements, s.Channel, s.Template, s.PublicReplies, s.OthersViewable, s.Pictures = true, news, "hi {member}", true, false, store.NoPictures
			s.RewardRoles = map[string]string{"": commandstest.RoleLow, "program_1": commandstest.RoleLow, "other": commandstest.RoleLow, "zz": commandstest.RoleLow, "zzz": commandstest.RoleLow}
		}, nil, []string{"Everything is set up", "Your own message", "Shown to everyone", "Members cannot look", "Pictures: None", "**Any collection**", `**Winter \*Wonders\***`, "**other**", "and 2 more"}},
		{"announcements that wait", func(s *store.Settings) {
			s.Announcements, s.Channel = true, news
			for _, h := range []store.Hindrance{store.NoPermission, store.NoChannel, store.NotAccepted, store.NoRole, store.RoleOutOfReach, store.OutOfReach} {
				s.Hinder(h, time.Unix(1e9, 0))
			}
			s.Expire("something", time.Unix(1e9, 0))
		}, nil, []string{"Discord does not accept", "The role to give as a reward is gone", "may not give the reward role", "There is no channel", "The bot needs the permissions", "Discord could not be reached", "Nothing is lost: the bot keeps trying"}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, func(w *world) {
					w.store.Put(commandstest.Guild, tc.before)
					if tc.change != nil {
						tc.change(w.guild)
					}
				})
				r := o.run("show", nil)
				for _, want := range tc.says {
					shows(t, r, want)
				}
			})
		})
	}
}

func TestTheMessageOfAnnouncements(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		panel := o.run("announcements", channel(news))
		shows(t, panel, "<@"+commandstest.Ada().ID+`> completed **Winter \*Wonders\***: 10 of 10 cards! 🎉`)
		if _, ok := buttonsOf(t, panel)[embeds.ActionStandard]; ok {
			t.Error("offers the standard message in place of itself")
		}
		form := func(r commands.Reply) (id, value string) {
			t.Helper()
			if r.Modal == nil {
				t.Fatalf("no form but\n%s", words(r.Message))
			}
			raw, err := json.Marshal(r.Modal.Components)
			if err != nil {
				t.Fatal(err)
			}
			var parts []struct {
				Type      int
				Component struct {
					CustomID  string `json:"custom_id"`
					Value     string
					MaxLength int `json:"max_length"`
				}
			}
			if err := json.Unmarshal(raw, &parts); err != nil || len(parts) != 1 || parts[0].Type != 18 || parts[0].Component.CustomID != embeds.MessageInput {
				t.Fatalf("form %s: %v", raw, err)
			}
			return r.Modal.CustomID, parts[0].Component.Value
		}
		submit := func(id, text string) commands.Reply {
			q := manage(commandstest.Submit(id, map[string]string{embeds.MessageInput: text}))
			q.Message = &commands.Message{Private: true}
			return o.see(t, q)
		}

		edit := buttonsOf(t, panel)[embeds.ActionEditMessage]
		id, value := form(o.see(t, manage(commandstest.Press(edit))))
		if want := "{member} completed **{collection}**: {count} of {size} cards! 🎉"; value != want {
			t.Errorf("the form begins with %q", value)
		}
		r := submit(id, "{membr} won `{reward}`")
		shows(t, r, "There is no placeholder `{membr}`. Did you mean `{member}`?")
		shows(t, r, "```\n{membr} won `{reward}`\n```")
		if o.kept().Template != "" || !r.Update {
			t.Errorf("stored %q, update %v", o.kept().Template, r.Update)
		}
		id, value = form(o.see(t, manage(commandstest.Press(buttonsOf(t, r)[embeds.ActionEditMessage]))))
		if value != "{membr} won `{reward}`" {
			t.Errorf("what was written is lost: %q", value)
		}
		o.store.ErrWrite = errDown
		r = submit(id, "{member} won *{reward}* in {server}")
		shows(t, r, "could not be saved just now")
		shows(t, r, "{member} won *{reward}* in {server}")
		o.store.ErrWrite = nil
		o.store.Err = errDown
		id, value = form(o.see(t, manage(commandstest.Press(buttonsOf(t, r)[embeds.ActionEditMessage]))))
		if value != "{member} won *{reward}* in {server}" {
			t.Errorf("what was written is lost: %q", value)
		}
		o.store.Err = nil
		r = submit(id, value)
		shows(t, r, "Saved. This is what it will look like")
		shows(t, r, "<@"+commandstest.Ada().ID+`> won *Golden Snowflake* in Ice \*Club\*`)
		if o.kept().Template != "{member} won *{reward}* in {server}" {
			t.Errorf("stored %q", o.kept().Template)
		}
		o.guild.ErrGuild = errDown
		shows(t, o.run("announcements", nil), "in this server")
		r = o.press(r, embeds.ActionStandard)
		shows(t, r, "standard message is used again")
		if o.kept().Template != "" {
			t.Errorf("stored %q", o.kept().Template)
		}
		_, value = form(o.see(t, manage(commandstest.Press(edit))))
		if !strings.HasPrefix(value, "{member} completed") {
			t.Errorf("the form begins with %q", value)
		}
		submit(id, value)
		if o.kept().Template != "" {
			t.Errorf("the bot's own message was stored: %q", o.kept().Template)
		}
		r = o.run("announcements", commandstest.Options{"message": commandstest.Text("Well done {user}")})
		shows(t, r, "Did you mean `{member}`?")
		hides(t, r, "Nothing was saved")
		r = o.run("announcements", commandstest.Options{"message": commandstest.Text("Well done {user}"), "channel": commandstest.Text(hidden), "enabled": commandstest.Yes()})
		shows(t, r, "Nothing was saved, not the other settings either.")
		if got := o.kept(); got.Channel != news || got.Announcements {
			t.Errorf("stored %+v", got)
		}
		shows(t, o.run("announcements", commandstest.Options{"message": commandstest.Text("Well done, {collection}"), "ping": commandstest.Yes()}), "Completions mention nobody: the message has no {member}")
		if got := o.kept(); got.Template != "Well done, {collection}" || !got.PingMember {
			t.Errorf("stored %+v", got)
		}

		o.store.ErrWrite = errDown
		r = o.run("announcements", commandstest.Options{"message": commandstest.Text("Hooray, {member}"), "channel": commandstest.Text(news)})
		shows(t, r, "could not be saved just now")
		shows(t, r, "```\nHooray, {member}\n```")
		shows(t, r, "Not saved")
		hides(t, r, "This message cannot be used")
		o.store.ErrWrite = nil

		restarted := newOffice(t)
		_, value = form(restarted.see(t, manage(commandstest.Press(edit))))
		if !strings.HasPrefix(value, "{member} completed") {
			t.Errorf("after a restart the form begins with %q", value)
		}
		restarted.store.Err = errDown
		mustSay(t, restarted.see(t, manage(commandstest.Press(edit))), catalog.ProblemStoreText)
	})
}

// The standard message is in the server's language, whatever the manager's.
func TestTheFormSpeaksTheServersLanguage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		q := manage(commandstest.Press(embeds.Action{Name: embeds.ActionEditMessage, Owner: commandstest.Ada().ID}.Encode()))
		q.Locale = "de"
		if r := o.see(t, q); r.Modal == nil || r.Modal.Title == "" || len(r.Modal.Title) > 45 {
			t.Errorf("form %+v", r.Modal)
		}
	})
}

func TestTestMessages(t *testing.T) {
	t.Parallel()
	press := func(o *office) commands.Reply {
		o.t.Helper()
		return o.see(o.t, manage(commandstest.Press(embeds.Action{Name: embeds.ActionTest, Owner: commandstest.Ada().ID}.Encode())))
	}
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		shows(t, press(o), "Pick a channel first")
		o.put(func(s *store.Settings) { s.Channel = hidden })
		shows(t, press(o), "still needs: **Embed Links, Read Message History**")
		o.guild.Gone = map[string]bool{hidden: true}
		shows(t, press(o), "is gone")
		o.put(func(s *store.Settings) {
			s.Channel, s.Template = news, "@everyone {member} <@1> {collection} of {size}"
		})
		o.guild.ErrPost = errDown
		shows(t, press(o), "could not be posted in <#"+news+">")
		o.guild.ErrPost = nil
		mustShow(t, press(o), "A test message was posted", `Winter \*Wonders\* of 10`) // the manager's own, for them alone
		mustSay(t, press(o), catalog.ProblemSlowDown)
		time.Sleep(11 * time.Second)
		shows(t, press(o), "A test message was posted")
		posts := o.guild.Posts()
		if len(posts) != 2 {
			t.Fatalf("posted %+v", posts)
		}
		want := "-# Test, sent for <@" + commandstest.Ada().ID + ">. Nobody has completed anything: this is what an announcement looks like.\n" +
			"＠everyone <@" + commandstest.Ada().ID + `> <＠1> Winter Wonders of 30`
		if diff := cmp.Diff(want, posts[0].Message.Content); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if err := embedstest.Check(posts[0].Message); err != nil {
			t.Error(err)
		}
		o.store.Err = errDown
		mustSay(t, press(o), catalog.ProblemStoreText)
	})
}

// Two managers at once: the second decision is made on what the first left.
func TestSettingsThatMoveMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, func(w *world) { w.store.Put(commandstest.Guild, func(s *store.Settings) { s.Channel = news }) })
		once := true
		o.guild.Before = func() {
			if once {
				once = false
				o.put(func(s *store.Settings) { s.Channel = hidden })
			}
		}
		shows(t, o.run("announcements", commandstest.Options{"enabled": commandstest.Yes()}), "Announcements stay off")
		if got := o.kept(); got.Announcements || got.Channel != hidden {
			t.Errorf("stored %+v", got)
		}

		o = newOffice(t, func(w *world) {
			w.store.Takes = 100 * time.Millisecond
			n := 0
			w.store.Before = func() {
				n++
				w.store.Put(commandstest.Guild, func(s *store.Settings) { s.Channel = strconv.Itoa(n) })
			}
		})
		mustSay(t, o.run("announcements", commandstest.Options{"enabled": commandstest.Yes(), "channel": commandstest.Text(news)}), catalog.ProblemUnsavedText)
	})
}

func TestReplySettings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		r := o.run("replies", nil)
		shows(t, r, "Private by default")
		r = o.press(r, embeds.ActionSetPublic)
		shows(t, r, "Saved.")
		shows(t, r, "Shown to everyone by default")
		r = o.press(r, embeds.ActionSetOthers)
		shows(t, r, "Members cannot look at each other's progress, except on the leaderboard")
		shows(t, r, "Pictures: Everywhere but in private overviews")
		r = o.press(r, embeds.ActionSetPictures, "all")
		shows(t, r, "Pictures: Everywhere\n")
		shows(t, o.press(r, embeds.ActionSetPictures, "some"), "This message is too old")
		r = o.press(r, embeds.ActionSetPictures, "none")
		shows(t, r, "Pictures: None")
		if got := o.kept(); !got.PublicReplies || got.OthersViewable || got.Pictures != store.NoPictures {
			t.Errorf("stored %+v", got)
		}
		// A button does what it said, however often and late it is pressed.
		old := embeds.Action{Name: embeds.ActionSetPublic, Owner: commandstest.Ada().ID, Page: 1}.Encode()
		for range 2 {
			o.see(t, manage(commandstest.Press(old)))
		}
		if !o.kept().PublicReplies {
			t.Error("a second press undid the first")
		}
		r = o.press(r, embeds.ActionSettings)
		shows(t, r, "Pictures: None")
		o.run("replies", commandstest.Options{"public": commands.Option{}, "others": commandstest.Yes(), "pictures": commandstest.Text("most")})
		if got := o.kept(); got.PublicReplies || !got.OthersViewable || got.Pictures != store.MostPictures {
			t.Errorf("stored %+v", got)
		}
	})
}

func TestRewardRoles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		r := o.run("reward-role", nil)
		shows(t, r, "None yet.")
		if m := component[discordgo.SelectMenu](t, r, embeds.ActionGiveRole); m.MenuType != discordgo.RoleSelectMenu {
			t.Errorf("menu of roles: %+v", m)
		}
		if m := component[discordgo.SelectMenu](t, r, embeds.ActionPickReward); len(m.Options) != 2 || m.Options[0].Label != "Winter *Wonders*" {
			t.Errorf("menu of collections: %+v", m)
		}
		r = o.press(r, embeds.ActionGiveRole, commandstest.RoleLow)
		shows(t, r, "Members get <@&"+commandstest.RoleLow+"> for: Any collection")
		if d := component[discordgo.SelectMenu](t, r, embeds.ActionGiveRole).DefaultValues; len(d) != 1 || d[0].ID != commandstest.RoleLow || d[0].Type != discordgo.SelectMenuDefaultValueRole {
			t.Errorf("the menu shows %v", d)
		}
		r = o.press(r, embeds.ActionPickReward, "program_2")
		shows(t, r, "Reward role: Space Cats")
		shows(t, r, "has no role of its own")
		r = o.press(r, embeds.ActionGiveRole, commandstest.RoleLow)
		shows(t, r, "for: Space Cats")
		shows(t, r, "Completing this collection earns <@&"+commandstest.RoleLow+">")
		want := map[string]string{"": commandstest.RoleLow, "program_2": commandstest.RoleLow}
		if diff := cmp.Diff(want, o.kept().RewardRoles); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}
		r = o.press(r, embeds.ActionDropRole)
		shows(t, r, "No role is given for this any more: Space Cats")
		r = o.press(r, embeds.ActionRemoveRole, embeds.AnyCollection)
		shows(t, r, "None yet.")
		if n := len(o.kept().RewardRoles); n != 0 {
			t.Errorf("%d are left", n)
		}
		shows(t, o.press(r, embeds.ActionSettings), "None yet.")
	})
}

func TestRolesThatCannotBeGiven(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tests := []struct {
			role   string
			change func(*commandstest.Discord)
			says   string
		}{
			{commandstest.RoleHigh, nil, "is not below the bot's own role. Move the bot's role above it"},
			{commandstest.RoleBot, nil, "belongs to a bot"},
			{commandstest.RoleManaged, nil, "belongs to a bot"},
			{commandstest.Guild, nil, "Everyone has this role already"},
			{"799999999999999999", nil, "This role is gone"},
			{commandstest.RoleLow, func(d *commandstest.Discord) { d.NoRoles = true }, "needs the permission **Manage Roles**"},
			{commandstest.RoleLow, func(d *commandstest.Discord) { d.ErrGuild = errDown }, "could not be checked"},
		}
		for _, tc := range tests {
			o := newOffice(t)
			if tc.change != nil {
				tc.change(o.guild)
			}
			for _, options := range []commandstest.Options{
				{"role": commandstest.Text(tc.role)},
				{"role": commandstest.Text(tc.role), "collection": commandstest.Text("space cats")},
			} {
				shows(t, o.run("reward-role", options), tc.says)
			}
			if n := len(o.kept().RewardRoles); n != 0 {
				t.Errorf("%s: stored all the same", tc.says)
			}
		}
	})
}

func TestRewardRolesByOptions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		odd := strings.Repeat("odd id/", 20)
		low := commandstest.Text(commandstest.RoleLow)
		at := func(collection string) commandstest.Options {
			return commandstest.Options{"collection": commandstest.Text(collection), "role": low}
		}
		tests := []struct {
			options commandstest.Options
			stored  string // under which ID; "-" for nothing
			says    string
		}{
			{commandstest.Options{"role": low}, "", "for: Any collection"},
			{at("*"), "", "for: Any collection"},
			{at("winter"), "program_1", `for: Winter \*Wonders\*`},
			{at("program_2"), "program_2", "for: Space Cats"},
			{at("spring_2027"), "spring_2027", `taken for a collection's ID: spring\_2027`},
			{at("no such thing"), "-", "There is no collection called"},
			{at("kept"), "kept", "for: kept"},
			{at(embeds.ProgramRef(odd)), odd, "for: odd id/"},
		}
		for _, tc := range tests {
			o := newOffice(t, func(w *world) {
				w.store.Put(commandstest.Guild, func(s *store.Settings) {
					s.RewardRoles = map[string]string{"kept": commandstest.RoleLow, odd: commandstest.RoleLow}
				})
			})
			shows(t, o.run("reward-role", tc.options), tc.says)
			want := map[string]string{"kept": commandstest.RoleLow, odd: commandstest.RoleLow}
			if tc.stored != "-" {
				want[tc.stored] = commandstest.RoleLow
			}
			if diff := cmp.Diff(want, o.kept().RewardRoles); diff != "" {
				t.Errorf("%v: stored (-want +got):\n%s", tc.options, diff)
			}
		}

		o := newOffice(t)
		shows(t, o.press(o.run("reward-role", at("no such thing")), embeds.ActionRewardRoles), "Reward roles")
		shows(t, o.run("reward-role", commandstest.Options{"collection": commandstest.Text("winter")}), `Reward role: Winter \*Wonders\*`)
		shows(t, o.run("reward-role", commandstest.Options{"remove": commandstest.Yes()}), "There was no role to remove: Any collection")
		o.put(func(s *store.Settings) { s.RewardRoles = map[string]string{"program_1": commandstest.RoleHigh} })
		shows(t, o.run("reward-role", commandstest.Options{"collection": commandstest.Text("winter")}), "is not below the bot's own role")
		shows(t, o.run("reward-role", commandstest.Options{"remove": commandstest.Yes(), "collection": commandstest.Text("winter")}), "No role is given for this any more")

		o.put(func(s *store.Settings) {
			s.RewardRoles = map[string]string{}
			for i := range store.MaxRewardRoles {
				s.RewardRoles["p"+strconv.Itoa(i)] = commandstest.RoleLow
			}
		})
		shows(t, o.run("reward-role", at("winter")), "There can be up to 100 reward roles")
		shows(t, o.run("reward-role", nil), "and 88 more\nTo see or change another, name it: use `/settings reward-role` with the option `collection`.")
	})
}

// An ID means the collection that has it, however near a name comes.
func TestRewardRolesByIDsLikeNames(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tests := []struct {
			typed  string
			remove bool
			want   map[string]string // what is stored then
			says   string
		}{
			{"spring_2027", true, map[string]string{"kept": commandstest.RoleHigh}, `for this any more: spring\_2027`},
			{"spring_2027", false, map[string]string{"spring_2027": commandstest.RoleLow, "kept": commandstest.RoleHigh}, `for: spring\_2027`},
			{"spring_2028", false, map[string]string{"spring_2027": commandstest.RoleHigh, "spring_2028": commandstest.RoleLow, "kept": commandstest.RoleHigh}, `taken for a collection's ID: spring\_2028`},
			{"kept", false, map[string]string{"spring_2027": commandstest.RoleHigh, "kept": commandstest.RoleLow}, "for: kept"},
			{"mine", false, map[string]string{"spring_2027": commandstest.RoleHigh, "kept": commandstest.RoleHigh, "mine": commandstest.RoleLow}, "for: Spring 2026"},
			{"sprimg 2026", false, map[string]string{"spring_2027": commandstest.RoleHigh, "kept": commandstest.RoleHigh, "mine": commandstest.RoleLow}, "for: Spring 2026"},
		}
		for _, tc := range tests {
			o := newOffice(t, func(w *world) {
				w.shelf.programs = mine(program("mine", "Spring 2026", 1, 2), program("other", "Kept Things", 1, 2))
				w.store.Put(commandstest.Guild, func(s *store.Settings) {
					s.RewardRoles = map[string]string{"spring_2027": commandstest.RoleHigh, "kept": commandstest.RoleHigh}
				})
			})
			options := commandstest.Options{"collection": commandstest.Text(tc.typed), "role": commandstest.Text(commandstest.RoleLow)}
			if tc.remove {
				options = commandstest.Options{"collection": commandstest.Text(tc.typed), "remove": commandstest.Yes()}
			}
			shows(t, o.run("reward-role", options), tc.says)
			if diff := cmp.Diff(tc.want, o.kept().RewardRoles); diff != "" {
				t.Errorf("%s: stored (-want +got):\n%s", tc.typed, diff)
			}
		}
	})
}

// A collection is known by its name before anybody has looked at it.
func TestRewardRolesWithNothingCached(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tests := []struct {
			typed  string
			err    error
			stored string // under which ID; "" for nothing
			says   string
		}{
			{"Space Cats", nil, "program_2", "for: Space Cats"},
			{"space", nil, "program_2", "for: Space Cats"},
			{"spring_2027", nil, "spring_2027", "None of your own collections is called that"},
			{"Space Cats", progressapi.ErrUnavailable, "", "cannot be reached just now"},
			{"space", progressapi.ErrUnavailable, "", "cannot be reached just now"},
			{"program_2", progressapi.ErrUnavailable, "program_2", "could not be looked up just now, so it was taken for a collection's ID: program\\_2"},
			{"kept", progressapi.ErrUnavailable, "kept", "for: kept"},
			{"spring_2027", progressapi.ErrNotFound, "spring_2027", "None of your own collections is called that"},
		}
		for _, tc := range tests {
			o := newOffice(t, func(w *world) {
				w.shelf.peek, w.shelf.err = false, tc.err
				w.store.Put(commandstest.Guild, func(s *store.Settings) { s.RewardRoles = map[string]string{"kept": commandstest.RoleHigh} })
			})
			shows(t, o.run("reward-role", commandstest.Options{"collection": commandstest.Text(tc.typed), "role": commandstest.Text(commandstest.RoleLow)}), tc.says)
			want := map[string]string{"kept": commandstest.RoleHigh}
			if tc.stored != "" {
				want[tc.stored] = commandstest.RoleLow
			}
			if diff := cmp.Diff(want, o.kept().RewardRoles); diff != "" {
				t.Errorf("%s, %v: stored (-want +got):\n%s", tc.typed, tc.err, diff)
			}
		}
	})
}

// A role that matters can be chosen only by who could give it by themselves.
func TestRolesThatTakeTrust(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const owner = "owner" // of the server
		roles := func(of int64) []commands.GuildRole {
			return []commands.GuildRole{
				{ID: commandstest.Guild},
				{ID: "lower", Position: 1, Permissions: discordgo.PermissionManageRoles},
				{ID: commandstest.RoleLow, Position: 2, Permissions: of},
				{ID: commandstest.RoleBot, Position: 3, Permissions: discordgo.PermissionManageRoles},
				{ID: "higher", Position: 4, Permissions: discordgo.PermissionManageRoles},
				{ID: "admin", Position: 5, Permissions: discordgo.PermissionAdministrator},
				{ID: "manager", Position: 6, Permissions: discordgo.PermissionManageGuild},
			}
		}
		tests := []struct {
			of   int64  // permissions of the role
			by   string // role of who chooses it
			fine bool
		}{
			{discordgo.PermissionSendMessages | discordgo.PermissionAttachFiles, "manager", true},
			{discordgo.PermissionAdministrator, "manager", false},
			{discordgo.PermissionAdministrator, "", false},
			{discordgo.PermissionAdministrator, "lower", false},
			{discordgo.PermissionAdministrator, "higher", true},
			{discordgo.PermissionAdministrator, "admin", true},
			{discordgo.PermissionAdministrator, owner, true},
			{discordgo.PermissionManageRoles, "manager", false},
			{discordgo.PermissionManageGuild, "manager", false},
			{discordgo.PermissionManageChannels, "manager", false},
			{discordgo.PermissionManageWebhooks, "manager", false},
			{discordgo.PermissionManageMessages | discordgo.PermissionSendMessages, "manager", false},
			{discordgo.PermissionKickMembers, "manager", false},
			{discordgo.PermissionBanMembers, "manager", false},
			{discordgo.PermissionModerateMembers, "manager", false},
			{discordgo.PermissionMentionEveryone, "manager", false},
			{discordgo.PermissionViewAuditLogs, "manager", false},
			{discordgo.PermissionManageEvents, "manager", false},
		}
		for _, tc := range tests {
			o := newOffice(t, func(w *world) {
				info := commands.GuildInfo{ID: commandstest.Guild, Owner: "somebody", Roles: roles(tc.of), Own: []string{commandstest.RoleBot}}
				if tc.by == owner {
					info.Owner = commandstest.Ada().ID
				}
				w.deps.Guilds = kingdom{w.guild, info}
			})
			// What a channel grants on top, Manage Permissions among it, does not count.
			by := func(r commands.Request) commands.Request {
				r.Roles = []string{tc.by}
				return with(discordgo.PermissionManageGuild|discordgo.PermissionManageRoles, r)
			}
			r := o.see(t, by(commandstest.Slash("settings reward-role", commandstest.Options{"role": commandstest.Text(commandstest.RoleLow)})))
			menu := buttonsOf(t, o.run("reward-role", nil))[embeds.ActionGiveRole]
			stored := o.kept().RewardRoles[""] != ""
			o.put(func(s *store.Settings) { s.RewardRoles = nil })
			picked := o.see(t, by(commandstest.Press(menu, commandstest.RoleLow)))
			if stored != tc.fine || (o.kept().RewardRoles[""] != "") != tc.fine {
				t.Errorf("%b by %q: stored %v", tc.of, tc.by, stored)
			}
			for _, r := range []commands.Reply{r, picked} {
				if tc.fine {
					shows(t, r, "Members get")
				} else {
					shows(t, r, "with the permission **Manage Roles** and a higher role, can make it a reward")
				}
			}
		}
	})
}

// A reference to a collection with a long ID is found again wherever it is.
func TestRewardRolesByReference(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		odd, mineToo := strings.Repeat("odd id/", 20), strings.Repeat("my id/", 20)
		o := newOffice(t, func(w *world) {
			w.shelf.programs = mine(program(mineToo, "Mine", 1, 2))
			w.store.Put(commandstest.Guild, func(s *store.Settings) { s.RewardRoles = map[string]string{odd: commandstest.RoleLow} })
		})
		panel := func(ref string) commands.Reply {
			return o.see(t, manage(commandstest.Press(embeds.Action{Name: embeds.ActionRewardRole, Owner: commandstest.Ada().ID, Program: ref}.Encode())))
		}
		shows(t, panel(embeds.ProgramRef(mineToo)), "Reward role: Mine")
		r := panel(embeds.ProgramRef(odd))
		shows(t, r, "Completing this collection earns")
		shows(t, o.press(r, embeds.ActionDropRole), "No role is given for this any more")
		mustSay(t, panel(embeds.ProgramRef(odd)), catalog.ProblemVanished)
		mustSay(t, panel(""), catalog.ProblemOutdated)
		shows(t, o.press(panel(embeds.ProgramRef(odd)), embeds.ActionRewardRoles), "None yet.")
	})
}

func TestRewardRoleSuggestions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		r := o.see(t, manage(commandstest.Type("settings reward-role", "collection", "cats", nil)))
		if len(r.Choices) != 1 || r.Choices[0].Name != "Space Cats" {
			t.Errorf("suggests %v", r.Choices)
		}
	})
}

func TestReset(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		shows(t, o.run("reset", nil), "there is nothing to reset")
		o.put(func(s *store.Settings) {
			s.Announcements, s.Channel, s.Milestones, s.Template, s.PingMember = true, news, store.HalfWay, "hi", true
			s.PublicReplies, s.OthersViewable, s.Pictures = true, false, store.NoPictures
			s.RewardRoles = map[string]string{"": commandstest.RoleLow, "program_1": commandstest.RoleLow}
			s.Told = map[string]time.Time{"x": time.Unix(1e9, 0)}
		})
		all := []string{"On, in <#" + news, "Milestones: 50%", "Your own message", "pinged", "Shown to everyone", "Members cannot look", "Pictures: None", "2 reward roles"}
		r := o.run("reset", nil)
		for _, want := range all {
			shows(t, r, want)
		}
		if b := component[discordgo.Button](t, r, embeds.ActionResetAll); b.Style != discordgo.DangerButton {
			t.Error("the button does not look dangerous")
		}
		shows(t, o.press(r, embeds.ActionSettings), "Everything is set up") // Cancel
		done := o.press(r, embeds.ActionResetAll)
		shows(t, done, "Everything is back to its default")
		for _, want := range all {
			shows(t, done, want)
		}
		want := store.DefaultSettings()
		want.Told = map[string]time.Time{"x": time.Unix(1e9, 0)}
		if diff := cmp.Diff(want, o.kept()); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}
		shows(t, o.press(r, embeds.ActionResetAll), "there is nothing to reset")
	})
}

func TestSettingsWithoutTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		press := func(name string, values ...string) commands.Request {
			return manage(commandstest.Press(embeds.Action{Name: name, Owner: commandstest.Ada().ID, Page: 1, Program: map[bool]string{true: "program_1"}[name == embeds.ActionDropRole]}.Encode(), values...))
		}
		low := commandstest.Text(commandstest.RoleLow)
		slash := func(path string, o commandstest.Options) commands.Request {
			return manage(commandstest.Slash("settings "+path, o))
		}
		reads := []commands.Request{
			slash("show", nil), slash("announcements", nil), slash("replies", nil), slash("reward-role", nil), slash("reset", nil),
			slash("reward-role", commandstest.Options{"collection": commandstest.Text("unheard of")}),
			slash("reward-role", commandstest.Options{"collection": commandstest.Text("winter")}),
			press(embeds.ActionSettings), press(embeds.ActionRewardRoles), press(embeds.ActionResetAll), press(embeds.ActionTest),
			press(embeds.ActionPickReward, embeds.ProgramRef(strings.Repeat("odd id/", 20))),
		}
		writes := []commands.Request{
			slash("announcements", channel(news)), slash("replies", commandstest.Options{"public": commandstest.Yes()}),
			slash("reward-role", commandstest.Options{"role": low}), slash("reward-role", commandstest.Options{"remove": commandstest.Yes()}),
			press(embeds.ActionSetPing), press(embeds.ActionSetChannel, news), press(embeds.ActionSetMilestones, "half"), press(embeds.ActionSetPictures, "all"),
			press(embeds.ActionGiveRole, commandstest.RoleLow), press(embeds.ActionDropRole), press(embeds.ActionResetAll), press(embeds.ActionStandard),
		}
		for i, q := range reads {
			o := newOffice(t)
			o.store.Err = errDown
			r := o.private(o.see(t, q))
			mustSay(t, r, catalog.ProblemStoreText)
			tryAgain(t, i, o, r)
		}
		for i, q := range writes {
			o := newOffice(t)
			before := o.kept()
			o.store.ErrWrite = errDown
			r := o.private(o.see(t, q))
			mustSay(t, r, catalog.ProblemUnsavedText)
			if diff := cmp.Diff(before, o.kept()); diff != "" {
				t.Errorf("%d: changed (-want +got):\n%s", i, diff)
			}
			tryAgain(t, i, o, r)
			if strings.Contains(o.log.text(), `"level":"ERROR"`) {
				t.Errorf("%d: the store's fault is an error of its own each time:\n%s", i, o.log.text())
			}
		}
		o := newOffice(t)
		o.store.Err = store.ErrForgetting
		mustSay(t, o.run("replies", commandstest.Options{"public": commandstest.Yes()}), catalog.ProblemForgettingText)
	})
}

// tryAgain presses what a failure offers, with the store back.
func tryAgain(t *testing.T, i int, o *office, r commands.Reply) {
	t.Helper()
	o.store.Err, o.store.ErrWrite = nil, nil
	ids := buttonsOf(t, r)
	if len(ids) != 1 {
		t.Errorf("%d: %d buttons: %v", i, len(ids), ids)
	}
	for _, id := range ids {
		if r := o.see(t, manage(commandstest.Press(id))); strings.Contains(words(r.Message), "just now") {
			t.Errorf("%d: trying again ends in\n%s", i, words(r.Message))
		}
	}
}

// What no menu of this version sends is no reason to do anything.
func TestSettingsOfAnotherVersion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		for _, q := range []commands.Request{
			commandstest.Press("set-channel"), commandstest.Press("set-miles"), commandstest.Press("set-miles", "all"),
			commandstest.Press("set-role-give"), commandstest.Press("set-role-rm"), commandstest.Press("set-role-pick"),
			commandstest.Press("set-role-pick", ""), commandstest.Press("set-channel", news, hidden),
		} {
			q.CustomID = embeds.Action{Name: q.CustomID, Owner: commandstest.Ada().ID}.Encode()
			mustSay(t, o.see(t, manage(q)), catalog.ProblemOutdated)
		}
		mustSay(t, o.run("announcements", commandstest.Options{"milestones": commandstest.Text("all")}), catalog.ProblemNoCommand)
		if got := o.kept(); got.Channel != "" || len(got.RewardRoles) != 0 {
			t.Errorf("stored %+v", got)
		}
		for value, want := range map[string]store.Milestones{"none": store.NoMilestones, "half": store.HalfWay, "quarters": store.Quarters} {
			o.run("announcements", commandstest.Options{"milestones": commandstest.Text(value)})
			if got := o.kept().Milestones; got != want {
				t.Errorf("%s is stored as %v", value, got)
			}
		}
	})
}

// Names come from outside; nothing in them does anything.
func TestSettingsShowHostileNames(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, func(w *world) {
			w.shelf.programs = mine(progressapi.Program{ID: "program_1", Name: "[x](https://evil.example) <@1> @everyone"})
		})
		r := o.run("reward-role", commandstest.Options{"collection": commandstest.Text("program_1"), "role": commandstest.Text(commandstest.RoleLow)})
		if text := words(r.Message); strings.Contains(text, "@everyone") || strings.Contains(text, "<@1>") || strings.Contains(text, "](https://evil") {
			t.Errorf("shows\n%s", text)
		}
	})
}

// kingdom is a server with roles of its own.
type kingdom struct {
	*commandstest.Discord
	info commands.GuildInfo
}

func (k kingdom) Guild(context.Context, string) (commands.GuildInfo, error) { return k.info, nil }

// Discord's order of roles: by position, and of two in the same one the
// older is the higher.
func TestTheOrderOfRoles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		role := func(id string, position int) commands.GuildRole {
			return commands.GuildRole{ID: id, Position: position, Permissions: discordgo.PermissionManageRoles}
		}
		everyone := commands.GuildRole{ID: commandstest.Guild}
		tests := []struct {
			name  string
			roles []commands.GuildRole
			own   []string
			may   bool
		}{
			{"below", []commands.GuildRole{everyone, role("10", 1), role("20", 2)}, []string{"20"}, true},
			{"above", []commands.GuildRole{everyone, role("10", 3), role("20", 2)}, []string{"20"}, false},
			{"equal, newer", []commands.GuildRole{everyone, role("10", 2), role("9", 2)}, []string{"9"}, true},
			{"equal, older", []commands.GuildRole{everyone, role("10", 2), role("20", 2)}, []string{"20"}, false},
			{"equal, of odd IDs", []commands.GuildRole{everyone, role("10", 2), role("x", 2)}, []string{"x"}, false},
			{"its own", []commands.GuildRole{everyone, role("10", 2)}, []string{"10"}, false},
			{"below the highest of several", []commands.GuildRole{everyone, role("5", 1), role("10", 2), role("20", 3)}, []string{"5", "20"}, true},
			{"below the highest of several, in any order", []commands.GuildRole{role("20", 3), role("10", 2), role("5", 1), everyone}, []string{"5", "20"}, true},
			{"without a role of its own", []commands.GuildRole{{ID: commandstest.Guild, Permissions: discordgo.PermissionManageRoles}, role("10", 1)}, nil, false},
			{"permission from the role of everyone", []commands.GuildRole{
				{ID: commandstest.Guild, Permissions: discordgo.PermissionAdministrator}, {ID: "10", Position: 1}, {ID: "20", Position: 2},
			}, []string{"20"}, true},
		}
		for _, tc := range tests {
			w := newWorld(nil, func(w *world) {
				w.deps.Guilds = kingdom{w.guild, commands.GuildInfo{ID: commandstest.Guild, Owner: commandstest.Ada().ID, Roles: tc.roles, Own: tc.own}}
			})
			w.see(t, manage(commandstest.Slash("settings reward-role", commandstest.Options{"role": commandstest.Text("10")})))
			if _, stored := w.store.Kept(commandstest.Guild).RewardRoles[""]; stored != tc.may {
				t.Errorf("%s: stored %v, want %v", tc.name, stored, tc.may)
			}
		}
	})
}
