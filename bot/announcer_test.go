package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/google/go-cmp/cmp"

	"progressbot/bot"
	"progressbot/bot/announce"
	"progressbot/bot/discordsim"
	"progressbot/bot/redisconn"
	"progressbot/bot/redisconn/redistest"
	"progressbot/bot/store"
	"progressbot/bot/store/boltstore"
	"progressbot/bot/store/redisstore"
	"progressbot/embeds"
)

// announcing is an announcer that reaches a simulated Discord over HTTP.
type announcing struct {
	*testing.T
	sim   *discordsim.Server
	store *store.Store
	a     *announce.Announcer
}

func newAnnouncing(t *testing.T, change func(*announce.Options)) *announcing {
	t.Helper()
	driver, err := boltstore.Open(filepath.Join(t.TempDir(), "progressbot.db"), boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	sim, err := discordsim.Start(discordsim.Options{RequireAllowedMentions: true, GlobalLimit: -1, RouteLimit: -1})
	if err != nil {
		t.Fatal(err)
	}
	x := &announcing{T: t, sim: sim}
	t.Cleanup(sim.Close)
	t.Cleanup(func() {
		for _, v := range sim.Violations() {
			t.Errorf("violation: %s", v)
		}
	})
	t.Cleanup(func() { x.ok(driver.Close()) }) // after the announcer has ended
	x.store = x.open(driver)
	x.a = x.run(x.store, change)
	x.settings(func(s *store.Settings) { s.Announcements, s.Channel = true, discordsim.GeneralChannelID })
	return x
}

func (x *announcing) ok(err error) {
	x.Helper()
	if err != nil {
		x.Fatal(err)
	}
}

func (x *announcing) open(d store.Driver) *store.Store {
	x.Helper()
	s, err := store.Open(x.Context(), d)
	x.ok(err)
	return s
}

// run starts an announcer that ends with the test.
func (x *announcing) run(s *store.Store, change func(*announce.Options)) *announce.Announcer {
	x.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	port := bot.NewTestREST(x.sim.URL(), x.sim.Token(), transport, metrics.NewSet(), func(err error) { x.Error(err) }).AnnouncePort()
	o := announce.Options{
		Store: s, Posts: port, Members: port, Managers: port, Log: slog.New(slog.DiscardHandler), Metrics: metrics.NewSet(),
		Settle: 50 * time.Millisecond, Wait: 30 * time.Second, Pace: 1000,
	}
	if change != nil {
		change(&o)
	}
	a := announce.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.Run(ctx)
	}()
	x.Cleanup(transport.CloseIdleConnections)
	x.Cleanup(func() {
		cancel()
		<-done
	})
	return a
}

func (x *announcing) settings(fn func(*store.Settings)) {
	x.Helper()
	_, err := x.store.UpdateSettings(x.Context(), discordsim.GuildID, func(s *store.Settings) error {
		fn(s)
		return nil
	})
	x.ok(err)
}

func completion(person string) announce.Request {
	return announce.Request{
		Server: discordsim.GuildID, Person: person, By: store.BySelf, At: time.Now(),
		Reached: []announce.Reached{{Program: "program_winter", Facts: store.Facts{Name: "Winter", Reward: "Badge", Size: 12, Collected: 12}}},
	}
}

func (x *announcing) announce(r announce.Request) announce.Result {
	x.Helper()
	got, err := x.a.Announce(x.Context(), r)
	x.ok(err)
	return got[0]
}

// wake does what /settings does when something may have been fixed.
func (x *announcing) wake() {
	x.Helper()
	if _, err := x.store.Wake(x.Context(), discordsim.GuildID, time.Now()); err != nil {
		x.Error(err)
	}
	x.a.Notify()
}

// wakeUntilSent wakes what waits until a post is made: the entry may come to
// wait just after it was woken.
func (x *announcing) wakeUntilSent(channel, person string) {
	x.Helper()
	sent := make(chan struct{})
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(sent)
	wg.Go(func() {
		for {
			select {
			case <-sent:
				return
			case <-time.After(50 * time.Millisecond):
				x.wake()
			}
		}
	})
	x.awaitPost(channel, person)
}

// posts lists the announcements in a channel.
func (x *announcing) posts(channel string) []discordsim.Message {
	return slices.DeleteFunc(x.sim.Messages(channel, ""), func(m discordsim.Message) bool { return !m.Author.Bot })
}

// awaitPost waits until there is an announcement in a channel, and until the
// ledger knows of it.
func (x *announcing) awaitPost(channel, person string) store.Entry {
	x.Helper()
	ctx, cancel := context.WithTimeout(x.Context(), time.Minute)
	defer cancel()
	_, err := x.sim.AwaitMessage(ctx, channel, func(m discordsim.Message) bool { return m.Author.Bot })
	x.ok(err)
	key := store.EntryKey{Server: discordsim.GuildID, Person: person, Program: "program_winter"}
	for {
		e, err := x.store.Entry(ctx, key)
		x.ok(err)
		if e.State == store.Sent {
			return e
		}
		select {
		case <-ctx.Done():
			x.Fatalf("the entry is %v", e.State)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestAnnouncementReachesTheChannel(t *testing.T) {
	t.Parallel()
	x := newAnnouncing(t, func(o *announce.Options) {
		o.Draw = func(context.Context, announce.Drawing) (embeds.File, error) {
			return embeds.File{Name: "progress.png", ContentType: "image/png", Description: "Winter is complete", Data: []byte("\x89PNG\r\n\x1a\n")}, nil
		}
	})
	x.settings(func(s *store.Settings) {
		s.PingMember, s.RewardRoles = true, map[string]string{"": discordsim.CollectorRoleID}
	})
	finn := discordsim.DefaultFinisher
	r := completion(finn)
	r.By, r.Note = store.ByManager, "Well done, @everyone <@"+discordsim.DefaultAdmin+">"
	got := x.announce(r)
	m := x.posts(discordsim.GeneralChannelID)[0]
	link := "https://discord.com/channels/" + discordsim.GuildID + "/" + discordsim.GeneralChannelID + "/" + m.ID
	if diff := cmp.Diff(announce.Result{Outcome: announce.Announced, Link: link}, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{finn}, m.Pings); diff != "" {
		t.Errorf("pings (-want +got):\n%s", diff)
	}
	if len(m.Attachments) != 1 || m.Attachments[0].Description != "Winter is complete" || m.Nonce == "" || len(m.Nonce) > 25 {
		t.Errorf("message %+v", m)
	}
	e := x.awaitPost(discordsim.GeneralChannelID, finn)
	if m.Embeds[0].Footer.Text != "#"+e.Mark || m.Embeds[0].Author.Name != "Finn" {
		t.Errorf("embed %+v, mark %s", m.Embeds[0], e.Mark)
	}
	if roles := x.sim.MemberRoles(discordsim.GuildID, finn); !slices.Contains(roles, discordsim.CollectorRoleID) {
		t.Errorf("roles %v", roles)
	}
}

// Whatever Discord does to the post, it is there once at the end.
func TestFaultyDiscordHasOnePost(t *testing.T) {
	t.Parallel()
	post := func(f discordsim.RESTFault) discordsim.RESTFault {
		f.Route = discordsim.RoutePost
		if f.Times == 0 {
			f.Times = 1
		}
		return f
	}
	tests := map[string][]discordsim.RESTFault{
		"500, not stored":            {post(discordsim.RESTFault{Status: 500})},
		"500, stored":                {post(discordsim.RESTFault{Status: 500, AfterWork: true})},
		"504 page, stored":           {post(discordsim.RESTFault{Status: 504, Body: "<html>Gateway Timeout</html>", AfterWork: true})},
		"cut, not stored":            {post(discordsim.RESTFault{Reset: true})},
		"cut, stored":                {post(discordsim.RESTFault{Reset: true, AfterWork: true})},
		"cut, cut, then stored, 502": {post(discordsim.RESTFault{Reset: true, Times: 2}), post(discordsim.RESTFault{Status: 502, AfterWork: true})},
		"rate limited":               {post(discordsim.RESTFault{RateLimit: &discordsim.RateLimit{RetryAfter: 100 * time.Millisecond}})},
		"rate limited by Cloudflare": {post(discordsim.RESTFault{RateLimit: &discordsim.RateLimit{RetryAfter: time.Second, HTML: true}})},
		"stored, history faulty": {
			post(discordsim.RESTFault{Status: 500, AfterWork: true}),
			{Route: discordsim.RouteHistory, Status: 500, Times: 2}, {Route: discordsim.RouteHistory, Reset: true, Times: 1},
		},
		"stored, server and member faulty": {
			post(discordsim.RESTFault{Reset: true, AfterWork: true}),
			{Route: discordsim.RouteGuild, Status: 503, Times: 1}, {Route: discordsim.RouteMember, Reset: true, Times: 1},
			{Route: discordsim.RouteChannel, Status: 500, Times: 1}, {Route: discordsim.RouteApplication, Status: 500, Times: 1},
		},
	}
	for name, faults := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newAnnouncing(t, nil)
			for range 120 { // so that the history has pages
				_, err := x.sim.Say(discordsim.DefaultMember, discordsim.GeneralChannelID, "hello")
				x.ok(err)
			}
			for _, f := range faults {
				x.sim.InjectREST(f)
			}
			if got := x.announce(completion(discordsim.DefaultFinisher)); got.Outcome != announce.Announced {
				t.Errorf("outcome %v", got)
			}
			e := x.awaitPost(discordsim.GeneralChannelID, discordsim.DefaultFinisher)
			posts := x.posts(discordsim.GeneralChannelID)
			if len(posts) != 1 || posts[0].ID != e.Message {
				t.Errorf("%d posts, the ledger has %s", len(posts), e.Message)
			}
		})
	}
}

// What somebody has to fix waits, the owner is told once, and the post is
// made when it is fixed.
func TestMendedDiscordHasOnePost(t *testing.T) {
	t.Parallel()
	general := discordsim.GeneralChannelID
	deny := func(p discordsim.Permissions) func(*announcing) {
		return func(x *announcing) { x.ok(x.sim.DenyBot(general, p)) }
	}
	allow := deny(0)
	tests := []struct {
		name         string
		breaks, mend func(*announcing)
		want         store.Hindrance
		channel      string
	}{
		{"hidden", deny(discordsim.PermViewChannel), allow, store.NoPermission, general},
		{"no sending", deny(discordsim.PermSendMessages), allow, store.NoPermission, general},
		{"no embeds", deny(discordsim.PermEmbedLinks), allow, store.NoPermission, general},
		{"no history", deny(discordsim.PermReadHistory), allow, store.NoPermission, general},
		{"50013 for another reason", func(x *announcing) {
			x.sim.InjectREST(discordsim.RESTFault{Route: discordsim.RoutePost, Status: 403, Code: discordsim.CodeMissingPermissions, Times: 1})
		}, func(*announcing) {}, store.NoPermission, general},
		{"50001 for another reason", func(x *announcing) {
			x.sim.InjectREST(discordsim.RESTFault{Route: discordsim.RoutePost, Status: 403, Code: discordsim.CodeMissingAccess, Times: 1})
		}, func(*announcing) {}, store.NoPermission, general},
		{"not accepted", func(x *announcing) {
			x.sim.InjectREST(discordsim.RESTFault{Route: discordsim.RoutePost, Code: discordsim.CodeInvalidFormBody, Times: 1})
		}, func(*announcing) {}, store.NotAccepted, general},
		{"deleted", func(x *announcing) { x.ok(x.sim.DeleteChannel(general)) }, func(x *announcing) {
			x.settings(func(s *store.Settings) { s.Channel = discordsim.TradingChannelID })
		}, store.NoChannel, discordsim.TradingChannelID},
		{"of another server", func(x *announcing) {
			x.sim.AddGuild(discordsim.Guild{ID: "1100000000000000077", Channels: []discordsim.Channel{{ID: "1100000000000000078", Name: "elsewhere"}}})
			x.settings(func(s *store.Settings) { s.Channel = "1100000000000000078" })
		}, func(x *announcing) {
			x.settings(func(s *store.Settings) { s.Channel = general })
		}, store.NoChannel, general},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x := newAnnouncing(t, nil)
			tt.breaks(x)
			got := x.announce(completion(discordsim.DefaultFinisher))
			if diff := cmp.Diff(announce.Result{Outcome: announce.Waits, Hindrance: tt.want}, got); diff != "" {
				t.Fatalf("result (-want +got):\n%s", diff)
			}
			if other := x.announce(completion(discordsim.DefaultMember)); tt.name == "deleted" && other.Outcome != announce.Waits {
				t.Errorf("the next: %v", other)
			}
			dm, err := x.sim.OpenDM(discordsim.DefaultAdmin)
			x.ok(err)
			if notices := x.sim.Messages(dm, ""); len(notices) != 1 || !strings.Contains(notices[0].Text(), "Collectors' Corner") {
				t.Errorf("the owner was told %d times: %v", len(notices), notices)
			}
			tt.mend(x)
			x.wake()
			x.awaitPost(tt.channel, discordsim.DefaultFinisher)
			if n := x.postsOf(tt.channel, "Finn"); n != 1 {
				t.Errorf("%d posts", n)
			}
		})
	}
}

// postsOf counts the announcements of one member in a channel.
func (x *announcing) postsOf(channel, name string) int {
	n := 0
	for _, m := range x.posts(channel) {
		if m.Embeds[0].Author.Name == name {
			n++
		}
	}
	return n
}

// The history of a channel that the bot may not read is empty, not an error:
// nothing is posted on the strength of that.
func TestUnreadableHistoryIsNoProof(t *testing.T) {
	t.Parallel()
	for _, permission := range []discordsim.Permissions{discordsim.PermReadHistory, discordsim.PermViewChannel} {
		x := newAnnouncing(t, nil)
		general, finn := discordsim.GeneralChannelID, discordsim.DefaultFinisher
		x.sim.InjectREST(discordsim.RESTFault{Route: discordsim.RoutePost, Status: 500, AfterWork: true, Times: 1})
		// Nobody looks for the post before the permission is taken.
		unavailable := x.sim.InjectREST(discordsim.RESTFault{Route: discordsim.RouteHistory, Status: 503})
		go func() { // takes the permission once the post is there
			defer unavailable()
			_, err := x.sim.AwaitMessage(x.Context(), general, func(m discordsim.Message) bool { return m.Author.Bot })
			if err != nil || x.sim.DenyBot(general, permission) != nil {
				t.Errorf("await the post: %v", err)
			}
		}()
		if _, err := x.store.Add(t.Context(), store.Entry{
			EntryKey: store.EntryKey{Server: discordsim.GuildID, Person: finn, Program: "program_winter"}, By: store.BySelf, Created: time.Now(),
		}); err != nil {
			t.Fatal(err)
		}
		x.a.Notify()
		dm, err := x.sim.OpenDM(discordsim.DefaultAdmin)
		x.ok(err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = x.sim.AwaitMessage(ctx, dm, func(discordsim.Message) bool { return true })
		x.ok(err)
		x.ok(x.sim.DenyBot(general, 0))
		x.wakeUntilSent(general, finn)
		if n := len(x.posts(general)); n != 1 {
			t.Errorf("%d posts", n)
		}
	}
}

func TestRewardRoleOutOfReach(t *testing.T) {
	t.Parallel()
	x := newAnnouncing(t, nil)
	x.settings(func(s *store.Settings) { s.RewardRoles = map[string]string{"": discordsim.HighRoleID} })
	finn := discordsim.DefaultFinisher
	if got := x.announce(completion(finn)); got.Outcome != announce.Announced {
		t.Fatalf("the post was held up: %v", got)
	}
	dm, err := x.sim.OpenDM(discordsim.DefaultAdmin)
	x.ok(err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err = x.sim.AwaitMessage(ctx, dm, func(m discordsim.Message) bool { return strings.Contains(m.Text(), "Manage Roles") })
	x.ok(err)
	if roles := x.sim.MemberRoles(discordsim.GuildID, finn); len(roles) != 0 {
		t.Errorf("roles %v", roles)
	}
}

func TestMemberWhoLeft(t *testing.T) {
	t.Parallel()
	x := newAnnouncing(t, nil)
	x.ok(x.sim.RemoveMember(discordsim.GuildID, discordsim.DefaultFinisher))
	if got := x.announce(completion(discordsim.DefaultFinisher)); got.Outcome != announce.Left {
		t.Errorf("outcome %v", got)
	}
	if n := len(x.posts(discordsim.GeneralChannelID)); n != 0 {
		t.Errorf("%d posts", n)
	}
}

// Two announcers share a Redis and a Discord that loses answers.
func TestTwoAnnouncersOneRedis(t *testing.T) {
	t.Parallel()
	x := newAnnouncing(t, nil)
	url := redistest.Start(t).URL()
	announcers := make([]*announce.Announcer, 2)
	for i := range announcers {
		client, err := redisconn.Open(url, redisconn.Options{Timeout: 10 * time.Second})
		x.ok(err)
		t.Cleanup(func() { x.ok(client.Close()) })
		x.store = x.open(redisstore.New(client))
		announcers[i] = x.run(x.store, nil)
	}
	x.settings(func(s *store.Settings) { s.Announcements, s.Channel = true, discordsim.TradingChannelID })
	x.sim.InjectREST(discordsim.RESTFault{Route: discordsim.RoutePost, Status: 500, AfterWork: true, Probability: .3})
	x.sim.InjectREST(discordsim.RESTFault{Route: discordsim.RoutePost, Reset: true, Probability: .3})

	const people = 10
	var wg sync.WaitGroup
	for i := range people {
		id := fmt.Sprintf("12000000000000000%02d", i)
		x.sim.AddUser(discordsim.User{ID: id, Username: id})
		x.ok(x.sim.AddMember(discordsim.GuildID, id))
		for _, a := range announcers {
			wg.Go(func() {
				got, err := a.Announce(t.Context(), completion(id))
				if err != nil || got[0].Outcome != announce.Announced && got[0].Outcome != announce.AnnouncedBefore {
					t.Errorf("%v, %v", got, err)
				}
			})
		}
	}
	wg.Wait()
	for i := range people {
		if n := x.postsOf(discordsim.TradingChannelID, fmt.Sprintf("12000000000000000%02d", i)); n != 1 {
			t.Errorf("person %d has %d posts", i, n)
		}
	}
}
