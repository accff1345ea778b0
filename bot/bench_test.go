package bot_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot"
	"progressbot/bot/discordsim"
	"progressbot/progressapi/progressapitest"
)

// BenchmarkInteraction measures what a cached /progress costs the bot, from
// the gateway's frame to the answer, against a bare discordgo handler with
// the library's defaults that answers a constant embed. The simulated Discord
// and its people are another process, so that the CPU time reported is the
// bot's alone.
func BenchmarkInteraction(b *testing.B) {
	cost := map[string]float64{}
	for _, candidate := range []struct {
		name  string
		start func(b *testing.B, s *benchDiscord) (stop func())
	}{
		{"bare-discordgo", startBare},
		{"progressbot", startBenched},
	} {
		b.Run(candidate.name, func(b *testing.B) {
			s := newBenchDiscord(b)
			stop := candidate.start(b, s)
			defer stop()
			s.run(b, 500) // fill caches and connection pools
			runtime.GC()
			b.ReportAllocs()
			b.ResetTimer()
			before := cpuTime(b)
			took := s.run(b, b.N)
			used := cpuTime(b) - before
			b.StopTimer()
			cost[candidate.name] = float64(used.Microseconds()) / float64(b.N)
			b.ReportMetric(cost[candidate.name], "cpu-µs/op")
			b.ReportMetric(float64(b.N)/took.All.Seconds(), "interactions/s")
			b.ReportMetric(float64(took.P50.Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took.P99.Microseconds())/1000, "p99-ms")
		})
	}
	if bare := cost["bare-discordgo"]; bare > 0 {
		b.Logf("a cached /progress costs %.2f times a constant embed of bare discordgo", cost["progressbot"]/bare)
	}
}

// cpuTime is the CPU time that this process has used.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// startBare runs a bot as the library's examples have it.
func startBare(b *testing.B, s *benchDiscord) (stop func()) {
	b.Helper()
	session, err := discordgo.New("Bot " + s.Token)
	if err != nil {
		b.Fatal(err)
	}
	session.Client.Transport = toOrigin(s.URL)
	session.AddHandler(func(s *discordgo.Session, i *discordgo.InteractionCreate) {
		_ = s.InteractionRespond(i.Interaction, &discordgo.InteractionResponse{
			Type: discordgo.InteractionResponseChannelMessageWithSource,
			Data: &discordgo.InteractionResponseData{
				Embeds: []*discordgo.MessageEmbed{{Title: "Your progress", Description: "11 of 12"}},
			},
		})
	})
	_, err = session.ApplicationCommandBulkOverwrite(discordsim.DefaultApplication, "",
		[]*discordgo.ApplicationCommand{{Name: "progress", Description: "Shows your progress"}})
	if err != nil {
		b.Fatal(err)
	}
	if err := session.Open(); err != nil {
		b.Fatal(err)
	}
	return func() { _ = session.Close() }
}

// toOrigin sends requests to another origin than they are for.
type toOrigin string

// RoundTrip implements http.RoundTripper.
func (o toOrigin) RoundTrip(r *http.Request) (*http.Response, error) {
	to, err := r.URL.Parse(string(o) + r.URL.RequestURI())
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.URL, r.Host = to, to.Host
	return http.DefaultTransport.RoundTrip(r)
}

// startBenched runs the bot as its main function does.
func startBenched(b *testing.B, s *benchDiscord) (stop func()) {
	b.Helper()
	config, err := bot.ConfigFromEnv(env{
		"DISCORD_TOKEN": s.Token, "DISCORD_API_URL": s.URL, "OPS_ADDR": "off",
		"PROGRESS_API_URL": s.API, "PROGRESS_API_KEY": canaryKey, "PROGRESS_API_RATE": "10000",
		"CACHE_TTL": "1h", "DATA_DIR": b.TempDir(),
	}.lookup)
	if err != nil {
		b.Fatal(err)
	}
	log := newLogBuffer()
	p, err := bot.New(config, bot.Deps{Log: bot.NewLogger(config, log)})
	if err != nil {
		b.Fatal(err)
	}
	percent := debug.SetGCPercent(400)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
		debug.SetGCPercent(percent)
	}
}

// benchDiscord is a simulated Discord, a progress API and people who ask, in
// another process.
type benchDiscord struct {
	URL, Token, API string

	in  io.WriteCloser
	out *json.Decoder
}

// benchTook is how long people waited.
type benchTook struct {
	All, P50, P99 time.Duration
	Err           string
}

// benchProcess is set in the environment of that process.
const benchProcess = "PROGRESSBOT_BENCH_DISCORD"

func newBenchDiscord(b *testing.B) *benchDiscord {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), self)
	cmd.Env = append(os.Environ(), benchProcess+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	s := &benchDiscord{in: in, out: json.NewDecoder(bufio.NewReader(out))}
	if err := s.out.Decode(s); err != nil {
		b.Fatal(err)
	}
	return s
}

// run lets people ask n times.
func (s *benchDiscord) run(b *testing.B, n int) benchTook {
	b.Helper()
	if _, err := fmt.Fprintln(s.in, n); err != nil {
		b.Fatal(err)
	}
	var took benchTook
	if err := s.out.Decode(&took); err != nil {
		b.Fatal(err)
	}
	if took.Err != "" {
		b.Fatal(took.Err)
	}
	return took
}

// serveBench is the main function of the other process: it reads how many
// times to ask, one number a line, until its input ends.
func serveBench(in io.Reader, out io.Writer) error {
	discord, err := discordsim.Start(discordsim.Options{GlobalLimit: -1, RouteLimit: -1})
	if err != nil {
		return err
	}
	defer discord.Close()
	api, err := progressapitest.Start(progressapitest.Options{Key: canaryKey})
	if err != nil {
		return err
	}
	defer func() { _ = api.Close() }()
	people := make([]string, 100)
	for i := range people {
		people[i] = fmt.Sprint(700_000 + i)
		discord.AddUser(discordsim.User{ID: people[i], Username: "user" + people[i]})
		if err := discord.AddMember(discordsim.GuildID, people[i]); err != nil {
			return err
		}
		api.SetPrograms(people[i], progressapitest.Programs(12, api.Now())...)
	}
	answers := json.NewEncoder(out)
	if err := answers.Encode(benchDiscord{URL: discord.URL(), Token: discord.Token(), API: api.URL()}); err != nil {
		return err
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var n int
		if _, err := fmt.Sscan(lines.Text(), &n); err != nil {
			return err
		}
		if err := answers.Encode(askMany(discord, people, n)); err != nil {
			return err
		}
	}
	return nil
}

// askMany lets people ask n times, 64 at a time.
func askMany(discord *discordsim.Server, people []string, n int) benchTook {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := discord.AwaitRegistered(ctx, "progress"); err != nil {
		return benchTook{Err: err.Error()}
	}
	if err := discord.AwaitReady(ctx); err != nil {
		return benchTook{Err: err.Error()}
	}
	var (
		wg     sync.WaitGroup
		mu     sync.Mutex
		first  error
		waited = make([]time.Duration, 0, n)
		turns  = make(chan int)
	)
	began := time.Now()
	for range 64 {
		wg.Go(func() {
			for turn := range turns {
				asked := time.Now()
				i, err := discord.Invoke(discordsim.Invocation{Command: "progress", User: people[turn%len(people)]})
				if err == nil {
					_, err = i.Await(ctx)
				}
				mu.Lock()
				waited = append(waited, time.Since(asked))
				if err != nil && first == nil {
					first = err
				}
				mu.Unlock()
			}
		})
	}
	for turn := range n {
		turns <- turn
	}
	close(turns)
	wg.Wait()
	took := benchTook{All: time.Since(began)}
	if first != nil {
		took.Err = first.Error()
	}
	slices.Sort(waited)
	took.P50, took.P99 = waited[len(waited)/2], waited[len(waited)*99/100]
	return took
}
