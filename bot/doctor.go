package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"progressbot/bot/redisconn"
	"progressbot/bot/store/redisstore"
	"progressbot/progressapi"
)

// checkTime bounds each question of [Bot.Check].
const checkTime = 6 * time.Second

// errUnhealthy: the check found something that keeps the bot from working.
var errUnhealthy = errors.New("the check found problems")

// doctor writes the findings of [Bot.Check].
type doctor struct {
	w         io.Writer
	failed    bool // something keeps the bot from working
	noDiscord bool // Discord cannot be reached, or refuses the token
}

func (d *doctor) note(mark, what, format string, args ...any) {
	_, _ = fmt.Fprintf(d.w, "%-5s %s: %s\n", mark, what, fmt.Sprintf(format, args...))
}

func (d *doctor) ok(what, format string, args ...any)   { d.note("ok", what, format, args...) }
func (d *doctor) warn(what, format string, args ...any) { d.note("warn", what, format, args...) }
func (d *doctor) fail(what, format string, args ...any) {
	d.failed = true
	d.note("FAIL", what, format, args...)
}

// Check checks the configuration and everything that the bot depends on. It
// writes one line for each to w, with what to do about problems, and changes
// nothing. It returns an error if the bot cannot work.
func (b *Bot) Check(ctx context.Context, w io.Writer) error {
	defer b.release()
	d := &doctor{w: w}
	d.ok("configuration", "is complete")
	for _, look := range []func(context.Context, *doctor){
		b.checkDiscord, b.checkGateway, b.checkProgress, b.checkStore,
	} {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		bounded, cancel := context.WithTimeout(ctx, checkTime)
		look(bounded, d)
		cancel()
	}
	if d.failed {
		return errUnhealthy
	}
	return nil
}

// checkDiscord checks the token, the application and its commands.
func (b *Bot) checkDiscord(ctx context.Context, d *doctor) {
	app, err := b.rest.application(ctx)
	if err != nil {
		d.noDiscord = true
		if refusal, ok := errors.AsType[*apiError](err); ok && refusal.Status == http.StatusUnauthorized {
			d.fail("Discord", "%s", fatalClose(closeTokenRefused))
		} else {
			d.fail("Discord", "%v; check DISCORD_API_URL and the network", err)
		}
		return
	}
	d.ok("Discord", "the token belongs to application %s (%s)", app.ID, printable(app.Name))
	if id := b.config.ApplicationID; id != "" && id != app.ID {
		d.fail("DISCORD_APPLICATION_ID", "is another application than the token's; leave it unset")
	}
	if key := fmt.Sprintf("%x", b.config.PublicKey); b.config.Transport == HTTP && app.VerifyKey != "" && !strings.EqualFold(key, app.VerifyKey) {
		d.fail("DISCORD_PUBLIC_KEY", "is not the application's; copy it from its General Information page")
	}
	b.checkCommands(ctx, d, app.ID)
}

func (b *Bot) checkCommands(ctx context.Context, d *doctor, appID string) {
	r := b.registrar(appID)
	registered, err := b.rest.registeredCommands(ctx, appID, b.config.GuildID)
	if err != nil {
		d.fail("commands", "%v", err)
		return
	}
	wanted, err := r.wanted()
	if err != nil {
		d.fail("commands", "%v", err)
		return
	}
	switch same, err := sameCommands(wanted, registered); {
	case err != nil:
		d.fail("commands", "%v", err)
	case same:
		d.ok("commands", "%d are registered", len(wanted))
	default:
		d.warn("commands", "differ from what is registered; the next start registers them, or -sync does")
	}
}

// checkGateway checks whether gateway sessions can be started.
func (b *Bot) checkGateway(ctx context.Context, d *doctor) {
	if b.config.Transport != Gateway {
		d.ok("interactions", "come by HTTP to %s; set the application's Interactions Endpoint URL to its public address, with /interactions behind it", b.config.HTTPAddr)
		return
	}
	if d.noDiscord {
		return
	}
	info, err := b.rest.gateway(ctx)
	if err != nil {
		d.fail("gateway", "%v", err)
		return
	}
	limit := info.SessionStartLimit
	if limit.Total > 0 && limit.Remaining == 0 {
		d.fail("gateway", "no session may be started for %v: all %d of the day are used up",
			(time.Duration(limit.ResetAfter) * time.Millisecond).Round(time.Second), limit.Total)
		return
	}
	d.ok("gateway", "%d of %d session starts are left; shards advised by Discord: %d", limit.Remaining, limit.Total, info.Shards)
	if n := b.config.ShardCount; n > 0 && n < info.Shards {
		d.warn("SHARD_COUNT", "is %d, less than Discord advises", n)
	}
}

// checkProgress requests the programs of a person who does not exist.
func (b *Bot) checkProgress(ctx context.Context, d *doctor) {
	const nobody = "0"
	_, err := b.progress.ListPrograms(ctx, nobody)
	switch {
	case err == nil:
		d.ok("progress API", "accepts the key")
	case errors.Is(err, progressapi.ErrKeyRefused):
		d.fail("progress API", "refuses the key: check PROGRESS_API_KEY and PROGRESS_API_KEY_HEADER (%v)", err)
	case errors.Is(err, progressapi.ErrPlanRefused):
		d.fail("progress API", "refuses the account behind the key: check its balance and plan (%v)", err)
	case errors.Is(err, progressapi.ErrUnreadable):
		d.fail("progress API", "gives an answer that is not its own: check PROGRESS_API_URL (%v)", err)
	case errors.Is(err, progressapi.ErrRateLimited):
		d.warn("progress API", "is asked too often just now (%v)", err)
	default:
		d.fail("progress API", "cannot be reached: check PROGRESS_API_URL and the network (%v)", err)
	}
}

// checkStore checks the store: Redis, or else the data folder.
func (b *Bot) checkStore(ctx context.Context, d *doctor) {
	if b.cacheRedis == nil {
		b.checkDataDir(d)
		return
	}
	// The bot's own clients give up early, for the sake of people who wait.
	client, err := redisconn.Open(b.config.RedisURL.Reveal(), redisconn.Options{Timeout: checkTime})
	if err != nil {
		d.fail("Redis", "check REDIS_URL (%v)", err)
		return
	}
	defer func() { _ = client.Close() }()
	if err := client.Ping(ctx).Err(); err != nil {
		d.fail("Redis", "does not answer: check REDIS_URL (%v)", err)
		return
	}
	d.ok("Redis", "answers")
	warnings, err := redisstore.New(client).Durability(ctx)
	if err != nil {
		d.warn("Redis", "does not tell how it keeps its data (%v)", err)
	}
	for _, w := range warnings {
		d.warn("Redis", "%s", w.Text)
	}
}

func (b *Bot) checkDataDir(d *doctor) {
	dir := b.config.DataDir
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		d.ok("DATA_DIR", "%s does not exist yet", filepath.Clean(dir))
		return
	}
	f, err := os.CreateTemp(dir, "check-*")
	if err != nil {
		d.fail("DATA_DIR", "cannot be written: %v", err)
		return
	}
	_ = f.Close()
	if err := os.Remove(f.Name()); err != nil {
		d.fail("DATA_DIR", "cannot be written: %v", err)
		return
	}
	d.ok("DATA_DIR", "%s can be written", filepath.Clean(dir))
}
