package commands

import (
	"context"
	"errors"

	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
	"progressbot/progressapi/cache"
)

// look is one look at somebody's progress.
type look struct {
	r      *Request
	person User
	action embeds.Action // Owner, Person, Page and Program of the buttons to come
	want   cache.Want
	may    grant
	public bool
	shared bool // posted for everyone: without buttons, which would be the asker's alone
	update bool
	// unshared says that it was to be shared, and that not everyone may see it.
	unshared bool
}

// overview shows all programs of the person.
func (p *progress) overview(ctx context.Context, l look) (Reply, error) {
	s, err := p.programs(ctx, l)
	if err != nil {
		return Reply{}, l.retry(embeds.ActionRetry, err)
	}
	p.sighted(l, s, true)
	if len(s.Programs) == 0 {
		return l.empty(p.view(l, s)), nil
	}
	ranked := embeds.Rank(s.Programs, p.Now())
	ask := p.question(ctx, &l, s, embeds.OverviewPage(ranked, l.action.Page))
	v := p.view(l, s)
	m := embeds.Overview(v, ranked, l.action.Page)
	p.pictures.overview(ctx, l, &m, ranked)
	return l.reply(ask.under(v, m)), nil
}

// detail shows the program of the action.
func (p *progress) detail(ctx context.Context, l look) (Reply, error) {
	id, err := p.programID(ctx, l)
	if err == nil {
		return p.program(ctx, l, id)
	}
	return Reply{}, l.retry(embeds.ActionRetryOne, err)
}

// program shows the program with this ID.
func (p *progress) program(ctx context.Context, l look, id string) (Reply, error) {
	l.action.Program = embeds.ProgramRef(id)
	s, err := p.Progress.Program(ctx, l.person.ID, id, l.want)
	if err != nil {
		return Reply{}, l.retry(embeds.ActionRetryOne, err)
	}
	p.noteHealth(s)
	if len(s.Programs) != 1 {
		return Reply{}, l.vanished()
	}
	p.sighted(l, s, false)
	ask := p.question(ctx, &l, s, s.Programs)
	v := p.view(l, s)
	m := embeds.Detail(v, s.Programs[0], l.action.Page)
	p.pictures.detail(ctx, l, &m, s.Programs[0])
	return l.reply(ask.under(v, m)), nil
}

// programID returns the ID that the action's reference stands for. Most are
// the ID itself.
func (p *progress) programID(ctx context.Context, l look) (string, error) {
	ref := l.action.Program
	if ref == "" {
		return "", progressapi.ErrNotFound
	}
	if embeds.ProgramRef(ref) == ref {
		return ref, nil
	}
	l.want = cache.AnyAge // the program itself is asked for anew
	s, err := p.programs(ctx, l)
	if err != nil {
		return "", err
	}
	found, ok := embeds.FindProgram(s.Programs, ref)
	if !ok {
		return "", progressapi.ErrNotFound
	}
	return found.ID, nil
}

// typed shows the program that somebody named in their own words.
func (p *progress) typed(ctx context.Context, l look, typed string) (Reply, error) {
	guess, guessed := p.guess(ctx, l, typed)
	if guessed {
		reply, err := p.program(ctx, l, guess)
		if again, ok := errors.AsType[*retryable](err); ok && guess == typed {
			again.again.Name = embeds.ActionRetryTyped // it may be a name, after all
		}
		if _, gone := errors.AsType[*refusal](err); !gone {
			return reply, err
		}
	}
	s, err := p.programs(ctx, l)
	if err != nil {
		return Reply{}, l.retry(embeds.ActionRetry, err)
	}
	if len(s.Programs) == 0 {
		return l.empty(p.view(l, s)), nil
	}
	found, ok := pick(s.Programs, typed)
	switch {
	case ok && found.ID == "": // cannot be asked for by itself
		return l.reply(embeds.Detail(p.view(l, s), *found, l.action.Page)), nil
	case ok && !(guessed && found.ID == guess):
		return p.program(ctx, l, found.ID)
	}
	return Reply{}, refuse(p.noSuch(ctx, l, s.Programs, typed))
}

// noSuch says that the person has none of what was typed. What was picked from
// the suggestions, which are the asker's own, arrives as an ID and is told by
// its name.
func (p *progress) noSuch(ctx context.Context, l look, programs []progressapi.Program, typed string) embeds.ProblemView {
	v := embeds.ProblemView{Kind: embeds.NoSuchCollection, Typed: typed, Back: l.back()}
	if l.person.ID != l.r.User.ID {
		v.Person = l.person.Name
		mine, _ := p.Progress.Peek(ctx, l.r.User.ID)
		if found, ok := identified(mine.Programs, typed); ok && found.Name != "" {
			v.Typed = found.Name
		}
	}
	v.Nearest = nearest(embeds.Rank(programs, p.Now()), v.Typed)
	return v
}

// guess returns the ID that typed most likely stands for, as far as that can
// be known without asking for all programs.
func (p *progress) guess(ctx context.Context, l look, typed string) (id string, ok bool) {
	if s, ok := p.Progress.Peek(ctx, l.person.ID); ok {
		if found, ok := pick(s.Programs, typed); ok {
			return found.ID, found.ID != ""
		}
	}
	return typed, embeds.ProgramRef(typed) == typed
}

// programs returns all programs of the person. That the API knows nothing of
// them is an answer like any other.
func (p *progress) programs(ctx context.Context, l look) (cache.Snapshot, error) {
	s, err := p.Progress.Programs(ctx, l.person.ID, l.want)
	if errors.Is(err, progressapi.ErrNotFound) {
		return cache.Snapshot{Fetched: p.Now()}, nil
	}
	if err == nil {
		p.noteHealth(s)
	}
	return s, err
}

// noteHealth tells the log what an answer says about the API.
func (p *progress) noteHealth(s cache.Snapshot) {
	if s.Err == nil {
		p.Faults.answered(s.Fetched)
		return
	}
	if f, ok := faultOf(s.Err); ok {
		p.Faults.report(f, s.Err)
	}
}

func (p *progress) view(l look, s cache.Snapshot) embeds.View {
	return embeds.View{
		Words:     catalog.For(l.r.Locale),
		Now:       p.Now(),
		Asker:     l.r.User.ID,
		Person:    embeds.Person{ID: l.person.ID, Name: l.person.Name},
		Public:    l.public,
		Unshared:  l.unshared,
		Fetched:   s.Fetched,
		StandIn:   s.Freshness == cache.StandIn,
		WalletURL: p.WalletURL,
	}
}

func (l look) reply(m embeds.Message) Reply {
	if l.shared {
		m.Components = nil
	}
	return Reply{Message: m, Private: !l.public, Update: l.update}
}

// empty is private whatever was asked for: there is nothing to share.
func (l look) empty(v embeds.View) Reply {
	v.Public = v.Public && l.update
	return Reply{Message: embeds.Empty(v), Private: true, Update: l.update}
}

// vanished says that the program is gone, and leads back.
func (l look) vanished() error {
	return refuse(embeds.ProblemView{Kind: embeds.CollectionGone, Back: l.back()})
}

// back leads to the overview.
func (l look) back() string {
	a := l.action
	a.Name, a.Program = embeds.ActionBack, ""
	return a.Encode()
}

// repeat is the action that makes the look anew.
func (l *look) repeat() string {
	switch {
	case l.action.Program == "":
		return embeds.ActionRetry
	case l.action.Name == embeds.ActionRetryTyped:
		return embeds.ActionRetryTyped
	default:
		return embeds.ActionRetryOne
	}
}

// retry adds a button to an error that does the same again. Where the program
// does not exist the button would not help, so people are told that it is gone.
func (l look) retry(name string, err error) error {
	if errors.Is(err, progressapi.ErrNotFound) {
		return l.vanished()
	}
	a := l.action
	a.Name = name
	return &retryable{err, a}
}
