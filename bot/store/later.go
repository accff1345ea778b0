package store

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

// openTime bounds one attempt to open a store that opens by itself.
const openTime = 10 * time.Second

// Later returns a store that opens itself, by [Open] on the driver that open
// returns, when it is first used: a bot can be put together and started while
// its database is down. Until that has worked, every method returns what
// keeps it from working, and the next one tries again. open is never called
// twice at a time.
func Later(open func(ctx context.Context) (Driver, error)) *Store {
	return &Store{driver: &laterDriver{open: open}}
}

// Ready opens a store that opens itself, unless that was done. It returns
// what [Open] returns, or the error of the function that [Later] was given.
func (s *Store) Ready(ctx context.Context) error {
	d, ok := s.driver.(*laterDriver)
	if !ok {
		return nil
	}
	_, err := d.ready(ctx)
	return err
}

var errClosed = errors.New("the store is closed")

// laterDriver opens the driver below it when it is first used.
type laterDriver struct {
	open    func(context.Context) (Driver, error)
	opening singleflight.Group
	driver  atomic.Pointer[Driver]

	closing sync.Mutex // for closed, and for driver where both matter
	closed  bool
}

// ready returns the driver, once the store on it has been opened. Whoever
// waits for that can stop waiting; the attempt goes on for the others.
func (l *laterDriver) ready(ctx context.Context) (Driver, error) {
	if d := l.driver.Load(); d != nil {
		return *d, nil
	}
	done := l.opening.DoChan("", func() (any, error) {
		if l.driver.Load() != nil {
			return nil, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), openTime)
		defer cancel()
		return nil, l.openNow(ctx)
	})
	select {
	case r := <-done:
		if r.Err != nil {
			return nil, r.Err
		}
		return *l.driver.Load(), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *laterDriver) openNow(ctx context.Context) error {
	d, err := l.open(ctx)
	if err != nil {
		return err
	}
	if _, err := Open(ctx, d); err != nil {
		_ = d.Close() // the error that matters is the other
		return err
	}
	l.closing.Lock()
	defer l.closing.Unlock()
	if l.closed { // while it was being opened
		_ = d.Close()
		return errClosed
	}
	l.driver.Store(&d)
	return nil
}

// View implements [Driver].
func (l *laterDriver) View(ctx context.Context, fn func(Reader) error) error {
	d, err := l.ready(ctx)
	if err != nil {
		return err
	}
	return d.View(ctx, fn)
}

// Update implements [Driver].
func (l *laterDriver) Update(ctx context.Context, fn func(Tx) error) error {
	d, err := l.ready(ctx)
	if err != nil {
		return err
	}
	return d.Update(ctx, fn)
}

// UpdateSoon implements [Driver].
func (l *laterDriver) UpdateSoon(ctx context.Context, fn func(Tx) error) error {
	d, err := l.ready(ctx)
	if err != nil {
		return err
	}
	return d.UpdateSoon(ctx, fn)
}

// Claim implements [Driver].
func (l *laterDriver) Claim(ctx context.Context, queue string, now time.Time, n int, lease time.Duration, token string) ([]Member, error) {
	d, err := l.ready(ctx)
	if err != nil {
		return nil, err
	}
	return d.Claim(ctx, queue, now, n, lease, token)
}

// ClaimMember implements [Driver].
func (l *laterDriver) ClaimMember(ctx context.Context, queue, member string, now time.Time, lease time.Duration, token string) error {
	d, err := l.ready(ctx)
	if err != nil {
		return err
	}
	return d.ClaimMember(ctx, queue, member, now, lease, token)
}

// Pin implements [Driver]. The driver is pinned when it is opened.
func (l *laterDriver) Pin(string, []byte) {}

// Durability implements [Driver].
func (l *laterDriver) Durability(ctx context.Context) ([]Warning, error) {
	d, err := l.ready(ctx)
	if err != nil {
		return nil, err
	}
	return d.Durability(ctx)
}

// Close implements [Driver]. An attempt to open that is under way ends by
// itself, and closes what it opened.
func (l *laterDriver) Close() error {
	l.closing.Lock()
	defer l.closing.Unlock()
	l.closed = true
	if d := l.driver.Load(); d != nil {
		return (*d).Close()
	}
	return nil
}
