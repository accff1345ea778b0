package announce

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"progressbot/bot/store"
)

// rewardRoles lists the roles that completing a program earns.
func rewardRoles(s store.Settings, program string) []string {
	var roles []string
	for _, name := range []string{program, ""} {
		if role := s.RewardRoles[name]; role != "" && !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	return roles
}

// grant gives a reward role, or settles why it cannot be given. Giving a role
// again does nothing, so that an attempt with an unknown outcome is simply
// repeated.
func (j *job) grant(ctx context.Context, e store.Entry) error {
	if ctx.Err() != nil {
		return nil
	}
	if !slices.Contains(rewardRoles(j.settings, e.Program), e.Role) {
		return j.refuse(ctx, []store.Entry{e}, reasonNoReward)
	}
	if !j.ready(ctx) {
		return nil
	}
	now := j.a.o.Now()
	e.State, e.Changed, e.Attempt, e.Told = store.Posting, now, e.Attempt+1, false
	e.Due = settleAt(e, now, j.a.o.Settle)
	begun, err := j.save([]store.Entry{e})
	if errors.Is(err, store.ErrConsent) {
		return j.refuse(ctx, []store.Entry{e}, reasonConsent)
	}
	if err != nil {
		return err
	}
	if err := j.a.o.Members.AddRole(ctx, e.Server, e.Person, e.Role); err != nil {
		return j.notGranted(ctx, begun, failureOf(err))
	}
	begun[0].State, begun[0].Changed, begun[0].Reason = store.Sent, j.a.o.Now(), ""
	if _, err := j.save(begun); err != nil {
		return err
	}
	j.log.LogAttrs(ctx, slog.LevelInfo, "reward role given", slog.String("role", e.Role))
	j.a.meters.note(begun, outcomeSent)
	return j.unhinder()
}

// notGranted settles a role that could not be given.
func (j *job) notGranted(ctx context.Context, entries []store.Entry, f *Failure) error {
	switch f.Cause {
	case NoMember:
		return j.dropMember(ctx, entries)
	case NotFound:
		return j.wait(ctx, entries, store.NoRole, f)
	case NotAllowed, NotAccepted:
		return j.wait(ctx, entries, store.RoleOutOfReach, f)
	case Unknown, NotSent, NoServer:
	}
	unbegin(entries)
	return j.putOff(ctx, entries, f)
}
