package embeds

import (
	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
)

// Empty is the friendly start: nothing has been collected yet, and how to
// begin.
func Empty(v View) Message {
	vp := v.prepared()
	w := vp.Words
	text := w.Text(catalog.EmptyOwn) + "\n" + w.Text(catalog.EmptyStart)
	if vp.Public || !vp.Own() {
		text = w.Text(catalog.EmptyOf, someone(w, vp.Person.Name))
	}
	e := &discordgo.MessageEmbed{
		Title:       w.Text(catalog.EmptyTitle),
		Description: string(appendStandIn([]byte(text), vp)),
		Color:       colorNotStarted,
	}
	if vp.StandIn {
		e.Color = colorNote
	}
	setFreshness(e, vp, 0, 1)
	buttons := []discordgo.MessageComponent{vp.button(catalog.ButtonRefresh, ActionRefresh, 0, "")}
	if url := walletLink(vp.WalletURL, vp.Person.ID); url != "" && vp.showsRewards() {
		buttons = append(buttons, linkButton(w.Text(catalog.ButtonWallet), url))
	}
	return Message{Embeds: []*discordgo.MessageEmbed{e}, Components: []discordgo.MessageComponent{row(buttons...)}}
}
