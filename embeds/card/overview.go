package card

import (
	"strings"
	"time"
	"unicode/utf8"

	"progressbot/progressapi"
)

// MaxRows is how many programs an overview draws.
const MaxRows = 12

// An Overview shows a person's progress in several programs.
type Overview struct {
	Person Name
	// Summary stands under the name, such as "4 of 12 collections complete".
	Summary string
	// Rows are the programs, in the order they are shown; only the first
	// [MaxRows] are.
	Rows   []Row
	Labels Labels
}

// A Row is one program of an [Overview].
type Row struct {
	Program Name
	Phase   progressapi.Phase
	Percent int    // 0 to 100, the bar's filling
	Figure  string // the percentage in words, "" if not known
	Count   string // how many of how many, "" if not known
	Time    string // how much time is left, "" where it does not matter
	State   string // the phase in words
}

// NewOverview makes the overview of a person from their programs, in the
// order they are to be shown, at a moment.
func NewOverview(l Labels, person string, programs []progressapi.Program, now time.Time) *Overview {
	o := &Overview{Person: Name{Text: person, Instead: l.Member}, Labels: l}
	done := 0
	for i, p := range programs {
		row := newRow(l, p, i+1, now)
		if row.Phase == progressapi.Completed {
			done++
		}
		o.Rows = append(o.Rows, row)
	}
	if len(programs) > 0 {
		o.Summary = l.done(done, len(programs))
	}
	return o
}

func newRow(l Labels, p progressapi.Program, n int, now time.Time) Row {
	row := Row{
		Program: Name{Text: p.Name, Instead: numbered(l.Collection, n)},
		Phase:   p.Phase(now),
	}
	percent, known := p.Percentage()
	if row.Percent = percent; known {
		row.Figure = l.percent(percent)
	}
	row.Count = l.countOf(p)
	row.State, row.Time = l.state(p, now)
	return row
}

// state words where a program stands, and how much time it leaves if it
// still runs.
func (l Labels) state(p progressapi.Program, now time.Time) (state, left string) {
	if !p.Ends.IsZero() && p.Ends.After(now) && !p.Starts.After(now) {
		left = l.left(p.Ends.Sub(now))
	}
	switch p.Phase(now) {
	case progressapi.Completed:
		return l.Completed, ""
	case progressapi.Ended:
		return l.Ended, ""
	case progressapi.NotStarted:
		return l.NotStarted, left
	default:
		return l.Running, left
	}
}

// look returns how a phase is drawn.
func look(p progressapi.Phase) (mark, ink) {
	switch p {
	case progressapi.Completed:
		return checkMark, success
	case progressapi.Ended:
		return stopMark, idle
	case progressapi.NotStarted:
		return hollowMark, idle
	default:
		return halfMark, accent
	}
}

func (o *Overview) draw(c *canvas) float64 {
	y := c.masthead(o.Person, o.Summary)
	rows := o.Rows[:min(len(o.Rows), MaxRows)]
	if len(rows) == 0 {
		return y - large + margin
	}
	wide := len(rows) % 2
	if len(rows) <= 4 {
		wide = len(rows)
	}
	height, stacked := 72.0, false
	if wide < len(rows) && o.crowded(c, rows[wide:]) {
		height, stacked = 92, true
	}
	y = grid(len(rows), wide, y, height, func(i int, x, y, w float64) {
		c.box(x, y, w, height, medium, surface)
		rows[i].draw(c, x, y, w, stacked)
	})
	if hidden := len(o.Rows) - len(rows); hidden > 0 {
		c.say(o.Labels.more(hidden), Width/2, y+medium, inner, caption, muted, centre)
		y += large + small
	}
	return y - small + margin
}

// crowded reports whether one of the rows has more to say than fits below
// the bar in one line of a column.
func (o *Overview) crowded(c *canvas, rows []Row) bool {
	const room = column - 2*medium
	for i := range rows {
		_, words, _ := rows[i].status()
		need := c.line(c.words(words, caption), caption, Width) + signSize + signGap
		if rows[i].Count != "" {
			need += c.line(c.words(rows[i].Count, caption), caption, Width) + medium
		}
		if need > room {
			return true
		}
	}
	return false
}

// column is how wide each of two columns is.
const column = (inner - small) / 2

// grid calls tile for each of n things: the first wide ones below each other
// over the whole width, the others in two columns. It returns where the next
// row would begin.
func grid(n, wide int, y, height float64, tile func(i int, x, y, w float64)) float64 {
	for i := range n {
		switch {
		case i < wide:
			tile(i, margin, y, inner)
			y += height + small
		case (i-wide)%2 == 0:
			tile(i, margin, y, column)
			if i == n-1 {
				y += height + small
			}
		default:
			tile(i, margin+column+small, y, column)
			y += height + small
		}
	}
	return y
}

// masthead draws whose card it is and a line under it, and returns where
// the card goes on.
func (c *canvas) masthead(person Name, line string) float64 {
	const size = 44.0
	c.badge(person, margin, margin, size)
	x := margin + size + medium
	if line == "" {
		c.call(person, x, heading.middle(margin+size/2), Width-margin-x, heading, text, left)
	} else {
		c.call(person, x, margin+18, Width-margin-x, heading, text, left)
		c.say(line, x, margin+40, Width-margin-x, caption, muted, left)
	}
	return margin + size + large
}

// badge draws a disc with a person's initial, or the outline of somebody
// where there is none.
func (c *canvas) badge(person Name, x, y, size float64) {
	h := size / 2
	c.disc(x+h, y+h, h, accent)
	face, _ := c.fonts.face(heading)
	if c.clean(person.Text, face) {
		if first, _ := utf8.DecodeRuneInString(strings.ToUpper(string(c.runes[0]))); face.has(&c.sfnt, first) && first != ellipsis {
			c.runes = append(c.runes[:0], first)
			c.set(c.runes, x+h, heading.middle(y+h), size, heading, panel, centre)
			return
		}
	}
	c.disc(x+h, y+size*0.38, size*0.16, panel)
	c.box(x+size*0.24, y+size*0.6, size*0.52, size*0.22, size*0.11, panel)
}

// draw draws a row upon its tile; stacked, in four lines instead of three.
func (r *Row) draw(c *canvas, x, y, w float64, stacked bool) {
	sign, words, colour := r.status()
	x, w = x+medium, w-2*medium
	edge, room := x+w, w
	if r.Figure != "" {
		room -= c.say(r.Figure, edge, y+24, w/2, strong, text, right) + small
	}
	c.call(r.Program, x, y+24, room, strong, text, left)
	c.bar(x, y+34, w, 8, r.Percent, colour)
	used := 0.0
	if r.Count != "" {
		used = c.say(r.Count, x, y+60, w, caption, muted, left) + medium
	}
	room = w - signSize - signGap
	if stacked {
		c.sign(sign, x, y+75-signSize/2, signSize, colour, surface)
		c.say(words, x+signSize+signGap, caption.middle(y+75), room, caption, muted, left)
		return
	}
	width := c.say(words, edge, caption.middle(y+55), room-used, caption, muted, right)
	if width > 0 {
		width += signGap
	}
	c.sign(sign, edge-width-signSize, y+55-signSize/2, signSize, colour, surface)
}

// How large the mark before a caption is, and how far from it.
const (
	signSize = 14.0
	signGap  = 6.0
)

// status returns how a row's state is drawn: how much time is left if that
// matters, the phase otherwise.
func (r *Row) status() (sign mark, words string, with ink) {
	sign, with = look(r.Phase)
	if r.Time != "" {
		return clockMark, r.Time, with
	}
	return sign, r.State, with
}

func (o *Overview) alt(a *altText) {
	a.sentence(o.Person.plain(), o.Summary)
	a.list("", len(o.Rows), MaxRows, func(i int) string {
		r := &o.Rows[i]
		return named(r.Program, together(r.Count, r.Figure, r.State, r.Time))
	}, o.Labels.more)
}
