package embeds

import (
	"progressbot/embeds/card"
	"progressbot/embeds/catalog"
)

// BoardCard is the drawn card of a page of a leaderboard, to go with
// [Leaderboard]. Members stand on it by their names; asker is that of
// b.Own.
func BoardCard(b BoardView, asker string) *card.Leaderboard {
	w := b.Words
	page, pages := b.pages()
	c := &card.Leaderboard{
		Title:   card.Name{Text: w.Text(catalog.BoardTitle)},
		Summary: boardFooter(w, b.Total, page, pages),
		Labels:  CardLabels(w),
	}
	if b.Program != "" {
		c.Summary = c.Title.Text + separator + c.Summary
		c.Title = card.Name{Text: b.Collection, Instead: c.Labels.Collection}
	}
	rows := b.Rows[:min(len(b.Rows), BoardPageSize)]
	listed := false
	for i := range rows {
		c.Places = append(c.Places, boardPlace(w, &b, &rows[i]))
		listed = listed || rows[i].Person == b.Asker
	}
	if b.Own != nil && !listed {
		own := *b.Own
		own.Name = asker
		place := boardPlace(w, &b, &own)
		c.Own = &place
	}
	return c
}

// boardPlace is a row. That it is the asker's is for their eyes alone.
func boardPlace(w *catalog.Words, b *BoardView, r *BoardRow) card.Place {
	place := card.Place{
		Rank:   r.Rank,
		Member: card.Name{Text: r.Name, Instead: w.Text(catalog.CardMember)},
		Own:    r.Person == b.Asker && !b.Public,
	}
	if b.Program == "" {
		place.Percent = card.NoBar
		place.Score = string(appendBoardFigures(nil, w, false, r))
		return place
	}
	place.Score, place.Percent = boardScore(w, r)
	return place
}

// boardScore is how far a member is in one collection, in words and for the
// bar.
func boardScore(w *catalog.Words, r *BoardRow) (score string, percent int) {
	p := r.program()
	percent, known := p.Percentage()
	switch {
	case p.Counted():
		score = w.Text(catalog.CardCount, p.Collected, p.Size)
	case known:
		score = w.Text(catalog.Percent, percent)
	default:
		return w.Text(catalog.CountLoose, max(p.Collected, 0)), card.NoBar
	}
	return score, percent
}
