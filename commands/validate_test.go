package commands_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bwmarrin/discordgo"

	"progressbot/commands"
)

type (
	definition = discordgo.ApplicationCommand
	option     = discordgo.ApplicationCommandOption
	choice     = discordgo.ApplicationCommandOptionChoice
	locales    = map[discordgo.Locale]string
)

func textOption(name string, change ...func(*option)) *option {
	o := &option{Type: discordgo.ApplicationCommandOptionString, Name: name, Description: "Some text"}
	for _, f := range change {
		f(o)
	}
	return o
}

func subcommand(name string, opts ...*option) *option {
	return &option{Type: discordgo.ApplicationCommandOptionSubCommand, Name: name, Description: "Some more", Options: opts}
}

func group(name string, opts ...*option) *option {
	return &option{Type: discordgo.ApplicationCommandOptionSubCommandGroup, Name: name, Description: "Some more", Options: opts}
}

func many[T any](n int, f func(int) T) []T {
	s := make([]T, n)
	for i := range s {
		s[i] = f(i)
	}
	return s
}

func numbered(i int) *option { return textOption(fmt.Sprintf("o%d", i)) }

func TestCheckDefinition(t *testing.T) {
	t.Parallel()
	menu := func(d *definition) { d.Type, d.Description = discordgo.UserApplicationCommand, "" }
	required := func(o *option) { o.Required = true }
	tests := []struct {
		name   string
		change func(*definition)
		wants  string // part of the error, "" for none
	}{
		{"plain", func(*definition) {}, ""},
		{"name with a capital", func(d *definition) { d.Name = "Progress" }, "no valid name"},
		{"name with a space", func(d *definition) { d.Name = "my progress" }, "no valid name"},
		{"no name", func(d *definition) { d.Name = "" }, "no valid name"},
		{"33 characters", func(d *definition) { d.Name = strings.Repeat("a", 33) }, "no valid name"},
		{"32 characters of two bytes", func(d *definition) { d.Name = strings.Repeat("é", 32) }, ""},
		{"thai", func(d *definition) { d.Name = "ความคืบหน้า" }, ""},
		{"hindi", func(d *definition) { d.Name = "प्रगति" }, ""},
		{"dash, underline and apostrophe", func(d *definition) { d.Name = "a-b_c'd" }, ""},
		{"no description", func(d *definition) { d.Description = "" }, "description has 0"},
		{"description of 101", func(d *definition) { d.Description = strings.Repeat("é", 101) }, "description has 101"},
		{"translated", func(d *definition) {
			d.NameLocalizations = &locales{"de": "fortschritt", "id": "kemajuan"}
			d.DescriptionLocalizations = &locales{"de": "Wie weit du bist"}
		}, ""},
		{"translated badly", func(d *definition) { d.NameLocalizations = &locales{"de": "Fortschritt"} }, "in de"},
		{"translated to nothing", func(d *definition) { d.DescriptionLocalizations = &locales{"fr": ""} }, "in fr has 0"},
		{"unknown language", func(d *definition) { d.NameLocalizations = &locales{"xx": "a"} }, `no locale "xx"`},
		{"unknown language of a description", func(d *definition) { d.DescriptionLocalizations = &locales{"unknown": "a"} }, "no locale"},
		{"unknown type", func(d *definition) { d.Type = 4 }, "type 4"},
		{"context menu", func(d *definition) { menu(d); d.Name = "View Progress" }, ""},
		{"context menu with a long name", func(d *definition) { menu(d); d.Name = strings.Repeat("a", 33) }, "name has 33"},
		{"context menu with a long name in German", func(d *definition) {
			menu(d)
			d.NameLocalizations = &locales{"de": strings.Repeat("a", 33)}
		}, "name in de has 33"},
		{"context menu with a description", func(d *definition) { menu(d); d.Description = "x" }, "neither"},
		{"negative permissions", func(d *definition) { d.DefaultMemberPermissions = new(int64(-1)) }, "negative"},
		{"25 options", func(d *definition) { d.Options = many(25, numbered) }, ""},
		{"26 options", func(d *definition) { d.Options = many(26, numbered) }, "26 options"},
		{"two of a name", func(d *definition) { d.Options = []*option{textOption("a"), textOption("a")} }, "twice"},
		{"two of a name in German", func(d *definition) {
			german := func(o *option) { o.NameLocalizations = locales{"de": "gleich"} }
			d.Options = []*option{textOption("a", german), textOption("b", german)}
		}, `"gleich" in de`},
		{"option with a bad name", func(d *definition) { d.Options = []*option{textOption("A")} }, "no valid name"},
		{"option without description", func(d *definition) {
			d.Options = []*option{textOption("a", func(o *option) { o.Description = "" })}
		}, "description has 0"},
		{"required first", func(d *definition) { d.Options = []*option{textOption("a", required), textOption("b")} }, ""},
		{"required last", func(d *definition) { d.Options = []*option{textOption("a"), textOption("b", required)} }, "after an optional"},
		{"25 choices", func(d *definition) {
			d.Options = []*option{textOption("a", func(o *option) {
				o.Choices = many(25, func(i int) *choice { return &choice{Name: fmt.Sprint("n", i), Value: fmt.Sprint(i)} })
			})}
		}, ""},
		{"26 choices", func(d *definition) {
			d.Options = []*option{textOption("a", func(o *option) {
				o.Choices = many(26, func(i int) *choice { return &choice{Name: fmt.Sprint("n", i), Value: i} })
			})}
		}, "26 choices"},
		{"bad choices", func(d *definition) {
			d.Options = []*option{textOption("a", func(o *option) {
				o.Choices = []*choice{{Name: "n", NameLocalizations: locales{"de": strings.Repeat("a", 101)}, Value: strings.Repeat("v", 101)}}
			})}
		}, "choice value has 101"},
		{"choices and autocomplete", func(d *definition) {
			d.Options = []*option{textOption("a", func(o *option) {
				o.Choices, o.Autocomplete = []*choice{{Name: "n", Value: "v"}}, true
			})}
		}, "both choices and autocomplete"},
		{"subcommands", func(d *definition) {
			d.Options = []*option{subcommand("a", textOption("x")), group("b", subcommand("c", textOption("x")))}
		}, ""},
		{"subcommands and options", func(d *definition) { d.Options = []*option{subcommand("a"), textOption("b")} }, "mixes"},
		{"group in a group", func(d *definition) { d.Options = []*option{group("a", group("b", subcommand("c")))} }, "too deeply"},
		{"subcommand in a subcommand", func(d *definition) { d.Options = []*option{subcommand("a", subcommand("b"))} }, "too deeply"},
		{"empty group", func(d *definition) { d.Options = []*option{group("a")} }, "without subcommands"},
		{"options of an option", func(d *definition) {
			d.Options = []*option{textOption("a", func(o *option) { o.Options = []*option{textOption("b")} })}
		}, "only subcommands"},
		{"8000 characters", func(d *definition) {
			d.Options = many(3, func(i int) *option {
				return textOption(fmt.Sprintf("o%d", i), func(o *option) {
					o.Choices = many(25, func(int) *choice {
						return &choice{Name: strings.Repeat("n", 100), Value: strings.Repeat("v", 10), NameLocalizations: locales{"de": "kurz"}}
					})
				})
			})
		}, "8297 characters"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := &definition{Type: discordgo.ChatApplicationCommand, Name: "test", Description: "For a test"}
			tc.change(d)
			err := commands.CheckDefinition(d)
			switch {
			case tc.wants == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tc.wants != "" && (err == nil || !strings.Contains(err.Error(), tc.wants)):
				t.Errorf("error is %v, want one with %q", err, tc.wants)
			}
		})
	}
}

func TestNewRouterPanics(t *testing.T) {
	t.Parallel()
	h := slow(0, text("done"))
	tests := []struct {
		name string
		cmds []commands.Command
		says string
	}{
		{"two of a name", []commands.Command{command("a", h), command("a", h)}, "a is taken twice"},
		{"two of an action", []commands.Command{command("a", h, acting("go", h)), command("b", h, acting("go", h))}, "go is taken twice"},
		{"no definition", []commands.Command{{}}, "without definition"},
		{"no handler", []commands.Command{command("a", nil)}, "a: no handler"},
		{"no handler for a subcommand", []commands.Command{command("a", h, func(c *commands.Command) {
			c.Definition.Options = []*option{subcommand("b"), group("c", subcommand("d"))}
			c.Handle = map[string]commands.Handler{"a b": h}
		})}, "a c d: no handler"},
		{"handler for nothing", []commands.Command{command("a", h, func(c *commands.Command) { c.Handle["a b"] = h })}, "not defined"},
		{"suggestions for nothing", []commands.Command{command("a", h, suggesting(nil))}, "not both"},
		{"action without handler", []commands.Command{command("a", h, func(c *commands.Command) {
			c.Actions = map[string]commands.Action{"go": {}}
		})}, `"go" has no name or no handler`},
		{"bad definition", []commands.Command{command("A", h)}, "no valid name"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if v := fmt.Sprint(recover()); !strings.Contains(v, tc.says) {
					t.Errorf("panics with %q, want %q", v, tc.says)
				}
			}()
			commands.NewRouter(commands.Options{}, tc.cmds...)
		})
	}
}

func TestDefinitionsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	h := slow(0, text("done"))
	rt := commands.NewRouter(commands.Options{}, command("b", h), command("a", h))
	if got := rt.Definitions(); len(got) != 2 || got[0].Name != "b" || got[1].Name != "a" {
		t.Errorf("definitions are %v", got)
	}
}
