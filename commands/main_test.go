package commands_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/bwmarrin/discordgo"
	"go.uber.org/goleak"

	"progressbot/commands"
	"progressbot/commands/commandstest"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// logbook is a log that a test can read.
type logbook struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logbook) logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: level}))
}

func (l *logbook) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// lines returns the attributes of every line.
func (l *logbook) lines(t *testing.T) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for line := range strings.Lines(l.text()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, m)
	}
	return lines
}

// serve takes r through rt and returns Discord's end of it when all is over.
func serve(rt *commands.Router, r commands.Request) *commandstest.Recorder {
	d := commandstest.New(r)
	rt.Serve(context.Background(), r, d)
	return d
}

// seen is what the person sees in the end.
func seen(t *testing.T, d *commandstest.Recorder) commands.Reply {
	t.Helper()
	r, ok := d.Seen()
	if !ok {
		t.Fatalf("nobody sees an answer; calls: %+v", d.Calls())
	}
	return r
}

// ops is what the responder was asked to do, in short.
func ops(d *commandstest.Recorder) string {
	var s []string
	for _, c := range d.Calls() {
		s = append(s, string(c.Op))
	}
	return strings.Join(s, " ")
}

// words is all text of a message, in reading order.
func words(m embeds.Message) string {
	var b strings.Builder
	b.WriteString(m.Content + "\n")
	for _, e := range m.Embeds {
		if e.Author != nil {
			b.WriteString(e.Author.Name + "\n")
		}
		b.WriteString(e.Title + "\n" + e.Description + "\n")
		for _, f := range e.Fields {
			b.WriteString(f.Name + "\n" + f.Value + "\n")
		}
		if e.Footer != nil {
			b.WriteString(e.Footer.Text + "\n")
		}
	}
	return b.String()
}

// mustSay fails unless the message holds the English text of a key.
func mustSay(t *testing.T, r commands.Reply, id catalog.Key, args ...any) {
	t.Helper()
	if want := catalog.For("en-US").Text(id, args...); !strings.Contains(words(r.Message), want) {
		t.Errorf("%s is missing: want %q in\n%s", id, want, words(r.Message))
	}
}

func text(s string) commands.Reply {
	return commands.Reply{Message: embeds.Message{Content: s}}
}

// command is a slash command for tests of the router.
func command(name string, h commands.Handler, change ...func(*commands.Command)) commands.Command {
	c := commands.Command{
		Definition: &discordgo.ApplicationCommand{
			Type: discordgo.ChatApplicationCommand, Name: name, Description: "For a test",
		},
		Handle: map[string]commands.Handler{name: h},
	}
	for _, f := range change {
		f(&c)
	}
	return c
}
