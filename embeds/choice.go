package embeds

import (
	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
)

// choice is one of several that a person can make.
type choice struct {
	value       string
	name, about catalog.Key
}

// choiceMenu is a menu of choices with the current one chosen. Their names
// stand in title, or by themselves where that is "".
func choiceMenu(w *catalog.Words, id string, placeholder, title catalog.Key, choices []choice, current string) discordgo.SelectMenu {
	m := discordgo.SelectMenu{MenuType: discordgo.StringSelectMenu, CustomID: id, Placeholder: w.Text(placeholder)}
	for _, c := range choices {
		label := w.Text(c.name)
		if title != "" {
			label = w.Text(title, label)
		}
		m.Options = append(m.Options, discordgo.SelectMenuOption{
			Label: label, Value: c.value, Description: w.Text(c.about), Default: c.value == current,
		})
	}
	return m
}
