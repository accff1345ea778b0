package card

import "strconv"

// MaxPlaces is how many places a leaderboard draws.
const MaxPlaces = 10

// A Leaderboard shows how members stand.
type Leaderboard struct {
	Title   Name
	Summary string // stands under the title, such as the page; "" for none
	// Places are drawn in their order, the first [MaxPlaces] of them.
	Places []Place
	// Own is the reader's place if it is not among Places.
	Own    *Place
	Labels Labels
}

// A Place is one member's place.
type Place struct {
	Rank    int // from 1; the same for equals
	Member  Name
	Score   string // in words, such as "7 of 12"
	Percent int    // 0 to 100, the bar's filling, or [NoBar]
	Own     bool   // the reader's
}

// NoBar is the Percent of a place without a bar: where there is no whole
// that its score is a part of.
const NoBar = -1

const placeHeight = 50.0

func (b *Leaderboard) draw(c *canvas) float64 {
	y := c.callTwice(b.Title, margin, margin+20, inner, 28, heading, text, left)
	if b.Summary != "" {
		y += 22
		c.say(b.Summary, margin, y, inner, caption, muted, left)
	}
	y += large
	for i := range b.Places[:min(len(b.Places), MaxPlaces)] {
		b.place(c, &b.Places[i], y)
		y += placeHeight + 6
	}
	if b.Own != nil {
		for i := range 3 {
			c.disc(Width/2+float64(i-1)*10, y+5, 2, idle)
		}
		y += 16
		b.place(c, b.Own, y)
		y += placeHeight + 6
	}
	return y - 6 + margin
}

func (b *Leaderboard) place(c *canvas, p *Place, y float64) {
	under := surface
	if p.Own {
		under = raised
	}
	c.box(margin, y, inner, placeHeight, medium, under)
	x, edge := margin+medium+c.rank(p.Rank, margin+medium, y+placeHeight/2)+medium, Width-margin-medium
	line, limit := strong.middle(y+19), edge-x
	switch {
	case p.Percent == NoBar: // the score has the second line to itself
		line = strong.middle(y + 16)
		c.say(p.Score, x, caption.middle(y+36), limit, caption, muted, left)
	case p.Score != "":
		limit -= c.say(p.Score, edge, line, inner/2, strong, text, right) + medium
	}
	b.name(c, p, x, line, limit)
	if p.Percent != NoBar {
		colour := accent
		if p.Percent >= 100 {
			colour = success
		}
		c.bar(x, y+placeHeight-15, edge-x, 6, p.Percent, colour)
	}
}

// name draws whose place it is on the baseline y, and marks the reader's.
func (b *Leaderboard) name(c *canvas, p *Place, x, y, limit float64) {
	you := 0.0
	if p.Own && b.Labels.You != "" {
		you = c.line(c.words(b.Labels.You, label), label, limit/3) + small
	}
	name := c.call(p.Member, x, y, limit-you, strong, text, left)
	if you > 0 {
		c.say(b.Labels.You, x+name+small, y, limit/3, label, accent, left)
	}
}

// rank draws a place's number from x on, the first three in a medal, and
// returns how wide it is.
func (c *canvas) rank(n int, x, y float64) float64 {
	const size = 30.0
	medals := [...]ink{gold, silver, bronze}
	number := c.words(strconv.Itoa(n), label)
	if n < 1 || n > len(medals) {
		width := max(c.line(number, label, inner/4), size)
		c.set(number, x+width/2, label.middle(y), width, label, muted, centre)
		return width
	}
	c.disc(x+size/2, y, size/2, medals[n-1])
	c.set(number, x+size/2, label.middle(y), size, label, panel, centre)
	return size
}

func (b *Leaderboard) alt(a *altText) {
	a.sentence(b.Title.plain(), b.Summary)
	places := b.Places[:min(len(b.Places), MaxPlaces)]
	if b.Own != nil {
		a.sentence(b.say(b.Own))
	}
	a.list("", len(places), MaxPlaces, func(i int) string { return b.say(&places[i]) }, b.Labels.more)
}

func (b *Leaderboard) say(p *Place) string {
	you := ""
	if p.Own {
		you = b.Labels.You
	}
	return strconv.Itoa(p.Rank) + ". " + together(p.Member.plain(), you, p.Score)
}
