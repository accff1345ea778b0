package discordsim

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// The command types.
const (
	CommandChatInput = 1
	CommandUser      = 2
	CommandMessage   = 3
)

// The option types.
const (
	OptionSubCommand      = 1
	OptionSubCommandGroup = 2
	OptionString          = 3
	OptionInteger         = 4
	OptionBoolean         = 5
	OptionUser            = 6
	OptionChannel         = 7
	OptionRole            = 8
	OptionMentionable     = 9
	OptionNumber          = 10
	OptionAttachment      = 11
)

// Command is a registered application command.
type Command struct {
	ID                       string            `json:"id"`
	ApplicationID            string            `json:"application_id"`
	GuildID                  string            `json:"guild_id,omitempty"`
	Version                  string            `json:"version"`
	Type                     int               `json:"type"`
	Name                     string            `json:"name"`
	NameLocalizations        map[string]string `json:"name_localizations"`
	Description              string            `json:"description"`
	DescriptionLocalizations map[string]string `json:"description_localizations"`
	Options                  []Option          `json:"options,omitempty"`
	DefaultMemberPermissions *Permissions      `json:"default_member_permissions"`
	NSFW                     bool              `json:"nsfw"`
	DMPermission             *bool             `json:"dm_permission,omitempty"`     // global commands only
	Contexts                 []int             `json:"contexts"`                    // global commands only
	IntegrationTypes         []int             `json:"integration_types,omitempty"` // global commands only
}

// Option is a command's option, subcommand or group.
type Option struct {
	Type                     int               `json:"type"`
	Name                     string            `json:"name"`
	NameLocalizations        map[string]string `json:"name_localizations,omitempty"`
	Description              string            `json:"description"`
	DescriptionLocalizations map[string]string `json:"description_localizations,omitempty"`
	Required                 bool              `json:"required,omitempty"`
	Autocomplete             bool              `json:"autocomplete,omitempty"`
	Choices                  []Choice          `json:"choices,omitempty"`
	Options                  []Option          `json:"options,omitempty"`
	ChannelTypes             []int             `json:"channel_types,omitempty"`
	MinValue                 *float64          `json:"min_value,omitempty"`
	MaxValue                 *float64          `json:"max_value,omitempty"`
	MinLength                *int              `json:"min_length,omitempty"`
	MaxLength                *int              `json:"max_length,omitempty"`
}

// Choice is a value to pick for an option: from its definition, or as an
// autocomplete suggestion. Value is a string, an int64 or a float64.
type Choice struct {
	Name              string            `json:"name"`
	NameLocalizations map[string]string `json:"name_localizations,omitempty"`
	Value             any               `json:"value"`
}

// findOption finds an option by name.
func findOption(options []Option, name string) (Option, bool) {
	i := slices.IndexFunc(options, func(o Option) bool { return o.Name == name })
	if i < 0 {
		return Option{}, false
	}
	return options[i], true
}

// grouping reports whether the option is a subcommand or a group.
func (o Option) grouping() bool { return o.Type == OptionSubCommand || o.Type == OptionSubCommandGroup }

// usableIn reports whether the command exists in an interaction context.
func (c Command) usableIn(context int) bool {
	if c.GuildID != "" {
		return context == ContextGuild
	}
	if c.Contexts != nil {
		return slices.Contains(c.Contexts, context)
	}
	if context == ContextBotDM {
		return c.DMPermission == nil || *c.DMPermission
	}
	return context == ContextGuild || slices.Contains(c.IntegrationTypes, InstallUser)
}

// commandKey is what makes a command unique within its scope.
type commandKey struct {
	scope string // guild ID, "" for global
	kind  int
	name  string
}

func (c *Command) key() commandKey { return commandKey{c.GuildID, c.Type, c.Name} }

// commandStore is guarded by Server.mu.
type commandStore struct {
	scopes  map[string][]*Command // in order of registration
	created map[string]*window    // creates of the day by scope
	changes int                   // registrations that changed something
}

func newCommandStore() commandStore {
	return commandStore{scopes: make(map[string][]*Command), created: make(map[string]*window)}
}

func (st *commandStore) find(key commandKey) *Command {
	for _, c := range st.scopes[key.scope] {
		if c.key() == key {
			return c
		}
	}
	return nil
}

func (st *commandStore) byID(scope, id string) *Command {
	for _, c := range st.scopes[scope] {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// sameDefinition reports whether two commands differ in nothing but what
// Discord gives them.
func sameDefinition(a, b Command) bool {
	a.ID, a.Version, b.ID, b.Version = "", "", "", ""
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// withoutLocalizations is the command as a list without with_localizations
// shows it.
func (c Command) withoutLocalizations() any {
	raw := mustJSON(c)
	var m map[string]any
	_ = json.Unmarshal(raw, &m) // what was just encoded
	dropLocalizations(m)
	return m
}

func dropLocalizations(v any) {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			if strings.HasSuffix(key, "_localizations") {
				delete(v, key)
				continue
			}
			dropLocalizations(v[key])
		}
	case []any:
		for _, e := range v {
			dropLocalizations(e)
		}
	}
}

// Commands lists the registered commands: the global ones, then each guild's.
func (s *Server) Commands() []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Command
	for _, scope := range append([]string{""}, s.world.guildIDs...) {
		for _, c := range s.commands.scopes[scope] {
			all = append(all, *c)
		}
	}
	return all
}

// CommandChanges counts the registrations that changed a command: a bot that
// sends the same definitions again leaves it as it is only if it does not
// send them at all, see [Server.Stats].
func (s *Server) CommandChanges() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commands.changes
}
