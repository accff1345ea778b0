package redisconn

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// bound ends each operation and each pipeline of a client when its time is up.
// The client's own time-outs are for one attempt, and for a cluster there are
// several: what its client may follow in redirections, it also spends on
// repeating what was not answered in time.
type bound struct{ timeout time.Duration }

var _ redis.Hook = bound{}

// DialHook implements [redis.Hook].
func (bound) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements [redis.Hook].
func (b bound) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		ctx, cancel := context.WithTimeout(ctx, b.timeout)
		defer cancel()
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook implements [redis.Hook].
func (b bound) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		ctx, cancel := context.WithTimeout(ctx, b.timeout)
		defer cancel()
		return next(ctx, cmds)
	}
}
