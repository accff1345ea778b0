package commands_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"

	"progressbot/commands"
	"progressbot/commands/commandstest"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

type choices = []*discordgo.ApplicationCommandOptionChoice

// slow returns a handler that works for d, or less if ctx ends.
func slow(d time.Duration, r commands.Reply) commands.Handler {
	return func(ctx context.Context, _ commands.Request) (commands.Reply, error) {
		select {
		case <-time.After(d):
			return r, nil
		case <-ctx.Done():
			return commands.Reply{}, ctx.Err()
		}
	}
}

func acting(name string, h commands.Handler) func(*commands.Command) {
	return func(c *commands.Command) {
		if c.Actions == nil {
			c.Actions = map[string]commands.Action{}
		}
		c.Actions[name] = commands.Action{
			Handle: func(ctx context.Context, r commands.Request, _ embeds.Action) (commands.Reply, error) {
				return h(ctx, r)
			},
		}
	}
}

func press(name string) commands.Request {
	return commandstest.Press(embeds.Action{Name: name, Owner: commandstest.Ada().ID}.Encode())
}

func TestAnswersAreInTime(t *testing.T) {
	t.Parallel()
	update := commands.Reply{Message: embeds.Message{Content: "new"}, Update: true}
	public := func(c *commands.Command) { c.Private = func(context.Context, commands.Request) bool { return false } }
	never := func(context.Context, commands.Request) (commands.Reply, error) {
		time.Sleep(30 * time.Second) // heeds nothing
		return text("too late"), nil
	}
	fromMessage := commandstest.Submit(embeds.Action{Name: "go"}.Encode(), nil)
	fromMessage.Message = &commands.Message{}
	modal := commands.Reply{Modal: &commands.Modal{CustomID: "x", Title: "y"}}

	tests := []struct {
		name     string
		handler  commands.Handler
		command  func(*commands.Command)
		request  commands.Request
		ops      string
		at       []time.Duration
		deferral commands.Deferral
		says     string
		private  bool
	}{
		{name: "at once", handler: slow(0, text("hi")), request: commandstest.Slash("test", nil),
			ops: "respond", at: []time.Duration{0}, says: "hi"},
		{name: "just in time", handler: slow(1199*time.Millisecond, text("hi")), request: commandstest.Slash("test", nil),
			ops: "respond", at: []time.Duration{1199 * time.Millisecond}, says: "hi"},
		{name: "late, private", handler: slow(5*time.Second, text("hi")), request: commandstest.Slash("test", nil),
			ops: "defer complete", at: []time.Duration{1200 * time.Millisecond, 5 * time.Second},
			deferral: commands.Deferral{Private: true}, says: "hi", private: true},
		{name: "late, public", handler: slow(5*time.Second, text("hi")), command: public, request: commandstest.Slash("test", nil),
			ops: "defer complete", at: []time.Duration{1200 * time.Millisecond, 5 * time.Second}, says: "hi"},
		{name: "late button", handler: slow(2*time.Second, update), request: press("go"),
			ops: "defer complete", at: []time.Duration{1200 * time.Millisecond, 2 * time.Second},
			deferral: commands.Deferral{Update: true}, says: "new", private: true},
		{name: "late modal from a message", handler: slow(2*time.Second, update), request: fromMessage,
			ops: "defer complete", at: []time.Duration{1200 * time.Millisecond, 2 * time.Second},
			deferral: commands.Deferral{Update: true}, says: "new"},
		{name: "late modal from nowhere", handler: slow(2*time.Second, text("saved")),
			request: commandstest.Submit(embeds.Action{Name: "go"}.Encode(), nil),
			ops:     "defer complete", at: []time.Duration{1200 * time.Millisecond, 2 * time.Second},
			deferral: commands.Deferral{Private: true}, says: "saved", private: true},
		{name: "past the deadline", handler: slow(time.Hour, text("hi")), request: commandstest.Slash("test", nil),
			ops: "defer complete", at: []time.Duration{1200 * time.Millisecond, 12 * time.Second},
			deferral: commands.Deferral{Private: true}, says: "cannot be reached", private: true},
		{name: "heedless", handler: never, command: public, request: commandstest.Slash("test", nil),
			ops: "defer complete", at: []time.Duration{1200 * time.Millisecond, 13 * time.Second},
			says: "Something went wrong", private: true},
		{name: "modal after an acknowledgement", handler: slow(2*time.Second, modal), request: press("go"),
			ops: "defer complete", at: []time.Duration{1200 * time.Millisecond, 2 * time.Second},
			deferral: commands.Deferral{Update: true}, says: "Something went wrong", private: true},
		{name: "modal in time", handler: slow(2*time.Second, modal), request: press("ask"),
			ops: "respond", at: []time.Duration{2 * time.Second}},
		{name: "modal past its deadline", handler: slow(time.Hour, modal), request: press("ask"),
			ops: "respond", at: []time.Duration{2300 * time.Millisecond}, says: "cannot be reached", private: true},
		{name: "heedless modal", handler: never, request: press("ask"),
			ops: "respond", at: []time.Duration{2500 * time.Millisecond}, says: "Something went wrong", private: true},
		{name: "nothing", handler: slow(0, commands.Reply{}), request: commandstest.Slash("test", nil),
			ops: "respond", at: []time.Duration{0}, says: "Something went wrong", private: true},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := command("test", tc.handler, acting("go", tc.handler), acting("ask", tc.handler))
				ask := c.Actions["ask"]
				ask.Modal = true
				c.Actions["ask"] = ask
				if tc.command != nil {
					tc.command(&c)
				}
				rt := commands.NewRouter(commands.Options{}, c)
				r := tc.request
				r.Received = time.Now()
				d := serve(rt, r)
				rt.Wait()
				if got := ops(d); got != tc.ops {
					t.Fatalf("calls are %q, want %q", got, tc.ops)
				}
				var at []time.Duration
				for _, c := range d.Calls() {
					at = append(at, c.At)
					if c.Err != nil {
						t.Errorf("%s was refused: %v", c.Op, c.Err)
					}
					if c.Op == commandstest.Defer && c.Deferral != tc.deferral {
						t.Errorf("deferral is %+v, want %+v", c.Deferral, tc.deferral)
					}
				}
				if diff := cmp.Diff(tc.at, at); diff != "" {
					t.Errorf("times of the calls (-want +got):\n%s", diff)
				}
				reply := seen(t, d)
				if !strings.Contains(words(reply.Message), tc.says) || reply.Private != tc.private {
					t.Errorf("private %v, want %v; says %q, want %q", reply.Private, tc.private, words(reply.Message), tc.says)
				}
			})
		})
	}
}

func TestSuggestionsNeverFail(t *testing.T) {
	t.Parallel()
	some := choices{{Name: "one", Value: "1"}}
	tests := []struct {
		name    string
		suggest commands.Suggester
		request commands.Request
		want    choices
		within  time.Duration
		outcome string
	}{
		{"found", func(context.Context, commands.Request) (choices, error) { return some, nil },
			commandstest.Type("test", "what", "o", nil), some, 0, "answered"},
		{"error", func(context.Context, commands.Request) (choices, error) { return some, errors.New("broken") },
			commandstest.Type("test", "what", "o", nil), nil, 0, "failed"},
		{"panic", func(context.Context, commands.Request) (choices, error) { panic("broken") },
			commandstest.Type("test", "what", "o", nil), nil, 0, "panicked"},
		{"API down", func(context.Context, commands.Request) (choices, error) { return nil, progressapi.ErrUnavailable },
			commandstest.Type("test", "what", "o", nil), nil, 0, "unavailable"},
		{"slow", func(ctx context.Context, _ commands.Request) (choices, error) { <-ctx.Done(); return nil, ctx.Err() },
			commandstest.Type("test", "what", "o", nil), nil, 800 * time.Millisecond, "timed_out"},
		{"heedless", func(context.Context, commands.Request) (choices, error) { time.Sleep(time.Minute); return some, nil },
			commandstest.Type("test", "what", "o", nil), nil, 900 * time.Millisecond, "timed_out"},
		{"unknown command", func(context.Context, commands.Request) (choices, error) { return some, nil },
			commandstest.Type("tset", "what", "o", nil), nil, 0, "unknown"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				set := metrics.NewSet()
				rt := commands.NewRouter(commands.Options{Metrics: set}, command("test", slow(0, text("hi")), suggesting(tc.suggest)))
				r := tc.request
				r.Received = time.Now()
				d := serve(rt, r)
				rt.Wait()
				calls := d.Calls()
				if len(calls) != 1 || calls[0].Err != nil || calls[0].At != tc.within {
					t.Fatalf("calls: %+v", calls)
				}
				if diff := cmp.Diff(tc.want, seen(t, d).Choices); diff != "" {
					t.Errorf("choices (-want +got):\n%s", diff)
				}
				command := "test"
				if tc.outcome == "unknown" {
					command = "other"
				}
				mustCount(t, set, fmt.Sprintf(`progressbot_interactions_total{command=%q,kind="autocomplete",outcome=%q} 1`, command, tc.outcome))
			})
		})
	}
}

func suggesting(s commands.Suggester) func(*commands.Command) {
	return func(c *commands.Command) {
		c.Definition.Options = []*discordgo.ApplicationCommandOption{{
			Type: discordgo.ApplicationCommandOptionString, Name: "what", Description: "What", Autocomplete: true,
		}}
		c.Suggest = s
	}
}

func mustCount(t *testing.T, set *metrics.Set, line string) {
	t.Helper()
	var b bytes.Buffer
	set.WritePrometheus(&b)
	if !strings.Contains(b.String(), line+"\n") {
		t.Errorf("metrics lack %s", line)
		for l := range strings.Lines(b.String()) {
			if !strings.Contains(l, "_bucket") && !strings.HasSuffix(l, " 0\n") {
				t.Log(l)
			}
		}
	}
}

func TestEveryErrorHasWords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		handler commands.Handler
		says    catalog.Key
		outcome string
		quotes  bool // the reference under which the log has it
		level   slog.Level
	}{
		{"key refused", failing(&progressapi.Error{Op: "list programs", Kind: progressapi.ErrKeyRefused, Status: 400, Code: 1001}),
			catalog.ProblemSetupText, "misconfigured", false, slog.LevelError},
		{"plan refused", failing(fmt.Errorf("fetch: %w", progressapi.ErrPlanRefused)),
			catalog.ProblemSetupText, "misconfigured", false, slog.LevelError},
		{"rate limited", failing(progressapi.ErrRateLimited), catalog.ProblemUnreachableText, "unavailable", true, slog.LevelWarn},
		{"unavailable", failing(progressapi.ErrUnavailable), catalog.ProblemUnreachableText, "unavailable", true, slog.LevelWarn},
		{"unreadable", failing(progressapi.ErrUnreadable), catalog.ProblemUnreachableText, "unavailable", true, slog.LevelWarn},
		{"cut off", failing(context.DeadlineExceeded), catalog.ProblemUnreachableText, "unavailable", true, slog.LevelWarn},
		{"shutting down", failing(context.Canceled), catalog.ProblemUnreachableText, "unavailable", false, slog.LevelDebug},
		{"anything else", failing(errors.New("boom")), catalog.ProblemInternalText, "failed", true, slog.LevelError},
		{"panic", func(context.Context, commands.Request) (commands.Reply, error) { panic("boom") },
			catalog.ProblemInternalText, "panicked", true, slog.LevelError},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log logbook
				set := metrics.NewSet()
				rt := commands.NewRouter(commands.Options{Log: log.logger(slog.LevelInfo), Metrics: set}, command("test", tc.handler))
				d := serve(rt, commandstest.Slash("test", nil))
				reply := seen(t, d)
				if !reply.Private {
					t.Error("everybody can read it")
				}
				mustSay(t, reply, tc.says)
				if strings.Contains(words(reply.Message), "boom") || strings.Contains(words(reply.Message), "progress API") {
					t.Errorf("an error's text is shown: %s", words(reply.Message))
				}
				mustCount(t, set, fmt.Sprintf(`progressbot_interactions_total{command="test",kind="slash",outcome=%q} 1`, tc.outcome))
				lines := log.lines(t)
				if tc.level == slog.LevelDebug {
					if len(lines) != 0 {
						t.Errorf("the log says %s", log.text())
					}
					return
				}
				if len(lines) != 1 || lines[0]["level"] != tc.level.String() {
					t.Fatalf("want one line at %s, the log says %s", tc.level, log.text())
				}
				reference, _ := lines[0]["reference"].(string)
				if len(reference) != 8 || strings.Contains(words(reply.Message), reference) != tc.quotes {
					t.Errorf("reference is %q, people read\n%s", reference, words(reply.Message))
				}
				if _, ok := lines[0]["stack"]; ok != (tc.outcome == "panicked") {
					t.Errorf("stack: %v", ok)
				}
			})
		})
	}
}

// TestLongWait has an API that asks to be left alone for longer than a moment.
func TestLongWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limited := &progressapi.Error{Kind: progressapi.ErrRateLimited}
		rt := commands.NewRouter(commands.Options{}, command("test", failing(limited)))
		limited.RetryAfter = time.Minute - 1
		mustSay(t, seen(t, serve(rt, commandstest.Slash("test", nil))), catalog.ProblemUnreachableText)
		limited.RetryAfter = time.Hour
		mustSay(t, seen(t, serve(rt, commandstest.Slash("test", nil))),
			catalog.ProblemUnreachableUntil, fmt.Sprintf("<t:%d:R>", time.Now().Add(time.Hour).Unix()))
	})
}

func failing(err error) commands.Handler {
	return func(context.Context, commands.Request) (commands.Reply, error) { return text("secret"), err }
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	manager := commands.Policy{Guild: true, Permission: discordgo.PermissionManageGuild | discordgo.PermissionManageEvents}
	can := func(p int64, r commands.Request) commands.Request {
		r.Permissions = p
		return r
	}
	slash := commandstest.Slash("test", nil)
	userInstalled := slash
	userInstalled.BotInGuild = false
	old := commandstest.Press("p0:go:1:::")
	tests := []struct {
		name    string
		policy  commands.Policy
		request commands.Request
		refused catalog.Key
	}{
		{"everyone, anywhere", commands.Policy{}, commandstest.InDM(slash), ""},
		{"servers only, in a server", commands.Policy{Guild: true}, slash, ""},
		{"servers only, in a DM", commands.Policy{Guild: true}, commandstest.InDM(slash), catalog.ProblemGuildOnlyText},
		{"servers only, without the bot", commands.Policy{Guild: true}, userInstalled, catalog.ProblemGuildOnlyText},
		{"no permission", manager, slash, catalog.ProblemNotAllowed},
		{"half of the permissions", manager, can(discordgo.PermissionManageGuild, slash), catalog.ProblemNotAllowed},
		{"all permissions", manager, can(manager.Permission|1, slash), ""},
		{"administrator", manager, can(discordgo.PermissionAdministrator, slash), ""},
		{"button without permission", manager, press("go"), catalog.ProblemNotAllowed},
		{"button with permission", manager, can(manager.Permission, press("go")), ""},
		{"own button", commands.Policy{}, press("go"), ""},
		{"anybody's button", commands.Policy{}, commandstest.Press(embeds.Action{Name: "go"}.Encode()), ""},
		{"somebody else's button", commands.Policy{}, commandstest.By(commandstest.Bob(), press("go")), catalog.ProblemForeign},
		{"unknown button", commands.Policy{}, press("stop"), catalog.ProblemOutdated},
		{"button of another version", commands.Policy{}, old, catalog.ProblemOutdated},
		{"button of another bot", commands.Policy{}, commandstest.Press("hello"), catalog.ProblemOutdated},
		{"unknown modal", commands.Policy{}, commandstest.Submit("hello", nil), catalog.ProblemOutdated},
		{"unknown command", commands.Policy{}, commandstest.Slash("tset", nil), catalog.ProblemNoCommand},
		{"unknown subcommand", commands.Policy{}, commandstest.Slash("test me", nil), catalog.ProblemNoCommand},
		{"unknown context menu", commands.Policy{}, commandstest.Menu("test", commandstest.Bob()), catalog.ProblemNoCommand},
		{"context menu of a message", commands.Policy{}, commands.Request{ID: "1", Kind: commands.MessageCommand, Command: "test", User: commandstest.Ada(), Received: time.Now()}, catalog.ProblemNoCommand},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ran := false
				h := func(context.Context, commands.Request) (commands.Reply, error) {
					ran = true
					return text("done"), nil
				}
				mentions := new(commands.Mentions)
				mentions.Set(map[string]string{"test": "4711"})
				rt := commands.NewRouter(commands.Options{Mentions: mentions}, command("test", h, acting("go", h), func(c *commands.Command) { c.Policy = tc.policy }))
				tc.request.Received = time.Now()
				reply := seen(t, serve(rt, tc.request))
				if ran != (tc.refused == "") {
					t.Fatalf("the handler ran: %v", ran)
				}
				if ran {
					return
				}
				if !reply.Private || reply.Update {
					t.Errorf("the refusal is private %v, an update %v", reply.Private, reply.Update)
				}
				mustSay(t, reply, tc.refused)
				if tc.refused == catalog.ProblemNotAllowed {
					mustSay(t, reply, catalog.ProblemNotAllowedNeeds, "Manage Server, Manage Events")
				}
				out := tc.refused == catalog.ProblemForeign || tc.request.CustomID == old.CustomID
				if strings.Contains(words(reply.Message), "</test:4711>") != out {
					t.Errorf("a way out %v, want %v: %q", !out, out, words(reply.Message))
				}
			})
		})
	}
}

func TestOnePersonCannotStarveTheRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := commands.NewRouter(commands.Options{Limits: commands.Limits{Burst: 100, Concurrent: 2}},
			command("test", slow(5*time.Second, text("done")), suggesting(func(context.Context, commands.Request) (choices, error) {
				return choices{{Name: "one", Value: "1"}}, nil
			})))
		var wg sync.WaitGroup
		hammer := make([]*commandstest.Recorder, 5)
		for i := range hammer {
			wg.Go(func() { hammer[i] = serve(rt, commandstest.Slash("test", nil)) })
		}
		var other *commandstest.Recorder
		wg.Go(func() { other = serve(rt, commandstest.By(commandstest.Bob(), commandstest.Slash("test", nil))) })
		synctest.Wait()
		typing := serve(rt, commandstest.Type("test", "what", "o", nil))
		if len(seen(t, typing).Choices) != 1 {
			t.Error("suggestions wait for commands")
		}
		wg.Wait()
		done := 0
		for _, d := range hammer {
			if seen(t, d).Content == "done" {
				done++
			} else {
				mustSay(t, seen(t, d), catalog.ProblemSlowDown)
			}
		}
		if done != 2 || seen(t, other).Content != "done" {
			t.Errorf("%d of one person's 5 were served, want 2; the other person sees %q", done, seen(t, other).Content)
		}
	})
}

func TestBurst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := commands.NewRouter(commands.Options{Limits: commands.Limits{Burst: 3, Every: time.Second}}, command("test", slow(0, text("done"))))
		served := func(n int) int {
			done := 0
			for range n {
				if seen(t, serve(rt, commandstest.Slash("test", nil))).Content == "done" {
					done++
				}
			}
			return done
		}
		if got := served(10); got != 3 {
			t.Errorf("%d of 10 at once were served, want 3", got)
		}
		time.Sleep(2 * time.Second)
		if got := served(10); got != 2 {
			t.Errorf("%d of 10 after 2 s were served, want 2", got)
		}
	})
}

func TestManyPeopleAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := commands.NewRouter(commands.Options{}, command("test", slow(0, text("done"))))
		for i := range 40_000 {
			u := commands.User{ID: fmt.Sprint(i)}
			if got := seen(t, serve(rt, commandstest.By(u, commandstest.Slash("test", nil)))).Content; got != "done" {
				t.Fatalf("person %d sees %q", i, got)
			}
		}
	})
}

func TestWhenAnswersDoNotGetThrough(t *testing.T) {
	t.Parallel()
	only := func(op commandstest.Op, err error) func(context.Context, commandstest.Op) error {
		return func(_ context.Context, o commandstest.Op) error {
			if o == op {
				return err
			}
			return nil
		}
	}
	broken := errors.New("connection reset")
	tests := []struct {
		name    string
		takes   time.Duration
		fail    func(context.Context, commandstest.Op) error
		unsure  func(commandstest.Op) error
		ops     string
		outcome string
		line    bool // in the log at info
	}{
		{"gone at once", 0, only(commandstest.Respond, commands.ErrInteractionGone), nil, "respond", "gone", false},
		{"answered by another process", 0, only(commandstest.Respond, commands.ErrAlreadyAnswered), nil, "respond", "gone", false},
		{"gone at the deferral", 2 * time.Second, only(commandstest.Defer, commands.ErrInteractionGone), nil, "defer", "gone", false},
		{"gone after the deferral", 2 * time.Second, only(commandstest.Complete, commands.ErrInteractionGone), nil, "defer complete", "gone", false},
		{"transport broken", 0, only(commandstest.Respond, broken), nil, "respond", "undelivered", true},
		{"transport broken after the deferral", 2 * time.Second, only(commandstest.Complete, broken), nil, "defer complete", "undelivered", true},
		{"deferral lost on the way back", 2 * time.Second, nil, func(op commandstest.Op) error {
			if op == commandstest.Defer {
				return broken
			}
			return nil
		}, "defer complete", "undelivered", true},
		{"transport panics", 0, func(context.Context, commandstest.Op) error { panic("oh") }, nil, "", "undelivered", true},
		{"transport panics in the timer", 2 * time.Second, func(context.Context, commandstest.Op) error { panic("oh") }, nil, "", "undelivered", true},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log logbook
				set := metrics.NewSet()
				rt := commands.NewRouter(commands.Options{Log: log.logger(slog.LevelInfo), Metrics: set}, command("test", slow(tc.takes, text("done"))))
				r := commandstest.Slash("test", nil)
				d := commandstest.New(r)
				d.Fail, d.Unsure = tc.fail, tc.unsure
				rt.Serve(t.Context(), r, d)
				rt.Wait()
				if got := ops(d); got != tc.ops {
					t.Errorf("calls are %q, want %q", got, tc.ops)
				}
				mustCount(t, set, fmt.Sprintf(`progressbot_interactions_total{command="test",kind="slash",outcome=%q} 1`, tc.outcome))
				if got := len(log.lines(t)); got > 1 || got == 1 != tc.line {
					t.Errorf("the log says %s", log.text())
				}
			})
		})
	}
}

// The decision who is to see a late answer is made in a goroutine that nobody
// but the router could recover.
func TestPanicAtTheDeferral(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log logbook
		set := metrics.NewSet()
		cmd := command("test", slow(2*time.Second, text("done")), func(c *commands.Command) {
			c.Private = func(context.Context, commands.Request) bool { panic("boom") }
		})
		d := serve(commands.NewRouter(commands.Options{Log: log.logger(slog.LevelInfo), Metrics: set}, cmd), commandstest.Slash("test", nil))
		if got := ops(d); got != "defer complete" || !d.Calls()[0].Deferral.Private {
			t.Errorf("calls are %+v, want a private deferral and the answer", d.Calls())
		}
		if got := seen(t, d).Content; got != "done" {
			t.Errorf("the person sees %q, want the answer", got)
		}
		mustCount(t, set, `progressbot_interactions_total{command="test",kind="slash",outcome="panicked"} 1`)
		lines := log.lines(t)
		if len(lines) != 1 || lines[0]["level"] != "ERROR" || lines[0]["panic"] != "boom" || lines[0]["stack"] == nil {
			t.Errorf("the log says %s", log.text())
		}
	})
}

// TestRejectedAnswers: what Discord does not take for its content is answered
// in other words, and the operator finds it in the log.
func TestRejectedAnswers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		takes   time.Duration
		rejects int // calls
		ops     string
		outcome string
	}{
		{"at once", 0, 1, "respond respond", "failed"},
		{"after the deferral", 2 * time.Second, 1, "defer complete complete", "failed"},
		{"and the other words, too", 0, 9, "respond respond", "undelivered"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log logbook
				set := metrics.NewSet()
				rt := commands.NewRouter(commands.Options{Log: log.logger(slog.LevelInfo), Metrics: set}, command("test", slow(tc.takes, text("done"))))
				r := commandstest.Slash("test", nil)
				d := commandstest.New(r)
				left := tc.rejects
				d.Fail = func(_ context.Context, op commandstest.Op) error {
					if op == commandstest.Defer || left == 0 {
						return nil
					}
					left--
					return fmt.Errorf("%w: a picture without address", commands.ErrRejected)
				}
				rt.Serve(t.Context(), r, d)
				rt.Wait()
				if got := ops(d); got != tc.ops {
					t.Errorf("calls are %q, want %q", got, tc.ops)
				}
				mustCount(t, set, fmt.Sprintf(`progressbot_interactions_total{command="test",kind="slash",outcome=%q} 1`, tc.outcome))
				if got := log.lines(t); len(got) != 1 || !strings.Contains(log.text(), "a picture without address") {
					t.Errorf("the log says %s", log.text())
				}
				if tc.outcome == "failed" {
					if got, want := seen(t, d).Embeds[0].Title, catalog.For("").Text(catalog.ProblemInternal); got != want {
						t.Errorf("the person sees %q, want %q", got, want)
					}
				}
			})
		})
	}
}

func TestTheHandlerEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := commands.NewRouter(commands.Options{}, command("test", slow(time.Hour, text("done"))))
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		r := commandstest.Slash("test", nil)
		d := commandstest.New(r)
		rt.Serve(ctx, r, d)
		mustSay(t, seen(t, d), catalog.ProblemUnreachable)
		if calls := d.Calls(); calls[len(calls)-1].At != 3*time.Second {
			t.Errorf("calls: %+v", calls)
		}
	})
}

func TestALateRequestIsStillTried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := commands.NewRouter(commands.Options{}, command("test", slow(100*time.Millisecond, text("done"))))
		r := commandstest.Slash("test", nil)
		r.Received = r.Received.Add(-2950 * time.Millisecond)
		d := serve(rt, r)
		if calls := d.Calls(); len(calls) != 2 || calls[0].Op != commandstest.Defer || calls[0].Err != nil {
			t.Errorf("calls: %+v", calls)
		}
		if got := seen(t, d).Content; got != "done" {
			t.Errorf("the person sees %q", got)
		}
	})
}

func TestOneLinePerFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log logbook
		faults := commands.NewFaultLog(log.logger(slog.LevelInfo))
		fail := error(progressapi.ErrUnavailable)
		rt := commands.NewRouter(commands.Options{Faults: faults, Limits: commands.Limits{Burst: 1e6}},
			command("test", func(context.Context, commands.Request) (commands.Reply, error) { return commands.Reply{}, fail }))
		victims := func(n int, every time.Duration) {
			for range n {
				serve(rt, commandstest.Slash("test", nil))
				time.Sleep(every)
			}
		}
		want := 0
		grows := func(what string, by int) {
			t.Helper()
			want += by
			if got := len(log.lines(t)); got != want {
				t.Errorf("%s: %d lines, want %d:\n%s", what, got, want, log.text())
			}
		}
		victims(100, 0)
		grows("a hundred victims at once", 1)
		victims(60, 10*time.Second)
		grows("ten minutes of it", 0)
		victims(60, 10*time.Second)
		grows("twenty minutes of it", 1)
		time.Sleep(6 * time.Minute)
		victims(10, time.Second)
		grows("a new one after a quiet time", 1)
		fail = progressapi.ErrKeyRefused
		victims(10, time.Second)
		grows("another kind", 1)
		victims(500, 0)
		grows("many more", 0)
	})
}

func TestTheAnswerWaitsForTheAcknowledgement(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := commands.NewRouter(commands.Options{}, command("test", slow(1300*time.Millisecond, text("done"))))
		r := commandstest.Slash("test", nil)
		d := commandstest.New(r)
		d.Latency = 500 * time.Millisecond
		rt.Serve(t.Context(), r, d)
		rt.Wait()
		calls := d.Calls()
		if len(calls) != 2 || calls[0].At != 1700*time.Millisecond || calls[1].At != 2200*time.Millisecond || calls[1].Err != nil {
			t.Errorf("calls: %+v", calls)
		}
	})
}

func TestRequestsOfAnotherWorld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := commands.NewRouter(commands.Options{}, command("test", slow(0, text("done"))))
		for _, k := range []commands.Kind{-1, 0, 99} {
			r := commandstest.Slash("tset", nil)
			r.Kind = k
			mustSay(t, seen(t, serve(rt, r)), catalog.ProblemNoCommand)
		}
	})
}

func TestDeliveryIsLoggedWhenItWorksAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log logbook
		rt := commands.NewRouter(commands.Options{Log: log.logger(slog.LevelInfo)}, command("test", slow(0, text("done"))))
		for range 3 {
			r := commandstest.Slash("test", nil)
			d := commandstest.New(r)
			d.Fail = func(context.Context, commandstest.Op) error { return errors.New("connection refused") }
			rt.Serve(t.Context(), r, d)
			time.Sleep(time.Second)
		}
		serve(rt, commandstest.Slash("test", nil))
		time.Sleep(time.Minute)
		serve(rt, commandstest.Slash("test", nil))
		serve(rt, commandstest.Slash("test", nil))
		lines := log.lines(t)
		if len(lines) != 2 || lines[0]["level"] != "WARN" || lines[1]["level"] != "INFO" || lines[1]["affected"] != 3.0 {
			t.Errorf("the log says\n%s", log.text())
		}
	})
}

// Whose buttons cannot be used leads to the command that makes such a message.
func TestDeadButtonsLeadToTheirCommand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(nil)
		for action, want := range map[string]string{
			embeds.ActionNext:         "`/progress`",
			embeds.ActionBoardNext:    "`/leaderboard`",
			embeds.ActionForget:       "`/privacy show`",
			embeds.ActionSettings:     "`/settings show`",
			embeds.ActionAnnouncePost: "`/announce completion`",
			embeds.ActionRecapPost:    "`/announce recap`",
		} {
			a := embeds.Action{Name: action, Owner: commandstest.Bob().ID}
			boss := func(id string) commands.Reply {
				return w.see(t, with(discordgo.PermissionAdministrator, commandstest.Press(id)))
			}
			mustSay(t, boss(a.Encode()), catalog.ProblemForeignHint, want)
			mustSay(t, boss("p2"+strings.TrimPrefix(a.Encode(), "p1")), catalog.ProblemOutdatedHint, want)
		}
	})
}
