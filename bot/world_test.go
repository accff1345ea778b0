package bot_test

import (
	"context"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"progressbot/bot"
	"progressbot/bot/discordsim"
	"progressbot/bot/logtest"
	"progressbot/progressapi/progressapitest"
)

// patience is how long a test waits for what has to happen.
const patience = 30 * time.Second

// canaryKey is the API key of the worlds. Like their tokens it may appear
// nowhere.
const canaryKey = "canary-progress-api-key"

// logBuffer is a log whose tests wait with patience.
type logBuffer struct{ *logtest.Buffer }

func newLogBuffer() *logBuffer { return &logBuffer{logtest.New()} }

// await waits for a line that matches and returns its last group.
func (b *logBuffer) await(t *testing.T, pattern string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	found, err := b.Await(ctx, regexp.MustCompile(pattern))
	if err != nil {
		t.Fatalf("log has no line like %s:\n%s", pattern, b)
	}
	return found
}

// world is a Discord, a progress API and a bot between them.
type world struct {
	t       *testing.T
	discord *discordsim.Server
	api     *progressapitest.Server
	env     env
	log     *logBuffer

	stop     context.CancelFunc
	result   chan error
	forgiven func(discordsim.Violation) bool
}

// in is the world with another test complaining.
func (w *world) in(t *testing.T) *world {
	other := *w
	other.t = t
	return &other
}

// forgive says which of Discord's rules may be broken.
func (w *world) forgive(f func(discordsim.Violation) bool) { w.forgiven = f }

// newWorld starts a world whose bot takes interactions by transport. Its bot
// is configured by pairs of names and values.
func newWorld(t *testing.T, transport bot.Transport, pairs ...string) *world {
	t.Helper()
	return newWorldIn(t, discordsim.Options{}, transport, pairs...)
}

func newWorldIn(t *testing.T, o discordsim.Options, transport bot.Transport, pairs ...string) *world {
	t.Helper()
	o.People = discordsim.People{
		Member: progressapitest.Collector, Newcomer: progressapitest.Newcomer, Finisher: progressapitest.Finisher,
	}
	o.RequireAllowedMentions = true
	if path, found := discordsim.OpenAPIPath(); found {
		o.OpenAPI = path
	}
	discord, err := discordsim.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(discord.Close)
	api, err := progressapitest.Start(progressapitest.Options{Key: canaryKey})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = api.Close() })
	w := &world{t: t, discord: discord, api: api, log: newLogBuffer(), env: env{
		"DISCORD_TOKEN":      discord.Token(),
		"DISCORD_API_URL":    discord.URL(),
		"DISCORD_PUBLIC_KEY": discord.PublicKey(),
		"INTERACTIONS":       string(transport),
		"HTTP_ADDR":          "127.0.0.1:0",
		"OPS_ADDR":           "off",
		"PROGRESS_API_URL":   api.URL(),
		"PROGRESS_API_KEY":   canaryKey,
		"LOG_LEVEL":          "debug",
		"DATA_DIR":           t.TempDir(),
	}}
	for i := 0; i < len(pairs); i += 2 {
		w.env[pairs[i]] = pairs[i+1]
	}
	t.Cleanup(w.inspect)
	w.start()
	t.Cleanup(func() { _ = w.shutDown() })
	return w
}

// make puts a bot together.
func (w *world) make() *bot.Bot {
	w.t.Helper()
	config, err := bot.ConfigFromEnv(w.env.lookup)
	if err != nil {
		w.t.Fatal(err)
	}
	b, err := bot.New(config, bot.Deps{Log: bot.NewLogger(config, w.log), Version: "1.2.3"})
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// start runs a bot without waiting for it.
func (w *world) start() {
	w.t.Helper()
	b := w.make()
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error, 1)
	w.stop, w.result = cancel, result
	w.log.Forget()
	go func() { result <- b.Run(ctx) }()
}

// ready waits until the bot can be used.
func (w *world) ready() *world {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	if w.env["INTERACTIONS"] == string(bot.HTTP) {
		addr := w.log.await(w.t, `taken by HTTP" addr=(\S+)`)
		if err := w.discord.SetInteractionsEndpoint(ctx, "http://"+addr+"/interactions"); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := w.discord.AwaitRegistered(ctx); err != nil {
		w.t.Fatalf("commands: %v; log:\n%s", err, w.log)
	}
	if err := w.discord.AwaitReady(ctx); err != nil {
		w.t.Fatalf("ready: %v; log:\n%s", err, w.log)
	}
	return w
}

// shutDown stops the bot and returns what Run returned. It may be called
// more than once.
func (w *world) shutDown() error {
	w.stop()
	select {
	case err := <-w.result:
		w.result <- err
		return err
	case <-time.After(patience):
		w.t.Errorf("the bot does not stop; log:\n%s", w.log)
		return nil
	}
}

// inspect holds what happened against the rules of the house.
func (w *world) inspect() {
	for _, v := range w.discord.Violations() {
		if w.forgiven != nil && w.forgiven(v) {
			continue
		}
		w.t.Errorf("Discord's rules: %s", v)
	}
	for _, v := range w.api.Violations() {
		w.t.Errorf("the progress API's rules: %s", v)
	}
	for _, secret := range []string{canaryKey, w.env["DISCORD_TOKEN"], progressapitest.RewardValue, "canary"} {
		if i := strings.Index(w.log.String(), secret); i >= 0 {
			text := w.log.String()
			w.t.Errorf("the log holds a secret: …%s…", text[max(i-200, 0):min(i+200, len(text))])
		}
	}
	if w.t.Failed() {
		w.t.Logf("log:\n%s", w.log)
	}
}

// used waits for the first answer to what somebody did.
func (w *world) used(i *discordsim.Interaction, err error) (*discordsim.Interaction, discordsim.Answer) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("Discord's client: %v", err)
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	a, err := i.Await(ctx)
	if err != nil {
		w.t.Fatalf("%s: %v; log:\n%s", i.Command, err, w.log)
	}
	return i, a
}

// sees returns the message that somebody gets in the end for what they did.
func (w *world) sees(i *discordsim.Interaction, err error) discordsim.Message {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("Discord's client: %v", err)
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	m, err := i.AwaitMessage(ctx)
	if err != nil {
		w.t.Fatalf("%s: %v; log:\n%s", i.Command, err, w.log)
	}
	return m
}

func (w *world) invoke(command string, options ...string) discordsim.Message {
	w.t.Helper()
	in := discordsim.Invocation{Command: command, Options: map[string]any{}}
	for i := 0; i < len(options); i += 2 {
		in.Options[options[i]] = options[i+1]
	}
	return w.sees(w.discord.Invoke(in))
}

// bothTransports runs a test once for each way in.
func bothTransports(t *testing.T, test func(t *testing.T, transport bot.Transport)) {
	t.Helper()
	for _, transport := range []bot.Transport{bot.Gateway, bot.HTTP} {
		t.Run(string(transport), func(t *testing.T) {
			t.Parallel()
			test(t, transport)
		})
	}
}

// newcomer is a person whom nobody asked for yet, with collections of the
// API's making.
func (w *world) newcomer(id string) string {
	w.t.Helper()
	w.discord.AddUser(discordsim.User{ID: id, Username: "user" + id})
	if err := w.discord.AddMember(discordsim.GuildID, id); err != nil {
		w.t.Fatal(err)
	}
	w.api.SetPrograms(id, progressapitest.Programs(8, w.api.Now())...)
	return id
}

func mention(t *testing.T, m discordsim.Message, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(m.Text(), word) {
			t.Errorf("message lacks %q:\n%s", word, m.Text())
		}
	}
}

// logTo is a logger of everything.
func logTo(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
