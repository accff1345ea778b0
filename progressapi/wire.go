package progressapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// maxText bounds each text, in bytes.
	maxText = 8 << 10
	// maxNumeral bounds the digits of a number.
	maxNumeral = 1024
	// maxMillis is the end of the year 9999.
	maxMillis = 253402300799999
)

// wireEntry is an object as the API sends it: a program, an envelope, or
// something else. Fields that are plain Go types ignore values of another
// type, as encoding/json does; the others read several.
type wireEntry struct {
	// An envelope.
	Data   raw    `json:"data"`
	Status status `json:"status"` // in a program the state's word

	// A program.
	ID          text         `json:"id"`
	Name        string       `json:"name"`
	Image       string       `json:"image"`
	Description string       `json:"description"`
	Environment string       `json:"environment"`
	Size        number       `json:"size"`
	Percent     number       `json:"progressInPercentage"`
	Collected   number       `json:"collectedCount"`
	Created     number       `json:"createdTimestamp"`
	TimeLeft    number       `json:"timeLeft"`
	Cards       wireCards    `json:"cards"`
	Reward      wireReward   `json:"reward"`
	Duration    wireDuration `json:"duration"`
}

// wireReward leaves out the API's "value": it may be a redeemable code.
type wireReward struct {
	ID          text   `json:"id"`
	Name        string `json:"name"`
	Image       string `json:"image"`
	Description string `json:"description"`
	CanClaim    flag   `json:"canClaim"`
	IsClaimed   flag   `json:"isClaimed"`
	Claimed     number `json:"claimedTimestamp"`
}

type wireDuration struct {
	Start moment `json:"start"`
	End   moment `json:"end"`
}

type wireCard struct {
	ID       text   `json:"id"`
	Name     string `json:"name"`
	Image    string `json:"image"`
	Rarity   string `json:"rarity"`
	Owned    *flag  `json:"isOwned"` // nil if not told
	Quantity number `json:"ownedQuantity"`
}

// wraps reports whether the entry is an envelope with something in it. A
// program that is named may have a field "data", too.
func (e *wireEntry) wraps() bool {
	return e.Data.holdsMore() && (e.Status.object || e.ID == "" && e.Name == "")
}

// tells reports whether the entry has any field that makes it a program.
func (e *wireEntry) tells() bool {
	return e.ID != "" || e.Name != "" || e.Size.told || e.Percent.told || e.Collected.told || e.Cards.list != nil || e.Reward != (wireReward{})
}

// program returns the entry as a program whose answer arrived when told.
func (e *wireEntry) program(arrived time.Time) Program {
	p := Program{
		ID:          e.ID.id(),
		Name:        bound(e.Name),
		Image:       bound(e.Image),
		Description: bound(e.Description),
		Environment: bound(e.Environment),
		Status:      bound(e.Status.word),
		Size:        e.Size.count(),
		Created:     e.Created.time(),
		Starts:      e.Duration.Start.date.time(),
		Ends:        e.ends(arrived),
		Cards:       e.Cards.list,
		Reward:      e.Reward.reward(),
	}
	p.Collected, p.CountTold = e.collected(p.Size)
	p.Percent, p.PercentTold = min(e.Percent.count(), 100), e.Percent.told
	if !p.PercentTold && p.Size > 0 {
		p.Percent = p.Collected * 100 / p.Size
	}
	return p
}

// collected returns how many different cards of size the person has, and
// whether that can be relied on. The API's figure may count copies, so it is
// believed only as far as a complete list of cards goes.
func (e *wireEntry) collected(size int) (n int, told bool) {
	owned, complete := e.Cards.owned(), size > 0 && e.Cards.told && len(e.Cards.list) >= size
	n, told = e.Collected.count(), size > 0
	switch {
	case !e.Collected.told:
		n, told = owned, complete
	case complete:
		n = min(n, owned)
	}
	if size > 0 {
		n = min(n, size)
	}
	return n, told
}

// ends returns when the program ends, zero if it does not or if that is not
// told. An end that is null says that there is none, whatever timeLeft says.
func (e *wireEntry) ends(arrived time.Time) time.Time {
	if at := e.Duration.End.date.time(); !at.IsZero() || e.Duration.End.null || !e.TimeLeft.told {
		return at
	}
	return millis(float64(arrived.UnixMilli()) + e.TimeLeft.value)
}

// reward returns the reward, nil if nothing is told of it.
func (w *wireReward) reward() *Reward {
	if *w == (wireReward{}) {
		return nil
	}
	return &Reward{
		ID:          w.ID.id(),
		Name:        bound(w.Name),
		Image:       bound(w.Image),
		Description: bound(w.Description),
		CanClaim:    w.CanClaim.set,
		IsClaimed:   w.IsClaimed.set,
		Claimed:     w.Claimed.time(),
	}
}

func (w *wireCard) card() Card {
	c := Card{
		ID:       w.ID.id(),
		Name:     bound(w.Name),
		Image:    bound(w.Image),
		Rarity:   bound(w.Rarity),
		Quantity: w.Quantity.count(),
	}
	c.Owned = w.Owned != nil && w.Owned.set || c.Quantity > 0
	if c.Owned {
		c.Quantity = max(c.Quantity, 1)
	}
	return c
}

// wireCards is a list of cards, turned into its final form while it is read
// so that its length can be bounded. Cards that can neither be named nor
// told apart are left out, and so are repetitions.
type wireCards struct {
	list []Card
	told bool // of any card whether the person has it
}

func (w *wireCards) UnmarshalJSON(b []byte) error {
	*w = wireCards{}
	seen := map[string]struct{}{}
	return each(b, maxCards, func(dec *json.Decoder) error {
		var wc wireCard
		if err := tolerate(dec.Decode(&wc)); err != nil {
			return err
		}
		if c := wc.card(); (c.ID != "" || c.Name != "") && !repeated(seen, c.ID) {
			w.list = append(w.list, c)
			w.told = w.told || wc.Owned != nil || wc.Quantity.told
		}
		return nil
	})
}

// owned returns how many of the cards the person has.
func (w *wireCards) owned() int {
	n := 0
	for _, c := range w.list {
		if c.Owned {
			n++
		}
	}
	return n
}

// raw is a value left undecoded; null is a value, too.
type raw []byte

func (r *raw) UnmarshalJSON(b []byte) error {
	*r = bytes.Clone(b)
	return nil
}

// holdsMore reports whether an array or an object is in there.
func (r raw) holdsMore() bool { return len(r) > 0 && (r[0] == '[' || r[0] == '{') }

// isNull reports whether null is in there, which is how an envelope says that
// there is nothing.
func (r raw) isNull() bool { return string(r) == "null" }

// status is a program's state, a word, or an envelope's status, an object.
type status struct {
	word   string
	object bool
	code   int
}

func (s *status) UnmarshalJSON(b []byte) error {
	*s = status{}
	if b[0] != '{' {
		var t text
		err := t.UnmarshalJSON(b)
		s.word = string(t)
		return err
	}
	s.object = true
	var body struct {
		Code number `json:"errorCode"`
	}
	err := json.Unmarshal(b, &body)
	s.code = body.Code.count()
	return tolerate(err)
}

// moment is an object with a date, or null.
type moment struct {
	date number
	null bool
}

func (m *moment) UnmarshalJSON(b []byte) error {
	*m = moment{null: string(b) == "null"}
	if b[0] != '{' {
		return nil
	}
	var body struct {
		Date number `json:"date"`
	}
	err := json.Unmarshal(b, &body)
	m.date = body.Date
	return tolerate(err)
}

// text is a string, or a number in the digits it was sent with.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	*t = ""
	switch c := b[0]; {
	case c == '"' && plain(b):
		*t = text(b[1 : len(b)-1])
	case c == '"':
		return json.Unmarshal(b, (*string)(t))
	case c == '-', c >= '0' && c <= '9':
		*t = text(b)
	}
	return nil
}

// plain reports whether a JSON string stands for just what it holds, as IDs
// nearly always do.
func plain(b []byte) bool {
	for _, c := range b {
		if c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// id returns the text as an ID. One that had to be cut would be another one,
// so there is none instead.
func (t text) id() string {
	if len(t) > maxText {
		return ""
	}
	return string(t)
}

// number is a number, or a string that holds one. NaN and infinity are none.
type number struct {
	value float64
	told  bool
}

func (n *number) UnmarshalJSON(b []byte) error {
	*n = number{}
	if len(b) > maxNumeral {
		return nil
	}
	f, err := strconv.ParseFloat(unquote(b), 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		*n = number{value: math.Copysign(math.MaxFloat64, f), told: true}
	case err == nil && !math.IsNaN(f) && !math.IsInf(f, 0):
		*n = number{value: f, told: true}
	}
	return nil
}

// count returns the number as a count: whole, and between 0 and 2^31-1.
func (n number) count() int { return int(min(max(n.value, 0), math.MaxInt32)) }

// time returns the number as milliseconds since 1970.
func (n number) time() time.Time { return millis(n.value) }

// millis returns the time ms milliseconds after 1970 began, or the zero time
// if that is not after 1970 began and before the year 10000.
func millis(ms float64) time.Time {
	if ms < 1 || ms > maxMillis {
		return time.Time{}
	}
	return time.UnixMilli(int64(ms)).UTC()
}

// flag is true or false, or a string or number that says so.
type flag struct{ set bool }

func (f *flag) UnmarshalJSON(b []byte) error {
	*f = flag{}
	if len(b) > maxNumeral {
		return nil
	}
	s := unquote(b)
	set, err := strconv.ParseBool(s)
	if n, nerr := strconv.ParseFloat(s, 64); err != nil && nerr == nil {
		set = n != 0 && !math.IsNaN(n)
	}
	f.set = set
	return nil
}

// unquote returns what stands in a JSON scalar, without its quotes. Escapes
// are left as they are: neither numbers nor truth values need any.
func unquote(b []byte) string {
	s := strings.TrimPrefix(string(b), `"`)
	return strings.TrimSpace(strings.TrimSuffix(s, `"`))
}

// bound cuts a text to maxText bytes, between characters.
func bound(s string) string {
	if len(s) <= maxText {
		return s
	}
	s = s[:maxText]
	for r, n := utf8.DecodeLastRuneInString(s); r == utf8.RuneError && n == 1; r, n = utf8.DecodeLastRuneInString(s) {
		s = s[:len(s)-n]
	}
	// Cutting keeps the whole text alive unless it is copied.
	return strings.Clone(s)
}
