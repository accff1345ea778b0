package commands

import "sync"

// names remembers what people are called, for buttons, which know only IDs.
// Who is forgotten goes without a name until somebody asks for them anew.
type names struct {
	mu   sync.Mutex
	seen recent[string, string]
}

func newNames() *names { return &names{seen: newRecent[string, string](maxPeople)} }

func (n *names) learn(u User) {
	if u.Name == "" {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if name, ok := n.seen.get(u.ID); !ok || name != u.Name {
		n.seen.put(u.ID, u.Name)
	}
}

// forget lets go of what somebody is called.
func (n *names) forget(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen.put(id, "")
}

func (n *names) of(id string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	name, _ := n.seen.get(id)
	return name
}
