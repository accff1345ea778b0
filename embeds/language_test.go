package embeds_test

import (
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/bwmarrin/discordgo"
	"golang.org/x/text/language"

	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// greekish is English with its letters moved into the Greek alphabet: a
// language in which every word that is not in the catalogue shows.
func greekish(t *testing.T) *catalog.Words {
	t.Helper()
	english := catalog.English()
	texts := maps.Clone(english.Texts)
	for id, text := range texts {
		if strings.HasSuffix(string(id), ".name") {
			delete(texts, id)
			continue
		}
		texts[id] = toGreek(text)
	}
	plurals := maps.Clone(english.Plurals)
	for id, p := range plurals {
		p.One, p.Other = toGreek(p.One), toGreek(p.Other)
		plurals[id] = p
	}
	c, err := catalog.New(catalog.Language{Tag: language.Greek, Texts: texts, Plurals: plurals})
	if err != nil {
		t.Fatal(err)
	}
	return c.For("el")
}

func toGreek(text string) string {
	verbs := regexp.MustCompile(`%\[\d\][sd]|\{[a-z]+\}`)
	var b strings.Builder
	for text != "" {
		at := verbs.FindStringIndex(text)
		if at == nil {
			at = []int{len(text), len(text)}
		}
		for _, r := range text[:at[0]] {
			if r < unicode.MaxASCII && unicode.IsLetter(r) {
				r = 'α' + unicode.ToLower(r)%16
			}
			b.WriteRune(r)
		}
		b.WriteString(text[at[0]:at[1]])
		text = text[at[1]:]
	}
	return b.String()
}

// A language changes every word of every message, and nothing but the
// catalogue has to know it.
func TestMessagesSpeakOneLanguage(t *testing.T) {
	t.Parallel()
	v := own()
	v.Words = greekish(t)
	v.Person.Name = "Мара"
	others, public, standIn := v, v, v
	others.Asker = other
	public.Public = true
	standIn.StandIn, standIn.Fetched = true, now.Add(-2*time.Hour)

	reward := &progressapi.Reward{Name: "徽章", CanClaim: true}
	programs := []progressapi.Program{
		{ID: "1", Name: "冬", Size: 10, Collected: 3, CountTold: true, Ends: now.Add(time.Hour), Cards: []progressapi.Card{{Name: "雪", Owned: true, Quantity: 3}, {}}},
		{ID: "2", Percent: 30, PercentTold: true, Starts: now.Add(time.Hour)},
		{ID: "3", Name: "海", Collected: 3},
		{ID: "4", Name: "山", Size: 2, Collected: 2, CountTold: true, Reward: reward},
		{ID: "5", Name: "空", Size: 2, Collected: 1, CountTold: true, Ends: now.Add(-time.Hour)},
		{ID: "6", Name: "怪", Size: 2, Collected: 1, CountTold: true, Percent: 100, PercentTold: true, Reward: &progressapi.Reward{IsClaimed: true}},
		{ID: "7", Name: "新"},
	}
	for range 20 {
		programs = append(programs, programs[0])
	}
	messages := []embeds.Message{embeds.Help(v.Words, []embeds.HelpEntry{{Name: "進度", Context: true}})}
	for _, v := range []embeds.View{v, others, public, standIn} {
		messages = append(messages, embeds.Empty(v), embeds.Overview(v, programs, 0), embeds.Overview(v, programs, 1))
		for _, p := range programs[:7] {
			messages = append(messages, embeds.Detail(v, p, 0))
		}
	}
	messages = append(messages, boards(v.Words)...)
	messages = append(messages, chosenPanels(v.Words)...)
	messages = append(messages, announcing(v, programs)...)
	for kind := range embeds.DiscordSilent + 1 {
		messages = append(messages,
			embeds.Problem(v.Words, embeds.ProblemView{Kind: kind}),
			embeds.Problem(v.Words, embeds.ProblemView{
				Kind: kind, Reference: "1", Retry: "a", Back: "b", Typed: "冬", Nearest: []string{"冬"}, Person: "Мара", Command: "</進度:1>", Permission: "管理", Until: now,
			}))
	}
	if len(messages) < 50 {
		t.Fatalf("only %d messages", len(messages))
	}
	code := regexp.MustCompile(`<t:\d+:[fR]>|\{[a-z]+\}`)
	for _, m := range messages {
		for _, text := range texts(m) {
			if text = code.ReplaceAllString(text, ""); regexp.MustCompile(`[A-Za-z]`).MatchString(text) {
				t.Errorf("not of the catalogue: %q", text)
			}
		}
	}
}

// chosenPanels is every kind of panel of settings and privacy.
func chosenPanels(w *catalog.Words) []embeds.Message {
	var all []embeds.Message
	for _, state := range []embeds.ChannelState{{}, {Gone: true}, {Unknown: true}, {Missing: -1}} {
		for fault := range embeds.RoleUnchecked + 1 {
			v, none := configured(), untouched()
			v.Words, v.ServerWords, none.Words, none.ServerWords = w, w, w, w
			v.Channel, v.Settings.Template = state, "冬 {server}"
			v.Settings.RewardRoles = []embeds.RewardRole{{Role: starRole, Fault: fault}, {Program: "1", Name: "冬", Role: starRole, Fault: fault}}
			sample := embeds.Sample(w, mara, "", 0, "")
			v.Troubles = troubles()
			for _, v := range []embeds.SettingsView{v, none} {
				all = append(all, embeds.Settings(v), embeds.AnnouncementSettings(v, sample), embeds.ReplySettings(v),
					embeds.RewardRoleSettings(v, []embeds.ProgramChoice{{Ref: "1", Name: "冬"}}), embeds.RewardRoleOf(v, embeds.ProgramChoice{Ref: "1", Name: "冬"}),
					embeds.ConfirmReset(v), embeds.ResetDone(v), embeds.MessageRefused(v, "冬", "冬"))
			}
		}
	}
	for _, v := range []embeds.PrivacyView{person(), chooser(), elsewhere(), never(), hider(), asked(embeds.VisibleToSelf), asked(embeds.VisibleToManagers), quiet()} {
		v.Words, v.Note = w, ""
		all = append(all, embeds.Privacy(v), embeds.ConfirmForget(v), embeds.Forgotten(v, true), embeds.Forgotten(v, false))
	}
	return append(all, embeds.TestAnnouncement(w, "冬", mara))
}

// boards is every kind of leaderboard.
func boards(w *catalog.Words) []embeds.Message {
	var all []embeds.Message
	for _, why := range []embeds.Absence{embeds.AbsentYet, embeds.AbsentNever, embeds.AbsentHidden} {
		for _, kind := range []func(*embeds.BoardView){func(*embeds.BoardView) {}, ofWinter, nobody, public} {
			for _, own := range []func(*embeds.BoardView){func(*embeds.BoardView) {}, absent(why)} {
				b := board(kind, own)
				b.Words, b.Progress, b.Privacy = w, "</進度:1>", "</私:2>"
				if b.Collection != "" {
					b.Collection = "冬"
				}
				all = append(all, embeds.Leaderboard(b))
			}
		}
	}
	return all
}

// announcing is everything around announcements that people read.
func announcing(v embeds.View, programs []progressapi.Program) []embeds.Message {
	preview := embeds.PreviewView{Words: v.Words, Person: mara, Channel: announceChannel, Ping: true, Changed: true}
	done := append(completions("1", "冬", 20), completions("2", "", 3)...)
	for i := range 14 {
		done = append(done, completions(string(rune('A'+i)), "海", 1)...)
	}
	v.Withheld = true
	all := []embeds.Message{
		embeds.Preview(preview, embeds.Message{Content: "冬"}),
		embeds.Offer(v, embeds.Detail(v, programs[3], 0), programs[3], announceChannel),
	}
	for _, one := range []bool{true, false} {
		r := embeds.Recap(v.Words, embeds.RecapView{Since: now, Done: done, One: one})
		r.Embeds[0].Footer = nil // the mark
		all = append(all, r)
	}
	for o := range embeds.OutcomeDeclined + 2 {
		for _, own := range []bool{false, true} {
			all = append(all, embeds.Announced(embeds.OutcomeView{
				Words: v.Words, Outcome: o, Own: own, Always: own, Last: now, Person: v.Person, Program: programs[0],
				Channel: announceChannel, Settings: "</定:1>", Privacy: "</私:2>", Again: "</告:3>",
			}))
		}
	}
	return all
}

// texts lists everything in m that people read.
func texts(m embeds.Message) []string {
	all := []string{m.Content}
	for _, e := range m.Embeds {
		all = append(all, e.Title, e.Description)
		if e.Author != nil {
			all = append(all, e.Author.Name)
		}
		if e.Footer != nil {
			all = append(all, e.Footer.Text)
		}
		for _, f := range e.Fields {
			all = append(all, f.Name, f.Value)
		}
	}
	for _, row := range m.Components {
		for _, part := range row.(discordgo.ActionsRow).Components {
			switch part := part.(type) {
			case discordgo.Button:
				all = append(all, part.Label)
			case discordgo.SelectMenu:
				all = append(all, part.Placeholder)
				for _, o := range part.Options {
					all = append(all, o.Label, o.Description)
				}
			}
		}
	}
	return all
}
