package commandstest_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/commands"
	"progressbot/commands/commandstest"
	"progressbot/embeds"
)

func message(s string) commands.Reply { return commands.Reply{Message: embeds.Message{Content: s}} }

func TestRecorderRefusesWhatDiscordRefuses(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	respond := func(r commands.Reply) func(*commandstest.Recorder) error {
		return func(d *commandstest.Recorder) error { return d.Respond(ctx, r) }
	}
	deferred := func(f commands.Deferral) func(*commandstest.Recorder) error {
		return func(d *commandstest.Recorder) error { return d.Defer(ctx, f) }
	}
	complete := func(r commands.Reply) func(*commandstest.Recorder) error {
		return func(d *commandstest.Recorder) error { return d.Complete(ctx, r) }
	}
	wait := func(d time.Duration) func(*commandstest.Recorder) error {
		return func(*commandstest.Recorder) error { time.Sleep(d); return nil }
	}
	type steps = []func(*commandstest.Recorder) error
	update := message("new")
	update.Update = true
	modal := commands.Reply{Modal: &commands.Modal{CustomID: "a", Title: "b"}}
	list := commands.Reply{Choices: choices()}
	slash := commandstest.Slash("a", nil)
	tests := []struct {
		name    string
		request commands.Request
		steps   steps // all but the last succeed
		want    error // of the last; errAny for any
	}{
		{"answer", slash, steps{respond(message("a"))}, nil},
		{"answer twice", slash, steps{respond(message("a")), respond(message("a"))}, commands.ErrAlreadyAnswered},
		{"answer and defer", slash, steps{respond(message("a")), deferred(commands.Deferral{})}, commands.ErrAlreadyAnswered},
		{"answer late", slash, steps{wait(3001 * time.Millisecond), respond(message("a"))}, commands.ErrInteractionGone},
		{"defer late", slash, steps{wait(3001 * time.Millisecond), deferred(commands.Deferral{})}, commands.ErrInteractionGone},
		{"complete", slash, steps{deferred(commands.Deferral{}), wait(time.Minute), complete(message("a"))}, nil},
		{"complete after the token's life", slash, steps{deferred(commands.Deferral{}), wait(16 * time.Minute), complete(message("a"))}, commands.ErrInteractionGone},
		{"complete nothing", slash, steps{complete(message("a"))}, commands.ErrInteractionGone},
		{"complete twice", slash, steps{deferred(commands.Deferral{}), complete(message("a")), complete(message("a"))}, errAny},
		{"complete by a modal", slash, steps{deferred(commands.Deferral{}), complete(modal)}, errAny},
		{"complete an update that was not deferred", commandstest.Press("a"), steps{deferred(commands.Deferral{}), complete(update)}, errAny},
		{"update of a button", commandstest.Press("a"), steps{respond(update)}, nil},
		{"update of a command", slash, steps{respond(update)}, errAny},
		{"deferred update of a command", slash, steps{deferred(commands.Deferral{Update: true})}, errAny},
		{"empty message", slash, steps{respond(commands.Reply{})}, errAny},
		{"modal", slash, steps{respond(modal)}, nil},
		{"modal for a modal", commandstest.Submit("a", nil), steps{respond(modal)}, errAny},
		{"choices", commandstest.Type("a", "b", "", nil), steps{respond(list)}, nil},
		{"no choices", commandstest.Type("a", "b", "", nil), steps{respond(commands.Reply{})}, nil},
		{"choices for a command", slash, steps{respond(list)}, errAny},
		{"message for suggestions", commandstest.Type("a", "b", "", nil), steps{respond(message("a"))}, errAny},
		{"deferred suggestions", commandstest.Type("a", "b", "", nil), steps{deferred(commands.Deferral{})}, errAny},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tc.request.Received = time.Now()
				d := commandstest.New(tc.request)
				for i, step := range tc.steps {
					err := step(d)
					switch last := i == len(tc.steps)-1; {
					case !last && err != nil:
						t.Fatalf("step %d: %v", i, err)
					case last && tc.want == errAny && err == nil, last && tc.want != errAny && !errors.Is(err, tc.want):
						t.Errorf("error is %v, want %v", err, tc.want)
					}
				}
			})
		})
	}
}

func TestRecorderKnowsWhoSees(t *testing.T) {
	t.Parallel()
	private := message("a")
	private.Private = true
	update := message("a")
	update.Update = true
	public := commandstest.Press("a")
	public.Message.Private = false
	tests := []struct {
		name     string
		request  commands.Request
		deferral *commands.Deferral
		reply    commands.Reply
		private  bool
	}{
		{"public", commandstest.Slash("a", nil), nil, message("a"), false},
		{"private", commandstest.Slash("a", nil), nil, private, true},
		{"private deferral, public reply", commandstest.Slash("a", nil), &commands.Deferral{Private: true}, message("a"), true},
		{"public deferral, private reply", commandstest.Slash("a", nil), &commands.Deferral{}, private, true},
		{"update of a private message", commandstest.Press("a"), &commands.Deferral{Update: true}, update, true},
		{"update of a public message", public, nil, update, false},
		{"new message after a deferred update", commandstest.Press("a"), &commands.Deferral{Update: true}, message("a"), false},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := commandstest.New(tc.request)
			if _, ok := d.Seen(); ok {
				t.Error("something is seen before there is an answer")
			}
			send := d.Respond
			if tc.deferral != nil {
				if err := d.Defer(t.Context(), *tc.deferral); err != nil {
					t.Fatal(err)
				}
				send = d.Complete
			}
			if err := send(t.Context(), tc.reply); err != nil {
				t.Fatal(err)
			}
			if got, ok := d.Seen(); !ok || got.Private != tc.private || got.Content != "a" {
				t.Errorf("seen %v: %+v, want private %v", ok, got, tc.private)
			}
		})
	}
}

func TestRecorderFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		d := commandstest.New(commandstest.Slash("a", nil))
		d.Fail = func(context.Context, commandstest.Op) error { return broken }
		if err := d.Respond(t.Context(), message("a")); !errors.Is(err, broken) {
			t.Errorf("error is %v", err)
		}
		d.Fail = nil
		d.Unsure = func(commandstest.Op) error { return broken }
		if err := d.Respond(t.Context(), message("a")); !errors.Is(err, broken) {
			t.Errorf("error is %v", err)
		}
		if _, ok := d.Seen(); !ok {
			t.Error("the unsure answer did not happen")
		}
		d.Latency = time.Minute
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := d.Complete(ctx, message("a")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v", err)
		}
		if calls := d.Calls(); len(calls) != 3 || calls[2].At != time.Second {
			t.Errorf("calls: %+v", calls)
		}
	})
}

var errAny = errors.New("any error")

func choices() []*discordgo.ApplicationCommandOptionChoice {
	return []*discordgo.ApplicationCommandOptionChoice{{Name: "a", Value: "b"}}
}
