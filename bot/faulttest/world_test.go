package faulttest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"progressbot/bot"
	"progressbot/bot/discordsim"
	"progressbot/bot/redisconn/redistest"
	"progressbot/progressapi/progressapitest"
)

const (
	// patience is how long a test waits for what has to happen.
	patience = 60 * time.Second
	// secretKey may appear nowhere.
	secretKey = "canary-progress-api-key"
)

// setup says in what kind of world a bot is to live.
type setup struct {
	Discord discordsim.Options
	API     progressapitest.Options
	Memory  bool              // no Redis
	Env     map[string]string // beside or instead of the usual
}

// world is a Discord, a progress API, a Redis, and one bot or more between
// them.
type world struct {
	t       *testing.T
	discord *discordsim.Server
	api     *progressapitest.Server
	server  *redistest.Server // the Redis, nil without
	redis   *redistest.Proxy  // the way to it
	env     map[string]string
	bots    []interface{ finish() error }
	next    atomic.Int64 // person
	asking  sync.WaitGroup
	closed  bool
	wrong   []error // found by close
	// late says that there may be answers to what Discord has given up on,
	// and repetitions that find their first attempt arrived.
	late    bool
	openAPI bool // what bots send is held against Discord's OpenAPI document
}

// newWorld makes a world without a bot. It ends with the test at the latest.
func newWorld(t *testing.T, s setup) *world {
	t.Helper()
	s.Discord.People = discordsim.People{Member: progressapitest.Collector}
	s.Discord.RequireAllowedMentions = true
	discord, err := discordsim.Start(s.Discord)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(discord.Close)
	s.API.Key, s.API.Unknown = secretKey, progressapitest.UnknownSample
	api, err := progressapitest.Start(s.API)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = api.Close() })
	w := &world{t: t, discord: discord, api: api, env: map[string]string{
		"DISCORD_TOKEN":     discord.Token(),
		"DISCORD_API_URL":   discord.URL(),
		"OPS_ADDR":          "127.0.0.1:0",
		"PROGRESS_API_URL":  api.URL(),
		"PROGRESS_API_KEY":  secretKey,
		"PROGRESS_API_RATE": "10000",
		"DATA_DIR":          t.TempDir(),
	}}
	if !s.Memory {
		w.server = redistest.Start(t)
		w.redis = redistest.StartProxy(t, w.server.Addr())
		w.env["REDIS_URL"] = w.redis.URL()
	}
	maps.Copy(w.env, s.Env)
	w.next.Store(700_000_000_000_000_000)
	t.Cleanup(func() {
		if w.closed {
			return // what was wrong is with the test
		}
		if err := w.close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// close stops the bots and returns what was wrong with what they did, which
// the caller is to report. It may be called more than once.
func (w *world) close() error {
	if w.closed {
		return errors.Join(w.wrong...)
	}
	w.closed = true
	w.asking.Wait()
	for _, r := range w.bots {
		w.wrong = append(w.wrong, r.finish())
	}
	for _, v := range w.discord.Violations() {
		if !w.late || v.Code != discordsim.CodeAlreadyAcknowledged && v.Code != discordsim.CodeUnknownInteraction {
			w.wrong = append(w.wrong, fmt.Errorf("against Discord's rules: %s", v))
		}
	}
	for _, v := range w.api.Violations() {
		w.wrong = append(w.wrong, fmt.Errorf("against the progress API's rules: %s", v))
	}
	return errors.Join(w.wrong...)
}

// person adds somebody to the server whom nobody has asked for yet.
func (w *world) person() string {
	id := strconv.FormatInt(w.next.Add(1), 10)
	w.join(id)
	return id
}

// join adds somebody to the server.
func (w *world) join(id string) {
	w.discord.AddUser(discordsim.User{ID: id, Username: "user" + id[12:]})
	if err := w.discord.AddMember(discordsim.GuildID, id); err != nil {
		panic(err) // the server and the person are there
	}
}

// ask has a person ask for their progress.
func (w *world) ask(person string) (*discordsim.Interaction, error) {
	return w.discord.Invoke(discordsim.Invocation{Command: "progress", User: person})
}

// sight is what somebody saw of an answer.
type sight struct {
	What  string        // in words
	First time.Duration // to the first answer
	Last  time.Duration // to the message, if that came later
}

// good reports whether the person saw up-to-date progress.
func (s sight) good() bool { return s.What == seenFresh }

// The kinds of messages that people see.
const (
	seenFresh       = "progress"
	seenSaved       = "saved copy, marked with its age"
	seenUnreachable = "cannot be reached + Try again"
	seenNotSetUp    = "not set up correctly"
	seenBusy        = "busy"
	seenNothing     = "nothing collected yet"
	seenSlowDown    = "slow down"
	seenNotNow      = "not possible just now"
	seenWrong       = "something went wrong"
	seenNoAnswer    = "Discord's own \"did not respond\""
	seenNobody      = "Discord's own \"did not respond\", at once"
)

// describe says what kind of message m is.
func describe(m discordsim.Message) string {
	text := m.Text()
	for _, k := range []struct{ words, what string }{
		{"Saved copy", seenSaved},
		{"cannot be reached just now. Please", seenUnreachable},
		{"not set up correctly", seenNotSetUp},
		{"Busy right now", seenBusy},
		{"Nothing collected yet", seenNothing},
		{"That was a bit quick", seenSlowDown},
		{"cannot reach its own records", seenNotNow},
		{"Something went wrong", seenWrong},
		{"progress", seenFresh},
	} {
		if strings.Contains(text, k.words) {
			return k.what
		}
	}
	return text
}

// see waits for what somebody gets in the end, and when.
func (w *world) see(i *discordsim.Interaction) (sight, error) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	m, err := i.AwaitMessage(ctx)
	took := time.Since(began)
	switch o := i.Outcome(); {
	case err != nil && i.State() == discordsim.StateTimedOut && o.Answers == 0:
		return sight{What: seenNoAnswer}, nil
	case err != nil:
		return sight{}, fmt.Errorf("%s is %s: %w", i.Command, i.State(), err)
	case o.Answers != 1 || len(i.Messages()) != 1:
		return sight{}, fmt.Errorf("%d first answers and %d messages, want one", o.Answers, len(i.Messages()))
	case i.FirstAnswer() >= discordsim.AnswerWithin:
		return sight{}, fmt.Errorf("the first answer took %v", i.FirstAnswer())
	}
	s := sight{What: describe(m), First: i.FirstAnswer()}
	if o := i.Outcome(); o.Edits > 0 || o.FollowUps > 0 {
		s.Last = took
	}
	return s, nil
}

// tries has a person ask and waits for what they see. Its error is an answer
// that should not have been.
func (w *world) tries(person string) (sight, error) {
	i, err := w.ask(person)
	if errors.Is(err, discordsim.ErrNotConnected) {
		return sight{What: seenNobody}, nil
	}
	if err != nil {
		return sight{}, err
	}
	return w.see(i)
}

// lookup has the shape of os.LookupEnv.
func (w *world) lookup(name string) (string, bool) {
	v, ok := w.env[name]
	return v, ok
}

// awaitReady waits until the bots cover every server.
func (w *world) awaitReady() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := w.discord.AwaitRegistered(ctx); err != nil {
		return fmt.Errorf("commands: %w", err)
	}
	if err := w.discord.AwaitReady(ctx); err != nil {
		return fmt.Errorf("ready: %w", err)
	}
	return nil
}

// running is a bot that lives in this process.
type running struct {
	w      *world
	log    *logBuffer
	stop   context.CancelFunc
	result chan error
}

// start runs a bot in this process and waits until it can be used.
func (w *world) start() *running {
	w.t.Helper()
	r := w.launch()
	if err := w.awaitReady(); err != nil {
		w.t.Fatalf("%v; log:\n%s", err, r.log)
	}
	return r
}

// launch runs a bot in this process.
func (w *world) launch() *running {
	w.t.Helper()
	config, err := bot.ConfigFromEnv(w.lookup)
	if err != nil {
		w.t.Fatal(err)
	}
	log := newLogBuffer()
	b, err := bot.New(config, bot.Deps{Log: bot.NewLogger(config, log), Version: "1.2.3"})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{w: w, log: log, stop: cancel, result: make(chan error, 1)}
	go func() { r.result <- b.Run(ctx) }()
	w.bots = append(w.bots, r)
	return r
}

// finish stops the bot and returns what went wrong with that.
func (r *running) finish() error {
	r.stop()
	select {
	case err := <-r.result:
		r.result <- err
		if err != nil {
			return fmt.Errorf("Run: %w; log:\n%s", err, r.log)
		}
	case <-time.After(patience):
		return fmt.Errorf("the bot does not stop; log:\n%s", r.log)
	}
	for _, secret := range []string{secretKey, r.w.env["DISCORD_TOKEN"], progressapitest.RewardValue} {
		if strings.Contains(r.log.String(), secret) {
			return fmt.Errorf("a secret is in the log:\n%s", r.log)
		}
	}
	return nil
}
