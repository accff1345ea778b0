package catalog_test

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/language"

	"progressbot/embeds/catalog"
)

// polish is a language of several plural forms and its own way with numbers,
// of which only a little has been translated.
func polish() catalog.Language {
	return catalog.Language{
		Tag: language.Polish,
		Texts: map[catalog.Key]string{
			catalog.CommandHelp:      "pomoc",
			catalog.CommandHelpAbout: "Zobacz, co robi każde polecenie",
			catalog.ButtonNext:       "Dalej",
			catalog.Count:            "%[3]d%%: %[1]d z %[2]d",
		},
		Plurals: map[catalog.Key]catalog.Plural{
			catalog.FooterHours: {
				One: "Kopia sprzed %[1]d godziny", Few: "Kopia sprzed %[1]d godzin (few)",
				Many: "Kopia sprzed %[1]d godzin", Other: "Kopia sprzed %[1]d godziny (other)",
			},
		},
	}
}

func spanish() catalog.Language {
	return catalog.Language{
		Tag:   language.Spanish,
		Texts: map[catalog.Key]string{catalog.CommandHelp: "ayuda", catalog.ButtonNext: "Siguiente"},
	}
}

func newCatalog(t *testing.T, translations ...catalog.Language) *catalog.Catalog {
	t.Helper()
	c, err := catalog.New(translations...)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return c
}

// A language file is all it takes: names, descriptions and replies follow.
func TestNewLanguageReachesCommandsAndReplies(t *testing.T) {
	t.Parallel()
	c := newCatalog(t, polish(), spanish())

	names := map[discordgo.Locale]string{"pl": "pomoc", "es-ES": "ayuda", "es-419": "ayuda"}
	if diff := cmp.Diff(names, c.Localizations(catalog.CommandHelp)); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	about := map[discordgo.Locale]string{"pl": "Zobacz, co robi każde polecenie"}
	if diff := cmp.Diff(about, c.Localizations(catalog.CommandHelpAbout)); diff != "" {
		t.Errorf("descriptions (-want +got):\n%s", diff)
	}
	if got := c.Localizations(catalog.CommandProgress); got != nil {
		t.Errorf("Localizations of an untranslated name = %v, want nil", got)
	}

	w := c.For("pl")
	tests := []struct {
		name string
		got  string
		want string
	}{
		{"plain", w.Text(catalog.ButtonNext), "Dalej"},
		{"reordered arguments", w.Text(catalog.Count, 3, 10, 30), "30%: 3 z 10"},
		{"grouping", w.Text(catalog.Count, 3, 10000, 0), "0%: 3 z 10\u00a0000"},
		{"one", w.Text(catalog.FooterHours, 1), "Kopia sprzed 1 godziny"},
		{"few", w.Text(catalog.FooterHours, 3), "Kopia sprzed 3 godzin (few)"},
		{"many", w.Text(catalog.FooterHours, 5), "Kopia sprzed 5 godzin"},
		{"not translated", w.Text(catalog.ButtonPrev), "Prev"},
		{"not translated, said and counted in English", w.Text(catalog.OverviewRewards, 22000), "22,000 rewards ready to claim"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}

func TestForPicksTheNearestLanguage(t *testing.T) {
	t.Parallel()
	speaking := func(tag string) catalog.Language {
		return catalog.Language{Tag: language.MustParse(tag), Texts: map[catalog.Key]string{catalog.ButtonNext: tag}}
	}
	c := newCatalog(t, speaking("pl"), speaking("es"), speaking("pt-BR"), speaking("nb"), speaking("zh-Hans"))
	tests := map[string]string{
		"":                       "Next",
		"en-US":                  "Next",
		"en-GB":                  "Next",
		"pl":                     "pl",
		"es-ES":                  "es",
		"es-419":                 "es",
		"pt-BR":                  "pt-BR",
		"no":                     "nb",
		"zh-CN":                  "zh-Hans",
		"zh-TW":                  "Next",
		"cs":                     "Next",
		"ja":                     "Next",
		"pl-PL":                  "pl",
		"not a locale":           "Next",
		strings.Repeat("x", 999): "Next",
		"de-\xff":                "Next",
	}
	for locale, want := range tests {
		if got := c.For(locale).Text(catalog.ButtonNext); got != want {
			t.Errorf("For(%q) says %q, want %q", locale, got, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	texts := func(id catalog.Key, text string) catalog.Language {
		return catalog.Language{Tag: language.Polish, Texts: map[catalog.Key]string{id: text}}
	}
	plurals := func(id catalog.Key, p catalog.Plural) catalog.Language {
		return catalog.Language{Tag: language.Polish, Plurals: map[catalog.Key]catalog.Plural{id: p}}
	}
	tests := []struct {
		name string
		in   []catalog.Language
		want string
	}{
		{"a key that English lacks", []catalog.Language{texts("button.nxet", "Dalej")}, "pl: button.nxet: unknown key"},
		{"an empty text", []catalog.Language{texts(catalog.ButtonNext, "")}, "general form is missing"},
		{"an argument too many", []catalog.Language{texts(catalog.ButtonNext, "Dalej %[1]d")}, "argument 1 is not what it is in English"},
		{"a number as a word", []catalog.Language{texts(catalog.Percent, "%[1]s")}, "argument 1 is not what it is in English"},
		{"an argument twice over", []catalog.Language{texts(catalog.Percent, "%[1]d %[1]s")}, "both a word and a number"},
		{"a foreign verb", []catalog.Language{texts(catalog.Percent, "%[1]v")}, "not followed by"},
		{"a bare percent sign", []catalog.Language{texts(catalog.ButtonNext, "100%")}, "not followed by"},
		{"a plural form the language lacks", []catalog.Language{plurals(catalog.AndMore, catalog.Plural{Two: "%[1]d", Other: "%[1]d"})}, "plural forms"},
		{"a plural of a word", []catalog.Language{plurals(catalog.EndsSoon, catalog.Plural{One: "%[1]s", Other: "%[1]s"})}, "is not a number"},
		{"a plural of nothing", []catalog.Language{plurals(catalog.AndMore, catalog.Plural{Arg: 10, Other: "%[1]d"})}, "does not exist"},
		{"forms that disagree", []catalog.Language{plurals(catalog.AndMore, catalog.Plural{One: "%[1]s", Other: "%[1]d"})}, "both a word and a number"},
		{"a name in capitals", []catalog.Language{texts(catalog.CommandHelp, "Pomoc")}, "lower case"},
		{"a name with a space", []catalog.Language{texts(catalog.CommandHelp, "po moc")}, "letters, digits"},
		{"a long name", []catalog.Language{texts(catalog.CommandHelp, strings.Repeat("p", 33))}, "33 characters long"},
		{"a long label", []catalog.Language{texts(catalog.CommandViewProgress, strings.Repeat("P ", 17))}, "34 characters long"},
		{"a long description", []catalog.Language{texts(catalog.CommandHelpAbout, strings.Repeat("p", 101))}, "101 characters long"},
		{"a long button", []catalog.Language{texts(catalog.ButtonNext, strings.Repeat("n", 39))}, "39 characters long"},
		{"a long menu", []catalog.Language{texts(catalog.MenuOpen, strings.Repeat("n", 31))}, "31 characters long"},
		{"a long state", []catalog.Language{texts(catalog.StateEnded, strings.Repeat("n", 31))}, "31 characters long"},
		{"a long text", []catalog.Language{texts(catalog.HelpPrivacy, strings.Repeat("n", 181))}, "181 characters long"},
		{"a language twice", []catalog.Language{polish(), polish()}, "pl: there twice"},
		{"English again", []catalog.Language{catalog.English()}, "en: there twice"},
		{"a key in both", []catalog.Language{{
			Tag:     language.Polish,
			Texts:   map[catalog.Key]string{catalog.AndMore: "%[1]d"},
			Plurals: map[catalog.Key]catalog.Plural{catalog.AndMore: {Other: "%[1]d"}},
		}}, "both a text and a plural"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := catalog.New(tt.in...)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New: %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestNewReportsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	bad := catalog.Language{Tag: language.Polish, Texts: map[catalog.Key]string{catalog.ButtonNext: "%", "nothing": "x"}}
	_, err := catalog.New(bad)
	if err == nil {
		t.Fatal("New took a bad language")
	}
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 2 {
		t.Errorf("New reports %q, want two lines", lines)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	w := catalog.For("en-US")
	tests := []struct {
		got, want string
	}{
		{w.Text(catalog.ButtonRefresh), "Refresh"},
		{w.Text(catalog.Count, 7, 10, 70), "7 of 10 · 70%"},
		{w.Text(catalog.Count, 1234, 5678, 21), "1,234 of 5,678 · 21%"},
		{w.Text(catalog.Percent, -5), "-5%"},
		{w.Text(catalog.OverviewSummary, 0, 1), "0 of 1 collection completed"},
		{w.Text(catalog.OverviewSummary, 1, 2), "1 of 2 collections completed"},
		{w.Text(catalog.OverviewRewards, 10_000_001), "10,000,001 rewards ready to claim"},
		{w.Text(catalog.FooterDays, 1), "Saved copy, 1 day old"},
		{w.Text(catalog.EndsSoon, "%[1]s %d %"), "ends %[1]s %d %"},
		{w.Text(catalog.EndsSoon, fmt.Errorf("a value")), "ends a value"},
		{w.Text(catalog.EndsSoon), "ends "},
		{w.Text(catalog.FooterDays), "Saved copy,  days old"},
		{w.Text(catalog.FooterDays, math.MinInt), "Saved copy, -9,223,372,036,854,775,808 days old"},
		{w.Text(catalog.FooterDays, "some"), "Saved copy, some days old"},
		{w.Text("no such key"), "no such key"},
		{string(w.Append([]byte("<"), catalog.ButtonNext)), "<Next"},
		{string(w.Append(nil, "no such key")), "no such key"},
		{(*catalog.Words)(nil).Text(catalog.ButtonNext), "Next"},
		{new(catalog.Words).Text(catalog.ButtonNext), "Next"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestStandardCatalogue(t *testing.T) {
	t.Parallel()
	for _, locale := range catalog.Locales() {
		name, ok := catalog.Localizations(catalog.CommandHelp)[locale]
		if want := catalog.For(string(locale)).Text(catalog.CommandHelp); ok && name != want {
			t.Errorf("%s: the command is called %q and spoken of as %q", locale, name, want)
		}
	}
}

func TestWordsAreSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	c := newCatalog(t, polish())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 200 {
				c.For("pl").Text(catalog.FooterHours, i*1000)
				c.For("xx").Text(catalog.Count, i, i*7000, 3)
				c.Localizations(catalog.CommandHelp)
			}
		})
	}
	wg.Wait()
	if got := c.For("pl").Text(catalog.FooterHours, 22); got != "Kopia sprzed 22 godzin (few)" {
		t.Errorf("after concurrent use: %q", got)
	}
}

func TestTextOfOneAllocation(t *testing.T) {
	w := catalog.For("en-US")
	if n := testing.AllocsPerRun(100, func() { w.Text(catalog.ButtonNext) }); n != 0 {
		t.Errorf("a plain text allocates %v times, want 0", n)
	}
	if n := testing.AllocsPerRun(100, func() { w.Text(catalog.Count, 3, 10, 30) }); n > 1 {
		t.Errorf("a text with numbers allocates %v times, want 1", n)
	}
}

func BenchmarkText(b *testing.B) {
	w := catalog.For("en-US")
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			w.Text(catalog.ButtonNext)
		}
	})
	b.Run("numbers", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			w.Text(catalog.Count, 3, 10, 30)
		}
	})
	b.Run("plural", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			w.Text(catalog.OverviewSummary, 3, 10)
		}
	})
}

func ExampleWords_Text() {
	w := catalog.For("en-US")
	fmt.Println(w.Text(catalog.OverviewSummary, 2, 8))
	fmt.Println(w.Text(catalog.OverviewSummary, 0, 1))
	// Output:
	// 2 of 8 collections completed
	// 0 of 1 collection completed
}
