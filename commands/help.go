package commands

import (
	"context"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds"
	"progressbot/embeds/catalog"
)

// help is /help: what each of the others does, and /help itself.
func help(d Deps, others []Command) Command {
	own := everywhere(slashCommand(catalog.CommandHelp, catalog.CommandHelpAbout))
	var lines []helpLine
	for i := range others {
		lines = appendHelp(lines, others[i].Definition)
	}
	lines = appendHelp(lines, own)
	return Command{
		Definition: own,
		Handle: map[string]Handler{helpCommand: func(_ context.Context, r Request) (Reply, error) {
			entries := make([]embeds.HelpEntry, len(lines))
			for i, l := range lines {
				entries[i] = l.entry(r.Locale, d.Mentions)
			}
			return Reply{Message: embeds.Help(catalog.For(r.Locale), entries), Private: true}, nil
		}},
	}
}

// helpLine is one thing that people can use, with its texts in all languages.
type helpLine struct {
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
func appendHelp(lines []helpLine, d *discordgo.ApplicationCommand) []helpLine {
	if d.Type != discordgo.ChatApplicationCommand {
		return append(lines, helpLine{path: d.Name, context: true, texts: localizedText{d.Name, deref(d.NameLocalizations)}})
	}
	if subs := appendSubcommands(lines, d.Name, d.Options); len(subs) > len(lines) {
		return subs
	}
	return append(lines, helpLine{path: d.Name, texts: localizedText{d.Description, deref(d.DescriptionLocalizations)}})
}

func appendSubcommands(lines []helpLine, at string, opts []*discordgo.ApplicationCommandOption) []helpLine {
	for _, o := range opts {
		switch o.Type {
		case discordgo.ApplicationCommandOptionSubCommand:
			lines = append(lines, helpLine{path: at + " " + o.Name, texts: localizedText{o.Description, o.DescriptionLocalizations}})
		case discordgo.ApplicationCommandOptionSubCommandGroup:
			lines = appendSubcommands(lines, at+" "+o.Name, o.Options)
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
