package embeds

import (
	"strings"
	"unicode"

	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// separator stands between parts of one line.
const separator = " · "

// Colours tell states apart at a glance; words always say the same.
const (
	colorRunning    = 0x4c7dff
	colorNotStarted = 0x8a8f9c
	colorCompleted  = 0x2fa36b
	colorEnded      = 0x5c6070
	colorNote       = 0xe0a030 // something to know
	colorProblem    = 0xd64550 // something went wrong
)

// phaseColor is never 0, which Discord takes for no colour.
func phaseColor(p progressapi.Phase) int {
	switch p {
	case progressapi.NotStarted:
		return colorNotStarted
	case progressapi.Completed:
		return colorCompleted
	case progressapi.Ended:
		return colorEnded
	default:
		return colorRunning
	}
}

// phaseWord is the key of a state's name.
func phaseWord(p progressapi.Phase) catalog.Key {
	switch p {
	case progressapi.NotStarted:
		return catalog.StateNotStarted
	case progressapi.Completed:
		return catalog.StateCompleted
	case progressapi.Ended:
		return catalog.StateEnded
	default:
		return catalog.StateRunning
	}
}

// statusWord is what the API's own status adds to the state that state
// names, or "". The words that only repeat what the numbers and dates say, or
// that say it of the program where people would read it of the person, add
// nothing.
func statusWord(status, state string) string {
	switch strings.ToLower(status) {
	case "", "in_progress", "active", "completed", "complete", "finished":
		return ""
	}
	word := humanize(status, maxStatus, Escape)
	if strings.EqualFold(word, state) {
		return ""
	}
	return word
}

// Bounds of the API's texts where they are shown, in UTF-16 code units:
// short enough that a phone shows them on a line or two.
const (
	maxName        = 80
	maxStatus      = 40
	maxRarity      = 24
	maxCardName    = 60
	maxDescription = 300
	maxPersonName  = 64
)

// humanize makes words of an identifier of the API's, fit by [Escape] or
// [Plain] for where they stand: "not_started" and "notStarted" become "Not
// started".
func humanize(id string, limit int, fit func(string, int) string) string {
	id = strings.Trim(id, "_- ")
	if len(id) > 4*limit {
		id = id[:4*limit]
	}
	var b strings.Builder
	lower := false // the letter before was a small one
	for _, r := range id {
		switch {
		case r == '_' || r == '-':
			r = ' '
		case unicode.IsUpper(r) && lower:
			b.WriteByte(' ')
		}
		lower = unicode.IsLower(r)
		if b.Len() == 0 {
			b.WriteRune(unicode.ToUpper(r))
		} else {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return fit(b.String(), limit)
}

// programName is a program's name, fit for markdown and never empty.
func programName(w *catalog.Words, p *progressapi.Program) string {
	return orElse(Escape(p.Name, maxName), w, catalog.NamelessItem)
}

// plainProgramName is [programName] for where there is no markdown.
func plainProgramName(w *catalog.Words, p *progressapi.Program) string {
	return orElse(Plain(p.Name, maxName), w, catalog.NamelessItem)
}

// someone is a person's display name, fit for markdown and never empty.
func someone(w *catalog.Words, name string) string {
	return orElse(Escape(name, maxPersonName), w, catalog.SomePerson)
}

// plainPerson is [someone] for where there is no markdown.
func plainPerson(w *catalog.Words, name string) string {
	return orElse(Plain(name, maxPersonName), w, catalog.SomePerson)
}

// orElse is s, or the text that stands in for it where it is empty.
func orElse(s string, w *catalog.Words, id catalog.Key) string {
	if s == "" {
		return w.Text(id)
	}
	return s
}
