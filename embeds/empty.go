package embeds

import (
	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
)

// Empty is the friendly start: nothing has been collected yet, and how to
// begin.
func Empty(v View) Message {
	w := v.Words
	text := w.Text(catalog.EmptyOwn) + "\n" + w.Text(catalog.EmptyStart)
	if v.Public || !v.Own() {
		text = w.Text(catalog.EmptyOf, someone(w, v.Person.Name))
	}
	e := &discordgo.MessageEmbed{
		Title:       w.Text(catalog.EmptyTitle),
		Description: string(appendNotes([]byte(text), &v)),
		Color:       colorNotStarted,
	}
	if v.StandIn {
		e.Color = colorNote
	}
	setFreshness(e, &v, 0, 1)
	buttons := []discordgo.MessageComponent{v.button(catalog.ButtonRefresh, ActionRefresh, 0, "")}
	if url := walletLink(v.WalletURL, v.Person.ID); url != "" && v.showsRewards() {
		buttons = append(buttons, linkButton(w.Text(catalog.ButtonWallet), url))
	}
	return Message{Embeds: []*discordgo.MessageEmbed{e}, Components: []discordgo.MessageComponent{row(buttons...)}}
}
