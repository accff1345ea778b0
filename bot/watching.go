package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"progressbot/bot/presence"
	"progressbot/bot/watch"
	"progressbot/progressapi"
)

// makeWatcher makes the watcher, which finds completions, and the presence
// keeper, which finds servers that have removed the bot.
func (b *Bot) makeWatcher(discord *guilds) {
	b.watcher = watch.New(b.store, b.cache, b.announcer, watch.Options{
		Rate: b.config.ProgressRate * watch.Share, Log: b.log, Metrics: b.metrics, Lease: 2 * b.lease,
	})
	b.presence = presence.New(b.store, discord, presence.Options{Log: b.log, Metrics: b.metrics})
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

var _ presence.Discord = (*guilds)(nil)

// Servers implements [presence.Discord].
func (g *guilds) Servers(ctx context.Context) ([]string, error) {
	var all []string
	last := uint64(0)
	for {
		page, err := g.rest.ownGuilds(ctx, strconv.FormatUint(last, 10))
		if err != nil {
			return nil, err
		}
		for _, guild := range page {
			id, err := strconv.ParseUint(guild.ID, 10, 64)
			if err != nil || id <= last {
				return nil, fmt.Errorf("discord %s: the list is out of order", routeOwnGuilds)
			}
			last = id
			all = append(all, guild.ID)
		}
		if len(page) < ownGuildsPage {
			return all, nil
		}
	}
}

// Knows implements [presence.Discord]. For a server that the bot is not in,
// Discord answers "Unknown Guild" or "Missing Access".
func (g *guilds) Knows(ctx context.Context, server string) (bool, error) {
	_, err := g.rest.guild(ctx, server)
	refusal, refused := errors.AsType[*apiError](err)
	if refused && (refusal.Code == codeUnknownGuild || refusal.Code == codeMissingAccess) {
		return false, nil
	}
	return err == nil, err
}
