package commands

import (
	"context"
	"slices"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds"
	"progressbot/embeds/catalog"
)

// help is /help: what those of the others do that the asker can use here, and
// /help itself.
func help(d Deps, others []Command) Command {
	own := Command{Definition: everywhere(slashCommand(catalog.CommandHelp, catalog.CommandHelpAbout))}
	var lines []helpLine
	for _, c := range append(slices.Clip(others), own) {
		lines = appendHelp(lines, c.Policy, c.Definition)
	}
	own.Handle = map[string]Handler{helpCommand: func(_ context.Context, r Request) (Reply, error) {
		var entries []embeds.HelpEntry
		for _, l := range lines {
			if l.policy.check(&r) == nil {
				entries = append(entries, l.entry(r.Locale, d.Mentions))
			}
		}
		return Reply{Message: embeds.Help(catalog.For(r.Locale), entries), Private: true}, nil
	}}
	return own
}

// helpLine is one thing that people can use, with its texts in all languages.
type helpLine struct {
	policy  Policy
	path    string
	context bool
	texts   localizedText
}

// localizedText is a text as a definition has it.
type localizedText struct {
	english string
	others  map[discordgo.Locale]string
}

func (t localizedText) in(locale string) string {
	if s, ok := t.others[discordgo.Locale(locale)]; ok {
		return s
	}
	return t.english
}

// appendHelp adds a command, or each of its subcommands.
func appendHelp(lines []helpLine, p Policy, d *discordgo.ApplicationCommand) []helpLine {
	if d.Type != discordgo.ChatApplicationCommand {
		return append(lines, helpLine{policy: p, path: d.Name, context: true, texts: localizedText{d.Name, deref(d.NameLocalizations)}})
	}
	if subs := appendSubcommands(lines, p, d.Name, d.Options); len(subs) > len(lines) {
		return subs
	}
	return append(lines, helpLine{policy: p, path: d.Name, texts: localizedText{d.Description, deref(d.DescriptionLocalizations)}})
}

func appendSubcommands(lines []helpLine, p Policy, at string, opts []*discordgo.ApplicationCommandOption) []helpLine {
	for _, o := range opts {
		switch o.Type {
		case discordgo.ApplicationCommandOptionSubCommand:
			lines = append(lines, helpLine{policy: p, path: at + " " + o.Name, texts: localizedText{o.Description, o.DescriptionLocalizations}})
		case discordgo.ApplicationCommandOptionSubCommandGroup:
			lines = appendSubcommands(lines, p, at+" "+o.Name, o.Options)
		}
	}
	return lines
}

func (l helpLine) entry(locale string, m *Mentions) embeds.HelpEntry {
	if l.context {
		return embeds.HelpEntry{Name: l.texts.in(locale), Context: true}
	}
	return embeds.HelpEntry{Name: l.path, ID: m.id(l.path), About: l.texts.in(locale)}
}
