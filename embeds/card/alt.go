package card

import (
	"strings"
	"unicode"
	"unicode/utf16"
)

// MaxAlt is how long Discord lets an attachment's alt text be, in UTF-16
// code units.
const MaxAlt = 1024

const (
	maxAltName = 64 // code units of one name
	maxAltItem = 160
	maxAltMore = 64 // kept free for "and n more"
)

// Alt says in words what the picture of a card shows, within [MaxAlt].
func Alt(card Card) string {
	a := &altText{}
	card.alt(a)
	return strings.TrimSpace(a.b.String())
}

// An altText is an alt text as it grows; it never passes [MaxAlt].
type altText struct {
	b     strings.Builder
	units int
}

func (a *altText) write(s string) {
	s = head(s, MaxAlt-a.units)
	a.units += units(s)
	a.b.WriteString(s)
}

// sentence says the parts that are not empty.
func (a *altText) sentence(parts ...string) {
	if said := together(parts...); said != "" {
		a.write(head(said, 3*maxAltItem) + ". ")
	}
}

// list says as many of n items as there is room for, most at most, and how
// many more there are.
func (a *altText) list(title string, n, most int, item func(i int) string, more func(n int) string) {
	if n == 0 {
		return
	}
	if title != "" {
		a.write(plain(title, maxAltName) + ": ")
	}
	for i := range n {
		said := head(item(i), maxAltItem)
		if i > 0 {
			said = "; " + said
		}
		if i == most || a.units+units(said)+maxAltMore+1 > MaxAlt {
			rest := plain(more(n-i), maxAltMore-2)
			if i > 0 {
				rest = "; " + rest
			}
			a.write(rest)
			break
		}
		a.write(said)
	}
	a.write(".")
}

// together joins the parts that are not empty.
func together(parts ...string) string {
	var said []string
	for _, p := range parts {
		if p = plain(p, 2*maxAltName); p != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, ", ")
}

// named puts a name before what is said about it.
func named(n Name, about string) string {
	switch name := n.plain(); {
	case name == "":
		return about
	case about == "":
		return name
	default:
		return name + ": " + about
	}
}

// plain returns the name as alt text: in its own script, which a screen
// reader can read though the font cannot show it.
func (n Name) plain() string {
	if s := plain(n.Text, maxAltName); s != "" {
		return s
	}
	return plain(n.Instead, maxAltName)
}

// plain returns a text without what is invisible or moves the text around
// it, in one line, cut to some code units.
func plain(s string, limit int) string {
	var b strings.Builder
	var before rune
	marks := 0
	for _, r := range cut(s, maxNameBytes) {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Cc, r), unicode.Is(unicode.Z, r):
			if before != ' ' && before != 0 {
				b.WriteByte(' ')
				before = ' '
			}
			continue
		case unicode.Is(unicode.M, r):
			if marks++; marks > 2 || before == 0 {
				continue
			}
		case invisible(r):
			continue
		default:
			marks = 0
		}
		b.WriteRune(r)
		before = r
	}
	return head(strings.TrimSpace(b.String()), limit)
}

// units counts UTF-16 code units, which is how Discord counts.
func units(s string) (n int) {
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

// head returns s, cut with an ellipsis to some code units.
func head(s string, limit int) string {
	if len(s) <= limit || units(s) <= limit {
		return s
	}
	if limit <= 0 {
		return ""
	}
	n := 0
	for i, r := range s {
		if n += max(utf16.RuneLen(r), 1); n > limit-1 {
			return strings.TrimRight(s[:i], " ") + string(ellipsis)
		}
	}
	return s
}
