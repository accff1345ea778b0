package announce

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"progressbot/bot/store"
)

// job is the work on one leased outbox. Its methods return errors of the ledger
// only; failures of Discord are recorded in the ledger.
type job struct {
	a        *Announcer
	books    context.Context // of writing to the ledger what was done
	box      store.Outbox
	log      *slog.Logger
	settings store.Settings
	member   Member
}

// run takes every entry that is due as far as it gets.
func (j *job) run(ctx context.Context) error {
	if len(j.box.Entries) == 0 {
		return nil
	}
	var err error
	if j.settings, err = j.a.o.Store.Settings(ctx, j.box.Server); err != nil {
		return err
	}
	begun, fresh, roles := sortOut(j.box.Entries)
	batches, freed, err := j.recover(ctx, begun)
	if err != nil {
		return err
	}
	fresh = append(fresh, freed...)
	if len(batches)+len(fresh)+len(roles) == 0 {
		return nil
	}
	there, err := j.lookUp(ctx, batches, fresh, roles)
	if err != nil || !there {
		return err
	}
	for _, b := range append(batches, plan(fresh)...) {
		if err := j.post(ctx, b); err != nil {
			return err
		}
	}
	for _, e := range roles {
		if err := j.grant(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// sortOut divides entries into posts that were begun, posts that were not,
// and roles.
func sortOut(entries []store.Entry) (begun, fresh, roles []store.Entry) {
	for _, e := range entries {
		switch {
		case e.Kind == store.RoleGrant:
			roles = append(roles, e)
		case e.State == store.Posting:
			begun = append(begun, e)
		default:
			fresh = append(fresh, e)
		}
	}
	return begun, fresh, roles
}

// lookUp finds out whether the person is still a member. If not, or if it
// cannot be found out just now, it settles all entries and reports false.
func (j *job) lookUp(ctx context.Context, batches []batch, fresh, roles []store.Entry) (there bool, err error) {
	j.member, err = j.a.o.Members.Member(ctx, j.box.Server, j.box.Person)
	if err == nil {
		return true, nil
	}
	all := append(slices.Clip(fresh), roles...)
	for _, b := range batches {
		all = append(all, b.entries...)
	}
	f := failureOf(err)
	if f.Cause == NoMember {
		return false, j.dropMember(ctx, all)
	}
	return false, j.putOff(ctx, all, f)
}

// dropMember ends everything for a person who left the server.
func (j *job) dropMember(ctx context.Context, entries []store.Entry) error {
	if err := j.a.o.Store.DropMember(ctx, j.box.Server, j.box.Person); err != nil {
		return err
	}
	return j.refuse(ctx, entries, reasonLeft)
}

// The reasons for which entries are refused.
const (
	reasonConsent   = "consent"        // the person does not want it
	reasonLeft      = "left"           // the person left the server
	reasonOff       = "off"            // the server announces nothing, or no steps
	reasonOvertaken = "overtaken"      // the person got further since
	reasonNoReward  = "no_reward_role" // the role is no reward any more
)

// refuse ends entries that must not be carried out any more.
func (j *job) refuse(ctx context.Context, entries []store.Entry, reason string) error {
	if len(entries) == 0 {
		return nil
	}
	now := j.a.o.Now()
	for i := range entries {
		e := &entries[i]
		e.State, e.Changed, e.Reason = store.Refused, now, reason
	}
	if _, err := j.save(entries); err != nil {
		return err
	}
	j.log.LogAttrs(ctx, slog.LevelInfo, "announcement refused", slog.String("reason", reason), slog.Int("entries", len(entries)))
	j.a.meters.note(entries, outcomeRefused)
	return j.unhinder()
}

// putOff tries entries again later, as they are, after a passing fault.
func (j *job) putOff(ctx context.Context, entries []store.Entry, f *Failure) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil // the bot is stopping; whoever comes next tries at once
	}
	entries, err := j.expire(ctx, entries, store.OutOfReach)
	if err != nil || len(entries) == 0 {
		return err
	}
	now := j.a.o.Now()
	for i := range entries {
		entries[i].Due = retryAt(entries[i], now, f.RetryAfter)
	}
	if _, err := j.save(entries); err != nil {
		return err
	}
	j.log.LogAttrs(ctx, slog.LevelWarn, "announcement put off", slog.Any("err", f), slog.Int("entries", len(entries)))
	j.a.meters.note(entries, outcomeRetried)
	return nil
}

// expire ends those of entries that were tried for long enough, over h
// unless they were waiting for something else, and returns the others.
func (j *job) expire(ctx context.Context, entries []store.Entry, h store.Hindrance) (rest []store.Entry, err error) {
	now := j.a.o.Now()
	var old []store.Entry
	for _, e := range entries {
		if !overdue(e, now) {
			rest = append(rest, e)
			continue
		}
		if e.State != store.Waiting {
			e.Reason = string(h)
		}
		e.State, e.Changed = store.Expired, now
		old = append(old, e)
	}
	if len(old) == 0 {
		return rest, nil
	}
	if err := j.noteExpired(ctx, old, now); err != nil {
		return nil, err
	}
	if _, err := j.save(old); err != nil {
		return nil, err
	}
	j.log.LogAttrs(ctx, slog.LevelWarn, "announcement expired", slog.String("reason", old[0].Reason), slog.Int("entries", len(old)))
	j.a.meters.note(old, outcomeExpired)
	return rest, nil
}

// save writes entries down, also when the time for work is over: what was
// done has to be known. Nothing is known about a change that failed for a
// reason of the database, so it is tried again.
func (j *job) save(entries []store.Entry) ([]store.Entry, error) {
	ctx, cancel := j.afterwards()
	defer cancel()
	for pause := 100 * time.Millisecond; ; pause *= 2 {
		saved, err := j.a.o.Store.Save(ctx, j.box, entries...)
		if err == nil || isVerdict(err) {
			return saved, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, err
		}
	}
}

// isVerdict reports whether an error of the store says that nothing was
// written, and would say so again.
func isVerdict(err error) bool {
	for _, verdict := range []error{
		store.ErrConflict, store.ErrConsent, store.ErrForgetting, store.ErrNotFound, store.ErrInvalid,
		store.ErrDamaged, store.ErrNewerSchema,
	} {
		if errors.Is(err, verdict) {
			return true
		}
	}
	return false
}
