package card_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"progressbot/embeds/card"
	"progressbot/progressapi"
)

func TestAlt(t *testing.T) {
	t.Parallel()
	cards := samples()
	tests := map[string]string{
		"overview-1":     "Ada Lovelace, 0 of 1 collections complete. Winter Challenge: 3 of 10, 30%, In progress, 6 days left.",
		"overview-5":     "漢字, 1 of 5 collections complete. Winter Challenge: 3 of 10, 30%, In progress, 6 days left; Вокруг света: самые дальние берега: 23 of 24, 95%, In progress, 3 hours left; Ocean Explorers: 8 of 8, 100%, Complete; Ελληνικά νησιά: 0 of 12, 0%, Not started; Retro Arcade 🕹️ Classics: 11 of 20, 55%, Ended.",
		"overview-none":  "Ada Lovelace.",
		"detail-tiles":   "Winter Challenge: 6 of 10, 60%, In progress, 6 days left. Ada Lovelace. Reward, Winter Champion Badge, Locked. 7 spare. Missing: Snowflake, Common; Aurora Borealis, Uncommon; 雪だるま, Holo foil; Sled.",
		"detail-nothing": "Collection: Not started. Ada Lovelace.",
		"completion":     "Collection complete. Ada Lovelace, Ocean Explorers, 8 of 8.",
		"completion-private": "Collection complete. 柳, The Great Compendium of Every Creature Under the Sun and Moon, 40 of 60. " +
			"Reward, Deep Diver, Claimed.",
		"leaderboard-far": "Winter Challenge, Leaderboard · page 1 of 3. 128. Zoë, You, 1 of 10. 1. Ada Lovelace, 10 of 10; 2. Grace Hopper, 9 of 10; " +
			"2. Пётр Ильич, 9 of 10; 4. Linus, 8 of 10; 5. Margaret Hamilton-Smythe of Massachusetts, 7 of 10.",
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, card.Alt(cards[name])); diff != "" {
				t.Errorf("alt text (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAltSaysHowManyMore(t *testing.T) {
	t.Parallel()
	p := program("Winter Challenge", 0, 5000, 0)
	for i := range 5000 {
		p.Cards = append(p.Cards, progressapi.Card{Name: fmt.Sprintf("Card of a name that is long %d %s", i, strings.Repeat("x", i))})
	}
	alt := card.Alt(card.NewDetail(labels(), "Ada", p, now()))
	if !strings.HasPrefix(alt, "Winter Challenge: 0 of 5000, 0%, Not started. Ada. Missing: Card of a name") {
		t.Errorf("alt text begins %.80q", alt)
	}
	if !strings.HasSuffix(alt, "; and 4986 more.") {
		t.Errorf("alt text ends %q, want it to say how many more there are", alt[len(alt)-40:])
	}
}

func TestAltIsBoundedAndPlain(t *testing.T) {
	t.Parallel()
	hostile := "\u202e@everyone **x**\u200b\x00\r\n" + strings.Repeat("🎉Z\u0335\u0335\u0335\u0335", 5000)
	var all []progressapi.Program
	for range 40 {
		all = append(all, progressapi.Program{Name: hostile})
	}
	l := labels()
	l.More = func(int) string { return hostile }
	l.Missing, l.Reward, l.Celebration = hostile, hostile, hostile
	p := progressapi.Program{Name: hostile, Reward: &progressapi.Reward{Name: hostile}, Cards: []progressapi.Card{{Name: hostile, Rarity: hostile}}}
	for name, c := range map[string]card.Card{
		"overview":   card.NewOverview(l, hostile, all, now()),
		"detail":     card.NewDetail(l, hostile, p, now()),
		"completion": completion(l, hostile, p),
		"leaderboard": &card.Leaderboard{Title: card.Name{Text: hostile}, Summary: hostile, Labels: l,
			Own: &card.Place{Member: card.Name{Text: hostile}, Score: hostile}},
	} {
		alt := card.Alt(c)
		if got := len(utf16.Encode([]rune(alt))); got > card.MaxAlt || got < 20 {
			t.Errorf("%s: alt text has %d code units, want 20 to %d", name, got, card.MaxAlt)
		}
		if strings.ContainsAny(alt, "\u202e\u200b\x00\r\n") {
			t.Errorf("%s: alt text %.60q has invisible characters", name, alt)
		}
	}
}
