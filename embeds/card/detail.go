package card

import (
	"slices"
	"strconv"
	"time"

	"progressbot/progressapi"
)

// A Detail shows one program of a person: how far they are, which cards they
// have and lack, and what completing it earns.
type Detail struct {
	Program Name
	Person  Name // whose progress it is; the zero value for nobody named
	Phase   progressapi.Phase
	Percent int    // 0 to 100, the ring's filling
	Figure  string // the percentage in words, "" if not known
	Count   string // how many of how many, "" if not known
	State   string // the phase in words
	Time    string // how much time is left, "" where it does not matter
	// Cards are the collection's, in the order they are shown. The first 48
	// at most are drawn, and the first 14 with their names.
	Cards []Collectible
	// Unlisted is how many more cards the collection has than Cards names.
	Unlisted int
	Reward   *Prize // nil for none
	Labels   Labels
}

// A Collectible is one card of a collection.
type Collectible struct {
	Name   Name
	Rarity string // as the API has it; chooses the mark
	Word   string // the rarity in words
	Owned  bool
	Copies int // how many, 0 if not told
}

// A Prize is what completing a collection earns.
type Prize struct {
	Name  Name
	State PrizeState
	Word  string // the state in words, "" where there is nothing to say of it
}

// PrizeState is how a reward stands.
type PrizeState int

const (
	Locked  PrizeState = iota // waits for completion
	Ready                     // can be claimed
	Claimed                   // was claimed
)

// NewDetail makes the detail card of a program of a person, "" to name
// nobody, at a moment.
func NewDetail(l Labels, person string, p progressapi.Program, now time.Time) *Detail {
	row := newRow(l, p, 1, now)
	d := &Detail{
		Program: Name{Text: p.Name, Instead: l.Collection},
		Phase:   row.Phase, Percent: row.Percent, Figure: row.Figure, Count: row.Count,
		State: row.State, Time: row.Time,
		Unlisted: max(p.Size-len(p.Cards), 0),
		Reward:   newPrize(l, p.Reward, row.Phase),
		Labels:   l,
	}
	if person != "" {
		d.Person = Name{Text: person, Instead: l.Member}
	}
	for i, card := range p.Cards {
		d.Cards = append(d.Cards, Collectible{
			Name:   Name{Text: card.Name, Instead: numbered(l.Card, i+1)},
			Rarity: card.Rarity, Word: l.rarity(card.Rarity),
			Owned: card.Owned, Copies: card.Quantity,
		})
	}
	return d
}

// newPrize promises nothing once the program has ended without having been
// completed.
func newPrize(l Labels, r *progressapi.Reward, phase progressapi.Phase) *Prize {
	if r == nil {
		return nil
	}
	p := &Prize{Name: Name{Text: r.Name, Instead: l.Reward}, State: Locked, Word: l.RewardLocked}
	switch {
	case r.IsClaimed:
		p.State, p.Word = Claimed, l.RewardClaimed
	case r.Claimable():
		p.State, p.Word = Ready, l.RewardReady
	case phase == progressapi.Ended:
		p.Word = ""
	}
	return p
}

const (
	maxTiles   = 14 // cards drawn with their names
	maxSquares = 48 // cards drawn at all
)

func (d *Detail) draw(c *canvas) float64 {
	y := c.callTwice(d.Program, margin, margin+20, inner, 28, heading, text, left)
	if d.Person != (Name{}) {
		y += 22
		c.call(d.Person, margin, y, inner, caption, muted, left)
	}
	y = d.drawHero(c, y+large)
	if d.Reward != nil {
		y = d.Reward.draw(c, y+large)
	}
	switch {
	case len(d.Cards) == 0:
	case len(d.Cards) <= maxTiles:
		y = d.drawLegend(c, d.drawTiles(c, y+large))
	default:
		y = d.drawLegend(c, d.drawSquares(c, y+large))
	}
	return y + margin
}

// drawHero draws the ring and what is beside it, and returns where they end.
func (d *Detail) drawHero(c *canvas, y float64) float64 {
	const size, beside = 104.0, 26.0
	sign, colour := look(d.Phase)
	middle := y + size/2
	c.dial(margin+size/2, middle, size/2, 11, d.Percent, colour)
	if d.Figure != "" {
		c.say(d.Figure, margin+size/2, heading.middle(middle), size-32, heading, text, centre)
	}
	x := margin + size + margin
	room := Width - margin - x
	height := beside - small
	if d.Count != "" {
		height += 34 + medium
	}
	if d.Time != "" {
		height += beside
	}
	at := middle - height/2
	if d.Count != "" {
		c.say(d.Count, x, figure.middle(at+17), room, figure, text, left)
		at += 34 + medium
	}
	c.fact(sign, d.State, x, at+9, room, colour)
	if d.Time != "" {
		c.fact(clockMark, d.Time, x, at+beside+9, room, colour)
	}
	return y + size
}

// fact draws a mark and words beside it, centred on y.
func (c *canvas) fact(m mark, words string, x, y, room float64, with ink) {
	const size = 18.0
	c.sign(m, x, y-size/2, size, with, panel)
	c.say(words, x+size+small, body.middle(y), room-size-small, body, muted, left)
}

// draw draws the reward's tile and returns where it ends.
func (p *Prize) draw(c *canvas, y float64) float64 {
	const height, size = 48.0, 20.0
	c.box(margin, y, inner, height, medium, surface)
	middle := y + height/2
	sign, colour := p.look()
	edge := Width - margin - medium
	if p.Word != "" {
		edge -= c.say(p.Word, edge, label.middle(middle), inner/2, label, colour, right) + medium
	}
	c.sign(sign, margin+medium, middle-size/2, size, colour, surface)
	x := margin + medium + size + small + 2
	c.call(p.Name, x, strong.middle(middle), edge-x, strong, text, left)
	return y + height
}

// look returns how a reward's state is drawn.
func (p *Prize) look() (mark, ink) {
	switch p.State {
	case Ready:
		return giftMark, gold
	case Claimed:
		return checkMark, success
	default:
		return lockMark, muted
	}
}

// drawTiles draws the cards with their names, and returns where they end.
func (d *Detail) drawTiles(c *canvas, y float64) float64 {
	const height = 42.0
	return grid(len(d.Cards), 0, y, height, func(i int, x, y, w float64) {
		d.Cards[i].drawTile(c, x, y, w, height)
	})
}

func (k *Collectible) drawTile(c *canvas, x, y, w, h float64) {
	const size, gem = 18.0, 14.0
	middle := y + h/2
	with := k.drawGround(c, x, y, w, h, 10)
	if k.Owned {
		c.sign(checkMark, x+medium, middle-size/2, size, success, surface)
	} else {
		c.sign(hollowMark, x+medium, middle-size/2, size, idle, panel)
	}
	edge := x + w - medium
	if k.Rarity != "" {
		shape, colour := rarityMark(k.Rarity)
		edge -= gem
		c.gem(shape, edge, middle-gem/2, gem, colour)
		edge -= small
	}
	if k.Copies > 1 {
		edge -= c.set(c.times(k.Copies), edge, label.middle(middle), w/3, label, text, right) + small
	}
	l := x + medium + size + small
	c.call(k.Name, l, body.middle(middle), edge-l, body, with, left)
}

// drawGround draws what a card lies on, solid if it is owned and an outline
// if it is missing, and returns the ink for its name.
func (k *Collectible) drawGround(c *canvas, x, y, w, h, radius float64) ink {
	if k.Owned {
		c.box(x, y, w, h, radius, surface)
		return text
	}
	c.frame(x, y, w, h, radius, track)
	return muted
}

// frame draws a box's outline on the panel.
func (c *canvas) frame(x, y, w, h, radius float64, with ink) {
	const line = 1.5
	c.box(x, y, w, h, radius, with)
	c.box(x+line, y+line, w-2*line, h-2*line, radius-line, panel)
}

// times writes how many copies there are.
func (c *canvas) times(n int) []rune {
	c.runes = c.runes[:0]
	switch {
	case n > 99:
		return append(c.runes, '9', '9', '+')
	case n > 9:
		return append(c.runes, '×', '0'+rune(n/10), '0'+rune(n%10))
	default:
		return append(c.runes, '×', '0'+rune(n))
	}
}

// drawSquares draws many cards as squares without names, and returns where
// they end.
func (d *Detail) drawSquares(c *canvas, y float64) float64 {
	const columns = 8
	const size = (inner - (columns-1)*small) / columns
	n := len(d.Cards)
	if n > maxSquares {
		n = maxSquares - 1
	}
	shown := n
	if n < len(d.Cards) {
		shown++
	}
	for i := range shown {
		x, y := margin+float64(i%columns)*(size+small), y+float64(i/columns)*(size+small)
		if i == n {
			c.say("+"+strconv.Itoa(len(d.Cards)-n), x+size/2, label.middle(y+size/2), size, label, muted, centre)
			break
		}
		d.Cards[i].drawSquare(c, x, y, size)
	}
	return y + float64((shown+columns-1)/columns)*(size+small)
}

func (k *Collectible) drawSquare(c *canvas, x, y, size float64) {
	const gem, seal = 18.0, 13.0
	k.drawGround(c, x, y, size, size, 10)
	shape, colour := rarityMark(k.Rarity)
	if k.Rarity == "" {
		shape, colour = dot, idle
	}
	if !k.Owned {
		c.gem(shape, x+(size-gem)/2, y+(size-gem)/2, gem, idle)
		return
	}
	line := y + size - 14
	c.gem(shape, x+(size-gem)/2, y+7, gem, colour)
	width := seal
	if k.Copies > 1 {
		words := c.line(c.times(k.Copies), caption, size)
		width += 3 + words
		c.put(x+(size+width)/2-words, caption.middle(line), caption, text)
	}
	c.sign(checkMark, x+(size-width)/2, line-seal/2, seal, success, surface)
}

// drawLegend explains the marks that occur, and returns where it ends.
func (d *Detail) drawLegend(c *canvas, y float64) float64 {
	k := legend{canvas: c, x: margin, y: y + small}
	var owned, missing bool
	for i := range d.Cards {
		owned, missing = owned || d.Cards[i].Owned, missing || !d.Cards[i].Owned
	}
	if owned {
		k.entry(d.Labels.Owned, func(x, y, size float64) { c.sign(checkMark, x, y, size, success, panel) })
	}
	if missing {
		k.entry(d.Labels.Missing, func(x, y, size float64) {
			if len(d.Cards) > maxTiles {
				c.frame(x, y, size, size, 4, idle)
			} else {
				c.sign(hollowMark, x, y, size, idle, panel)
			}
		})
	}
	for i := range d.Cards {
		if d.firstOf(i) && k.entries < maxLegend {
			shape, colour := rarityMark(d.Cards[i].Rarity)
			k.entry(d.Cards[i].Word, func(x, y, size float64) { c.gem(shape, x, y, size, colour) })
		}
	}
	if d.Unlisted > 0 {
		k.entry(d.Labels.more(d.Unlisted), nil)
	}
	return k.y + 14
}

const maxLegend = 9 // with what is owned and missing

// firstOf reports whether a card is the first with its rarity among those
// that are drawn.
func (d *Detail) firstOf(i int) bool {
	rarity := d.Cards[i].Rarity
	if rarity == "" || i >= maxSquares {
		return false
	}
	return !slices.ContainsFunc(d.Cards[:i], func(k Collectible) bool { return k.Rarity == rarity })
}

// A legend is laid out from left to right, in as many lines as it needs.
type legend struct {
	canvas  *canvas
	x, y    float64
	entries int
}

func (k *legend) entry(words string, draw func(x, y, size float64)) {
	const size, leading = 14.0, 24.0
	if words == "" {
		return
	}
	room := 0.0
	if draw != nil {
		room = size + 6
	}
	width := k.canvas.line(k.canvas.words(words, caption), caption, 104)
	if k.x > margin && k.x+room+width > Width-margin {
		k.x, k.y = margin, k.y+leading
	}
	k.canvas.put(k.x+room, caption.middle(k.y+size/2), caption, muted)
	if draw != nil {
		draw(k.x, k.y, size)
	}
	k.x += room + width + large
	k.entries++
}

func (d *Detail) alt(a *altText) {
	a.sentence(named(d.Program, together(d.Count, d.Figure, d.State, d.Time)))
	a.sentence(d.Person.plain())
	if p := d.Reward; p != nil {
		a.sentence(d.Labels.Reward, p.Name.plain(), p.Word)
	}
	var missing []*Collectible
	spare := 0
	for i := range d.Cards {
		switch k := &d.Cards[i]; {
		case !k.Owned:
			missing = append(missing, k)
		case k.Copies > 1:
			spare += k.Copies - 1
		}
	}
	if spare > 0 {
		a.sentence(d.Labels.spare(spare))
	}
	a.list(d.Labels.Missing, len(missing), maxTiles, func(i int) string {
		return together(missing[i].Name.plain(), missing[i].Word)
	}, d.Labels.more)
}
