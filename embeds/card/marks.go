package card

import (
	"math"
	"strings"
)

// A mark is a small sign that tells a state by its shape; its colour only
// says the same again.
type mark int

const (
	noMark mark = iota
	checkMark
	clockMark
	halfMark   // begun
	hollowMark // not begun, not owned
	stopMark   // over
	giftMark
	lockMark
)

// sign draws a mark of some size, its top left corner at x, y, on the ground
// under.
func (c *canvas) sign(m mark, x, y, size float64, with, under ink) {
	h := size / 2
	line := max(size/9, 1.5)
	switch m {
	case checkMark:
		c.disc(x+h, y+h, h, with)
		c.tick(x, y, size, under)
	case clockMark:
		c.hoop(x, y, size, line, with)
		c.open(x, y, size, size)
		c.stroke(line, [2]float64{h, size * 0.27}, [2]float64{h, h}, [2]float64{size * 0.67, size * 0.6})
		c.shut(with)
	case halfMark:
		c.hoop(x, y, size, line, with)
		c.open(x, y, size, size)
		c.moveTo(h, h)
		c.arc(h, h, h-line*1.8, 0, math.Pi, false)
		c.raster.ClosePath()
		c.shut(with)
	case hollowMark:
		c.hoop(x, y, size, line, with)
	case stopMark:
		c.hoop(x, y, size, line, with)
		side := size * 0.34
		c.box(x+h-side/2, y+h-side/2, side, side, 1, with)
	case giftMark:
		c.gift(x, y, size, with, under)
	case lockMark:
		c.lock(x, y, size, with)
	}
}

// tick draws a bare check mark.
func (c *canvas) tick(x, y, size float64, with ink) {
	c.open(x, y, size, size)
	c.stroke(max(size/8, 1.5), [2]float64{size * 0.29, size * 0.53}, [2]float64{size * 0.44, size * 0.67}, [2]float64{size * 0.72, size * 0.36})
	c.shut(with)
}

// hoop draws a circle's outline.
func (c *canvas) hoop(x, y, size, line float64, with ink) {
	h := size / 2
	c.open(x, y, size, size)
	c.circle(h, h, h, false)
	c.circle(h, h, h-line, true)
	c.shut(with)
}

func (c *canvas) gift(x, y, size float64, with, under ink) {
	u := size / 16
	c.box(x+2*u, y+7.5*u, 12*u, 8*u, 1.5*u, with)
	c.box(x+1*u, y+4.5*u, 14*u, 3.5*u, 1*u, with)
	c.box(x+7*u, y+4.5*u, 2*u, 11*u, 0, under)
	c.open(x, y, size, 6*u)
	c.circle(5.4*u, 2.7*u, 2.4*u, false)
	c.circle(5.4*u, 2.7*u, 1*u, true)
	c.circle(10.6*u, 2.7*u, 2.4*u, false)
	c.circle(10.6*u, 2.7*u, 1*u, true)
	c.shut(with)
}

func (c *canvas) lock(x, y, size float64, with ink) {
	u := size / 16
	c.open(x, y, size, 9*u)
	c.ring(8*u, 5.5*u, 3.5*u, 1.8*u, -math.Pi/2, math.Pi/2)
	c.polygon([2]float64{3.6 * u, 5.5 * u}, [2]float64{5.4 * u, 5.5 * u}, [2]float64{5.4 * u, 9 * u}, [2]float64{3.6 * u, 9 * u})
	c.polygon([2]float64{10.6 * u, 5.5 * u}, [2]float64{12.4 * u, 5.5 * u}, [2]float64{12.4 * u, 9 * u}, [2]float64{10.6 * u, 9 * u})
	c.shut(with)
	c.box(x+2*u, y+7*u, 12*u, 8*u, 2*u, with)
}

// bar draws a progress bar; a beginning always shows, and only a whole is
// full.
func (c *canvas) bar(x, y, w, h float64, percent int, with ink) {
	c.box(x, y, w, h, h/2, track)
	if percent <= 0 {
		return
	}
	filled := w * float64(min(percent, 100)) / 100
	if percent < 100 {
		filled = min(filled, w-h)
	}
	c.box(x, y, max(filled, h), h, h/2, with)
}

// dial draws a progress ring around cx, cy.
func (c *canvas) dial(cx, cy, radius, width float64, percent int, with ink) {
	r := radius - width/2
	c.open(cx-radius, cy-radius, 2*radius, 2*radius)
	c.circle(radius, radius, radius, false)
	c.circle(radius, radius, radius-width, true)
	c.shut(track)
	if percent <= 0 {
		return
	}
	c.open(cx-radius, cy-radius, 2*radius, 2*radius)
	if percent >= 100 {
		c.circle(radius, radius, radius, false)
		c.circle(radius, radius, radius-width, true)
	} else {
		// The round ends reach beyond the arc; keep the gap visible.
		most := 2*math.Pi - 2.2*width/r
		c.ring(radius, radius, r, width, 0, min(2*math.Pi*float64(percent)/100, most))
	}
	c.shut(with)
}

// rarityMark returns the shape and colour of a rarity. The values are an open
// set; those that are not known share a neutral shape.
func rarityMark(value string) (shape, ink) {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "common", "basic", "normal":
		return dot, muted
	case "uncommon":
		return triangle, success
	case "rare":
		return diamond, accent
	case "epic", "very_rare", "super_rare":
		return hexagon, violet
	case "legendary", "ultra_rare":
		return star, gold
	case "mythic", "mythical", "exotic", "secret":
		return burst, rose
	default:
		return tablet, idle
	}
}

// A shape tells a rarity.
type shape int

const (
	dot shape = iota
	triangle
	diamond
	hexagon
	star
	burst
	tablet // any other
)

// gem draws a rarity's shape in a square of some size at x, y.
func (c *canvas) gem(s shape, x, y, size float64, with ink) {
	h := size / 2
	c.open(x, y, size, size)
	switch s {
	case dot:
		c.circle(h, h, size*0.32, false)
	case triangle:
		c.spikes(h, size*0.56, size*0.5, 3, 1)
	case diamond:
		c.spikes(h, h, size*0.5, 4, 1)
	case hexagon:
		c.spikes(h, h, size*0.48, 6, 1)
	case star:
		c.spikes(h, size*0.53, size*0.53, 5, 0.45)
	case burst:
		c.spikes(h, h, size*0.5, 8, 0.55)
	default:
		c.polygon([2]float64{size * 0.16, size * 0.3}, [2]float64{size * 0.84, size * 0.3},
			[2]float64{size * 0.84, size * 0.7}, [2]float64{size * 0.16, size * 0.7})
	}
	c.shut(with)
}
