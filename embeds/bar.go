package embeds

import (
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// A bar is cut from these two. Ten cells make one for every ten percent, and
// leave room beside them on a phone. The two signs are in the fixed-width
// font of every platform (they are as old as the terminal), and in inline
// code each is exactly one cell wide, so that the bars below each other line
// up and none changes its length. Prettier signs, ▰▱ among them, come from
// whatever font has them, and come out uneven.
const (
	barCells = 10
	barFull  = "██████████"
	barEmpty = "░░░░░░░░░░"
	cellSize = len(barFull) / barCells
)

// appendBar draws how far a program is.
func appendBar(dst []byte, p *progressapi.Program) []byte {
	full := filledCells(p)
	dst = append(dst, '`')
	dst = append(dst, barFull[:full*cellSize]...)
	dst = append(dst, barEmpty[full*cellSize:]...)
	return append(dst, '`')
}

// filledCells is all only for a completed program, and none only for one of
// which nothing has been collected.
func filledCells(p *progressapi.Program) int {
	if p.Completion() == progressapi.Complete {
		return barCells
	}
	s := share(p)
	if s <= 0 {
		return 0
	}
	return min(max(int(s*barCells), 1), barCells-1)
}

// appendFigures writes how far a program is in numbers, with as many of them
// as are known: "7 of 10 · 70%". It appends nothing if none is.
func appendFigures(dst []byte, w *catalog.Words, p *progressapi.Program) []byte {
	percent, known := p.Percentage()
	switch {
	case p.Counted():
		return w.Append(dst, catalog.Count, p.Collected, p.Size, percent)
	case known:
		return w.Append(dst, catalog.Percent, percent)
	case p.Collected > 0:
		return w.Append(dst, catalog.CountLoose, p.Collected)
	}
	return dst
}

// hasFigures reports whether anything is known that a bar could show.
func hasFigures(p *progressapi.Program) bool {
	_, known := p.Percentage()
	return known
}

// share is how much of a program the person has, from 0 to 1.
func share(p *progressapi.Program) float64 {
	if p.Counted() {
		return min(float64(p.Collected)/float64(p.Size), 1)
	}
	return min(float64(p.Percent)/100, 1)
}
