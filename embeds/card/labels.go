package card

import (
	"strconv"
	"strings"
	"time"

	"progressbot/progressapi"
)

// Labels are the words of a card, in the reader's language.
//
// Short words suit it best: an overview in two columns has room for some 25
// letters of count and time together, and grows higher where they are longer.
// The zero value draws cards without words: an empty text is left out, and
// in the place of a missing function stand bare numbers.
type Labels struct {
	// Generic nouns that stand in for a name that cannot be drawn.
	Member, Collection, Card, Reward string

	// What [progressapi.Phase] a program is in.
	Running, NotStarted, Completed, Ended string

	// What a card of a collection is.
	Owned, Missing string

	// How a reward stands: it waits for completion, can be claimed, is claimed.
	RewardLocked, RewardReady, RewardClaimed string

	// You marks the reader's own place in a leaderboard.
	You string

	// Celebration heads the card of a completion, such as "Collection complete".
	Celebration string

	// Count says how many of how many cards, such as "7 of 12".
	Count func(have, size int) string
	// Percent says a whole percentage, such as "58%".
	Percent func(n int) string
	// Left says how long there is still time, such as "6 days left"; the
	// duration is never negative.
	Left func(time.Duration) string
	// Done sums an overview up, such as "4 of 12 collections complete".
	Done func(done, all int) string
	// More says how many things are not shown, such as "and 3 more".
	More func(n int) string
	// Spare says how many copies beyond the first there are, such as "2 spare".
	Spare func(n int) string
	// Rarity says a rarity of the API's, an open set, such as "Rare" for
	// "rare"; without it the rarity is a mark alone.
	Rarity func(value string) string
}

func (l Labels) count(have, size int) string {
	if l.Count == nil {
		return strconv.Itoa(have) + "/" + strconv.Itoa(size)
	}
	return l.Count(have, size)
}

// countOf words a program's count, "" if it is not known.
func (l Labels) countOf(p progressapi.Program) string {
	if !p.Counted() {
		return ""
	}
	return l.count(p.Collected, p.Size)
}

func (l Labels) percent(n int) string { return number(l.Percent, n, "", "%") }
func (l Labels) more(n int) string    { return number(l.More, n, "+", "") }
func (l Labels) spare(n int) string   { return number(l.Spare, n, "+", "") }

func number(f func(int) string, n int, before, after string) string {
	if f == nil {
		return before + strconv.Itoa(n) + after
	}
	return f(n)
}

func (l Labels) left(d time.Duration) string {
	if l.Left == nil {
		return ""
	}
	return l.Left(d)
}

func (l Labels) done(done, all int) string {
	if l.Done == nil {
		return strconv.Itoa(done) + "/" + strconv.Itoa(all)
	}
	return l.Done(done, all)
}

func (l Labels) rarity(value string) string {
	if value == "" || l.Rarity == nil {
		return ""
	}
	return l.Rarity(value)
}

// numbered makes a stand-in such as "Collection 3".
func numbered(noun string, n int) string {
	return strings.TrimSpace(noun + " " + strconv.Itoa(n))
}
