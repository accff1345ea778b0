package commands_test

import (
	"context"
	"testing"
	"testing/synctest"

	"progressbot/commands"
	"progressbot/commands/commandstest"
	"progressbot/embeds/catalog"
)

func TestTurnAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := false
		rt := commands.NewRouter(commands.Options{}, command("test", func(context.Context, commands.Request) (commands.Reply, error) {
			asked = true
			return text("done"), nil
		}))
		turnAway := func(r commands.Request) commands.Reply {
			d := commandstest.New(r)
			rt.TurnAway(t.Context(), r, d)
			return seen(t, d)
		}
		for _, r := range []commands.Request{commandstest.Slash("test", nil), press("unheard of")} {
			got := turnAway(r)
			mustSay(t, got, catalog.ProblemBusy)
			if !got.Private {
				t.Error("everybody sees that there was no room for one")
			}
		}
		if got := turnAway(commandstest.Type("test", "what", "o", nil)); len(got.Choices) != 0 {
			t.Errorf("suggestions = %v, want none", got.Choices)
		}
		if asked {
			t.Error("the command was asked")
		}
	})
}
