package embeds_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"progressbot/embeds"
	"progressbot/embeds/catalog"
)

func announcement() embeds.TemplateValues {
	return embeds.TemplateValues{
		Member: mara, Collection: "Winter *Stars*", Count: 1200, Size: 1200, Reward: "Snow Badge", Server: "Ice Club",
	}
}

func TestTemplateRenders(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		values   func(*embeds.TemplateValues)
		want     string
	}{
		{"everything", "{member}: {collection}, {count} of {size}, {reward}, {server}", nil,
			`<@` + mara + `>: Winter \*Stars\*, 1,200 of 1,200, Snow Badge, Ice Club`},
		{"only text", "A **new** one! https://example.com", nil, "A **new** one! https://example.com"},
		{"several lines", "one\n\n{server}\n# two", nil, "one\n\nIce Club\n# two"},
		{"any case, spaces", "{ Member } {COLLECTION}", nil, "<@" + mara + `> Winter \*Stars\*`},
		{"doubled braces", "{{member}} {{ }} {{{count}}}", nil, "{member} { } {1,200}"},
		{"lone closing brace", "a } b :-}", nil, "a } b :-}"},
		{"unknown size", "{count} of {size}", func(v *embeds.TemplateValues) { v.Size = 0 }, "1,200 of ?"},
		{"nothing known", "{member}|{collection}|{reward}|{server}",
			func(v *embeds.TemplateValues) { *v = embeds.TemplateValues{} }, "This member|Unnamed collection|bragging rights|this server"},
		{"member that is no id", "{member}", func(v *embeds.TemplateValues) { v.Member = "@everyone" }, "This member"},
		{"mentions are dead", "@everyone @here <@1> <@!2> <@&3> {member} @HERE mail@example.com", nil,
			"＠everyone ＠here <＠1> <＠!2> <＠&3> <@" + mara + "> ＠HERE mail@example.com"},
		{"a mention put together", "@{collection} <{reward}> <@{count}> <@&{size}>",
			func(v *embeds.TemplateValues) { v.Collection, v.Reward, v.Count, v.Size = "everyone", "@1", 7, 8 },
			"＠everyone <＠1> <＠7> <＠&8>"},
		{"names do nothing", "{collection} {server}",
			func(v *embeds.TemplateValues) {
				v.Collection, v.Server = "[x](https://evil.example)", "<@1> {member}\n# b"
			},
			`\[x\](https\://evil.example) \<＠1\> {member} # b`},
		{"a backslash before a name", `\{collection} \\{collection}`, func(v *embeds.TemplateValues) { v.Collection = "*a*" }, `\\\*a\* \\\*a\*`},
		{"the invisible", "a\u202eb\u200b {mem\u200bber}", nil, "ab <@" + mara + ">"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			parsed, err := embeds.ParseTemplate(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			v := announcement()
			if tt.values != nil {
				tt.values(&v)
			}
			if diff := cmp.Diff(tt.want, parsed.Render(catalog.For("en-US"), v)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTemplateIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in    string
		want  embeds.TemplateError
		words string
	}{
		{"{membr} hi", embeds.TemplateError{Placeholder: "membr", Nearest: "member"}, "There is no placeholder `{membr}`. Did you mean `{member}`?"},
		{"{User}", embeds.TemplateError{Placeholder: "User", Nearest: "member"}, "`{User}`"},
		{"{@user}", embeds.TemplateError{Placeholder: "@user", Nearest: "member"}, "`{@user}`"},
		{"{colection}", embeds.TemplateError{Placeholder: "colection", Nearest: "collection"}, "`{collection}`"},
		{"{set}", embeds.TemplateError{Placeholder: "set", Nearest: "collection"}, "`{collection}`"},
		{"{counts}", embeds.TemplateError{Placeholder: "counts", Nearest: "count"}, "`{count}`"},
		{"{progress}", embeds.TemplateError{Placeholder: "progress", Nearest: "count"}, "`{count}`"},
		{"{total}", embeds.TemplateError{Placeholder: "total", Nearest: "size"}, "`{size}`"},
		{"{sise}", embeds.TemplateError{Placeholder: "sise", Nearest: "size"}, "`{size}`"},
		{"{prize}", embeds.TemplateError{Placeholder: "prize", Nearest: "reward"}, "`{reward}`"},
		{"{guild}", embeds.TemplateError{Placeholder: "guild", Nearest: "server"}, "`{server}`"},
		{"{serer}", embeds.TemplateError{Placeholder: "serer", Nearest: "server"}, "`{server}`"},
		{"{}", embeds.TemplateError{Placeholder: "", Nearest: "size"}, "`{}`"},
		{"{a`b @everyone}", embeds.TemplateError{Placeholder: "a`b @everyone", Nearest: "collection"}, "`{a'b ＠everyone}`"},
		{"{count", embeds.TemplateError{Fault: embeds.TemplateOpen}, "not closed"},
		{"{count {size}", embeds.TemplateError{Fault: embeds.TemplateOpen}, "not closed"},
		{strings.Repeat("a", 1001), embeds.TemplateError{Fault: embeds.TemplateLong}, "longer than 1,000 characters"},
		{strings.Repeat("😀", 501), embeds.TemplateError{Fault: embeds.TemplateLong}, "longer"},
		{" \u200b\n", embeds.TemplateError{Fault: embeds.TemplateBlank}, "empty"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%.20q", tt.in), func(t *testing.T) {
			t.Parallel()
			_, err := embeds.ParseTemplate(tt.in)
			refusal, ok := errors.AsType[*embeds.TemplateError](err)
			if !ok {
				t.Fatalf("ParseTemplate: %v", err)
			}
			if diff := cmp.Diff(tt.want, *refusal); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := embeds.TemplateProblem(catalog.For("en-US"), refusal); !strings.Contains(got, tt.words) {
				t.Errorf("%q lacks %q", got, tt.words)
			}
			if strings.ContainsAny(refusal.Error(), "{}`") {
				t.Errorf("the error quotes the template: %q", refusal.Error())
			}
		})
	}
}

func TestTemplateKnowsItself(t *testing.T) {
	t.Parallel()
	parsed, err := embeds.ParseTemplate(" {member}\u200b did {{reward}} \n\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := parsed.String(); got != "{member} did {{reward}}" {
		t.Errorf("String: %q", got)
	}
	if !parsed.Has(embeds.PlaceholderMember) || parsed.Has(embeds.PlaceholderReward) || parsed.Has("") {
		t.Error("Has is wrong about what is in it")
	}
	for _, name := range embeds.Placeholders() {
		if _, err := embeds.ParseTemplate("{" + name + "}"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The bot's own message has to be a good one in every language.
func TestDefaultTemplate(t *testing.T) {
	t.Parallel()
	for _, locale := range catalog.Locales() {
		w := catalog.For(string(locale))
		if _, err := embeds.ParseTemplate(w.Text(catalog.TemplateDefault)); err != nil {
			t.Errorf("%s: %v", locale, err)
		}
		d := embeds.DefaultTemplate(w)
		if !d.Has(embeds.PlaceholderMember) || !d.Has(embeds.PlaceholderCollection) {
			t.Errorf("%s: does not say who completed what: %q", locale, d)
		}
	}
	want := "<@" + mara + `> completed **Winter \*Stars\***: 1,200 of 1,200 cards! 🎉`
	if got := embeds.DefaultTemplate(nil).Render(nil, announcement()); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTemplateFitsIntoAMessage(t *testing.T) {
	t.Parallel()
	parsed, err := embeds.ParseTemplate(strings.Repeat("{server} ", 111))
	if err != nil {
		t.Fatal(err)
	}
	got := parsed.Render(nil, embeds.TemplateValues{Server: strings.Repeat("*", 200)})
	if n := len(utf16.Encode([]rune(got))); n > embeds.LimitAnnouncement || n < embeds.LimitAnnouncement/2 {
		t.Errorf("%d characters", n)
	}
	if !strings.HasSuffix(got, "…") {
		t.Errorf("ends in %q", got[len(got)-8:])
	}
}

func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{
		"{member} completed {collection}!", "{{x}} {count} } {size", "@{collection}<{reward}@everyone<@&{count}>", "\\{server}\n\n# {member}", "{}{ }{{{",
	} {
		f.Add(seed, "every@one", "123")
	}
	live := regexp.MustCompile(`(?i)@everyone|@here|<@[!&]?`)
	f.Fuzz(func(t *testing.T, text, name, member string) {
		parsed, err := embeds.ParseTemplate(text)
		if err != nil {
			refusal, ok := errors.AsType[*embeds.TemplateError](err)
			if !ok {
				t.Fatalf("ParseTemplate: %v", err)
			}
			if got := embeds.TemplateProblem(nil, refusal); got == "" || len(got) > 1000 {
				t.Errorf("words: %q", got)
			}
			return
		}
		again, err := embeds.ParseTemplate(parsed.String())
		if err != nil || again.String() != parsed.String() {
			t.Errorf("%q became %q: %v", parsed, again, err)
		}
		v := embeds.TemplateValues{Member: member, Collection: name, Reward: name, Server: name, Count: 1, Size: 2}
		got := parsed.Render(nil, v)
		if again.Render(nil, v) != got {
			t.Errorf("renders differently the second time")
		}
		if !utf8.ValidString(got) || len(utf16.Encode([]rune(got))) > embeds.LimitAnnouncement {
			t.Errorf("Discord would refuse %q", got)
		}
		for _, m := range live.FindAllStringIndex(got, -1) {
			if !strings.HasPrefix(got[m[0]:], "<@"+member+">") {
				t.Errorf("a live mention in %q", got)
			}
		}
	})
}
