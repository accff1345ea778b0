package redisconn

import (
	"context"
	"time"
)

// NewFuse returns a fuse of no client.
func NewFuse(limit time.Duration, ping func(context.Context) error) *Fuse {
	return newFuse(limit, ping)
}
