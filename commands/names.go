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

// knownName is what somebody is called, "" if they are not there, and until
// when that need not be asked again.
type knownName struct {
	name  string
	until time.Time
}

func newNames() *names { return &names{seen: newRecent[nameKey, knownName](maxPeople)} }

// learn takes a name from an interaction. Of a server's, only members have one.
func (n *names) learn(guild string, u User, now time.Time) {
	if u.Name != "" && (guild == "" || u.Member) {
		n.keep(nameKey{guild, u.ID}, u.Name, now.Add(nameFresh))
	}
}

func (n *names) keep(k nameKey, name string, until time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen.put(k, knownName{name, until})
}

// forget lets go of what somebody is called, everywhere.
func (n *names) forget(person string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen.drop(func(k nameKey) bool { return k.person == person })
}

// of returns what somebody is called, or was.
func (n *names) of(guild, person string) string {
	return n.get(nameKey{guild, person}).name
}

func (n *names) get(k nameKey) knownName {
	n.mu.Lock()
	defer n.mu.Unlock()
	known, _ := n.seen.get(k)
	return known
}
