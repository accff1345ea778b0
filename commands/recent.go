package commands

import "maps"

// recent is a map that forgets: it keeps at least the size most recently used
// entries and at most twice as many. Forgetting is by generation, so no call
// ever pays for a sweep. It is not safe for concurrent use.
type recent[K comparable, V any] struct {
	size  int
	young map[K]V
	old   map[K]V
}

func newRecent[K comparable, V any](size int) recent[K, V] {
	return recent[K, V]{size: size, young: make(map[K]V)}
}

// get returns the value under k and marks it as used.
func (m *recent[K, V]) get(k K) (V, bool) {
	if v, ok := m.young[k]; ok {
		return v, true
	}
	v, ok := m.old[k]
	if ok {
		m.put(k, v)
	}
	return v, ok
}

// drop lets go of the keys that match.
func (m *recent[K, V]) drop(match func(K) bool) {
	del := func(k K, _ V) bool { return match(k) }
	maps.DeleteFunc(m.young, del)
	maps.DeleteFunc(m.old, del)
}

// put stores v under k.
func (m *recent[K, V]) put(k K, v V) {
	if _, ok := m.young[k]; !ok && len(m.young) >= m.size {
		m.old, m.young = m.young, make(map[K]V)
	}
	m.young[k] = v
}
