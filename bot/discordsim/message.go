package discordsim

import (
	"slices"
	"strings"
	"time"
)

// The message flags that an application can set, and LOADING.
const (
	FlagSuppressEmbeds        = 1 << 2
	FlagEphemeral             = 1 << 6
	FlagLoading               = 1 << 7 // "thinking…": a deferred answer
	FlagSuppressNotifications = 1 << 12
	FlagVoiceMessage          = 1 << 13
	FlagComponentsV2          = 1 << 15
)

// Message is a message as the simulator stores and people see it. Its JSON
// is Discord's message object, less what only an API answer has.
type Message struct {
	ID          string       `json:"id"`
	ChannelID   string       `json:"channel_id"`
	GuildID     string       `json:"guild_id,omitempty"`
	Author      User         `json:"author"`
	Content     string       `json:"content"`
	Embeds      []Embed      `json:"embeds"`
	Components  []Component  `json:"components"`
	Attachments []Attachment `json:"attachments"`
	Flags       int          `json:"flags"`
	Created     time.Time    `json:"timestamp"`
	Edited      *time.Time   `json:"edited_timestamp"`
	TTS         bool         `json:"tts"`
	Nonce       string       `json:"nonce,omitempty"`
	// Mentions are the users named in the content, whether pinged or not.
	Mentions []string `json:"-"`
	// Pings are the users, roles or "everyone" that were notified.
	Pings []string `json:"-"`
	// Reference is the message that this one answers.
	Reference string `json:"-"`
	// Interaction is the ID of the interaction that this message answers,
	// and Command what was invoked, as "settings show".
	Interaction string `json:"-"`
	Command     string `json:"-"`
	// Asker is who used that interaction. An ephemeral message is seen by
	// nobody else.
	Asker string `json:"-"`

	interactionType int
	owners          map[string]string // who authorized the interaction, for its components
	oldEdits        window            // edits after the message's first hour
}

// Ephemeral reports whether only [Message.Asker] can see the message.
func (m Message) Ephemeral() bool { return m.Flags&FlagEphemeral != 0 }

// Thinking reports whether the message is a deferred answer still to come.
func (m Message) Thinking() bool { return m.Flags&FlagLoading != 0 }

// VisibleTo reports whether a user who can see the channel sees the message.
func (m Message) VisibleTo(userID string) bool { return !m.Ephemeral() || m.Asker == userID }

// Controls lists every button and select menu, wherever it is nested.
func (m Message) Controls() []Component {
	var found []Component
	walkComponents(m.Components, func(c Component) {
		if c.Interactive() {
			found = append(found, c)
		}
	})
	return found
}

// Button finds a button by its label, ignoring case, else by its custom ID.
func (m Message) Button(name string) (Component, bool) {
	controls := m.Controls()
	for _, matches := range []func(Component) bool{
		func(c Component) bool { return strings.EqualFold(c.Label, name) },
		func(c Component) bool { return c.CustomID == name },
	} {
		if i := slices.IndexFunc(controls, func(c Component) bool { return c.Type == TypeButton && matches(c) }); i >= 0 {
			return controls[i], true
		}
	}
	return Component{}, false
}

// Text is everything that can be read in the message, in order, one part a
// line: for assertions and for showing a message as plain text.
func (m Message) Text() string {
	var parts []string
	add := func(s ...string) {
		for _, s := range s {
			if s != "" {
				parts = append(parts, s)
			}
		}
	}
	add(m.Content)
	for _, e := range m.Embeds {
		if e.Author != nil {
			add(e.Author.Name)
		}
		add(e.Title, e.Description)
		for _, f := range e.Fields {
			add(f.Name, f.Value)
		}
		if e.Footer != nil {
			add(e.Footer.Text)
		}
	}
	walkComponents(m.Components, func(c Component) {
		add(c.Label, c.Content, c.Placeholder)
		for _, o := range c.Options {
			add(o.Label, o.Description)
		}
	})
	return strings.Join(parts, "\n")
}

// Embed is a rich part of a message.
type Embed struct {
	Type        string       `json:"type,omitempty"` // "rich"
	Title       string       `json:"title,omitempty"`
	Description string       `json:"description,omitempty"`
	URL         string       `json:"url,omitempty"`
	Timestamp   string       `json:"timestamp,omitempty"` // RFC 3339
	Color       *int         `json:"color,omitempty"`
	Author      *EmbedAuthor `json:"author,omitempty"`
	Fields      []EmbedField `json:"fields,omitempty"`
	Image       *EmbedMedia  `json:"image,omitempty"`
	Thumbnail   *EmbedMedia  `json:"thumbnail,omitempty"`
	Footer      *EmbedFooter `json:"footer,omitempty"`
}

// EmbedAuthor is the line above an embed's title.
type EmbedAuthor struct {
	Name    string `json:"name"`
	URL     string `json:"url,omitempty"`
	IconURL string `json:"icon_url,omitempty"`
}

// EmbedField is a named value; inline ones stand side by side.
type EmbedField struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Inline bool   `json:"inline"`
}

// EmbedMedia is a picture. An "attachment://" address has been replaced by
// that of the attachment.
type EmbedMedia struct {
	URL         string `json:"url"`
	Description string `json:"description,omitempty"` // alt text
}

// EmbedFooter is the line below an embed.
type EmbedFooter struct {
	Text    string `json:"text"`
	IconURL string `json:"icon_url,omitempty"`
}

// The component types.
const (
	TypeActionRow         = 1
	TypeButton            = 2
	TypeStringSelect      = 3
	TypeTextInput         = 4
	TypeUserSelect        = 5
	TypeRoleSelect        = 6
	TypeMentionableSelect = 7
	TypeChannelSelect     = 8
	TypeSection           = 9
	TypeTextDisplay       = 10
	TypeThumbnail         = 11
	TypeMediaGallery      = 12
	TypeFile              = 13
	TypeSeparator         = 14
	TypeContainer         = 17
	TypeLabel             = 18
	TypeFileUpload        = 19
	TypeRadioGroup        = 21
	TypeCheckboxGroup     = 22
	TypeCheckbox          = 23
)

// The button styles.
const (
	StylePrimary   = 1
	StyleSecondary = 2
	StyleSuccess   = 3
	StyleDanger    = 4
	StyleLink      = 5
	StylePremium   = 6
)

// Component is any component of a message or modal; which fields are used
// depends on its type.
type Component struct {
	Type     int    `json:"type"`
	ID       int    `json:"id"`
	CustomID string `json:"custom_id,omitempty"`
	Disabled bool   `json:"disabled,omitempty"`

	// Buttons, labels and text inputs.
	Style int    `json:"style,omitempty"`
	Label string `json:"label,omitempty"`
	Emoji *Emoji `json:"emoji,omitempty"`
	URL   string `json:"url,omitempty"`
	SKUID string `json:"sku_id,omitempty"`

	// Select menus and choice groups.
	Options       []SelectOption `json:"options,omitempty"`
	Placeholder   string         `json:"placeholder,omitempty"`
	MinValues     *int           `json:"min_values,omitempty"`
	MaxValues     *int           `json:"max_values,omitempty"`
	ChannelTypes  []int          `json:"channel_types,omitempty"`
	DefaultValues []DefaultValue `json:"default_values,omitempty"`

	// Text inputs.
	Value     string `json:"value,omitempty"`
	MinLength *int   `json:"min_length,omitempty"`
	MaxLength *int   `json:"max_length,omitempty"`
	Required  *bool  `json:"required,omitempty"`

	// Layout.
	Components []Component `json:"components,omitempty"` // rows, sections, containers
	Child      *Component  `json:"component,omitempty"`  // labels
	Accessory  *Component  `json:"accessory,omitempty"`  // sections

	// Content.
	Content     string      `json:"content,omitempty"`
	Description string      `json:"description,omitempty"`
	Media       *Media      `json:"media,omitempty"`
	File        *Media      `json:"file,omitempty"`
	Items       []MediaItem `json:"items,omitempty"`
	Spoiler     bool        `json:"spoiler,omitempty"`
	AccentColor *int        `json:"accent_color,omitempty"`
	Divider     *bool       `json:"divider,omitempty"`
	Spacing     int         `json:"spacing,omitempty"`
}

// Select reports whether the component is a select menu.
func (c Component) Select() bool {
	return c.Type == TypeStringSelect || c.Type >= TypeUserSelect && c.Type <= TypeChannelSelect
}

// Interactive reports whether people can use the component: a button or a
// select menu.
func (c Component) Interactive() bool { return c.Type == TypeButton || c.Select() }

// Emoji is a partial emoji.
type Emoji struct {
	ID       string `json:"id,omitempty"`
	Name     string `json:"name,omitempty"`
	Animated bool   `json:"animated,omitempty"`
}

// SelectOption is one choice of a string select, radio or checkbox group.
type SelectOption struct {
	Label       string `json:"label"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
	Emoji       *Emoji `json:"emoji,omitempty"`
	Default     bool   `json:"default,omitempty"`
}

// DefaultValue is a preselected user, role or channel.
type DefaultValue struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// Media is a file shown by a component.
type Media struct {
	URL string `json:"url"`
}

// MediaItem is one picture of a gallery.
type MediaItem struct {
	Media       Media  `json:"media"`
	Description string `json:"description,omitempty"`
	Spoiler     bool   `json:"spoiler,omitempty"`
}

// Attachment is a file of a message. Its bytes can be fetched from URL as
// long as the simulator remembers them.
type Attachment struct {
	ID          string `json:"id"`
	Filename    string `json:"filename"`
	Description string `json:"description,omitempty"` // alt text
	ContentType string `json:"content_type,omitempty"`
	Size        int    `json:"size"`
	URL         string `json:"url"`
	ProxyURL    string `json:"proxy_url"`
}

// walkComponents visits every component, parents first.
func walkComponents(components []Component, visit func(Component)) {
	for _, c := range components {
		visit(c)
		walkComponents(c.Components, visit)
		if c.Child != nil {
			walkComponents([]Component{*c.Child}, visit)
		}
		if c.Accessory != nil {
			walkComponents([]Component{*c.Accessory}, visit)
		}
	}
}

// numberComponents gives every component that has none an ID that is unique
// within the message, in order.
func numberComponents(components []Component) {
	used := map[int]bool{}
	walkComponents(components, func(c Component) { used[c.ID] = true })
	next := 1
	eachComponent(components, func(c *Component) {
		if c.ID != 0 {
			return
		}
		for used[next] {
			next++
		}
		c.ID = next
		next++
	})
}

// eachComponent visits every component for changing it, parents first.
func eachComponent(components []Component, visit func(*Component)) {
	for i := range components {
		c := &components[i]
		visit(c)
		eachComponent(c.Components, visit)
		for _, single := range []*Component{c.Child, c.Accessory} {
			if single != nil {
				visit(single)
				eachComponent(single.Components, visit)
			}
		}
	}
}
