package embeds_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"progressbot/embeds"
	"progressbot/embeds/catalog"
)

func winter() embeds.Reached {
	return embeds.Reached{
		Name: "Winter *Stars*", Image: "https://cdn.example.com/winter.png", Reward: "Snow Badge", Collected: 12, Size: 12,
	}
}

func told(reached ...embeds.Reached) embeds.AnnouncementView {
	return embeds.AnnouncementView{
		Server: "Ice Club", Person: embeds.Person{ID: mara, Name: "Mara_"}, Reached: reached, Mark: "K7Q2M4",
	}
}

func template(t testing.TB, source string) embeds.Template {
	t.Helper()
	parsed, err := embeds.ParseTemplate(source)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestAnnouncements(t *testing.T) {
	t.Parallel()
	half := winter()
	half.Percent, half.Collected = 50, 7
	bare := embeds.Reached{}
	card := told(winter())
	card.Card = &embeds.File{Name: "progress.png", Description: "Winter Stars is complete", ContentType: "image/png", Data: []byte("png")}
	own := told(winter())
	own.Template = template(t, "🎉 {member} of **{server}** has all {size} of {collection}: {reward}\n<@1> @everyone")
	own.Note = "Well done!\n# @here <@2>"
	several := told(winter(), embeds.Reached{Name: "Spring", Size: 3, Reward: "A hat"}, embeds.Reached{Name: "Fall", Size: 9, Collected: 7, Percent: 75})
	many := told()
	for i := range 12 {
		many.Reached = append(many.Reached, embeds.Reached{Name: fmt.Sprintf("No. %d", i), Size: i})
	}
	steps := told(half, embeds.Reached{Name: "Spring", Percent: 25})
	hostile := told(embeds.Reached{
		Name: "@everyone [x](https://evil.example) \u202e", Image: "javascript:alert(1)", Reward: "<@1>\n```", Collected: -4, Size: -1, Percent: 0,
	})
	hostile.Person.Name, hostile.Server, hostile.Note = "@here **x**", "<@&9>", "`<@3>`\n\n\n> @everyone"
	nobody := told(bare)
	nobody.Person = embeds.Person{}
	for name, v := range map[string]embeds.AnnouncementView{
		"completion": told(winter()), "step": told(half), "bare": told(bare), "card": card, "template": own, "several": several,
		"many": many, "steps": steps, "hostile": hostile, "nobody": nobody,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkGolden(t, "announcement-"+name+".json", embeds.Announcement(catalog.For("en-US"), v))
		})
	}
}

func TestAnnouncementMentionsTheMemberAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := embeds.AnnouncementView{
			Server: text().Draw(t, "server"), Person: embeds.Person{ID: mara, Name: text().Draw(t, "person")},
			Note: text().Draw(t, "note"), Mark: "K7Q2M4",
			Reached: rapid.SliceOfN(rapid.Custom(drawReached), 1, 30).Draw(t, "reached"),
		}
		if parsed, err := embeds.ParseTemplate(text().Draw(t, "template") + " {member} {collection}"); err == nil {
			v.Template = parsed
		}
		m := embeds.Announcement(catalog.For("en-US"), v)
		holds(t, m)
		if footer := m.Embeds[0].Footer.Text; footer != "#K7Q2M4" {
			t.Fatalf("the footer is %q", footer)
		}
		for _, said := range texts(m) {
			for _, mention := range regexp.MustCompile(`<@[!&]?\d+>|@everyone|@here`).FindAllString(said, -1) {
				if mention != "<@"+mara+">" || said != m.Content {
					t.Fatalf("%q mentions %q", said, mention)
				}
			}
		}
	})
}

func drawReached(t *rapid.T) embeds.Reached {
	return embeds.Reached{
		Name: text().Draw(t, "name"), Image: address().Draw(t, "image"), Reward: text().Draw(t, "reward"),
		Collected: number().Draw(t, "collected"), Size: number().Draw(t, "size"), Percent: rapid.IntRange(0, 99).Draw(t, "percent"),
	}
}

// troubles are those there are, and two that are none.
func troubles() []embeds.Trouble {
	return []embeds.Trouble{
		embeds.TroubleOutOfReach, embeds.TroubleNoChannel, embeds.TroubleNoPermission,
		embeds.TroubleNotAccepted, embeds.TroubleNoRole, embeds.TroubleRole, "", "unheard_of",
	}
}

func TestTroubleNotices(t *testing.T) {
	t.Parallel()
	names := map[embeds.Trouble]string{
		embeds.TroubleOutOfReach: "out-of-reach", embeds.TroubleNoChannel: "no-channel", embeds.TroubleNoPermission: "no-permission",
		embeds.TroubleNotAccepted: "not-accepted", embeds.TroubleNoRole: "no-role", embeds.TroubleRole: "role",
	}
	for kind, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkGolden(t, "trouble-"+name+".json", embeds.TroubleNotice(catalog.For("en-US"), kind, "Ice *Club*", other))
		})
	}
	if said := embeds.TroubleText(catalog.For(""), embeds.TroubleNoPermission, "<#1>"); strings.Contains(said, "<#") {
		t.Errorf("a channel that is none: %q", said)
	}
	if m := embeds.TroubleNotice(nil, embeds.TroubleNoRole, "\u200b", ""); !strings.HasSuffix(m.Embeds[0].Title, "this server") {
		t.Errorf("a server without a name: %q", m.Embeds[0].Title)
	}
}

func TestAnnouncementsSpeakOneLanguage(t *testing.T) {
	t.Parallel()
	w := greekish(t)
	step := embeds.Reached{Name: "冬", Percent: 50, Size: 10, Collected: 5}
	done := embeds.Reached{Name: "海", Reward: "徽章", Size: 2}
	v := embeds.AnnouncementView{Template: template(t, "{member} {collection} {count} {size} {reward} {server}"), Mark: "234567"}
	var messages []embeds.Message
	for _, reached := range [][]embeds.Reached{
		{step}, {done}, {{}}, {done, done, step}, {step, step}, {{Percent: 25}, step}, {{}, {}, {}, {}, {}, {}, {}, {}, {}, {}},
	} {
		v.Reached = reached
		messages = append(messages, embeds.Announcement(w, v))
	}
	for _, kind := range troubles() {
		messages = append(messages, embeds.TroubleNotice(w, kind, "", ""))
	}
	for _, m := range messages {
		for _, said := range texts(m) {
			if regexp.MustCompile(`[A-Za-z]`).MatchString(said) {
				t.Errorf("not of the catalogue: %q", said)
			}
		}
	}
}
