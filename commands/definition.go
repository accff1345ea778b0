package commands

import (
	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
)

// Names of options that several commands have. As for all names of commands
// and options, the contract has them, the catalogue says how people read them,
// and a test keeps the two in step.
const (
	collectionOption = "collection"
	memberOption     = "member"
)

// slashCommand defines a slash command from the catalogue.
func slashCommand(name, about catalog.Key, opts ...*discordgo.ApplicationCommandOption) *discordgo.ApplicationCommand {
	return &discordgo.ApplicationCommand{
		Type:                     discordgo.ChatApplicationCommand,
		Name:                     english(name),
		NameLocalizations:        localized(name),
		Description:              english(about),
		DescriptionLocalizations: localized(about),
		Options:                  opts,
	}
}

// subcommand defines a subcommand from the catalogue.
func subcommand(name, about catalog.Key, opts ...*discordgo.ApplicationCommandOption) *discordgo.ApplicationCommandOption {
	o := optionOf(discordgo.ApplicationCommandOptionSubCommand, name, about)
	o.Options = opts
	return o
}

// choiceOf defines one of the values that an option can have.
func choiceOf(name catalog.Key, value string) *discordgo.ApplicationCommandOptionChoice {
	return &discordgo.ApplicationCommandOptionChoice{Name: english(name), NameLocalizations: catalog.Localizations(name), Value: value}
}

// userCommand defines a context menu command on people.
func userCommand(label catalog.Key) *discordgo.ApplicationCommand {
	return &discordgo.ApplicationCommand{
		Type:              discordgo.UserApplicationCommand,
		Name:              english(label),
		NameLocalizations: localized(label),
	}
}

// optionOf defines an option of a command.
func optionOf(t discordgo.ApplicationCommandOptionType, name, about catalog.Key) *discordgo.ApplicationCommandOption {
	return &discordgo.ApplicationCommandOption{
		Type:                     t,
		Name:                     english(name),
		NameLocalizations:        catalog.Localizations(name),
		Description:              english(about),
		DescriptionLocalizations: catalog.Localizations(about),
	}
}

// everywhere offers the command in servers, in the bot's direct messages and
// in private channels, installed to a server or to a person's own account.
func everywhere(d *discordgo.ApplicationCommand) *discordgo.ApplicationCommand {
	d.Contexts = &[]discordgo.InteractionContextType{
		discordgo.InteractionContextGuild, discordgo.InteractionContextBotDM, discordgo.InteractionContextPrivateChannel,
	}
	d.IntegrationTypes = &[]discordgo.ApplicationIntegrationType{
		discordgo.ApplicationIntegrationGuildInstall, discordgo.ApplicationIntegrationUserInstall,
	}
	return d
}

// inServers offers the command in servers that the bot was added to.
func inServers(d *discordgo.ApplicationCommand) *discordgo.ApplicationCommand {
	d.Contexts = &[]discordgo.InteractionContextType{discordgo.InteractionContextGuild}
	d.IntegrationTypes = &[]discordgo.ApplicationIntegrationType{discordgo.ApplicationIntegrationGuildInstall}
	return d
}

// leaf is one thing of a definition that people can use, with what it says
// about itself in all languages: a context menu its name.
type leaf struct {
	path  string // as in [Request.Command]
	texts localizedText
}

// leaves lists the subcommands of a definition, or the command if it has none.
func leaves(d *discordgo.ApplicationCommand) []leaf {
	if d.Type != discordgo.ChatApplicationCommand {
		return []leaf{{d.Name, localizedText{d.Name, deref(d.NameLocalizations)}}}
	}
	if found := appendLeaves(nil, d.Name, d.Options); len(found) > 0 {
		return found
	}
	return []leaf{{d.Name, localizedText{d.Description, deref(d.DescriptionLocalizations)}}}
}

func appendLeaves(to []leaf, at string, opts []*discordgo.ApplicationCommandOption) []leaf {
	for _, o := range opts {
		path := at + " " + o.Name
		switch o.Type {
		case discordgo.ApplicationCommandOptionSubCommand:
			to = append(to, leaf{path, localizedText{o.Description, o.DescriptionLocalizations}})
		case discordgo.ApplicationCommandOptionSubCommandGroup:
			to = appendLeaves(to, path, o.Options)
		}
	}
	return to
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

func english(id catalog.Key) string { return catalog.For("").Text(id) }

func localized(id catalog.Key) *map[discordgo.Locale]string {
	m := catalog.Localizations(id)
	if len(m) == 0 {
		return nil
	}
	return &m
}
