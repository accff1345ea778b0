package commands

import (
	"maps"
	"strings"
	"sync/atomic"
)

// Mentions turns command names into mentions that people can click. It has to
// be told the commands' IDs once Discord has registered them; until then it
// falls back to plain names. The zero value is ready to use, by many
// goroutines at once.
type Mentions struct {
	ids atomic.Pointer[map[string]string]
}

// Set gives the ID of every slash command by its name.
func (m *Mentions) Set(ids map[string]string) {
	own := maps.Clone(ids)
	m.ids.Store(&own)
}

// Of returns a mention of a slash command by its full path, as "progress" or
// "privacy set".
func (m *Mentions) Of(path string) string {
	name, _, _ := strings.Cut(path, " ")
	if ids := m.ids.Load(); ids != nil {
		if id := (*ids)[name]; id != "" {
			return "</" + path + ":" + id + ">"
		}
	}
	return "`/" + path + "`"
}
