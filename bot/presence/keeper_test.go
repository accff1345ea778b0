package presence_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"progressbot/bot/presence"
	"progressbot/bot/store"
	"progressbot/bot/store/boltstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	red   = "900000000000000001"
	green = "900000000000000002"
	blue  = "900000000000000003"
)

// discord is in some servers, and says so or not.
type discord struct {
	mu      sync.Mutex
	servers []string // as listed
	more    []string // where the bot is, but not listed
	listing error
	knowing map[string]error
	lists   int
	asked   []string
}

// Servers implements presence.Discord.
func (d *discord) Servers(context.Context) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lists++
	return d.servers, d.listing
}

// set changes what Discord says, and returns how often the list was read
// since the last call.
func (d *discord) set(listing error, servers ...string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.lists
	d.listing, d.servers, d.lists = listing, servers, 0
	return n
}

// Knows implements presence.Discord.
func (d *discord) Knows(_ context.Context, server string) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, server)
	return slices.Contains(d.servers, server) || slices.Contains(d.more, server), d.knowing[server]
}

// openStore returns a store that knows of servers.
func openStore(t *testing.T, servers ...string) *store.Store {
	t.Helper()
	driver, err := boltstore.Open(filepath.Join(t.TempDir(), "progressbot.db"), boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := driver.Close(); err != nil {
			t.Error(err)
		}
	})
	s, err := store.Open(t.Context(), driver)
	if err != nil {
		t.Fatal(err)
	}
	for _, server := range servers {
		_, err := s.UpdateSettings(t.Context(), server, func(s *store.Settings) error {
			s.PublicReplies = true
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// left returns the servers that are marked.
func left(t *testing.T, s *store.Store) []string {
	t.Helper()
	all, err := s.Servers(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, server := range all {
		if !server.Left.IsZero() {
			out = append(out, server.ID)
		}
	}
	slices.Sort(out)
	return out
}

func TestRead(t *testing.T) {
	t.Parallel()
	fault := errors.New("discord is down")
	for _, c := range []struct {
		name    string
		marked  []string // before
		discord *discord
		want    []string // marked after
		asked   []string
		err     error
	}{
		{"all are there", nil, &discord{servers: []string{red, green, blue}}, nil, nil, nil},
		{"one has removed the bot", nil, &discord{servers: []string{red, blue}}, []string{green}, []string{green}, nil},
		{"it was known", []string{green}, &discord{servers: []string{red, blue}}, []string{green}, nil, nil},
		{"one is back", []string{green, blue}, &discord{servers: []string{red, blue}}, []string{green}, nil, nil},
		{"the list fails", nil, &discord{listing: fault, servers: []string{red}}, nil, nil, fault},
		{"the list is empty, wrongly", nil, &discord{more: []string{red, green, blue}}, nil, []string{blue, green, red}, nil},
		{"the list is empty, and nothing else can be asked", nil,
			&discord{knowing: map[string]error{red: fault, green: fault, blue: fault}}, nil, []string{blue, green, red}, fault},
		{"the list is empty, rightly", nil, &discord{}, []string{red, green, blue}, []string{blue, green, red}, nil},
		{"the list lacks one", nil, &discord{servers: []string{red, green}, more: []string{blue}}, nil, []string{blue}, nil},
		{"one is in doubt, another is gone", nil, &discord{servers: []string{red}, knowing: map[string]error{blue: fault}}, []string{green}, []string{blue, green}, fault},
		{"others, of which nothing is stored", nil, &discord{servers: []string{red, green, blue, "900000000000000004"}}, nil, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openStore(t, red, green, blue)
			for _, server := range c.marked {
				if err := s.MarkLeft(t.Context(), server, time.Now()); err != nil {
					t.Fatal(err)
				}
			}
			err := presence.New(s, c.discord, presence.Options{}).Read(t.Context())
			if !errors.Is(err, c.err) {
				t.Errorf("error %v, want %v", err, c.err)
			}
			if d := cmp.Diff(c.want, left(t, s)); d != "" {
				t.Errorf("marked (-want +got):\n%s", d)
			}
			slices.Sort(c.discord.asked)
			slices.Sort(c.asked)
			if d := cmp.Diff(c.asked, c.discord.asked); d != "" {
				t.Errorf("asked for (-want +got):\n%s", d)
			}
		})
	}
}

// TestReadMany has more servers than a page, and more missing ones than are
// asked for at once.
func TestReadMany(t *testing.T) {
	t.Parallel()
	var servers []string
	for i := range 1200 {
		servers = append(servers, fmt.Sprint(900_000_000_000_000_000+i))
	}
	s := openStore(t, servers...)
	d := &discord{servers: servers[:500]}
	k := presence.New(s, d, presence.Options{})
	for _, want := range []int{500, 700, 700} {
		err := k.Read(t.Context())
		if done := want == 700; (err == nil) != done {
			t.Errorf("error %v with %d of 700 marked", err, want)
		}
		if got := len(left(t, s)); got != want {
			t.Errorf("%d servers are marked, want %d", got, want)
		}
	}
	if want := 700; len(d.asked) != want {
		t.Errorf("%d servers were asked for, want %d", len(d.asked), want)
	}
}

// TestReadDamaged has a record that cannot be read, on the first of two pages.
func TestReadDamaged(t *testing.T) {
	t.Parallel()
	var servers []string
	for i := range 600 {
		servers = append(servers, fmt.Sprint(900_000_000_000_000_000+i))
	}
	s := openStore(t, servers...)
	gone := servers[599]
	k := presence.New(damaged{s, servers[0]}, &discord{servers: servers[:599]}, presence.Options{})
	if err := k.Read(t.Context()); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("error %v, want %v", err, store.ErrDamaged)
	}
	if d := cmp.Diff([]string{gone}, left(t, s)); d != "" {
		t.Errorf("marked (-want +got):\n%s", d)
	}
}

// damaged is a store with a server whose record cannot be read.
type damaged struct {
	presence.Store
	server string
}

// Servers implements presence.Store.
func (d damaged) Servers(ctx context.Context, offset, limit int) ([]store.Server, error) {
	all, err := d.Store.Servers(ctx, offset, limit)
	n := len(all)
	all = slices.DeleteFunc(all, func(s store.Server) bool { return s.ID == d.server })
	if len(all) < n {
		err = store.ErrDamaged
	}
	return all, err
}

func TestReadOfNothing(t *testing.T) {
	t.Parallel()
	d := &discord{}
	if err := presence.New(openStore(t), d, presence.Options{}).Read(t.Context()); err != nil {
		t.Error(err)
	}
	if d.lists != 0 {
		t.Error("Discord was asked though there is nothing to know")
	}
}

// failing is a store that fails in one way.
type failing struct {
	presence.Store
	marks error
	all   error
}

// Servers implements presence.Store.
func (f failing) Servers(ctx context.Context, offset, limit int) ([]store.Server, error) {
	if f.all != nil {
		return nil, f.all
	}
	return f.Store.Servers(ctx, offset, limit)
}

// MarkLeft implements presence.Store.
func (f failing) MarkLeft(context.Context, string, time.Time) error { return f.marks }

// MarkPresent implements presence.Store.
func (f failing) MarkPresent(context.Context, string) error { return f.marks }

func TestStoreFails(t *testing.T) {
	t.Parallel()
	fault := errors.New("disk is full")
	s := openStore(t, red, green)
	if err := s.MarkLeft(t.Context(), red, time.Now()); err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]*presence.Keeper{
		"listing":           presence.New(failing{Store: s, all: fault}, &discord{}, presence.Options{}),
		"marking as left":   presence.New(failing{Store: s, marks: fault}, &discord{}, presence.Options{}),
		"marking as return": presence.New(failing{Store: s, marks: fault}, &discord{servers: []string{red, green}}, presence.Options{}),
	} {
		if err := k.Read(t.Context()); !errors.Is(err, fault) {
			t.Errorf("%s: error %v, want %v", name, err, fault)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := &discord{}
	if err := presence.New(s, d, presence.Options{}).Read(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

// servers is a store in memory, for the bubble that bbolt cannot enter.
type servers struct {
	mu  sync.Mutex
	all []store.Server
}

func (s *servers) left() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, o := range s.all {
		if !o.Left.IsZero() {
			out = append(out, o.ID)
		}
	}
	return out
}

// Servers implements presence.Store.
func (s *servers) Servers(_ context.Context, offset, limit int) ([]store.Server, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	page := s.all[min(offset, len(s.all)):]
	return slices.Clone(page[:min(limit, len(page))]), nil
}

// MarkLeft implements presence.Store.
func (s *servers) MarkLeft(_ context.Context, server string, now time.Time) error {
	return s.mark(server, now)
}

// MarkPresent implements presence.Store.
func (s *servers) MarkPresent(_ context.Context, server string) error {
	return s.mark(server, time.Time{})
}

func (s *servers) mark(server string, left time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.all, func(o store.Server) bool { return o.ID == server })
	s.all[i].Left = left
	return nil
}

func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &servers{all: []store.Server{{ID: red}, {ID: green}}}
		d := &discord{servers: []string{red}}
		var log bytes.Buffer
		set := metrics.NewSet()
		ctx, cancel := context.WithCancel(t.Context())
		k := presence.New(s, d, presence.Options{Log: slog.New(slog.NewTextHandler(&log, nil)), Metrics: set})
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			k.Run(ctx)
		}()
		pass := func(span time.Duration) {
			<-time.After(span)
			synctest.Wait()
		}
		expect := func(what string, want, got any) {
			t.Helper()
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", what, d)
			}
		}
		pass(4 * time.Minute)
		expect("readings right after the start", 0, d.set(nil, red))
		pass(2 * time.Minute)
		expect("readings after that", 1, d.set(nil, red))
		expect("marked", []string{green}, s.left())
		pass(21 * time.Hour)
		expect("readings within the day", 0, d.set(errors.New("discord is down")))
		pass(36 * time.Hour)
		if n := d.set(nil, red, green); n < 8 || n > 12 {
			t.Errorf("the list was read %d times on a day of trouble", n)
		}
		pass(7 * time.Hour)
		expect("readings after it", 1, d.set(nil, red, green))
		expect("marked", []string(nil), s.left())
		cancel()
		<-ended

		var lines []string
		for line := range strings.Lines(log.String()) {
			_, text, _ := strings.Cut(line, "msg=")
			lines = append(lines, strings.TrimSpace(text[:min(len(text), 40)]))
		}
		expect("log", []string{
			`"the bot was removed from a server, so i`,
			`"the list of the bot's servers could not`,
			`"the bot is in a server again, so its da`,
			`"the list of the bot's servers can be re`,
		}, lines)
		var b bytes.Buffer
		set.WritePrometheus(&b)
		for _, line := range []string{
			`progressbot_presence_readings_total{result="ok"} 2`,
			`progressbot_presence_changes_total{change="left"} 1`,
			`progressbot_presence_changes_total{change="returned"} 1`,
		} {
			if !strings.Contains(b.String(), line+"\n") {
				t.Errorf("metrics lack %q:\n%s", line, b.String())
			}
		}
	})
}
