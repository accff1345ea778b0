package card_test

import (
	"image/color"
	"maps"
	"math"
	"testing"

	"progressbot/embeds/card"
)

// Discord's grounds, behind the panel.
func grounds() map[string]color.NRGBA {
	return map[string]color.NRGBA{
		"dark":  {0x31, 0x33, 0x38, 0xff},
		"light": {0xff, 0xff, 0xff, 0xff},
	}
}

// luminance and contrast are WCAG 2.2's relative luminance and contrast
// ratio.
func luminance(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func TestContrast(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	cards := samples()
	maps.Copy(cards, fullest())
	texts, graphics := 0, 0
	for name, c := range cards {
		for _, p := range r.Pairs(c) {
			least := 3.0
			if p.Text {
				least = 4.5
				texts++
			} else {
				graphics++
			}
			if got := contrast(p.Over, p.Under); got < least {
				t.Errorf("%s: %v on %v (text: %t) has contrast %.2f, want at least %.1f", name, p.Over, p.Under, p.Text, got, least)
			}
		}
	}
	if texts < 20 || graphics < 20 {
		t.Errorf("saw %d pairs with text and %d with graphics; the audit misses most", texts, graphics)
	}
}

// The panel is opaque, so Discord's theme shows around it only, and it is
// darker than both.
func TestPanelOnThemes(t *testing.T) {
	t.Parallel()
	picture := decode(t, draw(t, renderer(t), card.NewOverview(labels(), "Ada", nil, now())))
	panel, ok := picture.At(card.Width, 4).(color.NRGBA)
	if !ok {
		t.Fatalf("panel is a %T", picture.At(card.Width, 4))
	}
	for name, ground := range grounds() {
		if got := contrast(panel, ground); got < 1.3 {
			t.Errorf("the panel on Discord's %s ground has contrast %.2f, want its edge to show", name, got)
		}
	}
}
