package commands

import (
	"context"
	"slices"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds"
	"progressbot/embeds/catalog"
)

const helpCommand = "help"

// help is /help: what those of the others do that the asker can use here, and
// /help itself.
func help(d Deps, others []Command) Command {
	own := Command{Definition: everywhere(slashCommand(catalog.CommandHelp, catalog.CommandHelpAbout))}
	var lines []helpLine
	for _, c := range append(slices.Clip(others), own) {
		for _, l := range leaves(c.Definition) {
			lines = append(lines, helpLine{l, c.Policy, c.Definition.Type != discordgo.ChatApplicationCommand})
		}
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

// helpLine is one thing that people can use.
type helpLine struct {
	leaf
	policy  Policy
	context bool
}

func (l helpLine) entry(locale string, m *Mentions) embeds.HelpEntry {
	if l.context {
		return embeds.HelpEntry{Name: l.texts.in(locale), Context: true}
	}
	return embeds.HelpEntry{Name: l.path, ID: m.id(l.path), About: l.texts.in(locale)}
}
