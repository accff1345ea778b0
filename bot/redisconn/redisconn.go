package redisconn

import (
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// defaultTimeout is the default of [Options.Timeout].
const defaultTimeout = 250 * time.Millisecond

// poolSize bounds the connections of this process to each server, unless the
// URL's pool_size parameter says otherwise.
const poolSize = 16

// Options are the choices that a URL does not make. The zero value is ready
// for use.
type Options struct {
	// Timeout bounds each operation and each pipeline as a whole, dialling
	// included; default 250 ms. A context with a nearer deadline ends an
	// operation sooner.
	Timeout time.Duration
}

// Open returns a client for the server that rawURL names:
//
//	redis://[user[:password]@]host[:port][/db]
//	rediss://…                                  the same over TLS
//	redis+sentinel://[user[:password]@]host[:port][,host[:port]…]/master[/db]
//	redis+cluster://[user[:password]@]host[:port][,host[:port]…]
//
// User and password are those of the data servers; Sentinels that ask for
// their own take the parameters sentinel_username and sentinel_password. The
// other parameters are db, pool_size, protocol (2 or 3), tls=true (Sentinel
// and cluster over TLS) and skip_verify=true (trust any certificate).
//
// Open fails only for a malformed URL; it connects to nothing. The caller
// closes the client.
func Open(rawURL string, o Options) (redis.UniversalClient, error) {
	u, err := parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("parse the Redis URL: %w", err)
	}
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	harden(u, timeout)
	client := redis.NewUniversalClient(u)
	client.AddHook(bound{timeout})
	return client, nil
}

// harden sets what the library's defaults leave open.
func harden(u *redis.UniversalOptions, timeout time.Duration) {
	// Without this a context's deadline does not end a read.
	u.ContextTimeoutEnabled = true
	u.DialTimeout, u.ReadTimeout, u.WriteTimeout, u.PoolTimeout = timeout, timeout, timeout, timeout
	// Callers decide what a failure means to them; the library's three
	// retries would only multiply the wait.
	u.MaxRetries = -1
	u.DialerRetries = 1
	u.DialerRetryTimeout = time.Millisecond
	if u.PoolSize == 0 {
		u.PoolSize = poolSize
	}
	u.MaxActiveConns = u.PoolSize
	u.PipelinePoolSize = -1             // No second pool of up to ten more connections.
	u.ConnMaxIdleTime = 5 * time.Minute // Below what firewalls and load balancers forget.
	u.ReadBufferSize = 16 << 10         // Most replies are far smaller.
	u.WriteBufferSize = u.ReadBufferSize

	// No commands on connecting that plain servers, proxies or old versions
	// refuse, and no client-side caching: it is experimental and of no help
	// while Redis is down, for which there is the memory tier.
	u.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	u.DisableIdentity = true
	u.ClientName = "progressbot" // in CLIENT LIST
}
