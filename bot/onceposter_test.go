package bot_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/google/go-cmp/cmp"

	"progressbot/bot"
	"progressbot/bot/announce"
	"progressbot/bot/discordsim"
	"progressbot/commands"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
)

// recapping posts recaps to a simulated Discord.
type recapping struct {
	*testing.T
	sim  *discordsim.Server
	once commands.OncePoster
	ctx  context.Context // of every call
	log  bytes.Buffer
}

func newRecapping(t *testing.T) *recapping {
	t.Helper()
	sim, err := discordsim.Start(discordsim.Options{RequireAllowedMentions: true, GlobalLimit: -1, RouteLimit: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	x := &recapping{T: t, sim: sim, ctx: t.Context()}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	rest := bot.NewTestREST(sim.URL(), sim.Token(), transport, metrics.NewSet(), func(err error) { t.Error(err) })
	x.once = rest.Recaps(slog.New(slog.NewTextHandler(&x.log, nil)))
	return x
}

// recap is a recap whose attempt began long enough ago to be looked for.
func recap() commands.OncePost {
	return commands.OncePost{
		Server: discordsim.GuildID, Channel: discordsim.GeneralChannelID, Nonce: "NONCE", Footer: embeds.AnnouncementFooter("ABC234"),
		Message: embeds.Recap(catalog.For("en-US"), embeds.RecapView{
			Mark: "ABC234", Done: []embeds.RecapItem{{Person: discordsim.DefaultFinisher, Program: "winter", Name: "Winter"}},
		}),
		Begun: time.Now().Add(-time.Minute),
	}
}

// post posts a recap and returns the link, or why not.
func (x *recapping) post() (string, *commands.PostFailure) {
	x.Helper()
	link, err := x.once.PostOnce(x.ctx, recap())
	return link, x.failure(err)
}

// find looks for a recap.
func (x *recapping) find() (string, *commands.PostFailure) {
	x.Helper()
	link, err := x.once.FindPost(x.ctx, recap())
	return link, x.failure(err)
}

func (x *recapping) failure(err error) *commands.PostFailure {
	x.Helper()
	if err == nil {
		return nil
	}
	f, ok := errors.AsType[*commands.PostFailure](err)
	if !ok {
		x.Fatalf("error is %v", err)
	}
	return f
}

// posted returns the links to the bot's posts.
func (x *recapping) posted() []string {
	var links []string
	for _, m := range x.sim.Messages(discordsim.GeneralChannelID, "") {
		if m.Author.Bot {
			links = append(links, announce.Link(discordsim.GuildID, discordsim.GeneralChannelID, m.ID))
		}
	}
	return links
}

func TestRecapReachesTheChannel(t *testing.T) {
	t.Parallel()
	x := newRecapping(t)
	if link, f := x.find(); link != "" || f != nil {
		t.Errorf("found %q, %v before it was posted", link, f)
	}
	link, f := x.post()
	if diff := cmp.Diff([]string{link}, x.posted()); diff != "" || f != nil {
		t.Errorf("%v (-link +posted):\n%s", f, diff)
	}
	if found, f := x.find(); found != link || f != nil {
		t.Errorf("found %q, %v, want %q", found, f, link)
	}
	// Discord drops a repetition of the last minutes.
	if again, f := x.post(); again != link || f != nil || len(x.posted()) != 1 {
		t.Errorf("again %q, %v, %d posts", again, f, len(x.posted()))
	}
	if m := x.sim.Messages(discordsim.GeneralChannelID, "")[0]; len(m.Pings) > 0 {
		t.Errorf("it pings %v", m.Pings)
	}
	if !strings.Contains(x.log.String(), "recap posted") {
		t.Errorf("log: %s", &x.log)
	}
}

// However the answer gets lost, it is found out what became of the recap.
func TestRecapWhoseAnswerGotLostIsFound(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]discordsim.RESTFault{
		"500, stored":     {Status: 500, AfterWork: true},
		"500, not stored": {Status: 500},
		"cut, stored":     {Reset: true, AfterWork: true},
		"cut, not stored": {Reset: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newRecapping(t)
			fault.Route, fault.Times = discordsim.RoutePost, 1
			x.sim.InjectREST(fault)
			if _, f := x.post(); f == nil || !f.Unsure {
				t.Fatalf("failure %+v", f)
			}
			link, f := x.find()
			if f != nil || (link != "") != fault.AfterWork || link != "" && link != x.posted()[0] {
				t.Errorf("found %q, %v among %v", link, f, x.posted())
			}
			if !strings.Contains(x.log.String(), "recap may have been posted") {
				t.Errorf("log: %s", &x.log)
			}
		})
	}
}

func TestRecapThatCannotBePosted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		hinder func(*recapping) error
		want   embeds.Trouble
		lookup bool // whether looking for it works
	}{
		{"no permission", func(x *recapping) error {
			return x.sim.DenyBot(discordsim.GeneralChannelID, discordsim.PermSendMessages)
		}, embeds.TroubleNoPermission, true},
		{"no history", func(x *recapping) error {
			return x.sim.DenyBot(discordsim.GeneralChannelID, discordsim.PermReadHistory)
		}, embeds.TroubleNoPermission, false},
		{"no channel", func(x *recapping) error { return x.sim.DeleteChannel(discordsim.GeneralChannelID) }, embeds.TroubleNoChannel, true},
		{"refused", func(x *recapping) error {
			x.sim.InjectREST(discordsim.RESTFault{Route: discordsim.RoutePost, Status: 400, Body: `{"code": 50035, "message": "Invalid Form Body"}`, Times: 1})
			return nil
		}, embeds.TroubleNotAccepted, true},
		{"Discord is silent", func(x *recapping) error {
			x.sim.InjectREST(discordsim.RESTFault{Route: discordsim.RouteGuild, Status: 503, Times: 1000})
			ctx, cancel := context.WithTimeout(x.ctx, 100*time.Millisecond)
			x.ctx = ctx
			x.Cleanup(cancel)
			return nil
		}, embeds.TroubleOutOfReach, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x := newRecapping(t)
			if err := tt.hinder(x); err != nil {
				t.Fatal(err)
			}
			_, f := x.post()
			if f == nil || f.Unsure || f.Trouble != tt.want || f.Unwrap() == nil {
				t.Fatalf("failure %+v", f)
			}
			if !strings.Contains(x.log.String(), "recap not posted") {
				t.Errorf("log: %s", &x.log)
			}
			link, f := x.find()
			if link != "" || (f == nil) != tt.lookup || f != nil && !f.Unsure {
				t.Errorf("found %q, %+v", link, f)
			}
		})
	}
}

// What has just begun may still be carried out.
func TestRecapIsNotLookedForTooSoon(t *testing.T) {
	t.Parallel()
	x := newRecapping(t)
	soon := recap()
	soon.Begun = time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := x.once.FindPost(ctx, soon)
	if f := x.failure(err); f == nil || !f.Unsure || f.Error() == "" {
		t.Errorf("failure %+v", f)
	}
}
