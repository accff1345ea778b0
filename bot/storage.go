package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"time"

	"progressbot/bot/redisconn"
	"progressbot/bot/store"
	"progressbot/bot/store/boltstore"
	"progressbot/bot/store/redisstore"
	"progressbot/progressapi/outage"
)

const (
	// storeFile is the embedded store in the data folder.
	storeFile = "progressbot.db"
	// storeOpenTime is how long a start waits for the store.
	storeOpenTime = 5 * time.Second
	// sweepEvery is how often expired data is deleted, sweepTime how long
	// that may take, and storeRetry the longest pause after a failure.
	sweepEvery = time.Hour
	sweepTime  = 10 * time.Minute
	storeRetry = 15 * time.Second
	// storeTime bounds each operation of the store on Redis, and storeSilence
	// is how long a silent Redis may delay them. The cache gives up far sooner,
	// because it can do without; what the store is asked for, people can not.
	storeTime    = time.Second
	storeSilence = 200 * time.Millisecond
)

// openRedis makes both clients. It connects to nothing.
func (b *Bot) openRedis(url string) (err error) {
	if b.cacheRedis, err = redisconn.Open(url, redisconn.Options{}); err != nil {
		return err
	}
	if b.storeRedis, err = redisconn.Open(url, redisconn.Options{Timeout: storeTime}); err != nil {
		return err
	}
	b.storeFuse = redisconn.AddFuse(b.storeRedis, storeSilence, func(ctx context.Context) error {
		return redisstore.Ping(ctx, b.storeRedis)
	})
	return nil
}

// openDriver opens what the store keeps its data in.
func (b *Bot) openDriver(context.Context) (store.Driver, error) {
	if b.cacheRedis != nil {
		return redisstore.New(b.storeRedis), nil
	}
	return boltstore.Open(filepath.Join(b.config.DataDir, storeFile), boltstore.Options{})
}

// openStore opens the store. A file that cannot be opened ends the start,
// and so does data that this program must not touch. A Redis that is down
// does not: the store opens by itself once it is back.
func (b *Bot) openStore(ctx context.Context) error {
	opening, cancel := context.WithTimeout(ctx, storeOpenTime)
	defer cancel()
	err := b.store.Ready(opening)
	switch {
	case err == nil, ctx.Err() != nil:
		return ctx.Err()
	case b.cacheRedis == nil:
		return fmt.Errorf("the store in DATA_DIR: %w", err)
	case errors.Is(err, store.ErrNewerSchema), errors.Is(err, store.ErrDamaged):
		return fmt.Errorf("the store in Redis: %w", err)
	}
	b.storeFaults.unreached.Failed(err)
	return nil
}

// storeFaults tell the log when the store begins to fail and when that is
// over.
type storeFaults struct {
	unreached *outage.Watch // at the start
	unswept   *outage.Watch
}

func newStoreFaults(log *slog.Logger) storeFaults {
	return storeFaults{
		unreached: outage.New(outage.Options{
			Log: log, Level: slog.LevelError,
			Begun: "the store cannot be reached: nothing is saved, and nobody sees others' progress, until it is back", Ended: "the store can be reached again",
		}),
		unswept: outage.New(outage.Options{
			Log: log, Level: slog.LevelWarn,
			Begun: "the store could not be swept, which is tried again", Ended: "the store is swept again",
		}),
	}
}

// tendStore maintains the store until ctx ends: it logs risks to the data's
// durability once, completes interrupted deletions, and deletes expired data.
func (b *Bot) tendStore(ctx context.Context) {
	warned, failures := false, 0
	for {
		if !warned {
			warned = b.warnOfStore(ctx)
		}
		wait := sweepEvery + rand.N(sweepEvery/10)
		switch err := b.sweep(ctx); {
		case err == nil:
			failures = 0
			b.storeFaults.unswept.Worked()
		case ctx.Err() == nil:
			failures++
			b.storeFaults.unswept.Failed(err)
			wait = min(backoff(failures+1), storeRetry)
		}
		if sleep(ctx, wait) != nil {
			return
		}
	}
}

// warnOfStore logs the risks to the data's durability. It returns false if the
// store could not be asked.
func (b *Bot) warnOfStore(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, storeOpenTime)
	defer cancel()
	warnings, err := b.store.Durability(ctx)
	if err != nil {
		return false
	}
	b.storeFaults.unreached.Worked()
	for _, w := range warnings {
		b.log.Warn(w.Text, "warning", string(w.Code))
	}
	return true
}

// sweep deletes expired data.
func (b *Bot) sweep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sweepTime)
	defer cancel()
	swept, err := b.store.Sweep(ctx, time.Now())
	if swept != (store.Swept{}) {
		b.log.Info("the store was swept", "records", swept.Records, "servers", swept.Servers, "forgets", swept.Forgets)
	}
	return err
}
