package budget

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// Pacer is the arithmetic of the rate limit, in Go and in Lua.
type Pacer interface {
	Take(now, patience int64, rate float64, background bool) (wait int64, ok bool)
	Punish(now, wait int64)
}

// InGo returns the arithmetic in Go.
func InGo() Pacer { return goPacer{newPacer()} }

type goPacer struct{ *pacer }

func (p goPacer) Take(now, patience int64, rate float64, background bool) (int64, bool) {
	return p.take(now, patience, rate, background)
}

func (p goPacer) Punish(now, wait int64) { p.punish(now, wait) }

// InLua returns the arithmetic in Lua. setTime sets the server's clock.
func InLua(ctx context.Context, c redis.UniversalClient, setTime func(micros int64), fail func(error)) Pacer {
	return luaPacer{ctx, c, setTime, fail}
}

type luaPacer struct {
	ctx     context.Context
	c       redis.UniversalClient
	setTime func(int64)
	fail    func(error)
}

func (p luaPacer) Take(now, patience int64, rate float64, bg bool) (int64, bool) {
	p.setTime(now)
	c := people
	if bg {
		c = background
	}
	reply, err := takeScript.Run(p.ctx, p.c, []string{keyStarts, keyState, keyMembers}, rate, patience, int(c), "me", "").Slice()
	if err != nil || len(reply) != 5 {
		p.fail(err)
		return 0, false
	}
	return reply[1].(int64), reply[0] == int64(1)
}

func (p luaPacer) Punish(now, wait int64) {
	p.setTime(now)
	if err := punishScript.Run(p.ctx, p.c, []string{keyState}, wait).Err(); err != nil {
		p.fail(err)
	}
}

// The keys that all processes share.
const (
	KeyStarts  = keyStarts
	KeyState   = keyState
	KeyMembers = keyMembers
)

// The states of the circuit breaker.
const (
	Closed   = closed
	HalfOpen = halfOpen
	Open     = open
)

// State is what a Budget allows at one moment, as far as its process knows.
type State struct {
	Breaker breakerState
	Rate    float64
	Pause   time.Duration
	Shared  bool // over Redis
	Waiting int
}

// State returns what the Budget allows now.
func (b *Budget) State() State {
	s := State{Breaker: b.breaker.current(), Shared: b.link.Up()}
	s.Rate, s.Pause = b.limiter.state()
	for c := range classes {
		s.Waiting += int(b.limiter.queue[c].waiting.Load())
	}
	return s
}
