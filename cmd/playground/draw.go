package main

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"progressbot/bot/discordsim"
)

// Discord's button styles.
const (
	stylePrimary = 1
	styleSuccess = 3
	styleDanger  = 4
	styleLink    = 5
)

// painter draws messages into a terminal.
type painter struct {
	w     io.Writer
	width int  // columns
	color bool // ANSI escapes
	now   func() time.Time
	name  func(id string) string // display name of a mentioned person
}

// message draws one message as a person in the channel would see it.
func (p painter) message(m discordsim.Message) {
	who := p.sgr("1", "progressbot") + " " + p.sgr("44;97", " APP ")
	if m.Ephemeral() {
		who += p.sgr("2", "  only you can see this")
	}
	p.line(who)
	for _, l := range p.wrap(m.Content, p.width-2) {
		p.line("  " + l)
	}
	for _, e := range m.Embeds {
		p.embed(e)
	}
	for _, a := range m.Attachments {
		p.line("  " + p.sgr("2", fmt.Sprintf("[picture %s, %d KB] %s", a.Filename, (a.Size+1023)/1024, a.Description)))
	}
	for _, row := range m.Components {
		p.row(row)
	}
}

func (p painter) embed(e discordsim.Embed) {
	color := 0x4e5058
	if e.Color != nil {
		color = *e.Color
	}
	bar := "  " + p.colored(color, "▌") + " "
	text := func(code, s string) {
		for _, l := range p.wrap(s, p.width-4) {
			p.line(bar + p.sgr(code, l))
		}
	}
	if e.Author != nil {
		text("2", e.Author.Name)
	}
	text("1", e.Title)
	text("", e.Description)
	for _, f := range e.Fields {
		p.line("  " + p.colored(color, "▌"))
		text("1", f.Name)
		text("", f.Value)
	}
	for _, m := range []*discordsim.EmbedMedia{e.Thumbnail, e.Image} {
		if m != nil {
			p.line(bar + p.sgr("2", "[picture] "+strings.TrimSpace(m.Description+" "+m.URL)))
		}
	}
	text("2", footer(e))
}

func footer(e discordsim.Embed) string {
	var parts []string
	if e.Footer != nil {
		parts = append(parts, e.Footer.Text)
	}
	if t, err := time.Parse(time.RFC3339, e.Timestamp); err == nil {
		parts = append(parts, t.Local().Format("15:04"))
	}
	return strings.Join(parts, " · ")
}

func (p painter) row(row discordsim.Component) {
	var buttons []string
	for _, c := range row.Components {
		if c.Type == discordsim.TypeButton {
			buttons = append(buttons, p.button(c))
			continue
		}
		p.line("  " + p.sgr("1", "▾ "+c.Placeholder))
		for i, o := range c.Options {
			p.line(fmt.Sprintf("    %d %s  %s", i+1, o.Label, p.sgr("2", o.Description)))
		}
	}
	if len(buttons) > 0 {
		p.line("  " + strings.Join(buttons, " "))
	}
}

func (p painter) button(c discordsim.Component) string {
	label := "[" + c.Label + "]"
	switch {
	case c.Disabled:
		return p.sgr("2;9", label)
	case c.Style == styleLink:
		return p.sgr("4", label) + p.sgr("2", " "+c.URL)
	case c.Style == stylePrimary:
		return p.sgr("44;97", label)
	case c.Style == styleSuccess:
		return p.sgr("42;97", label)
	case c.Style == styleDanger:
		return p.sgr("41;97", label)
	default:
		return p.sgr("7", label)
	}
}

func (p painter) line(s string) { fmt.Fprintln(p.w, s) }

// sgr wraps s in an ANSI style.
func (p painter) sgr(code, s string) string {
	if !p.color || code == "" || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p painter) colored(rgb int, s string) string {
	return p.sgr(fmt.Sprintf("38;2;%d;%d;%d", rgb>>16&255, rgb>>8&255, rgb&255), s)
}

var (
	timestampMark = regexp.MustCompile(`<t:(-?\d{1,15})(?::([a-zA-Z]))?>`)
	userMark      = regexp.MustCompile(`<@!?(\d+)>`)
	commandMark   = regexp.MustCompile(`</([^:<>]+):\d+>`)
	placeMark     = regexp.MustCompile(`<(#|@&)(\d+)>`) // a channel or a role
	linkMark      = regexp.MustCompile(`\[([^\]]+)\]\((https://[^)\s]+)\)`)
	emphasis      = regexp.MustCompile(`(^|[^\\*])\*\*([^*\n]+)\*\*`)
	inlineCode    = regexp.MustCompile("`([^`\n]+)`")
	escaped       = regexp.MustCompile(`\\([^\pL\pN\s])`)
)

// markup turns Discord's markup into what a terminal can show.
func (p painter) markup(s string) string {
	s = timestampMark.ReplaceAllStringFunc(s, func(m string) string {
		parts := timestampMark.FindStringSubmatch(m)
		sec, err := strconv.ParseInt(parts[1], 10, 64)
		if err != nil {
			return m
		}
		return p.when(time.Unix(sec, 0), parts[2])
	})
	s = userMark.ReplaceAllStringFunc(s, func(m string) string {
		return p.sgr("96", "@"+p.name(userMark.FindStringSubmatch(m)[1]))
	})
	s = commandMark.ReplaceAllString(s, p.sgr("96", "/$1"))
	s = placeMark.ReplaceAllStringFunc(s, func(m string) string {
		parts := placeMark.FindStringSubmatch(m)
		return p.sgr("96", parts[1][:1]+p.name(parts[2]))
	})
	s = linkMark.ReplaceAllString(s, "$1 ($2)")
	s = emphasis.ReplaceAllString(s, "$1"+p.sgr("1", "$2"))
	s = inlineCode.ReplaceAllString(s, "$1")
	return clean(escaped.ReplaceAllString(s, "$1"))
}

// when writes a Discord timestamp as a reader would see it.
func (p painter) when(t time.Time, style string) string {
	switch style {
	case "R":
		return relative(t.Sub(p.now()))
	case "d", "D":
		return t.Local().Format("2 January 2006")
	case "t", "T":
		return t.Local().Format("15:04")
	default:
		return t.Local().Format("2 January 2006 15:04")
	}
}

func relative(d time.Duration) string {
	past := d < 0
	d = d.Abs()
	n, unit := int(d.Seconds()), "second"
	switch {
	case d >= 48*time.Hour:
		n, unit = int(d.Hours()/24), "day"
	case d >= 2*time.Hour:
		n, unit = int(d.Hours()), "hour"
	case d >= 2*time.Minute:
		n, unit = int(d.Minutes()), "minute"
	}
	if n != 1 {
		unit += "s"
	}
	if past {
		return fmt.Sprintf("%d %s ago", n, unit)
	}
	return fmt.Sprintf("in %d %s", n, unit)
}

// clean drops what could steer the terminal, but keeps the painter's own
// styles.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\x1b' || r == '\n' || !unicode.IsControl(r) {
			return r
		}
		return -1
	}, s)
}

// wrap renders markup and breaks it into lines of at most columns cells.
func (p painter) wrap(s string, columns int) []string {
	if s == "" {
		return nil
	}
	var lines []string
	for paragraph := range strings.Lines(strings.ReplaceAll(s, "\x1b", "")) {
		paragraph, small := strings.CutPrefix(strings.TrimRight(paragraph, "\n"), "-# ")
		heading := strings.TrimLeft(paragraph, "#")
		if heading != paragraph && strings.HasPrefix(heading, " ") {
			paragraph = "**" + heading[1:] + "**"
		}
		for _, l := range fold(p.markup(paragraph), columns) {
			if small {
				l = p.sgr("2", l)
			}
			lines = append(lines, l)
		}
	}
	return lines
}

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

// fold breaks one line at spaces, counting terminal cells and not escapes.
func fold(s string, columns int) []string {
	var lines []string
	var line strings.Builder
	used := 0
	for word := range strings.SplitSeq(s, " ") {
		n := cells(word)
		if used > 0 && used+1+n > columns {
			lines = append(lines, line.String())
			line.Reset()
			used = 0
		}
		if used > 0 {
			line.WriteByte(' ')
			used++
		}
		line.WriteString(word)
		used += n
	}
	return append(lines, line.String())
}

// cells counts the terminal cells that s takes.
func cells(s string) int {
	n := 0
	for _, r := range ansi.ReplaceAllString(s, "") {
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r):
		case width.LookupRune(r).Kind() == width.EastAsianWide, width.LookupRune(r).Kind() == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}
