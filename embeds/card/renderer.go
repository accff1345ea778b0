package card

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"sync"
)

// maxBenches bounds how many cards are drawn at once, at 3 MB each.
const maxBenches = 8

// A Renderer draws cards. It keeps the fonts, the glyphs drawn so far and
// what drawing needs between cards, so there should be one of it for a
// process. It draws on half of the processors, eight at most, so that what
// else the process does goes on; more cards wait their turn. It is safe for
// concurrent use.
type Renderer struct {
	palette *palette
	fonts   *fonts
	turns   chan struct{} // one in it for each card that is being drawn

	mu   sync.Mutex
	free []*bench // the last used on top, so that few are ever needed
}

// A bench is what making one card needs; it serves one card at a time.
type bench struct {
	canvas *canvas
	png    *pngWriter
}

// New returns a renderer. Its error can only come from fonts that were
// damaged when the program was built.
func New() (*Renderer, error) {
	f, err := loadFonts()
	if err != nil {
		return nil, fmt.Errorf("load card fonts: %w", err)
	}
	return &Renderer{
		palette: newPalette(),
		fonts:   f,
		turns:   make(chan struct{}, min(max(runtime.GOMAXPROCS(0)/2, 1), maxBenches)),
	}, nil
}

// PNG draws a card and returns the file's bytes, which are the caller's. It
// takes a few milliseconds; the context bounds only the wait for others'
// cards to be done.
func (r *Renderer) PNG(ctx context.Context, card Card) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("wait to draw card: %w", err)
	}
	select {
	case r.turns <- struct{}{}:
		defer func() { <-r.turns }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to draw card: %w", ctx.Err())
	}
	b, err := r.take()
	if err != nil {
		return nil, fmt.Errorf("prepare card: %w", err)
	}
	defer r.put(b)
	return b.make(card)
}

func (r *Renderer) take() (*bench, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.free); n > 0 {
		b := r.free[n-1]
		r.free = r.free[:n-1]
		return b, nil
	}
	return newBench(r.palette, r.fonts)
}

func (r *Renderer) put(b *bench) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.free = append(r.free, b)
}

func newBench(p *palette, f *fonts) (*bench, error) {
	w, err := newPNGWriter()
	if err != nil {
		return nil, err
	}
	return &bench{canvas: newCanvas(p, f), png: w}, nil
}

// manyEdges is how many pixels at edges a picture may have until its file is
// likely to be too large. Knowing it beforehand saves encoding it twice.
const manyEdges = 36_000

// make draws and encodes a card. Where its file would be too large, because
// hardly two letters in it are the same, its edges become plainer.
func (b *bench) make(card Card) ([]byte, error) {
	b.canvas.begin()
	picture := b.canvas.finish(card.draw(b.canvas))
	plainer := b.canvas.palette.plainer[:]
	var as *recoat
	if b.canvas.edge > manyEdges {
		as, plainer = &plainer[0], plainer[1:]
	}
	file, err := b.png.write(&picture, as)
	for i := 0; err == nil && len(file) > MaxFile && i < len(plainer); i++ {
		file, err = b.png.write(&picture, &plainer[i])
	}
	if err != nil {
		return nil, fmt.Errorf("encode card: %w", err)
	}
	return bytes.Clone(file), nil
}
