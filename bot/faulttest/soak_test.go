package faulttest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"progressbot/bot/discordsim"
	"progressbot/bot/redisconn/redistest"
	"progressbot/progressapi/progressapitest"
)

var (
	soakFor  = flag.Duration("soak", 8*time.Second, "how long the soak test puts the bot under load, in all")
	soakRate = flag.Int("soak-rate", defaultSoakRate(), "interactions per second in the soak test")
)

func defaultSoakRate() int {
	if underRace {
		return 60
	}
	return 300
}

// TestSoak has a crowd use everything the bot has, hundreds of times a
// second, while faults are switched on and off: once each in every round. The
// bot is a process of its own, so that its memory, goroutines and files are
// all its own. After the first round none of them grows.
func TestSoak(t *testing.T) {
	w := newWorld(t, setup{
		Discord: discordsim.Options{
			Gateway:    discordsim.Gateway{HeartbeatInterval: 10 * time.Second, IdentifyInterval: -1},
			RouteLimit: -1, GlobalLimit: -1,
		},
		// Garbage is collected early, so that what is live shows.
		Env: map[string]string{"CACHE_TTL": "2s", "CACHE_STALE": "1m", "GOGC": gogc},
	})
	w.late = true
	p := w.exec()
	if err := w.awaitReady(); err != nil {
		t.Fatalf("%v; log:\n%s", err, p.log)
	}
	rounds := 2 + int(*soakFor/(30*time.Second))
	s := &soak{w: w, lag: measureLag(t), seen: map[string]int{}, pages: map[string]discordsim.Message{}}
	for range 50 + *soakRate {
		s.people = append(s.people, w.person())
	}
	var samples []sample
	for round := range rounds {
		s.round(t, *soakFor/time.Duration(rounds))
		now, err := p.settled()
		if err != nil {
			t.Fatal(err)
		}
		now.name = fmt.Sprint("round ", round+1)
		samples = append(samples, now)
	}
	t.Logf("%d interactions a second for %v, %d faults in each of %d rounds\n%s", *soakRate, *soakFor, len(soakFaults()), rounds, sampleTable(samples))
	t.Logf("what people saw: %v", s.seen)
	s.judge(t, p)
	first, last := samples[0], samples[len(samples)-1]
	allowed := 8.0 * (1 << 20)
	if rounds < 4 {
		allowed *= 3 // one short round leaves the caches half empty
	}
	if grown := last.heap() - first.heap(); grown > allowed {
		t.Errorf("the live heap grew by %s", mb(grown))
	}
	if more := last.unexplained(first); more > mostMore {
		t.Errorf("%v goroutines more than after the first round, besides those of further connections", more)
	}
	if last.files > mostFiles {
		t.Errorf("%v open files, and no more than %d connections are ever kept", last.files, mostFiles)
	}
}

// mostFiles is what a bot at rest keeps open at most: 256 idle connections to
// Discord, 32 to the progress API, three pools of 16 to Redis, and a few.
const mostFiles = 256 + 32 + redisConns + 30

// redisConns is how many connections to Redis there may be: three pools of 16.
const redisConns = 3 * 16

// mostMore is how many goroutines more there may be than before, unexplained:
// a few, and the two of each HTTP connection that may have come in place of
// one to Redis, as that leaves the number of files as it was. One that is lost
// with each interaction would make 240 in the shortest of rounds.
const mostMore = 20 + 2*redisConns

// gogc is the percentage by which the heap may grow before it is collected.
const gogc = "50"

// sample is what a bot takes when nobody asks for anything.
type sample struct {
	name                         string
	next                         float64 // size at which the heap is collected
	rss, goroutines, files, sent float64
}

// heap is what of the heap is live.
func (s sample) heap() float64 { return s.next / 1.5 }

// unexplained is how many goroutines there are more than before, besides the
// two of each HTTP connection that has come in addition. That fewer files are
// open says nothing: those of Redis have no goroutines.
func (s sample) unexplained(before sample) float64 {
	return s.goroutines - before.goroutines - 2*max(0, s.files-before.files)
}

// settled waits until the bot does nothing any more, and returns what it
// takes then.
func (p *process) settled() (sample, error) {
	const still = 5 // times in a row that nothing has changed
	var last metrics
	for same := 0; same < still; {
		<-time.After(100 * time.Millisecond)
		m, err := p.metrics()
		if err != nil {
			return sample{}, err
		}
		same++
		for _, busy := range []string{"progressbot_interactions_running", "progressbot_cache_waiters"} {
			if m.sum(busy) > 0 {
				same = 0
			}
		}
		if last == nil || m["go_goroutines"] > last["go_goroutines"]+5 || m["go_goroutines"] < last["go_goroutines"]-5 {
			same = 0
		}
		last = m
	}
	return sample{
		next: last["go_memstats_next_gc_bytes"], rss: last["process_resident_memory_bytes"],
		goroutines: last["go_goroutines"], files: last["process_open_fds"],
		sent: last.sum("progressbot_interactions_received_total"),
	}, nil
}

func sampleTable(samples []sample) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "after\tinteractions\tlive heap\tresident\tgoroutines\topen files\tgoroutines unexplained\t")
	for _, s := range samples {
		fmt.Fprintf(w, "%s\t%.0f\t%s\t%s\t%.0f\t%.0f\t%.0f\t\n", s.name, s.sent, mb(s.heap()), mb(s.rss), s.goroutines, s.files, s.unexplained(samples[0]))
	}
	_ = w.Flush()
	return b.String()
}

// soakFault is switched on and off under load.
type soakFault func(w *world) (end func())

func soakFaults() []soakFault {
	api := func(f progressapitest.Fault) soakFault {
		return func(w *world) func() {
			w.api.Break(f)
			return w.api.Mend
		}
	}
	discord := func(f discordsim.RESTFault) soakFault {
		return func(w *world) func() { return w.discord.InjectREST(f) }
	}
	redis := func(m redistest.Mode) soakFault {
		return func(w *world) func() {
			_ = w.redis.Set(m)
			return func() { _ = w.redis.Set(redistest.Pass) }
		}
	}
	gateway := func(f func(*discordsim.Server) int) soakFault {
		return func(w *world) func() {
			f(w.discord)
			return func() {}
		}
	}
	return []soakFault{
		api(progressapitest.Status(http.StatusInternalServerError, 0)),
		redis(redistest.Refuse),
		discord(discordsim.RESTFault{Route: discordsim.RouteCallback, Status: http.StatusBadGateway, Probability: .1}),
		gateway((*discordsim.Server).Reconnect),
		api(progressapitest.Hang()),
		redis(redistest.BlackHole),
		discord(discordsim.RESTFault{Route: discordsim.RouteCallback, Reset: true, AfterWork: true, Probability: .1}),
		func(w *world) func() {
			_ = w.server.Kill()
			return func() { _ = w.server.Restart() }
		},
		api(progressapitest.RateLimited("1")),
		discord(discordsim.RESTFault{Route: discordsim.RouteEdit, Status: http.StatusInternalServerError, Probability: .3}),
		gateway((*discordsim.Server).DropMidFrame),
		api(progressapitest.Latency(1400 * time.Millisecond)),
		redis(redistest.Slow),
		discord(discordsim.RESTFault{Route: discordsim.RouteCallback, RateLimit: &discordsim.RateLimit{RetryAfter: 200 * time.Millisecond}, Probability: .1}),
		api(progressapitest.Truncated()),
	}
}

// soak is a crowd and what it has seen.
type soak struct {
	w      *world
	lag    *lagMeter
	people []string

	mu      sync.Mutex
	seen    map[string]int
	wrong   []error
	pages   map[string]discordsim.Message // the last overview by person
	stalled int                           // interactions during which the machine stood still
	asking  sync.WaitGroup
}

// round puts the bot under load for so long, with each fault once, and waits
// for the last answer.
func (s *soak) round(t *testing.T, lasting time.Duration) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s.asking.Go(func() { s.ask(ctx) })
	faults := soakFaults()
	spell := lasting / time.Duration(2*len(faults))
	for _, begin := range faults {
		end := begin(s.w)
		<-time.After(spell)
		end()
		<-time.After(spell)
	}
	stop()
	s.asking.Wait()
}

// ask has somebody do something at every tick.
func (s *soak) ask(ctx context.Context) {
	tick := time.NewTicker(time.Second / time.Duration(*soakRate))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.asking.Go(s.act)
		case <-ctx.Done():
			return
		}
	}
}

// act has somebody do one of the things that people do, and notes what they
// see.
func (s *soak) act() {
	began := time.Now()
	person := s.people[rand.IntN(len(s.people))]
	s.mu.Lock()
	page, paged := s.pages[person]
	s.mu.Unlock()
	var (
		i   *discordsim.Interaction
		err error
	)
	switch n := rand.IntN(100); {
	case n < 10:
		i, err = s.w.discord.Autocomplete(discordsim.Invocation{
			Command: "progress", User: person, Focus: "collection", Options: map[string]any{"collection": "win"},
		})
	case n < 15:
		i, err = s.w.discord.Invoke(discordsim.Invocation{Command: "help", User: person})
	case n < 30 && paged:
		i, err = s.w.discord.Press(person, page.ID, "Refresh")
	case n < 40 && paged:
		i, err = s.w.discord.Press(person, page.ID, "Share")
	case n < 50 && paged:
		i, err = s.choose(person, page)
	default:
		i, err = s.w.ask(person)
	}
	if errors.Is(err, discordsim.ErrNotConnected) || errors.Is(err, discordsim.ErrNoControl) {
		return // nobody was there, or somebody else's press took the button away
	}
	var what string
	if err == nil {
		what, err = s.look(person, i)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[what]++
	if s.lag.since(began) >= muchLag {
		s.stalled++
	}
	if err != nil && len(s.wrong) < 10 {
		s.wrong = append(s.wrong, err)
	}
}

// choose opens a collection.
func (s *soak) choose(person string, page discordsim.Message) (*discordsim.Interaction, error) {
	for _, c := range page.Controls() {
		if len(c.Options) > 0 {
			return s.w.discord.Choose(person, page.ID, "", c.Options[rand.IntN(len(c.Options))].Value)
		}
	}
	return nil, discordsim.ErrNoControl
}

// look waits for what came of an interaction.
func (s *soak) look(person string, i *discordsim.Interaction) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	a, err := i.Await(ctx)
	switch {
	case errors.Is(err, discordsim.ErrTimedOut):
		return seenNoAnswer, nil // judged by their number
	case err != nil:
		return "", err
	case i.Type == discordsim.InteractionAutocomplete:
		return "suggestions", nil
	}
	m, err := i.AwaitMessage(ctx)
	if err != nil {
		return "", fmt.Errorf("%s, answered with type %d, is %s: %w", i.Command, a.Type, i.State(), err)
	}
	if n := len(i.Messages()); n > 1 || n == 0 && i.Type == discordsim.InteractionCommand {
		return "", fmt.Errorf("%d messages came of %s", n, i.Command)
	}
	if i.Command == "progress" && m.Ephemeral() {
		if _, ok := m.Button("Refresh"); ok {
			s.mu.Lock()
			s.pages[person] = m
			s.mu.Unlock()
		}
	}
	what := describe(m)
	if i.Command == "help" || len(what) > 60 {
		what = "something else"
	}
	return what, nil
}

// judge holds what the bot tells of itself against what Discord saw.
func (s *soak) judge(t *testing.T, p *process) {
	t.Helper()
	m, err := p.metrics()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.wrong...); err != nil {
		t.Error(err)
	}
	stats := s.w.discord.Stats()
	received := m.sum("progressbot_interactions_received_total") - m.sum("progressbot_interactions_repeated_total")
	late := m.sum("progressbot_interactions_total", `outcome="gone"`)
	lost := m.sum("progressbot_interactions_total", `outcome="undelivered"`)
	t.Logf("Discord: %d interactions, %d answered, %d not in time; the bot: %.0f received, %.0f of them when it was too late, %.0f answers not delivered; the machine stood still during %d",
		stats.Interactions, stats.Answered, stats.TimedOut, received, late, lost, s.stalled)
	if missing := received - late - lost - float64(stats.Answered); missing > 0 {
		t.Errorf("%.0f interactions reached the bot in time and were not answered", missing)
	}
	if lost-float64(s.stalled) > received/200 {
		t.Errorf("%.0f of %.0f answers were not delivered", lost, received)
	}
	if panics := m.sum("progressbot_panics_total") + m.sum("progressbot_gateway_panics_total") + m.sum("progressbot_interactions_total", `outcome="panicked"`); panics > 0 {
		t.Errorf("%.0f panics", panics)
	}
}
