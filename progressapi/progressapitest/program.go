package progressapitest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// RewardValue is the redeemable value of every reward here. It is secret in
// the real API: find it anywhere outside this package's answers, and
// something leaks.
const RewardValue = "GIFT-CODE-CANARY-4F7A-91C2"

// Program is a collection challenge as one person stands in it.
//
// With Cards, its size and progress follow from them; without, from Size and
// Collected. Percentage, state, remaining time and whether the reward can be
// claimed always follow.
type Program struct {
	ID          string
	Name        string
	Description string
	Image       string
	Cards       []Card
	Size        int // without Cards
	Collected   int // without Cards
	Reward      *Reward
	Created     time.Time
	Starts      time.Time // zero: a program without "duration"
	Ends        time.Time // zero: endless

	// Fields are sent instead of the fields that follow from the above,
	// with whatever values they have: a nil as null, [Omit] not at all.
	Fields map[string]any
	// Raw is sent instead of everything else, for what is not even a program.
	Raw json.RawMessage
}

// Omit as the value of one of [Program.Fields] leaves that field out.
const Omit = omit("omit")

type omit string

// Card is one collectible and how many copies of it the person has.
type Card struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Image    string `json:"image"`
	Quantity int    `json:"ownedQuantity"`
	Rarity   string `json:"rarity"`
}

// Reward is what completing a program earns.
type Reward struct {
	ID          string
	Name        string
	Description string
	Image       string
	Claimed     time.Time // zero: not claimed
}

// size and collected say how far the person is, whichever way that is told.
func (p *Program) size() int {
	if p.Cards == nil {
		return p.Size
	}
	return len(p.Cards)
}

func (p *Program) collected() int {
	if p.Cards == nil {
		return p.Collected
	}
	n := 0
	for _, c := range p.Cards {
		if c.Quantity > 0 {
			n++
		}
	}
	return n
}

// complete reports whether every card is there.
func (p *Program) complete() bool { return p.size() > 0 && p.collected() >= p.size() }

// state returns the API's word for how the program stands at now. Only
// in_progress is published; the others are guesses.
func (p *Program) state(now time.Time) string {
	switch {
	case p.complete():
		return "completed"
	case !p.Ends.IsZero() && !now.Before(p.Ends):
		return "ended"
	case p.Starts.After(now), p.collected() == 0:
		return "not_started"
	default:
		return "in_progress"
	}
}

// add gives the person n more copies, missing cards first.
func (p *Program) add(n int) {
	if p.Cards == nil {
		p.Collected = min(p.Collected+n, p.Size)
		return
	}
	for i := range p.Cards {
		if n > 0 && p.Cards[i].Quantity == 0 {
			p.Cards[i].Quantity++
			n--
		}
	}
	for i := 0; n > 0 && len(p.Cards) > 0; i++ {
		p.Cards[i%len(p.Cards)].Quantity++
		n--
	}
}

// clone returns a copy that shares nothing that this package changes.
func (p *Program) clone() Program {
	c := *p
	c.Cards = slices.Clone(p.Cards)
	c.Fields = maps.Clone(p.Fields)
	if p.Reward != nil {
		r := *p.Reward
		c.Reward = &r
	}
	return c
}

// wireProgram is a program as the API sends it.
type wireProgram struct {
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	Image       string        `json:"image,omitempty"`
	Description string        `json:"description,omitempty"`
	Size        int           `json:"size"`
	Percent     int           `json:"progressInPercentage"`
	Environment string        `json:"environment"`
	Created     int64         `json:"createdTimestamp"`
	TimeLeft    *int64        `json:"timeLeft,omitempty"`
	Status      string        `json:"status"`
	Collected   int           `json:"collectedCount"`
	Cards       []wireCard    `json:"cards,omitempty"`
	Reward      *wireReward   `json:"reward,omitempty"`
	Duration    *wireDuration `json:"duration,omitempty"`
}

type wireCard struct {
	Card
	Owned bool `json:"isOwned"`
}

type wireReward struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Image       string `json:"image,omitempty"`
	Description string `json:"description,omitempty"`
	IsClaimed   bool   `json:"isClaimed"`
	CanClaim    bool   `json:"canClaim"`
	Value       string `json:"value"`
	Claimed     *int64 `json:"claimedTimestamp"`
	ViewType    string `json:"viewType"`
}

type wireDuration struct {
	Start wireStart `json:"start"`
	End   *wireEnd  `json:"end"`
}

type wireStart struct {
	Date       int64 `json:"date"`
	ShowBefore bool  `json:"showBefore"`
}

type wireEnd struct {
	Date      int64 `json:"date"`
	ShowAfter bool  `json:"showAfter"`
}

// encode returns the program as the API would send it at now.
func (p *Program) encode(now time.Time) json.RawMessage {
	if p.Raw != nil {
		return p.Raw
	}
	body := marshal(p.wire(now))
	if len(p.Fields) == 0 {
		return body
	}
	fields := make(map[string]any)
	if err := json.Unmarshal(body, &fields); err != nil {
		panic(fmt.Sprintf("progressapitest: unmarshal what was just marshalled: %v", err))
	}
	for name, value := range p.Fields {
		if value == Omit {
			delete(fields, name)
			continue
		}
		fields[name] = value
	}
	return marshal(fields)
}

func (p *Program) wire(now time.Time) wireProgram {
	w := wireProgram{
		ID:          p.ID,
		Name:        p.Name,
		Image:       p.Image,
		Description: p.Description,
		Size:        p.size(),
		Environment: "production",
		Created:     p.Created.UnixMilli(),
		Status:      p.state(now),
		Collected:   p.collected(),
		Reward:      p.reward(),
	}
	if w.Size > 0 {
		w.Percent = min(100*w.Collected/w.Size, 100)
	}
	for _, c := range p.Cards {
		w.Cards = append(w.Cards, wireCard{Card: c, Owned: c.Quantity > 0})
	}
	if !p.Starts.IsZero() {
		w.Duration = &wireDuration{Start: wireStart{Date: p.Starts.UnixMilli(), ShowBefore: true}}
	}
	if !p.Ends.IsZero() {
		left := max(p.Ends.Sub(now).Milliseconds(), 0)
		w.TimeLeft = &left
		if w.Duration != nil {
			w.Duration.End = &wireEnd{Date: p.Ends.UnixMilli()}
		}
	}
	return w
}

func (p *Program) reward() *wireReward {
	r := p.Reward
	if r == nil {
		return nil
	}
	w := &wireReward{
		ID:          r.ID,
		Name:        r.Name,
		Image:       r.Image,
		Description: r.Description,
		IsClaimed:   !r.Claimed.IsZero(),
		CanClaim:    p.complete() && r.Claimed.IsZero(),
		Value:       RewardValue,
		ViewType:    "QR",
	}
	if w.IsClaimed {
		at := r.Claimed.UnixMilli()
		w.Claimed = &at
	}
	return w
}
