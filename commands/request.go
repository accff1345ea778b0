package commands

import (
	"time"

	"github.com/bwmarrin/discordgo"
)

// Kind is the kind of interaction.
type Kind int

const (
	SlashCommand Kind = iota + 1
	UserCommand       // context menu of a user
	Component         // button or select menu
	Autocomplete
	ModalSubmit
	MessageCommand // context menu of a message
	kinds          // one more than the last kind
)

// Request is one interaction, decoded. It holds no token: the credential
// stays with the transport.
type Request struct {
	ID       string // interaction ID, safe to log
	Kind     Kind
	Received time.Time

	// Command is the full path of the command with its subcommand, as
	// "progress" or "privacy set"; for a context menu its name.
	Command string
	Options map[string]Option
	Focused string // name of the option being typed (Autocomplete)

	CustomID string   // Component and ModalSubmit
	Values   []string // select menu
	// Fields are a modal's inputs by custom ID; the values of a select in
	// a modal are joined by commas.
	Fields map[string]string

	User        User
	Target      *User // user the context menu was opened on (UserCommand)
	Guild       string
	Channel     string
	Permissions int64 // the user's, in this channel; 0 outside servers
	// Roles are the IDs of the user's roles, that of everyone left out.
	Roles []string
	// AppPermissions are the bot's own in this channel.
	AppPermissions int64
	// BotInGuild says that the bot itself was added to the server, not only
	// by the user to their own account.
	BotInGuild  bool
	Locale      string // the user's
	GuildLocale string

	// Message is the message a component sits on.
	Message *Message
}

// updatable reports whether the answer may change a message.
func (r *Request) updatable() bool {
	return r.Kind == Component || r.Kind == ModalSubmit && r.Message != nil
}

// here is the server that a choice of announcements is for, "" outside of
// those that the bot was added to.
func (r *Request) here() string {
	if !r.BotInGuild {
		return ""
	}
	return r.Guild
}

// manages reports whether the asker manages the server.
func (r *Request) manages() bool {
	return r.Guild != "" && r.Permissions&(discordgo.PermissionManageGuild|discordgo.PermissionAdministrator) != 0
}

// Option is one value a person gave. Which field is set follows from the
// option's type; an option of another type than expected reads as zero.
type Option struct {
	Text string // STRING, and the ID for USER, CHANNEL and ROLE
	Bool bool
	User *User // USER, resolved
}

// User is a person as Discord sent them with the interaction.
type User struct {
	ID     string
	Name   string // nick, else global name, else user name
	Bot    bool
	Member bool // known to be a member of this server
}

// Message is what is known of a message.
type Message struct {
	Private bool // ephemeral
}
