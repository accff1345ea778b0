package commands

import (
	"sync"
	"time"
)

// names remembers what people are called in a server: for buttons, which
// know only IDs, and for drawn leaderboards. It is all in memory. Who is
// forgotten goes without a name until somebody asks for them anew.
type names struct {
	mu   sync.Mutex
	seen recent[nameKey, knownName]
}

// nameKey is a person in a server; the server is "" elsewhere.
type nameKey struct{ guild, person string }

// knownName is what somebody is called in a server, and whether they are not
// there. Until then that need not be asked again for the name, and, earlier,
// for whether they are still there.
type knownName struct {
	name        string
	gone        bool
	until, here time.Time
}

func newNames() *names { return &names{seen: newRecent[nameKey, knownName](maxPeople)} }

// learn takes a name from an interaction. Of a server's, only members have one.
func (n *names) learn(guild string, u User, now time.Time) {
	if u.Name != "" && (guild == "" || u.Member) {
		n.keep(nameKey{guild, u.ID}, present(u.Name, now))
	}
}

// present is the name of somebody who is in the server now.
func present(name string, now time.Time) knownName {
	return knownName{name: name, until: now.Add(nameFresh), here: now.Add(memberFresh)}
}

func (n *names) keep(k nameKey, known knownName) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen.put(k, known)
}

// forget lets go of what somebody is called, everywhere.
func (n *names) forget(person string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen.drop(func(k nameKey) bool { return k.person == person })
}

func (n *names) get(k nameKey) knownName {
	n.mu.Lock()
	defer n.mu.Unlock()
	known, _ := n.seen.get(k)
	return known
}
