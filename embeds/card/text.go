package card

import (
	"image"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// A placed glyph is one of a laid-out line, by the pen's way from its start.
type placed struct {
	index sfnt.GlyphIndex
	at    fixed.Int26_6
}

type align int

const (
	left align = iota
	centre
	right
)

// logical turns a text measure into logical pixels.
func logical(v fixed.Int26_6) float64 { return float64(v) / 64 / scale }

// name takes in a name: its text, or what stands in for it where none of it
// can be shown.
func (c *canvas) name(n Name, s style) []rune {
	face, _ := c.fonts.face(s)
	if !c.clean(n.Text, face) {
		c.clean(n.Instead, face)
	}
	return c.runes
}

// words takes in a text of the card's own.
func (c *canvas) words(text string, s style) []rune {
	face, _ := c.fonts.face(s)
	c.clean(text, face)
	return c.runes
}

// line sets runes in one line of at most limit logical pixels, cut with an
// ellipsis where they are longer, and returns how wide it is. It is drawn by
// put.
func (c *canvas) line(runes []rune, s style, limit float64) float64 {
	room := fixed.Int26_6(limit * scale * 64)
	n, width := c.shape(runes, s, room)
	if n == len(runes) {
		return logical(width)
	}
	dots := c.advance(ellipsis, s)
	n, _ = c.shape(runes, s, room-dots)
	for n > 0 && (runes[n-1] == ' ' || runes[n-1] == ellipsis) {
		n--
	}
	c.run = c.run[:n]
	width = 0
	if n > 0 {
		last := c.run[n-1]
		width = last.at + c.advance(runes[n-1], s)
	}
	face, _ := c.fonts.face(s)
	index, _ := face.font.GlyphIndex(&c.sfnt, ellipsis)
	c.run = append(c.run, placed{index: index, at: width})
	return logical(width + dots)
}

func (c *canvas) advance(r rune, s style) fixed.Int26_6 {
	face, ppem := c.fonts.face(s)
	index, _ := face.font.GlyphIndex(&c.sfnt, r)
	return face.glyph(c, glyphKey{index: index, ppem: ppem}).advance
}

// shape places runes one after the other, kerned, until one would pass room,
// and returns how many it placed and how far they reach.
func (c *canvas) shape(runes []rune, s style, room fixed.Int26_6) (n int, width fixed.Int26_6) {
	face, ppem := c.fonts.face(s)
	c.run = c.run[:0]
	for i, r := range runes {
		index, _ := face.font.GlyphIndex(&c.sfnt, r)
		at := width
		if i > 0 {
			if kern, err := face.font.Kern(&c.sfnt, c.run[i-1].index, index, ppem, font.HintingNone); err == nil {
				at += kern
			}
		}
		end := at + face.glyph(c, glyphKey{index: index, ppem: ppem}).advance
		if end > room {
			return i, width
		}
		c.run = append(c.run, placed{index: index, at: at})
		width = end
	}
	return len(runes), width
}

// put draws the line that was set last, from x on the baseline y.
func (c *canvas) put(x, y float64, s style, with ink) {
	face, ppem := c.fonts.face(s)
	baseline := device(y)
	c.reach(baseline + 1)
	c.note(with, device(x), baseline, true)
	for _, p := range c.run {
		pen := fixed.Int26_6(x*scale*64) + p.at + 32
		g := face.glyph(c, glyphKey{index: p.index, ppem: ppem})
		if len(g.cov) > 0 {
			c.edge += g.edge
			c.paint(g.cov, g.box.Dx(), g.box.Add(image.Pt(pen.Floor(), baseline)), with)
		}
	}
}

// say draws words in one line and returns how wide they came out. x is
// their left end, middle or right end, y the baseline.
func (c *canvas) say(words string, x, y, limit float64, s style, with ink, a align) float64 {
	return c.set(c.words(words, s), x, y, limit, s, with, a)
}

// call draws a name in one line, as say does.
func (c *canvas) call(n Name, x, y, limit float64, s style, with ink, a align) float64 {
	return c.set(c.name(n, s), x, y, limit, s, with, a)
}

func (c *canvas) set(runes []rune, x, y, limit float64, s style, with ink, a align) float64 {
	width := c.line(runes, s, limit)
	switch a {
	case centre:
		x -= width / 2
	case right:
		x -= width
	}
	c.put(x, y, s, with)
	return width
}

// callTwice draws a name in two lines where one is too short for it, and
// returns the baseline of the last.
func (c *canvas) callTwice(n Name, x, y, limit, leading float64, s style, with ink, a align) float64 {
	runes := c.name(n, s)
	first, _ := c.shape(runes, s, fixed.Int26_6(limit*scale*64))
	if first < len(runes) {
		first = wrap(runes, first)
		c.set(runes[:first], x, y, limit, s, with, a)
		y += leading
		runes = trim(runes[first:])
	}
	c.set(runes, x, y, limit, s, with, a)
	return y
}

// wrap returns where to break runes of which n fit: after the last space in
// the second half, or in the middle of a long word.
func wrap(runes []rune, n int) int {
	for i := n; i > n/2; i-- {
		if runes[i] == ' ' {
			return i
		}
	}
	return n
}

func trim(runes []rune) []rune {
	for len(runes) > 0 && runes[0] == ' ' {
		runes = runes[1:]
	}
	return runes
}
