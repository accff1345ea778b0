package card_test

import (
	"fmt"
	"strings"
	"time"

	"progressbot/embeds/card"
	"progressbot/progressapi"
)

const day = 24 * time.Hour

// now is when the samples are drawn.
func now() time.Time { return time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC) }

// labels are English words, as the catalogue would give them.
func labels() card.Labels {
	return card.Labels{
		Member: "Member", Collection: "Collection", Card: "Card", Reward: "Reward",
		Running: "In progress", NotStarted: "Not started", Completed: "Complete", Ended: "Ended",
		Owned: "Owned", Missing: "Missing",
		RewardLocked: "Locked", RewardReady: "Ready to claim", RewardClaimed: "Claimed",
		You: "You", Celebration: "Collection complete",
		Count:   func(have, size int) string { return fmt.Sprintf("%d of %d", have, size) },
		Percent: func(n int) string { return fmt.Sprintf("%d%%", n) },
		Left: func(d time.Duration) string {
			if d < day {
				return fmt.Sprintf("%d hours left", d/time.Hour)
			}
			return fmt.Sprintf("%d days left", d/day)
		},
		Done:  func(done, all int) string { return fmt.Sprintf("%d of %d collections complete", done, all) },
		More:  func(n int) string { return fmt.Sprintf("and %d more", n) },
		Spare: func(n int) string { return fmt.Sprintf("%d spare", n) },
		Rarity: func(value string) string {
			return strings.ToUpper(value[:1]) + strings.ReplaceAll(value[1:], "_", " ")
		},
	}
}

// program returns a program with its figures told, which ends after left,
// or never if that is 0.
func program(name string, collected, size int, left time.Duration) progressapi.Program {
	p := progressapi.Program{
		Name: name, Size: size, Collected: collected, Percent: collected * 100 / size,
		CountTold: true, PercentTold: true,
	}
	if left != 0 {
		p.Ends = now().Add(left)
	}
	return p
}

// programs returns twelve that differ in everything an overview shows.
func programs() []progressapi.Program {
	return []progressapi.Program{
		program("Winter Challenge", 3, 10, 6*day),
		program("Вокруг света: самые дальние берега", 23, 24, 3*time.Hour),
		program("Ocean Explorers", 8, 8, 0),
		program("Ελληνικά νησιά", 0, 12, 0),
		program("Retro Arcade 🕹️ Classics", 11, 20, -time.Hour),
		program("冬の大冒険", 1, 9, 40*day),
		program("𝓕𝓪𝓷𝓬𝔂 Collection", 4, 9, 9*day),
		program("Desert Nights", 874, 1200, 0),
		{ID: "nothing is told of this one"},
		program("Forest Spirits and Their Friends", 2, 16, 2*day),
		program("Sky Pirates", 10, 10, 20*day),
		program("Deep Space", 15, 30, 20*day),
	}
}

// completion celebrates that a person completed a program.
func completion(l card.Labels, person string, p progressapi.Program) *card.Completion {
	c := &card.Completion{
		Person: card.Name{Text: person, Instead: l.Member}, Program: card.Name{Text: p.Name, Instead: l.Collection}, Labels: l,
	}
	if l.Count != nil {
		c.Count = l.Count(p.Collected, p.Size)
	}
	return c
}

// collectibles returns n cards, two in three owned and some of those twice
// or more.
func collectibles(n int) []progressapi.Card {
	names := []string{"Snowflake", "Aurora Borealis", "Ice Fox", "Frozen Lake", "Снегирь", "Polar Night of the Northern Lights", "雪だるま", "Sled", "Lantern", "Yeti"}
	rarities := []string{"common", "uncommon", "rare", "epic", "legendary", "mythic", "holo_foil", ""}
	cards := make([]progressapi.Card, n)
	for i := range cards {
		copies := max(0, i*7%6-1)
		cards[i] = progressapi.Card{Name: names[i%len(names)], Rarity: rarities[i%len(rarities)], Owned: copies > 0, Quantity: copies}
	}
	return cards
}

func leaderboard() *card.Leaderboard {
	b := &card.Leaderboard{Title: card.Name{Text: "Winter Challenge"}, Summary: "Leaderboard · page 1 of 3", Labels: labels()}
	members := []string{"Ada Lovelace", "Grace Hopper", "Пётр Ильич", "Linus", "Margaret Hamilton-Smythe of Massachusetts", "漢字", "dmr", "rob", "Ken", "Barbara"}
	ranks := []int{1, 2, 2, 4, 5, 6, 7, 8, 9, 10}
	have := []int{10, 9, 9, 8, 7, 6, 5, 3, 2, 0}
	for i, name := range members {
		b.Places = append(b.Places, card.Place{
			Rank: ranks[i], Member: card.Name{Text: name, Instead: "Member"},
			Score: fmt.Sprintf("%d of 10", have[i]), Percent: 10 * have[i], Own: i == 3,
		})
	}
	return b
}

// samples returns the cards that the golden files show, by file name.
func samples() map[string]card.Card {
	l := labels()
	winter := program("Winter Challenge", 6, 10, 6*day)
	winter.Cards, winter.Reward = collectibles(10), &progressapi.Reward{Name: "Winter Champion Badge"}

	compendium := program("The Great Compendium of Every Creature Under the Sun and Moon", 40, 60, 6*day)
	compendium.Cards = collectibles(60)

	ocean := program("Ocean Explorers", 8, 8, 0)
	ocean.Reward = &progressapi.Reward{Name: "Deep Diver", CanClaim: true}

	ended := program("Retro Arcade", 15, 16, -day)
	ended.Cards = collectibles(15)

	private := completion(l, "柳", compendium)
	private.Reward = &card.Prize{Name: card.Name{Text: "Deep Diver"}, State: card.Claimed, Word: l.RewardClaimed}

	far := leaderboard()
	far.Places = far.Places[:5]
	far.Places[3].Own = false
	far.Own = &card.Place{Rank: 128, Member: card.Name{Text: "Zoë"}, Score: "1 of 10", Percent: 10, Own: true}

	all := leaderboard()
	all.Title = card.Name{Text: "Leaderboard"}
	for i := range all.Places {
		all.Places[i].Score, all.Places[i].Percent = fmt.Sprintf("%d completed · %d cards", 9-i, 1240-99*i), card.NoBar
	}

	wordy := labels()
	wordy.NotStarted, wordy.Completed = "Ещё не начато", "Завершено"
	wordy.Count = func(have, size int) string { return fmt.Sprintf("%d из %d карточек", have, size) }
	wordy.Left = func(d time.Duration) string { return fmt.Sprintf("Осталось %d ч", d/time.Hour) }

	return map[string]card.Card{
		"overview-wordy":     card.NewOverview(wordy, "Ада Лавлейс", programs()[:4+3], now()),
		"overview-12":        card.NewOverview(l, "Ada Lovelace", programs(), now()),
		"overview-5":         card.NewOverview(l, "漢字", programs()[:5], now()),
		"overview-1":         card.NewOverview(l, "Ada Lovelace", programs()[:1], now()),
		"overview-none":      card.NewOverview(l, "Ada Lovelace", nil, now()),
		"overview-wordless":  card.NewOverview(card.Labels{}, "Ada Lovelace", programs(), now()),
		"detail-tiles":       card.NewDetail(l, "Ada Lovelace", winter, now()),
		"detail-squares":     card.NewDetail(l, "Ada Lovelace", compendium, now()),
		"detail-complete":    card.NewDetail(l, "Ada Lovelace", ocean, now()),
		"detail-ended":       card.NewDetail(l, "", ended, now()),
		"detail-nothing":     card.NewDetail(l, "Ada Lovelace", progressapi.Program{}, now()),
		"completion":         completion(l, "Ada Lovelace", ocean),
		"completion-private": private,
		"leaderboard":        leaderboard(),
		"leaderboard-far":    far,
		"leaderboard-all":    all,
	}
}

// fullest returns cards with as much ink as they can have: long names in
// many different letters, long numbers, everything they have room for.
func fullest() map[string]card.Card {
	name := func(seed int) string {
		var b strings.Builder
		for i := range 120 {
			b.WriteRune(rune(0x1e00 + (seed*61+i*7)%250))
		}
		return b.String()
	}
	reward := &progressapi.Reward{Name: name(99), CanClaim: true}
	detail := func(cards int) card.Card {
		p := program(name(0), 12345, 100000, 100*day)
		p.Cards, p.Reward = collectibles(cards), reward
		for i := range p.Cards {
			p.Cards[i].Name, p.Cards[i].Owned, p.Cards[i].Quantity = name(i), i != 3, 11+i
		}
		l := labels()
		l.Rarity = func(value string) string { return name(len(value)) }
		return card.NewDetail(l, name(1), p, now())
	}
	var all []progressapi.Program
	board := leaderboard()
	board.Title, board.Own = card.Name{Text: name(0)}, &card.Place{Rank: 123456, Member: card.Name{Text: name(13)}, Score: "12345 of 100000", Percent: 12, Own: true}
	for i := range card.MaxRows + 5 {
		p := program(name(i), 12345+5000*i, 100000, time.Duration(100+13*i)*day)
		all = append(all, p)
	}
	for i := range board.Places {
		board.Places[i].Member.Text, board.Places[i].Score = name(i), fmt.Sprintf("%d of 100000", 98765-77*i)
	}
	done := completion(labels(), name(1), all[0])
	done.Reward = &card.Prize{Name: card.Name{Text: name(3)}, State: card.Ready, Word: "Ready to claim"}
	return map[string]card.Card{
		"fullest overview":    card.NewOverview(labels(), name(0), all, now()),
		"fullest tiles":       detail(14),
		"fullest squares":     detail(5000),
		"fullest completion":  done,
		"fullest leaderboard": board,
	}
}
