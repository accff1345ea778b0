package bot

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"progressbot/bot/announce"
	"progressbot/commands"
	"progressbot/embeds"
)

// announcements implements what the announcing commands need: it passes manual
// announcements on to the announcer, and posts recaps to their channels.
type announcements struct {
	announcer *announce.Announcer
	posts     announce.Poster
	log       *slog.Logger
}

var (
	_ commands.Announcer  = announcements{}
	_ commands.OncePoster = announcements{}
)

// Preview implements [commands.Announcer].
func (x announcements) Preview(ctx context.Context, a commands.Announcement) (commands.AnnouncementPreview, error) {
	p, err := x.announcer.Preview(ctx, requestOf(a))
	return commands.AnnouncementPreview{
		Fate: fateOf(p.Result), Channel: p.Channel, Message: p.Message, Ping: p.Ping,
	}, discordError(err)
}

// Announce implements [commands.Announcer].
func (x announcements) Announce(ctx context.Context, a commands.Announcement) (commands.Fate, error) {
	results, err := x.announcer.Announce(ctx, requestOf(a))
	if err != nil {
		return commands.Fate{}, err
	}
	return fateOf(results[0]), nil
}

func requestOf(a commands.Announcement) announce.Request {
	return announce.Request{
		Server: a.Server, Person: a.Person, By: a.By, At: a.At, Note: a.Note,
		Reached: []announce.Reached{{Program: a.Program, Facts: a.Facts}},
	}
}

// discordError tells faults of Discord from those of the store.
func discordError(err error) error {
	if _, ok := errors.AsType[*announce.Failure](err); ok {
		return errors.Join(commands.ErrDiscord, err)
	}
	return err
}

func fateOf(r announce.Result) commands.Fate {
	f := commands.Fate{Link: r.Link, Trouble: embeds.Trouble(r.Hindrance)}
	switch r.Outcome {
	case announce.Queued:
		f.Outcome = embeds.OutcomeQueued
	case announce.Announced:
		f.Outcome = embeds.OutcomePosted
	case announce.AnnouncedBefore:
		f.Outcome = embeds.OutcomePostedBefore
	case announce.Waits:
		f.Outcome = embeds.OutcomeWaits
	case announce.Off:
		f.Outcome = embeds.OutcomeOff
	case announce.Left:
		f.Outcome = embeds.OutcomeLeft
	case announce.Expired:
		f.Outcome = embeds.OutcomeExpired
	case announce.Refused:
		f.Outcome = embeds.OutcomeRefused
	}
	return f
}

// PostOnce implements [commands.OncePoster]. It is as careful as the
// announcer: where the history cannot be read, nothing is posted.
func (x announcements) PostOnce(ctx context.Context, p commands.OncePost) (string, error) {
	place, err := x.posts.Place(ctx, p.Server, p.Channel)
	if err == nil && !embeds.MayAnnounce(place.Permissions) {
		err = &announce.Failure{Cause: announce.NotAllowed, Err: errors.New("a permission is missing in the channel")}
	}
	if err != nil {
		return "", x.failed(ctx, p, postFailure(err, false))
	}
	id, err := x.posts.Post(ctx, p.Channel, announce.Post{Message: p.Message, Nonce: p.Nonce})
	if err != nil {
		return "", x.failed(ctx, p, postFailure(err, true))
	}
	x.log.LogAttrs(ctx, slog.LevelInfo, "recap posted",
		slog.String("guild", p.Server), slog.String("channel", p.Channel), slog.String("message", id))
	return announce.Link(p.Server, p.Channel, id), nil
}

// failed logs why a recap was not posted, or may not have been.
func (x announcements) failed(ctx context.Context, p commands.OncePost, f *commands.PostFailure) *commands.PostFailure {
	what := "recap not posted"
	if f.Unsure {
		what = "recap may have been posted"
	}
	x.log.LogAttrs(ctx, slog.LevelWarn, what, slog.String("guild", p.Server), slog.String("channel", p.Channel), slog.Any("err", f.Err))
	return f
}

// settled is how long Discord has to carry out a request whose answer did not
// come.
const settled = 5 * time.Second

// FindPost implements [commands.OncePoster]. A post whose channel is gone is
// gone with it.
func (x announcements) FindPost(ctx context.Context, p commands.OncePost) (string, error) {
	if err := sleep(ctx, time.Until(p.Begun.Add(settled))); err != nil {
		return "", &commands.PostFailure{Unsure: true, Err: err}
	}
	id, err := announce.Find(ctx, x.posts, announce.Sought{
		Server: p.Server, Channel: p.Channel, Footer: p.Footer, Began: p.Begun,
	})
	if f, ok := errors.AsType[*announce.Failure](err); ok && f.Cause == announce.NotFound {
		return "", nil
	}
	if err != nil {
		failure := postFailure(err, true)
		failure.Unsure = true
		return "", x.failed(ctx, p, failure)
	}
	return announce.Link(p.Server, p.Channel, id), nil
}

// postFailure says why something was not posted. sent says that the post
// itself was tried, so that it may be there after all.
func postFailure(err error, sent bool) *commands.PostFailure {
	p := &commands.PostFailure{Err: err, Trouble: embeds.TroubleOutOfReach}
	f, ok := errors.AsType[*announce.Failure](err)
	if !ok {
		p.Unsure = sent
		return p
	}
	switch f.Cause {
	case announce.NotAllowed:
		p.Trouble = embeds.TroubleNoPermission
	case announce.NotFound:
		p.Trouble = embeds.TroubleNoChannel
	case announce.NotAccepted:
		p.Trouble = embeds.TroubleNotAccepted
	case announce.Unknown:
		p.Unsure = sent
	case announce.NotSent, announce.NoMember, announce.NoServer:
	}
	return p
}
