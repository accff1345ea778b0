package killtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"progressbot/bot/discordsim"
	"progressbot/bot/redisconn"
	"progressbot/bot/redisconn/redistest"
	"progressbot/bot/store"
	"progressbot/bot/store/boltstore"
	"progressbot/bot/store/redisstore"
	"progressbot/progressapi/progressapitest"
)

const (
	// patience is how long a test waits for what has to happen. It is longer
	// than the leases of the program.
	patience = 2 * time.Minute
	// attention is how long a person waits for an answer.
	attention = 4 * time.Second
	// shortLease is that of the announcer where a test cannot wait for more.
	shortLease = 4 * time.Second

	collection = "program_lighthouses"
	size       = 3
)

// setup says which processes a world has, and where they keep their data.
type setup struct {
	redis     bool
	processes int
	// short makes the test's own binary run the bot, with short leases.
	short bool
}

// member is somebody who completes a collection.
type member struct {
	id      string
	manager string // who announces it by hand, "" for nobody
}

// world is a Discord, a progress API, and processes between them.
type world struct {
	t       *testing.T
	discord *discordsim.Server
	api     *progressapitest.Server
	redis   *redistest.Server // nil without
	dataDir string
	seats   []*seat

	ready   []member       // who lack one card
	members []member       // who have completed the collection
	acts    sync.WaitGroup // what people are doing
}

// newWorld makes a world in which an admin has turned announcements on and n
// people are about to complete a collection: half of them are followed by the
// bot, half are for a manager to announce.
func newWorld(t *testing.T, s setup, n int) *world {
	t.Helper()
	discord, err := discordsim.Start(discordsim.Options{
		RequireAllowedMentions: true, KeepMessages: 1 << 14, GlobalLimit: -1, RouteLimit: -1,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(discord.Close)
	api, err := progressapitest.Start(progressapitest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = api.Close() })
	w := &world{t: t, discord: discord, api: api, dataDir: t.TempDir()}
	if s.redis {
		w.redis = redistest.StartWith(t, redistest.Options{AppendOnly: true})
	}
	w.addSeats(s)
	t.Cleanup(w.end)
	w.setUp(n)
	return w
}

func (w *world) addSeats(s setup) {
	env := []string{
		"DISCORD_TOKEN=" + w.discord.Token(),
		"DISCORD_PUBLIC_KEY=" + w.discord.PublicKey(),
		"INTERACTIONS=http", "HTTP_ADDR=127.0.0.1:0", "OPS_ADDR=off",
		"PROGRESS_API_URL=" + w.api.URL(),
		"PROGRESS_API_KEY=" + progressapitest.DefaultKey,
		"PROGRESS_API_RATE=1000",
		"CACHE_TTL=1ms",
		"DATA_DIR=" + w.dataDir,
	}
	if w.redis != nil {
		env = append(env, "REDIS_URL="+w.redis.URL())
	}
	path := os.Getenv(builtEnv)
	if s.short {
		path, env = os.Args[0], append(env, childEnv+"="+shortLease.String())
	}
	path, err := filepath.Abs(path)
	if err != nil {
		w.t.Fatal(err)
	}
	for range s.processes {
		seat := &seat{path: path}
		seat.gate = newGate(w.t, w.discord.URL(), seat.kill)
		seat.env = append(slices.Clone(env), "DISCORD_API_URL="+seat.gate.server.URL)
		w.seats = append(w.seats, seat)
	}
}

// setUp lets an admin set the bot up and prepares members.
func (w *world) setUp(n int) {
	w.t.Helper()
	w.start()
	b := newBalancer(w.t, w.seats)
	if err := w.discord.SetInteractionsEndpoint(w.t.Context(), b.server.URL+"/interactions"); err != nil {
		w.t.Fatal(err)
	}
	if err := w.discord.AwaitRegistered(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	admin := w.discord.People().Admin
	for command, options := range map[string]map[string]any{
		"settings announcements": {"channel": discordsim.AnnounceChannelID, "enabled": true},
		"settings reward-role":   {"role": discordsim.CollectorRoleID},
	} {
		ctx, cancel := context.WithTimeout(w.t.Context(), attention)
		defer cancel()
		if _, err := w.says(ctx, discordsim.Invocation{Command: command, User: admin, Options: options}); err != nil {
			w.t.Fatal(err)
		}
	}
	w.stop()
	w.inStore(func(ctx context.Context, s *store.Store) error {
		for i := range n {
			m, err := w.prepare(ctx, s, i)
			if err != nil {
				return err
			}
			w.ready = append(w.ready, m)
		}
		return nil
	})
	w.start()
}

// prepare adds the i-th member, who lacks one card. Every other one has
// chosen to be announced always, and was seen without the card.
func (w *world) prepare(ctx context.Context, s *store.Store, i int) (member, error) {
	m := member{id: fmt.Sprint(2_000_000_000_000_000_000 + i)}
	w.discord.AddUser(discordsim.User{ID: m.id, Username: fmt.Sprint("member", i)})
	if err := w.discord.AddMember(discordsim.GuildID, m.id); err != nil {
		return m, err
	}
	w.collected(m, size-1)
	if i%2 == 1 {
		m.manager = fmt.Sprint(3_000_000_000_000_000_000 + i)
		w.discord.AddUser(discordsim.User{ID: m.manager, Username: fmt.Sprint("manager", i)})
		return m, w.discord.AddMember(discordsim.GuildID, m.manager, discordsim.ManagerRoleID)
	}
	_, err := s.UpdateConsent(ctx, discordsim.GuildID, m.id, func(c *store.Consent) error {
		c.Announce = store.Always
		return nil
	})
	if err != nil {
		return m, err
	}
	claim, err := s.ClaimPerson(ctx, m.id, time.Now(), time.Minute)
	if err != nil {
		return m, err
	}
	_, err = s.Return(ctx, store.Returned{Claim: claim, Due: time.Now().Add(24 * time.Hour), State: store.WatchState{
		Checked: time.Now().Add(-time.Minute), Every: time.Hour,
		Seen: []store.Seen{{Program: store.KeyOf(collection), Collected: size - 1, Percent: 100 * (size - 1) / size, Milestone: 50}},
	}})
	return m, err
}

// collected gives a member n cards of the collection.
func (w *world) collected(m member, n int) {
	w.api.SetPrograms(m.id, progressapitest.Program{
		ID: collection, Name: "Lighthouses", Size: size, Collected: n, Created: w.api.Now().Add(-time.Hour),
	})
}

// completes lets another member get their last card.
func (w *world) completes() member { return w.completed(w.ready[0]) }

// completesBy is completes for a member who is announced by hand, or not.
func (w *world) completesBy(hand bool) member {
	return w.completed(w.ready[slices.IndexFunc(w.ready, func(m member) bool { return (m.manager != "") == hand })])
}

func (w *world) completed(m member) member {
	w.ready = slices.DeleteFunc(w.ready, func(other member) bool { return other == m })
	w.collected(m, size)
	w.members = append(w.members, m)
	return m
}

// says returns what somebody gets for a command.
func (w *world) says(ctx context.Context, in discordsim.Invocation) (discordsim.Message, error) {
	i, err := w.discord.Invoke(in)
	if err != nil {
		return discordsim.Message{}, err
	}
	return i.AwaitMessage(ctx)
}

// tells does, once, what makes a member's completion known: they look at
// their progress, or a manager announces it. Whether that works the channel
// tells in the end.
func (w *world) tells(m member) {
	w.acts.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), attention)
		defer cancel()
		if m.manager == "" {
			_, _ = w.says(ctx, discordsim.Invocation{Command: "progress", User: m.id})
			return
		}
		preview, err := w.says(ctx, discordsim.Invocation{
			Command: "announce completion", User: m.manager,
			Options: map[string]any{"member": m.id, "collection": "Lighthouses"},
		})
		if err != nil {
			return
		}
		if i, err := w.discord.Press(m.manager, preview.ID, "Post it"); err == nil {
			_, _ = i.AwaitMessage(ctx)
		}
	})
}

func (w *world) start() {
	w.t.Helper()
	for _, s := range w.seats {
		if err := s.start(); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) stop() {
	w.t.Helper()
	for _, s := range w.seats {
		if err := s.stop(); err != nil {
			w.t.Fatal(err)
		}
	}
}

// end leaves nothing running, and shows what the last processes said if
// something was wrong.
func (w *world) end() {
	for _, s := range w.seats {
		if p := s.leave(); p != nil {
			p.kill()
		}
		if !w.t.Failed() {
			continue
		}
		for _, log := range s.logs[max(len(s.logs)-3, 0):] {
			w.t.Logf("log of a process:\n%s", log)
		}
	}
	w.acts.Wait()
}

// inStore works on the store while no process runs.
func (w *world) inStore(fn func(context.Context, *store.Store) error) {
	w.t.Helper()
	driver, err := w.openDriver()
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := store.Open(w.t.Context(), driver)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := errors.Join(fn(w.t.Context(), s), s.Close()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) openDriver() (store.Driver, error) {
	if w.redis == nil {
		return boltstore.Open(filepath.Join(w.dataDir, "progressbot.db"), boltstore.Options{})
	}
	client, err := redisconn.Open(w.redis.URL(), redisconn.Options{})
	if err != nil {
		return nil, err
	}
	w.t.Cleanup(func() { _ = client.Close() })
	return redisstore.New(client), nil
}

// posts returns the posts about each member.
func (w *world) posts() map[string][]discordsim.Message {
	about := map[string][]discordsim.Message{}
	for _, m := range w.discord.Messages(discordsim.AnnounceChannelID, "") {
		who := ""
		for _, member := range w.members {
			if strings.Contains(m.Content, "<@"+member.id+">") {
				who = member.id
			}
		}
		about[who] = append(about[who], m)
	}
	return about
}
