package budget

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"progressbot/progressapi/internal/redislink"
)

const (
	// shareUnknown is the number of processes to assume while Redis has never
	// told how many there are.
	shareUnknown = 4
	// standardPause is the pause after a 429 without a Retry-After.
	standardPause = time.Second
	// beforeDeadline is how much time before its deadline an attempt has to
	// start at the latest; with less, no answer would arrive.
	beforeDeadline = 100 * time.Millisecond
	// pollBackground is the shortest interval at which background work tries
	// to start.
	pollBackground = 50 * time.Millisecond
)

// limiter is the rate limit: shared where Redis answers, else the process's
// share of it.
type limiter struct {
	rate  float64
	queue [classes]queue
	link  *redislink.Link // nil: this is the only process
	me    string

	// deciding is held shared while Redis decides, and alone while this process
	// does: each of them has to know what the other has promised.
	deciding sync.RWMutex

	mu      sync.Mutex
	own     *pacer  // tracks this process's starts and all known 429s; decides while Redis is down
	apart   []int64 // starts of this process that Redis has not been told of
	unheard int64   // until when a 429 that Redis has not been told of pauses starts, 0 if there is none
	members int     // processes that share the rate, 0 if not known
}

// class is the priority of an attempt.
type class int

const (
	people class = iota
	background
	classes
)

// queue bounds the waiting attempts of one class.
type queue struct {
	patience time.Duration
	limit    int64
	waiting  atomic.Int64
}

// giveUp returns until when an attempt may wait.
func (q *queue) giveUp(ctx context.Context) time.Time {
	giveUp := time.Now().Add(q.patience)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-beforeDeadline).Before(giveUp) {
		return deadline.Add(-beforeDeadline)
	}
	return giveUp
}

// refusal is why an attempt may not start, and when it may be worth asking
// again.
type refusal struct {
	reason reason
	after  time.Duration
	kind   error // what the breaker has met
}

func newLimiter(o Options, link *redislink.Link) *limiter {
	l := &limiter{rate: o.Rate, link: link, me: rand.Text(), own: newPacer()}
	if link == nil {
		l.members = 1
	}
	l.queue[people].patience, l.queue[people].limit = o.Patience, maxPeople
	l.queue[background].patience, l.queue[background].limit = o.Patience, maxBackground
	return l
}

// enter waits until an attempt may start. It returns a refusal if that would
// take too long, and ctx's error if that ends first.
func (l *limiter) enter(ctx context.Context, c class) (*refusal, error) {
	q := &l.queue[c]
	if q.waiting.Add(1) > q.limit {
		q.waiting.Add(-1)
		return &refusal{reason: reasonQueue, after: time.Second}, nil
	}
	defer q.waiting.Add(-1)
	giveUp := q.giveUp(ctx)
	for {
		left := time.Until(giveUp)
		if left < 0 {
			return &refusal{reason: reasonRate}, ctx.Err()
		}
		wait, granted := l.take(ctx, c, left)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case granted && wait == 0:
			return nil, nil
		case granted:
			if err := sleep(ctx, wait); err != nil {
				return nil, err
			}
			// Another attempt may have met a 429 in the meantime.
			if l.pause(ctx) == 0 {
				return nil, nil
			}
		case c == people || wait > left:
			return &refusal{reason: reasonRate, after: wait}, nil
		default:
			pause := max(wait, pollBackground)
			if err := sleep(ctx, pause+mathrand.N(pollBackground)); err != nil {
				return nil, err
			}
		}
	}
}

// take asks for permission to start, of Redis or, if that fails, of the
// process's own pacer. If it is granted, the attempt may start after wait.
func (l *limiter) take(ctx context.Context, c class, patience time.Duration) (wait time.Duration, granted bool) {
	wait, granted, err := l.takeShared(ctx, c, patience)
	switch {
	case err == nil:
		return wait, granted
	case errors.Is(err, redislink.ErrLeft):
		return 0, false
	}
	return l.takeOwn(c, patience)
}

// takeOwn asks the process's own pacer.
func (l *limiter) takeOwn(c class, patience time.Duration) (wait time.Duration, granted bool) {
	l.deciding.Lock()
	defer l.deciding.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now().UnixMicro()
	micros, granted := l.own.take(now, patience.Microseconds(), l.rate/l.shares(), c == background)
	if granted && l.link != nil {
		l.apart = append(l.recent(now), now+micros)
	}
	return time.Duration(micros) * time.Microsecond, granted
}

// recent returns the starts that Redis has not been told of and that still
// count at now. The caller holds mu.
func (l *limiter) recent(now int64) []int64 {
	_, per := pace(l.rate * l.own.factor)
	return slices.DeleteFunc(l.apart, func(at int64) bool { return at <= now-per })
}

// untold returns the starts of which Redis is to be told, and for the script
// how many microseconds ago each was, negative if it is still to come.
func (l *limiter) untold() (starts []int64, ages string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now().UnixMicro()
	l.apart = l.recent(now)
	var b strings.Builder
	for _, at := range l.apart {
		fmt.Fprintf(&b, "%d ", now-at)
	}
	return slices.Clone(l.apart), b.String()
}

// told notes that Redis knows of starts. Until it does everybody tells it:
// twice costs a second at most, too late would be over the rate. The caller
// holds mu.
func (l *limiter) told(starts []int64) {
	if len(starts) > 0 {
		l.apart = slices.DeleteFunc(l.apart, func(at int64) bool { return at <= starts[len(starts)-1] })
	}
}

// shares returns how many processes share the rate. The caller holds mu.
func (l *limiter) shares() float64 {
	if l.members == 0 {
		return shareUnknown
	}
	return float64(l.members)
}

var errReply = errors.New("unexpected reply of a script")

// takeShared asks Redis.
func (l *limiter) takeShared(ctx context.Context, c class, patience time.Duration) (wait time.Duration, granted bool, err error) {
	if !l.link.Up() {
		return 0, false, redislink.ErrDown
	}
	l.deciding.RLock()
	defer l.deciding.RUnlock()
	if err := l.confess(ctx); err != nil {
		return 0, false, err
	}
	untold, ages := l.untold()
	var reply []any
	err = l.link.Write(ctx, func(ctx context.Context, r redis.UniversalClient) (err error) {
		reply, err = takeScript.Run(ctx, r, []string{keyStarts, keyState, keyMembers},
			strconv.FormatFloat(l.rate, 'g', -1, 64), patience.Microseconds(), int(c), l.me, ages).Slice()
		return err
	})
	if err != nil {
		return 0, false, err
	}
	if len(reply) != 5 {
		return 0, false, errReply
	}
	wait, granted = micros(reply[1]), reply[0] == int64(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.learn(reply[2], micros(reply[3]))
	l.told(untold)
	if members, ok := reply[4].(int64); ok {
		l.members = int(max(1, members))
	}
	if granted {
		// So that this start counts if Redis fails next.
		l.own.note(time.Now().Add(wait).UnixMicro(), l.rate)
	}
	return wait, granted, nil
}

// learn copies the effects of 429s, of this process and others, from a script's
// reply. Where Redis has not been told of all of them, this process knows
// better. The caller holds mu.
func (l *limiter) learn(factor any, pause time.Duration) {
	if l.unheard != 0 {
		return
	}
	now := time.Now().UnixMicro()
	s, _ := factor.(string)
	if f, err := strconv.ParseFloat(s, 64); err == nil && f >= minFactor && f <= 1 {
		l.own.factor = f
	}
	l.own.until = now + pause.Microseconds()
	l.own.grown = l.own.until
}

// pause returns for how long a 429 still forbids attempts to start.
func (l *limiter) pause(ctx context.Context) time.Duration {
	var left int64
	err := l.link.Read(ctx, func(ctx context.Context, r redis.UniversalClient) (err error) {
		left, err = pauseScript.Run(ctx, r, []string{keyState}).Int64()
		return err
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	own := time.Duration(l.own.until-time.Now().UnixMicro()) * time.Microsecond
	if err != nil {
		return max(0, own)
	}
	return max(0, own, time.Duration(left)*time.Microsecond)
}

// punish notes a 429 that asked to wait for so long; 0 if it did not say.
func (l *limiter) punish(wait time.Duration) {
	if wait <= 0 {
		wait = standardPause
	}
	wait = min(wait, time.Hour)
	l.mu.Lock()
	l.own.punish(time.Now().UnixMicro(), wait.Microseconds())
	l.unheard = l.own.until
	l.mu.Unlock()
	_ = l.confess(context.Background()) // if that fails, before Redis decides again
}

// confess tells Redis of a 429 that it has not been told of, if there is one
// whose effects last.
func (l *limiter) confess(ctx context.Context) error {
	until, left := l.owed()
	if until == 0 {
		return nil
	}
	var reply []any
	err := l.link.Write(ctx, func(ctx context.Context, r redis.UniversalClient) (err error) {
		reply, err = punishScript.Run(ctx, r, []string{keyState}, left).Slice()
		return err
	})
	if err != nil {
		return err
	}
	if len(reply) != 2 {
		return errReply
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.unheard == until { // and not of another 429 since
		l.unheard = 0
	}
	l.learn(reply[0], micros(reply[1]))
	return nil
}

// owed returns until when the 429 that Redis has not been told of pauses
// starts, and how many microseconds of that are left. It forgets the 429 once
// the rate has grown back.
func (l *limiter) owed() (until, left int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now().UnixMicro()
	if l.own.grow(now); l.own.factor == 1 {
		l.unheard = 0
	}
	return l.unheard, max(0, l.unheard-now)
}

// state returns the rate that is allowed now, and the pause that is left.
func (l *limiter) state() (rate float64, pause time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now().UnixMicro()
	l.own.grow(now)
	rate = l.rate * l.own.factor
	if !l.link.Up() {
		rate /= l.shares()
	}
	return rate, max(0, time.Duration(l.own.until-now)*time.Microsecond)
}

func micros(reply any) time.Duration {
	n, _ := reply.(int64)
	return time.Duration(n) * time.Microsecond
}

// sleep waits for d, or returns ctx's error when that ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
