package commands

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// outcome is how a request ended. It is a label of a metric: the set is
// closed.
type outcome int

const (
	answered      outcome = iota // as asked for
	refused                      // in words: not allowed, not there, not theirs, too fast
	unknown                      // no such command or button (any more)
	unavailable                  // the progress API, or Discord, was needed and did not help
	misconfigured                // the progress API refuses the bot
	storeDown                    // the bot's own store was needed and did not help
	turnedAway                   // the bot had no capacity left
	timedOut                     // the handler was given up on
	failed                       // an error that nobody foresaw
	panicked                     // something panicked on its way
	gone                         // Discord did not wait for the answer
	undelivered                  // the answer did not get through
	outcomes                     // how many there are
)

// String is the outcome's label.
func (o outcome) String() string {
	return [...]string{
		"answered", "refused", "unknown", "unavailable", "misconfigured", "store_unavailable",
		"turned_away", "timed_out", "failed", "panicked", "gone", "undelivered",
	}[o]
}

// String is the kind's label.
func (k Kind) String() string {
	switch k {
	case SlashCommand:
		return "slash"
	case UserCommand:
		return "user"
	case MessageCommand:
		return "message"
	case Component:
		return "component"
	case Autocomplete:
		return "autocomplete"
	case ModalSubmit:
		return "modal"
	default:
		return "other"
	}
}

// series are the counters of one kind of use of one command.
type series struct {
	outcomes [outcomes]*metrics.Counter
	deferred *metrics.Counter
	first    *metrics.PrometheusHistogram // seconds until Discord had a first answer
}

// firstAnswerBuckets are fine around the limits that matter: 1 s for
// suggestions, 1.2 s for the deferral, 3 s for everything.
func firstAnswerBuckets() []float64 {
	return []float64{.005, .01, .025, .05, .1, .25, .5, 1, 1.25, 1.5, 2, 2.5, 3}
}

// newSeries makes the counters for every kind of use that cmd can see. They
// exist from the start, so that a rate over them has a beginning.
func newSeries(set *metrics.Set, cmd *command) (s [kinds]*series) {
	for k := range kinds {
		if !cmd.sees(k) {
			continue
		}
		labels := fmt.Sprintf("command=%q,kind=%q", cmd.name, k)
		one := &series{
			deferred: set.GetOrCreateCounter("progressbot_interactions_deferred_total{" + labels + "}"),
			first: set.GetOrCreatePrometheusHistogramExt(
				"progressbot_interaction_first_answer_seconds{"+labels+"}", firstAnswerBuckets()),
		}
		for o := range outcomes {
			one.outcomes[o] = set.GetOrCreateCounter(fmt.Sprintf("progressbot_interactions_total{%s,outcome=%q}", labels, o))
		}
		s[k] = one
	}
	return s
}

// sees reports whether requests of kind k can be on cmd's account.
func (cmd *command) sees(k Kind) bool {
	d := cmd.Definition
	if d == nil { // stands for all that is not ours
		return k > 0
	}
	switch k {
	case SlashCommand, UserCommand, MessageCommand:
		return kindOf(d.Type) == k
	case Autocomplete:
		return cmd.Suggest != nil
	case Component, ModalSubmit:
		return len(cmd.Actions) > 0
	default:
		return false
	}
}

// record counts the request and writes its one line at debug, and one at a
// higher level when the operator has to know about this very request.
func (rt *Router) record(x *exchange) {
	if s := rt.seriesOf(x.task.cmd, x.req.Kind); s != nil {
		s.outcomes[x.outcome].Inc()
		if x.deferred {
			s.deferred.Inc()
		}
		if !x.first.IsZero() {
			s.first.Update(x.first.Sub(x.req.Received).Seconds())
		}
	}
	level := slog.LevelDebug
	if x.outcome == failed || x.outcome == panicked || x.outcome == timedOut && x.task.suggest == nil {
		level = slog.LevelError
	}
	ctx := x.ctx
	if !rt.o.Log.Enabled(ctx, level) {
		return
	}
	rt.o.Log.LogAttrs(ctx, level, "interaction", x.attrs(time.Now())...)
}

// seriesOf returns the counters for a use of cmd. A kind of use that the
// command does not have is counted under "other".
func (rt *Router) seriesOf(cmd *command, k Kind) *series {
	if k <= 0 || k >= kinds {
		return nil
	}
	if s := cmd.series[k]; s != nil {
		return s
	}
	return rt.unknown.series[k]
}

// attrs describes the request in the log.
func (x *exchange) attrs(now time.Time) []slog.Attr {
	attrs := []slog.Attr{
		slog.String("interaction", x.req.ID),
		slog.String("kind", x.req.Kind.String()),
		slog.String("command", x.task.cmd.name),
		slog.String("outcome", x.outcome.String()),
		slog.String("user", x.req.User.ID),
		slog.String("guild", x.req.Guild),
		slog.Duration("took", now.Sub(x.req.Received)),
		slog.Bool("deferred", x.deferred),
	}
	if x.reference != "" {
		attrs = append(attrs, slog.String("reference", x.reference))
	}
	if x.err != nil {
		attrs = append(attrs, slog.Any("err", x.err))
	}
	if p, ok := errors.AsType[*panicError](x.err); ok {
		attrs = append(attrs, slog.String("panic", fmt.Sprint(p.value)), slog.String("stack", string(p.stack)))
	}
	return attrs
}
