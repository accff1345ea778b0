package embeds

import (
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// maxCards is how many cards a list names before it says how many more there
// are: two lists of them and the rest fit on a phone's screen. One more is
// named rather than counted, which takes the same room.
const maxCards = 6

// cardLists names the cards that are missing and those that are there, each
// "" if there are none.
func cardLists(w *catalog.Words, p *progressapi.Program) (missing, owned string) {
	listed := 0
	for i := range p.Cards {
		if isOwned(&p.Cards[i]) {
			listed++
		}
	}
	allMissing, allOwned := len(p.Cards)-listed, listed
	// The API may list fewer cards than it counts.
	if p.Counted() && len(p.Cards) < p.Size {
		allMissing, allOwned = max(allMissing, p.Size-p.Collected), max(allOwned, p.Collected)
	}
	return cardList(w, p.Cards, false, len(p.Cards)-listed, allMissing), cardList(w, p.Cards, true, listed, allOwned)
}

func isOwned(c *progressapi.Card) bool { return c.Owned || c.Quantity > 0 }

// cardList names those of cards that are owned, or are not: listed of them,
// of all that there are.
func cardList(w *catalog.Words, cards []progressapi.Card, owned bool, listed, all int) string {
	if listed == 0 {
		return ""
	}
	most := maxCards
	if all == maxCards+1 {
		most++
	}
	var room [512]byte
	b, named := room[:0], 0
	for i := range cards {
		if isOwned(&cards[i]) != owned {
			continue
		}
		if named == most {
			break
		}
		if named > 0 {
			b = append(b, '\n')
		}
		b = appendCard(b, w, &cards[i])
		named++
	}
	if all > named {
		b = append(b, '\n')
		b = w.Append(b, catalog.AndMore, all-named)
	}
	return string(b)
}

// appendCard writes a card with its rarity and its copies, if they are
// several: "Aurora · Rare · ×2".
func appendCard(b []byte, w *catalog.Words, c *progressapi.Card) []byte {
	name := Escape(c.Name, maxCardName)
	if name == "" {
		name = w.Text(catalog.NamelessCard)
	}
	b = append(b, name...)
	if rarity := humanize(c.Rarity, maxRarity, Escape); rarity != "" {
		b = append(b, separator...)
		b = append(b, rarity...)
	}
	if c.Quantity > 1 {
		b = append(b, separator...)
		b = w.Append(b, catalog.CardCopies, c.Quantity)
	}
	return b
}
