package bot

import (
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// Transport is the way in which Discord delivers interactions.
type Transport string

// The two transports. An application uses one of them at a time.
const (
	Gateway Transport = "gateway" // a websocket that the bot opens
	HTTP    Transport = "http"    // signed requests to POST /interactions
)

// Config is everything that can be set about a bot. [ConfigFromEnv] fills
// it; [Variables] documents each variable and its default.
type Config struct {
	Token         Secret
	ApplicationID string // "" asks Discord
	GuildID       string // "" registers the commands globally
	DiscordURL    string // origin of Discord's REST API, without a trailing slash

	Transport Transport
	PublicKey ed25519.PublicKey // nil unless set; required for HTTP
	HTTPAddr  string
	OpsAddr   string // "" for no operations listener

	ShardCount int   // 0 takes Discord's advice
	ShardIDs   []int // ascending; nil for all

	ProgressURL       string // base URL of the progress API, without a trailing slash
	ProgressKey       Secret
	ProgressKeyHeader string
	ProgressPlatform  string
	ProgressRate      float64 // requests per second

	RedisURL   Secret // zero for none; it may hold a password
	DataDir    string
	CacheTTL   time.Duration
	CacheStale time.Duration
	WalletURL  string // "" for no link; "{user}" stands for the person's ID

	LogLevel  slog.Level
	LogFormat string // "text" or "json"
}

// ConfigError lists everything that is wrong with a configuration. Its text
// names variables and never repeats a value.
type ConfigError struct {
	Problems []string // each "NAME: what is wrong"
}

// Error implements error as one message of several lines.
func (e *ConfigError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the configuration has %d problem", len(e.Problems))
	if len(e.Problems) != 1 {
		b.WriteByte('s')
	}
	b.WriteByte(':')
	for _, p := range e.Problems {
		b.WriteString("\n  " + p)
	}
	return b.String()
}

// Add notes another problem with the named variable or file.
func (e *ConfigError) Add(name, problem string) {
	e.Problems = append(e.Problems, name+": "+problem)
}

// has reports whether the named variable has a problem already.
func (e *ConfigError) has(name string) bool {
	return slices.ContainsFunc(e.Problems, func(p string) bool { return strings.HasPrefix(p, name+": ") })
}

// ConfigFromEnv reads a configuration through lookup, which has the shape of
// os.LookupEnv. A variable that is empty counts as not set. The error is nil
// or a [*ConfigError] with every problem that was found.
//
// It uses no struct-tag library, because those put the invalid value into their
// errors, and some of the values are secrets. The table that drives the parsing
// also documents the variables.
func ConfigFromEnv(lookup func(string) (string, bool)) (Config, error) {
	var (
		c        Config
		problems ConfigError
	)
	for _, v := range variableTable() {
		value, _ := lookup(v.Name)
		value = strings.TrimSpace(value)
		if value == "" {
			value = v.Default
		}
		if value == "" {
			if v.Required {
				problems.Add(v.Name, "is required and not set")
			}
			continue
		}
		if err := v.set(&c, value); err != nil {
			problems.Add(v.Name, err.Error())
		}
	}
	c.checkTogether(&problems)
	if len(problems.Problems) > 0 {
		return Config{}, &problems
	}
	return c, nil
}

// checkTogether finds problems with combinations of variables. It ignores
// variables that were malformed, which are left at their zero values.
func (c *Config) checkTogether(problems *ConfigError) {
	if c.Transport == HTTP && c.PublicKey == nil && !problems.has("DISCORD_PUBLIC_KEY") {
		problems.Add("DISCORD_PUBLIC_KEY", "is required when INTERACTIONS=http")
	}
	if c.Transport == HTTP && c.HTTPAddr != "" && c.HTTPAddr == c.OpsAddr && !strings.HasSuffix(c.OpsAddr, ":0") {
		problems.Add("OPS_ADDR", "must differ from HTTP_ADDR")
	}
	if len(c.ShardIDs) > 0 {
		if c.ShardCount == 0 {
			problems.Add("SHARD_IDS", "needs SHARD_COUNT, which says how many shards there are in all")
		} else if last := c.ShardIDs[len(c.ShardIDs)-1]; last >= c.ShardCount {
			problems.Add("SHARD_IDS", fmt.Sprintf("names shard %d, but SHARD_COUNT=%d ends at shard %d", last, c.ShardCount, c.ShardCount-1))
		}
	}
	if c.CacheTTL > 0 && c.CacheStale > 0 && c.CacheStale < c.CacheTTL {
		problems.Add("CACHE_STALE", "must not be shorter than CACHE_TTL")
	}
}
