package embeds

import (
	"cmp"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"progressbot/progressapi"
)

// Rank returns the programs in the order in which people want to see them at
// now: running ones first, closest to completion leading and the sooner end
// breaking ties; then those not started; then completed ones, a reward that
// waits to be claimed leading; then those that ended, latest first. What is
// still equal goes by name. The slice given is not changed.
func Rank(programs []progressapi.Program, now time.Time) []progressapi.Program {
	order := make([]ranked, len(programs))
	for i := range programs {
		p := &programs[i]
		order[i] = ranked{p, p.Phase(now), share(p)}
	}
	slices.SortStableFunc(order, compareRanked)
	out := make([]progressapi.Program, len(programs))
	for i, r := range order {
		out[i] = *r.program
	}
	return out
}

// ranked is a program with what it is ranked by.
type ranked struct {
	program *progressapi.Program
	phase   progressapi.Phase
	share   float64
}

func compareRanked(a, b ranked) int {
	if c := cmp.Compare(a.phase, b.phase); c != 0 {
		return c
	}
	var c int
	switch a.phase {
	case progressapi.Running:
		c = cmp.Or(cmp.Compare(b.share, a.share), compareEnds(a.program, b.program))
	case progressapi.NotStarted:
		c = compareEnds(a.program, b.program)
	case progressapi.Completed:
		c = compareClaimable(a.program, b.program)
	case progressapi.Ended:
		c = compareEnds(b.program, a.program)
	}
	return cmp.Or(c, compareNames(a.program, b.program))
}

// compareNames leaves nameless programs to the end.
func compareNames(a, b *progressapi.Program) int {
	switch {
	case a.Name == b.Name:
		return 0
	case a.Name == "":
		return 1
	case b.Name == "":
		return -1
	}
	return compareFold(a.Name, b.Name)
}

// compareFold compares without regard to case, and without copies: a sort
// comes here thousands of times.
func compareFold(a, b string) int {
	for a != "" && b != "" {
		x, n := utf8.DecodeRuneInString(a)
		y, m := utf8.DecodeRuneInString(b)
		if c := cmp.Compare(unicode.ToLower(x), unicode.ToLower(y)); c != 0 {
			return c
		}
		a, b = a[n:], b[m:]
	}
	return cmp.Compare(len(a), len(b))
}

func compareClaimable(a, b *progressapi.Program) int {
	switch x, y := a.Reward.Claimable(), b.Reward.Claimable(); {
	case x == y:
		return 0
	case x:
		return -1
	}
	return 1
}

// compareEnds puts the sooner end first and no end last.
func compareEnds(a, b *progressapi.Program) int {
	switch {
	case a.Ends.Equal(b.Ends):
		return 0
	case a.Ends.IsZero():
		return 1
	case b.Ends.IsZero():
		return -1
	}
	return a.Ends.Compare(b.Ends)
}
