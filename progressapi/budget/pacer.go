package budget

import (
	"math"
	"slices"
)

// Times of the arithmetic, in microseconds, which is what Redis tells.
const (
	second = 1_000_000
	// window is the second in which at most rate attempts start. The extra
	// twentieth is for the ways of the network: requests that start a
	// second apart may arrive a little closer.
	window = second + second/20
	// regain is how long the rate takes to grow back from nothing to all.
	regain = 60 * second
	// halveEvery is how often the rate is halved at most, so that one burst
	// of refused attempts counts once.
	halveEvery = second
	// maxAhead bounds how far ahead anything may be noted. What is beyond
	// was written by nobody, or before a clock was set back.
	maxAhead = 3700 * second
)

// minFactor is the least that is left of the rate.
const minFactor = 1.0 / 16

// pacer is the arithmetic of the rate limit: when may the next attempt start?
// It is not safe for concurrent use. takeScript and punishScript are the same
// in Lua.
type pacer struct {
	starts []int64 // the latest starts, oldest first; those ahead are promised
	factor float64 // what is left of the rate, minFactor to 1
	grown  int64   // when factor last grew
	halved int64   // when factor was last halved
	until  int64   // nothing may start before
}

func newPacer() *pacer { return &pacer{factor: 1} }

// pace returns the bound that rate stands for: at most n starts within per
// microseconds. Fractions of a start are lost, except of the first.
func pace(rate float64) (n, per int64) {
	return max(1, int64(math.Floor(rate))), int64(math.Floor(window / min(1, rate)))
}

// grow lets the rate grow back up to now.
func (p *pacer) grow(now int64) {
	if p.factor < 1 && now > p.grown {
		p.factor = min(1, p.factor+float64(now-p.grown)/regain)
		p.grown = now
	}
}

// take asks for a start at rate, reduced by what 429s have taken of it. For
// people it promises the next free moment, if that comes within patience.
// Background work may start only at once, only while nobody waits, and only
// in the first half of the rate. Where take refuses, wait is how long the
// moment is off.
func (p *pacer) take(now, patience int64, rate float64, background bool) (wait int64, ok bool) {
	p.grow(now)
	n, per := pace(rate * p.factor)
	if background {
		n, patience = max(1, n/2), 0
	}
	at := now
	if p.until > now && p.until <= now+maxAhead {
		at = p.until
	}
	if len(p.starts) > 0 && p.last() > now+maxAhead {
		p.starts = nil
	}
	if i := len(p.starts) - int(n); i >= 0 {
		at = max(at, p.starts[i]+per)
	}
	if len(p.starts) > 0 {
		at = max(at, p.last())
		if at > now {
			at = max(at, p.last()+per/n)
		}
	}
	if wait = at - now; wait > patience {
		return wait, false
	}
	p.note(at, rate)
	return wait, true
}

func (p *pacer) last() int64 { return p.starts[len(p.starts)-1] }

// note adds a start, and drops those that no longer count at rate. What Redis
// promised to several may be noted in another order.
func (p *pacer) note(at int64, rate float64) {
	i, _ := slices.BinarySearch(p.starts, at)
	p.starts = slices.Insert(p.starts, i, at)
	if n, _ := pace(rate); len(p.starts) > int(n) {
		p.starts = append(p.starts[:0], p.starts[len(p.starts)-int(n):]...)
	}
}

// punish notes a 429 that asked to wait for so long.
func (p *pacer) punish(now, wait int64) {
	p.grow(now)
	p.until = max(p.until, now+wait)
	if now-p.halved >= halveEvery || p.halved > now {
		p.factor = max(minFactor, p.factor/2)
		p.halved = now
	}
	p.grown = p.until
}
