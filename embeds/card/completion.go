package card

import (
	"hash/fnv"
	"math"
)

// A Completion celebrates that somebody completed a collection.
type Completion struct {
	Person  Name
	Program Name
	Count   string // how many of how many, "" if not told
	Reward  *Prize // nil for none, or to keep it private
	Labels  Labels
}

func (d *Completion) draw(c *canvas) float64 {
	const radius, top = 46.0, 32.0
	d.scatter(c)
	y := top + radius
	c.disc(Width/2, y, radius, success)
	c.disc(Width/2, y, radius-5, panel)
	c.disc(Width/2, y, radius-11, success)
	c.tick(Width/2-38, y-38, 76, panel)
	y += radius + 34
	if d.Labels.Celebration != "" {
		c.say(d.Labels.Celebration, Width/2, y, inner, label, success, centre)
		y += 36
	}
	y = c.callTwice(d.Program, Width/2, y, inner, 34, headline, text, centre) + 34
	y = d.drawPerson(c, y)
	if d.Reward != nil {
		y = d.Reward.draw(c, y+margin)
	}
	return y + margin
}

// drawPerson draws who it was, and the count, in a line that begins at y.
func (d *Completion) drawPerson(c *canvas, y float64) float64 {
	const size = 28.0
	count := 0.0
	if d.Count != "" {
		count = c.line(c.words(d.Count, body), body, inner/3) + large
	}
	runes := c.name(d.Person, strong)
	width := c.line(runes, strong, inner-size-small-count)
	x := (Width - size - small - width - count) / 2
	c.put(x+size+small, strong.middle(y), strong, text)
	c.badge(d.Person, x, y-size/2, size)
	if d.Count != "" {
		c.say(d.Count, x+size+small+width+large, body.middle(y), inner/3, body, muted, left)
	}
	return y + size/2
}

// scatter throws confetti to both sides of the top, the same for the same
// names.
func (d *Completion) scatter(c *canvas) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(cut(d.Program.Text, maxNameBytes) + "\x00" + cut(d.Person.Text, maxNameBytes)))
	seed := h.Sum64()
	next := func() float64 { // xorshift, 0 to 1
		seed ^= seed << 13
		seed ^= seed >> 7
		seed ^= seed << 17
		return float64(seed>>11) / (1 << 53)
	}
	seed |= 1
	colours := [...]ink{accent, gold, rose, violet, success}
	// One piece somewhere in each cell of a grid, so that they spread.
	const cell, columns, lines = 28.0, 6, 5
	for i := range 2 * columns * lines {
		x := 64 + (float64(i%columns)+0.8*next())*cell
		y := 12 + (float64(i/columns%lines)+0.8*next())*cell
		if i >= columns*lines {
			x = -x
		}
		size, turn := 4+4*next(), 2*math.Pi*next()
		if next() < 0.75 {
			c.flake(Width/2+x, y, size, turn, i%3, colours[int(next()*float64(len(colours)))])
		}
	}
}

// flake draws a piece of confetti.
func (c *canvas) flake(x, y, size, turn float64, kind int, with ink) {
	if kind == 0 {
		c.disc(x, y, size/2.4, with)
		return
	}
	long, short := size*0.75, size*0.75
	if kind == 1 {
		short /= 2.4
	}
	sin, cos := math.Sincos(turn)
	at := func(u, v float64) [2]float64 {
		return [2]float64{size + u*cos - v*sin, size + u*sin + v*cos}
	}
	c.open(x-size, y-size, 2*size, 2*size)
	c.polygon(at(-long, -short), at(long, -short), at(long, short), at(-long, short))
	c.shut(with)
}

func (d *Completion) alt(a *altText) {
	a.sentence(d.Labels.Celebration)
	a.sentence(d.Person.plain(), d.Program.plain(), d.Count)
	if p := d.Reward; p != nil {
		a.sentence(d.Labels.Reward, p.Name.plain(), p.Word)
	}
}
