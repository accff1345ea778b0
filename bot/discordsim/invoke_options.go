package discordsim

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// commandData is the data of a command's interaction.
type commandData struct {
	ID       string       `json:"id"`
	Name     string       `json:"name"`
	Type     int          `json:"type"`
	Options  []optionData `json:"options,omitempty"`
	Resolved *resolved    `json:"resolved,omitempty"`
	GuildID  string       `json:"guild_id,omitempty"`
	TargetID string       `json:"target_id,omitempty"`
}

type optionData struct {
	Name    string       `json:"name"`
	Type    int          `json:"type"`
	Value   any          `json:"value,omitempty"`
	Options []optionData `json:"options,omitempty"`
	Focused bool         `json:"focused,omitempty"`
}

// resolved are the objects that values refer to.
type resolved struct {
	Users    map[string]*userObject    `json:"users,omitempty"`
	Members  map[string]*memberObject  `json:"members,omitempty"`
	Roles    map[string]Role           `json:"roles,omitempty"`
	Channels map[string]*channelObject `json:"channels,omitempty"`
}

// optionBuilder turns what a person typed into option data. Server.mu is
// held while it is used.
type optionBuilder struct {
	s        *Server
	a        actor
	in       Invocation
	partial  bool // autocomplete: required options may be missing
	focused  int  // type of the focused option
	resolved *resolved
}

// build follows the path of subcommands, then takes the options in the
// order of their definition.
func (b *optionBuilder) build(defined []Option, path []string) ([]optionData, error) {
	if len(path) > 0 {
		sub, ok := findOption(defined, path[0])
		if !ok || !sub.grouping() {
			return nil, fmt.Errorf("%w: no subcommand %q", ErrNoCommand, path[0])
		}
		inner, err := b.build(sub.Options, path[1:])
		if err != nil {
			return nil, err
		}
		return []optionData{{Name: sub.Name, Type: sub.Type, Options: inner}}, nil
	}
	if slices.ContainsFunc(defined, Option.grouping) {
		return nil, fmt.Errorf("%w: a subcommand is needed", ErrNoCommand)
	}
	for name := range b.in.Options {
		if _, ok := findOption(defined, name); !ok {
			return nil, fmt.Errorf("%w: there is no option %q", ErrBadOption, name)
		}
	}
	return b.values(defined)
}

func (b *optionBuilder) values(defined []Option) ([]optionData, error) {
	var out []optionData
	for _, opt := range defined {
		v, given := b.in.Options[opt.Name]
		if b.partial && b.in.Focus == opt.Name {
			data, err := b.focus(opt, v)
			if err != nil {
				return nil, err
			}
			out = append(out, data)
			continue
		}
		if !given {
			if opt.Required && !b.partial {
				return nil, fmt.Errorf("%w: %s is required", ErrBadOption, opt.Name)
			}
			continue
		}
		v, err := b.value(opt, v)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrBadOption, opt.Name, err)
		}
		out = append(out, optionData{Name: opt.Name, Type: opt.Type, Value: v})
	}
	if b.partial && b.focused == 0 {
		return nil, fmt.Errorf("%w: no option %q to complete", ErrBadOption, b.in.Focus)
	}
	return out, nil
}

// focus is the option being typed: its value is text whatever its type.
func (b *optionBuilder) focus(opt Option, v any) (optionData, error) {
	if !opt.Autocomplete {
		return optionData{}, fmt.Errorf("%w: %s has no autocomplete", ErrBadOption, opt.Name)
	}
	b.focused = opt.Type
	if v == nil {
		v = ""
	}
	return optionData{Name: opt.Name, Type: opt.Type, Value: fmt.Sprint(v), Focused: true}, nil
}

// value checks one value as the client does before it sends it.
func (b *optionBuilder) value(opt Option, v any) (any, error) {
	if len(opt.Choices) > 0 && !slices.ContainsFunc(opt.Choices, func(c Choice) bool { return fmt.Sprint(c.Value) == fmt.Sprint(v) }) {
		return nil, fmt.Errorf("%v is none of the choices", v)
	}
	switch opt.Type {
	case OptionString:
		s, ok := v.(string)
		n := utf8.RuneCountInString(s)
		if s = strings.TrimSpace(s); !ok || s == "" || n < valueOr(opt.MinLength, 0) || n > valueOr(opt.MaxLength, maxOptionLength) {
			return nil, fmt.Errorf("%q is no text of an allowed length", v)
		}
		return s, nil
	case OptionBoolean:
		if _, ok := v.(bool); !ok {
			return nil, fmt.Errorf("%v is no boolean", v)
		}
		return v, nil
	case OptionInteger, OptionNumber:
		return numberValue(opt, v)
	case OptionUser:
		return v, b.resolveUser(fmt.Sprint(v))
	case OptionRole:
		return v, b.resolveRole(fmt.Sprint(v))
	case OptionMentionable:
		if err := b.resolveRole(fmt.Sprint(v)); err == nil {
			return v, nil
		}
		return v, b.resolveUser(fmt.Sprint(v))
	case OptionChannel:
		return v, b.resolveChannel(fmt.Sprint(v), opt.ChannelTypes)
	}
	return nil, fmt.Errorf("the simulator cannot send options of type %d", opt.Type)
}

func numberValue(opt Option, v any) (any, error) {
	var f float64
	switch n := v.(type) {
	case int:
		f = float64(n)
	case int64:
		f = float64(n)
	case float64:
		f = n
	default:
		return nil, fmt.Errorf("%v is no number", v)
	}
	if opt.MinValue != nil && f < *opt.MinValue || opt.MaxValue != nil && f > *opt.MaxValue {
		return nil, fmt.Errorf("%v is out of range", v)
	}
	if opt.Type == OptionInteger {
		if f != float64(int64(f)) || f > maxSafeInteger || f < -maxSafeInteger {
			return nil, fmt.Errorf("%v is no integer", v)
		}
		return int64(f), nil
	}
	return f, nil
}

func (b *optionBuilder) found() *resolved {
	if b.resolved == nil {
		b.resolved = &resolved{}
	}
	return b.resolved
}

// resolveUser adds a user, and the member they are in the guild, if any.
func (b *optionBuilder) resolveUser(id string) error {
	u, ok := b.s.world.user(id)
	if !ok {
		return fmt.Errorf("no such user %q", id)
	}
	r := b.found()
	if r.Users == nil {
		r.Users = map[string]*userObject{}
	}
	r.Users[id] = u.object()
	if b.a.place.guild == nil {
		return nil
	}
	if m := b.a.place.guild.member(id); m != nil {
		if r.Members == nil {
			r.Members = map[string]*memberObject{}
		}
		o := b.s.partialMember(m)
		permissions := b.s.world.permissions(b.a.place, id)
		o.Permissions = &permissions
		r.Members[id] = o
	}
	return nil
}

func (b *optionBuilder) resolveRole(id string) error {
	if b.a.place.guild == nil {
		return fmt.Errorf("no role %q in direct messages", id)
	}
	role := b.a.place.guild.role(id)
	if role == nil {
		return fmt.Errorf("no such role %q", id)
	}
	r := b.found()
	if r.Roles == nil {
		r.Roles = map[string]Role{}
	}
	r.Roles[id] = *role
	return nil
}

// resolveChannel adds a channel that the user can view.
func (b *optionBuilder) resolveChannel(id string, types []int) error {
	p, ok := b.s.world.place(id)
	if !ok || p.guild != b.a.place.guild || !b.s.canView(p, b.a.user.ID) {
		return fmt.Errorf("no such channel %q", id)
	}
	if len(types) > 0 && !slices.Contains(types, p.channel.Type) {
		return fmt.Errorf("channel %q is not of an allowed type", id)
	}
	r := b.found()
	if r.Channels == nil {
		r.Channels = map[string]*channelObject{}
	}
	r.Channels[id] = b.s.partialChannel(p, b.a.user.ID)
	return nil
}
