package announce

import (
	"context"
	"errors"
	"log/slog"

	"progressbot/bot/store"
	"progressbot/embeds"
)

// Preview is an announcement before it is made.
type Preview struct {
	// Result is Queued if the announcement can be made; else it says why
	// not, and there may be no message.
	Result
	Channel string // where it will be posted
	Message embeds.Message
	Ping    bool // whether the member will be pinged
}

// Preview shows what Announce would post for r, byte for byte, without
// writing anything down. Like Announce it fails for faults of the store only,
// and for those of Discord that pass.
func (a *Announcer) Preview(ctx context.Context, r Request) (Preview, error) {
	settings, err := a.o.Store.Settings(ctx, r.Server)
	if err != nil {
		return Preview{}, err
	}
	entries, at := r.entries(settings)
	p := Preview{Channel: settings.Channel, Ping: settings.PingMember}
	posts := entries[:0:0]
	for _, i := range at {
		if i >= 0 {
			posts = append(posts, entries[i])
		}
	}
	if len(posts) == 0 {
		p.Outcome = Off
		return p, nil
	}
	if p.Result, err = a.forecast(ctx, r, posts[0].EntryKey); err != nil || p.Outcome != Queued {
		return p, err
	}
	j := &job{
		a: a, settings: settings, box: store.Outbox{Server: r.Server, Person: r.Person},
		log: a.o.Log.With(slog.String("guild", r.Server), slog.String("user", r.Person)),
	}
	return p, j.preview(ctx, &p, plan(posts)[0])
}

// forecast says what keeps an entry from being added, or that it is there.
// One that is open, or that may be tried again, can be previewed.
func (a *Announcer) forecast(ctx context.Context, r Request, key store.EntryKey) (Result, error) {
	consent, err := a.o.Store.Consent(ctx, r.Server, r.Person)
	if err != nil {
		return Result{}, err
	}
	e, err := a.o.Store.Entry(ctx, key)
	switch {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return Result{}, err
	case err == nil && e.State == store.Sent:
		return resultOf(e, false), nil
	case !consent.MayAnnounce(r.By), err == nil && e.Bars(r.By):
		return Result{Outcome: Refused}, nil
	case err == nil && e.State == store.Waiting:
		return resultOf(e, false), nil
	}
	return Result{Outcome: Queued}, nil
}

// preview builds the message.
func (j *job) preview(ctx context.Context, p *Preview, b batch) error {
	var err error
	if j.member, err = j.a.o.Members.Member(ctx, j.box.Server, j.box.Person); err != nil {
		f := failureOf(err)
		if f.Cause != NoMember {
			return f
		}
		p.Outcome = Left
		return nil
	}
	place, err := j.a.o.Posts.Place(ctx, j.box.Server, j.settings.Channel)
	if err == nil && !embeds.MayAnnounce(place.Permissions) {
		err = &Failure{Cause: NotAllowed, Err: errNotAllowed}
	}
	if err == nil {
		p.Message = j.message(ctx, place, b)
		return nil
	}
	switch f := failureOf(err); f.Cause {
	case NotFound:
		p.Result = Result{Outcome: Waits, Hindrance: store.NoChannel}
	case NotAllowed:
		p.Result = Result{Outcome: Waits, Hindrance: store.NoPermission}
	default:
		return f
	}
	return nil
}

var errNotAllowed = errors.New("a permission is missing in the channel")
