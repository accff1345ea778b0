package cache

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"progressbot/progressapi"
)

// Limits on the work that runs in the background, after its caller was
// answered. Work beyond them is skipped: a stale answer stays stale until it
// is asked for again, and a new one is not shared with other processes. The
// limits are separate because each refresh ends in a write.
const (
	maxRefreshes = 128
	maxWrites    = 128
)

// look returns what memory and Redis hold for k, given that memory holds h. It
// returns h if Redis fails or ctx ends.
func (c *Cache) look(ctx context.Context, k key, h held) held {
	if !c.shared.link.Up() {
		return h
	}
	result := c.flights.DoChan("look "+k.lock(), func() (any, error) { return c.lookUp(k) })
	select {
	case r := <-result:
		if found, ok := r.Val.(held); ok && r.Err == nil {
			return found
		}
	case <-ctx.Done():
	}
	return h
}

// lookUp reads what Redis holds for k, and copies it into memory if it is newer
// than what is there.
func (c *Cache) lookUp(k key) (held, error) {
	if !c.begin() {
		return held{}, errClosed
	}
	defer c.running.Done()
	epoch := c.present()
	v, err := c.shared.get(c.base, k.user)
	if err != nil {
		return held{}, err
	}
	forgotten := v.moment(fieldForgotten)
	h := hold(k, func(k key) *entry {
		if !forgotten.IsZero() {
			c.memory.forgetUntil(forgotten, k)
		}
		return c.adopt(k, v.answer(k), epoch)
	})
	success := v.moment(fieldSuccess)
	if age := time.Since(success); age >= 0 && age < RenewEvery {
		c.keep(epoch, func() { c.memory.success.Set(k.user, success) })
	}
	return h, nil
}

// adopt returns the newer of two answers to k, the one in memory and the one
// encoded as value, and stores it in memory. If value is nil and memory's answer
// was in Redis before, then somebody deleted it there, and adopt deletes it here.
func (c *Cache) adopt(k key, value []byte, epoch uint64) *entry {
	mine := c.memory.get(k)
	if value == nil {
		if mine != nil && mine.shared.Load() {
			c.memory.drop(k, mine)
			return nil
		}
		return mine
	}
	at, err := stamp(value)
	if err == nil && mine != nil && !at.After(mine.fetched) {
		return mine
	}
	e, err := c.decode(k, value)
	if err != nil {
		_ = c.shared.note(err)
		return mine
	}
	c.keep(epoch, func() { c.memory.put(k, e) })
	return e
}

// decode decodes a value of k that was found in Redis. It rejects answers from
// the future, which would otherwise stay fresh until then.
func (c *Cache) decode(k key, value []byte) (*entry, error) {
	e, err := c.shared.codec.decode(value)
	if err != nil {
		return nil, err
	}
	if time.Until(e.fetched) > maxSkew || k.program != "" && len(e.programs) != 1 {
		return nil, errGarbage
	}
	e.shared.Store(true)
	return e, nil
}

// flight is the key under which calls of the API are merged. People do not
// share the calls of background work, which have a lower priority.
func (a ask) flight() string {
	if a.background {
		return "background " + a.key.lock()
	}
	return "load " + a.key.lock()
}

// refresh asks the API, behind the answer to a, for what is to replace the entry
// that the answer is from. For a single program that may be the overview.
func (c *Cache) refresh(a ask, old candidate) {
	if !reserve(&c.refreshes, maxRefreshes) {
		return
	}
	if !c.begin() {
		c.refreshes.Add(-1)
		return
	}
	a.key, a.want = old.of, OnlyFresh
	go func() {
		defer c.running.Done()
		defer c.refreshes.Add(-1)
		_, _, _ = c.flights.Do(a.flight(), func() (any, error) { // load records the error in from.
			c.meter.refreshes.Inc()
			return c.load(a, old.from)
		})
	}()
}

// reserve counts n up unless that would exceed limit, and reports whether it
// did. The caller counts it down again.
func reserve(n *atomic.Int64, limit int64) bool {
	if n.Add(1) > limit {
		n.Add(-1)
		return false
	}
	return true
}

// fetch returns the API's answer to a, or one that another process has just
// received. If ctx ends, fetch returns but the call goes on, for other callers
// and for the cache. from is the old answer, nil if there is none.
func (c *Cache) fetch(ctx context.Context, a ask, from *entry) (*entry, error) {
	for joined := false; ; joined = true {
		result := c.flights.DoChan(a.flight(), func() (any, error) { return c.load(a, from) })
		var r singleflight.Result
		select {
		case r = <-result:
		case <-ctx.Done():
			return nil, left(ctx)
		}
		e, ok := r.Val.(*entry)
		if r.Err != nil || !ok {
			return nil, r.Err
		}
		// The call may have been started by somebody who accepted an older
		// answer.
		if !joined && e.fetched.Before(a.since) {
			continue
		}
		return e, nil
	}
}

// load calls the API for a, unless another process has just done so or is doing
// so.
func (c *Cache) load(a ask, from *entry) (e *entry, err error) {
	if !c.begin() {
		return nil, errClosed
	}
	defer c.running.Done()
	ctx, cancel := context.WithTimeout(c.base, c.o.LoadTimeout)
	defer cancel()
	if a.background {
		ctx = progressapi.Background(ctx)
	}
	// Somebody's call may have ended since this caller looked.
	if e = c.memory.get(a.key); e != nil && c.satisfies(a, e) {
		return e, nil
	}
	epoch := c.present()
	token := ""
	if c.shared.link.Up() && !a.background {
		token, e = c.shared.acquire(ctx, a.key, func(value []byte) *entry { return c.usable(a, value, epoch) })
		if e != nil {
			return e, nil
		}
	}
	if e, err = c.call(ctx, a.key); err != nil {
		if from != nil {
			from.fail(err, time.Now())
		}
		c.afterwards(func(ctx context.Context) { c.shared.release(ctx, a.key, token) })
		return nil, err
	}
	c.keep(epoch, func() {
		c.memory.put(a.key, e)
		c.memory.success.Set(a.key.user, e.fetched)
	})
	c.afterwards(func(ctx context.Context) { c.keep(epoch, func() { c.publish(ctx, a.key, e, token) }) })
	return e, nil
}

// usable returns the answer that is encoded as value if it satisfies a, or else
// nil.
func (c *Cache) usable(a ask, value []byte, epoch uint64) *entry {
	if value == nil {
		return nil
	}
	if e := c.adopt(a.key, value, epoch); e != nil && c.satisfies(a, e) {
		return e
	}
	return nil
}

// satisfies reports whether e answers a without a call of the API.
func (c *Cache) satisfies(a ask, e *entry) bool {
	return c.stage(e, time.Now()) == Fresh && !e.fetched.Before(a.since)
}

// publish stores e in Redis. That a person has no such program is not stored,
// because anybody could fill Redis by asking for names that do not exist.
func (c *Cache) publish(ctx context.Context, k key, e *entry, token string) {
	if k.program != "" && e.nothing() {
		e = nil
	}
	_ = c.shared.put(ctx, k, e, token) // Counted and logged where it happened.
}

// afterwards writes to Redis in the background, so that a slow Redis delays
// nobody. It must be called from work that Close waits for; Close waits for f,
// too. f is not cancelled by Close, so that it can still release a lock: the
// link bounds each operation.
func (c *Cache) afterwards(f func(context.Context)) {
	if !c.shared.link.Up() || !reserve(&c.writes, maxWrites) {
		return
	}
	c.running.Go(func() {
		defer c.writes.Add(-1)
		f(context.WithoutCancel(c.base))
	})
}

// call calls the API and reports how that went.
func (c *Cache) call(ctx context.Context, k key) (e *entry, err error) {
	programs, err := c.ask(ctx, k)
	if errors.Is(err, progressapi.ErrNotFound) {
		programs = nil
	}
	c.meter.asked(err)
	if err != nil && !errors.Is(err, progressapi.ErrNotFound) {
		if c.base.Err() == nil {
			c.o.OnCall(err)
		}
		return nil, err
	}
	c.o.OnCall(nil)
	e = newEntry(programs, time.Now())
	if k.program == "" {
		c.o.OnFetch(k.user, e.programs, e.fetched)
	}
	return e, nil
}

// ask calls the source. It recovers from panics, because it runs on a goroutine
// of the cache, where they would end the process.
func (c *Cache) ask(ctx context.Context, k key) (programs []progressapi.Program, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.o.Log.Error("panic while asking the progress API", "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %w", progressapi.ErrUnavailable)
		}
	}()
	if k.program == "" {
		return c.source.ListPrograms(ctx, k.user)
	}
	p, err := c.source.GetProgram(ctx, k.user, k.program)
	if err != nil {
		return nil, err
	}
	return []progressapi.Program{p}, nil
}
