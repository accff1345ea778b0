package card

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxNameBytes = 4096 // read of a text at most
	maxNameRunes = 160  // kept of it for drawing at most
	ellipsis     = '…'
)

// clean turns a hostile text into runes that the typeface can show, in
// c.runes, and reports whether they are fit to stand for the text.
//
// Control characters and all kinds of space become one space; what is
// invisible, bidi controls included, and combining marks that do not
// compose are dropped; compatibility forms are resolved; emoji and symbols
// that the font lacks leave a space; and every run of letters of another
// script becomes one ellipsis. A text without a letter of its own left is
// not fit.
func (c *canvas) clean(s string, face *typeface) bool {
	c.runes = c.runes[:0]
	var pending gap
	drawn := false
	for _, r := range c.compose(cut(s, maxNameBytes)) {
		if len(c.runes) >= maxNameRunes {
			break
		}
		c.one(r, face, &pending, &drawn)
	}
	if pending == lost && len(c.runes) > 0 {
		c.runes = append(c.runes, ' ', ellipsis)
	}
	return drawn
}

// Legible reports whether a name has letters or digits that the font can
// show; else something stands in for it on a card.
func Legible(name string) bool {
	for _, r := range norm.NFKD.String(cut(name, maxNameBytes)) {
		if unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic) || '0' <= r && r <= '9' {
			return true
		}
	}
	return false
}

// A gap is what stands between the last drawn rune and the next.
type gap int

const (
	none  gap = iota
	space     // a space
	lost      // letters that cannot be drawn
)

// one takes in a single rune of a text.
func (c *canvas) one(r rune, face *typeface, pending *gap, drawn *bool) {
	if r >= 0x250 {
		if plain := smallCapital(r); plain != 0 {
			r = plain
		}
	}
	switch {
	case unicode.IsSpace(r), unicode.Is(unicode.Cc, r), unicode.Is(unicode.Z, r):
		*pending = max(*pending, space)
	case invisible(r):
	case face.has(&c.sfnt, r):
		c.emit(r, pending, drawn)
	case c.resolve(r, face, pending, drawn):
	case unicode.IsLetter(r), unicode.IsNumber(r):
		*pending = lost
	default:
		*pending = max(*pending, space)
	}
}

func (c *canvas) emit(r rune, pending *gap, drawn *bool) {
	if *pending == lost {
		if len(c.runes) > 0 {
			c.runes = append(c.runes, ' ')
		}
		c.runes = append(c.runes, ellipsis, ' ')
	} else if *pending == space && len(c.runes) > 0 {
		c.runes = append(c.runes, ' ')
	}
	*pending = none
	c.runes = append(c.runes, r)
	*drawn = *drawn || unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSymbol(r)
}

// resolve emits what a rune that the typeface lacks is a form of: the plain
// letter for a fancy, wide or oddly accented one.
func (c *canvas) resolve(r rune, face *typeface, pending *gap, drawn *bool) bool {
	var encoded [utf8.UTFMax]byte
	n := utf8.EncodeRune(encoded[:], r)
	parts := norm.NFKD.Properties(encoded[:n]).Decomposition()
	if len(parts) == 0 {
		return false
	}
	for _, p := range string(parts) {
		if !invisible(p) && p != ' ' && !face.has(&c.sfnt, p) {
			return false
		}
	}
	for _, p := range string(parts) {
		if !invisible(p) && p != ' ' {
			c.emit(p, pending, drawn)
		}
	}
	return true
}

// compose returns s with letters and their accents made one, where there is
// such a letter.
func (c *canvas) compose(s string) string {
	if norm.NFC.QuickSpanString(s) == len(s) {
		return s
	}
	c.bytes = norm.NFC.AppendString(c.bytes[:0], s)
	return string(c.bytes)
}

// invisible reports whether a rune shows nothing of its own: format and bidi
// controls, combining marks, fillers and what is no character at all.
func invisible(r rune) bool {
	switch r {
	case 0x115f, 0x1160, 0x3164, 0xffa0, 0x2800, utf8.RuneError:
		return true
	}
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.M, r)
}

// smallCapital returns the letter that a small capital stands for, 0 for any
// other rune. Names are often written in them; Unicode has no decomposition
// for them, and the font has only some.
func smallCapital(r rune) rune {
	const small, plain = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "ABCDEFGHIJKLMNOPQRSTUVWYZ"
	n := 0
	for _, s := range small {
		if s == r {
			return rune(plain[n])
		}
		n++
	}
	return 0
}

// cut returns the first n bytes of s at most, without half a rune.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
