package commands

import (
	"maps"
	"strings"
	"sync/atomic"

	"progressbot/embeds"
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
	return embeds.CommandMention(path, m.id(path))
}

// id is the ID of the command that a path begins with, "" if it is not known.
func (m *Mentions) id(path string) string {
	ids := m.ids.Load()
	if ids == nil {
		return ""
	}
	name, _, _ := strings.Cut(path, " ")
	return (*ids)[name]
}
