package announce_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/bwmarrin/discordgo"
	"go.uber.org/goleak"

	"progressbot/bot/announce"
	"progressbot/bot/store"
	"progressbot/bot/store/boltstore"
	"progressbot/embeds"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The people, servers and things of the tests.
const (
	alice, bob = "100000000000000001", "100000000000000002"
	red, blue  = "900000000000000001", "900000000000000002"
	general    = "700000000000000001"
	other      = "700000000000000002"
	collector  = "500000000000000001"
	veteran    = "500000000000000002"
	winter     = "program_winter"
	spring     = "program_spring"
)

const allPermissions = discordgo.PermissionViewChannel | discordgo.PermissionSendMessages | discordgo.PermissionEmbedLinks |
	discordgo.PermissionReadMessageHistory | discordgo.PermissionAttachFiles

// discord is a Discord of one server, as far as the announcer can tell: it
// keeps messages, drops repeated nonces for some minutes, and goes wrong on
// demand.
type discord struct {
	now func() time.Time

	mu          sync.Mutex
	permissions map[string]int64 // by channel
	members     map[string]string
	roles       map[string][]string // by person
	messages    []message
	told        []embeds.Message
	calls       []string
	fail        map[string][]fault // by call, used up from the front
	always      map[string]fault   // by call
	serial      uint64
}

type message struct {
	announce.Posted
	id      uint64
	channel string
	post    announce.Post
	at      time.Time
}

// fault is how a call goes wrong.
type fault struct {
	err error
	// after says that the work is done first.
	after bool
	// hook, if any, is called instead of the rest.
	hook func()
}

func newDiscord(now func() time.Time) *discord {
	return &discord{
		now:         now,
		permissions: map[string]int64{general: allPermissions, other: allPermissions},
		members:     map[string]string{alice: "Alice", bob: "Bob"},
		roles:       map[string][]string{},
		fail:        map[string][]fault{}, always: map[string]fault{},
	}
}

// breaks makes the next calls go wrong in turn.
func (d *discord) breaks(call string, faults ...fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail[call] = append(d.fail[call], faults...)
}

// down makes every call go wrong until up.
func (d *discord) down(call string, f fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.always[call] = f
}

func (d *discord) up(call string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.always, call)
}

func (d *discord) allow(channel string, permissions int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.permissions[channel] = permissions
}

// remove deletes a channel and what is in it.
func (d *discord) remove(channel string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.permissions, channel)
	d.messages = slices.DeleteFunc(d.messages, func(m message) bool { return m.channel == channel })
}

func (d *discord) leave(person string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.members, person)
}

func (d *discord) posts() []message {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(d.messages), func(m message) bool { return !m.Own })
}

func (d *discord) count(call string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, c := range d.calls {
		if c == call {
			n++
		}
	}
	return n
}

func (d *discord) notices() []embeds.Message {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.told)
}

func (d *discord) rolesOf(person string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.roles[person])
}

// enter notes a call and returns how it goes wrong.
func (d *discord) enter(ctx context.Context, call string) fault {
	d.mu.Lock()
	d.calls = append(d.calls, call)
	f, ok := d.always[call]
	if list := d.fail[call]; !ok && len(list) > 0 {
		f, d.fail[call] = list[0], list[1:]
	}
	d.mu.Unlock()
	if f.hook != nil {
		f.hook()
	}
	if err := ctx.Err(); err != nil {
		return fault{err: err}
	}
	return f
}

func failed(c announce.Cause) error {
	return &announce.Failure{Cause: c, Err: fmt.Errorf("injected failure %d", c)}
}

func (d *discord) Place(ctx context.Context, server, channel string) (announce.Place, error) {
	if f := d.enter(ctx, "place"); f.err != nil {
		return announce.Place{}, f.err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	place := announce.Place{Server: "Ice Club", Locale: "en-US"}
	p, ok := d.permissions[channel]
	if !ok {
		return place, failed(announce.NotFound)
	}
	place.Permissions = p
	return place, nil
}

func (d *discord) Post(ctx context.Context, channel string, p announce.Post) (string, error) {
	f := d.enter(ctx, "post")
	if f.err != nil && !f.after {
		return "", f.err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.permissions[channel]; !ok {
		return "", failed(announce.NotFound)
	}
	id := d.add(channel, p, true)
	return id, f.err
}

// nonceWindow is how long a nonce is remembered.
const nonceWindow = 3 * time.Minute

func (d *discord) add(channel string, p announce.Post, own bool) string {
	now := d.now()
	for _, m := range d.messages {
		if p.Nonce != "" && m.channel == channel && m.post.Nonce == p.Nonce && now.Sub(m.at) < nonceWindow {
			return m.ID
		}
	}
	d.serial++
	m := message{channel: channel, post: p, at: now, id: uint64(now.UnixMilli()-1420070400000)<<22 | d.serial&0x3fffff}
	m.ID, m.Own = strconv.FormatUint(m.id, 10), own
	for _, e := range p.Embeds {
		m.Footers = append(m.Footers, e.Footer.Text)
	}
	d.messages = append(d.messages, m)
	return m.ID
}

// chatter lets others write.
func (d *discord) chatter(channel string, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for range n {
		d.add(channel, announce.Post{}, false)
	}
}

func (d *discord) History(ctx context.Context, channel, after string) ([]announce.Posted, error) {
	if f := d.enter(ctx, "history"); f.err != nil {
		return nil, f.err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.permissions[channel]
	if !ok {
		return nil, failed(announce.NotFound)
	}
	if p&discordgo.PermissionReadMessageHistory == 0 {
		return nil, nil // as Discord does
	}
	from, err := strconv.ParseUint(after, 10, 64)
	if err != nil {
		return nil, failed(announce.NotAccepted)
	}
	var page []announce.Posted
	first, _ := slices.BinarySearchFunc(d.messages, from+1, func(m message, id uint64) int { return cmp.Compare(m.id, id) })
	for _, m := range d.messages[first:] {
		if len(page) == announce.PageSize {
			break
		}
		if m.channel == channel {
			page = append(page, m.Posted)
		}
	}
	return page, nil
}

func (d *discord) Member(ctx context.Context, server, person string) (announce.Member, error) {
	if f := d.enter(ctx, "member"); f.err != nil {
		return announce.Member{}, f.err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	name, ok := d.members[person]
	if !ok {
		return announce.Member{}, failed(announce.NoMember)
	}
	return announce.Member{Name: name}, nil
}

func (d *discord) AddRole(ctx context.Context, server, person, role string) error {
	f := d.enter(ctx, "role")
	if f.err != nil && !f.after {
		return f.err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Contains(d.roles[person], role) {
		d.roles[person] = append(d.roles[person], role)
	}
	return f.err
}

func (d *discord) Tell(ctx context.Context, server string, m embeds.Message) error {
	f := d.enter(ctx, "tell")
	d.mu.Lock()
	defer d.mu.Unlock()
	d.told = append(d.told, m)
	return f.err
}

// world is a store, a Discord and what is between them.
type world struct {
	*testing.T
	driver  store.Driver
	store   *store.Store
	discord *discord
	metrics *metrics.Set
	log     *logBuffer
	options announce.Options
}

// newWorld returns a world whose red server announces in general.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := newWorldAt(t, filepath.Join(t.TempDir(), "progressbot.db"))
	t.Cleanup(func() { w.ok(w.store.Close()) })
	return w
}

// newWorldAt is newWorld with its store in a file, which the caller closes.
func newWorldAt(t *testing.T, path string) *world {
	t.Helper()
	// The clock of a bubble begins before Discord's.
	time.Sleep(time.Until(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)))
	driver, err := boltstore.Open(path, boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, discord: newDiscord(time.Now), metrics: metrics.NewSet(), log: &logBuffer{}}
	w.open(driver)
	w.settings(red, func(s *store.Settings) {
		s.Announcements, s.Channel, s.Milestones = true, general, store.Quarters
	})
	return w
}

func (w *world) open(driver store.Driver) {
	w.Helper()
	s, err := store.Open(context.Background(), driver)
	w.ok(err)
	w.driver, w.store = driver, s
	w.options = announce.Options{
		Store: s, Posts: w.discord, Members: w.discord, Managers: w.discord,
		Log: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Metrics: w.metrics,
	}
}

// start runs an announcer until the test ends.
func (w *world) start() *announce.Announcer {
	w.Helper()
	a, stop := w.startUntil()
	w.Cleanup(stop)
	return a
}

// startUntil runs an announcer until the returned function is called.
func (w *world) startUntil() (a *announce.Announcer, stop func()) {
	w.Helper()
	a = announce.New(w.options)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.Run(ctx)
	}()
	return a, sync.OnceFunc(func() {
		cancel()
		<-done
	})
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) settings(server string, fn func(*store.Settings)) {
	w.Helper()
	_, err := w.store.UpdateSettings(context.Background(), server, func(s *store.Settings) error {
		fn(s)
		return nil
	})
	w.ok(err)
}

func (w *world) choose(person string, c store.Choice) {
	w.Helper()
	_, err := w.store.UpdateConsent(context.Background(), red, person, func(consent *store.Consent) error {
		consent.Announce = c
		return nil
	})
	w.ok(err)
}

// declined lets Alice say no to the question about winter.
func declined(w *world) {
	w.Helper()
	w.ok(w.store.Decline(context.Background(), red, alice, winter, time.Now()))
}

func (w *world) announce(a *announce.Announcer, r announce.Request) []announce.Result {
	w.Helper()
	got, err := a.Announce(context.Background(), r)
	w.ok(err)
	return got
}

// entry returns what the ledger says of the completion of a program.
func (w *world) entry(person, program string) store.Entry {
	w.Helper()
	e, err := w.store.Entry(context.Background(), store.EntryKey{Server: red, Person: person, Program: program})
	w.ok(err)
	return e
}

// await waits until the entry of a completion is in a state.
func (w *world) await(person, program string, want store.State) store.Entry {
	w.Helper()
	began := time.Now()
	for pause := 100 * time.Millisecond; time.Since(began) < 20*24*time.Hour; pause = min(pause*11/10, 30*time.Minute) {
		if e := w.entry(person, program); e.State == want {
			return e
		}
		time.Sleep(pause)
	}
	w.Fatalf("the entry is %v, not %v\n%s", w.entry(person, program).State, want, w.log.String())
	return store.Entry{}
}

// counter reads a counter of the metrics.
func (w *world) counter(kind, outcome string) int {
	w.Helper()
	return int(w.metrics.GetOrCreateCounter(fmt.Sprintf("progressbot_announcements_total{kind=%q,outcome=%q}", kind, outcome)).Get())
}

// completed asks to announce completions of a person, by themselves.
func completed(person string, programs ...string) announce.Request {
	r := announce.Request{Server: red, Person: person, By: store.BySelf, At: time.Now()}
	for _, p := range programs {
		r.Reached = append(r.Reached, announce.Reached{Program: p, Facts: store.Facts{
			Name: strings.TrimPrefix(p, "program_"), Image: "https://cdn.example.com/" + p + ".png", Reward: "Badge of " + p, Collected: 12, Size: 12,
		}})
	}
	return r
}

func by(b store.By, r announce.Request) announce.Request {
	r.By = b
	return r
}

// step adds a step on the way to a program.
func step(r announce.Request, program string, percent int) announce.Request {
	r.Reached = append(r.Reached, announce.Reached{Program: program, Percent: percent, Facts: store.Facts{Name: program, Collected: percent, Size: 100}})
	return r
}

// logBuffer keeps what was logged.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

var errLost = errors.New("connection reset by peer")
