package card

import (
	"image"
	"math"

	"image/draw"
)

// open starts a path within a box; points are given from the box's top left
// corner, in logical pixels. Nothing outside the box is drawn.
func (c *canvas) open(x, y, w, h float64) {
	c.origin = image.Pt(device(x), device(y))
	c.raster.Reset(device(w), device(h))
	c.raster.DrawOp = draw.Src
}

func (c *canvas) moveTo(x, y float64) { c.raster.MoveTo(float32(x*scale), float32(y*scale)) }
func (c *canvas) lineTo(x, y float64) { c.raster.LineTo(float32(x*scale), float32(y*scale)) }

// arc draws the way along a circle from one angle to another, clockwise in
// radians from twelve o'clock; negative ways go back. It begins a new
// outline if first is set and goes on with the open one otherwise.
func (c *canvas) arc(cx, cy, r, from, to float64, first bool) {
	steps := int(math.Ceil(math.Abs(to-from) * (4 + math.Sqrt(r*scale)*1.6)))
	for i := range steps + 1 {
		sin, cos := math.Sincos(from + (to-from)*float64(i)/float64(max(steps, 1)))
		if first && i == 0 {
			c.moveTo(cx+r*sin, cy-r*cos)
		} else {
			c.lineTo(cx+r*sin, cy-r*cos)
		}
	}
}

// circle adds a whole circle; hole turns it into a hole of what is around.
func (c *canvas) circle(cx, cy, r float64, hole bool) {
	if hole {
		c.arc(cx, cy, r, 2*math.Pi, 0, true)
	} else {
		c.arc(cx, cy, r, 0, 2*math.Pi, true)
	}
	c.raster.ClosePath()
}

// ring adds a part of a ring with round ends.
func (c *canvas) ring(cx, cy, r, width, from, to float64) {
	c.arc(cx, cy, r+width/2, from, to, true)
	c.arc(cx, cy, r-width/2, to, from, false)
	c.raster.ClosePath()
	for _, angle := range [2]float64{from, to} {
		sin, cos := math.Sincos(angle)
		c.circle(cx+r*sin, cy-r*cos, width/2, false)
	}
}

// stroke adds a line of some width with round ends and joints.
func (c *canvas) stroke(width float64, points ...[2]float64) {
	for i, p := range points {
		c.circle(p[0], p[1], width/2, false)
		if i == 0 {
			continue
		}
		q := points[i-1]
		length := math.Hypot(p[0]-q[0], p[1]-q[1])
		if length == 0 {
			continue
		}
		nx, ny := (p[1]-q[1])/length*width/2, -(p[0]-q[0])/length*width/2
		c.polygon([2]float64{q[0] + nx, q[1] + ny}, [2]float64{p[0] + nx, p[1] + ny},
			[2]float64{p[0] - nx, p[1] - ny}, [2]float64{q[0] - nx, q[1] - ny})
	}
}

// polygon adds a closed outline.
func (c *canvas) polygon(points ...[2]float64) {
	for i, p := range points {
		if i == 0 {
			c.moveTo(p[0], p[1])
		} else {
			c.lineTo(p[0], p[1])
		}
	}
	c.raster.ClosePath()
}

// spikes adds a star, or with an inner radius of 1 a regular polygon.
func (c *canvas) spikes(cx, cy, r float64, corners int, inner float64) {
	for i := range 2 * corners {
		radius := r
		if i%2 == 1 {
			if inner == 1 {
				continue
			}
			radius = r * inner
		}
		sin, cos := math.Sincos(math.Pi * float64(i) / float64(corners))
		if i == 0 {
			c.moveTo(cx+radius*sin, cy-radius*cos)
		} else {
			c.lineTo(cx+radius*sin, cy-radius*cos)
		}
	}
	c.raster.ClosePath()
}

// shut fills the open path.
func (c *canvas) shut(with ink) {
	size := c.raster.Size()
	cov := c.cover(size)
	at := image.Rectangle{Min: c.origin, Max: c.origin.Add(size)}
	c.reach(at.Max.Y)
	c.noteShape(cov, at, with)
	c.edge += edge(cov)
	c.paint(cov, size.X, at, with)
}

// edge counts the pixels that are covered in part.
func edge(cov []uint8) (n int) {
	for _, l := range cov {
		if l != 0 && l != levels-1 {
			n++
		}
	}
	return n
}

// noteShape tells the audit of the first pixel that a shape covers whole.
func (c *canvas) noteShape(cov []uint8, at image.Rectangle, with ink) {
	if c.audit == nil {
		return
	}
	for i, l := range cov {
		if l == levels-1 {
			c.note(with, at.Min.X+i%at.Dx(), at.Min.Y+i/at.Dx(), false)
			return
		}
	}
}

// cover rasterises the open path and returns its coverage, one level to a
// pixel, which is the canvas's own until the next call.
func (c *canvas) cover(size image.Point) []uint8 {
	n := size.X * size.Y
	if cap(c.mask.Pix) < n {
		c.mask.Pix = make([]uint8, n)
	}
	c.mask.Pix, c.mask.Stride = c.mask.Pix[:n], size.X
	c.mask.Rect = image.Rectangle{Max: size}
	c.raster.Draw(&c.mask, c.mask.Rect, image.Opaque, image.Point{})
	for i, v := range c.mask.Pix {
		c.mask.Pix[i] = uint8((int(v)*(levels-1) + 127) / 255)
	}
	return c.mask.Pix
}
