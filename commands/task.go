package commands

import (
	"context"
	"strings"
	"time"

	"progressbot/embeds"
)

// task is what a request asks for: one of a command's handler, its
// suggestions and one of its actions.
type task struct {
	cmd      *command
	handle   Handler
	suggest  Suggester
	isAction bool
	action   Action
	parsed   embeds.Action
}

// find returns the task that a request asks for. With an error, the task still
// names the command whose metrics the request is counted in.
func (rt *Router) find(r *Request) (task, error) {
	t := task{cmd: rt.unknown}
	switch r.Kind {
	case Component, ModalSubmit:
		a, err := embeds.ParseAction(r.CustomID)
		route, ok := rt.actions[a.Name]
		if !ok {
			return t, errUnknown
		}
		if err != nil { // of another version, in which the name may mean the same
			return task{cmd: route.owner, action: Action{Anew: route.action.Anew}}, errUnknown
		}
		return task{cmd: route.owner, isAction: true, action: route.action, parsed: a}, nil
	case UserCommand, MessageCommand:
		if cmd, ok := rt.menus[menuKey{r.Kind, r.Command}]; ok {
			t.cmd = cmd
		}
	default:
		name, _, _ := strings.Cut(r.Command, " ")
		if cmd, ok := rt.slash[name]; ok {
			t.cmd = cmd
		}
	}
	if r.Kind == Autocomplete {
		t.suggest = t.cmd.Suggest
	} else {
		t.handle = t.cmd.Handle[r.Command]
	}
	if t.suggest == nil && t.handle == nil {
		return t, errUnknown
	}
	return t, nil
}

// admit returns why the task may not be done for a request, or nil.
func (t *task) admit(r *Request) error {
	if err := t.cmd.Policy.check(r); err != nil {
		return err
	}
	if t.isAction && t.parsed.Owner != "" && t.parsed.Owner != r.User.ID {
		return refuse(embeds.ProblemView{Kind: embeds.ForeignButton})
	}
	return nil
}

// anew is the path of the command that makes a message like the one that the
// task's button sits on, "" if it is not known: the action's own, else the
// command's first.
func (t *task) anew() string {
	switch {
	case t.cmd.Definition == nil:
		return ""
	case t.action.Anew != "":
		return t.action.Anew
	default:
		return leaves(t.cmd.Definition)[0].path
	}
}

// within is how long the task's handler has.
func (t *task) within() time.Duration {
	switch {
	case t.suggest != nil:
		return suggestBy
	case t.action.Modal:
		return modalBy
	default:
		return handleBy
	}
}

// run calls the handler. A panic becomes an error.
func (t *task) run(ctx context.Context, r *Request) (reply Reply, err error) {
	err = guard(func() (err error) { reply, err = t.call(ctx, r); return err })
	return reply, err
}

func (t *task) call(ctx context.Context, r *Request) (reply Reply, err error) {
	switch {
	case t.suggest != nil:
		reply.Choices, err = t.suggest(ctx, *r)
		return reply, err
	case t.isAction:
		return t.action.Handle(ctx, *r, t.parsed)
	default:
		return t.handle(ctx, *r)
	}
}

// deferral is how the task's answer is acknowledged when it takes long: a
// button's changes its message, a command's is a new one.
func (t *task) deferral(ctx context.Context, r *Request) Deferral {
	if r.updatable() {
		return Deferral{Update: true}
	}
	return Deferral{Private: t.cmd.Private == nil || t.cmd.Private(ctx, *r)}
}
