package faulttest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"progressbot/bot/discordsim"
)

// state is what the cache knows of the person who asks when a fault begins.
type state int

const (
	cold   state = iota // nothing
	fresh               // an answer younger than CACHE_TTL
	stale               // one that is a little older
	old                 // one that is fit to stand in only
	states              // how many there are
)

func (s state) String() string { return [...]string{"cold", "fresh", "stale", "old"}[s] }

// age is one of the two worlds in which each fault happens: what is known is
// old in one of them, and young in the other.
type age struct {
	name   string
	ttl    string
	states []state
}

func ages() []age {
	return []age{
		{"young", "1h", []state{cold, fresh}},
		{"aged", "300ms", []state{stale, old}}, // fresh for 0.3 s, then stale up to 3 s
	}
}

// acquaint makes the cache know as much of the person as the state says.
func (w *world) acquaint(s state, person string) error {
	if s == cold {
		return nil
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if saw, err := w.tries(person); err == nil && saw.good() {
			return nil
		}
	}
	return errors.New("no good answer even before the fault")
}

// The order in which people of the aged world ask beforehand, and when.
const (
	oldAge   = 3100 * time.Millisecond
	staleAge = 400 * time.Millisecond
)

// populate makes a person for each state, and returns them when they are in it.
func (w *world) populate(a age) (map[state]string, error) {
	people := make(map[state]string)
	for _, s := range a.states {
		people[s] = w.person()
	}
	p, aged := people[old]
	if !aged {
		return people, w.acquaint(fresh, people[fresh])
	}
	if err := w.acquaint(old, p); err != nil {
		return nil, err
	}
	<-time.After(oldAge - staleAge)
	if err := w.acquaint(stale, people[stale]); err != nil {
		return nil, err
	}
	<-time.After(staleAge)
	return people, nil
}

// fault is one way in which something that the bot stands on fails.
type fault struct {
	part, name string
	setup      func(*setup) // what it takes to bring it about; nil for nothing
	begin      func(w *world) (end func() error, err error)
	// want is what people may see by state, first choice first.
	want [states][]string
	// back is how soon after its end all must be well.
	back time.Duration
	// notice waits until the bot has noticed, before the fault ends, and
	// returns what the next person sees then; nil for faults that end by
	// themselves or need no noticing.
	notice func(r *running) (sight, error)
	// passing says that the fault ends by itself.
	passing bool
	// single says that the fault is for one person: each has one of their
	// own.
	single bool
	// well waits until all is well again; nil for somebody seeing fresh
	// progress.
	well func(w *world) error
}

// row is a line of the table.
type row struct {
	fault *fault
	state state
	saw   sight
	next  string        // first answer to the next person, "" if nobody asked
	noise int           // lines in the log, warnings and errors
	back  time.Duration // until all was well
}

// TestMatrix crosses every fault of the progress API, of Redis and of Discord
// with every state of the cache. Whatever happens, everybody hears exactly
// once from the bot, in time, and the truth as far as it is known; and when
// the fault is over the bot works again by itself.
func TestMatrix(t *testing.T) {
	t.Parallel()
	var (
		mu      sync.Mutex
		rows    []row
		running sync.WaitGroup
		slots   = make(chan struct{}, matrixSlots())
	)
	faults := slices.Concat(gatewayFaults(), restFaults(), apiFaults(), redisFaults()) // slow ones first
	for i := range faults {
		for _, a := range ages() {
			running.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				f := &faults[i]
				// Parallel subtests would be bound to the number of
				// processors, and these mostly wait.
				t.Run(f.part+"/"+f.name+"/"+a.name, func(t *testing.T) {
					steadily(t, func(t *testing.T) error {
						found, err := f.happen(t, a)
						if err == nil {
							mu.Lock()
							defer mu.Unlock()
							rows = append(rows, found...)
						}
						return err
					})
				})
			})
		}
	}
	running.Wait()
	slices.SortFunc(rows, func(a, b row) int {
		if c := slices.IndexFunc(faults, a.is) - slices.IndexFunc(faults, b.is); c != 0 {
			return c
		}
		return int(a.state - b.state)
	})
	t.Logf("what people saw\n%s", table(rows))
}

// matrixSlots is how many worlds there are at once: as many as a machine
// bears on which the bots shall not be late.
func matrixSlots() int {
	slots := 12 * runtime.GOMAXPROCS(0)
	if underRace {
		slots = slots * 3 / 4
	}
	return slots
}

func (r row) is(f fault) bool { return r.fault.part == f.part && r.fault.name == f.name }

func table(rows []row) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "part\tfault\tcache\tthe member saw\tfirst answer\tmessage\tnext member\tlines in the log\tback after")
	for _, r := range rows {
		last := "at once"
		if r.saw.Last > 0 {
			last = ms(r.saw.Last)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", r.fault.part, r.fault.name, r.state,
			r.saw.What, ms(r.saw.First), last, r.next, r.noise, ms(r.back))
	}
	_ = w.Flush()
	return b.String()
}

func ms(d time.Duration) string { return d.Round(time.Millisecond).String() }

// happen lets the fault happen in a new world, to one person for each state.
func (f *fault) happen(t *testing.T, a age) (rows []row, err error) {
	t.Helper()
	o := setup{
		Discord: discordsim.Options{Gateway: discordsim.Gateway{
			HeartbeatInterval: time.Second, HeartbeatGrace: time.Minute, IdentifyInterval: -1,
		}},
		Env: map[string]string{"CACHE_TTL": a.ttl, "LOG_LEVEL": "debug"},
	}
	if f.setup != nil {
		f.setup(&o)
	}
	w := newWorld(t, o)
	w.late = true
	r := w.start()
	people, err := w.populate(a)
	quiet := len(r.log.complaints())
	if err == nil {
		rows, err = f.strikes(r, a, people)
	}
	for i := range rows {
		rows[i].noise = len(r.log.complaints()) - quiet
	}
	if err = errors.Join(err, w.close()); err != nil {
		err = fmt.Errorf("%w; log:\n%s", err, r.log)
	}
	return rows, err
}

// strikes strikes at all, or at one after the other.
func (f *fault) strikes(r *running, a age, people map[state]string) (rows []row, err error) {
	if !f.single {
		return f.strike(r, people)
	}
	for _, s := range a.states {
		found, err := f.strike(r, map[state]string{s: people[s]})
		rows = append(rows, found...)
		if err != nil {
			return rows, err
		}
		r.w.asking.Wait() // else whoever is still asking could use up the next fault
	}
	return rows, nil
}

// strike begins the fault, has people ask, ends it and waits until all is
// well.
func (f *fault) strike(r *running, people map[state]string) ([]row, error) {
	w := r.w
	end, err := f.begin(w)
	if err != nil {
		return nil, err
	}
	began, next := time.Now(), ""
	var rows []row
	for s := range people {
		rows = append(rows, row{fault: f, state: s})
	}
	var asking sync.WaitGroup
	answers := make([]error, len(rows))
	for i := range rows {
		asking.Go(func() { rows[i].saw, answers[i] = w.tries(people[rows[i].state]) })
	}
	if !f.passing {
		asking.Wait()
		if next, err = f.noticed(r); err != nil {
			return rows, err
		}
		if err := end(); err != nil {
			return rows, err
		}
		began = time.Now()
	}
	back, err := w.recovers(f, began)
	asking.Wait()
	for i := range rows {
		rows[i].next, rows[i].back = next, back
		if want := f.want[rows[i].state]; answers[i] == nil && !slices.Contains(want, rows[i].saw.What) {
			answers[i] = fmt.Errorf("with a copy that is %s the member saw: %s, want one of %q", rows[i].state, rows[i].saw.What, want)
		}
	}
	return rows, errors.Join(append(answers, err)...)
}

// noticed waits until the bot has noticed the fault, and returns how soon the
// next person had an answer.
func (f *fault) noticed(r *running) (string, error) {
	if f.notice == nil {
		return "", nil
	}
	next, err := f.notice(r)
	if err != nil || next.First == 0 {
		return "", err
	}
	return ms(next.First), nil
}

// recovers waits until all is well again after f, and returns how long that
// took since began.
func (w *world) recovers(f *fault, began time.Time) (time.Duration, error) {
	well := f.well
	if well == nil {
		well = (*world).awaitGood
	}
	if err := well(w); err != nil {
		return 0, err
	}
	took := time.Since(began)
	if took > f.back {
		return took, fmt.Errorf("back after %v, want %v", took, f.back)
	}
	return took, nil
}

// awaitGood has people ask, a few at a time, until somebody sees fresh
// progress. Its error is an answer that should not have been.
func (w *world) awaitGood() error {
	const atOnce = 8
	saw := make(chan error, atOnce)
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for asking := 0; ; {
		if asking < atOnce {
			asking++
			p := w.person()
			w.asking.Go(func() {
				s, err := w.tries(p)
				if err == nil && !s.good() {
					err = errNotYet
				}
				saw <- err
			})
		}
		select {
		case err := <-saw:
			if asking--; !errors.Is(err, errNotYet) {
				return err
			}
		case <-tick.C:
		case <-ctx.Done():
			return errors.New("nobody sees fresh progress any more")
		}
	}
}

var errNotYet = errors.New("no fresh progress yet")
