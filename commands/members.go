package commands

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"
)

const (
	// nameFresh is how long a name is believed, memberFresh that somebody is
	// a member, or is none.
	nameFresh   = time.Hour
	memberFresh = 10 * time.Minute
	// nameRetry is how long Discord is not asked again after it gave no
	// answer, so that not every page waits for one.
	nameRetry = 10 * time.Second
	// namesWithin is how long a reply waits for names.
	namesWithin = time.Second
	// namesAtOnce bounds how many names Discord is asked for at a time, for
	// all servers: all of the bot's calls but answers share one rate limit.
	namesAtOnce = 4
)

// Members knows what members of servers are called. It asks Discord.
type Members interface {
	// MemberName returns what somebody is called in a server, or
	// [ErrNoMember] if they are not in it.
	MemberName(ctx context.Context, guild, person string) (string, error)
}

// members finds out what people are called, from memory where they were seen
// lately. It is safe for concurrent use.
type members struct {
	Deps
	names  *names
	asking singleflight.Group
	turns  chan struct{} // one in it for each call
}

func newMembers(d Deps, n *names) *members {
	return &members{Deps: d, names: n, turns: make(chan struct{}, namesAtOnce)}
}

// called returns what people are called in a server, in their order: "" for
// those who are not there, and for those of whom nobody could tell in time. Its
// only error is a panic.
func (m *members) called(ctx context.Context, guild string, people []string) ([]string, error) {
	found := make([]string, len(people))
	var asked errgroup.Group
	for i, person := range people {
		k := nameKey{guild, person}
		known := m.names.get(k)
		if m.Now().Before(known.until) {
			found[i] = known.name
			continue
		}
		asked.Go(func() error {
			return guard(func() error { found[i] = m.ask(ctx, k, known).name; return nil })
		})
	}
	return found, asked.Wait()
}

// find returns what somebody is called, or was, as far as that is known, and
// whether they are known not to be in the server.
func (m *members) find(ctx context.Context, guild, person string) (name string, gone bool) {
	k := nameKey{guild, person}
	known := m.names.get(k)
	if !m.Now().Before(known.here) {
		known = m.ask(ctx, k, known)
	}
	return known.name, known.gone
}

// ask asks Discord for a name; before is what was known when last asked.
func (m *members) ask(ctx context.Context, k nameKey, before knownName) knownName {
	v, _, _ := m.asking.Do(k.guild+" "+k.person, func() (any, error) {
		// Others may wait for the same answer, so it outlives the first.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), namesWithin)
		defer cancel()
		name, err := m.lookUp(ctx, k)
		known := present(name, m.Now())
		switch {
		case errors.Is(err, ErrNoMember):
			known = knownName{gone: true, until: known.here, here: known.here}
		case err != nil:
			again := m.Now().Add(nameRetry)
			known = knownName{before.name, before.gone, again, again}
		}
		m.names.keep(k, known)
		return known, nil
	})
	return v.(knownName)
}

func (m *members) lookUp(ctx context.Context, k nameKey) (string, error) {
	select {
	case m.turns <- struct{}{}:
		defer func() { <-m.turns }()
		return m.Members.MemberName(ctx, k.guild, k.person)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
