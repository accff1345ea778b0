package commands

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"progressbot/embeds"
	"progressbot/progressapi"
)

const (
	// maxTyped is how much of what a person typed, and of a name, is looked
	// at: the longest name that Discord lets them pick, in UTF-16 units.
	maxTyped = 100
	// maxTypo is the longest text that is searched for with typing
	// mistakes, in characters, and maxTypoNames in how many names.
	maxTypo      = 32
	maxNearest   = 5 // names that are offered for one that does not exist
	maxTypoNames = 1000
)

// How well a name matches what was typed, best first. From likeTypo on, the
// number of mistakes is added.
const (
	likeExact = iota // the same but for case and accents
	likeStart        // begins with it
	likeWord         // has a word that begins with it
	likePart         // has it somewhere
	likeWords        // has words that begin with each of its words
	likeTypo         // has it with mistakes
	likeNot   = likeTypo + maxTypo
)

// match is a program that fits what was typed.
type match struct {
	program *progressapi.Program
	like    int
}

// search returns the programs whose names are like typed, best first, equals
// in the order given. Everything is like "".
func search(programs []progressapi.Program, typed string) []match {
	q := newQuery(typed)
	found := make([]match, 0, len(programs))
	for i := range programs {
		p := &programs[i]
		if like := q.like(fold(p.Name), i < maxTypoNames); like < likeNot {
			found = append(found, match{p, like})
		}
	}
	slices.SortStableFunc(found, func(a, b match) int { return cmp.Compare(a.like, b.like) })
	return found
}

// pick returns the one program that typed can only mean: the one whose ID or
// reference it is, the first that is called so, or the only best match.
func pick(programs []progressapi.Program, typed string) (*progressapi.Program, bool) {
	if p, ok := identified(programs, typed); ok {
		return p, true
	}
	found := search(programs, typed)
	switch {
	case len(found) == 0 || fold(typed) == "":
		return nil, false
	case found[0].like == likeExact, len(found) == 1, found[0].like < found[1].like:
		return found[0].program, true
	default:
		return nil, false
	}
}

// nearest returns a few names for somebody whose typed text meant none of
// the programs: those that match, else those that take the fewest changes.
func nearest(programs []progressapi.Program, typed string) []string {
	found := search(programs, typed)
	if len(found) == 0 {
		q := newQuery(typed)
		for i := range programs[:min(len(programs), maxTypoNames)] {
			name := []rune(fold(programs[i].Name))
			found = append(found, match{&programs[i], q.mistakes(name[:min(len(name), maxTypo)], maxTypo)})
		}
		slices.SortStableFunc(found, func(a, b match) int { return cmp.Compare(a.like, b.like) })
	}
	names := make([]string, 0, maxNearest)
	for _, m := range found {
		if name := m.program.Name; name != "" && len(names) < maxNearest && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// identified returns the program whose ID or reference typed is.
func identified(programs []progressapi.Program, typed string) (*progressapi.Program, bool) {
	for i := range programs {
		if programs[i].ID == typed && typed != "" {
			return &programs[i], true
		}
	}
	p, ok := embeds.FindProgram(programs, typed)
	return &p, ok
}

// query is what somebody typed, taken apart.
type query struct {
	text  string // folded
	words []string
	runes []rune // nil where mistakes are not looked for
	typos int    // how many are forgiven
}

func newQuery(typed string) query {
	q := query{text: fold(typed)}
	q.words = strings.Fields(q.text)
	r := []rune(q.text)
	switch {
	case len(r) > maxTypo:
		r = r[:maxTypo]
	case isNoName(typed):
	case len(r) > 6:
		q.typos = 2
	case len(r) > 3:
		q.typos = 1
	}
	q.runes = r
	return q
}

// isNoName reports whether typed must be an ID. In one of those nothing is a
// typing mistake: with another letter it is another's.
func isNoName(typed string) bool { return strings.Contains(typed, "_") }

// like says how well a folded name matches.
func (q *query) like(name string, typos bool) int {
	switch {
	case name == q.text:
		return likeExact
	case strings.HasPrefix(name, q.text):
		return likeStart
	case startsWord(name, q.text):
		return likeWord
	case strings.Contains(name, q.text):
		return likePart
	case len(q.words) > 1 && !slices.ContainsFunc(q.words, func(w string) bool { return !startsWord(name, w) }):
		return likeWords
	case !typos || q.typos == 0:
		return likeNot
	}
	return q.likeTypo(name)
}

// likeTypo looks for the query with mistakes at the beginning of each word.
func (q *query) likeTypo(name string) int {
	best := q.typos + 1
	r := []rune(name)
	for i := range r {
		if i > 0 && isWord(r[i-1]) || !isWord(r[i]) {
			continue
		}
		best = min(best, q.mistakes(r[i:min(len(r), i+len(q.runes)+q.typos)], q.typos))
	}
	if best > q.typos {
		return likeNot
	}
	return likeTypo + best
}

// mistakes counts the fewest letters to insert, leave out, change or swap
// with their neighbour that turn the query into a beginning of name, which
// has less than twice maxTypo letters. It gives up beyond limit and returns
// any number above that.
func (q *query) mistakes(name []rune, limit int) int {
	var rows [3][2 * maxTypo]uint8
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(name) + 1 {
		last[j] = uint8(j)
	}
	for i, c := range q.runes {
		row[0] = uint8(i + 1)
		least := row[0]
		for j, d := range name {
			cost := uint8(1)
			if c == d {
				cost = 0
			}
			n := min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && c == name[j-1] && q.runes[i-1] == d {
				n = min(n, before[j-1]+1)
			}
			row[j+1] = n
			least = min(least, n)
		}
		if int(least) > limit {
			return int(least)
		}
		before, last, row = last, row, before
	}
	return int(slices.Min(last[:len(name)+1]))
}

// startsWord reports whether a word of name begins with s.
func startsWord(name, s string) bool {
	for at := 0; ; {
		i := strings.Index(name[at:], s)
		if i < 0 {
			return false
		}
		at += i
		if at == 0 {
			return true
		}
		if before, _ := utf8.DecodeLastRuneInString(name[:at]); !isWord(before) {
			return true
		}
		at++
		for at < len(name) && !utf8.RuneStart(name[at]) { // to the next character
			at++
		}
	}
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// fold makes texts equal that differ in case, accents, width and whatever
// cannot be seen.
func fold(s string) string {
	s = embeds.Plain(s, maxTyped)
	if isASCII(s) {
		return strings.ToLower(s)
	}
	b := make([]byte, 0, len(s))
	for _, r := range norm.NFKD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			b = appendFolded(b, unicode.ToLower(r))
		}
	}
	return string(b)
}

// appendFolded spells out letters that people type in a simpler way but that
// Unicode does not take apart.
func appendFolded(b []byte, r rune) []byte {
	switch r {
	case 'ß':
		return append(b, "ss"...)
	case 'æ':
		return append(b, "ae"...)
	case 'œ':
		return append(b, "oe"...)
	case 'ø':
		return append(b, "o"...)
	case 'đ', 'ð':
		return append(b, "d"...)
	case 'ł':
		return append(b, "l"...)
	case 'ı':
		return append(b, "i"...)
	case 'þ':
		return append(b, "th"...)
	case 'ς':
		return append(b, "σ"...)
	case '’':
		return append(b, "'"...)
	default:
		return utf8.AppendRune(b, r)
	}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
