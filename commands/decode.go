package commands

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ErrPing: the interaction is Discord asking whether an HTTP endpoint is
// alive. Nobody asked for anything, so there is no [Request]; the transport
// answers it by itself.
var ErrPing = errors.New("interaction is a ping")

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

// Decode reads the raw JSON object of one interaction that arrived at
// received. It takes what it knows and passes over everything else: unknown
// components, missing parts and parts of a wrong type never fail it.
//
// Errors: [ErrPing] for a PING; anything else means that the object is not
// JSON, lacks its ID, its token or its person, or is of a type that did not
// exist when this was written. The credentials are filled as far as they
// were readable even then, so that a transport may still say something.
// Errors never quote the payload.
func Decode(raw []byte, received time.Time) (Request, Credentials, error) {
	var w wireInteraction
	if err := json.Unmarshal(raw, &w); err != nil {
		// A value of a wrong type reads as missing; encoding/json has
		// decoded all the others.
		if _, mistyped := errors.AsType[*json.UnmarshalTypeError](err); !mistyped {
			return Request{}, Credentials{}, fmt.Errorf("decode interaction: %w", err)
		}
	}
	c := Credentials{ApplicationID: w.ApplicationID, InteractionID: w.ID, Token: w.Token}
	if w.Type == wirePing {
		return Request{}, c, ErrPing
	}
	if w.ID == "" || w.Token == "" {
		return Request{}, c, errors.New("decode interaction: no id or no token")
	}
	r := Request{Received: received}
	if !w.person(&r) {
		return Request{}, c, errors.New("decode interaction: neither member nor user")
	}
	w.place(&r)
	if !w.kind(&r) {
		return Request{}, c, fmt.Errorf("decode interaction: unknown type %d", w.Type)
	}
	return r, c, nil
}

// wireInteraction holds the parts of an interaction that the bot uses.
type wireInteraction struct {
	ID            string       `json:"id"`
	ApplicationID string       `json:"application_id"`
	Type          int          `json:"type"`
	Token         string       `json:"token"`
	Data          wireData     `json:"data"`
	Guild         string       `json:"guild_id"`
	Channel       string       `json:"channel_id"`
	Context       *int         `json:"context"`
	Member        *wireMember  `json:"member"`
	User          *wireUser    `json:"user"`
	Message       *wireMessage `json:"message"`
	Permissions   wireBits     `json:"app_permissions"`
	Locale        string       `json:"locale"`
	GuildLocale   string       `json:"guild_locale"`
	Owners        *wireOwners  `json:"authorizing_integration_owners"`
	Limit         int64        `json:"attachment_size_limit"`
}

type wireOwners struct {
	Guild *string `json:"0"` // the server the bot was added to; "0" in its direct messages
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
	Roles       []string  `json:"roles"`
	Permissions wireBits  `json:"permissions"`
}

type wireMessage struct {
	ID       string `json:"id"`
	Flags    int64  `json:"flags"`
	Metadata struct {
		User wireUser `json:"user"`
	} `json:"interaction_metadata"`
	Interaction struct {
		User wireUser `json:"user"`
	} `json:"interaction"` // what interaction_metadata was called before
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

// wireBits is a permission set, which Discord writes as a decimal string.
type wireBits int64

// UnmarshalJSON implements json.Unmarshaler. It never fails: what is no
// number grants nothing.
func (b *wireBits) UnmarshalJSON(raw []byte) error {
	n, err := strconv.ParseUint(strings.Trim(string(raw), `"`), 10, 64)
	if err != nil {
		n = 0
	}
	*b = wireBits(n) //nolint:gosec // a bit set: the sign bit is a bit like any other
	return nil
}

// wireValue is an option's value: a string, a number or a boolean.
type wireValue struct {
	text string
	num  int64
	yes  bool
}

// UnmarshalJSON implements json.Unmarshaler. It never fails: what is none of
// the three is nothing.
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
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		v.num = wholeNumber(string(raw))
	}
	return nil
}

// wholeNumber reads a JSON number towards zero. Discord's numbers stay within
// 2^53; what is beyond reads as 0.
func wholeNumber(s string) int64 {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f >= 1<<53 || f <= -1<<53 {
		return 0
	}
	return int64(f)
}

// person fills in who asked, and reports whether anybody did.
func (w *wireInteraction) person(r *Request) bool {
	switch {
	case w.Member != nil && w.Member.User != nil && w.Member.User.ID != "":
		r.User = w.Member.User.person(w.Member)
		r.Permissions = int64(w.Member.Permissions)
	case w.User != nil && w.User.ID != "":
		r.User = w.User.person(nil)
	default:
		return false
	}
	return true
}

// person joins the user and what the server knows about them, if anything.
func (u *wireUser) person(m *wireMember) User {
	p := User{ID: u.ID, Name: u.Username, Bot: u.Bot}
	if u.GlobalName != "" {
		p.Name = u.GlobalName
	}
	if m == nil {
		return p
	}
	p.Member = true
	p.Roles = m.Roles
	if m.Nick != "" {
		p.Name = m.Nick
	}
	return p
}

// place fills in where the interaction happened and under which conditions.
func (w *wireInteraction) place(r *Request) {
	r.ID = w.ID
	r.Guild, r.Channel = w.Guild, w.Channel
	r.Locale, r.GuildLocale = w.Locale, w.GuildLocale
	r.AppPermissions = int64(w.Permissions)
	r.AttachmentLimit = w.Limit
	r.Context = w.context()
	// Without the owners the payload is from the time when bots could be
	// added to servers only.
	r.BotInGuild = w.Guild != "" &&
		(w.Owners == nil || w.Owners.Guild != nil && *w.Owners.Guild == w.Guild)
	if m := w.Message; m != nil {
		r.Message = &MessageRef{ID: m.ID, Private: m.Flags&wireEphemeral != 0, InteractionUser: m.Metadata.User.ID}
		if r.Message.InteractionUser == "" {
			r.Message.InteractionUser = m.Interaction.User.ID
		}
	}
}

// context is where the interaction happened, concluded from the rest where
// Discord did not say.
func (w *wireInteraction) context() int {
	switch {
	case w.Context != nil:
		return *w.Context
	case w.Guild != "":
		return InGuild
	case w.Owners != nil && w.Owners.Guild == nil:
		return InPrivateChannel // the bot is there only through the asker's account
	default:
		return InBotDM
	}
}

// kind fills in what was asked, and reports whether the type is known.
func (w *wireInteraction) kind(r *Request) bool {
	switch w.Type {
	case wireCommand:
		return w.command(r)
	case wireAutocomplete:
		r.Kind = Autocomplete
		w.options(r)
	case wireComponent:
		r.Kind = Component
		r.CustomID, r.Values = w.Data.CustomID, w.Data.Values
	case wireModalSubmit:
		r.Kind = ModalSubmit
		r.CustomID = w.Data.CustomID
		r.Fields = make(map[string]string, len(w.Data.Components))
		fields(r.Fields, w.Data.Components)
	default:
		return false
	}
	return true
}

func (w *wireInteraction) command(r *Request) bool {
	switch w.Data.Type {
	case wireChatInput, 0: // the oldest payloads had only these
		r.Kind = SlashCommand
		w.options(r)
		return true
	case wireUserCommand:
		r.Kind = UserCommand
	case wireMessageCommand:
		r.Kind = MessageCommand
	default:
		return false
	}
	r.Command = w.Data.Name
	if w.Data.Type == wireUserCommand && w.Data.Target != "" {
		r.Target = w.Data.Resolved.user(w.Data.Target)
	}
	return true
}

// options fills in the command's path and the options at its end. Discord
// nests a subcommand at most in one group.
func (w *wireInteraction) options(r *Request) {
	r.Command = w.Data.Name
	opts := w.Data.Options
	for range 2 {
		if len(opts) != 1 || opts[0].Type != wireSubcommand && opts[0].Type != wireSubcommandGroup {
			break
		}
		r.Command += " " + opts[0].Name
		opts = opts[0].Options
	}
	if len(opts) == 0 {
		return
	}
	r.Options = make(map[string]Option, len(opts))
	for i := range opts {
		o := &opts[i]
		v := Option{Text: o.Value.text, Int: o.Value.num, Bool: o.Value.yes}
		if v.Text != "" && o.Type == wireUserOption {
			v.User = w.Data.Resolved.user(v.Text)
		}
		r.Options[o.Name] = v
		if o.Focused {
			r.Focused = o.Name
		}
	}
}

// user resolves a user ID. One that Discord did not describe is a person of
// whom nothing but the ID is known.
func (x *wireReferences) user(id string) *User {
	if x == nil {
		return &User{ID: id}
	}
	u, ok := x.Users[id]
	if !ok {
		return &User{ID: id}
	}
	u.ID = id
	var p User
	if m, member := x.Members[id]; member {
		p = u.person(&m)
	} else {
		p = u.person(nil)
	}
	return &p
}

// fields collects a modal's inputs, whichever containers they sit in.
func fields(into map[string]string, inputs []wireInput) {
	for i := range inputs {
		in := &inputs[i]
		switch {
		case in.Component != nil:
			fields(into, []wireInput{*in.Component})
		case len(in.Components) > 0:
			fields(into, in.Components)
		case in.CustomID == "":
		case len(in.Values) > 0:
			into[in.CustomID] = strings.Join(in.Values, ",")
		default:
			into[in.CustomID] = in.Value
		}
	}
}
