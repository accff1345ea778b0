package embeds

import (
	"slices"
	"strings"

	"progressbot/embeds/catalog"
)

// The placeholders of a [Template], as they are written between braces.
const (
	PlaceholderMember     = "member"
	PlaceholderCollection = "collection"
	PlaceholderCount      = "count"
	PlaceholderSize       = "size"
	PlaceholderReward     = "reward"
	PlaceholderServer     = "server"
)

// Placeholders lists the placeholders of a [Template], in the order in which
// people read about them.
func Placeholders() []string {
	return []string{
		PlaceholderMember, PlaceholderCollection, PlaceholderCount,
		PlaceholderSize, PlaceholderReward, PlaceholderServer,
	}
}

// How long a template may be, and how long it is when names have taken the
// places of its placeholders, in UTF-16 code units. The rest of a message is
// for what the bot adds.
const (
	LimitTemplate     = 1000
	LimitAnnouncement = 1700
)

// Template is the message of an announcement as the managers of a server
// wrote it: text with placeholders such as "{member}". Markdown and links in
// it are theirs to use; a brace that is only that is doubled, "{{" or "}}".
// It is immutable; the zero value renders as nothing.
type Template struct {
	source string
	parts  []templatePart
}

// templatePart is a placeholder, or text if it has no name.
type templatePart struct {
	text string
	name string
}

// TemplateFault is what is wrong with a template.
type TemplateFault int

const (
	// TemplateUnknown: there is no such placeholder.
	TemplateUnknown TemplateFault = iota
	// TemplateOpen: a placeholder has no end.
	TemplateOpen
	// TemplateLong: it is longer than [LimitTemplate].
	TemplateLong
	// TemplateBlank: there is nothing in it.
	TemplateBlank
)

// TemplateError says why a text is no template, for [TemplateProblem] to put
// into words.
type TemplateError struct {
	Fault TemplateFault
	// Placeholder is what stands between the braces of an unknown one, as
	// it was written; Nearest is the one that was most likely meant.
	Placeholder string
	Nearest     string
}

// Error implements error. It never quotes the template.
func (e *TemplateError) Error() string {
	return [...]string{
		TemplateUnknown: "template: unknown placeholder",
		TemplateOpen:    "template: a placeholder has no end",
		TemplateLong:    "template: too long",
		TemplateBlank:   "template: nothing in it",
	}[e.Fault]
}

// ParseTemplate reads a template. What nobody sees in it is taken out, and
// it keeps up to eight lines. The names of placeholders may be in any case
// and have spaces around them. The error is a [*TemplateError].
func ParseTemplate(s string) (Template, error) {
	clean := string(appendClean(nil, s, true, 16*LimitTemplate))
	if units(clean) > LimitTemplate {
		return Template{}, &TemplateError{Fault: TemplateLong}
	}
	if clean == "" {
		return Template{}, &TemplateError{Fault: TemplateBlank}
	}
	t := Template{source: clean}
	var text strings.Builder
	for rest := clean; rest != ""; {
		at := strings.IndexAny(rest, "{}")
		if at < 0 {
			at = len(rest)
		}
		text.WriteString(rest[:at])
		if rest = rest[at:]; rest == "" {
			break
		}
		if rest[0] == '}' || strings.HasPrefix(rest, "{{") {
			text.WriteByte(rest[0])
			rest = strings.TrimPrefix(rest[1:], rest[:1])
			continue
		}
		name, after, err := cutPlaceholder(rest)
		if err != nil {
			return Template{}, err
		}
		t.add(&text, name)
		rest = after
	}
	t.add(&text, "")
	return t, nil
}

// add adds the text gathered so far and the placeholder behind it, if any.
func (t *Template) add(text *strings.Builder, name string) {
	if text.Len() > 0 {
		s := text.String()
		if backslashes := len(s) - len(strings.TrimRight(s, `\`)); name != "" && backslashes%2 == 1 {
			s += `\` // It would undo the first escape of the value.
		}
		t.parts = append(t.parts, templatePart{text: s})
		text.Reset()
	}
	if name != "" {
		t.parts = append(t.parts, templatePart{name: name})
	}
}

// cutPlaceholder reads the placeholder that s begins with.
func cutPlaceholder(s string) (name, rest string, err error) {
	inside, rest, closed := strings.Cut(s[1:], "}")
	if !closed || strings.Contains(inside, "{") {
		return "", "", &TemplateError{Fault: TemplateOpen}
	}
	name = strings.ToLower(strings.TrimSpace(inside))
	if !slices.Contains(Placeholders(), name) {
		return "", "", &TemplateError{Fault: TemplateUnknown, Placeholder: inside, Nearest: nearestPlaceholder(name)}
	}
	return name, rest, nil
}

// String returns the template as it was written, without what nobody sees.
func (t Template) String() string { return t.source }

// Has reports whether the template holds a placeholder.
func (t Template) Has(placeholder string) bool {
	return slices.ContainsFunc(t.parts, func(p templatePart) bool { return p.name == placeholder && p.name != "" })
}

// TemplateValues are what the placeholders of a [Template] stand for. Every
// text may be hostile.
type TemplateValues struct {
	Member     string // Discord user ID; becomes a mention
	Collection string // its name
	Count      int    // cards collected
	Size       int    // cards in all, 0 if not known
	Reward     string // its name, "" if there is none
	Server     string // its name
}

// Render writes the message. The member's is the only mention in it, names
// do nothing but show, and it has at most [LimitAnnouncement] characters: what
// does not fit any more is left out.
func (t Template) Render(w *catalog.Words, v TemplateValues) string {
	out := make([]byte, 0, 256)
	used := 0
	start := 0 // of the text since the last mention
	for _, p := range t.parts {
		text := p.text
		if p.name != "" {
			text = v.text(w, p.name)
		}
		if used += units(text); used > LimitAnnouncement-units(ellipsis) {
			out = append(out, ellipsis...)
			break
		}
		if p.name == PlaceholderMember && isSnowflake(v.Member) {
			out = append(withoutMentions(out, start), text...)
			start = len(out)
			continue
		}
		out = append(out, text...)
	}
	return strings.TrimSpace(string(withoutMentions(out, start)))
}

// text is what a placeholder stands for.
func (v *TemplateValues) text(w *catalog.Words, name string) string {
	switch name {
	case PlaceholderMember:
		return mention(w, v.Member)
	case PlaceholderCollection:
		return orElse(Escape(v.Collection, maxName), w, catalog.NamelessItem)
	case PlaceholderCount:
		return w.Text(catalog.Number, v.Count)
	case PlaceholderSize:
		if v.Size <= 0 {
			return "?"
		}
		return w.Text(catalog.Number, v.Size)
	case PlaceholderReward:
		return orElse(Escape(v.Reward, maxName), w, catalog.TemplateNoReward)
	default:
		return orElse(Escape(v.Server, maxName), w, catalog.TemplateNoServer)
	}
}

// withoutMentions makes every mention in b[from:] dead. It comes after the
// values are in: a mention may be half the template's and half a value's.
func withoutMentions(b []byte, from int) []byte {
	fresh := b[from:]
	if !slices.Contains(fresh, '@') {
		return b
	}
	out := append(make([]byte, 0, len(b)+16), b[:from]...)
	for i, c := range fresh {
		if c == '@' && isMention(fresh, i) {
			out = append(out, "＠"...)
			continue
		}
		out = append(out, c)
	}
	return out
}

// DefaultTemplate is the bot's own, in the language of w.
func DefaultTemplate(w *catalog.Words) Template {
	t, err := ParseTemplate(w.Text(catalog.TemplateDefault))
	if err != nil { // A test reads it in every language.
		return Template{}
	}
	return t
}

// nearestPlaceholder is the placeholder that was most likely meant by name:
// what other bots call the same thing, else the one that takes the fewest
// changes.
func nearestPlaceholder(name string) string {
	switch strings.Trim(name, "@$%") {
	case "user", "username", "name", "mention", "person", "player", "collector":
		return PlaceholderMember
	case "program", "set", "album", "challenge", "title":
		return PlaceholderCollection
	case "collected", "owned", "have", "number", "progress":
		return PlaceholderCount
	case "total", "all", "max", "cards", "of":
		return PlaceholderSize
	case "prize", "gift", "role", "bonus":
		return PlaceholderReward
	case "guild", "community", "discord":
		return PlaceholderServer
	}
	return slices.MinFunc(Placeholders(), func(a, b string) int { return changes(name, a) - changes(name, b) })
}

// changes counts how many letters have to be put in, taken out or replaced
// to make b of a. Only the beginning of a counts.
func changes(a, b string) int {
	a = a[:min(len(a), 32)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// TemplateProblem says in words what is wrong with a template, and how it
// would be right. It knows every error of [ParseTemplate].
func TemplateProblem(w *catalog.Words, e *TemplateError) string {
	switch e.Fault {
	case TemplateOpen:
		return w.Text(catalog.TemplateOpenBrace)
	case TemplateLong:
		return w.Text(catalog.TemplateTooLong, LimitTemplate)
	case TemplateBlank:
		return w.Text(catalog.TemplateEmpty)
	default:
		return w.Text(catalog.TemplateUnknownName, code(e.Placeholder), code(e.Nearest))
	}
}

// code shows a placeholder as it is to be typed.
func code(name string) string {
	name = strings.ReplaceAll(Plain(name, maxStatus), "`", "'")
	return "`{" + name + "}`"
}

// placeholderList names all placeholders as they are to be typed.
func placeholderList() string { return "{" + strings.Join(Placeholders(), "} {") + "}" }

// cutUnits returns the beginning of s that has at most limit UTF-16 code
// units.
func cutUnits(s string, limit int) string {
	for i, r := range s {
		if limit -= units(string(r)); limit < 0 {
			return s[:i]
		}
	}
	return s
}
