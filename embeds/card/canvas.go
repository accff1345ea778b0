package card

import (
	"image"
	"math"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/vector"
)

// Width is how wide every card is, in logical pixels; the PNG has twice as
// many.
const Width = 480

const (
	scale     = 2   // device pixels to a logical pixel
	maxHeight = 840 // logical; the fullest card is 780 high
	deviceW   = Width * scale
	deviceH   = maxHeight * scale
)

// A canvas is what one card is drawn on, with all that drawing needs. Sizes
// and positions are in logical pixels from the panel's top left corner.
// It serves one card at a time and is used again for the next.
type canvas struct {
	palette *palette
	fonts   *fonts
	pix     []uint8 // palette indices, deviceW to a row
	ground  int     // rows that were painted with the panel's ground
	edge    int     // pixels at the edges of letters and shapes

	raster vector.Rasterizer
	mask   image.Alpha
	origin image.Point // of the open path's box, in device pixels

	sfnt  sfnt.Buffer
	runes []rune
	bytes []byte
	run   []placed

	// audit, if set, is told of everything that is drawn to be read or
	// recognised: with which ink, upon what, and whether it is text.
	audit func(over, under ink, isText bool)
}

func newCanvas(p *palette, f *fonts) *canvas {
	return &canvas{palette: p, fonts: f, pix: make([]uint8, deviceW*deviceH)}
}

// device turns a logical length into whole device pixels.
func device(v float64) int { return int(math.Round(v * scale)) }

// begin lays the panel's ground for a new card.
func (c *canvas) begin() { c.ground, c.edge = 0, 0 }

// reach makes sure that the ground is laid down to the row y, exclusive, and
// returns y cut to what the canvas has.
func (c *canvas) reach(y int) int {
	y = min(y, deviceH)
	if y > c.ground {
		fill(c.pix[c.ground*deviceW:y*deviceW], uint8(panel))
		c.ground = y
	}
	return y
}

func fill(row []uint8, v uint8) {
	if len(row) == 0 {
		return
	}
	row[0] = v
	for n := 1; n < len(row); n *= 2 {
		copy(row[n:], row[:n])
	}
}

// finish cuts the card to the height h, rounds the panel's corners and
// returns the picture, which is the canvas's own until the next begin.
func (c *canvas) finish(h float64) image.Paletted {
	rows := c.reach(device(h))
	const radius = 16 * scale
	for y := range min(radius, rows/2) {
		for x := range radius {
			level := corner(x, y, radius)
			if level == levels-1 {
				break
			}
			v := c.palette.fringe[level]
			top, bottom := c.pix[y*deviceW:][:deviceW], c.pix[(rows-1-y)*deviceW:][:deviceW]
			top[x], top[deviceW-1-x], bottom[x], bottom[deviceW-1-x] = v, v, v, v
		}
	}
	return image.Paletted{
		Pix: c.pix[:rows*deviceW], Stride: deviceW,
		Rect: image.Rect(0, 0, deviceW, rows), Palette: c.palette.colors,
	}
}

// corner returns how much of the pixel x, y, counted from a square's corner,
// the quarter circle in it covers.
func corner(x, y, radius int) int {
	dx, dy := float64(radius-x)-0.5, float64(radius-y)-0.5
	return level(float64(radius) - math.Sqrt(dx*dx+dy*dy) + 0.5)
}

// level turns a coverage of 0 to 1 into one of the palette's levels.
func level(coverage float64) int {
	return int(math.Round(min(max(coverage, 0), 1) * (levels - 1)))
}

// box fills a rectangle with rounded corners; a disc is a square with a
// radius of half its side.
func (c *canvas) box(x, y, w, h, radius float64, with ink) {
	x0, y0, x1, y1 := max(device(x), 0), max(device(y), 0), min(device(x+w), deviceW), device(y+h)
	y1 = c.reach(y1)
	if x1 <= x0 || y1 <= y0 {
		return
	}
	r := min(device(radius), (x1-x0)/2, (y1-y0)/2)
	c.note(with, (x0+x1)/2, y0, false)
	coat := &c.palette.coats[with]
	for row := y0; row < y1; row++ {
		line := c.pix[row*deviceW:][:deviceW]
		edge := min(row-y0, y1-1-row)
		in := 0
		if edge < r {
			for ; in < r; in++ {
				l := corner(in, edge, r)
				if l == levels-1 {
					break
				}
				line[x0+in] = coat[l][line[x0+in]]
				line[x1-1-in] = coat[l][line[x1-1-in]]
			}
		}
		fill(line[x0+in:x1-in], uint8(with))
	}
}

// disc fills a circle around cx, cy.
func (c *canvas) disc(cx, cy, radius float64, with ink) {
	c.box(cx-radius, cy-radius, 2*radius, 2*radius, radius, with)
}

// paint lays an ink upon a box of coverage levels, cut to the canvas.
func (c *canvas) paint(cov []uint8, stride int, at image.Rectangle, with ink) {
	coat := &c.palette.coats[with]
	bottom := c.reach(at.Max.Y)
	left, right := max(at.Min.X, 0), min(at.Max.X, deviceW)
	if left >= right {
		return
	}
	for y := max(at.Min.Y, 0); y < bottom; y++ {
		line := c.pix[y*deviceW:][left:right]
		from := cov[(y-at.Min.Y)*stride+left-at.Min.X:][:len(line)]
		for x, l := range from {
			if l != 0 {
				line[x] = coat[l][line[x]]
			}
		}
	}
}

// note tells the audit what is about to be drawn upon the pixel x, y.
func (c *canvas) note(over ink, x, y int, isText bool) {
	if c.audit == nil || x < 0 || x >= deviceW || y < 0 || y >= min(c.ground, deviceH) {
		return
	}
	if under := ink(c.pix[y*deviceW+x]); under < inks {
		c.audit(over, under, isText)
	}
}
