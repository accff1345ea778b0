package embeds_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"

	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/embeds/embedstest"
	"progressbot/progressapi"
)

func own() embeds.View {
	return embeds.View{
		Words: catalog.For("en-US"), Now: now, Asker: mara, Person: embeds.Person{ID: mara, Name: "Mara"},
		Fetched: now, WalletURL: "https://wallet.example.com/u/{user}",
	}
}

func numbered(n int) []progressapi.Program {
	programs := make([]progressapi.Program, n)
	for i := range programs {
		id := "program_" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		programs[i] = progressapi.Program{ID: id, Name: id, Size: 10, Collected: 5, Percent: 50, CountTold: true, PercentTold: true}
	}
	return programs
}

// press is what a button of a label does, or "off", or "" if there is none.
func press(t *testing.T, m embeds.Message, label string) string {
	t.Helper()
	for _, row := range m.Components {
		for _, part := range row.(discordgo.ActionsRow).Components {
			b, ok := part.(discordgo.Button)
			if !ok || b.Label != label {
				continue
			}
			if b.Disabled {
				return "off"
			}
			return b.CustomID + b.URL
		}
	}
	return ""
}

func TestPager(t *testing.T) {
	t.Parallel()
	at := func(name string, page int) string {
		return embeds.Action{Name: name, Owner: mara, Page: page}.Encode()
	}
	tests := []struct {
		name              string
		programs, page    int
		first, prev, next string
		last, footer      string
	}{
		{"one page", 6, 0, "", "", "", "", "Updated"},
		{"the first of two", 7, 0, "", "off", at("next", 1), "", "Page 1 of 2 · Updated"},
		{"the last of three", 18, 2, "", at("prev", 1), "off", "", "Page 3 of 3 · Updated"},
		{"the first of four", 19, 0, "off", "off", at("next", 1), at("last", 3), "Page 1 of 4 · Updated"},
		{"the second of four", 19, 1, at("first", 0), at("prev", 0), at("next", 2), at("last", 3), "Page 2 of 4 · Updated"},
		{"beyond the last", 19, 99, at("first", 0), at("prev", 2), "off", "off", "Page 4 of 4 · Updated"},
		{"before the first", 19, -9, "off", "off", at("next", 1), at("last", 3), "Page 1 of 4 · Updated"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := embeds.Overview(own(), numbered(tt.programs), tt.page)
			want := []string{tt.first, tt.prev, tt.next, tt.last, tt.footer}
			got := []string{press(t, m, "First"), press(t, m, "Prev"), press(t, m, "Next"), press(t, m, "Last"), m.Embeds[0].Footer.Text}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Every program is on exactly one page, and can be opened from its menu.
func TestPagesShowEveryProgramOnce(t *testing.T) {
	t.Parallel()
	programs := numbered(32)
	var names, values []string
	for page := range 6 {
		m := embeds.Overview(own(), programs, page)
		for _, f := range m.Embeds[0].Fields {
			names = append(names, f.Name)
		}
		for _, o := range m.Components[0].(discordgo.ActionsRow).Components[0].(discordgo.SelectMenu).Options {
			p, ok := embeds.FindProgram(programs, o.Value)
			if !ok {
				t.Errorf("option %q leads nowhere", o.Value)
			}
			values = append(values, p.ID)
		}
	}
	var want []string
	for _, p := range programs {
		want = append(want, p.ID)
	}
	if diff := cmp.Diff(want, values); diff != "" {
		t.Errorf("menus (-want +got):\n%s", diff)
	}
	if len(names) != len(want) {
		t.Errorf("%d programs shown, want %d", len(names), len(want))
	}
}

func TestRewardsAreTheirOwnersAlone(t *testing.T) {
	t.Parallel()
	claimable := progressapi.Program{ID: "a", Name: "A", Size: 1, Collected: 1, CountTold: true, Reward: &progressapi.Reward{Name: "Frame", CanClaim: true}}
	claimed := claimable
	claimed.Reward = &progressapi.Reward{Name: "Frame", CanClaim: true, IsClaimed: true, Claimed: now.Add(-time.Hour)}

	public, others := own(), own()
	public.Public = true
	others.Asker = other
	for name, v := range map[string]embeds.View{"public": public, "another member's": others} {
		for _, p := range []progressapi.Program{claimable, claimed} {
			for _, m := range []embeds.Message{embeds.Detail(v, p, 0), embeds.Overview(v, []progressapi.Program{p}, 0), embeds.Empty(v)} {
				raw, err := json.Marshal(m)
				if err != nil {
					t.Fatal(err)
				}
				for _, secret := range []string{"laim", "wallet", "Share"} {
					if strings.Contains(string(raw), secret) {
						t.Errorf("%s view tells %q: %s", name, secret, raw)
					}
				}
				if !strings.Contains(string(raw), "Mara") {
					t.Errorf("%s view does not name the person: %s", name, raw)
				}
			}
		}
	}

	if got := press(t, embeds.Detail(own(), claimable, 0), "Claim reward"); got != "https://wallet.example.com/u/"+mara {
		t.Errorf("own view leads to %q", got)
	}
	if got := press(t, embeds.Detail(own(), claimed, 0), "Claim reward"); got != "" {
		t.Errorf("a claimed reward leads to %q", got)
	}
}

func TestButtonsKnowWhoseTheyAre(t *testing.T) {
	t.Parallel()
	v := own()
	v.Asker = other
	programs := numbered(30)
	for _, m := range []embeds.Message{embeds.Overview(v, programs, 2), embeds.Detail(v, programs[0], 2), embeds.Empty(v)} {
		for _, id := range customIDs(m) {
			a, err := embeds.ParseAction(id)
			if err != nil {
				t.Fatalf("%q: %v", id, err)
			}
			if a.Owner != other || a.Person != mara {
				t.Errorf("%q is %s's about %s", id, a.Owner, a.Person)
			}
		}
	}
}

func TestDetailWithoutBackOrID(t *testing.T) {
	t.Parallel()
	m := embeds.Detail(own(), progressapi.Program{Name: "No id"}, -1)
	if len(m.Components) != 0 {
		t.Errorf("components %v, want none", m.Components)
	}
	if got := press(t, embeds.Detail(own(), progressapi.Program{Name: "No id"}, 3), "Back"); got != (embeds.Action{Name: embeds.ActionBack, Owner: mara, Page: 3}).Encode() {
		t.Errorf("Back leads to %q", got)
	}
}

func TestWalletLinks(t *testing.T) {
	t.Parallel()
	p := progressapi.Program{ID: "a", Reward: &progressapi.Reward{CanClaim: true}}
	tests := []struct{ template, want string }{
		{"", ""},
		{"https://wallet.example.com", "https://wallet.example.com"},
		{"https://wallet.example.com/{user}?of={user}", "https://wallet.example.com/" + mara + "?of=" + mara},
		{"http://wallet.example.com/{user}", ""},
		{"javascript:alert({user})", ""},
		{"https://me:secret@wallet.example.com/", ""},
		{"https://wallet.example.com/" + strings.Repeat("x", 500), ""},
		{"://", ""},
	}
	for _, tt := range tests {
		v := own()
		v.WalletURL = tt.template
		if got := press(t, embeds.Detail(v, p, 0), "Claim reward"); got != tt.want {
			t.Errorf("%q leads to %q, want %q", tt.template, got, tt.want)
		}
	}
}

func TestStatusWords(t *testing.T) {
	t.Parallel()
	tests := []struct{ status, want string }{
		{"", "**5 of 10 · 50%** · In progress"},
		{"in_progress", "**5 of 10 · 50%** · In progress"},
		{"IN_PROGRESS", "**5 of 10 · 50%** · In progress"},
		{"completed", "**5 of 10 · 50%** · In progress"},
		{"on_hold", "**5 of 10 · 50%** · In progress · On hold"},
		{"awaitingReview", "**5 of 10 · 50%** · In progress · Awaiting review"},
		{"__LAST-CALL__", "**5 of 10 · 50%** · In progress · Last call"},
		{"**x** @everyone", `**5 of 10 · 50%** · In progress · \*\*x\*\* ＠everyone`},
	}
	for _, tt := range tests {
		p := numbered(1)[0]
		p.Status = tt.status
		got, _, _ := strings.Cut(embeds.Detail(own(), p, 0).Embeds[0].Description, "\n")
		if got != tt.want {
			t.Errorf("%q: %q, want %q", tt.status, got, tt.want)
		}
	}
	notStarted := progressapi.Program{ID: "a", Status: "not_started", Size: 10, CountTold: true}
	if got, _, _ := strings.Cut(embeds.Detail(own(), notStarted, 0).Embeds[0].Description, "\n"); got != "**0 of 10 · 0%** · Not started" {
		t.Errorf("not started: %q", got)
	}
}

func TestBars(t *testing.T) {
	t.Parallel()
	tests := []struct {
		collected, size int
		want            string
	}{
		{0, 10, "`░░░░░░░░░░`"},
		{1, 1000, "`█░░░░░░░░░`"},
		{5, 10, "`█████░░░░░`"},
		{999, 1000, "`█████████░`"},
		{1000, 1000, "`██████████`"},
	}
	for _, tt := range tests {
		p := progressapi.Program{ID: "a", Size: tt.size, Collected: tt.collected, CountTold: true}
		lines := strings.Split(embeds.Overview(own(), []progressapi.Program{p}, 0).Embeds[0].Fields[0].Value, "\n")
		if lines[1] != tt.want {
			t.Errorf("%d of %d: %s, want %s", tt.collected, tt.size, lines[1], tt.want)
		}
	}
}

func TestAgesOfStandIns(t *testing.T) {
	t.Parallel()
	tests := []struct {
		age  time.Duration
		want string
	}{
		{-time.Minute, "Saved copy, less than a minute old"},
		{59 * time.Second, "Saved copy, less than a minute old"},
		{90 * time.Second, "Saved copy, 1 minute old"},
		{59 * time.Minute, "Saved copy, 59 minutes old"},
		{time.Hour, "Saved copy, 1 hour old"},
		{47 * time.Hour, "Saved copy, 47 hours old"},
		{72 * time.Hour, "Saved copy, 3 days old"},
	}
	for _, tt := range tests {
		v := own()
		v.StandIn, v.Fetched = true, now.Add(-tt.age)
		if got := embeds.Overview(v, numbered(1), 0).Embeds[0].Footer.Text; got != tt.want {
			t.Errorf("%v: %q, want %q", tt.age, got, tt.want)
		}
	}
	v := own()
	v.Fetched = time.Time{}
	if e := embeds.Overview(v, numbered(1), 0).Embeds[0]; e.Footer != nil || e.Timestamp != "" {
		t.Errorf("an unknown age is told: %+v, %q", e.Footer, e.Timestamp)
	}
}

func TestWithoutWords(t *testing.T) {
	t.Parallel()
	v := own()
	v.Words = nil
	for _, m := range []embeds.Message{embeds.Overview(v, numbered(1), 0), embeds.Detail(v, numbered(1)[0], 0), embeds.Empty(v), embeds.Problem(nil, embeds.ProblemView{}), embeds.Help(nil, nil)} {
		if err := embedstest.Check(m); err != nil {
			t.Error(err)
		}
	}
}
