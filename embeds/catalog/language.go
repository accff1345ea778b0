package catalog

import (
	"errors"
	"fmt"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	xcatalog "golang.org/x/text/message/catalog"
)

// Language is all that makes the bot speak a language.
//
// A text holds its arguments as %[1]s for words and %[1]d for whole numbers,
// in any order and as often as it likes, and a percent sign as %%. Numbers
// are written the way the language writes them.
type Language struct {
	// Tag names the language as generally as it is true: a Spanish for
	// everyone is "es" and serves es-ES and es-419 alike.
	Tag   language.Tag
	Texts map[Key]string
	// Plurals are the texts that change with a number. A key is in Texts
	// or in Plurals, and may be in either whatever it is in English.
	Plurals map[Key]Plural
}

// Plural is a text that changes with a number. Forms that a language does
// not have stay empty, and so may those that equal Other.
type Plural struct {
	Arg                       int // the argument that decides, 1 if left out
	Zero, One, Two, Few, Many string
	Other                     string // never empty
}

// forms lists the text of every form that is there.
func (p Plural) forms() map[plural.Form]string {
	all := map[plural.Form]string{
		plural.Zero: p.Zero, plural.One: p.One, plural.Two: p.Two,
		plural.Few: p.Few, plural.Many: p.Many, plural.Other: p.Other,
	}
	for form, text := range all {
		if text == "" {
			delete(all, form)
		}
	}
	return all
}

// check reports forms that the language does not have, and a missing Other.
// The rules are those of x/text, which refuses them when it compiles a
// message.
func (p Plural) check(tag language.Tag) error {
	if p.Other == "" {
		return errors.New("the general form is missing")
	}
	var cases []any
	for form, text := range p.forms() {
		if form != plural.Other {
			cases = append(cases, form, text)
		}
	}
	cases = append(cases, plural.Other, p.Other)
	if err := xcatalog.NewBuilder().Set(tag, "text", plural.Selectf(1, "%d", cases...)); err != nil {
		return fmt.Errorf("plural forms: %w", err)
	}
	return nil
}
