package commands

import (
	"context"
	"errors"

	"progressbot/embeds"
)

// handler lets a button do what a command does.
func handler(h Handler) ActionHandler {
	return func(ctx context.Context, r Request, _ embeds.Action) (Reply, error) { return h(ctx, r) }
}

// panel is a private answer that takes the place of the panel it came from.
func panel(r *Request, m embeds.Message) Reply {
	return Reply{Message: m, Private: true, Update: r.updatable()}
}

// again adds to a failure the button that opens a panel, where people see
// what is stored and go on from there.
func again(r *Request, action string, err error) error {
	if _, refused := errors.AsType[*refusal](err); refused || err == nil {
		return err
	}
	return &retryable{err, embeds.Action{Name: action, Owner: r.User.ID}}
}

// flag reads from a button what something is to become.
func flag(a embeds.Action) *bool {
	on := a.Page == 1
	return &on
}

// given reads a boolean option, nil if it was left out.
func given(r *Request, option string) *bool {
	o, ok := r.Options[option]
	if !ok {
		return nil
	}
	return &o.Bool
}

// set gives a setting its new value, if there is one.
func set[T any](at *T, value *T) {
	if value != nil {
		*at = *value
	}
}
