package progressapi

import "time"

// Program is one collection challenge as one person stands in it.
//
// Every field is optional in the API; the zero value means "not told".
// Texts are exactly what the API sent, so they are hostile until escaped.
type Program struct {
	ID          string `json:"id,omitempty"`
	Name        string `json:"name,omitempty"`
	Image       string `json:"image,omitempty"` // Unchecked; show it only if it is an https URL.
	Description string `json:"description,omitempty"`
	Environment string `json:"environment,omitempty"` // An open set; "production" is published.
	Status      string `json:"status,omitempty"`      // An open set; "in_progress" is published.

	// Size is the number of cards in the collection, 0 if not told.
	Size int `json:"size,omitempty"`
	// Collected is the number of different cards the person has, clamped to
	// 0..Size where Size is told.
	Collected int `json:"collected,omitempty"`
	// Percent is the API's own figure, clamped to 0..100; where the API
	// left it out it is derived from Collected and Size.
	Percent int `json:"percent,omitempty"`
	// CountTold and PercentTold say whether the API sent usable figures for
	// Collected with Size, and for Percent. A figure that was not told can
	// neither prove nor contradict a completion.
	CountTold   bool `json:"countTold,omitempty"`
	PercentTold bool `json:"percentTold,omitempty"`

	Created time.Time `json:"created,omitzero"`
	Starts  time.Time `json:"starts,omitzero"`
	Ends    time.Time `json:"ends,omitzero"` // Zero where no end is known.

	Cards  []Card  `json:"cards,omitempty"`
	Reward *Reward `json:"reward,omitempty"`
}

// Card is one collectible of a program, owned or not.
type Card struct {
	ID     string `json:"id,omitempty"`
	Name   string `json:"name,omitempty"`
	Image  string `json:"image,omitempty"`
	Rarity string `json:"rarity,omitempty"` // An open set; "rare" is published.
	Owned  bool   `json:"owned,omitempty"`
	// Quantity is how many copies the person holds, never negative. Copies
	// beyond the first are spare.
	Quantity int `json:"quantity,omitempty"`
}

// Reward is what completing a program earns. The API's redeemable value is
// dropped on decoding and has no field here.
type Reward struct {
	ID          string    `json:"id,omitempty"`
	Name        string    `json:"name,omitempty"`
	Image       string    `json:"image,omitempty"`
	Description string    `json:"description,omitempty"`
	CanClaim    bool      `json:"canClaim,omitempty"`
	IsClaimed   bool      `json:"isClaimed,omitempty"`
	Claimed     time.Time `json:"claimed,omitzero"`
}

// Claimable reports whether the reward waits to be claimed.
func (r *Reward) Claimable() bool { return r != nil && r.CanClaim && !r.IsClaimed }

// Completion is the judgement whether a person has completed a program.
type Completion int

const (
	// Incomplete: no signal says that the program is complete.
	Incomplete Completion = iota
	// Complete: at least one signal says so and none says otherwise.
	Complete
	// Contradictory: the signals disagree. Show the numbers, announce nothing.
	Contradictory
)

// Completion judges the program's three signals: the count, the percentage
// and the reward. This is the only place that does; the status word is never
// asked, because its values are not published.
func (p Program) Completion() Completion {
	done := p.CountTold && p.Size > 0 && p.Collected >= p.Size ||
		p.PercentTold && p.Percent >= 100 ||
		p.Reward != nil && (p.Reward.CanClaim || p.Reward.IsClaimed)
	if !done {
		return Incomplete
	}
	if p.CountTold && p.Size > 0 && p.Collected < p.Size || p.PercentTold && p.Percent < 100 {
		return Contradictory
	}
	return Complete
}

// Counted reports whether it is known how many cards of how many the person
// has.
func (p Program) Counted() bool { return p.Size > 0 && (p.CountTold || p.Collected > 0) }

// Percentage returns how far the person is, from 0 to 100, and whether that is
// known. Who completed a program is at 100 whatever was told of it; else it is
// what the API says, or what follows from the count.
func (p Program) Percentage() (percent int, known bool) {
	switch {
	case p.Completion() == Complete:
		return 100, true
	case p.PercentTold || p.Percent > 0:
		return min(max(p.Percent, 0), 100), true
	case p.Counted():
		return min(max(p.Collected*100/p.Size, 0), 100), true
	}
	return 0, false
}

// Phase is where a program stands for a person at one moment, in the order
// in which people care.
type Phase int

const (
	Running    Phase = iota // begun by the person and not over
	NotStarted              // nothing collected yet, or the program has yet to start
	Completed               // complete, see [Program.Completion]
	Ended                   // over without having been completed
)

// Phase returns where the program stands at now.
func (p Program) Phase(now time.Time) Phase {
	switch {
	case p.Completion() == Complete:
		return Completed
	case !p.Ends.IsZero() && !now.Before(p.Ends):
		return Ended
	case p.Starts.After(now), p.Collected == 0 && p.Percent == 0:
		return NotStarted
	default:
		return Running
	}
}
