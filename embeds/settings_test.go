package embeds_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"progressbot/embeds"
	"progressbot/embeds/catalog"
)

const (
	newsChannel = "323456789012345678"
	starRole    = "423456789012345678"
)

// configured is a server that has chosen everything.
func configured() embeds.SettingsView {
	return embeds.SettingsView{
		Words: catalog.For("en-US"), Asker: mara,
		Settings: embeds.ServerSettings{
			Announcements: true, Channel: newsChannel, Milestones: embeds.MilestonesQuarters,
			Template: "{member} made it: **{collection}**\n# {server}", PingMember: true,
			PublicReplies: true, OthersViewable: false, Pictures: embeds.PicturesNone,
			RewardRoles: []embeds.RewardRole{
				{Role: starRole},
				{Program: "program_winter", Name: "Winter *Challenge*", Role: starRole, Fault: embeds.RoleIsTooHigh},
				{Program: strings.Repeat("odd/", 20), Role: other, Fault: embeds.RoleIsGone},
			},
		},
	}
}

// untouched is a server that has chosen nothing.
func untouched() embeds.SettingsView {
	return embeds.SettingsView{
		Words: catalog.For("en-US"), Asker: mara,
		Settings: embeds.ServerSettings{OthersViewable: true, Milestones: embeds.MilestonesNone},
	}
}

func sample() embeds.TemplateValues {
	return embeds.Sample(catalog.For("en-US"), mara, "Winter *Challenge*", 10, "Ice *Club*")
}

// panels is every kind of panel, by the name of its golden file.
func panels() map[string]embeds.Message {
	all, none := configured(), untouched()
	ready := untouched()
	ready.Settings.Channel = newsChannel
	missing := configured()
	missing.Channel.Missing = discordgo.PermissionEmbedLinks | discordgo.PermissionReadMessageHistory
	missing.Troubles = []embeds.Trouble{embeds.TroubleNoPermission, embeds.TroubleNotAccepted}
	missing.Expired = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	gone := ready
	gone.Channel.Gone = true
	unknown := ready
	unknown.Channel.Unknown = true
	done := ready
	done.Note = "Saved."
	refused := ready
	refused.Note, refused.Problem = "No.", true
	stuck := missing
	stuck.Note = "Saved."
	nameless := done
	nameless.Settings.Template, nameless.Settings.PingMember = "Well done: {collection}", true
	set := none
	set.Settings.Announcements, set.Settings.Channel = true, newsChannel
	plain := set
	plain.Channel.NoPictures = true
	unwanted := plain
	unwanted.Settings.Pictures = embeds.PicturesNone
	many := none
	many.RewardCommand = "</settings reward-role:1>"
	for i := range 14 {
		many.Settings.RewardRoles = append(many.Settings.RewardRoles, embeds.RewardRole{Program: fmt.Sprint("program_", i), Role: "720000000000000001"})
	}
	programs := []embeds.ProgramChoice{{Ref: "program_winter", Name: "Winter *Challenge*"}, {Ref: "program_ocean"}, {Ref: "program_winter"}}

	return map[string]embeds.Message{
		"settings-untouched":  embeds.Settings(none),
		"settings-configured": embeds.Settings(all),
		"settings-off":        embeds.Settings(ready),
		"settings-set":        embeds.Settings(set),
		"settings-missing":    embeds.Settings(missing),
		"settings-gone":       embeds.Settings(gone),
		"settings-plain":      embeds.Settings(plain),
		"settings-unwanted":   embeds.Settings(unwanted),

		"settings-announcements-untouched":  embeds.AnnouncementSettings(none, sample()),
		"settings-announcements-configured": embeds.AnnouncementSettings(all, sample()),
		"settings-announcements-missing":    embeds.AnnouncementSettings(missing, sample()),
		"settings-announcements-plain":      embeds.AnnouncementSettings(plain, sample()),
		"settings-announcements-gone":       embeds.AnnouncementSettings(gone, sample()),
		"settings-announcements-unknown":    embeds.AnnouncementSettings(unknown, sample()),
		"settings-announcements-saved":      embeds.AnnouncementSettings(done, sample()),
		"settings-announcements-stuck":      embeds.AnnouncementSettings(stuck, sample()),
		"settings-announcements-no-member":  embeds.AnnouncementSettings(nameless, sample()),
		"settings-announcements-refused":    embeds.AnnouncementSettings(refused, sample()),

		"settings-replies":            embeds.ReplySettings(none),
		"settings-replies-configured": embeds.ReplySettings(all),
		"settings-rewards":            embeds.RewardRoleSettings(all, programs),
		"settings-rewards-many":       embeds.RewardRoleSettings(many, nil),
		"settings-rewards-none":       embeds.RewardRoleSettings(none, nil),
		"settings-reward":             embeds.RewardRoleOf(all, programs[0]),
		"settings-reward-none":        embeds.RewardRoleOf(none, programs[1]),
		"settings-reset":              embeds.ConfirmReset(all),
		"settings-reset-nothing":      embeds.ConfirmReset(none),
		"settings-reset-done":         embeds.ResetDone(all),
		"settings-message-unsaved":    embeds.MessageUnsaved(none, "{member}: ```"),
		"settings-message-refused":    embeds.MessageRefused(none, "```{membr}\n@everyone```", "Why."),
		"settings-test":               embeds.TestAnnouncement(catalog.For("en-US"), "Hello", mara),
		"settings-test-of-nobody":     embeds.TestAnnouncement(catalog.For("en-US"), "Hello", "@everyone"),

		"privacy":              embeds.Privacy(person()),
		"privacy-chosen":       embeds.Privacy(chooser()),
		"privacy-elsewhere":    embeds.Privacy(elsewhere()),
		"privacy-never":        embeds.Privacy(never()),
		"privacy-hidden":       embeds.Privacy(hider()),
		"privacy-forget":       embeds.ConfirmForget(chooser()),
		"privacy-forgotten":    embeds.Forgotten(chooser(), false),
		"privacy-ask-managers": embeds.Privacy(asked(embeds.VisibleToManagers)),
		"privacy-ask-hidden":   embeds.Privacy(asked(embeds.VisibleToSelf)),
		"privacy-copy-left":    embeds.Forgotten(person(), true),
	}
}

// person is somebody who has chosen nothing.
func person() embeds.PrivacyView {
	return embeds.PrivacyView{
		Words: catalog.For("en-US"), Asker: mara, Here: true,
		Visibility: embeds.VisibleToAnyone, Announce: embeds.AnnounceAsk, Stored: new(embeds.Stored),
	}
}

func chooser() embeds.PrivacyView {
	v := person()
	v.Visibility, v.Announce, v.Note = embeds.VisibleToManagers, embeds.AnnounceAlways, "Saved."
	v.Stored = &embeds.Stored{Choices: 2, Follows: 1, Announcements: 1200, Standings: 3, Completions: 1}
	return v
}

func elsewhere() embeds.PrivacyView {
	v := person()
	v.Here, v.AlwaysIn, v.NeverIn, v.Stored = false, 2, 1, nil
	v.Note, v.Problem = "No.", true
	return v
}

func never() embeds.PrivacyView {
	v := chooser()
	v.NeverAnywhere = true
	return v
}

func hider() embeds.PrivacyView {
	v := chooser()
	v.Visibility = embeds.VisibleToSelf
	return v
}

// asked is somebody who wants to be asked, and does not show their progress to
// everyone.
func asked(v embeds.Visibility) embeds.PrivacyView {
	p := person()
	p.Visibility = v
	return p
}

// quiet is somebody in a server that announces nothing, but has reward roles.
func quiet() embeds.PrivacyView {
	p := person()
	p.Announce, p.Quiet, p.StillEarns = embeds.AnnounceAlways, true, true
	return p
}

func TestPanels(t *testing.T) {
	t.Parallel()
	for name, m := range panels() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkGolden(t, name+".json", m)
		})
	}
}

// Whatever is set, and whatever names there are, Discord takes the panels.
func TestPanelsKeepEveryLimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := drawSettings(t)
		programs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) embeds.ProgramChoice {
			return embeds.ProgramChoice{Ref: embeds.ProgramRef(text().Draw(t, "id")), Name: text().Draw(t, "name")}
		}), 0, 40).Draw(t, "programs")
		values := embeds.Sample(v.Words, v.Asker, text().Draw(t, "collection"), number().Draw(t, "size"), text().Draw(t, "server"))
		holds(t, embeds.Settings(v))
		holds(t, embeds.AnnouncementSettings(v, values))
		holds(t, embeds.ReplySettings(v))
		holds(t, embeds.RewardRoleSettings(v, programs))
		holds(t, embeds.RewardRoleOf(v, embeds.ProgramChoice{Ref: embeds.ProgramRef(text().Draw(t, "id")), Name: text().Draw(t, "name")}))
		holds(t, embeds.ConfirmReset(v))
		holds(t, embeds.ResetDone(v))
		holds(t, embeds.MessageRefused(v, text().Draw(t, "typed"), embeds.TemplateProblem(v.Words, &embeds.TemplateError{Placeholder: text().Draw(t, "placeholder")})))
		holds(t, embeds.TestAnnouncement(v.Words, embeds.TemplateOf(v.Words, v.Settings.Template).Render(v.Words, values), v.Asker))
		p := embeds.PrivacyView{
			Words: v.Words, Asker: v.Asker, Visibility: embeds.Visibility(text().Draw(t, "visibility")), Announce: embeds.Announce(text().Draw(t, "announce")),
			Here: rapid.Bool().Draw(t, "here"), NeverAnywhere: rapid.Bool().Draw(t, "never"), AlwaysIn: number().Draw(t, "always"),
			Stored: &embeds.Stored{Choices: number().Draw(t, "choices"), Announcements: number().Draw(t, "announcements")},
		}
		holds(t, embeds.Privacy(p))
		holds(t, embeds.ConfirmForget(p))
		holds(t, embeds.Forgotten(p, rapid.Bool().Draw(t, "copy")))
	})
}

func drawSettings(t *rapid.T) embeds.SettingsView {
	id := rapid.SampledFrom([]string{mara, "", "x:y", strings.Repeat("9", 99)})
	return embeds.SettingsView{
		Words: catalog.For("en-US"), Asker: id.Draw(t, "asker"),
		Settings: embeds.ServerSettings{
			Announcements: rapid.Bool().Draw(t, "on"), Channel: id.Draw(t, "channel"), Milestones: embeds.Milestones(text().Draw(t, "milestones")),
			Template: text().Draw(t, "template"), PingMember: rapid.Bool().Draw(t, "ping"),
			RewardRoles: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) embeds.RewardRole {
				return embeds.RewardRole{
					Program: text().Draw(t, "program"), Name: text().Draw(t, "name"), Role: id.Draw(t, "role"),
					Fault: embeds.RoleFault(rapid.IntRange(0, 6).Draw(t, "fault")),
				}
			}), 0, 60).Draw(t, "roles"),
		},
		Channel: embeds.ChannelState{
			Unknown: rapid.Bool().Draw(t, "unknown"), Gone: rapid.Bool().Draw(t, "gone"), Missing: rapid.Int64().Draw(t, "missing"),
			NoPictures: rapid.Bool().Draw(t, "no pictures"),
		},
		Troubles: rapid.SliceOfN(rapid.SampledFrom(troubles()), 0, 6).Draw(t, "troubles"),
		Expired:  time.Unix(rapid.Int64().Draw(t, "expired"), 0),
	}
}

func TestMessageForm(t *testing.T) {
	t.Parallel()
	for _, current := range []string{"{member} did it", "", strings.Repeat("😀", 3000)} {
		f := embeds.MessageForm(catalog.For("en-US"), current)
		raw, err := json.Marshal(f.Components)
		if err != nil {
			t.Fatal(err)
		}
		if f.Components[0].Type() != 18 {
			t.Errorf("a component of type %d", f.Components[0].Type())
		}
		var got any
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		input := map[string]any{"type": 4.0, "custom_id": "message", "style": 2.0, "required": true, "max_length": 1000.0, "value": current}
		if len(current) > 2000 {
			input["value"] = strings.Repeat("😀", 500)
		}
		if current == "" {
			delete(input, "value")
		}
		want := []any{map[string]any{
			"type": 18.0, "label": "Message", "description": "{member} {collection} {count} {size} {reward} {server}", "component": input,
		}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if f.Title == "" || len(f.Title) > 45 {
			t.Errorf("title %q", f.Title)
		}
	}
}

func TestPermissionNames(t *testing.T) {
	t.Parallel()
	w := catalog.For("en-US")
	all := int64(discordgo.PermissionViewChannel | discordgo.PermissionSendMessages | discordgo.PermissionEmbedLinks | discordgo.PermissionAttachFiles |
		discordgo.PermissionReadMessageHistory | discordgo.PermissionManageRoles | discordgo.PermissionManageGuild | discordgo.PermissionManageEvents)
	want := "View Channel, Manage Roles, Manage Server, Send Messages, Embed Links, Attach Files, Read Message History, Manage Events"
	if got := embeds.PermissionNames(w, all|discordgo.PermissionVoiceConnect); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := embeds.PermissionNames(w, discordgo.PermissionVoiceConnect); got != "" {
		t.Errorf("names %q", got)
	}
}

func TestLinksAndMentions(t *testing.T) {
	t.Parallel()
	w := catalog.For("en-US")
	tests := []struct{ name, got, want string }{
		{"channel", embeds.ChannelMention(w, newsChannel), "<#" + newsChannel + ">"},
		{"no channel", embeds.ChannelMention(w, "1> @everyone"), "the channel for announcements"},
		{"role", embeds.RoleMention(starRole), "<@&" + starRole + ">"},
		{"no role", embeds.RoleMention(""), "?"},
		{"message", embeds.MessageLink(w, "1", "2", "3"), "[See it](https://discord.com/channels/1/2/3)"},
		{"no message", embeds.MessageLink(w, "1", "2", "3)"), ""},
		{"any collection", embeds.CollectionName(w, "", "x"), "Any collection"},
		{"a collection", embeds.CollectionName(w, "a", "*x*"), `\*x\*`},
		{"one without a name", embeds.CollectionName(w, "a_b", ""), `a\_b`},
		{"one with nothing to see in its name", embeds.CollectionName(w, "a", "\u200b"), "Unnamed collection"},
		{"a role that is fine", embeds.RoleProblem(w, starRole, embeds.RoleFine), ""},
		{"a channel that is fine", embeds.ChannelFault(w, newsChannel, embeds.ChannelState{}), ""},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}
