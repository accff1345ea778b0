package commands

import (
	"context"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds"
	"progressbot/embeds/catalog"
)

// Handler answers one use of a command. It returns its whole answer and
// never sends anything by itself. An error it returns is put into words by
// the router, so it carries facts, not sentences.
//
// ctx ends when nobody waits for the answer any more; a handler returns soon
// after that.
type Handler func(ctx context.Context, r Request) (Reply, error)

// ActionHandler answers a press, a pick or a submitted modal whose custom ID
// holds a.
type ActionHandler func(ctx context.Context, r Request, a embeds.Action) (Reply, error)

// Suggester proposes values for the option that is being typed, best first.
// It has about a second; where it fails, the person sees an empty list.
type Suggester func(ctx context.Context, r Request) ([]*discordgo.ApplicationCommandOptionChoice, error)

// Command is one command as data: what Discord is told about it, who may use
// it, and what happens then.
type Command struct {
	Definition *discordgo.ApplicationCommand
	Policy     Policy

	// Handle holds a handler for the command, or for each of its
	// subcommands, by full path as in [Request.Command].
	Handle map[string]Handler
	// Private decides from the request alone whether the answer will be for
	// the asker only. It is asked when the answer is late, because an
	// acknowledgement fixes the visibility, so it must not wait for
	// anything. Nil means always.
	Private func(ctx context.Context, r Request) bool

	// Suggest completes options that ask for it; nil for a command with none.
	Suggest Suggester
	// Actions are the command's buttons, selects and modals by the name in
	// their custom ID. The names are the whole bot's: no two commands share
	// one.
	Actions map[string]Action
}

// Action is one kind of button, select or modal.
type Action struct {
	Handle ActionHandler
	// Modal says that the answer is a modal, which Discord accepts only as
	// the first answer: such an action is never deferred and has to be done
	// within about two seconds.
	Modal bool
	// Replace says that the button sits on a message that is in the way
	// when the action fails once more: what went wrong takes its place.
	// Otherwise the message stays, and people are told in a new one.
	Replace bool
	// Anew is the full path of the command that makes the message that the
	// button sits on. Default: the command's first.
	Anew string
}

// Policy says who may use a command, its buttons included.
type Policy struct {
	// Guild restricts the command to servers that the bot was added to.
	Guild bool
	// Permission is what the person needs in the channel, all of it; 0 for
	// nothing. Administrators have every permission. Discord checks this
	// too, but server admins can override what it checks.
	Permission int64
}

// check returns why r may not pass, or nil.
func (p Policy) check(r *Request) error {
	switch {
	case p.Guild && (r.Guild == "" || !r.BotInGuild):
		return refuse(embeds.ProblemView{Kind: embeds.GuildOnly})
	case p.Permission == 0, r.Permissions&discordgo.PermissionAdministrator != 0, r.Permissions&p.Permission == p.Permission:
		return nil
	default:
		return refuse(embeds.ProblemView{
			Kind: embeds.NotAllowed, Permission: embeds.PermissionNames(catalog.For(r.Locale), p.Permission),
		})
	}
}
