package embeds

import (
	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
)

// button is a grey button for the asker. Every group of buttons here is of
// equals, so none is in the accent colour.
func (v *View) button(label catalog.Key, action string, page int, program string) discordgo.Button {
	return discordgo.Button{
		Label:    v.Words.Text(label),
		Style:    discordgo.SecondaryButton,
		CustomID: v.action(action, page, program),
	}
}

func (v *View) action(name string, page int, program string) string {
	return Action{Name: name, Owner: v.Asker, Person: v.Person.ID, Page: page, Program: program}.Encode()
}

// linkButton leads out of Discord.
func linkButton(label, url string) discordgo.Button {
	return discordgo.Button{Label: label, Style: discordgo.LinkButton, URL: url}
}

func row(parts ...discordgo.MessageComponent) discordgo.ActionsRow {
	return discordgo.ActionsRow{Components: parts}
}

// mayShare reports whether the asker gets a Share button: what is theirs to
// show and not on show already.
func (v *View) mayShare() bool { return v.Own() && !v.Public }
