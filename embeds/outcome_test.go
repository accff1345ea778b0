package embeds_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/embeds/embedstest"
	"progressbot/progressapi"
)

const (
	announceChannel = "710000000000000001"
	postLink        = "https://discord.com/channels/700000000000000001/710000000000000001/1100000000000000001"
)

func outcome(o embeds.Outcome, change ...func(*embeds.OutcomeView)) embeds.OutcomeView {
	v := embeds.OutcomeView{
		Words: catalog.For("en-US"), Outcome: o, Person: embeds.Person{ID: mara, Name: "_Mara_"},
		Program:  progressapi.Program{Name: "Winter *Challenge*", Collected: 7, Size: 10, CountTold: true},
		Link:     postLink,
		Channel:  announceChannel,
		Trouble:  embeds.TroubleNoPermission,
		Settings: "</settings announcements:1>", Privacy: "</privacy set:2>", Again: "</announce completion:3>",
	}
	for _, f := range change {
		f(&v)
	}
	return v
}

func byThemselves(v *embeds.OutcomeView) { v.Own = true }

func TestOutcomes(t *testing.T) {
	t.Parallel()
	names := []string{
		"refused", "posted", "posted-before", "queued", "waits", "not-posted", "unsure", "posting", "off",
		"left", "expired", "incomplete", "contradictory", "lost", "dropped", "never", "hidden", "later", "nothing", "declined",
	}
	if len(names) != int(embeds.OutcomeDeclined)+1 {
		t.Fatal("an outcome has no name")
	}
	views := map[string]embeds.OutcomeView{
		"always":                outcome(embeds.OutcomePosted, byThemselves, func(v *embeds.OutcomeView) { v.Always = true }),
		"posted-bare":           outcome(embeds.OutcomePosted, func(v *embeds.OutcomeView) { v.Link, v.Channel = "", "" }),
		"incomplete-bare":       outcome(embeds.OutcomeIncomplete, func(v *embeds.OutcomeView) { v.Program = progressapi.Program{} }),
		"recap-nothing":         outcome(embeds.OutcomeNothing, func(v *embeds.OutcomeView) { v.Last = now.Add(-time.Hour) }),
		"refused-of-a-nobody":   outcome(embeds.OutcomeRefused, func(v *embeds.OutcomeView) { v.Person = embeds.Person{} }),
		"an-unheard-of-outcome": outcome(99),
	}
	for o, name := range names {
		views[name] = outcome(embeds.Outcome(o))
	}
	for _, o := range []embeds.Outcome{embeds.OutcomeRefused, embeds.OutcomeWaits, embeds.OutcomeOff, embeds.OutcomeIncomplete, embeds.OutcomeContradictory} {
		views[names[o]+"-own"] = outcome(o, byThemselves)
	}
	for name, v := range views {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkGolden(t, "outcome-"+name+".json", embeds.Announced(v))
		})
	}
}

func TestPreviews(t *testing.T) {
	t.Parallel()
	posted := embeds.Announcement(catalog.For("en-US"), embeds.AnnouncementView{
		Server: "Ice Club", Person: embeds.Person{ID: mara, Name: "Mara"}, Reached: []embeds.Reached{winter()}, Mark: "ABC234", Note: "Well done!",
	})
	view := embeds.PreviewView{
		Words: catalog.For("en-US"), Asker: other, Person: mara, Draft: "DRAFT", Channel: announceChannel, Ping: true,
		Post: embeds.ActionAnnouncePost, Drop: embeds.ActionAnnounceDrop,
	}
	changed := view
	changed.Changed, changed.Ping, changed.Channel = true, false, ""
	silent := posted
	silent.Content = "Well done!"
	if note := embeds.Preview(view, silent).Embeds[1].Description; strings.Contains(note, "notified") {
		t.Errorf("nobody is mentioned, but %q", note)
	}
	recap := view
	recap.Person, recap.Post, recap.Drop = "", embeds.ActionRecapPost, embeds.ActionRecapDrop
	for name, v := range map[string]embeds.PreviewView{"preview": view, "preview-changed": changed, "preview-recap": recap} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := embeds.Preview(v, posted)
			checkGolden(t, name+".json", m)
			if m.Content != posted.Content || !slices.Equal(m.Embeds[:len(m.Embeds)-1], posted.Embeds) {
				t.Error("the preview is not what will be posted")
			}
		})
	}
	if diff := cmp.Diff(1, len(posted.Embeds)); diff != "" || posted.Components != nil {
		t.Error("a preview changed the message that it shows")
	}
	if err := embedstest.Check(embeds.Preview(embeds.PreviewView{Post: "a", Drop: "b"}, posted)); err != nil {
		t.Error(err)
	}
}

func TestOffers(t *testing.T) {
	t.Parallel()
	p := progressapi.Program{ID: "winter", Name: "Winter *Challenge*", Size: 10, Collected: 10, CountTold: true}
	m := embeds.Detail(own(), p, 0)
	before := len(m.Embeds[0].Fields)
	checkGolden(t, "offer.json", embeds.Offer(own(), m, p, announceChannel))
	withheld := own()
	withheld.Withheld = true
	checkGolden(t, "offer-withheld.json", embeds.Offer(withheld, m, p, announceChannel))
	if len(m.Embeds[0].Fields) != before || len(m.Components) != 1 {
		t.Error("an offer changed the message that it is added to")
	}
	p.ID = ""
	if diff := cmp.Diff(m, embeds.Offer(own(), m, p, announceChannel)); diff != "" {
		t.Errorf("of what has no ID (-want +got):\n%s", diff)
	}
}

// Whatever somebody's progress looks like, an offer fits.
func TestOffersKeepEveryLimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := drawView(t)
		v.Withheld = rapid.Bool().Draw(t, "withheld")
		programs := rapid.SliceOfN(rapid.Custom(drawProgram), 1, 40).Draw(t, "programs")
		page := rapid.IntRange(-3, 100).Draw(t, "page")
		channel := rapid.SampledFrom([]string{"", announceChannel, "x"}).Draw(t, "channel")
		holds(t, embeds.Offer(v, embeds.Overview(v, programs, page), programs[0], channel))
		holds(t, embeds.Offer(v, embeds.Detail(v, programs[0], page), programs[0], channel))
		holds(t, embeds.Announced(embeds.OutcomeView{
			Outcome: embeds.Outcome(rapid.IntRange(-1, 20).Draw(t, "outcome")), Own: rapid.Bool().Draw(t, "own"), Always: rapid.Bool().Draw(t, "always"),
			Last: moment().Draw(t, "last"), Person: v.Person, Program: programs[0], Link: address().Draw(t, "link"),
			Channel: channel, Trouble: rapid.SampledFrom(troubles()).Draw(t, "trouble"), Settings: "`/settings`", Privacy: "`/privacy`", Again: "`/announce`",
		}))
	})
}

// completions are n members who completed a program, one after the other.
func completions(program, name string, n int) []embeds.RecapItem {
	items := make([]embeds.RecapItem, n)
	for i := range items {
		items[i] = embeds.RecapItem{Person: fmt.Sprint(600000000000000000 + i), Program: program, Name: name}
	}
	return items
}

func TestRecaps(t *testing.T) {
	t.Parallel()
	w := catalog.For("en-US")
	few := append(completions("spring", "Old spring", 1), completions("winter", "Winter *Challenge*", 3)...)
	few = append(few, embeds.RecapItem{Person: mara, Program: "spring", Name: "Spring"}, few[0])
	var many []embeds.RecapItem
	for i := range 14 {
		many = append(many, completions(fmt.Sprint(i), fmt.Sprintf("Collection %c", 'A'+i), 15-i)...)
	}
	for name, v := range map[string]embeds.RecapView{
		"few":   {Done: few, Since: now.Add(-72 * time.Hour), Mark: "ABC234"},
		"first": {Done: few, Mark: "ABC234"},
		"many":  {Done: many, Since: now.Add(-72 * time.Hour), Mark: "ABC234"},
		"one":   {Done: completions("winter", "Winter *Challenge*", 70), One: true, Collection: "Winter *Challenge*", Mark: "ABC234"},
		"none":  {One: true, Mark: "ABC234"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkGolden(t, "recap-"+name+".json", embeds.Recap(w, v))
		})
	}
}

func TestRecapsNameOneMoreRatherThanCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{12: "", 13: "", 14: "and 2 more"} {
		value := embeds.Recap(nil, embeds.RecapView{Done: completions("a", "A", n)}).Embeds[0].Fields[0].Value
		if shown := strings.Count(value, "<@"); want == "" && shown != n || want != "" && (shown != 12 || !strings.HasSuffix(value, want)) {
			t.Errorf("%d members: %s", n, value)
		}
	}
}

func TestRecapsKeepEveryLimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := text().Draw(t, "name")
		item := rapid.Custom(func(t *rapid.T) embeds.RecapItem {
			return embeds.RecapItem{
				Person:  rapid.SampledFrom([]string{mara, other, "", "x", strings.Repeat("9", 20), "1", "2", "3"}).Draw(t, "person"),
				Program: rapid.StringN(0, 2, 3).Draw(t, "program"), Name: name,
			}
		})
		v := embeds.RecapView{
			Since: moment().Draw(t, "since"), One: rapid.Bool().Draw(t, "one"), Collection: name,
			Done: rapid.SliceOfN(item, 0, 300).Draw(t, "done"), Mark: "ABC234",
		}
		m := embeds.Recap(nil, v)
		holds(t, m)
		holds(t, embeds.Preview(embeds.PreviewView{Channel: announceChannel, Changed: true, Post: "a", Drop: "b"}, m))
	})
	full := make([]embeds.RecapItem, 0, 5000)
	for i := range cap(full) {
		full = append(full, embeds.RecapItem{Person: fmt.Sprint(uint64(1<<63) + uint64(i)), Program: fmt.Sprint(i % 20), Name: strings.Repeat("*", 500)})
	}
	for _, one := range []bool{true, false} {
		m := embeds.Recap(nil, embeds.RecapView{Done: full, One: one, Collection: full[0].Name, Since: now, Mark: "ABC234"})
		if err := embedstest.Check(embeds.Preview(embeds.PreviewView{Channel: announceChannel, Changed: true, Post: "a", Drop: "b"}, m)); err != nil {
			t.Error(err)
		}
	}
}

// A preview's buttons say who may press them and what for.
func TestPreviewButtons(t *testing.T) {
	t.Parallel()
	m := embeds.Preview(embeds.PreviewView{Asker: other, Person: mara, Draft: "DRAFT", Post: embeds.ActionAnnouncePost, Drop: embeds.ActionAnnounceDrop}, embeds.Message{Content: "x"})
	var got []embeds.Action
	for _, part := range m.Components[0].(discordgo.ActionsRow).Components {
		a, err := embeds.ParseAction(part.(discordgo.Button).CustomID)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, a)
	}
	want := []embeds.Action{
		{Name: embeds.ActionAnnouncePost, Owner: other, Person: mara, Program: "DRAFT"},
		{Name: embeds.ActionAnnounceDrop, Owner: other, Person: mara, Program: "DRAFT"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
