package commands_test

import (
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot/store"
	"progressbot/commands"
	"progressbot/commands/commandstest"
	"progressbot/progressapi"
	"progressbot/progressapi/cache"
)

// nowhere throws every answer and every sighting away.
type nowhere struct{}

func (nowhere) Respond(context.Context, commands.Reply) error  { return nil }
func (nowhere) Defer(context.Context, commands.Deferral) error { return nil }
func (nowhere) Complete(context.Context, commands.Reply) error { return nil }
func (nowhere) Record(store.Sighting)                          {}

// full is a cache that holds the same programs for everybody.
type full struct{ programs []progressapi.Program }

func (f *full) Programs(context.Context, string, cache.Want) (cache.Snapshot, error) {
	return cache.Snapshot{Programs: f.programs, Fetched: time.Now()}, nil
}

func (f *full) Program(_ context.Context, _, id string, _ cache.Want) (cache.Snapshot, error) {
	for i := range f.programs {
		if f.programs[i].ID == id {
			return cache.Snapshot{Programs: f.programs[i : i+1], Fetched: time.Now()}, nil
		}
	}
	return cache.Snapshot{}, progressapi.ErrNotFound
}

func (f *full) Peek(context.Context, string) (cache.Snapshot, bool) {
	return cache.Snapshot{Programs: f.programs, Fetched: time.Now()}, true
}

// unlimited lets one person ask as fast as a benchmark does.
func unlimited() commands.Limits { return commands.Limits{Burst: 1 << 30, Concurrent: 1 << 20} }

// BenchmarkServe is a request's way through the router, with a handler that
// does nothing and with the real ones on a full cache.
func BenchmarkServe(b *testing.B) {
	run := func(name string, r commands.Request, cmds ...commands.Command) {
		b.Run(name, func(b *testing.B) {
			rt := commands.NewRouter(commands.Options{Limits: unlimited()}, cmds...)
			b.ReportAllocs()
			for b.Loop() {
				r.Received = time.Now()
				rt.Serve(b.Context(), r, nowhere{})
			}
		})
	}
	real := func(n int) []commands.Command {
		return commands.All(newWorld(nil, func(w *world) { w.deps.Progress = &full{programs: collection(n)} }).deps)
	}
	real8, real300 := real(8), real(300)
	run("dispatch", commandstest.Slash("test", nil), command("test", func(context.Context, commands.Request) (commands.Reply, error) {
		return text("done"), nil
	}))
	run("overview of 8", commandstest.Slash("progress", nil), real8...)
	run("overview of 300", commandstest.Slash("progress", nil), real300...)
	run("one collection", commandstest.Slash("progress", commandstest.Options{"collection": commandstest.Text("program_3")}), real8...)
	run("suggestions of 8", commandstest.Type("progress", "collection", "collection f", nil), real8...)
	run("suggestions of 300", commandstest.Type("progress", "collection", "collection f", nil), real300...)
	run("suggestions of 300 with a typo", commandstest.Type("progress", "collection", "colelction f", nil), real300...)
}

// BenchmarkDiscordgoDecode is what discordgo pays to decode the interaction
// that BenchmarkDecode decodes.
func BenchmarkDiscordgoDecode(b *testing.B) {
	raw, err := os.ReadFile("testdata/interactions/slash.json")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		var i discordgo.InteractionCreate
		if err := json.Unmarshal(raw, &i); err != nil {
			b.Fatal(err)
		}
	}
}
