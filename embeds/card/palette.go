package card

import "image/color"

// An ink is a colour to draw with; its value is its index in the palette.
type ink uint8

const (
	clear   ink = iota // fully transparent: outside the panel's corners
	panel              // the card's ground
	surface            // tiles on the panel
	raised             // a tile that stands out
	track              // the unfilled part of bars and rings
	text               // what matters
	muted              // what explains it
	accent             // progress
	success            // completion
	gold               // rewards, first place, legendary
	idle               // over, missing, unknown
	violet             // epic
	rose               // mythic
	silver             // second place
	bronze             // third place
	inks               // how many there are
)

// rgb returns the inks' colours. Contrast was chosen so that text and muted
// keep 4.5:1 on panel, surface and raised, and everything that tells
// something keeps 3:1 on all of them and, where it fills one, on track.
func rgb() [inks]color.NRGBA {
	return [inks]color.NRGBA{
		clear:   {},
		panel:   {0x17, 0x18, 0x21, 0xff},
		surface: {0x23, 0x25, 0x31, 0xff},
		raised:  {0x2e, 0x31, 0x4a, 0xff},
		track:   {0x3a, 0x3d, 0x4e, 0xff},
		text:    {0xf5, 0xf6, 0xfb, 0xff},
		muted:   {0xb6, 0xba, 0xcb, 0xff},
		accent:  {0x93, 0xa4, 0xff, 0xff},
		success: {0x5c, 0xdb, 0x95, 0xff},
		gold:    {0xf7, 0xc9, 0x54, 0xff},
		idle:    {0x98, 0x9d, 0xb0, 0xff},
		violet:  {0xc7, 0x93, 0xff, 0xff},
		rose:    {0xff, 0x86, 0xae, 0xff},
		silver:  {0xcf, 0xd6, 0xe4, 0xff},
		bronze:  {0xe0, 0xa0, 0x70, 0xff},
	}
}

// levels is how many degrees of coverage an edge is drawn with. At twice
// the resolution more cannot be told apart, and make larger files.
const levels = 6

// A ramp asks for the colours between two inks.
type ramp struct{ over, under ink }

// ramps lists what is drawn upon what. Other edges take the nearest colours.
func ramps() []ramp {
	return []ramp{
		{surface, panel}, {raised, panel}, {track, panel}, {track, surface}, {track, raised},
		{text, panel}, {text, surface}, {text, raised},
		{muted, panel}, {muted, surface}, {muted, raised},
		{accent, panel}, {accent, surface}, {accent, raised}, {accent, track},
		{success, panel}, {success, surface}, {success, raised}, {success, track},
		{gold, panel}, {gold, surface}, {gold, raised}, {gold, track},
		{idle, panel}, {idle, surface}, {idle, track},
		{violet, panel}, {violet, surface}, {rose, panel}, {rose, surface},
		{silver, surface}, {bronze, surface},
	}
}

// A coat is what one ink does to a pixel: by coverage and by what is there,
// the palette index that comes closest.
type coat [levels][256]uint8

// A palette holds the colours of a card and the sums done beforehand.
type palette struct {
	colors color.Palette
	coats  [inks]coat
	// fringe is the panel's colour from transparent to opaque, for its
	// outer corners.
	fringe [levels]uint8
	// plainer are the palette with fewer and fewer levels, for pictures
	// whose files would be too large.
	plainer [2]recoat
}

// A recoat is which index takes the place of each.
type recoat [256]uint8

func newPalette() *palette {
	p := &palette{}
	solid := rgb()
	for _, c := range solid {
		p.colors = append(p.colors, c)
	}
	p.fringe[0], p.fringe[levels-1] = uint8(clear), uint8(panel)
	for level := 1; level < levels-1; level++ {
		c := solid[panel]
		c.A = uint8(level * 255 / (levels - 1))
		p.fringe[level] = p.add(c)
	}
	for i := range 256 {
		p.plainer[0][i], p.plainer[1][i] = uint8(i), uint8(i)
	}
	for _, r := range ramps() {
		p.ramp(solid, r)
	}
	for i := range p.coats {
		p.coats[i] = p.coat(solid[i])
	}
	return p
}

// ramp adds the colours between two inks, and what is plainer than they: one
// step between the inks, and none.
func (p *palette) ramp(solid [inks]color.NRGBA, r ramp) {
	const half = levels / 2
	between := p.add(mix(solid[r.under], solid[r.over], half))
	for level := 1; level < levels-1; level++ {
		i := p.add(mix(solid[r.under], solid[r.over], level))
		one, none := between, uint8(r.over)
		switch {
		case level < half:
			none = uint8(r.under)
			if level == 1 {
				one = none
			}
		case level == levels-2:
			one = none
		}
		p.plainer[0][i], p.plainer[1][i] = one, none
	}
}

// add returns the index of c, which it appends where it is new.
func (p *palette) add(c color.NRGBA) uint8 {
	for i, have := range p.colors {
		if have == color.Color(c) {
			return uint8(i)
		}
	}
	p.colors = append(p.colors, c)
	return uint8(len(p.colors) - 1)
}

func (p *palette) coat(c color.NRGBA) (t coat) {
	opaque := make([]color.NRGBA, len(p.colors))
	for i := range p.colors {
		opaque[i] = p.colors[i].(color.NRGBA)
	}
	for level := range t {
		for under := range t[level] {
			t[level][under] = uint8(under)
			if level > 0 && under < len(opaque) && opaque[under].A == 0xff {
				t[level][under] = nearest(opaque, mix(opaque[under], c, level))
			}
		}
	}
	return t
}

// mix lays over upon under with level steps of coverage.
func mix(under, over color.NRGBA, level int) color.NRGBA {
	const full = levels - 1
	part := func(u, o uint8) uint8 {
		return uint8((int(u)*(full-level) + int(o)*level + full/2) / full)
	}
	return color.NRGBA{part(under.R, over.R), part(under.G, over.G), part(under.B, over.B), 0xff}
}

// nearest returns the index of the opaque colour that looks most like c.
func nearest(from []color.NRGBA, c color.NRGBA) uint8 {
	best, least := 0, 1<<30
	for i, f := range from {
		if f.A != 0xff {
			continue
		}
		r, g, b := int(f.R)-int(c.R), int(f.G)-int(c.G), int(f.B)-int(c.B)
		if d := 3*r*r + 6*g*g + b*b; d < least {
			best, least = i, d
		}
	}
	return uint8(best)
}
