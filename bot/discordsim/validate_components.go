package discordsim

import (
	"math"
	"slices"
	"unicode/utf8"
)

// Discord's limits of components.
const (
	maxLegacyRows       = 5
	maxComponents       = 40
	maxRowButtons       = 5
	maxCustomID         = 100
	maxButtonLabel      = 80
	maxButtonURL        = 512
	maxSelectOptions    = 25
	maxPlaceholder      = 150
	maxSelectText       = 100
	maxTextDisplays     = 3 // of a section
	maxGalleryItems     = 10
	maxV2Text           = 4000 // over all text displays of a message
	maxModalTitle       = 45
	maxModalComponents  = 5
	maxLabel            = 45
	maxLabelDescription = 100
	maxInputText        = 4000
	maxInputPlaceholder = 100
	maxUploads          = 10
)

// componentReader reads the components of one message or modal.
type componentReader struct {
	v2        bool
	modal     bool
	count     int
	text      int
	ids       map[int]bool
	customIDs map[string]bool
}

// readMessageComponents reads a message's components. Without
// IS_COMPONENTS_V2 only action rows are allowed, five at most.
func readMessageComponents(o object, v2 bool) []Component {
	r := &componentReader{v2: v2, ids: map[int]bool{}, customIDs: map[string]bool{}}
	limit, allowed := maxLegacyRows, []int{TypeActionRow}
	if v2 {
		limit = maxComponents
		allowed = []int{TypeActionRow, TypeSection, TypeTextDisplay, TypeMediaGallery, TypeFile, TypeSeparator, TypeContainer}
	}
	components := r.readList(o, "components", 0, limit, allowed)
	if r.count > maxComponents {
		o.fail("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "Total number of components cannot exceed %d", maxComponents)
	}
	if r.text > maxV2Text {
		o.fail("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "Total displayable text size cannot exceed %d", maxV2Text)
	}
	numberComponents(components)
	return components
}

// readModalComponents reads a modal's components.
func readModalComponents(o object) []Component {
	r := &componentReader{modal: true, ids: map[int]bool{}, customIDs: map[string]bool{}}
	components := r.readList(o, "components", 1, maxModalComponents, []int{TypeActionRow, TypeLabel, TypeTextDisplay})
	numberComponents(components)
	return components
}

func (r *componentReader) readList(o object, key string, lo, hi int, allowed []int) []Component {
	objects := o.objects(key, lo, hi)
	components := make([]Component, 0, len(objects))
	for _, c := range objects {
		components = append(components, r.read(c, allowed))
	}
	return components
}

// read reads one component of an allowed type.
func (r *componentReader) read(o object, allowed []int) Component {
	r.count++
	c := Component{Type: o.oneOf("type", allowed...)}
	if !slices.Contains(allowed, c.Type) {
		return c
	}
	c.ID = r.readID(o)
	switch c.Type {
	case TypeActionRow:
		r.readRow(o, &c)
	case TypeButton:
		r.readButton(o, &c)
	case TypeStringSelect, TypeUserSelect, TypeRoleSelect, TypeMentionableSelect, TypeChannelSelect:
		r.readSelect(o, &c)
	case TypeTextInput:
		r.readTextInput(o, &c)
	case TypeLabel:
		r.readLabel(o, &c)
	case TypeFileUpload:
		r.readFileUpload(o, &c)
	case TypeRadioGroup, TypeCheckboxGroup, TypeCheckbox:
		r.readChoices(o, &c)
	default:
		r.readContent(o, &c)
	}
	return c
}

// readID reads a component's number, unique within the message. 0 is none.
func (r *componentReader) readID(o object) int {
	n, _ := o.integer("id", 0, math.MaxInt32)
	id := int(n)
	if id != 0 && r.ids[id] {
		o.fail("id", "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
	}
	r.ids[id] = true
	return id
}

// readCustomID reads a custom ID, unique within the message.
func (r *componentReader) readCustomID(o object) string {
	id := o.text("custom_id", 1, maxCustomID)
	if id != "" && r.customIDs[id] {
		o.fail("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
	}
	r.customIDs[id] = true
	return id
}

// readRow reads an action row: up to five buttons or one select menu; in a
// modal, one text input.
func (r *componentReader) readRow(o object, c *Component) {
	o.only("type", "id", "components")
	allowed := []int{TypeButton, TypeStringSelect, TypeUserSelect, TypeRoleSelect, TypeMentionableSelect, TypeChannelSelect}
	if r.modal {
		allowed = []int{TypeTextInput}
	}
	c.Components = r.readList(o, "components", 1, maxRowButtons, allowed)
	if len(c.Components) > 1 && slices.ContainsFunc(c.Components, func(c Component) bool { return c.Type != TypeButton }) {
		o.fail("components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width")
	}
}

func (r *componentReader) readButton(o object, c *Component) {
	o.only("type", "id", "style", "label", "emoji", "custom_id", "sku_id", "url", "disabled")
	c.Style = o.oneOf("style", StylePrimary, StyleSecondary, StyleSuccess, StyleDanger, StyleLink, StylePremium)
	c.Label = o.text("label", 0, maxButtonLabel)
	c.Emoji = readEmoji(o)
	c.Disabled = o.boolean("disabled")
	forbid := func(keys ...string) {
		for _, key := range keys {
			if o.has(key) && o.m[key] != "" {
				o.fail(key, "BUTTON_COMPONENT_INVALID_FIELD", "A button of this style cannot have a %s", key)
			}
		}
	}
	switch c.Style {
	case StyleLink:
		forbid("custom_id", "sku_id")
		if o.required("url") {
			c.URL = o.url("url", maxButtonURL, "http", "https", "discord")
		}
	case StylePremium:
		forbid("custom_id", "label", "url", "emoji")
		o.required("sku_id")
		c.SKUID = o.id("sku_id")
	default:
		forbid("url", "sku_id")
		c.CustomID = r.readCustomID(o)
	}
	if c.Style != StylePremium && c.Label == "" && c.Emoji == nil {
		o.fail("label", "BUTTON_COMPONENT_REQUIRES_LABEL_OR_EMOJI", "A button must have a label or an emoji")
	}
}

func readEmoji(o object) *Emoji {
	e, ok := o.object("emoji")
	if !ok {
		return nil
	}
	e.only("id", "name", "animated")
	emoji := &Emoji{ID: e.id("id"), Name: e.text("name", 0, maxSelectText), Animated: e.boolean("animated")}
	if emoji.ID == "" && emoji.Name == "" {
		return nil
	}
	if emoji.ID == "" && !isUnicodeEmoji(emoji.Name) {
		o.fail("emoji", "COMPONENT_INVALID_EMOJI", "Invalid emoji")
	}
	return emoji
}

// isUnicodeEmoji tells an emoji from words: it has no plain letters.
func isUnicodeEmoji(s string) bool {
	for _, r := range s {
		if r > unicodeLatinEnd {
			return true
		}
	}
	return false
}

const unicodeLatinEnd = 0x200B // from here on there are symbols and emoji

func (r *componentReader) readSelect(o object, c *Component) {
	o.only("type", "id", "custom_id", "options", "placeholder", "min_values", "max_values", "required", "disabled", "channel_types", "default_values")
	c.CustomID = r.readCustomID(o)
	c.Placeholder = o.text("placeholder", 0, maxPlaceholder)
	r.readRange(o, c, maxSelectOptions)
	if r.modal {
		r.readRequired(o, c)
		if o.boolean("disabled") {
			o.fail("disabled", "MODAL_COMPONENT_CANNOT_BE_DISABLED", "Components in modals cannot be disabled")
		}
	} else {
		c.Disabled = o.boolean("disabled")
	}
	if c.Type == TypeStringSelect {
		c.Options = readOptions(o, 1, maxSelectOptions)
		r.checkSelectable(o, c)
		return
	}
	if c.Type == TypeChannelSelect {
		for _, i := range o.list("channel_types", 0, maxSelectOptions) {
			c.ChannelTypes = append(c.ChannelTypes, i.integer())
		}
	}
	c.DefaultValues = readDefaultValues(o, c)
}

// checkSelectable refuses a range that the options cannot fill.
func (r *componentReader) checkSelectable(o object, c *Component) {
	if c.MaxValues != nil && *c.MaxValues > len(c.Options) && len(c.Options) > 0 {
		o.fail("max_values", "SELECT_COMPONENT_MAX_VALUES_TOO_LARGE", "max_values cannot be larger than the number of options")
	}
	if c.MinValues != nil && *c.MinValues > len(c.Options) && len(c.Options) > 0 {
		o.fail("min_values", "SELECT_COMPONENT_MIN_VALUES_TOO_LARGE", "min_values cannot be larger than the number of options")
	}
	if countDefaults(c.Options) > valueOr(c.MaxValues, 1) {
		o.fail("options", "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "There are more default options than max_values allows")
	}
}

func (r *componentReader) readRange(o object, c *Component, limit int) {
	if n, ok := o.integer("min_values", 0, int64(limit)); ok {
		c.MinValues = new(int(n))
	}
	if n, ok := o.integer("max_values", 1, int64(limit)); ok {
		c.MaxValues = new(int(n))
	}
	if valueOr(c.MinValues, 1) > valueOr(c.MaxValues, 1) && (c.MinValues != nil || c.MaxValues != nil) {
		o.fail("min_values", "SELECT_COMPONENT_INVALID_RANGE", "min_values cannot be larger than max_values")
	}
}

func (r *componentReader) readRequired(o object, c *Component) {
	if o.has("required") {
		c.Required = new(o.boolean("required"))
	}
	if c.isRequired() && c.MinValues != nil && *c.MinValues < 1 {
		o.fail("min_values", "COMPONENT_REQUIRED_MIN_VALUES", "min_values must be at least 1 for a required component")
	}
}

// isRequired reports whether a modal's component must be filled in.
func (c Component) isRequired() bool { return c.Required == nil || *c.Required }

func valueOr(p *int, fallback int) int {
	if p == nil {
		return fallback
	}
	return *p
}

func readOptions(o object, lo, hi int) []SelectOption {
	var options []SelectOption
	seen := map[string]bool{}
	for _, opt := range o.objects("options", lo, hi) {
		opt.only("label", "value", "description", "emoji", "default")
		option := SelectOption{
			Label: opt.text("label", 1, maxSelectText), Value: opt.text("value", 1, maxSelectText),
			Description: opt.text("description", 0, maxSelectText), Emoji: readEmoji(opt), Default: opt.boolean("default"),
		}
		if option.Value != "" && seen[option.Value] {
			opt.fail("value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
		}
		seen[option.Value] = true
		options = append(options, option)
	}
	return options
}

func readDefaultValues(o object, c *Component) []DefaultValue {
	var values []DefaultValue
	for _, d := range o.objects("default_values", 0, maxSelectOptions) {
		d.only("id", "type")
		d.required("id")
		value := DefaultValue{ID: d.id("id"), Type: d.text("type", 1, maxSelectText)}
		if !slices.Contains(defaultTypes(c.Type), value.Type) {
			d.fail("type", "SELECT_COMPONENT_INVALID_DEFAULT_VALUE_TYPE", "Invalid default value type")
		}
		values = append(values, value)
	}
	if n := len(values); n > 0 && (n > valueOr(c.MaxValues, 1) || n < valueOr(c.MinValues, 1)) {
		o.fail("default_values", "SELECT_COMPONENT_INVALID_DEFAULT_VALUES", "The number of default values is not between min_values and max_values")
	}
	return values
}

func defaultTypes(selectType int) []string {
	switch selectType {
	case TypeUserSelect:
		return []string{"user"}
	case TypeRoleSelect:
		return []string{"role"}
	case TypeChannelSelect:
		return []string{"channel"}
	}
	return []string{"user", "role"}
}

// readContent reads the layout and content components of IS_COMPONENTS_V2.
func (r *componentReader) readContent(o object, c *Component) {
	switch c.Type {
	case TypeTextDisplay:
		o.only("type", "id", "content")
		c.Content = o.text("content", 1, maxV2Text)
		r.text += utf8.RuneCountInString(c.Content)
	case TypeSection:
		o.only("type", "id", "components", "accessory")
		c.Components = r.readList(o, "components", 1, maxTextDisplays, []int{TypeTextDisplay})
		if a, ok := o.object("accessory"); ok {
			c.Accessory = new(r.read(a, []int{TypeButton, TypeThumbnail}))
		} else {
			o.required("accessory")
		}
	case TypeThumbnail:
		o.only("type", "id", "media", "description", "spoiler")
		c.Media = readMedia(o, "media", "http", "https", "attachment")
		c.Description = o.text("description", 0, maxAltText)
		c.Spoiler = o.boolean("spoiler")
	case TypeMediaGallery:
		o.only("type", "id", "items")
		c.Items = readGallery(o)
	case TypeFile:
		o.only("type", "id", "file", "spoiler", "name", "size")
		c.File = readMedia(o, "file", "attachment")
		c.Spoiler = o.boolean("spoiler")
	case TypeSeparator:
		r.readSeparator(o, c)
	case TypeContainer:
		r.readContainer(o, c)
	}
}

func (r *componentReader) readSeparator(o object, c *Component) {
	o.only("type", "id", "divider", "spacing")
	if o.has("divider") {
		c.Divider = new(o.boolean("divider"))
	}
	if n, ok := o.integer("spacing", 1, 2); ok {
		c.Spacing = int(n)
	}
}

func (r *componentReader) readContainer(o object, c *Component) {
	o.only("type", "id", "components", "accent_color", "spoiler")
	c.Components = r.readList(o, "components", 1, maxComponents,
		[]int{TypeActionRow, TypeTextDisplay, TypeSection, TypeMediaGallery, TypeSeparator, TypeFile})
	if n, ok := o.integer("accent_color", 0, maxColor); ok {
		c.AccentColor = new(int(n))
	}
	c.Spoiler = o.boolean("spoiler")
}

func readGallery(o object) []MediaItem {
	var items []MediaItem
	for _, i := range o.objects("items", 1, maxGalleryItems) {
		i.only("media", "description", "spoiler")
		item := MediaItem{Description: i.text("description", 0, maxAltText), Spoiler: i.boolean("spoiler")}
		if m := readMedia(i, "media", "http", "https", "attachment"); m != nil {
			item.Media = *m
		}
		items = append(items, item)
	}
	return items
}

// readMedia reads an unfurled media item. Unlike an embed's picture, a
// component's attachment must exist.
func readMedia(o object, key string, schemes ...string) *Media {
	m, ok := o.object(key)
	if !ok {
		o.required(key)
		return nil
	}
	m.only("url", "proxy_url", "height", "width", "content_type", "attachment_id", "placeholder", "placeholder_version", "flags")
	m.required("url")
	media := &Media{URL: m.url("url", maxURL, schemes...)}
	if name, ok := attachmentName(media.URL); ok && o.form.fileFor != nil && !o.form.fileFor(name) {
		m.fail("url", "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", "The referenced attachment does not exist")
	}
	return media
}
