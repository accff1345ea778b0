package discordsim

import (
	"errors"
	"fmt"
	"time"
)

// Options describe the Discord to simulate. The zero value is a ready-made
// world with Discord's documented limits.
type Options struct {
	// Addr is where to listen; "" is a free port of 127.0.0.1.
	Addr string
	// Token is the bot's token; "" makes one, see [Server.Token].
	Token string
	// ApplicationID is the application's and its bot user's ID; "" is
	// [DefaultApplication].
	ApplicationID string
	// People chooses the user IDs of the ready-made people.
	People People
	// Guilds replaces the ready-made server; an empty, non-nil slice is a
	// world without servers.
	Guilds []Guild
	// Users are people besides the ready-made ones.
	Users []User

	Gateway Gateway

	// OpenAPI is the path of Discord's OpenAPI document. When set, request
	// bodies are checked against it too, and what it does not allow is a
	// violation. See [OpenAPIPath].
	OpenAPI string
	// RequireAllowedMentions makes a message that does not say who it may
	// ping a violation. Discord allows that; a careful bot does not do it.
	RequireAllowedMentions bool

	// GlobalLimit is how many requests per second the bot may make apart
	// from those to interaction endpoints; 0 is 50, negative is no limit.
	GlobalLimit int
	// RouteLimit is how many requests per second each rate limit bucket
	// allows; 0 is 50, negative is no limit.
	RouteLimit int

	// InvalidLimit is how many requests may be answered with 401, 403 or
	// 429 in ten minutes before Cloudflare bans the bot for the rest of
	// them; 0 is 10,000, negative is no limit.
	InvalidLimit int

	// KeepInteractions is how many settled interactions are remembered; 0
	// is 2048. Those that still wait for an answer are not counted.
	KeepInteractions int
	// KeepMessages is how many messages each channel remembers; 0 is 1024.
	KeepMessages int
	// KeepAttachments is how many bytes of attachments are remembered; 0
	// is 64 MiB.
	KeepAttachments int
	// KeepViolations is how many violations are listed; 0 is 1000. More
	// are counted but not kept.
	KeepViolations int
}

// Gateway describes the simulated gateway.
type Gateway struct {
	// HeartbeatInterval is what HELLO asks for; 0 is 41.25 s.
	HeartbeatInterval time.Duration
	// HeartbeatGrace is how late a heartbeat may be before the connection
	// is closed; 0 is half the interval, at least 10 s.
	HeartbeatGrace time.Duration
	// Shards is the number of shards to recommend; 0 is 1.
	Shards int
	// MinShards is the least number of shards with which IDENTIFY is not
	// refused with close code 4011; 0 is one per 2,500 guilds.
	MinShards int
	// MaxConcurrency is how many IDENTIFYs are allowed per
	// IdentifyInterval, each for its own shard bucket; 0 is 1.
	MaxConcurrency int
	// IdentifyInterval is the time between two IDENTIFYs of one bucket; 0
	// is 5 s, negative is no limit.
	IdentifyInterval time.Duration
	// SessionStarts is the daily number of IDENTIFYs; 0 is 1000.
	SessionStarts int
	// PrivilegedIntents are those the application has enabled.
	PrivilegedIntents int
	// ResumeWindow is how long a session without connection can be
	// resumed; 0 is 5 minutes.
	ResumeWindow time.Duration
	// ReplayEvents is how many events a session remembers for a resume;
	// 0 is 1024.
	ReplayEvents int
}

// The time limits of an interaction, as documented.
const (
	AnswerWithin = 3 * time.Second  // from the event to the first answer
	TokenLife    = 15 * time.Minute // from the event to the last edit or follow-up
)

func (o Options) withDefaults() Options {
	o.People = o.People.withDefaults()
	setDefault(&o.Addr, "127.0.0.1:0")
	setDefault(&o.ApplicationID, DefaultApplication)
	setDefault(&o.GlobalLimit, 50)
	setDefault(&o.RouteLimit, 50)
	setDefault(&o.InvalidLimit, 10_000)
	setDefault(&o.KeepInteractions, 2048)
	setDefault(&o.KeepMessages, 1024)
	setDefault(&o.KeepAttachments, 64<<20)
	setDefault(&o.KeepViolations, 1000)
	g := &o.Gateway
	setDefault(&g.HeartbeatInterval, 41250*time.Millisecond)
	setDefault(&g.HeartbeatGrace, max(g.HeartbeatInterval/2, 10*time.Second))
	setDefault(&g.Shards, 1)
	setDefault(&g.MaxConcurrency, 1)
	setDefault(&g.IdentifyInterval, 5*time.Second)
	setDefault(&g.SessionStarts, 1000)
	setDefault(&g.ResumeWindow, 5*time.Minute)
	setDefault(&g.ReplayEvents, 1024)
	return o
}

func setDefault[T comparable](v *T, fallback T) {
	var zero T
	if *v == zero {
		*v = fallback
	}
}

// check reports IDs that Discord could not have given.
func (o Options) check() error {
	var errs []error
	id := func(what, id string) {
		if _, ok := snowflake(id); !ok {
			errs = append(errs, fmt.Errorf("%s %q is not a snowflake", what, id))
		}
	}
	id("application", o.ApplicationID)
	for _, u := range append(o.People.users(), o.Users...) {
		id("user", u.ID)
	}
	for _, g := range o.Guilds {
		if g.ID != "" {
			id("guild", g.ID)
		}
	}
	return errors.Join(errs...)
}
