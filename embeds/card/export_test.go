package card

import "image/color"

// Drawable returns the runes that stand for a text in a picture, and whether
// they are fit to.
func (r *Renderer) Drawable(s string) (string, bool) {
	c := newCanvas(r.palette, r.fonts)
	ok := c.clean(s, r.fonts.regular)
	return string(c.runes), ok
}

// Shows reports whether both weights of the font have a rune.
func (r *Renderer) Shows(v rune) bool {
	c := newCanvas(r.palette, r.fonts)
	return r.fonts.regular.has(&c.sfnt, v) && r.fonts.semibold.has(&c.sfnt, v)
}

// A Pair is what was drawn to be read or recognised, and what upon.
type Pair struct {
	Over, Under color.NRGBA
	Text        bool
}

// Pairs draws a card and returns each pair of colours in it once. The
// grounds themselves and the holes in marks are left out.
func (r *Renderer) Pairs(card Card) []Pair {
	c := newCanvas(r.palette, r.fonts)
	seen := map[Pair]bool{}
	var pairs []Pair
	ground := func(i ink) bool { return i == panel || i == surface || i == raised || i == track }
	c.audit = func(over, under ink, isText bool) {
		if ground(over) && ground(under) {
			return
		}
		p := Pair{Over: rgb()[over], Under: rgb()[under], Text: isText}
		if !seen[p] {
			seen[p] = true
			pairs = append(pairs, p)
		}
	}
	c.begin()
	card.draw(c)
	return pairs
}

// Colours returns how many colours a picture's palette has.
func (r *Renderer) Colours() int { return len(r.palette.colors) }

// Glyphs returns how many drawn glyphs are kept.
func (r *Renderer) Glyphs() int { return len(r.fonts.regular.glyphs) + len(r.fonts.semibold.glyphs) }

// MaxHeight is how high the canvas is, in logical pixels.
const MaxHeight = maxHeight

// MaxGlyphs is how many drawn glyphs are kept of each weight at most.
const MaxGlyphs = maxGlyphs
