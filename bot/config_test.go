package bot_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot"
)

// env is a lookup function over a map.
type env map[string]string

func (e env) lookup(name string) (string, bool) {
	v, ok := e[name]
	return v, ok
}

// with returns the two required variables and more.
func with(pairs ...string) env {
	e := env{"DISCORD_TOKEN": "token.canary", "PROGRESS_API_KEY": "key-canary"}
	for i := 0; i < len(pairs); i += 2 {
		e[pairs[i]] = pairs[i+1]
	}
	return e
}

var showSecrets = cmp.Comparer(func(a, b bot.Secret) bool { return a.Reveal() == b.Reveal() })

func TestConfigFromEnvDefaults(t *testing.T) {
	t.Parallel()
	got, err := bot.ConfigFromEnv(with().lookup)
	if err != nil {
		t.Fatal(err)
	}
	want := bot.Config{
		Token:             bot.NewSecret("token.canary"),
		DiscordURL:        "https://discord.com",
		Transport:         bot.Gateway,
		HTTPAddr:          ":8080",
		OpsAddr:           "127.0.0.1:8081",
		ProgressURL:       "https://api.giftoin.org/api/v1",
		ProgressKey:       bot.NewSecret("key-canary"),
		ProgressKeyHeader: "x-gft_api_key",
		ProgressPlatform:  "discord",
		ProgressRate:      10,
		DataDir:           "./data",
		CacheTTL:          30 * time.Second,
		CacheStale:        24 * time.Hour,
		LogLevel:          slog.LevelInfo,
		LogFormat:         "text",
	}
	if diff := cmp.Diff(want, got, showSecrets); diff != "" {
		t.Errorf("ConfigFromEnv mismatch (-want +got):\n%s", diff)
	}
}

func TestConfigFromEnvAccepts(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("0f", 32)
	tests := []struct {
		name string
		env  env
		get  func(bot.Config) any
		want any
	}{
		{"empty counts as unset", with("DISCORD_GUILD_ID", "", "CACHE_TTL", " "), func(c bot.Config) any { return c.CacheTTL }, 30 * time.Second},
		{"space around a value", with("DISCORD_GUILD_ID", " 42\n"), func(c bot.Config) any { return c.GuildID }, "42"},
		{"origin with slash", with("DISCORD_API_URL", "http://127.0.0.1:9000/"), func(c bot.Config) any { return c.DiscordURL }, "http://127.0.0.1:9000"},
		{"http", with("INTERACTIONS", "HTTP", "DISCORD_PUBLIC_KEY", key), func(c bot.Config) any { return len(c.PublicKey) }, 32},
		{"ops off", with("OPS_ADDR", "off"), func(c bot.Config) any { return c.OpsAddr }, ""},
		{"ops on IPv6", with("OPS_ADDR", "[::1]:0"), func(c bot.Config) any { return c.OpsAddr }, "[::1]:0"},
		{"shards", with("SHARD_COUNT", "8", "SHARD_IDS", "7, 0-3"), func(c bot.Config) any { return c.ShardIDs }, []int{0, 1, 2, 3, 7}},
		{"progress URL", with("PROGRESS_API_URL", "http://localhost:1/v1/"), func(c bot.Config) any { return c.ProgressURL }, "http://localhost:1/v1"},
		{"key header", with("PROGRESS_API_KEY_HEADER", "GFT-API-KEY"), func(c bot.Config) any { return c.ProgressKeyHeader }, "gft-api-key"},
		{"rate", with("PROGRESS_API_RATE", "0.5"), func(c bot.Config) any { return c.ProgressRate }, 0.5},
		{"redis", with("REDIS_URL", "redis+sentinel://:p@h:1/main"), func(c bot.Config) any { return c.RedisURL.Reveal() }, "redis+sentinel://:p@h:1/main"},
		{"wallet", with("WALLET_URL", "https://w.example/u/{user}?id={user}#top"), func(c bot.Config) any { return c.WalletURL }, "https://w.example/u/{user}?id={user}#top"},
		{"stale equals ttl", with("CACHE_TTL", "1m", "CACHE_STALE", "1m"), func(c bot.Config) any { return c.CacheStale }, time.Minute},
		{"log", with("LOG_LEVEL", "WARN", "LOG_FORMAT", "JSON"), func(c bot.Config) any { return c.LogLevel.String() + c.LogFormat }, "WARNjson"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := bot.ConfigFromEnv(tt.env.lookup)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, tt.get(c)); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConfigFromEnvRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, value string }{
		{"DISCORD_TOKEN", "Bot s3cret"},
		{"DISCORD_TOKEN", "s3cret\x00"},
		{"DISCORD_APPLICATION_ID", "s3cret"},
		{"DISCORD_APPLICATION_ID", "0"},
		{"DISCORD_GUILD_ID", "+1"},
		{"DISCORD_GUILD_ID", "18446744073709551616"},
		{"DISCORD_API_URL", "discord.com/s3cret"},
		{"DISCORD_API_URL", "https://discord.com/api"},
		{"DISCORD_API_URL", "https://user:s3cret@discord.com"},
		{"DISCORD_API_URL", "ftp://discord.com"},
		{"DISCORD_API_URL", "https://discord.com?s3cret"},
		{"DISCORD_API_URL", "https://\x7f"},
		{"INTERACTIONS", "s3cret"},
		{"DISCORD_PUBLIC_KEY", "s3cret"},
		{"DISCORD_PUBLIC_KEY", strings.Repeat("0f", 31)},
		{"HTTP_ADDR", "8080"},
		{"HTTP_ADDR", "host:http"},
		{"HTTP_ADDR", "http://host:80"},
		{"OPS_ADDR", ":65536"},
		{"OPS_ADDR", "on"},
		{"SHARD_COUNT", "0"},
		{"SHARD_COUNT", "many"},
		{"PROGRESS_API_URL", "https://user:s3cret@host/v1"},
		{"PROGRESS_API_URL", "/v1"},
		{"PROGRESS_API_URL", "https://host/v1?key=s3cret"},
		{"PROGRESS_API_KEY", "s3cret\nX-Other: 1"},
		{"PROGRESS_API_KEY", "schlüs3cretsel"},
		{"PROGRESS_API_KEY_HEADER", "authorization"},
		{"PROGRESS_PLATFORM", "a/b"},
		{"PROGRESS_PLATFORM", ".."},
		{"PROGRESS_API_RATE", "0"},
		{"PROGRESS_API_RATE", "NaN"},
		{"PROGRESS_API_RATE", "Inf"},
		{"REDIS_URL", "redis://user:s3cret%@host:6379/0"},
		{"REDIS_URL", "redis://user:s3cret@host:port/0"},
		{"REDIS_URL", "http://s3cret"},
		{"REDIS_URL", "s3cret"},
		{"DATA_DIR", "a\x00b"},
		{"CACHE_TTL", "30"},
		{"CACHE_TTL", "0s"},
		{"CACHE_STALE", "-1h"},
		{"CACHE_STALE", "29s"},
		{"WALLET_URL", "http://w.example/{user}"},
		{"WALLET_URL", "https://w.example/{name}"},
		{"WALLET_URL", "https://{user}.example/"},
		{"WALLET_URL", "https://u:s3cret@w.example/"},
		{"WALLET_URL", "https://w.example/" + strings.Repeat("x", 500)},
		{"LOG_LEVEL", "loud"},
		{"LOG_FORMAT", "xml"},
	}
	for _, tt := range tests {
		t.Run(tt.name+"="+tt.value, func(t *testing.T) {
			t.Parallel()
			_, err := bot.ConfigFromEnv(with(tt.name, tt.value).lookup)
			problem, ok := errors.AsType[*bot.ConfigError](err)
			if !ok {
				t.Fatalf("error = %v, want a *ConfigError", err)
			}
			if len(problem.Problems) != 1 || !strings.HasPrefix(problem.Problems[0], tt.name+": ") {
				t.Errorf("problems = %q, want one with %s", problem.Problems, tt.name)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error repeats the value: %v", err)
			}
		})
	}
}

func TestConfigFromEnvShardIDs(t *testing.T) {
	t.Parallel()
	for _, ids := range []string{",", "1-", "-1", "3-1", "a", "1,1", "0-2,2", "0-10000", "0x1", "8", "0-9999,0-9999"} {
		_, err := bot.ConfigFromEnv(with("SHARD_COUNT", "8", "SHARD_IDS", ids).lookup)
		if err == nil || !strings.Contains(err.Error(), "SHARD_IDS: ") {
			t.Errorf("SHARD_IDS=%q: error = %v, want a problem with SHARD_IDS", ids, err)
		}
	}
	_, err := bot.ConfigFromEnv(with("SHARD_IDS", "0").lookup)
	if err == nil || !strings.Contains(err.Error(), "SHARD_COUNT") {
		t.Errorf("SHARD_IDS alone: error = %v, want it to ask for SHARD_COUNT", err)
	}
}

func TestConfigFromEnvReportsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	_, err := bot.ConfigFromEnv(env{
		"INTERACTIONS": "http",
		"HTTP_ADDR":    ":9",
		"OPS_ADDR":     ":9",
		"CACHE_TTL":    "soon",
		"REDIS_URL":    "redis://:hunter2@[::1",
	}.lookup)
	want := `the configuration has 6 problems:
  DISCORD_TOKEN: is required and not set
  PROGRESS_API_KEY: is required and not set
  REDIS_URL: malformed host or port (percent-encode special characters of the password)
  CACHE_TTL: must be a duration above zero, such as 30s or 24h
  DISCORD_PUBLIC_KEY: is required when INTERACTIONS=http
  OPS_ADDR: must differ from HTTP_ADDR`
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("message mismatch (-want +got):\n%s", diff)
	}
}

// TestMalformedPublicKeyIsOneProblem, and not one that is missing as well.
func TestMalformedPublicKeyIsOneProblem(t *testing.T) {
	t.Parallel()
	_, err := bot.ConfigFromEnv(with("INTERACTIONS", "http", "DISCORD_PUBLIC_KEY", "0f").lookup)
	var e *bot.ConfigError
	if !errors.As(err, &e) || len(e.Problems) != 1 {
		t.Errorf("error = %v, want one problem", err)
	}
}

func TestConfigErrorOfOneProblem(t *testing.T) {
	t.Parallel()
	var e bot.ConfigError
	e.Add(".env", "line 3 cannot be read")
	want := "the configuration has 1 problem:\n  .env: line 3 cannot be read"
	if diff := cmp.Diff(want, e.Error()); diff != "" {
		t.Errorf("message mismatch (-want +got):\n%s", diff)
	}
}

func TestVariablesAreDocumented(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, v := range bot.Variables() {
		if seen[v.Name] {
			t.Errorf("%s is listed twice", v.Name)
		}
		seen[v.Name] = true
		if v.Meaning == "" || strings.HasSuffix(v.Meaning, ".") {
			t.Errorf("%s: meaning %q must be one sentence without a full stop", v.Name, v.Meaning)
		}
		if v.Required && v.Default != "" {
			t.Errorf("%s is required and has a default", v.Name)
		}
	}
	for _, secret := range []string{"DISCORD_TOKEN", "PROGRESS_API_KEY", "REDIS_URL"} {
		if !slices.ContainsFunc(bot.Variables(), func(v bot.Variable) bool { return v.Name == secret && v.Secret }) {
			t.Errorf("%s is not marked as a secret", secret)
		}
	}
}

func TestSecretNeverPrints(t *testing.T) {
	t.Parallel()
	c := bot.Config{Token: bot.NewSecret("canary")}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", c, "token", c.Token, "pointer", &c.Token)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "config", c, "token", c.Token, "pointer", &c.Token)
	encoded, err := json.Marshal(map[bot.Secret]any{c.Token: c})
	if err != nil {
		t.Fatal(err)
	}
	text, err := c.Token.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	outputs := []string{
		log.String(), string(encoded), string(text), c.Token.String(),
		fmt.Sprint(c), fmt.Sprintf("%v %+v %#v %s %q %x %d", c, c, c, c.Token, c.Token, c.Token, c.Token),
		fmt.Sprintf("%v %+v %#v", &c, &c.Token, []bot.Secret{c.Token}),
		fmt.Errorf("wrapped: %v", c.Token).Error(),
	}
	for _, out := range outputs {
		if strings.Contains(out, "canary") || strings.Contains(out, "63616e617279") {
			t.Errorf("secret printed: %s", out)
		}
		if !strings.Contains(out, "[redacted]") {
			t.Errorf("output does not say [redacted]: %s", out)
		}
	}
	if c.Token.Reveal() != "canary" || c.Token.IsZero() || !(bot.Secret{}).IsZero() {
		t.Error("the secret itself was lost")
	}
}

func FuzzConfigFromEnv(f *testing.F) {
	for _, v := range bot.Variables() {
		f.Add(v.Name, v.Default)
		f.Add(v.Name, "https://u:hunter2@h/{user}")
		f.Add(v.Name, "0-3,7")
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		c, err := bot.ConfigFromEnv(with(name, "hunter2"+value).lookup)
		if err != nil {
			problem, ok := errors.AsType[*bot.ConfigError](err)
			if !ok || len(problem.Problems) == 0 {
				t.Fatalf("error = %v, want a *ConfigError with problems", err)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Fatalf("error repeats the value: %v", err)
			}
			return
		}
		if c.CacheTTL <= 0 || c.CacheStale < c.CacheTTL || c.ProgressRate <= 0 {
			t.Fatalf("accepted a configuration that cannot work: %+v", c)
		}
	})
}
