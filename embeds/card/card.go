package card

// What a picture is attached as.
const (
	FileName    = "progress.png"
	ContentType = "image/png"
	// MaxFile is how large a picture's file is at most, in bytes.
	MaxFile = 60_000
)

// A Card is a model of one of the kinds that can be drawn: [*Overview],
// [*Detail], [*Completion] and [*Leaderboard].
type Card interface {
	// draw draws the card and returns its height in logical pixels.
	draw(c *canvas) float64
	// alt says what the card shows.
	alt(a *altText)
}

// A Name is a text of the API's or a person's: anything at all.
type Name struct {
	Text string
	// Instead is drawn where no letter of Text can be, because it is empty
	// or written in a script that the font lacks.
	Instead string
}

// The spacing scale, in logical pixels.
const (
	small  = 8.0
	medium = 12.0
	large  = 16.0
	margin = 20.0
	inner  = Width - 2*margin // between the margins
)
