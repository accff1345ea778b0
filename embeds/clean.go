package embeds

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// maxMarks is how many marks a character keeps. Living scripts need
	// three (a Devanagari letter with nukta, vowel sign and candrabindu);
	// stacks of dozens that grow over the lines above only serve mischief.
	maxMarks = 3
	// maxLines is how many lines a text of several keeps. Further ones run
	// on in the last.
	maxLines = 8

	zwnj = '\u200c'
	zwj  = '\u200d'
)

// cleaner takes out of a text what is invisible, reorders its surroundings
// or piles up, and makes white space plain.
type cleaner struct {
	out   []byte
	lines int  // how many are left to begin
	space rune // what is owed before the next character: 0, ' ' or '\n'
	blank bool // the owed line break is to leave a line blank
	last  rune // the last character kept, marks included; 0 where there is none to join
	marks int  // on the last character
}

// appendClean appends s without what nobody should see to dst, as one line
// or as several. Bytes of s beyond maxBytes are not looked at.
func appendClean(dst []byte, s string, lines bool, maxBytes int) []byte {
	if len(s) > maxBytes {
		s = s[:maxBytes]
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "")
	}
	if norm.NFC.QuickSpanString(s) != len(s) {
		s = norm.NFC.String(s)
	}
	c := cleaner{out: dst}
	if lines {
		c.lines = maxLines - 1
	}
	for i, r := range s {
		c.take(r, s[i+utf8.RuneLen(r):])
	}
	// A mark may have come to stand behind a letter that it is one with.
	if clean := c.out[len(dst):]; norm.NFC.QuickSpan(clean) != len(clean) {
		c.out = append(dst, norm.NFC.Bytes(clean)...)
	}
	return c.out
}

// take decides on r, which rest follows.
func (c *cleaner) take(r rune, rest string) {
	switch {
	case r > ' ' && r < 0x7f:
		c.keep(r)
	case isLineBreak(r):
		c.breakLine()
	case isBlank(r):
		c.owe(' ')
	case r == zwj || r == zwnj:
		if next, _ := utf8.DecodeRuneInString(rest); joins(r, c.last, next) && c.space == 0 {
			c.append(r)
		}
	case isHidden(r):
	case unicode.In(r, unicode.Mn, unicode.Me):
		if c.last != 0 && c.space == 0 && c.marks < maxMarks {
			c.marks++
			c.append(r)
		}
	default:
		c.keep(r)
	}
}

// keep appends a character that stands on its own, after the white space
// that is owed.
func (c *cleaner) keep(r rune) {
	if c.space != 0 && len(c.out) > 0 {
		c.out = append(c.out, byte(c.space))
		if c.space == '\n' {
			c.lines--
		}
		if c.blank && c.lines > 0 {
			c.out = append(c.out, '\n')
			c.lines--
		}
	}
	c.space, c.blank, c.marks = 0, false, 0
	c.append(r)
}

func (c *cleaner) append(r rune) {
	c.out = utf8.AppendRune(c.out, r)
	c.last = r
}

func (c *cleaner) owe(space rune) {
	if c.space == 0 {
		c.space = space
	}
}

func (c *cleaner) breakLine() {
	if c.lines == 0 {
		c.owe(' ')
		return
	}
	c.blank = c.space == '\n'
	c.space = '\n'
}

// isLineBreak reports characters that end a line. A carriage return is white
// space: it hardly ever comes without a line feed.
func isLineBreak(r rune) bool {
	switch r {
	case '\n', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// isBlank reports white space, and characters that are drawn like it though
// they count as letters or symbols.
func isBlank(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u2800', '\u3164', '\uffa0':
		return true
	}
	return unicode.IsSpace(r)
}

// isHidden reports characters that are not to be seen: controls and formats
// (which have the bidirectional overrides, the zero-width spaces and the
// tags among them), private use, substitutes, and marks without a shape.
// The two selectors that choose between text and picture are kept; they
// count as marks.
func isHidden(r rune) bool {
	switch {
	case r == '\ufe0e', r == '\ufe0f':
		return false
	case r == '\ufffc', r == '\ufffd', r&0xfffe == 0xfffe, r >= 0xfdd0 && r <= 0xfdef:
		return true
	case r == '\u034f', r == '\u17b4', r == '\u17b5':
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Variation_Selector)
}

// joins reports whether the joiner r means something between a and b: a
// picture made of several, or a letter's shape in a script that has such.
func joins(r, a, b rune) bool {
	if r == zwj && isPicture(a) && isPicture(b) {
		return true
	}
	return shapes(a) && shapes(b)
}

// isPicture reports what emoji are made of, roughly: enough to keep the
// joiners of families and flags.
func isPicture(r rune) bool {
	return r >= 0x1f000 && r <= 0x1faff || r >= 0x2190 && r <= 0x2bff || r == '\ufe0f'
}

// shapes reports letters and marks of the scripts from Arabic to Mongolian,
// in which a joiner changes what is read.
func shapes(r rune) bool {
	return r >= 0x0600 && r <= 0x18af && !unicode.In(r, unicode.Hangul, unicode.Georgian) && unicode.In(r, unicode.L, unicode.M)
}
