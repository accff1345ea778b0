package redisconn

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/redis/go-redis/v9"
)

// maxLogLine bounds a line of the library.
const maxLogLine = 500

// BridgeLog sends what the Redis library prints to log, at debug level: it
// tells of every failed connection, of which the users of the connection
// already log one line per fault.
//
// The library has one logger for the whole process, so this is for the
// composition root to call once, before [Open].
func BridgeLog(log *slog.Logger) { redis.SetLogger(bridge{log}) }

type bridge struct{ log *slog.Logger }

// Printf implements the library's logging interface.
func (b bridge) Printf(ctx context.Context, format string, v ...any) {
	if !b.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	line := fmt.Sprintf(format, v...)
	b.log.DebugContext(ctx, "redis client", "text", line[:min(len(line), maxLogLine)])
}
