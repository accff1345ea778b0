package progressapitest

import (
	"strings"
	"time"
)

const imageHost = "https://cdn.example.com"

// collection is a program before anybody collects it.
type collection struct {
	id    string
	name  string
	about string
	prize string
	told  string // what the prize is
	cards []sketch
}

// sketch is a card before anybody has it.
type sketch struct{ name, rarity string }

type catalogue []collection

// program returns a collection of which a person has the first owned cards.
func (c catalogue) program(id string, starts, ends time.Time, owned int) Program {
	for _, one := range c {
		if one.id == id {
			return one.program(starts, ends, owned)
		}
	}
	panic("progressapitest: no collection " + id)
}

func (c collection) program(starts, ends time.Time, owned int) Program {
	short := strings.TrimPrefix(c.id, "program_")
	p := Program{
		ID:          c.id,
		Name:        c.name,
		Description: c.about,
		Image:       imageHost + "/programs/" + short + ".png",
		Created:     starts.Add(-3 * day),
		Starts:      starts,
		Ends:        ends,
		Reward: &Reward{
			ID:          "reward_" + short,
			Name:        c.prize,
			Description: c.told,
			Image:       imageHost + "/rewards/" + short + ".png",
		},
	}
	for i, s := range c.cards {
		card := Card{
			ID:     "card_" + short + "_" + slug(s.name),
			Name:   s.name,
			Image:  imageHost + "/cards/" + short + "/" + slug(s.name) + ".png",
			Rarity: s.rarity,
		}
		if i < owned {
			card.Quantity = 1
		}
		p.Cards = append(p.Cards, card)
	}
	return p
}

// slug returns a name in the form that IDs and addresses have.
func slug(name string) string {
	plain := func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r == ' ' || r == '-':
			return '_'
		default:
			return -1
		}
	}
	return strings.Map(plain, strings.ToLower(name))
}

// Rarities, from what everybody has to what nobody has.
const (
	common    = "common"
	uncommon  = "uncommon"
	rare      = "rare"
	epic      = "epic"
	legendary = "legendary"
)

// collections returns every collection that there is.
func collections() catalogue {
	return catalogue{
		{
			id: ProgramHalfway, name: "Reef Explorers",
			about: "Take a deep breath and meet everybody who lives on the reef, from the smallest shrimp to the one nobody has seen twice.",
			prize: "Golden Snorkel", told: "A snorkel for your avatar. It does not work under water, but it shines.",
			cards: []sketch{
				{"Clownfish Choir", common}, {"Pufferfish on a Bad Day", common}, {"Shy Seahorse", common}, {"Hermit Crab Movers", uncommon},
				{"Moonlit Jellyfish", uncommon}, {"Old Turtle Tomo", uncommon}, {"Lantern Squid", rare}, {"Coral Painter", rare},
				{"Singing Humpback", epic}, {"The Glass Octopus", legendary},
			},
		},
		{
			id: ProgramAlmost, name: "Winter Lights",
			about: "The nights are long, so somebody has to light them. Twelve small lights for twelve cold evenings.",
			prize: "Aurora Frame", told: "A frame of northern lights around your profile picture, until the snow melts.",
			cards: []sketch{
				{"First Snowflake", common}, {"Woollen Mittens", common}, {"Cocoa for Two", common}, {"Snow Fox", common},
				{"Window Candle", uncommon}, {"Frozen Harbour", uncommon}, {"Sledge Hill", uncommon}, {"Owl in the Attic", rare},
				{"Midnight Skater", rare}, {"Icicle Organ", rare}, {"The Last Tram Home", epic}, {"Aurora", legendary},
			},
		},
		{
			id: ProgramUntaken, name: "The Cats of Tea House Lane",
			about: "Eight cats, one tea house, no opening hours. Bring patience, and biscuits.",
			prize: "A Cushion of Your Own", told: "The cats have agreed to lend you one cushion. Terms apply. The terms are fish.",
			cards: []sketch{
				{"Matcha", common}, {"Earl", common}, {"Chai", common}, {"Oolong and her Kittens", uncommon},
				{"Sir Darjeeling", uncommon}, {"Hibiscus", rare}, {"Jasmine at Midnight", epic}, {"The Landlord", legendary},
			},
		},
		{
			id: ProgramUpcoming, name: "Clockwork Carnival",
			about: "It rolls into town by night, winds itself up, and opens when the bell strikes. Not a minute before.",
			prize: "Ringmaster's Key", told: "It winds up anything. Once.",
			cards: []sketch{
				{"Tin Drummer", common}, {"Brass Pony", common}, {"Ticket Machine", common}, {"Spring-Heeled Acrobat", uncommon},
				{"Fortune Teller No 9", uncommon}, {"Two-Headed Gramophone", rare}, {"Wheel of Weather", rare}, {"Mechanical Moth", epic},
				{"The Ringmaster", legendary},
			},
		},
		{
			id: ProgramEnded, name: "Harvest Market",
			about: "Pumpkins, plums and a suspicious amount of cheese: everything the valley brought to market this autumn.",
			prize: "Basket of Plenty", told: "Room for one more of everything.",
			cards: []sketch{
				{"Very Large Pumpkin", common}, {"Plum Jam", common}, {"Windfall Apples", common}, {"Goat on the Loose", uncommon},
				{"Honey from Number Six", uncommon}, {"Suspicious Cheese", rare}, {"Scarecrow's Day Off", rare}, {"The Golden Ladle", epic},
			},
		},
		{
			id: ProgramClaimed, name: "Starline Express",
			about: "The night train to the outer planets, all stations. Collect a stamp at every stop.",
			prize: "Conductor's Whistle", told: "Blow it once and the doors close, wherever you are.",
			cards: []sketch{
				{"Platform Zero", common}, {"Moon Halt", common}, {"Red Sands Junction", common}, {"Dining Car", uncommon},
				{"Belt Crossing", uncommon}, {"Ring Viaduct", uncommon}, {"The Sleeping Stoker", rare}, {"Comet Overtaking", rare},
				{"Deep Blue Terminus", epic}, {"Unscheduled Stop", legendary},
			},
		},
		{
			id: ProgramEndless, name: "Mountain Huts",
			about: "No hurry: the mountains were here before us. Stamp your hiking book at every hut, whenever you get there.",
			prize: "Walking Stick", told: "With room for all the little badges.",
			cards: []sketch{
				{"Shepherd's Rest", common}, {"Three Kettles", common}, {"Echo Hut", common}, {"Bear Was Here", uncommon},
				{"Above the Clouds", rare}, {"Lightning Porch", epic}, {"The Hut Without a Door", legendary},
			},
		},
		{
			id: ProgramFinished, name: "Nine Lanterns",
			about: "Nine lanterns drift down the river on the longest evening of the year. Find them before the sea does.",
			prize: "River Keeper", told: "A badge for those who brought every lantern home.",
			cards: []sketch{
				{"Paper Lantern", common}, {"Firefly Jar", common}, {"Ship's Lamp", common}, {"Lighthouse, Small", uncommon},
				{"Lantern with a Cold", uncommon}, {"The Borrowed Moon", rare}, {"Whale Oil, Never Lit", rare}, {"Ember of the First Fire", epic},
				{"The Ninth Lantern", legendary},
			},
		},
		{
			id: "program_umbrellas", name: "Lost Umbrellas",
			about: "Left on trams, in cafés and once on the roof of the opera. Their owners would like them back, please.",
			prize: "Raincoat of Renown", told: "You will never need it again; you know where all the umbrellas are.",
			cards: []sketch{
				{"Plain Black", common}, {"Plain Black, Another", common}, {"Polka Dots", common}, {"Duck Handle", uncommon},
				{"Inside Out", uncommon}, {"See-Through", rare}, {"Upside-Down Rain", epic}, {"Parasol of the Opera", legendary},
			},
		},
		{
			id: "program_arcade", name: "Backroom Arcade",
			about: "Behind the laundrette there is a door, and behind the door there are eight machines nobody switched off.",
			prize: "Free Credit", told: "One coin. It always comes back.",
			cards: []sketch{
				{"Pixel Pirates", common}, {"Dust Racer", common}, {"Bubble Trouble Twins", common}, {"Claw Machine Oracle", uncommon},
				{"High Score by M.O.M.", rare}, {"Cabinet Nine", rare}, {"Ghost in the Second Player", epic}, {"Kill Screen Sunset", legendary},
			},
		},
	}
}
