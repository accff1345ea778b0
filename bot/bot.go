package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/redis/go-redis/v9"

	"progressbot/bot/announce"
	"progressbot/bot/presence"
	"progressbot/bot/redisconn"
	"progressbot/bot/standings"
	"progressbot/bot/store"
	"progressbot/bot/watch"
	"progressbot/commands"
	"progressbot/embeds/card"
	"progressbot/progressapi"
	"progressbot/progressapi/budget"
	"progressbot/progressapi/cache"
)

const (
	// drainTime bounds how long stopping waits for accepted interactions to
	// be answered. With a second before it, for the gateway to let go, that
	// is as long as the announcer takes; with the two below after it,
	// stopping takes 10 s at most, which is when many supervisors kill.
	drainTime = announce.StopTime - time.Second
	// handlersTime is when, during draining, the contexts of handlers are
	// cancelled. The rest of drainTime is for sending their error messages.
	handlersTime = 5 * time.Second
	// standingsTime bounds storing the remaining standings at the end.
	standingsTime = time.Second
	// opsCloseTime bounds closing the operations listener.
	opsCloseTime = time.Second
)

// Deps are what a bot is given besides its configuration.
type Deps struct {
	Log     *slog.Logger // default: none
	Version string       // of the program, for the User-Agent; default "dev"
	// Lease is for how long the announcer claims a piece of work, so that no
	// other process sharing its Redis does the same; the watcher claims for
	// twice as long. The work of a process that died is taken over once its
	// claim has expired. Default 1m.
	Lease time.Duration
}

// Bot is a configured bot. It runs once.
type Bot struct {
	config  Config
	lease   time.Duration // see Deps; 0 for the default
	log     *slog.Logger
	metrics *metrics.Set

	transport   *http.Transport // to Discord
	rest        *rest
	cacheRedis  redis.UniversalClient // of the budget, too; nil without Redis
	storeRedis  redis.UniversalClient // nil without Redis
	storeFuse   *redisconn.Fuse       // of storeRedis
	budget      *budget.Budget
	progress    *progressapi.Client
	cache       *cache.Cache
	store       *store.Store
	storeFaults storeFaults
	announcer   *announce.Announcer
	standings   *standings.Recorder
	watcher     *watch.Watcher
	presence    *presence.Keeper
	mentions    *commands.Mentions
	faults      *commands.FaultLog
	router      *commands.Router
	gateway     *gateway // nil where interactions come by HTTP

	fatal    chan error // the first fault that ends the bot
	draining atomic.Bool
	serving  atomic.Bool // takes interactions by HTTP
}

// New returns a bot made from config. It does not connect to anything yet. Its
// error is a [*ConfigError] if the configuration cannot be used.
func New(config Config, deps Deps) (*Bot, error) {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Version == "" {
		deps.Version = "dev"
	}
	painter, err := card.New()
	if err != nil {
		return nil, err
	}
	b := &Bot{
		config:      config,
		lease:       deps.Lease,
		log:         deps.Log,
		metrics:     metrics.NewSet(),
		transport:   newTransport(),
		mentions:    new(commands.Mentions),
		faults:      commands.NewFaultLog(deps.Log),
		storeFaults: newStoreFaults(deps.Log),
		fatal:       make(chan error, 1),
	}
	b.metrics.NewGauge(fmt.Sprintf("progressbot_build_info{version=%q,goversion=%q}", deps.Version, runtime.Version()),
		func() float64 { return 1 })
	b.connectDiscord(deps.Version)
	if err := b.connectProgress(deps.Version); err != nil {
		return nil, err
	}
	b.store = store.Later(b.openDriver)
	discord := &guilds{rest: b.rest}
	port := &announcePort{rest: b.rest, guilds: discord}
	b.makeAnnouncer(port, painter)
	b.standings = standings.New(b.store, standings.Options{Log: b.log, Metrics: b.metrics})
	b.makeWatcher()
	b.presence = presence.New(b.store, discord, presence.Options{Log: b.log, Metrics: b.metrics})
	b.makeRouter(discord, port, painter)
	if config.Transport == Gateway {
		b.makeGateway()
	}
	return b, nil
}

// connectDiscord makes the client of Discord's REST API.
func (b *Bot) connectDiscord(version string) {
	b.rest = newREST(restOptions{
		origin: b.config.DiscordURL, token: b.config.Token, version: version,
		transport: b.transport, metrics: b.metrics,
		refused: func(err error) { b.fail(&fatalError{cause: fatalClose(closeTokenRefused)}, err) },
	})
}

// connectProgress makes the client of the progress API, its rate limit and its
// cache.
func (b *Bot) connectProgress(version string) error {
	var problems ConfigError
	if !b.config.RedisURL.IsZero() {
		if err := b.openRedis(b.config.RedisURL.Reveal()); err != nil {
			problems.Add("REDIS_URL", err.Error())
		}
	}
	b.budget = budget.New(budget.Options{
		Rate: b.config.ProgressRate, Redis: b.cacheRedis, Log: b.log, Metrics: b.metrics,
	})
	client, err := progressapi.NewClient(b.config.ProgressURL, b.config.ProgressKey.Reveal(),
		progressapi.WithPlatform(b.config.ProgressPlatform),
		progressapi.WithKeyHeader(b.config.ProgressKeyHeader),
		progressapi.WithUserAgent("progressbot/"+version),
		progressapi.WithGate(b.budget),
	)
	if err != nil {
		problems.Add("PROGRESS_API_URL", err.Error())
	}
	if len(problems.Problems) > 0 {
		return &problems
	}
	b.progress = client
	b.cache = cache.New(client, cache.Options{
		TTL: b.config.CacheTTL, Stale: b.config.CacheStale,
		OnFetch: b.observe, OnCall: b.faults.Upstream, Redis: b.cacheRedis, Log: b.log, Metrics: b.metrics,
	})
	return nil
}

func (b *Bot) makeRouter(discord *guilds, port *announcePort, painter *card.Renderer) {
	b.router = commands.NewRouter(
		commands.Options{Log: b.log, Metrics: b.metrics, Faults: b.faults, Mentions: b.mentions},
		commands.All(commands.Deps{
			Progress: b.cache, Cached: b.cache,
			Settings: wakefulStore{b.store, b.announcer}, People: b.store, Boards: b.store, Standings: b.standings,
			Guilds: discord, Members: discord, Poster: discord, Painter: painter,
			Announcer: manualAnnouncer{b.announcer}, Once: oncePoster{port, b.log}, Ledger: b.store, Recaps: b.store,
			Faults: b.faults, Mentions: b.mentions, WalletURL: b.config.WalletURL,
		})...)
}

// fail makes Run end with fault. Only the first call has an effect.
func (b *Bot) fail(fault, cause error) {
	select {
	case b.fatal <- fault:
		b.log.Error("the bot cannot go on", "err", fault, "cause", cause)
	default:
	}
}

// Run keeps the bot running until ctx ends, and then lets it finish what it
// has taken on. It returns nil after that, or the fault that ended the bot.
func (b *Bot) Run(ctx context.Context) error {
	defer b.release()
	ops, err := b.startOps(ctx)
	if err != nil {
		return err
	}
	defer ops.close(ctx, opsCloseTime)

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var behind sync.WaitGroup // background work
	defer behind.Wait()
	defer cancel()
	if err := b.openStore(ctx); err != nil {
		return ignoreEnd(ctx, err)
	}
	behind.Go(func() { b.tendStore(ctx) })
	behind.Go(func() { b.announcer.Run(ctx) })
	behind.Go(func() { b.watch(ctx) })
	behind.Go(func() { b.presence.Run(ctx) })

	failed := make(chan error, 1)
	go func() {
		failed <- b.serve(ctx, &behind)
	}()
	for stopping := ctx.Done(); ; {
		select {
		case <-stopping:
			stopping = nil
			b.draining.Store(true)
			b.log.Info("stopping")
		case fault := <-b.fatal:
			b.draining.Store(true)
			cancel()
			return cmp.Or(fault, <-failed) // the fault, once everything has ended
		case err = <-failed:
			return err
		}
	}
}

// release closes everything that New opened.
func (b *Bot) release() {
	b.keepStandings()
	if err := b.store.Close(); err != nil {
		b.log.Error("the store was not closed", "err", err)
	}
	b.cache.Close()
	b.budget.Close()
	if b.cacheRedis != nil {
		_ = b.cacheRedis.Close()
		b.storeFuse.Close()
		_ = b.storeRedis.Close()
	}
	b.progress.CloseIdleConnections()
	b.transport.CloseIdleConnections()
}

// keepStandings stores what members' progress showed before the end.
func (b *Bot) keepStandings() {
	ctx, cancel := context.WithTimeout(context.Background(), standingsTime)
	defer cancel()
	if err := b.standings.Close(ctx); err != nil {
		b.log.Warn("some standings were not stored", "err", err)
	}
}

func (b *Bot) startOps(ctx context.Context) (*listener, error) {
	if b.config.OpsAddr == "" {
		return nil, nil
	}
	o := &ops{metrics: b.metrics, notReady: b.notReady}
	l, err := listen(ctx, b.config.OpsAddr, o.handler(), b.log, func(err error) { b.fail(err, err) })
	if err == nil {
		b.log.Info("operations are served by HTTP", "addr", l.addr)
	}
	return l, err
}

// notReady returns why the bot cannot be used just now, "" if it can.
func (b *Bot) notReady() string {
	if b.draining.Load() {
		return "draining"
	}
	if b.gateway == nil {
		if b.serving.Load() {
			return ""
		}
		return "starting"
	}
	up, all := b.gateway.connected()
	if all == 0 {
		return "starting"
	}
	if up < all {
		return fmt.Sprintf("%d of %d shards connected", up, all)
	}
	return ""
}

// serve looks up the application, registers the commands, serves interactions
// until ctx ends, and drains.
func (b *Bot) serve(ctx context.Context, behind *sync.WaitGroup) error {
	app, err := b.introduce(ctx)
	if err != nil {
		return ignoreEnd(ctx, err)
	}
	b.registrar(app.ID).run(ctx, behind.Go)

	handlers, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	d := newDispatcher(handlers, b.router, b.metrics, b.log)
	in := newIntake(b.rest, d, b.metrics, b.log)
	var endpoint *listener // nil for the gateway
	if b.gateway != nil {
		err = b.serveGateway(ctx, in)
	} else {
		endpoint, err = b.serveHTTP(ctx, in)
	}
	b.drain(ctx, endpoint, d, giveUp)
	return ignoreEnd(ctx, err)
}

// ignoreEnd returns err unless it is only that ctx ended.
func ignoreEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

// introduce returns the application that the token belongs to.
func (b *Bot) introduce(ctx context.Context) (app application, err error) {
	if id := b.config.ApplicationID; id != "" {
		return application{ID: id}, nil
	}
	err = b.insist(ctx, "the application cannot be looked up", func() (err error) {
		app, err = b.rest.application(ctx)
		return err
	})
	if err == nil {
		b.log.Info("application identified", "application", app.ID, "name", app.Name)
	}
	return app, err
}

// insist repeats what a start needs until it succeeds or ctx ends: Discord may
// be down while the bot starts. Each failure is logged as trouble.
func (b *Bot) insist(ctx context.Context, trouble string, f func() error) error {
	for failures := 1; ; failures++ {
		err := f()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		wait := backoff(failures + 1)
		b.log.Error(trouble, "err", err, "again_in", wait.Round(time.Millisecond))
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func (b *Bot) registrar(appID string) *registrar {
	return &registrar{
		rest: b.rest, appID: appID, guildID: b.config.GuildID,
		definitions: b.router.Definitions(), mentions: b.mentions, log: b.log,
	}
}

func (b *Bot) makeGateway() {
	b.gateway = newGateway(gatewayOptions{
		token: b.config.Token, count: b.config.ShardCount, ids: b.config.ShardIDs,
		ask: b.rest.gateway, userAgent: b.rest.userAgent, metrics: b.metrics, log: b.log,
	})
}

// serveGateway takes interactions from the gateway until ctx ends.
func (b *Bot) serveGateway(ctx context.Context, in *intake) error {
	err := b.insist(ctx, "the gateway cannot be looked up", func() error { return b.gateway.plan(ctx) })
	if err != nil {
		return err
	}
	return b.gateway.run(ctx, func(raw []byte, received time.Time) {
		_ = in.take(raw, received, nil) // was logged and counted
	})
}

// serveHTTP takes interactions by HTTP until ctx ends. It returns its listener,
// which the caller closes.
func (b *Bot) serveHTTP(ctx context.Context, in *intake) (*listener, error) {
	h := newWebhook(b.config.PublicKey, in, b.metrics, b.log)
	l, err := listen(ctx, b.config.HTTPAddr, h.handler(), b.log, func(err error) { b.fail(err, err) })
	if err != nil {
		return nil, err
	}
	b.serving.Store(true)
	b.log.Info("interactions are taken by HTTP", "addr", l.addr)
	<-ctx.Done()
	return l, nil
}

// drain closes the endpoint, if there is one, and waits until every
// interaction that was accepted is answered: for drainTime in all, after
// handlersTime with the handlers' contexts cancelled.
func (b *Bot) drain(ctx context.Context, endpoint *listener, d *dispatcher, giveUp func()) {
	running, waiting := d.depth()
	b.log.Info("draining", "running", running, "waiting", waiting)
	done := make(chan struct{})
	go func() {
		defer close(done)
		endpoint.close(ctx, drainTime)
		d.close()
		b.router.Wait()
	}()
	defer time.AfterFunc(handlersTime, giveUp).Stop()
	timer := time.NewTimer(drainTime)
	defer timer.Stop()
	select {
	case <-done:
		b.log.Info("drained")
	case <-timer.C:
		running, waiting := d.depth()
		b.log.Error("stopped with work unfinished", "running", running, "waiting", waiting)
	}
}

// Sync registers the commands with Discord and returns.
func (b *Bot) Sync(ctx context.Context) error {
	defer b.release()
	app, err := b.rest.application(ctx)
	if err != nil {
		return err
	}
	_, err = b.registrar(app.ID).sync(ctx)
	return err
}
