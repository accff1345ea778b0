package bot_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"progressbot/bot"
	"progressbot/bot/discordsim"
	"progressbot/bot/redisconn"
	"progressbot/bot/redisconn/redistest"
	"progressbot/progressapi/progressapitest"
)

// tokenCatcher is a REST proxy in front of Discord that learns the
// interaction tokens going through it.
type tokenCatcher struct {
	proxy *httputil.ReverseProxy

	mu     sync.Mutex
	tokens map[string]bool
}

// ServeHTTP implements http.Handler.
func (c *tokenCatcher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.URL.Path, "/")
	for i, part := range parts {
		if (part == "interactions" || part == "webhooks") && i+2 < len(parts) {
			c.mu.Lock()
			c.tokens[parts[i+2]] = true
			c.mu.Unlock()
		}
	}
	c.proxy.ServeHTTP(w, r)
}

// TestNoSecretLeaves makes the bot use every secret it has, in good and bad
// times and at the most talkative log level, and looks for them wherever
// something comes out.
func TestNoSecretLeaves(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	o := discordsim.Options{Gateway: discordsim.Gateway{IdentifyInterval: -1}}
	w := newWorldIn(t, o, bot.Gateway, "REDIS_URL", redis.URL(), "OPS_ADDR", "127.0.0.1:0").ready()
	if err := w.shutDown(); err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(w.discord.URL())
	if err != nil {
		t.Fatal(err)
	}
	catcher := &tokenCatcher{proxy: httputil.NewSingleHostReverseProxy(target), tokens: map[string]bool{}}
	catcher.proxy.ErrorLog = log.New(io.Discard, "", 0)
	front := httptest.NewServer(catcher)
	t.Cleanup(front.Close)
	w.env["DISCORD_API_URL"] = front.URL
	w.discord.InjectREST(discordsim.RESTFault{Route: discordsim.RouteCallback, Times: 1, Status: 500})
	w.start()
	addr := w.log.await(t, `operations are served by HTTP" addr=(\S+)`)
	w.ready()

	var said []string
	finisher := progressapitest.Finisher
	see := func(i *discordsim.Interaction, err error) {
		t.Helper()
		said = append(said, w.sees(i, err).Text())
	}
	see(w.discord.Invoke(discordsim.Invocation{Command: "progress", User: finisher}))
	see(w.discord.Invoke(discordsim.Invocation{Command: "progress", User: finisher,
		Options: map[string]any{"collection": progressapitest.ProgramFinished}}))
	for _, fault := range []progressapitest.Fault{
		progressapitest.Status(http.StatusUnauthorized, progressapitest.CodeKeyInvalid),
		progressapitest.HTML(http.StatusBadGateway), progressapitest.Foreign(), progressapitest.Reset(),
	} {
		w.api.Break(fault)
		see(w.discord.Invoke(discordsim.Invocation{Command: "progress", User: w.newcomer("500" + string(rune('0'+len(said))))}))
		w.api.Mend()
	}
	// Answers that do not get through, by every way there is.
	for _, fault := range []discordsim.RESTFault{
		{Route: discordsim.RouteCallback, Times: 1, Status: 404, Code: 10062},
		{Route: discordsim.RouteCallback, Status: 500},
		{Route: discordsim.RouteCallback, Reset: true},
	} {
		remove := w.discord.InjectREST(fault)
		w.log.Forget()
		if _, err := w.discord.Invoke(discordsim.Invocation{Command: "progress", User: finisher}); err != nil {
			t.Fatal(err)
		}
		w.log.await(t, `outcome=(gone|undelivered)`)
		remove()
	}
	front.CloseClientConnections()
	_, metrics := get(t, "http://"+addr+"/metrics")
	if err := w.shutDown(); err != nil {
		t.Error(err)
	}
	w.forgive(func(v discordsim.Violation) bool { return v.Code == discordsim.CodeAlreadyAcknowledged })

	secrets := map[string]bool{canaryKey: true, w.discord.Token(): true, progressapitest.RewardValue: true}
	catcher.mu.Lock()
	for token := range catcher.tokens {
		secrets[token] = true
	}
	catcher.mu.Unlock()
	if len(secrets) < 8 {
		t.Fatalf("only %d secrets were used", len(secrets))
	}
	for secret := range secrets {
		for place, text := range map[string]string{
			"log": w.log.String(), "metrics": metrics, "replies": strings.Join(said, "\n"),
			"Redis": dump(t, redis),
		} {
			if strings.Contains(text, secret) {
				t.Errorf("a secret got into the %s: %.12s…", place, secret)
			}
		}
	}
}

// dump returns every key and value in a Redis.
func dump(t *testing.T, server *redistest.Server) string {
	t.Helper()
	client, err := redisconn.Open(server.URL(), redisconn.Options{Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	keys, err := client.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) == 0 {
		t.Fatalf("keys = %v, %v", keys, err)
	}
	var b strings.Builder
	for _, key := range keys {
		kind, err := client.Type(t.Context(), key).Result()
		if err != nil {
			t.Fatal(err)
		}
		var value any
		switch kind {
		case "string":
			value, err = client.Get(t.Context(), key).Result()
		case "hash":
			value, err = client.HGetAll(t.Context(), key).Result()
		case "set":
			value, err = client.SMembers(t.Context(), key).Result()
		case "zset":
			value, err = client.ZRange(t.Context(), key, 0, -1).Result()
		case "list":
			value, err = client.LRange(t.Context(), key, 0, -1).Result()
		case "none": // expired
		default:
			t.Fatalf("%s is a %s", key, kind)
		}
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s = %v\n", key, value)
	}
	return b.String()
}
