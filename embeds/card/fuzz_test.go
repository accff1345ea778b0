package card_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"progressbot/embeds/card"
	"progressbot/progressapi"
)

// Whatever a model holds, it is drawn without a panic, in a file and an alt
// text within their bounds.
func FuzzCard(f *testing.F) {
	r := renderer(f)
	for kind := range uint8(5) {
		f.Add(kind, "Ada", "Winter Challenge", "rare", 3, 10, 30, 12, int64(6*24*time.Hour), true)
		f.Add(kind, "", "", "", 0, 0, 0, 0, int64(0), false)
		f.Add(kind, "\u202e漢字", strings.Repeat("Ẳ", 5000), "very_rare", -1<<62, 1<<62, 1<<62, 5000, int64(-1), true)
		f.Add(kind, "W"+strings.Repeat("\u0335", 5000), "👩‍👩‍👧 \x00\xff", "\xff_", 7, -7, -7, 47, int64(1<<62), false)
		f.Add(kind, "ﷺ", "ǅ", "LEGENDARY ", 99, 100, 99, 49, int64(1), true)
	}
	f.Fuzz(func(t *testing.T, kind uint8, person, name, rarity string, collected, size, percent, n int, left int64, yes bool) {
		n = min(max(n, 0), 6000)
		p := progressapi.Program{
			Name: name, Size: size, Collected: collected, Percent: percent, CountTold: yes, PercentTold: !yes,
			Ends: now().Add(time.Duration(left)), Reward: &progressapi.Reward{Name: person, CanClaim: yes, IsClaimed: !yes},
		}
		for i := range n {
			p.Cards = append(p.Cards, progressapi.Card{Name: name, Rarity: rarity, Owned: yes == (i%3 == 0), Quantity: collected + i})
		}
		all := make([]progressapi.Program, n%16)
		places := make([]card.Place, n%16)
		for i := range all {
			all[i] = p
			places[i] = card.Place{Rank: size + i, Member: card.Name{Text: name, Instead: person}, Score: rarity, Percent: percent, Own: yes}
		}
		l := labels()
		if !yes {
			l = card.Labels{Missing: name, You: rarity, Celebration: person, Running: name}
		}
		cards := []card.Card{
			card.NewOverview(l, person, all, now()),
			card.NewDetail(l, person, p, now()),
			completion(l, person, p),
			&card.Completion{Person: card.Name{Text: name}, Reward: &card.Prize{State: card.PrizeState(n)}, Labels: l},
			&card.Leaderboard{Title: card.Name{Text: name}, Summary: person, Places: places, Own: &card.Place{Rank: n}, Labels: l},
		}
		check(t, r, cards[int(kind)%len(cards)])
	})
}

func check(t *testing.T, r *card.Renderer, c card.Card) {
	t.Helper()
	if file := draw(t, r, c); len(file) == 0 || len(file) > card.MaxFile {
		t.Errorf("%T: file has %d bytes", c, len(file))
	}
	alt := card.Alt(c)
	if got := len(utf16.Encode([]rune(alt))); got > card.MaxAlt || !utf8.ValidString(alt) {
		t.Errorf("%T: alt text has %d code units, want at most %d, and valid: %q", c, got, card.MaxAlt, alt)
	}
}
