package card

import (
	_ "embed" // for the fonts
	"fmt"
	"image"
	"image/draw"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// The fonts are subsets of Inter, see fonts/subset.sh; fonts/OFL.txt is
// their licence. Strings, so that nothing can write into them.
var (
	//go:embed fonts/Inter-Regular.ttf
	interRegular string
	//go:embed fonts/Inter-SemiBold.ttf
	interSemiBold string
)

// A style is one of the few ways in which text is set.
type style uint8

const (
	caption  style = iota // smallest
	label                 // caption, heavier
	body                  // names of lesser things
	strong                // names of things
	heading               // whom or what the card is about
	headline              // the one thing a celebration says
	figure                // the number that counts
)

// set returns whether a style is semibold, and its size in logical pixels.
func (s style) set() (bold bool, size float64) {
	switch s {
	case caption:
		return false, 14
	case label:
		return true, 14
	case body:
		return false, 16
	case strong:
		return true, 16
	case heading:
		return true, 22
	case headline:
		return true, 28
	default:
		return true, 34
	}
}

// capHeight is how high Inter's capitals and digits are, in ems.
const capHeight = 0.727

// middle returns the baseline that centres capitals and digits on y.
func (s style) middle(y float64) float64 {
	_, size := s.set()
	return y + size*capHeight/2
}

type fonts struct{ regular, semibold *typeface }

func loadFonts() (*fonts, error) {
	regular, err := newTypeface(interRegular)
	if err != nil {
		return nil, fmt.Errorf("regular font: %w", err)
	}
	semibold, err := newTypeface(interSemiBold)
	if err != nil {
		return nil, fmt.Errorf("semibold font: %w", err)
	}
	return &fonts{regular: regular, semibold: semibold}, nil
}

func (f *fonts) face(s style) (*typeface, fixed.Int26_6) {
	bold, size := s.set()
	ppem := fixed.Int26_6(size * scale * 64)
	if bold {
		return f.semibold, ppem
	}
	return f.regular, ppem
}

// maxGlyphs bounds the glyphs that a typeface keeps drawn, about 0.6 KB each.
const maxGlyphs = 4096

// A typeface is one weight of the font, with the glyphs that were drawn
// before. It is safe for concurrent use.
type typeface struct {
	font *sfnt.Font

	mu     sync.RWMutex
	glyphs map[glyphKey]*glyph
}

type glyphKey struct {
	index sfnt.GlyphIndex
	ppem  fixed.Int26_6
}

// A glyph is a drawn letter: coverage levels and where they go from the
// pen. It never changes.
type glyph struct {
	box     image.Rectangle
	cov     []uint8
	edge    int // see the function
	advance fixed.Int26_6
}

func newTypeface(data string) (*typeface, error) {
	f, err := sfnt.Parse([]byte(data))
	if err != nil {
		return nil, err
	}
	return &typeface{font: f, glyphs: make(map[glyphKey]*glyph)}, nil
}

// has reports whether the typeface can show a rune.
func (t *typeface) has(b *sfnt.Buffer, r rune) bool {
	i, err := t.font.GlyphIndex(b, r)
	return err == nil && i != 0
}

// glyph returns a drawn glyph, from memory where it is there.
func (t *typeface) glyph(c *canvas, key glyphKey) *glyph {
	t.mu.RLock()
	g := t.glyphs[key]
	t.mu.RUnlock()
	if g != nil {
		return g
	}
	g = t.render(c, key)
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.glyphs) >= maxGlyphs {
		t.glyphs = make(map[glyphKey]*glyph)
	}
	t.glyphs[key] = g
	return g
}

// render draws a glyph; one that the font lacks or cannot give is blank.
func (t *typeface) render(c *canvas, key glyphKey) *glyph {
	g := &glyph{}
	g.advance, _ = t.font.GlyphAdvance(&c.sfnt, key.index, key.ppem, font.HintingNone)
	segments, err := t.font.LoadGlyph(&c.sfnt, key.index, key.ppem, nil)
	if err != nil || len(segments) == 0 {
		return g
	}
	b := segments.Bounds()
	g.box = image.Rect((b.Min.X).Floor(), b.Min.Y.Floor(), (b.Max.X).Ceil(), b.Max.Y.Ceil())
	c.raster.Reset(g.box.Dx(), g.box.Dy())
	c.raster.DrawOp = draw.Src
	trace(&c.raster, segments, fixed.Int26_6(g.box.Min.X*64), fixed.Int26_6(g.box.Min.Y*64))
	g.cov = append(g.cov, c.cover(g.box.Size())...)
	g.edge = edge(g.cov)
	return g
}

// trace adds a glyph's outline to a rasterizer, with x, y as its origin.
func trace(z *vector.Rasterizer, segments sfnt.Segments, x, y fixed.Int26_6) {
	at := func(p fixed.Point26_6) (float32, float32) {
		return float32(p.X-x) / 64, float32(p.Y-y) / 64
	}
	for _, s := range segments {
		ax, ay := at(s.Args[0])
		bx, by := at(s.Args[1])
		cx, cy := at(s.Args[2])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			z.MoveTo(ax, ay)
		case sfnt.SegmentOpLineTo:
			z.LineTo(ax, ay)
		case sfnt.SegmentOpQuadTo:
			z.QuadTo(ax, ay, bx, by)
		case sfnt.SegmentOpCubeTo:
			z.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	z.ClosePath()
}
