package redisstore

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"progressbot/bot/store"
)

// Durability implements [store.Driver]: it asks the server that holds the
// state how it persists, what it does when its memory is full, and what its
// role is. A server that refuses to tell is a warning, one that cannot be
// reached an error.
func (d *DB) Durability(ctx context.Context) ([]store.Warning, error) {
	node, err := d.node(ctx)
	if err != nil {
		return nil, fmt.Errorf("find the Redis server of the state: %w", err)
	}
	info := map[string]string{}
	for _, section := range []string{"persistence", "memory", "replication"} {
		text, err := node.Info(ctx, section).Result()
		if err != nil && !refused(err) {
			return nil, fmt.Errorf("ask Redis for INFO: %w", err)
		}
		parseInfo(text, info)
	}
	fsync, err := node.ConfigGet(ctx, "appendfsync").Result()
	if err != nil && !refused(err) {
		return nil, fmt.Errorf("ask Redis for its configuration: %w", err)
	}
	return judge(info, fsync["appendfsync"]), nil
}

// node returns a client of the server that holds the state.
func (d *DB) node(ctx context.Context) (redis.UniversalClient, error) {
	if cluster, ok := d.client.(*redis.ClusterClient); ok {
		return cluster.MasterForKey(ctx, prefix)
	}
	return d.client, nil
}

// refused reports whether the server answered and said no.
func refused(err error) bool {
	var reply redis.Error
	return errors.As(err, &reply)
}

// parseInfo reads the fields of an INFO reply.
func parseInfo(text string, into map[string]string) {
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok {
			into[name] = value
		}
	}
}

// judge turns what a server says of itself into warnings. Every field may be
// missing.
func judge(info map[string]string, fsync string) []store.Warning {
	return slices.Concat(judgePersistence(info, fsync), judgeMemory(info), judgeRole(info))
}

func judgePersistence(info map[string]string, fsync string) []store.Warning {
	status := info["aof_last_write_status"]
	switch {
	case info["aof_enabled"] == "":
		return warn(store.WarnUnknown, "Redis does not tell whether it persists its data. The bot needs \"appendonly yes\".")
	case info["aof_enabled"] == "0":
		return warn(store.WarnNotPersistent, "Redis keeps no append-only file: when it restarts, settings, people's choices and the record of what was announced are lost or old, and announcements may repeat. Set \"appendonly yes\".")
	case status != "" && status != "ok":
		return warn(store.WarnNotPersistent, "Redis cannot write its append-only file. Look at its log and its disk.")
	case fsync == "everysec":
		return warn(store.WarnPowerLoss, "Redis syncs its append-only file once a second: a power cut may lose the last second, and an announcement of that second may repeat. Set \"appendfsync always\" to exclude it.")
	case fsync == "no":
		return warn(store.WarnPowerLoss, "Redis leaves syncing its append-only file to the system: a power cut may lose the last half minute, and announcements of that time may repeat. Set \"appendfsync always\", or \"everysec\" to lose a second.")
	}
	return nil
}

func judgeMemory(info map[string]string) []store.Warning {
	policy := info["maxmemory_policy"]
	switch {
	case policy == "":
		return warn(store.WarnUnknown, "Redis does not tell what it drops when its memory is full. The bot needs a maxmemory-policy that is \"noeviction\" or begins with \"volatile-\".")
	case strings.HasPrefix(policy, "allkeys-"):
		return warn(store.WarnEviction, fmt.Sprintf("Redis may drop any key when its memory is full (maxmemory-policy %s), settings and people's choices included. Set \"maxmemory-policy volatile-lru\", which drops only cached answers.", policy))
	}
	return nil
}

func judgeRole(info map[string]string) []store.Warning {
	replicas := info["connected_slaves"]
	switch {
	case info["role"] == "slave":
		return warn(store.WarnReplica, "This Redis is a replica and refuses writes. Point REDIS_URL at the primary.")
	case replicas != "" && replicas != "0":
		return warn(store.WarnFailover, "Redis has replicas, which follow with a delay: a failover may lose the last moments, and an announcement of that time may repeat.")
	}
	return nil
}

func warn(code store.WarningCode, text string) []store.Warning {
	return []store.Warning{{Code: code, Text: text}}
}
