package discordsim_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"
	"go.uber.org/goleak"

	"progressbot/bot/discordsim"
)

// discordgo's reconnecting cannot be stopped: a session that is closed while
// it waits for the next attempt goes on waiting.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/bwmarrin/discordgo.(*Session).reconnect"))
}

// deadline is long enough for a busy machine; nothing waits it out unless
// the test is going to fail.
const deadline = 30 * time.Second

func start(t testing.TB, o discordsim.Options) *discordsim.Server {
	t.Helper()
	s, err := discordsim.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	t.Cleanup(cancel)
	return ctx
}

// toSim sends discordgo's requests to the simulator.
type toSim struct {
	to   *url.URL
	next http.RoundTripper
}

func (rt toSim) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.Host = rt.to.Scheme, rt.to.Host, rt.to.Host
	return rt.next.RoundTrip(r)
}

// client is a discordgo session for the simulator, not yet open.
func client(t testing.TB, s *discordsim.Server) *discordgo.Session {
	t.Helper()
	d, err := discordgo.New("Bot " + s.Token())
	if err != nil {
		t.Fatal(err)
	}
	origin, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	d.Client = &http.Client{Transport: toSim{origin, transport}}
	d.Identify.Intents = discordgo.IntentsNone
	return d
}

// open connects a session and closes it after the test.
func open(t testing.TB, s *discordsim.Server, d *discordgo.Session) {
	t.Helper()
	if err := d.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if err := s.AwaitReady(within(t)); err != nil {
		t.Fatal(err)
	}
}

// register sends commands as discordgo does.
func register(t testing.TB, s *discordsim.Server, d *discordgo.Session, commands ...*discordgo.ApplicationCommand) {
	t.Helper()
	if _, err := d.ApplicationCommandBulkOverwrite(s.ApplicationID(), "", commands); err != nil {
		t.Fatal(err)
	}
}

// noViolations fails the test for whatever the simulator holds against it.
func noViolations(t testing.TB, s *discordsim.Server) {
	t.Helper()
	for _, v := range s.Violations() {
		t.Errorf("violation: %s", v)
	}
}
