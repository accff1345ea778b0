package card_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"progressbot/embeds/card"
	"progressbot/progressapi"
)

// Files are largest where every letter of every name is another one. Names
// are thrown together from what the font has, one script after the other and
// all of them, in the cards that have room for most.
func TestWorstNamesStayWithinTheLimit(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for seed, letters := range alphabets(r) {
		random := rand.New(rand.NewPCG(1, uint64(seed)))
		name := func() string {
			text := make([]rune, 160)
			for i := range text {
				text[i] = letters[random.IntN(len(letters))]
			}
			return string(text)
		}
		for _, c := range crammed(random, name) {
			check(t, r, c)
		}
	}
}

// alphabets returns what names are made of: what the font has of some blocks
// with many accents, and all of that.
func alphabets(r *card.Renderer) [][]rune {
	var lists [][]rune
	var all []rune
	for _, block := range [][2]rune{{0x400, 0x530}, {0x1e00, 0x1f00}, {0x1f00, 0x2000}} {
		var letters []rune
		for v := block[0]; v < block[1]; v++ {
			if r.Shows(v) {
				letters = append(letters, v)
			}
		}
		lists = append(lists, letters)
		all = append(all, letters...)
	}
	return append(lists, all)
}

// crammed returns a card of every kind with as much in it as there is room
// for, be it in the words of a language.
func crammed(random *rand.Rand, name func() string) []card.Card {
	words := func(int, int) string { return name() }
	l, wordy := labels(), labels()
	l.Rarity = func(string) string { return name() }
	wordy.Count, wordy.Left, wordy.Done = words, func(time.Duration) string { return name() }, words

	prize := &card.Prize{Name: card.Name{Text: name()}, State: card.Claimed, Word: name()}
	detail := func(cards int) card.Card {
		p := program(name(), 12345, 100000, 100*day)
		for range cards {
			p.Cards = append(p.Cards, progressapi.Card{
				Name: name(), Rarity: []string{"common", "uncommon", "rare", "epic", "legendary", "mythic", "a", "b", "c"}[random.IntN(9)],
				Owned: random.IntN(8) > 0, Quantity: 11 + random.IntN(89),
			})
		}
		d := card.NewDetail(l, name(), p, now())
		d.Reward = prize
		return d
	}
	place := func(i int) card.Place {
		return card.Place{Rank: 99990 + i, Member: card.Name{Text: name()}, Score: name(), Percent: 9 * i, Own: i == 3}
	}
	board := &card.Leaderboard{Title: card.Name{Text: name()}, Summary: name(), Labels: l}
	for i := range card.MaxPlaces {
		board.Places = append(board.Places, place(i))
	}
	own := place(3)
	board.Own = &own
	var all []progressapi.Program
	for i := range card.MaxRows + 1 {
		all = append(all, program(name(), 12345+5000*i, 100000, time.Duration(100+13*i)*day))
	}
	done := completion(wordy, name(), all[0])
	done.Reward = prize
	return []card.Card{
		detail(14), detail(48), detail(49), board, done,
		card.NewOverview(l, name(), all, now()), card.NewOverview(wordy, name(), all, now()),
	}
}
