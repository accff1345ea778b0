package commands

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bwmarrin/discordgo"
)

// Discord's limits for commands. Lengths are in characters.
const (
	maxName        = 32
	maxDescription = 100
	maxOptions     = 25
	maxChoices     = 25
	maxChoice      = 100
	maxTotal       = 8000
)

// CheckDefinition reports every rule of Discord's that a command definition
// breaks, or nil. Discord refuses the whole list for one bad entry, so it is
// better to find out before a release does.
func CheckDefinition(d *discordgo.ApplicationCommand) error {
	c := checker{name: regexp.MustCompile(`^[-_'\p{L}\p{N}\p{Devanagari}\p{Thai}]{1,32}$`)}
	switch d.Type {
	case discordgo.ChatApplicationCommand:
		c.names(d.Name, d.Name, deref(d.NameLocalizations))
		c.descriptions(d.Name, d.Description, deref(d.DescriptionLocalizations))
		c.options(d.Name, d.Options, 0)
	case discordgo.UserApplicationCommand, discordgo.MessageApplicationCommand:
		c.menu(d)
	default:
		c.failf("%s: type %d is none of slash command, user and message", d.Name, d.Type)
	}
	if d.DefaultMemberPermissions != nil && *d.DefaultMemberPermissions < 0 {
		c.failf("%s: default member permissions are negative", d.Name)
	}
	if total := c.total(d); total > maxTotal {
		c.failf("%s: %d characters in all, at most %d are allowed", d.Name, total, maxTotal)
	}
	return errors.Join(c.errs...)
}

type checker struct {
	name *regexp.Regexp
	errs []error
}

func (c *checker) failf(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

// names checks the name of a command, subcommand or option in every language.
func (c *checker) names(at, name string, local map[discordgo.Locale]string) {
	c.oneName(at, name)
	for _, l := range sorted(local) {
		c.oneName(at+" in "+string(l), local[l])
		c.locale(at, l)
	}
}

func (c *checker) oneName(at, name string) {
	if !c.name.MatchString(name) || strings.ToLower(name) != name {
		c.failf("%s: %q is no valid name", at, name)
	}
}

func (c *checker) descriptions(at, text string, local map[discordgo.Locale]string) {
	c.length(at+": description", text, maxDescription)
	for _, l := range sorted(local) {
		c.length(at+": description in "+string(l), local[l], maxDescription)
		c.locale(at, l)
	}
}

// locale checks that Discord knows the locale. The library's list lacks
// Indonesian.
func (c *checker) locale(at string, l discordgo.Locale) {
	if _, known := discordgo.Locales[l]; (!known || l == discordgo.Unknown) && l != "id" {
		c.failf("%s: Discord knows no locale %q", at, string(l))
	}
}

func (c *checker) length(what, text string, limit int) {
	if n := utf8.RuneCountInString(text); n < 1 || n > limit {
		c.failf("%s has %d characters, want 1 to %d", what, n, limit)
	}
}

// menu checks a context menu command, whose name may be any text.
func (c *checker) menu(d *discordgo.ApplicationCommand) {
	c.length(d.Name+": name", d.Name, maxName)
	local := deref(d.NameLocalizations)
	for _, l := range sorted(local) {
		c.length(d.Name+": name in "+string(l), local[l], maxName)
		c.locale(d.Name, l)
	}
	if d.Description != "" || d.DescriptionLocalizations != nil || len(d.Options) > 0 {
		c.failf("%s: a context menu has neither description nor options", d.Name)
	}
}

// options checks a list of options at a nesting depth of 0 to 2.
func (c *checker) options(at string, opts []*discordgo.ApplicationCommandOption, depth int) {
	if len(opts) > maxOptions {
		c.failf("%s: %d options, at most %d are allowed", at, len(opts), maxOptions)
	}
	seen := map[string]bool{}
	var optional, containers int
	for _, o := range opts {
		path := at + " " + o.Name
		if seen[o.Name] {
			c.failf("%s: appears twice", path)
		}
		seen[o.Name] = true
		c.names(path, o.Name, o.NameLocalizations)
		c.descriptions(path, o.Description, o.DescriptionLocalizations)
		switch {
		case isContainer(o):
			containers++
			c.container(path, o, depth)
		case o.Required && optional > 0:
			c.failf("%s: required after an optional one", path)
		case !o.Required:
			optional++
		}
		c.value(path, o)
	}
	if containers > 0 && containers < len(opts) {
		c.failf("%s: mixes subcommands with plain options", at)
	}
	c.clashes(at, opts)
}

func (c *checker) container(path string, o *discordgo.ApplicationCommandOption, depth int) {
	if depth > 1 || depth == 1 && o.Type == discordgo.ApplicationCommandOptionSubCommandGroup {
		c.failf("%s: nested too deeply", path)
		return
	}
	if o.Type == discordgo.ApplicationCommandOptionSubCommandGroup && len(o.Options) == 0 {
		c.failf("%s: a group without subcommands", path)
	}
	next := depth + 1
	if o.Type == discordgo.ApplicationCommandOptionSubCommand {
		next = 2
	}
	c.options(path, o.Options, next)
}

// clashes checks that no two options share a name in any language.
func (c *checker) clashes(at string, opts []*discordgo.ApplicationCommandOption) {
	used := map[discordgo.Locale]map[string]bool{}
	for _, o := range opts {
		for _, l := range sorted(o.NameLocalizations) {
			if used[l] == nil {
				used[l] = map[string]bool{}
			}
			if used[l][o.NameLocalizations[l]] {
				c.failf("%s: two options are called %q in %s", at, o.NameLocalizations[l], string(l))
			}
			used[l][o.NameLocalizations[l]] = true
		}
	}
}

// value checks what belongs to an option's value.
func (c *checker) value(path string, o *discordgo.ApplicationCommandOption) {
	if o.Autocomplete && len(o.Choices) > 0 {
		c.failf("%s: has both choices and autocomplete", path)
	}
	if len(o.Choices) > maxChoices {
		c.failf("%s: %d choices, at most %d are allowed", path, len(o.Choices), maxChoices)
	}
	if len(o.Options) > 0 && !isContainer(o) {
		c.failf("%s: only subcommands and groups have options", path)
	}
	for _, choice := range o.Choices {
		c.length(path+": choice", choice.Name, maxChoice)
		for _, l := range sorted(choice.NameLocalizations) {
			c.length(path+": choice in "+string(l), choice.NameLocalizations[l], maxChoice)
			c.locale(path, l)
		}
		if s, text := choice.Value.(string); text {
			c.length(path+": choice value", s, maxChoice)
		}
	}
}

// total counts the characters that Discord adds up over a whole command, with
// the longest language of each text.
func (c *checker) total(d *discordgo.ApplicationCommand) int {
	return longest(d.Name, deref(d.NameLocalizations)) +
		longest(d.Description, deref(d.DescriptionLocalizations)) + optionsTotal(d.Options)
}

func optionsTotal(opts []*discordgo.ApplicationCommandOption) int {
	n := 0
	for _, o := range opts {
		n += longest(o.Name, o.NameLocalizations) + longest(o.Description, o.DescriptionLocalizations)
		for _, choice := range o.Choices {
			n += longest(choice.Name, choice.NameLocalizations)
			if s, text := choice.Value.(string); text {
				n += utf8.RuneCountInString(s)
			}
		}
		n += optionsTotal(o.Options)
	}
	return n
}

func longest(text string, local map[discordgo.Locale]string) int {
	n := utf8.RuneCountInString(text)
	for _, s := range local {
		n = max(n, utf8.RuneCountInString(s))
	}
	return n
}

func isContainer(o *discordgo.ApplicationCommandOption) bool {
	return o.Type == discordgo.ApplicationCommandOptionSubCommand || o.Type == discordgo.ApplicationCommandOptionSubCommandGroup
}

func deref(m *map[discordgo.Locale]string) map[discordgo.Locale]string {
	if m == nil {
		return nil
	}
	return *m
}

func sorted(m map[discordgo.Locale]string) []discordgo.Locale { return slices.Sorted(maps.Keys(m)) }

// completes reports whether any option asks for suggestions.
func completes(opts []*discordgo.ApplicationCommandOption) bool {
	return slices.ContainsFunc(opts, func(o *discordgo.ApplicationCommandOption) bool {
		return o.Autocomplete || completes(o.Options)
	})
}

// check reports what is wrong with a command.
func (c *Command) check() error {
	d := c.Definition
	if d == nil {
		return errors.New("a command without definition")
	}
	errs := []error{CheckDefinition(d)}
	want := leaves(d)
	for _, l := range want {
		if c.Handle[l.path] == nil {
			errs = append(errs, fmt.Errorf("%s: no handler", l.path))
		}
	}
	for path := range c.Handle {
		if !slices.ContainsFunc(want, func(l leaf) bool { return l.path == path }) {
			errs = append(errs, fmt.Errorf("%s: a handler for something that is not defined", path))
		}
	}
	if completes(d.Options) != (c.Suggest != nil) {
		errs = append(errs, fmt.Errorf("%s: suggestions are defined or handled, but not both", d.Name))
	}
	for name, a := range c.Actions {
		if name == "" || a.Handle == nil {
			errs = append(errs, fmt.Errorf("%s: action %q has no name or no handler", d.Name, name))
		}
	}
	return errors.Join(errs...)
}
