package card

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"io"
)

// compression is what flat colours with small letters gain most from for
// their time: a fifth less than the fastest level in twice its time, where
// the default takes four times as long. It is the reason why the file is
// written here: image/png has no level between those two.
const compression = 4

// A pngWriter writes paletted PNG files. It serves one at a time and is used
// again for the next.
type pngWriter struct {
	out     bytes.Buffer
	data    bytes.Buffer // the compressed rows
	deflate *zlib.Writer
	row     []byte
	head    [13]byte
	colors  []byte
	alphas  []byte
}

func newPNGWriter() (*pngWriter, error) {
	w := &pngWriter{}
	var err error
	w.deflate, err = zlib.NewWriterLevel(io.Discard, compression)
	return w, err
}

// write returns the file of a picture with its colours as given, if they are,
// which is the writer's own until the next call.
func (w *pngWriter) write(picture *image.Paletted, as *recoat) ([]byte, error) {
	w.out.Reset()
	w.out.WriteString("\x89PNG\r\n\x1a\n")
	size := picture.Rect.Size()
	binary.BigEndian.PutUint32(w.head[0:], uint32(size.X))
	binary.BigEndian.PutUint32(w.head[4:], uint32(size.Y))
	w.head[8], w.head[9] = 8, 3 // bits to a pixel; palette
	w.chunk("IHDR", w.head[:])
	w.palette(picture.Palette)
	if err := w.rows(picture, as); err != nil {
		return nil, err
	}
	w.chunk("IDAT", w.data.Bytes())
	w.chunk("IEND", nil)
	return w.out.Bytes(), nil
}

// palette writes the colours, and how opaque they are up to the last that
// is not wholly so.
func (w *pngWriter) palette(colors color.Palette) {
	w.colors, w.alphas = w.colors[:0], w.alphas[:0]
	see := 0
	for i := range colors {
		c, _ := color.NRGBAModel.Convert(colors[i]).(color.NRGBA)
		w.colors = append(w.colors, c.R, c.G, c.B)
		w.alphas = append(w.alphas, c.A)
		if c.A != 0xff {
			see = i + 1
		}
	}
	w.chunk("PLTE", w.colors)
	if see > 0 {
		w.chunk("tRNS", w.alphas[:see])
	}
}

// rows compresses the picture's rows, unfiltered as suits a palette.
func (w *pngWriter) rows(picture *image.Paletted, as *recoat) error {
	w.data.Reset()
	w.deflate.Reset(&w.data)
	width := picture.Rect.Dx()
	for y := range picture.Rect.Dy() {
		const unfiltered = 0
		w.row = append(append(w.row[:0], unfiltered), picture.Pix[y*picture.Stride:][:width]...)
		if as != nil {
			for x, v := range w.row[1:] {
				w.row[1+x] = as[v]
			}
		}
		if _, err := w.deflate.Write(w.row); err != nil {
			return err
		}
	}
	return w.deflate.Close()
}

func (w *pngWriter) chunk(kind string, data []byte) {
	var number [4]byte
	binary.BigEndian.PutUint32(number[:], uint32(len(data)))
	w.out.Write(number[:])
	from := w.out.Len()
	w.out.WriteString(kind)
	w.out.Write(data)
	binary.BigEndian.PutUint32(number[:], crc32.ChecksumIEEE(w.out.Bytes()[from:]))
	w.out.Write(number[:])
}
