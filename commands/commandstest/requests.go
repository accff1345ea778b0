package commandstest

import (
	"maps"
	"time"

	"progressbot/commands"
)

// IDs of the world that the builders put requests into.
const (
	Interaction = "1000000000000000001"
	Guild       = "700000000000000001"
	Channel     = "710000000000000001"
	Message     = "1100000000000000001"
)

// Ada is who asks unless a test says otherwise.
func Ada() commands.User { return commands.User{ID: "500000000000000001", Name: "Ada", Member: true} }

// Bob is another member of the same server.
func Bob() commands.User { return commands.User{ID: "500000000000000002", Name: "Bob", Member: true} }

// Robot is a bot in the same server.
func Robot() commands.User {
	return commands.User{ID: "500000000000000003", Name: "Robot", Bot: true, Member: true}
}

// Options are the values given with a command.
type Options map[string]commands.Option

// Text is a string option's value.
func Text(s string) commands.Option { return commands.Option{Text: s} }

// Yes is a boolean option's value when it is true.
func Yes() commands.Option { return commands.Option{Bool: true} }

// Member is a user option's value.
func Member(u commands.User) commands.Option { return commands.Option{Text: u.ID, User: &u} }

// Slash is Ada using a slash command, by its full path, in a server.
func Slash(path string, o Options) commands.Request {
	r := request(commands.SlashCommand)
	r.Command, r.Options = path, o
	return r
}

// Menu is Ada using a context menu command on somebody.
func Menu(name string, target commands.User) commands.Request {
	r := request(commands.UserCommand)
	r.Command, r.Target = name, &target
	return r
}

// Type is Ada typing into an option, with the others given so far.
func Type(path, option, typed string, others Options) commands.Request {
	r := request(commands.Autocomplete)
	r.Command, r.Focused = path, option
	r.Options = Options{option: Text(typed)}
	maps.Copy(r.Options, others)
	return r
}

// Press is Ada pressing a button of a private message, or picking values
// from one of its menus.
func Press(customID string, values ...string) commands.Request {
	r := request(commands.Component)
	r.CustomID, r.Values = customID, values
	r.Message = &commands.Message{Private: true}
	return r
}

// Submit is Ada sending a modal that was not opened from a message.
func Submit(customID string, fields map[string]string) commands.Request {
	r := request(commands.ModalSubmit)
	r.CustomID, r.Fields = customID, fields
	return r
}

// By lets somebody else do it.
func By(u commands.User, r commands.Request) commands.Request {
	r.User = u
	return r
}

// InDM moves a request to the bot's direct messages.
func InDM(r commands.Request) commands.Request {
	r.Guild, r.GuildLocale, r.BotInGuild, r.Permissions = "", "", false, 0
	r.User.Member = false
	return r
}

func request(k commands.Kind) commands.Request {
	return commands.Request{
		ID:          Interaction,
		Kind:        k,
		Received:    time.Now(),
		User:        Ada(),
		Guild:       Guild,
		Channel:     Channel,
		BotInGuild:  true,
		Locale:      "en-US",
		GuildLocale: "en-US",
	}
}
