package watch

import (
	"sync"
	"time"
)

const (
	// loadMemory is over how long the demand is averaged.
	loadMemory = 2 * time.Hour
	// mostClosing and mostNear bound the part of the room that those classes
	// get, of what is left for them.
	mostClosing, mostNear = 0.7, 0.65
	// mostLoad bounds the load. Beyond, hardly anything is left to put off.
	mostLoad = 64
	// busy is the part of the rate below which there is room for more looks,
	// and crowded how late looks are only where there are too many.
	busy    = 0.9
	crowded = 45 * time.Second
)

// load estimates the demand for looks as a multiple of the room for them.
//
// Every look stands for the time since the one before: so many hours of one
// person's life, in which they asked for a look every so often. The average
// over the hours of all looks, times the number of people, is what all of
// them ask for, whatever part of them this process gets to see. So the
// estimate holds for any number of processes that share a queue, and people
// who are put off by it do not change it. What it misses, because people
// change in between, shows in the rate not being used up or in looks being
// late, and is made up for little by little.
type load struct {
	rate float64 // looks per second

	mu       sync.Mutex
	people   float64
	lived    float64          // seconds of people's lives that looks stood for
	asked    [classes]float64 // looks that these asked for
	capacity float64          // looks per second that the API lets through
	trim     float64          // what the estimate has to be corrected by
	value    Load

	since   time.Time     // when the present minute began
	made    int           // looks in it
	late    time.Duration // the latest claim in it
	blocked time.Duration // waiting in it for looks to end
}

func newLoad(rate float64) *load {
	return &load{rate: rate, capacity: rate, trim: 1, value: Load{1, 1, 1}}
}

// current returns the load.
func (l *load) current() Load {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.value
}

// setPeople tells how many people are followed. At first they count as asking
// for just what there is room for.
func (l *load) setPeople(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.people = float64(n)
	if l.lived == 0 {
		l.lived = l.people * loadMemory.Seconds()
		l.asked[Ordinary] = l.rate * loadMemory.Seconds()
	}
	l.estimate()
}

// looked tells of a look that stands for lived, in which p was the plan.
func (l *load) looked(lived time.Duration, p Plan) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lived == 0 || lived <= 0 {
		return
	}
	l.lived += lived.Seconds()
	l.asked[p.Class] += lived.Seconds() / p.Every.Seconds()
	if most := l.people * loadMemory.Seconds(); l.lived > most {
		for i := range l.asked {
			l.asked[i] *= most / l.lived
		}
		l.lived = most
	}
	l.estimate()
}

// estimate divides the room among the classes.
func (l *load) estimate() {
	if l.lived == 0 {
		return
	}
	var demand [classes]float64 // looks per second
	all := 0.0
	for c, n := range l.asked {
		demand[c] = n / l.lived * l.people
		all += demand[c]
	}
	room := l.capacity * l.trim
	if all <= room {
		least := max(leastLoad, all/room)
		l.value = Load{least, least, least}
		return
	}
	l.value[Closing] = putOff(demand[Closing], room*mostClosing)
	room -= demand[Closing] / l.value[Closing]
	l.value[Near] = putOff(demand[Near], room*mostNear)
	room -= demand[Near] / l.value[Near]
	l.value[Ordinary] = putOff(demand[Ordinary], room)
}

// putOff returns the load at which a demand fits into room.
func putOff(demand, room float64) float64 { return max(1, min(demand/room, mostLoad)) }

// waited tells that looks could not begin for so long because others had not
// ended.
func (l *load) waited(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.blocked += d
}

// claimed tells of n people being claimed, the first of whom was late.
func (l *load) claimed(now time.Time, n int, late time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made += n
	l.late = max(l.late, late)
	if now.Sub(l.since) < time.Minute {
		return
	}
	if !l.since.IsZero() {
		l.correct(now.Sub(l.since))
	}
	l.since, l.made, l.late, l.blocked = now, 0, 0, 0
	l.estimate()
}

// correct takes in what a span of time has shown.
func (l *load) correct(span time.Duration) {
	made := float64(l.made) / span.Seconds()
	if l.blocked > span/4 {
		l.capacity += (max(made, l.rate/20) - l.capacity) / 4
	} else {
		l.capacity = min(l.capacity*1.1, l.rate)
	}
	switch {
	case l.late > crowded:
		l.trim = max(l.trim*0.98, 0.8)
	case made < busy*l.capacity:
		l.trim = min(l.trim*1.005, 1.5)
	}
}
