package discordsim

// Modal is a form that a bot asked a person to fill in.
type Modal struct {
	CustomID   string      `json:"custom_id"`
	Title      string      `json:"title"`
	Components []Component `json:"components"`
}

// Inputs lists the components that take an answer.
func (m Modal) Inputs() []Component {
	var inputs []Component
	walkComponents(m.Components, func(c Component) {
		if c.CustomID != "" {
			inputs = append(inputs, c)
		}
	})
	return inputs
}

func readModal(o object) *Modal {
	o.only("custom_id", "title", "components")
	return &Modal{
		CustomID:   o.text("custom_id", 1, maxCustomID),
		Title:      o.text("title", 1, maxModalTitle),
		Components: readModalComponents(o),
	}
}

func (r *componentReader) readTextInput(o object, c *Component) {
	o.only("type", "id", "custom_id", "style", "label", "min_length", "max_length", "required", "value", "placeholder")
	c.CustomID = r.readCustomID(o)
	c.Style = o.oneOf("style", 1, 2)
	c.Label = o.text("label", 0, maxLabel)
	c.Value = o.text("value", 0, maxInputText)
	c.Placeholder = o.text("placeholder", 0, maxInputPlaceholder)
	if n, ok := o.integer("min_length", 0, maxInputText); ok {
		c.MinLength = new(int(n))
	}
	if n, ok := o.integer("max_length", 1, maxInputText); ok {
		c.MaxLength = new(int(n))
	}
	if valueOr(c.MinLength, 0) > valueOr(c.MaxLength, maxInputText) {
		o.fail("min_length", "TEXT_INPUT_COMPONENT_INVALID_RANGE", "min_length cannot be larger than max_length")
	}
	if o.has("required") {
		c.Required = new(o.boolean("required"))
	}
}

// readLabel reads a label and the one component it names.
func (r *componentReader) readLabel(o object, c *Component) {
	o.only("type", "id", "label", "description", "component")
	c.Label = o.text("label", 1, maxLabel)
	c.Description = o.text("description", 0, maxLabelDescription)
	child, ok := o.object("component")
	if !ok {
		o.required("component")
		return
	}
	c.Child = new(r.read(child, []int{
		TypeTextInput, TypeStringSelect, TypeUserSelect, TypeRoleSelect, TypeMentionableSelect, TypeChannelSelect,
		TypeFileUpload, TypeRadioGroup, TypeCheckboxGroup, TypeCheckbox,
	}))
}

func (r *componentReader) readFileUpload(o object, c *Component) {
	o.only("type", "id", "custom_id", "min_values", "max_values", "required")
	c.CustomID = r.readCustomID(o)
	r.readRange(o, c, maxUploads)
	r.readRequired(o, c)
}

// readChoices reads a radio group, a checkbox group or a single checkbox.
func (r *componentReader) readChoices(o object, c *Component) {
	o.only("type", "id", "custom_id", "options", "min_values", "max_values", "required", "default")
	c.CustomID = r.readCustomID(o)
	switch c.Type {
	case TypeRadioGroup:
		c.Options = readOptions(o, 2, 10)
	case TypeCheckboxGroup:
		c.Options = readOptions(o, 1, 10)
		r.readRange(o, c, 10)
	}
	if c.Type == TypeRadioGroup && countDefaults(c.Options) > 1 {
		o.fail("options", "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "A radio group can have one default only")
	}
	if c.Type != TypeCheckbox {
		r.readRequired(o, c)
	}
}

func countDefaults(options []SelectOption) int {
	n := 0
	for _, o := range options {
		if o.Default {
			n++
		}
	}
	return n
}
