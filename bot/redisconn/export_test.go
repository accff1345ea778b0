package redisconn

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// NewFuse returns what a client with [Options.Fuse] has as its hook.
func NewFuse(limit time.Duration, ping func(context.Context) error) redis.Hook {
	return &fuse{limit: limit, ping: ping}
}
