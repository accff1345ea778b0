package watch

import (
	"math"
	"sync"
	"time"
)

const (
	// loadMemory is over how long the demand is averaged.
	loadMemory = 30 * time.Minute
	// spent is the part of the room that is planned for. The rest is for what
	// nobody can plan.
	spent = 0.95
	// mostClosing and mostNear bound the part of the room that those classes
	// get, of what is left for them.
	mostClosing, mostNear = 0.7, 0.65
	// mostLoad bounds the load. Beyond, hardly anything is left to put off.
	mostLoad = 64
)

// load estimates the demand for looks as a multiple of the room for them.
//
// Every look stands for the time since the one before, in which the person
// asked for one every so often: for more than one look where it was put off.
// What all looks of the last while stood for is the demand, whatever part of
// it was met. Putting people off does not change it, and where several
// processes share a queue each sees its share.
type load struct {
	rate float64 // looks per second

	mu     sync.Mutex
	demand [classes]float64 // looks per second
	at     time.Time        // when that held
	room   float64          // looks per second that the API lets through
	value  Load

	since   time.Time     // when the present minute began
	made    int           // looks that began in it
	blocked time.Duration // waiting in it for others to end
}

// newLoad returns a load that begins with just as much demand as there is room
// for.
func newLoad(rate float64) *load {
	return &load{rate: rate, demand: [classes]float64{Ordinary: rate * spent}, room: rate, value: Load{1, 1, 1}}
}

// current returns the load.
func (l *load) current() Load {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.value
}

// looked tells of a look that stands for lived, in which p was the plan.
func (l *load) looked(now time.Time, lived time.Duration, p Plan) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fade(now)
	l.demand[p.Class] += max(0, lived.Seconds()) / p.Every.Seconds() / loadMemory.Seconds()
	l.estimate()
}

// fade lets the demand of the past fade.
func (l *load) fade(now time.Time) {
	if !l.at.IsZero() {
		left := math.Exp(-max(0, now.Sub(l.at)).Seconds() / loadMemory.Seconds())
		for c := range l.demand {
			l.demand[c] *= left
		}
	}
	l.at = now
}

// estimate divides the room among the classes.
func (l *load) estimate() {
	all := 0.0
	for _, d := range l.demand {
		all += d
	}
	room := l.room * spent
	if all <= room {
		least := max(leastLoad, all/room)
		l.value = Load{least, least, least}
		return
	}
	l.value[Closing] = putOff(l.demand[Closing], room*mostClosing)
	room -= l.demand[Closing] / l.value[Closing]
	l.value[Near] = putOff(l.demand[Near], room*mostNear)
	room -= l.demand[Near] / l.value[Near]
	l.value[Ordinary] = putOff(l.demand[Ordinary], room)
}

// putOff returns the load at which a demand fits into room.
func putOff(demand, room float64) float64 { return max(1, min(demand/room, mostLoad)) }

// began tells that a look began, having waited for others to end. Where that
// takes most of the time, the API or people who go first leave less room than
// the rate.
func (l *load) began(now time.Time, waited time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made++
	l.blocked += waited
	span := now.Sub(l.since)
	if span < time.Minute {
		return
	}
	if l.blocked > span/4 {
		made := float64(l.made) / span.Seconds()
		l.room += (max(made, l.rate/20) - l.room) / 4
	} else {
		l.room = min(l.room*1.1, l.rate)
	}
	l.since, l.made, l.blocked = now, 0, 0
	l.estimate()
}
