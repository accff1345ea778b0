package progressapitest

import (
	"fmt"
	"time"
)

// Programs returns n different programs in all states: the same ones every
// time, as seen at now. The first 300 have six to twelve cards each; the
// others tell only how many, so that 10,000 fit into one answer.
func Programs(n int, now time.Time) []Program {
	places := []string{"Harbour", "Orchard", "Observatory", "Lighthouse", "Bakery", "Library", "Greenhouse", "Workshop", "Night Market", "Ferry", "Clock Tower", "Aquarium", "Theatre", "Lagoon", "Railway"}
	moods := []string{"Amber", "Quiet", "Copper", "Velvet", "Windy", "Hidden", "Crimson", "Drowsy", "Silver", "Paper", "Thirteenth", "Borrowed", "Salt", "Wandering", "Electric", "Ivory", "Mossy", "Upper", "Polar", "Marble"}
	programs := make([]Program, n)
	for i := range programs {
		name := moods[i%len(moods)] + " " + places[i/len(moods)%len(places)]
		if volume := i / (len(moods) * len(places)); volume > 0 {
			name += fmt.Sprintf(", volume %d", volume+1)
		}
		starts := now.Add(-time.Duration(i%90) * day)
		c := collection{
			id:    fmt.Sprintf("program_%d", i+1),
			name:  name,
			about: "Everything there is to be found in the " + name + ".",
			prize: "Friend of the " + name,
			cards: sketches(6 + i%7),
		}
		p := c.program(starts, starts.Add(time.Duration(30+i%60)*day), i%(len(c.cards)+1))
		if i >= 300 {
			p.Size, p.Collected, p.Cards = p.size(), p.collected(), nil
		}
		programs[i] = p
	}
	return programs
}

// Cards returns n different cards, of which a person has every third.
func Cards(n int) []Card {
	c := collection{id: "program_many", cards: sketches(n)}
	cards := c.program(time.Time{}, time.Time{}, 0).Cards
	for i := range cards {
		if i%3 == 0 {
			cards[i].Quantity = 1 + i%2
		}
	}
	return cards
}

// sketches returns n different cards that nobody has.
func sketches(n int) []sketch {
	things := []string{"Key", "Feather", "Teapot", "Compass", "Postcard", "Music Box", "Umbrella", "Map", "Candle", "Whistle", "Marble", "Ticket"}
	rarities := []string{common, common, common, uncommon, uncommon, rare, epic, legendary}
	list := make([]sketch, n)
	for i := range list {
		list[i] = sketch{name: things[i%len(things)], rarity: rarities[i%len(rarities)]}
		if i >= len(things) {
			list[i].name += fmt.Sprintf(" %d", i/len(things)+1)
		}
	}
	return list
}
