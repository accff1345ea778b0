package embeds

import (
	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
)

// manyPages is from how many pages on a pager has First and Last.
const manyPages = 4

// pager names the actions that turn the pages of one kind of message. They
// all ask for [Action.Page]; see [ActionFirst] for why they differ.
type pager struct{ first, prev, next, last string }

// append adds the buttons that turn pages, if there are several. Those that
// lead nowhere are there but disabled, so that the others keep their places.
func (p pager) append(buttons []discordgo.MessageComponent, v *View, page, pages int, program string) []discordgo.MessageComponent {
	if pages < 2 {
		return buttons
	}
	turn := func(label catalog.Key, action string, to int, disabled bool) {
		b := v.button(label, action, min(max(to, 0), pages-1), program)
		b.Disabled = disabled
		buttons = append(buttons, b)
	}
	first, last := page == 0, page == pages-1
	if pages >= manyPages {
		turn(catalog.ButtonFirst, p.first, 0, first)
	}
	turn(catalog.ButtonPrev, p.prev, page-1, first)
	turn(catalog.ButtonNext, p.next, page+1, last)
	if pages >= manyPages {
		turn(catalog.ButtonLast, p.last, pages-1, last)
	}
	return buttons
}
