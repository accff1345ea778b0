package commands_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"progressbot/commands"
	"progressbot/commands/commandstest"
	"progressbot/embeds"
	"progressbot/embeds/embedstest"
	"progressbot/progressapi"
)

// suggested returns the names proposed for what is typed.
func (w *world) suggested(t *testing.T, typed string) []string {
	t.Helper()
	r := w.see(t, commandstest.Type("progress", "collection", typed, nil))
	names := []string{}
	for _, c := range r.Choices {
		names = append(names, c.Name)
	}
	return names
}

func TestSuggestionsAreTheBestMatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(mine(
			program("1", "Winter Wonders", 90, 100),
			program("2", "Café Olé", 80, 100),
			program("3", "Space Cats", 70, 100),
			program("4", "The Space Race", 60, 100),
			program("5", "Aerospace", 50, 100),
			program("6", "Łódź Größen", 40, 100),
			program("7", "ＦＵＬＬ width", 30, 100),
			program("8", "Ωμέγας", 20, 100),
			program("9", "Space", 10, 100),
			program("10", "Ægir’s Œuvre", 9, 100),
			program("11", "Øresund Đoković Þór Iıı", 8, 100),
		))
		all := w.suggested(t, "")
		if len(all) != 11 || all[0] != "Winter Wonders" || all[8] != "Space" {
			t.Errorf("nothing typed proposes %q", all)
		}
		tests := []struct {
			typed string
			want  []string
		}{
			{"space", []string{"Space", "Space Cats", "The Space Race", "Aerospace"}},
			{"SPACE", []string{"Space", "Space Cats", "The Space Race", "Aerospace"}},
			{"  space  ", []string{"Space", "Space Cats", "The Space Race", "Aerospace"}},
			{"race space", []string{"The Space Race"}},
			{"cafe", []string{"Café Olé"}},
			{"CAFÉ", []string{"Café Olé"}},
			{"cafe\u0301 o", []string{"Café Olé"}},
			{"ole", []string{"Café Olé"}},
			{"lodz", []string{"Łódź Größen"}},
			{"grossen", []string{"Łódź Größen"}},
			{"full", []string{"ＦＵＬＬ width"}},
			{"ΩΜΕΓΑΣ", []string{"Ωμέγας"}},
			{"aegir's oeuvre", []string{"Ægir’s Œuvre"}},
			{"oresund dokovic thor iii", []string{"Øresund Đoković Þór Iıı"}},
			{"wimter", []string{"Winter Wonders"}},
			{"wonedrs", []string{"Winter Wonders"}},
			{"wntr", []string{}},
			{"spcae", []string{"Space Cats", "The Space Race", "Space"}},
			{"xylophone", []string{}},
			{strings.Repeat("x", 6000), []string{}},
			{"a", []string{"Aerospace", "Ægir’s Œuvre", "Café Olé", "Space Cats", "The Space Race", "Space"}},
			{"\u202espace\x00", []string{"Space", "Space Cats", "The Space Race", "Aerospace"}},
		}
		for _, tc := range tests {
			if diff := cmp.Diff(tc.want, w.suggested(t, tc.typed)); diff != "" {
				t.Errorf("%.20q (-want +got):\n%s", tc.typed, diff)
			}
		}
	})
}

func TestSuggestionsCanBeChosen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		long := strings.Repeat("long/", 40)
		hostile := "**Big** @everyone \u202e" + strings.Repeat("name ", 50)
		w := newWorld(mine(
			program("plain", "Plain", 9, 10), program(long, "Long", 8, 10), program(" spaced ", "Spaced", 7, 10),
			program("hostile", hostile, 6, 10), program("", "No ID", 5, 10), program("no-name", "", 4, 10), program("no-visible-name", "\u202e", 4, 10),
			program("", "", 3, 10), program("bad\xff", "Bad", 2, 10),
			program("", strings.Repeat("Ж", 75), 1, 10), program("", strings.Repeat("Зима ", 40), 1, 10), program("", strings.Repeat("🎉", 60), 1, 10),
			program(strings.Repeat("ж", 75), "Cyrillic ID", 1, 10),
		))
		r := w.see(t, commandstest.Type("progress", "collection", "", commandstest.Options{"member": commandstest.Member(commandstest.Bob())}))
		if len(r.Choices) != 12 {
			t.Errorf("%d choices, want all 12 that can be named", len(r.Choices))
		}
		for _, c := range r.Choices {
			value, _ := c.Value.(string)
			if n := utf8.RuneCountInString(c.Name); n < 1 || n > 100 || strings.ContainsAny(c.Name, "\u202e\x00") || strings.Contains(c.Name, "@everyone") {
				t.Errorf("name %q", c.Name)
			}
			if n := len(utf16.Encode([]rune(value))); n < 1 || n > 100 || !utf8.ValidString(value) || strings.TrimSpace(value) != value {
				t.Errorf("value %q", value)
			}
			reply := w.see(t, commandstest.Slash("progress", commandstest.Options{"collection": commandstest.Text(value)}))
			if len(reply.Embeds) != 1 || !strings.Contains(words(reply.Message), "of 10") {
				t.Errorf("choosing %q shows\n%s", c.Name, words(reply.Message))
			}
		}
	})
}

func TestSuggestionsHaveABound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(mine(many(5000, func(i int) progressapi.Program { return program(fmt.Sprint(i), fmt.Sprint("Number ", i), 1, 2) })...))
		for _, typed := range []string{"", "number", "nmuber", "4999", "no such thing at all"} {
			if got := len(w.suggested(t, typed)); got > 25 {
				t.Errorf("%q: %d choices", typed, got)
			}
		}
	})
}

func TestSuggestionsUseWhatIsAtHand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(mine(collection(2)...))
		if got := w.suggested(t, "b"); len(got) != 1 {
			t.Errorf("proposed %q", got)
		}
		if diff := cmp.Diff([]string{"programs Ada any"}, w.shelf.did()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		w.shelf.takes = 5 * time.Second
		start := time.Now()
		if got := w.suggested(t, "b"); len(got) != 0 || time.Since(start) > time.Second {
			t.Errorf("a slow API: %q after %v", got, time.Since(start))
		}
		w.shelf.peek = true
		if got := w.suggested(t, "b"); len(got) != 1 || len(w.shelf.did()) != 0 {
			t.Errorf("with everything at hand: %q", got)
		}
		r := w.see(t, commandstest.Type("progress", "member", "b", nil))
		if len(r.Choices) != 0 {
			t.Errorf("another option gets %d choices", len(r.Choices))
		}
	})
}

func FuzzSuggest(f *testing.F) {
	for _, s := range []string{"", "space", "cafe\u0301", "ß", "a b c", "\xff", "\u200b", "a\u202eb", strings.Repeat("é", 200), "한국", "🏳️‍🌈"} {
		f.Add(s, "Space Cats")
		f.Add("space", s)
	}
	w := newWorld(nil, func(w *world) { w.shelf.peek = true })
	rt := commands.NewRouter(commands.Options{Limits: unlimited()}, commands.All(w.deps)...)
	// One router serves every input, too many for a bubble each: requests come
	// early enough that no stall of the machine makes an answer late.
	ask := func(r commands.Request) *commandstest.Recorder {
		r.Received = time.Now().Add(time.Hour)
		return serve(rt, r)
	}
	f.Fuzz(func(t *testing.T, typed, name string) {
		p := progressapi.Program{ID: "fuzzed", Name: name, Size: 2, Collected: 1, CountTold: true}
		w.shelf.programs = mine(p, program("other", "Other", 1, 2))
		d := ask(commandstest.Type("progress", "collection", typed, nil))
		for _, c := range seen(t, d).Choices {
			if n := utf8.RuneCountInString(c.Name); n < 1 || n > 100 || !utf8.ValidString(c.Name) {
				t.Errorf("choice %q", c.Name)
			}
		}
		same := ask(commandstest.Type("progress", "collection", name, nil))
		if embeds.Plain(name, 100) != "" && len(seen(t, same).Choices) == 0 {
			t.Errorf("%q does not find itself", name)
		}
		r := ask(commandstest.Slash("progress", commandstest.Options{"collection": commandstest.Text(typed)}))
		if err := embedstest.Check(seen(t, r).Message); err != nil {
			t.Errorf("%q shows what Discord refuses: %v", typed, err)
		}
	})
}
