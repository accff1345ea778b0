package commands_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/commands"
	"progressbot/commands/commandstest"
	"progressbot/progressapi"
)

// TestOneLineForCallsAndPeople: calls of the API fail, then people run into
// the same fault, then a call goes well.
func TestOneLineForCallsAndPeople(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err         error
		level, line string
	}{
		{progressapi.ErrUnavailable, "WARN", "the progress API does not answer as it should"},
		{progressapi.ErrUnreadable, "WARN", "the progress API does not answer as it should"},
		{progressapi.ErrRateLimited, "WARN", "the progress API may not be asked as often as people ask: check PROGRESS_API_RATE against what the key is allowed"},
		{progressapi.ErrKeyRefused, "ERROR", "the progress API refuses the key: check PROGRESS_API_KEY and PROGRESS_API_KEY_HEADER"},
		{progressapi.ErrPlanRefused, "ERROR", "the progress API refuses the account behind the key: check its balance and plan"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var log logbook
			faults := commands.NewFaultLog(log.logger(slog.LevelInfo))
			rt := commands.NewRouter(commands.Options{Faults: faults},
				command("test", func(context.Context, commands.Request) (commands.Reply, error) { return commands.Reply{}, tt.err }))
			faults.Upstream(nil)
			for range 3 {
				faults.Upstream(fmt.Errorf("list programs: %w", tt.err))
				time.Sleep(time.Second)
				serve(rt, commandstest.Slash("test", nil))
			}
			faults.Upstream(nil) // too early to tell
			time.Sleep(time.Minute)
			faults.Upstream(nil)
			faults.Upstream(nil)
			var got [][3]any
			for _, l := range log.lines(t) {
				got = append(got, [3]any{l["level"], l["msg"], l["affected"]})
			}
			want := [][3]any{{tt.level, tt.line, 0.0}, {"INFO", "over: " + tt.line, 3.0}}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("log (-want +got):\n%s", d)
			}
		})
	}
}
