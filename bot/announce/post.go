package announce

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"progressbot/bot/store"
	"progressbot/embeds"
)

// post makes one post, or settles why it cannot be made.
func (j *job) post(ctx context.Context, b batch) error {
	b, err := j.permitted(ctx, b)
	if err != nil || len(b.entries) == 0 || ctx.Err() != nil {
		return err
	}
	if j.settings.Channel == "" {
		return j.wait(ctx, b.entries, store.NoChannel, nil)
	}
	place, err := j.a.o.Posts.Place(ctx, j.box.Server, j.settings.Channel)
	if err != nil {
		return j.fail(ctx, b.entries, failureOf(err))
	}
	if !embeds.MayAnnounce(place.Permissions) {
		return j.wait(ctx, b.entries, store.NoPermission, nil)
	}
	p := Post{Message: j.message(ctx, place, b), Nonce: b.nonce}
	if j.settings.PingMember {
		p.Ping = j.box.Person
	}
	if !j.ready(ctx) {
		return nil // the next lease brings the time
	}
	begun, err := j.begin(ctx, b)
	if err != nil || len(begun) == 0 {
		return err
	}
	id, err := j.a.o.Posts.Post(ctx, j.settings.Channel, p)
	if err != nil {
		return j.fail(ctx, begun, failureOf(err))
	}
	return j.sent(ctx, begun, id, outcomeSent)
}

// ready waits for its turn and reports whether there is time for a request.
func (j *job) ready(ctx context.Context) bool {
	if j.a.pace.Wait(ctx) != nil {
		return false
	}
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > j.a.o.Lease/4
}

// begin writes down that an attempt begins. If the person has changed their
// mind since they were asked, it refuses what they do not want and returns
// none; what is left is due again at once. What entries waited for they
// keep as their reason: that it is mended has to show.
func (j *job) begin(ctx context.Context, b batch) ([]store.Entry, error) {
	now := j.a.o.Now()
	begun := make([]store.Entry, len(b.entries))
	for i, e := range b.entries {
		e.State, e.Changed, e.Attempt = store.Posting, now, e.Attempt+1
		e.Due = settleAt(e, now, j.a.o.Settle)
		e.Nonce, e.Mark, e.Channel, e.Told = b.nonce, b.mark, j.settings.Channel, false
		begun[i] = e
	}
	saved, err := j.save(begun)
	if errors.Is(err, store.ErrConsent) {
		_, err := j.permitted(ctx, b)
		return nil, err
	}
	return saved, err
}

// sent writes down that a post was made.
func (j *job) sent(ctx context.Context, entries []store.Entry, message string, o outcome) error {
	now := j.a.o.Now()
	for i := range entries {
		e := &entries[i]
		e.State, e.Changed, e.Message, e.Reason = store.Sent, now, message, ""
	}
	if _, err := j.save(entries); err != nil {
		return err
	}
	j.log.LogAttrs(ctx, slog.LevelInfo, "announced", slog.String("channel", entries[0].Channel),
		slog.String("message", message), slog.String("outcome", string(o)), slog.Int("entries", len(entries)))
	j.a.meters.note(entries, o)
	return j.unhinder()
}

// fail settles entries whose post failed, or could not be tried.
func (j *job) fail(ctx context.Context, entries []store.Entry, f *Failure) error {
	switch f.Cause {
	case NotFound:
		return j.wait(ctx, entries, store.NoChannel, f)
	case NotAllowed:
		return j.wait(ctx, entries, store.NoPermission, f)
	case NotAccepted:
		return j.wait(ctx, entries, store.NotAccepted, f)
	case Unknown:
		if entries[0].State == store.Posting {
			return j.unsure(ctx, entries, f)
		}
	case NotSent, NoMember, NoServer:
		unbegin(entries)
	}
	return j.putOff(ctx, entries, f)
}

// unsure leaves entries as they are, begun, until it is known what became of
// the attempt.
func (j *job) unsure(ctx context.Context, entries []store.Entry, f *Failure) error {
	now := j.a.o.Now()
	for i := range entries {
		entries[i].Due = settleAt(entries[i], now, j.a.o.Settle)
	}
	if _, err := j.save(entries); err != nil {
		return err
	}
	j.log.LogAttrs(ctx, slog.LevelWarn, "announcement may have been posted", slog.Any("err", f), slog.Int("entries", len(entries)))
	j.a.meters.note(entries, outcomeUnsure)
	return nil
}

// unbegin takes back that an attempt was begun, because nothing was posted.
func unbegin(entries []store.Entry) {
	for i := range entries {
		e := &entries[i]
		if e.State == store.Posting {
			e.State = store.Pending
		}
		e.Nonce, e.Mark, e.Channel = "", "", ""
	}
}

// permitted refuses those entries of a post that must not be posted any more,
// by what the person and the server chose since, and returns the others.
func (j *job) permitted(ctx context.Context, b batch) (batch, error) {
	consent, err := j.a.o.Store.Consent(ctx, j.box.Server, j.box.Person)
	if err != nil {
		return b, err
	}
	refused := map[string][]store.Entry{}
	var rest []store.Entry
	for _, e := range b.entries {
		why := ""
		if !consent.MayAnnounce(e.By) {
			why = reasonConsent
		} else if why, err = j.whyNot(ctx, b, e); err != nil {
			return b, err
		}
		if why == "" {
			rest = append(rest, e)
		} else {
			refused[why] = append(refused[why], e)
		}
	}
	for why, entries := range refused {
		if err := j.refuse(ctx, entries, why); err != nil {
			return b, err
		}
	}
	return b.with(rest), nil
}

// whyNot returns why an entry of a post is to be refused that the person
// agrees to, "" if it is not.
func (j *job) whyNot(ctx context.Context, b batch, e store.Entry) (string, error) {
	switch {
	case !j.settings.Announcements, e.Kind == store.Milestone && !announces(j.settings, e.Percent):
		return reasonOff, nil
	case e.Kind != store.Milestone || b.covers(e):
		return "", nil
	}
	overtaken, err := j.overtaken(ctx, e)
	if err != nil || !overtaken {
		return "", err
	}
	return reasonOvertaken, nil
}

// announces reports whether a server announces a step.
func announces(s store.Settings, percent int) bool {
	return slices.Contains(s.Milestones.Steps(), percent)
}

// overtaken reports whether the person got further with a program since a
// step was reached.
func (j *job) overtaken(ctx context.Context, step store.Entry) (bool, error) {
	key := step.EntryKey
	key.Kind, key.Percent = store.Completion, 0
	above := []store.EntryKey{key}
	for _, percent := range store.Quarters.Steps() {
		if percent > step.Percent {
			key.Kind, key.Percent = store.Milestone, percent
			above = append(above, key)
		}
	}
	stored, err := j.a.o.Store.Entries(ctx, above...)
	for _, e := range stored {
		if e.State.Open() || e.State == store.Sent {
			return true, nil
		}
	}
	return false, err
}
