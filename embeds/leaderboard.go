package embeds

import (
	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// BoardPageSize is how many members a page of a leaderboard shows.
const BoardPageSize = 10

// The actions that turn the pages of a leaderboard, at [Action.Page]; the
// board is that of [Action.Program], or of all collections.
const (
	ActionBoardFirst = "board.first"
	ActionBoardPrev  = "board.prev"
	ActionBoardNext  = "board.next"
	ActionBoardLast  = "board.last"
	ActionBoardRetry = "board.retry" // the same page after a problem
)

// BoardView is a page of a leaderboard and who looks at it.
type BoardView struct {
	Words *catalog.Words
	Asker string // Discord user ID
	// Public says that everyone in the channel reads the message: it does
	// not tell why the asker is not on the board.
	Public bool

	// Program is the [ProgramRef] of the board, "" for the board of all;
	// Collection is the program's name, "" if nobody knows it.
	Program    string
	Collection string

	Rows  []BoardRow // of the page, best first
	Page  int        // from 0
	Total int        // members on the whole board

	// Own is the asker's row, nil if they are not on the board; then Absence
	// says why.
	Own     *BoardRow
	Absence Absence

	// Progress and Privacy are the [CommandMention] of the commands that
	// bring people onto the board.
	Progress string
	Privacy  string
}

// BoardRow is a member on a leaderboard.
type BoardRow struct {
	Rank   int    // from 1
	Person string // Discord user ID
	// Name is what they are called, for the drawn card alone; hostile, ""
	// if nobody knows.
	Name string
	// Completed and Cards count all of a member's collections. They are on
	// the board of all; the rest is on that of one collection. Cards and Size
	// are 0 if not known.
	Completed int
	Cards     int

	Collected, Size, Percent int
	Complete                 bool
}

// Absence is why somebody is not on a leaderboard.
type Absence int

const (
	// AbsentYet: they may be, but have shown nothing here so far.
	AbsentYet Absence = iota
	// AbsentNever: they chose not to be announced here.
	AbsentNever
	// AbsentHidden: they do not show their progress to anyone.
	AbsentHidden
)

// Leaderboard shows a page of a leaderboard. Members are mentioned, so that
// their names are always those of today; the message must not ping them.
func Leaderboard(b BoardView) Message {
	v := View{Words: b.Words, Asker: b.Asker, Person: Person{ID: b.Asker}, Public: b.Public}
	page, pages := b.pages()
	e := &discordgo.MessageEmbed{Title: boardTitle(v.Words, &b), Description: boardText(v.Words, &b), Color: colorRunning}
	if len(b.Rows) == 0 {
		e.Color = colorNotStarted
	}
	if own := boardOwn(v.Words, &b); own != "" {
		e.Fields = []*discordgo.MessageEmbedField{{Name: v.Words.Text(catalog.BoardOwn), Value: own}}
	}
	if b.Total > 0 {
		e.Footer = &discordgo.MessageEmbedFooter{Text: boardFooter(v.Words, b.Total, page, pages)}
	}
	m := Message{Embeds: []*discordgo.MessageEmbed{e}}
	turn := pager{first: ActionBoardFirst, prev: ActionBoardPrev, next: ActionBoardNext, last: ActionBoardLast}
	if buttons := turn.append(nil, &v, page, pages, b.Program); len(buttons) > 0 {
		m.Components = []discordgo.MessageComponent{row(buttons...)}
	}
	return m
}

// pages returns which page is shown, from 0, and how many there are.
func (b *BoardView) pages() (page, pages int) {
	pages = min(max((b.Total+BoardPageSize-1)/BoardPageSize, 1), MaxPage+1)
	return min(max(b.Page, 0), pages-1), pages
}

func boardTitle(w *catalog.Words, b *BoardView) string {
	if b.Program == "" {
		return w.Text(catalog.BoardTitle)
	}
	return w.Text(catalog.BoardTitleOf, programName(w, &progressapi.Program{Name: b.Collection}))
}

func boardFooter(w *catalog.Words, total, page, pages int) string {
	text := w.Text(catalog.BoardMembers, total)
	if pages > 1 {
		text += separator + w.Text(catalog.FooterPage, page+1, pages)
	}
	return text
}

// boardText is the rows, or how to begin, and who gets onto the board.
func boardText(w *catalog.Words, b *BoardView) string {
	var room [1024]byte
	t := room[:0]
	for i := range b.Rows[:min(len(b.Rows), BoardPageSize)] {
		r := &b.Rows[i]
		if i > 0 {
			t = append(t, '\n')
		}
		t = appendBoardRow(t, w, b, r)
	}
	if len(t) == 0 {
		t = w.Append(t, catalog.BoardEmpty)
		t = append(t, ' ')
		t = w.Append(t, catalog.BoardBegin, b.Progress)
	}
	return string(appendNote(append(t, '\n'), w.Text(catalog.BoardRules, b.Progress)))
}

// appendBoardRow writes a row: "**3.** <@1> · 7 of 10 · 70%".
func appendBoardRow(t []byte, w *catalog.Words, b *BoardView, r *BoardRow) []byte {
	t = append(t, "**"...)
	t = w.Append(t, catalog.BoardRank, r.Rank)
	t = append(t, "** "...)
	t = append(t, mention(w, r.Person)...)
	t = append(t, separator...)
	t = appendBoardFigures(t, w, b.Program != "", r)
	if r.Person == b.Asker && !b.Public {
		t = append(t, separator...)
		t = append(t, "**"...)
		t = w.Append(t, catalog.BoardYou)
		t = append(t, "**"...)
	}
	return t
}

func appendBoardFigures(t []byte, w *catalog.Words, one bool, r *BoardRow) []byte {
	if !one {
		t = w.Append(t, catalog.BoardCompleted, max(r.Completed, 0))
		if r.Cards <= 0 { // everybody here has begun, so it is not known how many
			return t
		}
		t = append(t, separator...)
		return w.Append(t, catalog.CountLoose, r.Cards)
	}
	p := r.program()
	t = appendFigures(t, w, &p)
	if r.Complete {
		t = append(t, separator...)
		t = w.Append(t, catalog.StateCompleted)
	}
	return t
}

// program is what a row of one collection's board tells of it.
func (r *BoardRow) program() progressapi.Program {
	p := progressapi.Program{
		Size: r.Size, Collected: r.Collected, Percent: r.Percent,
		CountTold: r.Size > 0, PercentTold: r.Percent > 0 || r.Collected <= 0,
	}
	if r.Complete {
		p.Percent, p.PercentTold = 100, true
	}
	return p
}

// boardOwn is the asker's own place, or why they have none. Everybody may
// read a public message, so that tells the place alone.
func boardOwn(w *catalog.Words, b *BoardView) string {
	switch {
	case b.Own != nil:
		t := w.Append(nil, catalog.BoardPlace, b.Own.Rank, max(b.Total, b.Own.Rank))
		t = append(t, separator...)
		if b.Public {
			t = append(t, mention(w, b.Asker)...)
			t = append(t, separator...)
		}
		return string(appendBoardFigures(t, w, b.Program != "", b.Own))
	case b.Public:
		return ""
	}
	switch b.Absence {
	case AbsentNever:
		return w.Text(catalog.BoardAbsentNever, b.Privacy)
	case AbsentHidden:
		return w.Text(catalog.BoardAbsentHidden, b.Privacy)
	}
	if len(b.Rows) == 0 {
		return "" // how to begin is told already
	}
	if b.Program != "" {
		return w.Text(catalog.BoardAbsentHere, b.Progress)
	}
	return w.Text(catalog.BoardAbsentYet, b.Progress)
}

// mention mentions a person, whose name Discord then keeps up to date. It
// pings only those whom the message's allowed_mentions name.
func mention(w *catalog.Words, person string) string {
	if !isSnowflake(person) {
		return w.Text(catalog.SomePerson)
	}
	return "<@" + person + ">"
}
