package killtest

import (
	"context"
	"errors"
	"slices"
	"time"

	"progressbot/bot/discordsim"
	"progressbot/bot/store"
)

// settle ends the faults and waits until everything is posted that is to be,
// and nothing is open in the ledger any more. People whose completion was not
// made known before a process died try again, as they would.
func (w *world) settle() {
	w.t.Helper()
	w.discord.ClearFaults()
	w.start()
	w.acts.Wait()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	for missing := w.missing(); len(missing) > 0; missing = w.missing() {
		for _, m := range missing[:min(len(missing), 16)] {
			w.tells(m)
		}
		w.acts.Wait()
		if !w.awaitPost(ctx, missing[0]) {
			w.t.Errorf("nothing is posted about %d of %d members", len(missing), len(w.members))
			break
		}
	}
	for open := w.open(); open > 0; open = w.open() {
		w.forgetSteps()
		w.start()
		if !w.awaitWork(ctx, open) {
			w.t.Errorf("the announcer leaves %d entries open", open)
			break
		}
	}
	w.stop()
}

// missing lists the members about whom nothing is posted.
func (w *world) missing() []member {
	posts := w.posts()
	return slices.DeleteFunc(slices.Clone(w.members), func(m member) bool { return len(posts[m.id]) > 0 })
}

// awaitPost waits a while for a post about a member, and reports whether
// there is time to wait longer.
func (w *world) awaitPost(ctx context.Context, m member) bool {
	soon, cancel := context.WithTimeout(ctx, attention)
	defer cancel()
	for seen := w.discord.Revision(); len(w.posts()[m.id]) == 0; {
		var err error
		if seen, err = w.discord.AwaitChange(soon, seen); err != nil {
			break
		}
	}
	return ctx.Err() == nil
}

// keys are what the ledger is to hold about a member.
func keys(m member) []store.EntryKey {
	done := store.EntryKey{Server: discordsim.GuildID, Person: m.id, Program: collection}
	role := done
	role.Kind, role.Role = store.RoleGrant, discordsim.CollectorRoleID
	return []store.EntryKey{done, role}
}

// open ends the processes in peace and returns about how many members
// something is open in the ledger.
func (w *world) open() (n int) {
	w.t.Helper()
	w.stop()
	w.inStore(func(ctx context.Context, s *store.Store) error {
		for _, m := range w.members {
			entries, err := s.Entries(ctx, keys(m)...)
			if err != nil {
				return err
			}
			for _, e := range entries {
				if e.State.Open() {
					n++
					break
				}
			}
		}
		return nil
	})
	return n
}

func (w *world) forgetSteps() {
	for _, s := range w.seats {
		s.gate.forget()
	}
}

// awaitWork waits until the announcer has worked on what is open about n
// members: it has read the history for a post, or given a role. It reports
// whether that happened in time.
func (w *world) awaitWork(ctx context.Context, n int) bool {
	for {
		done := 0
		var first, second <-chan struct{} // there are at most two seats
		for i, s := range w.seats {
			k, change := s.gate.count(readHistory, giveRole)
			if done += k; i == 0 {
				first = change
			} else {
				second = change
			}
		}
		if done >= n {
			return true
		}
		select {
		case <-first:
		case <-second:
		case <-ctx.Done():
			return false
		}
	}
}

// check holds the channel and the ledger against what everybody did.
func (w *world) check() {
	w.t.Helper()
	posts := w.posts()
	if n := len(posts[""]); n > 0 {
		w.t.Errorf("%d posts about nobody", n)
	}
	w.inStore(func(ctx context.Context, s *store.Store) error {
		var faults []error
		for _, m := range w.members {
			faults = append(faults, w.checkMember(ctx, s, m, posts[m.id]))
		}
		return errors.Join(faults...)
	})
	for _, v := range w.discord.Violations() {
		if !ofADeath(v) {
			w.t.Errorf("Discord's rules: %s", v)
		}
	}
	for _, v := range w.api.Violations() {
		w.t.Errorf("the progress API's rules: %s", v)
	}
}

// ofADeath reports whether a violation is what the death of a process looks
// like from outside.
func ofADeath(v discordsim.Violation) bool {
	return v.Rule == discordsim.RuleWebhook
}

func (w *world) checkMember(ctx context.Context, s *store.Store, m member, posts []discordsim.Message) error {
	w.t.Helper()
	if len(posts) != 1 {
		w.t.Errorf("%d posts about member %s, want 1", len(posts), m.id)
		return nil
	}
	entries, err := s.Entries(ctx, keys(m)...)
	if err != nil {
		return err
	}
	done, role := entries[keys(m)[0]], entries[keys(m)[1]]
	if done.State != store.Sent || done.Message != posts[0].ID {
		w.t.Errorf("the ledger says that the post about %s is %v as %q, want %q", m.id, done.State, done.Message, posts[0].ID)
	}
	if role.State != store.Sent || !slices.Contains(w.discord.MemberRoles(discordsim.GuildID, m.id), discordsim.CollectorRoleID) {
		w.t.Errorf("the role of %s is %v", m.id, role.State)
	}
	return nil
}

// tellsUntil makes a member's completion known until ch is closed: again when
// nobody pays attention to the last attempt any more, which may have been lost.
func (w *world) tellsUntil(ch <-chan struct{}, m member, what string) {
	w.t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	again := time.NewTicker(2 * attention)
	defer again.Stop()
	for {
		w.tells(m)
		select {
		case <-ch:
			return
		case <-again.C:
		case <-timer.C:
			w.t.Fatalf("never: %s", what)
		}
	}
}

// within waits for ch.
func (w *world) within(ch <-chan struct{}, what string) {
	w.t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-ch:
	case <-timer.C:
		w.t.Fatalf("never: %s", what)
	}
}
