package bot

import (
	"context"
	"time"

	"progressbot/bot/watch"
	"progressbot/progressapi"
)

// makeWatcher makes the watcher, which finds completions.
func (b *Bot) makeWatcher() {
	b.watcher = watch.New(b.store, b.cache, b.announcer, watch.Options{
		Rate: b.config.ProgressRate * watch.Share, Log: b.log, Metrics: b.metrics, Lease: 2 * b.lease,
	})
}

// observe passes an overview that the cache has fetched on to the watcher.
func (b *Bot) observe(userID string, programs []progressapi.Program, fetched time.Time) {
	b.watcher.Observe(userID, programs, fetched)
}

// watch looks for completions until ctx ends.
func (b *Bot) watch(ctx context.Context) {
	if err := b.watcher.Run(ctx); err != nil {
		b.log.Warn("the watcher has not ended cleanly", "err", err)
	}
}
