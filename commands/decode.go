package commands

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrPing says that the interaction is Discord asking whether an HTTP endpoint is
// alive. Nobody asked for anything, so there is no [Request]; the transport
// answers it by itself.
var ErrPing = errors.New("interaction is a ping")

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
	if w.Owners != nil && *w.Owners == (wireOwners{}) {
		w.Owners = nil // names nobody, so it tells no more than one that is absent
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

// person fills in who asked, and reports whether anybody did.
func (w *wireInteraction) person(r *Request) bool {
	switch {
	case w.Member != nil && w.Member.User != nil && w.Member.User.ID != "":
		r.User = w.Member.User.person(w.Member)
		r.Permissions, r.Roles = int64(w.Member.Permissions), w.Member.Roles
	case w.User != nil && w.User.ID != "":
		r.User = w.User.person(nil)
	default:
		return false
	}
	return true
}

// person joins the user and what the server knows about them, if anything.
func (u *wireUser) person(m *wireMember) User {
	p := User{ID: u.ID, Name: cmp.Or(u.GlobalName, u.Username), Bot: u.Bot}
	if m != nil {
		p.Name, p.Member = cmp.Or(m.Nick, p.Name), true
	}
	return p
}

// place fills in where the interaction happened and under which conditions.
func (w *wireInteraction) place(r *Request) {
	r.ID = w.ID
	r.Guild, r.Channel = w.Guild, w.Channel
	r.Locale, r.GuildLocale = w.Locale, w.GuildLocale
	r.AppPermissions = int64(w.Permissions)
	// Without the owners the payload is from the time when bots could be
	// added to servers only.
	r.BotInGuild = w.Guild != "" &&
		(w.Owners == nil || w.Owners.Guild != nil && *w.Owners.Guild == w.Guild)
	if m := w.Message; m != nil {
		r.Message = &Message{Private: m.Flags&wireEphemeral != 0}
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
		v := Option{Text: o.Value.text, Bool: o.Value.yes}
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
	if m, member := x.Members[id]; member {
		return new(u.person(&m))
	}
	return new(u.person(nil))
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
