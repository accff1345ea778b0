package announce

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"progressbot/bot/store"
)

// Request asks to announce what one person reached in one server, at one
// moment.
type Request struct {
	Server string
	Person string
	By     store.By
	At     time.Time // when it became known
	// Note is what a manager wrote to go with it, at most [store.MaxNote]
	// bytes.
	Note    string
	Reached []Reached
}

// Reached is a program that was completed, or a step on the way there.
type Reached struct {
	Program string
	Facts   store.Facts
	Percent int // the step that was reached; 0 for a completion
}

// Result is what became of one thing that was to be announced.
type Result struct {
	Outcome Outcome
	// Link leads to the post, "" if there is none.
	Link string
	// Hindrance is what it waits for, or expired over.
	Hindrance store.Hindrance
}

// Outcome says what became of what was to be announced.
type Outcome int

const (
	// Queued: it is in the ledger and will be posted.
	Queued Outcome = iota
	// Announced: it was posted just now.
	Announced
	// AnnouncedBefore: it had been posted earlier.
	AnnouncedBefore
	// Waits: it is in the ledger and waits for somebody to fix something.
	Waits
	// Off: the server announces nothing, has chosen no channel, or does not
	// announce such steps.
	Off
	// Refused: the person does not want it.
	Refused
	// Left: the person is not a member any more.
	Left
	// Expired: it waited for too long, and is not tried again by itself.
	Expired
)

// Announce puts what was reached into the ledger, with the reward roles that
// it earns, unless the person does not want it or it is there already; among
// any number of calls for one thing exactly one has it posted. The results
// are those of r.Reached, in its order.
//
// What people announce by hand they wait for: Announce returns when it was
// posted, or when it is clear that this takes longer. Its errors are those of
// the store; whatever is wrong with Discord is in the results.
func (a *Announcer) Announce(ctx context.Context, r Request) ([]Result, error) {
	settings, err := a.o.Store.Settings(ctx, r.Server)
	if err != nil {
		return nil, err
	}
	entries, at := r.entries(settings)
	w := wanted{results: make([]Result, len(at)), at: at}
	for i := range at {
		if at[i] < 0 {
			w.results[i].Outcome = Off
		}
	}
	if len(entries) == 0 {
		return w.results, nil
	}
	key := boxKey{r.Server, r.Person}
	ended, forget := a.expect(key) // before the entries can be worked on
	defer forget()
	w.added, err = a.o.Store.Add(ctx, entries...)
	switch {
	case refusesPerson(err):
		for i := range at {
			if at[i] >= 0 {
				w.results[i].Outcome = Refused
			}
		}
		return w.results, nil
	case err != nil:
		return nil, err
	}
	w.fill()
	if r.By == store.ByWatcher {
		a.Notify()
		return w.results, nil
	}
	a.hurry(key)
	a.await(ctx, key, ended, &w)
	return w.results, nil
}

// await waits until nothing that is wanted is queued any more, but no longer
// than [Options.Wait]. It looks each time that work on the outbox ends; the
// first time is when ended is closed.
func (a *Announcer) await(ctx context.Context, key boxKey, ended <-chan struct{}, w *wanted) {
	timer := time.NewTimer(a.o.Wait)
	defer timer.Stop()
	ticker := time.NewTicker(glance)
	defer ticker.Stop()
	forget := func() {}
	defer func() { forget() }()
	for last := false; w.queued() && !last; {
		select {
		case <-ended:
		case <-ticker.C: // another process may have it in hand
		case <-timer.C:
			last = true
		case <-ctx.Done():
			return
		}
		forget()
		ended, forget = a.expect(key)
		if err := w.refresh(ctx, a.o.Store); err != nil {
			a.o.Log.LogAttrs(ctx, slog.LevelWarn, "announcements: ledger fault", slog.String("guild", key.server), slog.Any("err", err))
			return // it is in the ledger, whatever became of it
		}
	}
}

// glance is how often somebody who waits for an announcement looks whether
// another process made it.
const glance = time.Second

// refusesPerson reports whether an error of the store says that the person
// does not want it.
func refusesPerson(err error) bool {
	return errors.Is(err, store.ErrConsent) || errors.Is(err, store.ErrForgetting) || errors.Is(err, store.ErrForgotten)
}

// entries returns what goes into the ledger, and for each thing that was
// reached where it is therein, or -1 if it is not announced here. The roles
// come last: they are earned with a completion, and of what the watcher found
// also where nothing is announced.
func (r *Request) entries(s store.Settings) (entries []store.Entry, at []int) {
	on := s.Announcements && s.Channel != ""
	at = make([]int, len(r.Reached))
	for i, reached := range r.Reached {
		at[i] = -1
		if on && (reached.Percent == 0 || announces(s, reached.Percent)) {
			at[i] = len(entries)
			entries = append(entries, r.entry(reached))
		}
	}
	for i, reached := range r.Reached {
		if reached.Percent != 0 || at[i] < 0 && r.By != store.ByWatcher {
			continue
		}
		for _, role := range rewardRoles(s, reached.Program) {
			e := r.entry(reached)
			e.Kind, e.Role = store.RoleGrant, role
			entries = append(entries, e)
		}
	}
	return entries, at
}

func (r *Request) entry(reached Reached) store.Entry {
	e := store.Entry{
		EntryKey: store.EntryKey{Server: r.Server, Person: r.Person, Program: reached.Program},
		By:       r.By, Facts: reached.Facts, Note: r.Note, Created: r.At,
	}
	if reached.Percent != 0 {
		e.Kind, e.Percent = store.Milestone, reached.Percent
	}
	return e
}

// wanted is what a request wants announced, and how far it got.
type wanted struct {
	results []Result // in the order of [Request.Reached]
	at      []int    // for each result where it is in added, -1 if it is not
	added   []store.Added
}

// fill takes the results from what was added.
func (w *wanted) fill() {
	for i, at := range w.at {
		if at >= 0 {
			w.results[i] = resultOf(w.added[at].Entry, w.added[at].New)
		}
	}
}

// refresh reads again how far what is queued got.
func (w *wanted) refresh(ctx context.Context, s *store.Store) error {
	for i, at := range w.at {
		if at < 0 || w.results[i].Outcome != Queued {
			continue
		}
		e, err := s.Entry(ctx, w.added[at].Entry.EntryKey)
		if errors.Is(err, store.ErrNotFound) { // forgotten meanwhile
			w.results[i] = Result{Outcome: Refused}
			continue
		}
		if err != nil {
			return err
		}
		w.results[i] = resultOf(e, true)
	}
	return nil
}

// queued reports whether anything is still to be posted.
func (w *wanted) queued() bool {
	return slices.ContainsFunc(w.results, func(r Result) bool { return r.Outcome == Queued })
}

// resultOf says how far an entry got. fresh says that this call wanted it
// first.
func resultOf(e store.Entry, fresh bool) Result {
	switch e.State {
	case store.Sent:
		if fresh {
			return Result{Outcome: Announced, Link: linkTo(e)}
		}
		return Result{Outcome: AnnouncedBefore, Link: linkTo(e)}
	case store.Waiting:
		return Result{Outcome: Waits, Hindrance: store.Hindrance(e.Reason)}
	case store.Expired:
		return Result{Outcome: Expired, Hindrance: store.Hindrance(e.Reason)}
	case store.Refused:
		switch e.Reason {
		case reasonLeft:
			return Result{Outcome: Left}
		case reasonOff, reasonOvertaken:
			return Result{Outcome: Off}
		}
		return Result{Outcome: Refused}
	default:
		return Result{Outcome: Queued}
	}
}

// linkTo leads to the post of an entry, "" if it has none.
func linkTo(e store.Entry) string { return Link(e.Server, e.Channel, e.Message) }

// Link leads to a message, "" if it has no ID.
func Link(server, channel, message string) string {
	if message == "" {
		return ""
	}
	return "https://discord.com/channels/" + server + "/" + channel + "/" + message
}
