package commands

import "encoding/json"

// Discord's interaction types.
const (
	wirePing         = 1
	wireCommand      = 2
	wireComponent    = 3
	wireAutocomplete = 4
	wireModalSubmit  = 5
)

// Discord's application command types.
const (
	wireChatInput      = 1
	wireUserCommand    = 2
	wireMessageCommand = 3
)

// Discord's types of command options that do not hold a value themselves or
// whose value names something resolved.
const (
	wireSubcommand      = 1
	wireSubcommandGroup = 2
	wireUserOption      = 6
)

const wireEphemeral = 1 << 6 // message flag

// wireInteraction holds the parts of an interaction that the bot uses.
type wireInteraction struct {
	ID            string       `json:"id"`
	ApplicationID string       `json:"application_id"`
	Type          int          `json:"type"`
	Token         string       `json:"token"`
	Data          wireData     `json:"data"`
	Guild         string       `json:"guild_id"`
	Channel       string       `json:"channel_id"`
	Member        *wireMember  `json:"member"`
	User          *wireUser    `json:"user"`
	Message       *wireMessage `json:"message"`
	Permissions   Bits         `json:"app_permissions"`
	Locale        string       `json:"locale"`
	GuildLocale   string       `json:"guild_locale"`
	Owners        *wireOwners  `json:"authorizing_integration_owners"`
}

// wireOwners says on whose behalf the bot takes part in an interaction.
type wireOwners struct {
	Guild *string `json:"0"` // the server the bot was added to; "0" in its direct messages
	User  *string `json:"1"` // the person who added the bot to their own account
}

type wireUser struct {
	ID         string `json:"id"`
	Username   string `json:"username"`
	GlobalName string `json:"global_name"`
	Bot        bool   `json:"bot"`
}

type wireMember struct {
	User        *wireUser `json:"user"`
	Nick        string    `json:"nick"`
	Permissions Bits      `json:"permissions"`
	Roles       []string  `json:"roles"`
}

type wireMessage struct {
	Flags int64 `json:"flags"`
}

type wireData struct {
	Type       int             `json:"type"`
	Name       string          `json:"name"`
	Target     string          `json:"target_id"`
	Options    []wireOption    `json:"options"`
	CustomID   string          `json:"custom_id"`
	Values     []string        `json:"values"`
	Components []wireInput     `json:"components"`
	Resolved   *wireReferences `json:"resolved"`
}

type wireReferences struct {
	Users   map[string]wireUser   `json:"users"`
	Members map[string]wireMember `json:"members"`
}

type wireOption struct {
	Type    int          `json:"type"`
	Name    string       `json:"name"`
	Value   wireValue    `json:"value"`
	Options []wireOption `json:"options"`
	Focused bool         `json:"focused"`
}

// wireInput is a component of a submitted modal: a text input or select, or
// an action row or label around some.
type wireInput struct {
	CustomID   string      `json:"custom_id"`
	Value      string      `json:"value"`
	Values     []string    `json:"values"`
	Component  *wireInput  `json:"component"`
	Components []wireInput `json:"components"`
}

// wireValue is an option's value: a string or a boolean. The bot asks for no
// numbers.
type wireValue struct {
	text string
	yes  bool
}

// UnmarshalJSON implements json.Unmarshaler. It never fails: what is none of
// the two is nothing.
func (v *wireValue) UnmarshalJSON(raw []byte) error {
	*v = wireValue{}
	if len(raw) == 0 {
		return nil
	}
	switch raw[0] {
	case '"':
		_ = json.Unmarshal(raw, &v.text) // the decoder hands out nothing but valid JSON
	case 't':
		v.yes = true
	}
	return nil
}
