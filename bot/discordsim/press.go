package discordsim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// ErrNoControl is returned when a message has no such button or menu, or the
// person cannot use it.
var ErrNoControl = errors.New("no such control")

// componentData is the data of a component's interaction.
type componentData struct {
	CustomID      string    `json:"custom_id"`
	ComponentType int       `json:"component_type"`
	ID            int       `json:"id"`
	Values        *[]string `json:"values,omitempty"` // always there for menus
	Resolved      *resolved `json:"resolved,omitempty"`
}

// Press clicks a button of a message, named by its label or custom ID.
func (s *Server) Press(userID, messageID, button string) (*Interaction, error) {
	return s.useComponent(userID, messageID, func(m *Message) (Component, error) {
		c, ok := m.Button(button)
		switch {
		case !ok:
			return c, fmt.Errorf("%w: no button %q", ErrNoControl, button)
		case c.Disabled:
			return c, fmt.Errorf("%w: button %q is disabled", ErrNoControl, button)
		case c.CustomID == "":
			return c, fmt.Errorf("%w: button %q sends no interaction", ErrNoControl, button)
		}
		return c, nil
	}, nil)
}

// Choose picks values of a select menu: for a string menu by option value
// or label, for the others by ID. The menu is named by its custom ID or
// placeholder; "" is the message's only menu.
func (s *Server) Choose(userID, messageID, menu string, values ...string) (*Interaction, error) {
	return s.useComponent(userID, messageID, func(m *Message) (Component, error) {
		c, ok := m.menu(menu)
		switch {
		case !ok:
			return c, fmt.Errorf("%w: no menu %q", ErrNoControl, menu)
		case c.Disabled:
			return c, fmt.Errorf("%w: menu %q is disabled", ErrNoControl, menu)
		}
		return c, nil
	}, values)
}

// menu finds a select menu by custom ID or placeholder.
func (m Message) menu(name string) (Component, bool) {
	menus := slices.DeleteFunc(m.Controls(), func(c Component) bool { return !c.Select() })
	if name == "" && len(menus) == 1 {
		return menus[0], true
	}
	i := slices.IndexFunc(menus, func(c Component) bool {
		return name != "" && (c.CustomID == name || strings.EqualFold(c.Placeholder, name))
	})
	if i < 0 {
		return Component{}, false
	}
	return menus[i], true
}

func (s *Server) useComponent(userID, messageID string, find func(*Message) (Component, error), values []string) (*Interaction, error) {
	s.mu.Lock()
	i, payload, err := s.buildComponent(userID, messageID, find, values)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return i, s.deliver(i, payload)
}

func (s *Server) buildComponent(userID, messageID string, find func(*Message) (Component, error), values []string) (*Interaction, *interactionPayload, error) {
	m := s.messages.byID[messageID]
	if m == nil || m.Author.ID != s.world.self.ID {
		return nil, nil, fmt.Errorf("%w: no message %q of the bot", ErrNoControl, messageID)
	}
	a, err := s.actor(userID, m.ChannelID, "")
	if err != nil {
		return nil, nil, err
	}
	if !m.VisibleTo(a.user.ID) {
		return nil, nil, fmt.Errorf("%w: user %s does not see the message", ErrNoControl, a.user.ID)
	}
	c, err := find(m)
	if err != nil {
		return nil, nil, err
	}
	data := &componentData{CustomID: c.CustomID, ComponentType: c.Type, ID: c.ID}
	if c.Select() {
		b := &optionBuilder{s: s, a: a}
		picked, err := b.pick(c, values)
		if err != nil {
			return nil, nil, err
		}
		data.Values, data.Resolved = &picked, b.resolved
	}
	i := s.newInteraction(InteractionComponent, a, s.componentOwners(m, a))
	i.source, i.Command = m, m.Command
	p := s.payload(i, a, data)
	p.Message = s.messageObject(m)
	return i, p, nil
}

// componentOwners are those of the interaction that made the message; a
// message that the bot posted by itself belongs to the guild.
func (s *Server) componentOwners(m *Message, a actor) map[string]string {
	if m.owners != nil {
		return m.owners
	}
	return s.owners(a, []int{InstallGuild})
}

// pick checks the values picked from a menu and resolves them.
func (b *optionBuilder) pick(c Component, values []string) ([]string, error) {
	picked := make([]string, 0, len(values))
	for _, v := range values {
		id, err := b.pickOne(c, v)
		if err != nil {
			return nil, err
		}
		if slices.Contains(picked, id) {
			return nil, fmt.Errorf("%w: %q is picked twice", ErrNoControl, v)
		}
		picked = append(picked, id)
	}
	if n := len(picked); n < valueOr(c.MinValues, 1) || n > valueOr(c.MaxValues, 1) {
		return nil, fmt.Errorf("%w: menu %q does not take %d values", ErrNoControl, c.CustomID, n)
	}
	return picked, nil
}

func (b *optionBuilder) pickOne(c Component, v string) (string, error) {
	switch c.Type {
	case TypeUserSelect:
		return v, b.resolveUser(v)
	case TypeRoleSelect:
		return v, b.resolveRole(v)
	case TypeChannelSelect:
		return v, b.resolveChannel(v, c.ChannelTypes)
	case TypeMentionableSelect:
		if err := b.resolveRole(v); err == nil {
			return v, nil
		}
		return v, b.resolveUser(v)
	}
	for _, matches := range []func(SelectOption) bool{
		func(o SelectOption) bool { return o.Value == v },
		func(o SelectOption) bool { return o.Label == v },
	} {
		if i := slices.IndexFunc(c.Options, matches); i >= 0 {
			return c.Options[i].Value, nil
		}
	}
	return "", fmt.Errorf("%w: menu has no option %q", ErrNoControl, v)
}

// modalData is the data of a modal's interaction.
type modalData struct {
	CustomID   string           `json:"custom_id"`
	Components []modalComponent `json:"components"`
	Resolved   *resolved        `json:"resolved,omitempty"`
}

type modalComponent struct {
	Type       int              `json:"type"`
	ID         int              `json:"id"`
	CustomID   string           `json:"custom_id,omitempty"`
	Value      any              `json:"value,omitempty"`
	Values     *[]string        `json:"values,omitempty"`
	Components []modalComponent `json:"components,omitempty"`
	Component  *modalComponent  `json:"component,omitempty"`
}

// Submit fills in the modal that an interaction was answered with. The
// fields are named by custom ID; a field left out keeps its prefilled value.
// The values of menus and checkbox groups are separated by commas.
func (s *Server) Submit(i *Interaction, fields map[string]string) (*Interaction, error) {
	s.mu.Lock()
	next, payload, err := s.buildSubmit(i, fields)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return next, s.deliver(next, payload)
}

func (s *Server) buildSubmit(i *Interaction, fields map[string]string) (*Interaction, *interactionPayload, error) {
	if i.modal == nil {
		return nil, nil, fmt.Errorf("%w: there is no modal", ErrNoControl)
	}
	a, err := s.actor(i.User, i.Channel, "")
	if err != nil {
		return nil, nil, err
	}
	for name := range fields {
		if !slices.ContainsFunc(i.modal.Inputs(), func(c Component) bool { return c.CustomID == name }) {
			return nil, nil, fmt.Errorf("%w: the modal has no field %q", ErrNoControl, name)
		}
	}
	b := &optionBuilder{s: s, a: a}
	data := &modalData{CustomID: i.modal.CustomID}
	if data.Components, err = b.fill(i.modal.Components, fields); err != nil {
		return nil, nil, err
	}
	data.Resolved = b.resolved
	next := s.newInteraction(InteractionModalSubmit, a, i.owners)
	next.source, next.Command = i.source, i.Command
	p := s.payload(next, a, data)
	if i.source != nil {
		p.Message = s.messageObject(i.source)
	}
	return next, p, nil
}

// fill answers every input of a modal.
func (b *optionBuilder) fill(components []Component, fields map[string]string) ([]modalComponent, error) {
	filled := make([]modalComponent, 0, len(components))
	for _, c := range components {
		out := modalComponent{Type: c.Type, ID: c.ID, CustomID: c.CustomID}
		var err error
		switch {
		case c.Child != nil:
			var inner []modalComponent
			if inner, err = b.fill([]Component{*c.Child}, fields); err == nil {
				out.Component = &inner[0]
			}
		case len(c.Components) > 0:
			out.Components, err = b.fill(c.Components, fields)
		case c.Type == TypeTextInput:
			out.Value, err = inputText(c, fields)
		case c.CustomID != "":
			err = b.fillChoice(c, fields, &out)
		}
		if err != nil {
			return nil, err
		}
		filled = append(filled, out)
	}
	return filled, nil
}

func inputText(c Component, fields map[string]string) (string, error) {
	text, given := fields[c.CustomID]
	if !given {
		text = c.Value
	}
	n := utf8.RuneCountInString(text)
	switch {
	case n == 0 && !c.isRequired():
	case n == 0:
		return "", fmt.Errorf("%w: field %q is required", ErrNoControl, c.CustomID)
	case n < valueOr(c.MinLength, 0) || n > valueOr(c.MaxLength, maxInputText):
		return "", fmt.Errorf("%w: field %q does not take %d characters", ErrNoControl, c.CustomID, n)
	}
	return text, nil
}

// fillChoice answers menus, groups and checkboxes.
func (b *optionBuilder) fillChoice(c Component, fields map[string]string, out *modalComponent) error {
	given := fields[c.CustomID]
	if c.Type == TypeCheckbox {
		out.Value = given == "true"
		return nil
	}
	if given == "" {
		if c.isRequired() {
			return fmt.Errorf("%w: field %q is required", ErrNoControl, c.CustomID)
		}
		out.Values = &[]string{}
		return nil
	}
	picked, err := b.pick(c, strings.Split(given, ","))
	if err != nil {
		return err
	}
	if c.Type == TypeRadioGroup {
		out.Value = picked[0]
	} else {
		out.Values = &picked
	}
	return nil
}
