package cache

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/singleflight"

	"progressbot/progressapi"
	"progressbot/progressapi/internal/redislink"
)

// The defaults of [Options], and the fixed times of a [Cache].
const (
	DefaultTTL         = 30 * time.Second
	DefaultStale       = 24 * time.Hour
	DefaultMaxBytes    = 64 << 20
	DefaultLoadTimeout = 10 * time.Second

	// RenewEvery is how often a person's [Renew] reaches the API at most,
	// counted from the API's last answer about that person in any process.
	RenewEvery = 10 * time.Second

	// nothingTTL is how long "nothing here" is fresh, if TTL is not shorter.
	nothingTTL = 10 * time.Second
	// staleTimes TTL is the age to which an answer may be [Stale].
	staleTimes = 10
	// forgetTimeout bounds [Cache.Forget] in Redis.
	forgetTimeout = 2 * time.Second
)

// Source is where answers come from: the API's client. Its errors match the
// sentinels of [progressapi]. A person of whom nothing is known has an empty
// list, or [progressapi.ErrNotFound].
type Source interface {
	ListPrograms(ctx context.Context, userID string) ([]progressapi.Program, error)
	GetProgram(ctx context.Context, userID, programID string) (progressapi.Program, error)
}

// Options are the choices of a [Cache]. The zero value is ready for use.
type Options struct {
	TTL   time.Duration // how long an answer is fresh; default [DefaultTTL]
	Stale time.Duration // how old a stand-in may be; default [DefaultStale], at least TTL

	// Redis is shared with other processes; nil keeps answers in memory
	// only. It stays the caller's to close, after the Cache.
	Redis redis.UniversalClient
	// RedisBudget is how long one Redis operation may take before the cache
	// goes on without; default 50 ms.
	RedisBudget time.Duration

	// MaxBytes bounds the memory tier, by an estimate of what the answers
	// take; default [DefaultMaxBytes].
	MaxBytes uint64
	// LoadTimeout bounds one call of the Source, which goes on when the
	// caller that caused it has left; default [DefaultLoadTimeout].
	LoadTimeout time.Duration

	// OnFetch, if set, is called with every overview that the API returns,
	// before the answer is served. It is called by several goroutines at once
	// and must be quick. It must not change the programs.
	OnFetch func(userID string, programs []progressapi.Program, fetched time.Time)

	// OnCall, if set, is called after each call of the API. err is nil after
	// a success, which includes the answer that there is nothing. It is for
	// reporting faults to the operator. It is called by several goroutines at
	// once and must be quick.
	OnCall func(err error)

	Log     *slog.Logger // default: none
	Metrics *metrics.Set // default: none; one set for each Cache
}

func (o *Options) setDefaults() {
	o.TTL = orDefault(o.TTL, DefaultTTL)
	o.Stale = max(orDefault(o.Stale, DefaultStale), o.TTL)
	o.LoadTimeout = orDefault(o.LoadTimeout, DefaultLoadTimeout)
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.OnFetch == nil {
		o.OnFetch = func(string, []progressapi.Program, time.Time) {}
	}
	if o.OnCall == nil {
		o.OnCall = func(error) {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = metrics.NewSet()
	}
}

func orDefault(d, standard time.Duration) time.Duration {
	if d <= 0 {
		return standard
	}
	return d
}

// Cache caches the answers of a [Source]. Make one with [New].
type Cache struct {
	source Source
	o      Options
	memory *memory
	shared *shared
	meter  *meters

	flights   singleflight.Group // of look and load, by key
	waiters   atomic.Int64       // callers that wait for the API
	refreshes atomic.Int64       // running in the background, see maxRefreshes
	writes    atomic.Int64       // running in the background, see maxWrites

	// epoch counts the calls of Forget. An answer that was asked for in an
	// earlier epoch is not stored, because it may be about somebody who was
	// forgotten. storing is read-locked while an answer is stored.
	storing sync.RWMutex
	epoch   uint64

	ending  sync.Mutex
	ended   bool
	running sync.WaitGroup
	base    context.Context // of work that outlives its caller; ends with Close
	stop    context.CancelFunc
}

// New returns a Cache of source's answers. The caller closes it.
func New(source Source, o Options) *Cache {
	o.setDefaults()
	memory, err := newMemory(o.MaxBytes, o.Stale)
	if err != nil {
		panic("cache: " + err.Error()) // The options of otter are fixed but for bounds checked above.
	}
	c := &Cache{
		source: source,
		o:      o,
		memory: memory,
		meter:  newMeters(o.Metrics),
	}
	c.shared = &shared{
		link:  redislink.New(o.Redis, redislink.Options{Budget: o.RedisBudget, Log: o.Log, Part: "cache"}),
		keep:  o.Stale,
		meter: c.meter,
	}
	c.base, c.stop = context.WithCancel(context.Background())
	c.gauges(o.Metrics)
	return c
}

// Programs returns what the API says about all programs of a person. An
// empty answer is one, and no error. What is known of single programs from
// later calls of [Cache.Program] is in it; Fetched is the time of the oldest.
//
// Its error is that of the API, where that failed and nothing serves in its
// stead; where ctx ended first the error matches [progressapi.ErrUnavailable]
// and ctx's error.
func (c *Cache) Programs(ctx context.Context, userID string, want Want) (Snapshot, error) {
	return c.answer(ctx, ask{key: key{user: userID}, want: want, background: progressapi.IsBackground(ctx)})
}

// Program returns what the API says about one program of a person, in a
// [Snapshot] of exactly one program. A fresh overview answers for it if that
// has the program's cards (or the program has none). The error matches
// [progressapi.ErrNotFound] if the person has no such program, and else is
// like that of [Cache.Programs].
func (c *Cache) Program(ctx context.Context, userID, programID string, want Want) (Snapshot, error) {
	if programID == "" {
		return Snapshot{}, errNoProgram
	}
	return c.answer(ctx, ask{key: key{user: userID, program: programID}, want: want, background: progressapi.IsBackground(ctx)})
}

// Peek returns the overview of a person from memory or Redis and never asks
// the API. It is [Fresh] or [Stale], whatever its age; false means that
// nothing is known, or only that there was nothing once.
func (c *Cache) Peek(ctx context.Context, userID string) (Snapshot, bool) {
	k := key{user: userID}
	h := c.memory.held(k)
	if c.stage(h.own, time.Now()) != Fresh {
		h = c.look(ctx, k, h)
	}
	age := c.stage(h.own, time.Now())
	if age == gone {
		return Snapshot{}, false
	}
	return Snapshot{Programs: h.programs, Fetched: h.own.fetched, Freshness: min(age, Stale)}, true
}

// Forget deletes everything that is kept about a person, here at once and in
// Redis before it returns. There it leaves when that was, by which other
// processes drop their copies when they next look there: once TTL has passed,
// such a copy is served only by a process that Redis cannot be reached from. An
// answer that another process is waiting for at this very moment may still be
// kept afterwards.
//
// Its error says that Redis could not be reached; call again then.
func (c *Cache) Forget(ctx context.Context, userID string) error {
	c.forgetHere(userID)
	if c.shared.link == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, forgetTimeout)
	defer cancel()
	err := c.shared.forget(ctx, userID)
	// Again, for what was read from Redis in the meantime.
	c.forgetHere(userID)
	if err != nil {
		return fmt.Errorf("forget in Redis: %w", err)
	}
	return nil
}

func (c *Cache) forgetHere(userID string) {
	c.storing.Lock()
	defer c.storing.Unlock()
	c.epoch++
	c.memory.forget(userID)
}

// Close cancels the calls that are under way and returns when they and
// everything else that the cache has started have ended. What is in memory
// can still be asked for.
func (c *Cache) Close() {
	c.ending.Lock()
	c.ended = true
	c.ending.Unlock()
	c.stop()
	c.running.Wait()
	c.shared.link.Close()
	c.memory.close()
}

// begin lets something start that Close has to wait for; it must call
// c.running.Done at its end. It reports false after Close.
func (c *Cache) begin() bool {
	c.ending.Lock()
	defer c.ending.Unlock()
	if c.ended {
		return false
	}
	c.running.Add(1)
	return true
}

// keep runs store unless Forget was called since epoch.
func (c *Cache) keep(epoch uint64, store func()) {
	c.storing.RLock()
	defer c.storing.RUnlock()
	if c.epoch == epoch {
		store()
	}
}

// present returns the current epoch.
func (c *Cache) present() uint64 {
	c.storing.RLock()
	defer c.storing.RUnlock()
	return c.epoch
}

var (
	errNoProgram = &progressapi.Error{Op: "get program", Kind: progressapi.ErrNotFound}
	errClosed    = fmt.Errorf("cache is closed: %w", progressapi.ErrUnavailable)
)

// left is the error for a caller whose context ended before there was an answer.
func left(ctx context.Context) error {
	return errors.Join(progressapi.ErrUnavailable, context.Cause(ctx))
}
