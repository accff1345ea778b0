package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"

	"progressbot/bot"
	"progressbot/bot/discordsim"
	"progressbot/bot/porttest"
	"progressbot/bot/redisconn/redistest"
	"progressbot/progressapi/progressapitest"
)

// settleTime bounds how long the stage waits for the bot to come or go.
const settleTime = 15 * time.Second

// person is somebody one can be in the playground.
type person struct {
	Name  string // as typed: lower case, no spaces
	ID    string
	About string
}

// stage is the whole play: a simulated Discord, a sample progress API and
// the real bot between them, which can be taken off and put back on.
type stage struct {
	discord *discordsim.Server
	api     *progressapitest.API
	redis   *redistest.Proxy // on the way to the bot's Redis
	people  []person
	log     *slog.Logger
	closers []func() error

	changing sync.Mutex // held while the bot is taken off and put back on

	mu     sync.Mutex // guards what follows
	config bot.Config
	stop   func() error // nil while the bot is off
	faults []fault
}

// The IDs of people that the progress API does not know.
const adminID = "500000000000000005"

// openStage sets everything up and waits until the bot takes commands.
func openStage(ctx context.Context, log *slog.Logger, dataDir string) (_ *stage, err error) {
	st := &stage{log: log, faults: allFaults()}
	defer func() {
		if err != nil {
			err = errors.Join(err, st.close())
		}
	}()
	api := progressapitest.New(progressapitest.Options{})
	server, err := progressapitest.Serve(api)
	if err != nil {
		return nil, fmt.Errorf("start the sample progress API: %w", err)
	}
	st.api = api
	st.closers = append(st.closers, server.Close)
	st.discord, err = discordsim.Start(discordsim.Options{
		People: discordsim.People{
			Member: progressapitest.Collector, Newcomer: progressapitest.Newcomer,
			Finisher: progressapitest.Finisher, Manager: progressapitest.Veteran, Admin: adminID,
		},
		RequireAllowedMentions: true,
		// The bot may be restarted as often as one likes.
		Gateway: discordsim.Gateway{IdentifyInterval: -1},
	})
	if err != nil {
		return nil, fmt.Errorf("start the simulated Discord: %w", err)
	}
	st.closers = append(st.closers, func() error { st.discord.Close(); return nil })
	st.people = cast(st.discord)
	if err := st.openRedis(); err != nil {
		return nil, err
	}
	port, err := porttest.Claim()
	if err != nil {
		return nil, fmt.Errorf("claim a port for the bot: %w", err)
	}
	st.closers = append(st.closers, port.Release)
	if st.config, err = st.configure(server.URL(), port.Addr(), dataDir); err != nil {
		return nil, err
	}
	if err := st.start(ctx); err != nil {
		return nil, err
	}
	return st, nil
}

// cast lists who one can be.
func cast(d *discordsim.Server) []person {
	p := d.People()
	return []person{
		{"mia", p.Member, "collects a bit of everything"},
		{"noah", p.Newcomer, "is new here and has nothing yet"},
		{"finn", p.Finisher, "has just completed a collection"},
		{"maya", p.Manager, "manages events, and takes part in 300 collections"},
		{"ada", p.Admin, "runs the server"},
	}
}

// openRedis starts an embedded Redis and the proxy that can break it.
func (st *stage) openRedis() error {
	server := miniredis.NewMiniRedis()
	if err := server.StartAddr("127.0.0.1:0"); err != nil {
		return fmt.Errorf("start the embedded Redis: %w", err)
	}
	st.closers = append(st.closers, func() error { server.Close(); return nil })
	proxy, err := redistest.NewProxy(server.Addr())
	if err != nil {
		return fmt.Errorf("start the way to Redis: %w", err)
	}
	st.closers = append(st.closers, func() error { proxy.Close(); return nil })
	st.redis = proxy
	return nil
}

// configure is the bot's configuration, read as it would be from the
// environment.
func (st *stage) configure(apiURL, httpAddr, dataDir string) (bot.Config, error) {
	env := map[string]string{
		"DISCORD_TOKEN":      st.discord.Token(),
		"DISCORD_API_URL":    st.discord.URL(),
		"DISCORD_PUBLIC_KEY": st.discord.PublicKey(),
		"PROGRESS_API_URL":   apiURL,
		"PROGRESS_API_KEY":   progressapitest.DefaultKey,
		"PROGRESS_API_RATE":  "200",
		"REDIS_URL":          st.redis.URL(),
		"CACHE_TTL":          "5s",
		"HTTP_ADDR":          httpAddr,
		"OPS_ADDR":           "off",
		"DATA_DIR":           dataDir,
		"WALLET_URL":         "https://wallet.example.com/{user}",
	}
	return bot.ConfigFromEnv(func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	})
}

// start puts the bot on and waits until it takes commands.
func (st *stage) start(ctx context.Context) error {
	st.mu.Lock()
	config := st.config
	st.mu.Unlock()
	b, err := bot.New(config, bot.Deps{Log: st.log})
	if err != nil {
		return fmt.Errorf("make the bot: %w", err)
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- b.Run(run) }()
	st.mu.Lock()
	st.stop = func() error {
		cancel()
		return <-ended
	}
	st.mu.Unlock()
	if err := st.awaitBot(ctx, config); err != nil {
		return fmt.Errorf("wait for the bot: %w", err)
	}
	return nil
}

// awaitBot waits until the bot's commands are registered and interactions
// reach it.
func (st *stage) awaitBot(ctx context.Context, config bot.Config) error {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	if err := st.discord.AwaitRegistered(ctx, "progress", "help"); err != nil {
		return err
	}
	if config.Transport != bot.HTTP {
		return st.discord.AwaitReady(ctx)
	}
	// Discord asks once, when the URL is saved; here the bot may still be
	// on its way.
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := st.discord.SetInteractionsEndpoint(ctx, "http://"+config.HTTPAddr+"/interactions")
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}

// restart stops the bot as a deployment does and starts it again.
func (st *stage) restart(ctx context.Context) error {
	return st.reopen(ctx, func(*bot.Config) {})
}

// reopen restarts the bot with a change to its configuration. Whoever wants
// that at the same time has to wait: there is one bot.
func (st *stage) reopen(ctx context.Context, change func(*bot.Config)) error {
	st.changing.Lock()
	defer st.changing.Unlock()
	if err := st.halt(); err != nil {
		return err
	}
	st.mu.Lock()
	change(&st.config)
	gateway := st.config.Transport == bot.Gateway
	st.mu.Unlock()
	if gateway {
		if err := st.discord.SetInteractionsEndpoint(ctx, ""); err != nil {
			return err
		}
	}
	wait, done := context.WithTimeout(ctx, settleTime)
	defer done()
	if err := st.discord.AwaitDisconnected(wait); err != nil {
		return fmt.Errorf("wait for the bot to leave: %w", err)
	}
	return st.start(ctx)
}

// switchMode restarts the bot with interactions coming by the gateway or by
// HTTP.
func (st *stage) switchMode(ctx context.Context, mode string) error {
	transport := bot.Transport(mode)
	if transport != bot.Gateway && transport != bot.HTTP {
		return fmt.Errorf("there is no mode %q", mode)
	}
	return st.reopen(ctx, func(c *bot.Config) { c.Transport = transport })
}

func (st *stage) halt() error {
	st.mu.Lock()
	stop := st.stop
	st.stop = nil
	st.mu.Unlock()
	if stop == nil {
		return nil
	}
	return stop()
}

// close ends everything, the bot first.
func (st *stage) close() error {
	st.changing.Lock()
	defer st.changing.Unlock()
	err := st.halt()
	for _, end := range slices.Backward(st.closers) {
		err = errors.Join(err, end())
	}
	return err
}

// find returns somebody by name or by ID.
func (st *stage) find(name string) (person, bool) {
	name = strings.ToLower(strings.TrimPrefix(name, "@"))
	for _, p := range st.people {
		if p.Name == name || p.ID == name {
			return p, true
		}
	}
	return person{}, false
}

// nameOf returns what to call somebody or something with an ID.
func (st *stage) nameOf(id string) string {
	if p, ok := st.find(id); ok {
		return p.Name
	}
	for known, name := range st.places() {
		if known == id {
			return name
		}
	}
	return id
}

// places yields the server's channels and roles by ID, with their names.
func (st *stage) places() iter.Seq2[string, string] {
	return func(yield func(id, name string) bool) {
		for _, g := range st.discord.Guilds() {
			for _, c := range g.Channels {
				if !yield(c.ID, c.Name) {
					return
				}
			}
			for _, r := range g.Roles {
				if !yield(r.ID, r.Name) {
					return
				}
			}
		}
	}
}
