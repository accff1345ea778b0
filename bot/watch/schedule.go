package watch

import (
	"time"

	"progressbot/bot/store"
	"progressbot/progressapi"
)

// How often people are looked at, load and chance left aside.
const (
	// nearEvery is for people with one card missing, nearSoon for those of
	// them whose progress changed within the last day. It leaves three of ten
	// minutes for looks that are late.
	nearEvery = 7 * time.Minute
	nearSoon  = 5 * time.Minute

	soonest = 10 * time.Minute // for everybody else
	latest  = 24 * time.Hour   // for anybody
	resting = 6 * time.Hour    // at the soonest, for people with nothing to complete
	opening = time.Hour        // after the first look

	// longest is what load may make of any of these.
	longest = 7 * 24 * time.Hour
	// leastLoad is the load below which nobody is looked at more often.
	leastLoad = 0.25
)

// Look is what one look at a person showed, for [Schedule].
type Look struct {
	State    store.WatchState      // as [Compare] returned it
	Programs []progressapi.Program // the answer
	Asked    bool                  // somebody had asked for the answer, so the person may be active
	Now      time.Time
}

// Plan says how soon to look at a person again.
type Plan struct {
	Every time.Duration // if there is just room for everybody
	Class Class         // who goes first where there is not
}

// Class says whom a look is for when there is no room for everybody.
type Class int

const (
	// Ordinary people get what the others leave.
	Ordinary Class = iota
	// Near people have one card missing. There may be many of them who
	// stopped for good, so they get only a part of the room.
	Near
	// Closing people have one card missing and moved within the last day.
	// They come first.
	Closing

	classes = 3
)

// Load says by how much the looks of each class have to be put off, or may
// be brought forward where it is below 1.
type Load [classes]float64

// Schedule says how soon to look at a person again. It weighs
//
//   - recent activity: a quarter of the time since the last change, which
//     makes the pauses of somebody idle grow by a quarter each time, up to a
//     day. For somebody who was never seen to change they begin at an hour
//     and grow by half.
//   - past changes: as long as the person is not idle for far longer than is
//     usual for them, no more than a quarter of what is usual
//   - cards left: one that is missing is looked for every few minutes,
//     however long the person has been idle; two or three count as well
//   - the end: an eighth of what is left of a collection's last day, if the
//     person can still complete it
//   - nothing to complete: rarely
func Schedule(l Look) Plan {
	idle := latest
	if !l.State.Changed.IsZero() {
		idle = l.Now.Sub(l.State.Changed)
	}
	g := nearest(l.Programs, l.Now)
	if g.left == 1 {
		return near(idle)
	}
	every := activity(l.State, idle)
	if l.Asked {
		every = min(every, opening)
	}
	switch {
	case !g.open && len(l.Programs) > 0:
		every = max(every, resting)
	case g.left == 2:
		every = every * 2 / 5
	case g.left == 3:
		every = every * 3 / 5
	}
	if g.last > 0 {
		every = min(every, g.last/8)
	}
	return Plan{Every: max(soonest, min(every, latest)), Class: Ordinary}
}

// near is the plan for somebody with one card missing.
func near(idle time.Duration) Plan {
	if idle < 24*time.Hour {
		return Plan{Every: nearSoon, Class: Closing}
	}
	return Plan{Every: nearEvery, Class: Near}
}

// activity is how often the person's own pace calls for a look.
func activity(s store.WatchState, idle time.Duration) time.Duration {
	var every time.Duration
	switch {
	case !s.Changed.IsZero():
		every = soonest + idle/4
	case s.Every == 0:
		return opening
	default:
		every = s.Every * 3 / 2
	}
	if s.Usual > 0 && idle < 6*s.Usual {
		every = min(every, s.Usual/4)
	}
	return every
}

// goal is what a person can complete soonest.
type goal struct {
	open bool          // there is something to complete
	left int           // cards missing in what was begun; 0 if many or not known
	last time.Duration // until the end of what can be completed on its last day; 0 if none
}

// nearest returns the nearest goal in programs.
func nearest(programs []progressapi.Program, now time.Time) goal {
	var g goal
	for _, p := range programs {
		if p.Completion() != progressapi.Incomplete || over(p, now) || p.Starts.After(now) {
			continue
		}
		g.open = true
		if p.Collected == 0 && p.Percent == 0 {
			continue
		}
		left, within := missing(p)
		if left > 0 && (g.left == 0 || left < g.left) {
			g.left = left
		}
		if remains := p.Ends.Sub(now); within && !p.Ends.IsZero() && remains < 24*time.Hour && (g.last == 0 || remains < g.last) {
			g.last = remains
		}
	}
	return g
}

// missing returns how many cards a begun program lacks, 0 if more than three
// or not known, and whether it could be completed within a day: up to three
// cards or a fifth. Where only a percentage is told, a card counts for five.
func missing(p progressapi.Program) (left int, within bool) {
	if p.CountTold && p.Size > 0 {
		left = p.Size - p.Collected
		within = left <= max(3, p.Size/5)
	} else {
		left = (100 - p.Percent + 4) / 5
		within = left <= 4
	}
	if left > 3 {
		left = 0
	}
	return left, within
}

// Wait returns how long to wait before the next look. chance is a number from
// 0 to 1 that lets people who were claimed together drift apart.
func (p Plan) Wait(load Load, chance float64) time.Duration {
	factor := load[p.Class] * (0.8 + 0.2*chance)
	return min(time.Duration(float64(p.Every)*factor), longest)
}
