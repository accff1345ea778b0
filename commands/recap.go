package commands

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"progressbot/bot/store"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
)

const (
	// recapPage is how many completions are read at once, maxRecap how many
	// a recap counts; the newest beyond wait for the next one.
	recapPage = 200
	maxRecap  = 2000
	// settleFor is the time after which an attempt to post a recap is over.
	// One that is still marked as begun then was left behind by a process
	// that died, or by a request that Discord did not answer.
	settleFor = 15 * time.Second
)

// Recaps keeps what members completed, and which recaps were shown and
// posted. [store.Store] is one.
type Recaps interface {
	// Completions returns completions of those who take part, oldest first,
	// and where to go on, 0 at the end.
	Completions(ctx context.Context, q store.Recap, offset, limit int) ([]store.Completed, int, error)
	// RecapState returns where a server stands with the recaps of a program.
	RecapState(ctx context.Context, server, program string) (store.RecapState, error)
	// AddRecap stores what was shown. It returns store.ErrConflict if the
	// state has changed since it was read.
	AddRecap(ctx context.Context, d store.RecapDraft) (store.RecapDraft, error)
	// Recap returns what was shown, or store.ErrNotFound, or
	// store.ErrConflict with the link to it if it was posted.
	Recap(ctx context.Context, server, id string, now time.Time) (d store.RecapDraft, link string, err error)
	// BeginRecap records that a recap begins to be posted; exactly one caller
	// is first.
	BeginRecap(ctx context.Context, server, id string, now time.Time) (d store.RecapDraft, first bool, err error)
	// EndRecap records what became of it: a link if it was posted.
	EndRecap(ctx context.Context, d store.RecapDraft, link string, now time.Time) error
}

// OncePoster posts messages that are to be there once, and finds out whether
// they are. Its errors are [*PostFailure]s; one that is none means that the
// message may have been posted.
type OncePoster interface {
	// PostOnce posts a message and returns the link to it. A request whose
	// outcome is not known is not repeated.
	PostOnce(ctx context.Context, p OncePost) (link string, err error)
	// FindPost looks for the post of an attempt that was begun, and returns
	// the link to it, "" if there certainly is none.
	FindPost(ctx context.Context, p OncePost) (link string, err error)
}

// OncePost is a message that is to be posted once. Nobody is pinged.
type OncePost struct {
	Server  string
	Channel string
	Message embeds.Message
	Nonce   string    // Discord drops a repetition of the last minutes
	Footer  string    // of its embed: no other message has the same
	Begun   time.Time // when the attempt began
}

// PostFailure is why a message was not posted.
type PostFailure struct {
	// Unsure says that it may have been posted after all.
	Unsure bool
	// Trouble is what has to be fixed first.
	Trouble embeds.Trouble
	Err     error
}

// Error implements error.
func (e *PostFailure) Error() string { return e.Err.Error() }

// Unwrap returns what is behind it.
func (e *PostFailure) Unwrap() error { return e.Err }

// recapWish is a recap that a manager wants posted.
type recapWish struct {
	r       *Request
	program string // "" for all
	channel string // where recaps are posted, "" if nowhere
	posted  time.Time
}

// recap shows what members completed since the last recap.
func (a *announcing) recap(ctx context.Context, r Request) (Reply, error) {
	w, err := a.wishRecap(ctx, &r)
	if err != nil {
		return Reply{}, err
	}
	if w.channel == "" {
		return a.tellRecap(w, Fate{Outcome: embeds.OutcomeOff}), nil
	}
	if typed := strings.TrimSpace(r.Options[collectionOption].Text); fold(typed) != "" {
		found, err := a.boards.typed(ctx, &r, typed, "")
		if err != nil {
			return Reply{}, err
		}
		w.program = found.ID
	}
	return a.proposeRecap(ctx, w, false)
}

func (a *announcing) wishRecap(ctx context.Context, r *Request) (recapWish, error) {
	s, err := a.servers.get(ctx, r.Guild)
	w := recapWish{r: r}
	if s.Announcements {
		w.channel = s.Channel
	}
	return w, err
}

// proposeRecap shows a recap, with the buttons that decide. changed says that
// something else was shown before. A recap that was begun before, and of which
// nobody wrote down what became of it, is settled first.
func (a *announcing) proposeRecap(ctx context.Context, w recapWish, changed bool) (Reply, error) {
	for range maxSettled {
		state, err := a.Recaps.RecapState(ctx, w.r.Guild, w.program)
		if err := a.stored(err); err != nil {
			return Reply{}, err
		}
		if !state.Draft.Begun.IsZero() {
			if f, err := a.settle(ctx, state.Draft); err != nil || !settled(f) {
				return a.tellRecap(w, f), err
			}
			continue
		}
		w.posted = state.Posted
		reply, err := a.showRecap(ctx, w, state.Told, changed)
		if !errors.Is(err, store.ErrConflict) {
			return reply, err
		}
	}
	return a.tellRecap(w, Fate{Outcome: embeds.OutcomePosting}), nil
}

// maxSettled bounds how often a proposal starts over because the recap of
// another manager came first.
const maxSettled = 4

// showRecap shows what is new after a moment. It returns store.ErrConflict if
// somebody else was quicker.
func (a *announcing) showRecap(ctx context.Context, w recapWish, after time.Time, changed bool) (Reply, error) {
	draft, m, err := a.composeRecap(ctx, &w, after)
	if err != nil {
		return Reply{}, err
	}
	if m == nil {
		return a.tellRecap(w, Fate{Outcome: embeds.OutcomeNothing}), nil
	}
	draft, err = a.Recaps.AddRecap(ctx, draft)
	if errors.Is(err, store.ErrConflict) {
		return Reply{}, err
	}
	if err := a.saved(err); err != nil {
		return Reply{}, err
	}
	return panel(w.r, embeds.Preview(embeds.PreviewView{
		Words: catalog.For(w.r.Locale), Asker: w.r.User.ID, Draft: draft.ID, Channel: draft.Channel,
		Changed: changed, Post: embeds.ActionRecapPost, Drop: embeds.ActionRecapDrop,
	}, *m)), nil
}

// settle finds out and writes down what became of a recap that was begun; see
// [settled]. Any other outcome is why that cannot be found out yet.
func (a *announcing) settle(ctx context.Context, d store.RecapDraft) (Fate, error) {
	now := a.Now()
	if now.Before(d.Begun.Add(settleFor)) {
		return Fate{Outcome: embeds.OutcomePosting}, nil
	}
	link, err := a.Once.FindPost(ctx, oncePost(d, embeds.Message{}))
	if err != nil {
		return Fate{Outcome: embeds.OutcomeUnsure}, nil //nolint:nilerr // whoever tried has logged it; people are told the outcome
	}
	if err := a.saved(a.Recaps.EndRecap(ctx, d, link, now)); err != nil {
		return Fate{}, err
	}
	if link == "" {
		return Fate{Outcome: embeds.OutcomeDropped}, nil
	}
	return Fate{Outcome: embeds.OutcomePosted, Link: link}, nil
}

// settled reports whether it was found out that a recap was posted, or that
// it was not.
func settled(f Fate) bool {
	return f.Outcome == embeds.OutcomePosted || f.Outcome == embeds.OutcomeDropped
}

// postRecap posts the recap that the button's message shows, or shows what it
// would look like by now.
func (a *announcing) postRecap(ctx context.Context, r Request, act embeds.Action) (Reply, error) {
	w, err := a.wishRecap(ctx, &r)
	if err != nil {
		return Reply{}, err
	}
	d, link, err := a.Recaps.Recap(ctx, r.Guild, act.Program, a.Now())
	switch {
	case errors.Is(err, store.ErrNotFound):
		return a.tellRecap(w, Fate{Outcome: embeds.OutcomeLost}), nil
	case errors.Is(err, store.ErrConflict):
		return a.tellRecap(w, Fate{Outcome: embeds.OutcomePostedBefore, Link: link}), nil
	case err != nil:
		return Reply{}, a.stored(err)
	}
	w.program = d.Program
	if !d.Begun.IsZero() {
		if f, err := a.settle(ctx, d); err != nil || f.Outcome != embeds.OutcomeDropped {
			return a.tellRecap(w, f), err
		}
	}
	if w.channel == "" {
		return a.tellRecap(w, Fate{Outcome: embeds.OutcomeOff}), nil
	}
	m, look, err := a.renderRecap(ctx, &w, d)
	if err != nil {
		return Reply{}, err
	}
	if look != d.Look {
		return a.proposeRecap(ctx, w, true)
	}
	return a.sendRecap(ctx, w, d, m)
}

// sendRecap posts a recap if it is the first to try.
func (a *announcing) sendRecap(ctx context.Context, w recapWish, d store.RecapDraft, m embeds.Message) (Reply, error) {
	d, first, err := a.Recaps.BeginRecap(ctx, w.r.Guild, d.ID, a.Now())
	switch {
	case errors.Is(err, store.ErrNotFound):
		return a.tellRecap(w, Fate{Outcome: embeds.OutcomeLost}), nil
	case errors.Is(err, store.ErrConflict):
		return a.tellRecap(w, Fate{Outcome: embeds.OutcomePostedBefore}), nil
	case err != nil:
		return Reply{}, a.saved(err)
	case !first:
		return a.tellRecap(w, Fate{Outcome: embeds.OutcomePosting}), nil
	}
	link, err := a.Once.PostOnce(ctx, oncePost(d, m))
	f := fateOfPost(link, err)
	if f.Outcome != embeds.OutcomeUnsure {
		a.endRecap(ctx, d, f.Link)
	}
	if f.Outcome == embeds.OutcomeNotPosted && f.Trouble == embeds.TroubleOutOfReach {
		return Reply{}, fmt.Errorf("post recap: %w", errors.Join(ErrDiscord, err)) // there is nothing to fix
	}
	return a.tellRecap(w, f), nil
}

// fateOfPost is what a [OncePoster] tells.
func fateOfPost(link string, err error) Fate {
	if err == nil {
		return Fate{Outcome: embeds.OutcomePosted, Link: link}
	}
	if failure, ok := errors.AsType[*PostFailure](err); ok && !failure.Unsure {
		return Fate{Outcome: embeds.OutcomeNotPosted, Trouble: failure.Trouble}
	}
	return Fate{Outcome: embeds.OutcomeUnsure}
}

// endRecap writes down what became of a recap, also where nobody waits for
// the answer any more. If that fails, whoever wants the next one finds out.
func (a *announcing) endRecap(ctx context.Context, d store.RecapDraft, link string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeWithin)
	defer cancel()
	_ = a.saved(a.Recaps.EndRecap(ctx, d, link, a.Now()))
}

// dropRecap posts nothing. What was shown ends by itself.
func (a *announcing) dropRecap(_ context.Context, r Request, _ embeds.Action) (Reply, error) {
	return a.tellRecap(recapWish{r: &r}, Fate{Outcome: embeds.OutcomeDropped}), nil
}

// composeRecap makes a recap of what is new after a moment; there is no
// message if nothing is. It ends with the last completion that it tells, not
// with the present: the store puts behind its end what it learns late, so
// that this is in the next.
func (a *announcing) composeRecap(ctx context.Context, w *recapWish, after time.Time) (store.RecapDraft, *embeds.Message, error) {
	now := a.Now()
	d := store.RecapDraft{Server: w.r.Guild, Program: w.program, Channel: w.channel, After: after, Until: now, Created: now}
	done, more, err := a.completions(ctx, d)
	if err != nil || len(done) == 0 {
		return d, nil, err
	}
	if more {
		done = untilGap(done)
	}
	d.Until = done[len(done)-1].At
	m := recapMessage(w, d, done)
	d.Look, err = lookOf(d.Channel, false, m)
	return d, &m, err
}

// renderRecap makes the message of a recap that was shown from what is known
// by now. It looks like nothing if nothing of it is left.
func (a *announcing) renderRecap(ctx context.Context, w *recapWish, d store.RecapDraft) (m embeds.Message, look string, err error) {
	done, _, err := a.completions(ctx, d)
	if err != nil || len(done) == 0 {
		return m, "", err
	}
	w.posted, err = a.lastRecap(ctx, w)
	if err != nil {
		return m, "", err
	}
	m = recapMessage(w, d, done)
	look, err = lookOf(w.channel, false, m)
	return m, look, err
}

// lastRecap is when the last recap was posted.
func (a *announcing) lastRecap(ctx context.Context, w *recapWish) (time.Time, error) {
	state, err := a.Recaps.RecapState(ctx, w.r.Guild, w.program)
	return state.Posted, a.stored(err)
}

// completions reads what a recap tells, and whether there is more.
func (a *announcing) completions(ctx context.Context, d store.RecapDraft) (done []store.Completed, more bool, err error) {
	q := store.Recap{Server: d.Server, Program: d.Program, After: d.After, Until: d.Until}
	for offset := 0; ; {
		page, next, err := a.Recaps.Completions(ctx, q, offset, recapPage)
		if err := a.stored(err); err != nil {
			return nil, false, err
		}
		done = append(done, page...)
		if next == 0 || len(done) >= maxRecap {
			return done, next != 0, nil
		}
		offset = next
	}
}

// untilGap shortens a list of completions that goes on beyond its end, so that
// it does not end between two of the same time: the next recap begins after the
// time of the last one told.
func untilGap(done []store.Completed) []store.Completed {
	last := done[len(done)-1].At
	for cut := len(done); cut > 0; cut-- {
		if !done[cut-1].At.Equal(last) {
			return done[:cut]
		}
	}
	return done // all of one moment
}

// recapMessage speaks the language of the server.
func recapMessage(w *recapWish, d store.RecapDraft, done []store.Completed) embeds.Message {
	mark, _ := nameRecap(d)
	v := embeds.RecapView{Since: w.posted, One: d.Program != "", Mark: mark, Done: make([]embeds.RecapItem, len(done))}
	for i, c := range done {
		v.Done[i] = embeds.RecapItem{Person: c.Person, Program: c.Program, Name: c.Name}
		v.Collection = cmp.Or(c.Name, v.Collection)
	}
	return embeds.Recap(catalog.For(w.r.GuildLocale), v)
}

// nameRecap returns the mark and the nonce of a recap, the same for every
// attempt and in every process. The mark is of letters that are hard to
// confuse.
func nameRecap(d store.RecapDraft) (mark, nonce string) {
	sum := sha256.Sum256(fmt.Appendf(nil, "recap:%s:%s:%d:%d", d.Server, store.KeyOf(d.Program), d.Until.UnixMilli(), d.Created.UnixMilli()))
	letters := base32.NewEncoding("ABCDEFGHJKLMNPQRSTUVWXYZ23456789").WithPadding(base32.NoPadding).EncodeToString(sum[:])
	const markLength, nonceLength = 6, 24
	return letters[:markLength], letters[markLength : markLength+nonceLength]
}

func oncePost(d store.RecapDraft, m embeds.Message) OncePost {
	mark, nonce := nameRecap(d)
	return OncePost{
		Server: d.Server, Channel: d.Channel, Message: m, Nonce: nonce, Footer: embeds.AnnouncementFooter(mark), Begun: d.Begun,
	}
}

// tellRecap is the answer when there is nothing to decide. Where the button
// can be pressed again, its message stays.
func (a *announcing) tellRecap(w recapWish, f Fate) Reply {
	reply := panel(w.r, embeds.Announced(embeds.OutcomeView{
		Words: catalog.For(w.r.Locale), Outcome: f.Outcome, Link: f.Link, Trouble: f.Trouble, Channel: w.channel,
		Last: w.posted, Settings: a.Mentions.Of(settingsAnnouncements), Privacy: a.Mentions.Of(privacySet), Again: a.Mentions.Of(announceRecap),
	}))
	switch f.Outcome {
	case embeds.OutcomePosting, embeds.OutcomeUnsure, embeds.OutcomeNotPosted:
		reply.Update = false
	}
	return reply
}
