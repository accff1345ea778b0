package bot

import (
	"cmp"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"progressbot/bot/redisconn"
)

// Variable documents one environment variable.
type Variable struct {
	Name     string
	Default  string // "" if there is none
	Required bool
	Secret   bool
	Meaning  string // one sentence without a full stop
}

// Variables returns every variable that [ConfigFromEnv] reads, in the order
// in which they are documented.
func Variables() []Variable {
	table := variableTable()
	variables := make([]Variable, len(table))
	for i, v := range table {
		variables[i] = v.Variable
	}
	return variables
}

// variable is a [Variable] together with how its value is read. The errors of
// set follow the variable's name and never repeat the value.
type variable struct {
	Variable
	set func(c *Config, value string) error
}

const (
	maxShards       = 10_000  // more than any bot has
	maxProgressRate = 100_000 // more than any API takes
	// maxWalletURL leaves room for a person's ID within the 512 characters
	// that Discord allows a link button.
	maxWalletURL = 480
)

// variableTable is the one table of what can be configured.
func variableTable() []variable {
	return []variable{
		{Variable{Name: "DISCORD_TOKEN", Required: true, Secret: true,
			Meaning: "the bot's token, from the application's Bot page"}, setToken},
		{Variable{Name: "DISCORD_APPLICATION_ID",
			Meaning: "the application's ID; asked from Discord unless set"}, setApplicationID},
		{Variable{Name: "DISCORD_GUILD_ID",
			Meaning: "register the commands in this one server instead of globally, for trying things out"}, setGuildID},
		{Variable{Name: "DISCORD_API_URL", Default: "https://discord.com",
			Meaning: "origin of Discord's REST API; a REST proxy, or a simulator"}, setDiscordURL},
		{Variable{Name: "INTERACTIONS", Default: string(Gateway),
			Meaning: "how Discord delivers interactions: gateway or http"}, setTransport},
		{Variable{Name: "DISCORD_PUBLIC_KEY",
			Meaning: "the application's public key in hex, required for INTERACTIONS=http"}, setPublicKey},
		{Variable{Name: "HTTP_ADDR", Default: ":8080",
			Meaning: "listener of POST /interactions, only with INTERACTIONS=http"}, setHTTPAddr},
		{Variable{Name: "OPS_ADDR", Default: "127.0.0.1:8081",
			Meaning: "listener of /healthz, /readyz and /metrics; off disables it"}, setOpsAddr},
		{Variable{Name: "SHARD_COUNT",
			Meaning: "shards in all; Discord's advice unless set"}, setShardCount},
		{Variable{Name: "SHARD_IDS",
			Meaning: "which of the shards this process runs, as 0-3,7; all unless set"}, setShardIDs},
		{Variable{Name: "PROGRESS_API_URL", Default: "https://api.giftoin.org/api/v1",
			Meaning: "base URL of the progress API"}, setProgressURL},
		{Variable{Name: "PROGRESS_API_KEY", Required: true, Secret: true,
			Meaning: "key of the progress API"}, setProgressKey},
		{Variable{Name: "PROGRESS_API_KEY_HEADER", Default: "x-gft_api_key",
			Meaning: "header that carries the key: x-gft_api_key, x-gft-api-key or gft-api-key"}, setProgressKeyHeader},
		{Variable{Name: "PROGRESS_PLATFORM", Default: "discord",
			Meaning: "the platform under which the progress API knows people"}, setPlatform},
		{Variable{Name: "PROGRESS_API_RATE", Default: "10",
			Meaning: "requests per second the key may be used for, over all processes that share a Redis"}, setProgressRate},
		{Variable{Name: "REDIS_URL", Secret: true,
			Meaning: "redis://, rediss://, redis+sentinel:// or redis+cluster://; embedded cache and store unless set"}, setRedisURL},
		{Variable{Name: "DATA_DIR", Default: "./data",
			Meaning: "folder of the embedded store"}, setDataDir},
		{Variable{Name: "CACHE_TTL", Default: "30s",
			Meaning: "how long an answer of the progress API counts as fresh"}, setCacheTTL},
		{Variable{Name: "CACHE_STALE", Default: "24h",
			Meaning: "how long an old answer may stand in while the progress API is down"}, setCacheStale},
		{Variable{Name: "WALLET_URL",
			Meaning: "https link shown where a reward can be claimed; {user} becomes the person's ID"}, setWalletURL},
		{Variable{Name: "LOG_LEVEL", Default: "info",
			Meaning: "debug, info, warn or error"}, setLogLevel},
		{Variable{Name: "LOG_FORMAT", Default: "text",
			Meaning: "text or json"}, setLogFormat},
	}
}

func setToken(c *Config, v string) error {
	if !isHeaderText(v) || strings.Contains(v, " ") {
		return errors.New(`must be the bare token: printable, without spaces and without the word "Bot"`)
	}
	c.Token = NewSecret(v)
	return nil
}

func setApplicationID(c *Config, v string) (err error) {
	c.ApplicationID, err = snowflake(v)
	return err
}

func setGuildID(c *Config, v string) (err error) {
	c.GuildID, err = snowflake(v)
	return err
}

func setDiscordURL(c *Config, v string) error {
	u, err := httpURL(v)
	if err != nil || strings.Trim(u.Path, "/") != "" {
		return errors.New("must be an origin such as https://discord.com: http or https, a host, nothing behind it")
	}
	c.DiscordURL = u.Scheme + "://" + u.Host
	return nil
}

func setTransport(c *Config, v string) error {
	t := Transport(strings.ToLower(v))
	if t != Gateway && t != HTTP {
		return errors.New("must be gateway or http")
	}
	c.Transport = t
	return nil
}

func setPublicKey(c *Config, v string) error {
	key, err := hex.DecodeString(v)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return fmt.Errorf("must be %d hexadecimal digits", hex.EncodedLen(ed25519.PublicKeySize))
	}
	c.PublicKey = key
	return nil
}

func setHTTPAddr(c *Config, v string) (err error) {
	c.HTTPAddr, err = listenAddr(v)
	return err
}

func setOpsAddr(c *Config, v string) (err error) {
	if strings.EqualFold(v, "off") {
		c.OpsAddr = ""
		return nil
	}
	if c.OpsAddr, err = listenAddr(v); err != nil {
		return fmt.Errorf("%w, or off", err)
	}
	return nil
}

func setShardCount(c *Config, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > maxShards {
		return fmt.Errorf("must be a whole number from 1 to %d", maxShards)
	}
	c.ShardCount = n
	return nil
}

// setShardIDs reads ranges: "0-3,7" is 0, 1, 2, 3 and 7.
func setShardIDs(c *Config, v string) error {
	malformed := fmt.Errorf("must be shard numbers from 0 to %d and ranges of them, as 0-3,7", maxShards-1)
	var ids []int
	for part := range strings.SplitSeq(v, ",") {
		low, high, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			high = low
		}
		first, err1 := strconv.ParseUint(strings.TrimSpace(low), 10, 16)
		last, err2 := strconv.ParseUint(strings.TrimSpace(high), 10, 16)
		if err1 != nil || err2 != nil || first > last || last >= maxShards {
			return malformed
		}
		for id := first; id <= last; id++ {
			ids = append(ids, int(id))
		}
		if len(ids) > maxShards {
			return malformed
		}
	}
	slices.Sort(ids)
	if len(slices.Compact(slices.Clone(ids))) != len(ids) {
		return errors.New("names a shard twice")
	}
	c.ShardIDs = ids
	return nil
}

func setProgressURL(c *Config, v string) error {
	u, err := httpURL(v)
	if err != nil {
		return errors.New("must be an http or https URL without user, query and fragment")
	}
	c.ProgressURL = strings.TrimRight(u.String(), "/")
	return nil
}

func setProgressKey(c *Config, v string) error {
	if !isHeaderText(v) {
		return errors.New("must be printable ASCII")
	}
	c.ProgressKey = NewSecret(v)
	return nil
}

func setProgressKeyHeader(c *Config, v string) error {
	name := strings.ToLower(v)
	if !slices.Contains([]string{"x-gft_api_key", "x-gft-api-key", "gft-api-key"}, name) {
		return errors.New("must be x-gft_api_key, x-gft-api-key or gft-api-key")
	}
	c.ProgressKeyHeader = name
	return nil
}

func setPlatform(c *Config, v string) error {
	if !isHeaderText(v) || strings.ContainsAny(v, " /?#") || v == "." || v == ".." {
		return errors.New("must be one path segment of printable ASCII")
	}
	c.ProgressPlatform = v
	return nil
}

func setProgressRate(c *Config, v string) error {
	rate, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsNaN(rate) || rate <= 0 || rate > maxProgressRate {
		return fmt.Errorf("must be a number above 0, at most %d", maxProgressRate)
	}
	c.ProgressRate = rate
	return nil
}

// setRedisURL validates the URL with the package that opens it, whose errors do
// not repeat any of it.
func setRedisURL(c *Config, v string) error {
	client, err := redisconn.Open(v, redisconn.Options{}) // connects to nothing
	if err != nil {
		return cmp.Or(errors.Unwrap(err), err) // the variable's name says the rest
	}
	_ = client.Close()
	c.RedisURL = NewSecret(v)
	return nil
}

func setDataDir(c *Config, v string) error {
	if strings.ContainsRune(v, 0) {
		return errors.New("must be a path")
	}
	c.DataDir = v
	return nil
}

func setCacheTTL(c *Config, v string) (err error) {
	c.CacheTTL, err = positiveDuration(v)
	return err
}

func setCacheStale(c *Config, v string) (err error) {
	c.CacheStale, err = positiveDuration(v)
	return err
}

func setWalletURL(c *Config, v string) error {
	if len(v) > maxWalletURL {
		return fmt.Errorf("must be at most %d characters long", maxWalletURL)
	}
	u, err := walletFor(v, "1")
	if err != nil {
		return err
	}
	if other, err := walletFor(v, "2"); err != nil || other.Host != u.Host {
		return errors.New("may hold {user} only behind the host")
	}
	c.WalletURL = v
	return nil
}

// walletFor returns the wallet link of one user.
func walletFor(v, user string) (*url.URL, error) {
	v = strings.ReplaceAll(v, "{user}", user)
	if strings.ContainsAny(v, "{}") {
		return nil, errors.New("may hold {user} and no other placeholder")
	}
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return nil, errors.New("must be an https URL")
	}
	return u, nil
}

func setLogLevel(c *Config, v string) error {
	switch strings.ToLower(v) {
	case "debug":
		c.LogLevel = slog.LevelDebug
	case "info":
		c.LogLevel = slog.LevelInfo
	case "warn", "warning":
		c.LogLevel = slog.LevelWarn
	case "error":
		c.LogLevel = slog.LevelError
	default:
		return errors.New("must be debug, info, warn or error")
	}
	return nil
}

func setLogFormat(c *Config, v string) error {
	format := strings.ToLower(v)
	if format != "text" && format != "json" {
		return errors.New("must be text or json")
	}
	c.LogFormat = format
	return nil
}

func snowflake(v string) (string, error) {
	if id, err := strconv.ParseUint(v, 10, 64); err != nil || id == 0 {
		return "", errors.New("must be an ID: digits only")
	}
	return v, nil
}

// httpURL accepts an http or https URL with a host and nothing but a path
// behind it.
func httpURL(v string) (*url.URL, error) {
	u, err := url.Parse(v)
	if err != nil {
		return nil, errors.New("malformed") // the cause repeats the URL
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https",
		u.Hostname() == "", u.User != nil, u.Opaque != "",
		u.RawQuery != "", u.ForceQuery, u.Fragment != "":
		return nil, errors.New("malformed")
	}
	return u, nil
}

func listenAddr(v string) (string, error) {
	malformed := errors.New("must be host:port or :port")
	host, port, err := net.SplitHostPort(v)
	if err != nil || strings.ContainsAny(host, " /@") {
		return "", malformed
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", malformed
	}
	return v, nil
}

func positiveDuration(v string) (time.Duration, error) {
	d, err := time.ParseDuration(v)
	if err != nil || d <= 0 {
		return 0, errors.New("must be a duration above zero, such as 30s or 24h")
	}
	return d, nil
}

// isHeaderText reports whether v can travel as a header value.
func isHeaderText(v string) bool {
	for _, r := range v {
		if r < ' ' || r > '~' {
			return false
		}
	}
	return v != ""
}
