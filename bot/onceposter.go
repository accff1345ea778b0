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

// oncePoster posts recaps to their channels.
type oncePoster struct {
	posts announce.Poster
	log   *slog.Logger
}

var _ commands.OncePoster = oncePoster{}

// PostOnce implements [commands.OncePoster]. It is as careful as the
// announcer: where the history cannot be read, nothing is posted.
func (o oncePoster) PostOnce(ctx context.Context, p commands.OncePost) (string, error) {
	place, err := o.posts.Place(ctx, p.Server, p.Channel)
	if err == nil && !embeds.MayAnnounce(place.Permissions) {
		err = &announce.Failure{Cause: announce.NotAllowed, Err: errors.New("a permission is missing in the channel")}
	}
	if err != nil {
		return "", o.failed(ctx, p, postFailure(err, false))
	}
	id, err := o.posts.Post(ctx, p.Channel, announce.Post{Message: p.Message, Nonce: p.Nonce})
	if err != nil {
		return "", o.failed(ctx, p, postFailure(err, true))
	}
	o.log.LogAttrs(ctx, slog.LevelInfo, "recap posted",
		slog.String("guild", p.Server), slog.String("channel", p.Channel), slog.String("message", id))
	return announce.Link(p.Server, p.Channel, id), nil
}

// failed logs why a recap was not posted, or may not have been.
func (o oncePoster) failed(ctx context.Context, p commands.OncePost, f *commands.PostFailure) *commands.PostFailure {
	what := "recap not posted"
	if f.Unsure {
		what = "recap may have been posted"
	}
	o.log.LogAttrs(ctx, slog.LevelWarn, what, slog.String("guild", p.Server), slog.String("channel", p.Channel), slog.Any("err", f.Err))
	return f
}

// settled is how long Discord has to carry out a request whose answer did not
// come.
const settled = 5 * time.Second

// FindPost implements [commands.OncePoster]. A post whose channel is gone is
// gone with it.
func (o oncePoster) FindPost(ctx context.Context, p commands.OncePost) (string, error) {
	if err := sleep(ctx, time.Until(p.Begun.Add(settled))); err != nil {
		return "", &commands.PostFailure{Unsure: true, Err: err}
	}
	id, err := announce.Find(ctx, o.posts, announce.Sought{
		Server: p.Server, Channel: p.Channel, Footer: p.Footer, Began: p.Begun,
	})
	if f, ok := errors.AsType[*announce.Failure](err); ok && f.Cause == announce.NotFound {
		return "", nil
	}
	if err != nil {
		failure := postFailure(err, true)
		failure.Unsure = true
		return "", o.failed(ctx, p, failure)
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
