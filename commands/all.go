package commands

import (
	"context"
	"log/slog"
	"time"
)

// Deps are what the commands work with.
type Deps struct {
	// Progress knows people's progress. Required.
	Progress Fetcher
	// Visibility says whose progress may be shown to whom. Default:
	// everybody's to everybody.
	Visibility Visibility
	// Replies says where replies are public unless asked otherwise.
	// Default: nowhere.
	Replies ReplyDefaults
	// Boards knows the leaderboards. Default: nobody is on any.
	Boards Boards
	// Standings learns what members' own progress shows. Default: nobody does.
	Standings Standings
	// Faults is told when the progress API fails and answers again. Give
	// the [Router] the same. Default: one that nobody reads.
	Faults *FaultLog
	// Mentions makes command names clickable. Give the [Router] the same.
	// Default: plain names.
	Mentions *Mentions
	// WalletURL is where rewards can be claimed, "" for nowhere; "{user}"
	// in it stands for the person's ID.
	WalletURL string
	// Now stamps what people see. Default: time.Now.
	Now func() time.Time
}

func (d Deps) withDefaults() Deps {
	if d.Visibility == nil {
		d.Visibility = everybody{}
	}
	if d.Replies == nil {
		d.Replies = private{}
	}
	if d.Boards == nil {
		d.Boards = nobody{}
	}
	if d.Standings == nil {
		d.Standings = unrecorded{}
	}
	if d.Faults == nil {
		d.Faults = NewFaultLog(slog.New(slog.DiscardHandler))
	}
	if d.Mentions == nil {
		d.Mentions = new(Mentions)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	return d
}

// everybody lets everybody see everybody's progress.
type everybody struct{}

func (everybody) MayView(context.Context, User, User, string) (bool, error) { return true, nil }

// private keeps every reply private.
type private struct{}

func (private) PublicByDefault(context.Context, string) bool { return false }

// All returns every command of the bot, in the order in which people read
// about them. It is the only list.
func All(d Deps) []Command {
	d = d.withDefaults()
	p := newProgress(d)
	all := []Command{
		p.command(),
		p.menu(),
		leaderboard{d}.command(),
	}
	return append(all, help(d, all))
}
