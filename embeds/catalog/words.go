package catalog

import (
	"fmt"
	"strconv"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Words are the texts of one language, with English where it has none. They
// are immutable and safe for concurrent use. The zero value, and a nil
// pointer, speak English.
type Words struct {
	texts map[Key]entry
}

// entry is one text, ready to be said.
type entry struct {
	voice *voice
	// forms holds the text under its plural form. A text that does not
	// change with a number has [plural.Other] alone, and changes is false.
	forms   [plural.Many + 1]template
	changes bool
	arg     int // index of the argument that decides on the form
}

// Text says what id names, with args in the places the text has for them:
// words as strings, numbers as ints. It returns the key itself for an id
// that is not in the catalogue, and leaves a place blank for which there is
// no argument; tests keep both from happening.
func (w *Words) Text(id Key, args ...any) string {
	e, ok := w.orEnglish().texts[id]
	if !ok {
		return string(id)
	}
	t := e.form(args)
	if len(t) == 1 && t[0].verb == 0 {
		return t[0].before
	}
	var room [96]byte
	return string(e.append(room[:0], t, args))
}

// Append is [Words.Text] at the end of dst.
func (w *Words) Append(dst []byte, id Key, args ...any) []byte {
	e, ok := w.orEnglish().texts[id]
	if !ok {
		return append(dst, id...)
	}
	return e.append(dst, e.form(args), args)
}

func (w *Words) orEnglish() *Words {
	if w == nil || w.texts == nil {
		return For("")
	}
	return w
}

// form picks the text by the deciding argument's plural form.
func (e *entry) form(args []any) template {
	if !e.changes || e.arg >= len(args) {
		return e.forms[plural.Other]
	}
	n, ok := args[e.arg].(int)
	if !ok {
		return e.forms[plural.Other]
	}
	n = max(n, -n, 0) // 0 for the least int, which has no opposite.
	if t := e.forms[plural.Cardinal.MatchPlural(e.voice.tag, n, 0, 0, 0, 0)]; t != nil {
		return t
	}
	return e.forms[plural.Other]
}

func (e *entry) append(dst []byte, t template, args []any) []byte {
	for _, p := range t {
		dst = append(dst, p.before...)
		if p.verb == 0 || p.arg >= len(args) {
			continue
		}
		switch v := args[p.arg].(type) {
		case string:
			dst = append(dst, v...)
		case int:
			dst = e.voice.appendInt(dst, v)
		default:
			dst = fmt.Append(dst, v)
		}
	}
	return dst
}

// voice writes numbers. A text that a language lacks is said in an English
// voice, numbers and plural forms included.
type voice struct {
	tag language.Tag
	// printer may be shared: a [message.Printer] is only read once it is
	// made, each call works on a pooled copy.
	printer *message.Printer
	ascii   bool // writes small numbers as strconv does
}

func newVoice(tag language.Tag) *voice {
	v := &voice{tag: tag, printer: message.NewPrinter(tag)}
	v.ascii = v.printer.Sprint(7) == "7"
	return v
}

// appendInt writes n with the language's digits and grouping. Numbers under
// a thousand, which are nearly all, need neither in most languages.
func (v *voice) appendInt(dst []byte, n int) []byte {
	if v.ascii && n >= 0 && n < 1000 {
		return strconv.AppendInt(dst, int64(n), 10)
	}
	return append(dst, v.printer.Sprint(n)...)
}
