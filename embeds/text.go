package embeds

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ellipsis ends a text that was cut.
const ellipsis = "…"

// Escape makes a text of the API's or a person's fit to stand in markdown:
// one line that shows what was meant and does nothing. Markdown, mentions,
// timestamps, emoji codes, links and invites are dead in it, and what is
// invisible, reverses the writing direction, or piles up over other lines is
// gone. A text of more than limit UTF-16 code units, its escapes counted, is
// cut at the end of a word where there is one near, never inside a character
// or an escape, and ends in "…".
func Escape(s string, limit int) string { return fit(s, limit, true, false) }

// EscapeLines is [Escape] for a text of several lines: it keeps up to eight
// of them, and at most one blank line between two.
func EscapeLines(s string, limit int) string { return fit(s, limit, true, true) }

// Plain is [Escape] for the places where Discord reads no markdown, and
// would show the escapes: labels, menu options, choices, footers, authors.
func Plain(s string, limit int) string { return fit(s, limit, false, false) }

func fit(s string, limit int, markdown, lines bool) string {
	if len(s) <= limit && isTame(s) {
		return s
	}
	if limit < 1 {
		return ""
	}
	// A character of three marks has at most 16 bytes. Text that hides
	// behind more bytes than that has earned being cut.
	var room [256]byte
	clean := appendClean(room[:0], s, lines, 16*limit+utf8.UTFMax)
	f := fitter{limit: limit - units(ellipsis), out: make([]byte, 0, min(len(clean)+len(clean)/8, 4*limit)+len(ellipsis))}
	return f.run(clean, markdown)
}

// isTame reports that s may stand anywhere as it is: letters, digits and
// harmless punctuation with single spaces in between. Most names are.
func isTame(s string) bool {
	space := true
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			if space {
				return false
			}
			space = true
			continue
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', isDigit(c):
		case strings.IndexByte(`,;!?'"%&=`, c) >= 0:
		case c == '-' && i > 0:
		default:
			return false
		}
		space = false
	}
	return !space || s == ""
}

// fitter writes clean text until it is full.
type fitter struct {
	limit int // units, with room for the ellipsis after them
	out   []byte
	used  int // units in out

	// Where out may be cut so that the ellipsis still fits: after the last
	// character and after the last word, in bytes; wordUsed is the word's
	// end in units.
	char, word, wordUsed int
}

// run writes text and returns it, cut where it has to be.
func (f *fitter) run(text []byte, markdown bool) string {
	for at := 0; at < len(text); {
		n := clusterLen(text[at:])
		if text[at] == ' ' || text[at] == '\n' {
			f.markWord()
		}
		f.write(text, at, n, markdown)
		if f.used > f.limit+units(ellipsis) {
			return f.cut()
		}
		if f.used <= f.limit {
			f.char = len(f.out)
		}
		at += n
	}
	return string(f.out)
}

// markWord notes that a word has just ended.
func (f *fitter) markWord() {
	if f.used <= f.limit {
		f.word, f.wordUsed = len(f.out), f.used
	}
}

// cut ends the text at the last word, or in the middle of one that takes up
// more than half of the room.
func (f *fitter) cut() string {
	end := f.char
	if f.wordUsed*2 >= f.limit && f.word > 0 {
		end = f.word
	}
	// White space is never escaped, so this leaves no half of an escape.
	return string(append(bytes.TrimRight(f.out[:end], " \n"), ellipsis...))
}

// write appends the character at text[at:at+n] in its harmless form.
func (f *fitter) write(text []byte, at, n int, markdown bool) {
	switch c := text[at]; {
	case c == '@' && isMention(text, at):
		f.out = append(f.out, "＠"...)
		at, n = at+1, n-1
		f.used++
	case markdown && c < utf8.RuneSelf && mustEscape(text, at):
		f.out = append(f.out, '\\')
		f.used++
	}
	f.out = append(f.out, text[at:at+n]...)
	f.used += units(text[at : at+n])
}

// isMention reports whether the @ at text[at] begins or belongs to a
// mention. Discord reads @everyone in the raw text, escaped or not, so the
// sign itself has to be another: the full-width one.
func isMention(text []byte, at int) bool {
	if at > 0 && text[at-1] == '<' {
		return true
	}
	return hasFoldPrefix(text[at+1:], "everyone") || hasFoldPrefix(text[at+1:], "here")
}

func hasFoldPrefix(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(string(text[:len(prefix)]), prefix)
}

// mustEscape reports whether the ASCII character at text[at] would do
// something in Discord's markdown. Names keep their hyphens, dots and
// colons where those are only that.
func mustEscape(text []byte, at int) bool {
	switch text[at] {
	case '\\', '*', '_', '~', '`', '|', '<', '>', '[', ']':
		return true
	case '#', '-', '+':
		return startsLine(text, at)
	case ')':
		return isListNumber(text, at)
	case '.':
		return isListNumber(text, at) || isHost(text, at)
	case ':':
		return hasFoldPrefix(text[at+1:], "//") || isEmojiCode(text[at+1:])
	}
	return false
}

// startsLine reports whether text[at] is the first on its line.
func startsLine(text []byte, at int) bool { return at == 0 || text[at-1] == '\n' }

// isListNumber reports whether only digits are on the line before text[at].
func isListNumber(text []byte, at int) bool {
	start := at
	for start > 0 && isDigit(text[start-1]) {
		start--
	}
	return start < at && startsLine(text, start)
}

// maxLookAhead is how far from a dot or a colon its meaning is looked for.
const maxLookAhead = 256

// isHost reports whether the dot at text[at] is in a host name with a path
// after it, as in discord.gg/invite: Discord finds invites without a scheme.
func isHost(text []byte, at int) bool {
	for _, c := range text[at+1 : min(at+maxLookAhead, len(text))] {
		switch {
		case c == '/':
			return true
		case c <= ' ':
			return false
		}
	}
	return false
}

// isEmojiCode reports whether text continues an emoji's name up to its
// second colon, as in :smile:.
func isEmojiCode(text []byte) bool {
	for i, c := range text[:min(maxLookAhead, len(text))] {
		switch {
		case c == ':':
			return i > 0
		case isDigit(c), c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == '+', c == '-':
		default:
			return false
		}
	}
	return false
}

// units counts what Discord might count as characters, see limits.go.
func units[T string | []byte](s T) int {
	n := 0
	for _, r := range string(s) {
		n++
		if r >= 0x10000 {
			n++
		}
	}
	return n
}

// maxCluster bounds what counts as one character, in runes, so that no chain
// of joiners makes one that never ends.
const maxCluster = 12

// clusterLen returns the length in bytes of the first character as a person
// sees it: a base with its marks, pictures that are joined, two letters of a
// flag, the parts of a syllable. It knows less than Unicode's rules, all that
// clean text needs, and is never 0 for a text that is not empty.
func clusterLen(text []byte) int {
	first, n := utf8.DecodeRune(text)
	last := first
	for count := 1; n < len(text) && count < maxCluster; count++ {
		if text[n] < utf8.RuneSelf && first < utf8.RuneSelf {
			return n // Nothing joins these two.
		}
		next, size := utf8.DecodeRune(text[n:])
		if !extends(first, last, next, count) {
			return n
		}
		n += size
		last = next
	}
	return n
}

func extends(first, last, next rune, count int) bool {
	switch {
	case next == zwj, next == zwnj, last == zwj:
		return true
	case unicode.Is(unicode.M, next):
		return true
	case next >= 0x1f3fb && next <= 0x1f3ff: // skin tones
		return isPicture(last)
	case isFlagLetter(first) && isFlagLetter(next):
		return count == 1
	}
	return isJamo(last) && next >= 0x1160 && next <= 0x11ff
}

func isFlagLetter(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// isJamo reports what a Hangul syllable can go on after.
func isJamo(r rune) bool { return r >= 0x1100 && r <= 0x11ff || r >= 0xac00 && r <= 0xd7a3 }
