package catalog

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/bwmarrin/discordgo"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Catalog is the texts of several languages, one of them English.
type Catalog struct {
	words    []*Words // English first
	own      []map[Key]template
	matcher  language.Matcher
	byLocale map[discordgo.Locale]int // index into words
}

// standard is the catalogue of English and all [Translations].
var standard = sync.OnceValue(func() *Catalog {
	c, err := New(Translations()...)
	if err != nil {
		panic(err) // A test builds it, so this is a build that was never tested.
	}
	return c
})

// For picks the words for a Discord locale such as "de" or "es-419": those
// of the nearest language there is, else English.
func For(locale string) *Words { return standard().For(locale) }

// Localizations returns what id is called in every Discord locale that has a
// translation of it, and nil if there is none. English is left out: it is
// the name itself, and what Discord shows everybody else.
func Localizations(id Key) map[discordgo.Locale]string { return standard().Localizations(id) }

// New makes a catalogue of English and translations. It reports everything
// that is wrong with them at once, by language and key.
func New(translations ...Language) (*Catalog, error) {
	english := English()
	source, problems := compile(english, nil)
	c := &Catalog{
		words: []*Words{source.words(newVoice(english.Tag), nil)},
		own:   []map[Key]template{nil},
	}
	tags := []language.Tag{english.Tag}
	for _, l := range translations {
		if slices.Contains(tags, l.Tag) {
			problems = append(problems, fmt.Errorf("%s: there twice", l.Tag))
			continue
		}
		translated, errs := compile(l, source)
		problems = append(problems, errs...)
		c.words = append(c.words, translated.words(newVoice(l.Tag), c.words[0]))
		c.own = append(c.own, translated.plain())
		tags = append(tags, l.Tag)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	c.matcher = language.NewMatcher(tags)
	c.byLocale = make(map[discordgo.Locale]int)
	for _, locale := range Locales() {
		c.byLocale[locale] = c.match(string(locale))
	}
	return c, nil
}

// For picks the words for a Discord locale: those of the nearest language in
// the catalogue, else English.
func (c *Catalog) For(locale string) *Words {
	i, known := c.byLocale[discordgo.Locale(locale)]
	if !known {
		i = c.match(locale)
	}
	return c.words[i]
}

// match finds the language that a reader of locale reads without trouble.
func (c *Catalog) match(locale string) int {
	tag, err := language.Parse(locale)
	if err != nil {
		return 0
	}
	_, i, confidence := c.matcher.Match(tag)
	if confidence < language.High {
		return 0
	}
	return i
}

// Localizations returns what id is called in every Discord locale that has a
// translation of it, and nil if there is none.
func (c *Catalog) Localizations(id Key) map[discordgo.Locale]string {
	var all map[discordgo.Locale]string
	for locale, i := range c.byLocale {
		text, ok := c.own[i][id]
		if !ok {
			continue
		}
		if all == nil {
			all = make(map[discordgo.Locale]string)
		}
		all[locale] = text[0].before
	}
	return all
}

// compiled is one language, taken apart and checked.
type compiled map[Key]compiledText

type compiledText struct {
	entry
	sig signature
}

// compile takes a language apart. A translation is held against source, the
// English; English itself against nothing.
func compile(l Language, source compiled) (compiled, []error) {
	var problems []error
	c := make(compiled, len(l.Texts)+len(l.Plurals))
	add := func(id Key, p Plural) {
		t, err := compileText(l.Tag, id, p)
		if err == nil && source != nil {
			err = source.agree(id, t.sig)
		}
		if _, twice := c[id]; err == nil && twice {
			err = errors.New("both a text and a plural")
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %s: %w", l.Tag, id, err))
			return
		}
		c[id] = t
	}
	for _, id := range slices.Sorted(maps.Keys(l.Texts)) {
		add(id, Plural{Other: l.Texts[id]})
	}
	for _, id := range slices.Sorted(maps.Keys(l.Plurals)) {
		add(id, l.Plurals[id])
	}
	return c, problems
}

// agree reports whether a translation of id with the signature sig can stand
// in for the source.
func (c compiled) agree(id Key, sig signature) error {
	own, ok := c[id]
	if !ok {
		return errors.New("unknown key")
	}
	for i, verb := range sig {
		if verb != 0 && own.sig[i] != verb {
			return fmt.Errorf("argument %d is not what it is in English", i+1)
		}
	}
	return nil
}

func compileText(tag language.Tag, id Key, p Plural) (compiledText, error) {
	t := compiledText{entry: entry{arg: max(p.Arg, 1) - 1}}
	if err := p.check(tag); err != nil {
		return t, err
	}
	if t.arg >= maxArgs {
		return t, errors.New("the argument that decides on the plural does not exist")
	}
	for form, text := range p.forms() {
		if err := checkRules(id, text); err != nil {
			return t, err
		}
		parsed, sig, err := parse(text)
		if err != nil {
			return t, err
		}
		if err := t.sig.merge(sig); err != nil {
			return t, err
		}
		t.forms[form] = parsed
	}
	t.changes = len(p.forms()) > 1
	if t.changes && t.sig[t.arg] != 'd' {
		return t, errors.New("the argument that decides on the plural is not a number in it")
	}
	return t, nil
}

// words makes what people get to read; what the language lacks comes from
// fallback.
func (c compiled) words(v *voice, fallback *Words) *Words {
	w := &Words{texts: make(map[Key]entry, len(c))}
	if fallback != nil {
		maps.Copy(w.texts, fallback.texts)
	}
	for id, t := range c {
		t.entry.voice = v
		w.texts[id] = t.entry
	}
	return w
}

// plain lists the texts without arguments, which are all that can be said
// outside a reply.
func (c compiled) plain() map[Key]template {
	own := make(map[Key]template, len(c))
	for id, t := range c {
		if t.sig == (signature{}) {
			own[id] = t.forms[plural.Other]
		}
	}
	return own
}
