package card_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"progressbot/embeds/card"
)

func TestDrawable(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	tests := []struct {
		name, in, want string
		fit            bool
	}{
		{"plain", "Winter Challenge", "Winter Challenge", true},
		{"empty", "", "", false},
		{"spaces only", " \t\n\u00a0\u3000 ", "", false},
		{"space runs", "  Winter \r\n\t Challenge ", "Winter Challenge", true},
		{"Greek and Cyrillic", "Ἀθήνα Київ", "Ἀθήνα Київ", true},
		{"Vietnamese", "Thử thách mùa đông", "Thử thách mùa đông", true},
		{"decomposed accents", "Zoe\u0308 Ange\u0301", "Zoë Angé", true},
		{"emoji", "Winter❄\ufe0f🏔\ufe0fChallenge 🎉", "Winter Challenge", true},
		{"emoji only", "👩‍👩‍👧🏳️‍🌈🇪🇺", "", false},
		{"keycap", "1\ufe0f\u20e3 Start", "1 Start", true},
		{"foreign script", "冬の大冒険", "", false},
		{"foreign part", "Winter 冬の Challenge", "Winter … Challenge", true},
		{"foreign start", "冬 Winter", "… Winter", true},
		{"foreign end", "Winter 冬", "Winter …", true},
		{"foreign in brackets", "「冬」", "", false},
		{"Arabic", "تحدي الشتاء", "", false},
		{"fancy letters", "𝓦𝓲𝓷𝓽𝓮𝓻 𝟚𝟘𝟚𝟞", "Winter 2026", true},
		{"full width", "Ｗｉｎｔｅｒ", "Winter", true},
		{"small capitals", "ꜱᴍᴀʟʟ ᴄᴀᴘꜱ", "SMALL CAPS", true},
		{"ligature", "ﬁne", "fine", true},
		{"zalgo", "W" + strings.Repeat("\u0335\u0321\u0302", 500) + "inter", "Ŵinter", true},
		{"bidi", "\u202eretniW\u202c \u2066x\u2069", "retniW x", true},
		{"zero width", "W\u200bi\u200cn\u200d\u2060\ufeffter\u00ad", "Winter", true},
		{"control", "Win\x00ter\x1b[31m\x7f", "Win ter [31m", true},
		{"invalid UTF-8", "Win\xff\xfeter\xc3", "Winter", true},
		{"fillers", "\u3164\u115f\uffa0\u2800", "", false},
		{"private use", "\ue000\U000f0000", "", false},
		{"punctuation only", "...!?", "...!?", false},
		{"symbol the font has", "★", "★", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, fit := r.Drawable(tt.in)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("drawable runes (-want +got):\n%s", diff)
			}
			if fit != tt.fit {
				t.Errorf("fit = %t, want %t", fit, tt.fit)
			}
		})
	}
}

// What is drawn of any text at all is a glyph that the font has: no boxes.
func FuzzDrawable(f *testing.F) {
	r := renderer(f)
	for _, seed := range []string{"Winter", "冬 Winter", "𝓦ﬃ①½㎏ﷺ", "Z\u0335\u0302", "\u202e\x00\xff", "ǅẗ\u1e9b\u0323가각"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, _ := r.Drawable(s)
		for _, v := range got {
			if !r.Shows(v) {
				t.Errorf("%q is drawn with %q, which the font lacks", s, v)
			}
		}
		if strings.TrimSpace(got) != got || strings.Contains(got, "  ") {
			t.Errorf("%q is drawn as %q, with stray spaces", s, got)
		}
	})
}

func TestDrawableIsBounded(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for _, in := range []string{strings.Repeat("W", 5000), strings.Repeat("冬W", 5000), strings.Repeat("ﷺ", 5000), strings.Repeat("ﬃ", 5000)} {
		if got, _ := r.Drawable(in); utf8.RuneCountInString(got) > 170 {
			t.Errorf("%d runes to draw of %.10q…, want at most 170", utf8.RuneCountInString(got), in)
		}
	}
}

// The glyphs kept are bounded whatever is drawn.
func TestGlyphsAreBounded(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for _, c := range fullest() {
		draw(t, r, c)
	}
	if got := r.Glyphs(); got == 0 || got > 2*card.MaxGlyphs {
		t.Errorf("%d glyphs are kept, want some and at most %d", got, 2*card.MaxGlyphs)
	}
}

func TestLegible(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for name, want := range map[string]bool{
		"Ada": true, "Пётр": true, "Ελένη": true, "漢字 x": true, "𝕬𝖉𝖆": true, "007": true, "Ａｄａ": true,
		"": false, " \u202e": false, "漢字": false, "مرحبا": false, "🔥🔥": false,
	} {
		if got := card.Legible(name); got != want {
			t.Errorf("Legible(%q) = %v", name, got)
		}
		if _, drawn := r.Drawable(name); drawn != want {
			t.Errorf("Drawable(%q) = %v", name, drawn)
		}
	}
}
