package embeds_test

import (
	"testing"

	"progressbot/embeds"
	"progressbot/embeds/card"
	"progressbot/progressapi"
)

// A rarity reads the same in a message and on its picture.
func TestRarityReadsTheSame(t *testing.T) {
	t.Parallel()
	for rarity, want := range map[string]string{
		"rare":                           "Rare",
		"very_rare":                      "Very rare",
		"veryRare":                       "Very rare",
		"VERY-RARE":                      "Very rare",
		"_":                              "",
		"a rarity of a great many words": "A rarity of a great…",
	} {
		v := own()
		p := progressapi.Program{Name: "Winter", Cards: []progressapi.Card{{Name: "Aurora", Rarity: rarity}}}
		text, alt := "Aurora", "Missing: Aurora"
		if want != "" {
			text, alt = text+" · "+want, alt+", "+want
		}
		if got := embeds.Detail(v, p, -1).Embeds[0].Fields[0].Value; got != text {
			t.Errorf("%q: the message says %q, want %q", rarity, got, text)
		}
		want := "Winter: Not started. " + alt + "."
		if got := card.Alt(card.NewDetail(embeds.CardLabels(v.Words), "", p, v.Now)); got != want {
			t.Errorf("%q: the picture says %q, want %q", rarity, got, want)
		}
	}
}
