package card_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"image"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"progressbot/embeds/card"
)

var update = flag.Bool("update", false, "write the golden files anew")

func renderer(tb testing.TB) *card.Renderer {
	tb.Helper()
	r, err := card.New()
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func draw(tb testing.TB, r *card.Renderer, c card.Card) []byte {
	tb.Helper()
	file, err := r.PNG(context.Background(), c)
	if err != nil {
		tb.Fatal(err)
	}
	return file
}

func decode(tb testing.TB, file []byte) *image.Paletted {
	tb.Helper()
	picture, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		tb.Fatal(err)
	}
	paletted, ok := picture.(*image.Paletted)
	if !ok {
		tb.Fatalf("picture is a %T, want a paletted one", picture)
	}
	return paletted
}

// The pictures are looked at by people before they are written; what is
// compared is that they stay that way, within what another processor's
// rounding may change of an edge.
func TestGolden(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for name, c := range samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := draw(t, r, c)
			path := filepath.Join("testdata", name+".png")
			if *update {
				if err := os.WriteFile(path, file, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, decode(t, want), decode(t, file))
		})
	}
}

// compare lets one pixel in a thousand differ visibly.
func compare(t *testing.T, want, got *image.Paletted) {
	t.Helper()
	if want.Rect != got.Rect {
		t.Fatalf("picture is %v, want %v", got.Rect, want.Rect)
	}
	const visible = 40 << 8
	different := 0
	for y := want.Rect.Min.Y; y < want.Rect.Max.Y; y++ {
		for x := want.Rect.Min.X; x < want.Rect.Max.X; x++ {
			wr, wg, wb, wa := want.At(x, y).RGBA()
			gr, gg, gb, ga := got.At(x, y).RGBA()
			if max(apart(wr, gr), apart(wg, gg), apart(wb, gb), apart(wa, ga)) > visible {
				different++
			}
		}
	}
	if limit := len(want.Pix) / 1000; different > limit {
		t.Errorf("%d pixels differ, want at most %d; look at the new picture, then run with -update", different, limit)
	}
}

func apart(a, b uint32) uint32 { return max(a, b) - min(a, b) }

func TestFile(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	cards := samples()
	maps.Copy(cards, fullest())
	for name, c := range cards {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := draw(t, r, c)
			if len(file) > card.MaxFile {
				t.Errorf("file has %d bytes, want at most %d", len(file), card.MaxFile)
			}
			picture := decode(t, file)
			if got, want := picture.Rect.Dx(), 2*card.Width; got != want {
				t.Errorf("picture is %d wide, want %d", got, want)
			}
			if got := picture.Rect.Dy(); got >= 2*card.MaxHeight {
				t.Errorf("picture is %d high, want less than the canvas's %d", got, 2*card.MaxHeight)
			}
			if _, _, _, a := picture.At(0, 0).RGBA(); a != 0 {
				t.Errorf("the panel's corner has alpha %d, want none", a)
			}
			if _, _, _, a := picture.At(card.Width, 0).RGBA(); a != 0xffff {
				t.Errorf("the panel's edge has alpha %d, want it opaque", a)
			}
		})
	}
}

func TestPaletteFitsAByte(t *testing.T) {
	t.Parallel()
	if got := renderer(t).Colours(); got > 256 {
		t.Errorf("palette has %d colours, want at most 256", got)
	}
}

func TestSameModelSameBytes(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for _, name := range []string{"overview-5", "detail-ended", "completion", "leaderboard-far"} {
		first := draw(t, r, samples()[name])
		draw(t, r, samples()["leaderboard"]) // what was drawn before must not show
		if !bytes.Equal(first, draw(t, r, samples()[name])) {
			t.Errorf("%s: a second drawing differs from the first", name)
		}
	}
}

// A thousand at a time: two of every kind and, as the race detector makes
// large ones slow, the rest small.
func TestParallel(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	cards := samples()
	names := slices.Collect(maps.Keys(cards))
	names = append(names, names...)
	for len(names) < 1000 {
		names = append(names, "overview-none")
	}
	alone, want := renderer(t), map[string][]byte{}
	for name, c := range cards {
		want[name] = draw(t, alone, c)
	}
	var wg sync.WaitGroup
	for _, name := range names {
		wg.Go(func() {
			file, err := r.PNG(t.Context(), cards[name])
			if err != nil || !bytes.Equal(file, want[name]) {
				t.Errorf("%s: another picture than alone, error %v", name, err)
			}
		})
	}
	wg.Wait()
}

func TestContextEndsTheWait(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	file, err := renderer(t).PNG(ctx, samples()["overview-1"])
	if !errors.Is(err, context.Canceled) || file != nil {
		t.Errorf("PNG with an ended context = %d bytes, %v; want none and context.Canceled", len(file), err)
	}
}

// Not parallel: the count is of the whole process.
func TestAllocations(t *testing.T) {
	r := renderer(t)
	cards := samples()
	maps.Copy(cards, fullest())
	for name, c := range cards {
		got := testing.AllocsPerRun(2, func() { draw(t, r, c) })
		if got > 13 {
			t.Errorf("%s: %v allocations, want the file and at most 12", name, got)
		}
	}
}

func BenchmarkPNG(b *testing.B) {
	r := renderer(b)
	for name, c := range map[string]card.Card{
		"overview-12": samples()["overview-12"], "fullest overview": fullest()["fullest overview"],
		"detail-squares": samples()["detail-squares"], "completion": samples()["completion"],
		"fullest tiles": fullest()["fullest tiles"], "fullest squares": fullest()["fullest squares"],
		"leaderboard": samples()["leaderboard"], "fullest leaderboard": fullest()["fullest leaderboard"],
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			size := 0
			for b.Loop() {
				size = len(draw(b, r, c))
			}
			b.ReportMetric(float64(size), "bytes")
		})
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		renderer(b)
	}
}
