package commands

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/bwmarrin/discordgo"

	"progressbot/embeds"
)

// How long things may take, counted from [Request.Received]. Discord gives 3
// seconds for the first answer, and the way there and back is not ours.
const (
	deferAfter    = 1200 * time.Millisecond // when a late answer is acknowledged
	firstAnswerBy = 2900 * time.Millisecond
	handleBy      = 12 * time.Second        // what a handler has,
	modalBy       = 2300 * time.Millisecond // one that answers with a modal,
	suggestBy     = 800 * time.Millisecond  // and one that suggests
	suggestAnyway = 900 * time.Millisecond  // when an empty list goes out without it
	modalAnyway   = 2500 * time.Millisecond
)

const (
	// leastTime is granted to an attempt to answer even when it comes late.
	leastTime = 500 * time.Millisecond
	// completeTime is what the answer after an acknowledgement may take. It
	// outlasts a short outage: what is not delivered leaves the person with
	// "thinking…" for good.
	completeTime = 20 * time.Second
	// overdueAfter is what a handler gets beyond its deadline to return.
	overdueAfter = time.Second
)

// Options are what a [Router] works with. The zero value works.
type Options struct {
	Log     *slog.Logger // default: none
	Metrics *metrics.Set // default: one that nobody reads
	Faults  *FaultLog    // default: one that writes to Log
	// Mentions knows the commands' IDs once they are registered; nil if
	// nothing ever does.
	Mentions *Mentions
	Limits   Limits
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = metrics.NewSet()
	}
	if o.Faults == nil {
		o.Faults = NewFaultLog(o.Log)
	}
	if o.Mentions == nil {
		o.Mentions = new(Mentions)
	}
	o.Limits = o.Limits.withDefaults()
	return o
}

// Router brings every request to the command that answers it and sees to it
// that it is answered exactly once, in time and in words. It is safe for
// concurrent use.
type Router struct {
	o       Options
	order   []*discordgo.ApplicationCommand
	slash   map[string]*command // by name
	menus   map[menuKey]*command
	actions map[string]actionRoute // by the name in the custom ID
	unknown *command               // stands for every command that is not ours

	people  *people
	serving sync.WaitGroup
}

// command is a Command with its counters.
type command struct {
	Command
	name   string
	series [kinds]*series
}

type menuKey struct {
	kind Kind
	name string
}

type actionRoute struct {
	owner  *command
	action Action
}

// NewRouter returns a router over cmds, in the order in which people should
// read about them. It panics on anything that is wrong with cmds whatever
// happens later: a name or action taken twice, a subcommand without handler,
// a definition that Discord would refuse.
func NewRouter(o Options, cmds ...Command) *Router {
	rt := &Router{
		o:       o.withDefaults(),
		slash:   make(map[string]*command),
		menus:   make(map[menuKey]*command),
		actions: make(map[string]actionRoute),
	}
	rt.people = newPeople(rt.o.Limits)
	rt.unknown = &command{name: "other"}
	rt.unknown.series = newSeries(rt.o.Metrics, rt.unknown)
	for _, c := range cmds {
		if err := c.check(); err != nil {
			panic("commands: " + err.Error())
		}
		rt.add(c)
	}
	return rt
}

func (rt *Router) add(c Command) {
	d := c.Definition
	cmd := &command{Command: c, name: d.Name}
	cmd.series = newSeries(rt.o.Metrics, cmd)
	switch d.Type {
	case discordgo.ChatApplicationCommand:
		mustBeFree(rt.slash, d.Name)
		rt.slash[d.Name] = cmd
	default:
		k := menuKey{kindOf(d.Type), d.Name}
		mustBeFree(rt.menus, k)
		rt.menus[k] = cmd
	}
	for name, a := range c.Actions {
		mustBeFree(rt.actions, name)
		rt.actions[name] = actionRoute{cmd, a}
	}
	rt.order = append(rt.order, d)
}

func kindOf(t discordgo.ApplicationCommandType) Kind {
	switch t {
	case discordgo.UserApplicationCommand:
		return UserCommand
	case discordgo.MessageApplicationCommand:
		return MessageCommand
	default:
		return SlashCommand
	}
}

func mustBeFree[K comparable, V any](m map[K]V, k K) {
	if _, taken := m[k]; taken {
		panic(fmt.Sprintf("commands: %v is taken twice", k))
	}
}

// Definitions returns what Discord has to know, in the order of the commands.
// It is not to be changed.
func (rt *Router) Definitions() []*discordgo.ApplicationCommand { return rt.order }

// Wait returns when every call of [Router.Serve] is over, with everything
// that it started. Nothing may call Serve afterwards.
func (rt *Router) Wait() { rt.serving.Wait() }

// Serve answers one request through resp and returns when that is done. It
// works in the caller's goroutine, so that the caller's pool of workers is
// the bound; a slow request is acknowledged from a timer meanwhile.
//
// ctx ends the handler early, not the sending of its answer: that has
// deadlines of its own.
func (rt *Router) Serve(ctx context.Context, r Request, resp Responder) {
	rt.serving.Add(1)
	defer rt.serving.Done()
	t, err := rt.find(&r)
	x := exchange{rt: rt, ctx: context.WithoutCancel(ctx), req: &r, resp: resp, task: t}
	var reply Reply
	if err == nil {
		reply, err = rt.attend(ctx, &x)
	}
	x.finish(reply, err)
	rt.record(&x)
}

// TurnAway answers a request that the caller has no room for: in words, at
// once, and without asking its command.
func (rt *Router) TurnAway(ctx context.Context, r Request, resp Responder) {
	rt.serving.Add(1)
	defer rt.serving.Done()
	t, _ := rt.find(&r) // only for whose account it goes on
	x := exchange{rt: rt, ctx: context.WithoutCancel(ctx), req: &r, resp: resp, task: t}
	x.finish(Reply{}, errNoRoom)
	rt.record(&x)
}

// attend counts the person in, asks the policy and runs the handler.
func (rt *Router) attend(ctx context.Context, x *exchange) (Reply, error) {
	m := rt.people.enter(x.req.User.ID, x.req.Kind, time.Now())
	if m == nil {
		return Reply{}, refuse(embeds.ProblemView{Kind: embeds.SlowDown})
	}
	defer rt.people.leave(m)
	if err := x.task.admit(x.req); err != nil {
		return Reply{}, err
	}
	x.arm()
	ctx, cancel := context.WithDeadline(ctx, x.req.Received.Add(x.task.within()))
	defer cancel()
	return x.task.run(ctx, x.req)
}
