package commands

import (
	"context"
	"errors"
	"time"

	"progressbot/bot/store"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
	"progressbot/progressapi/cache"
)

// ownChoiceWithin is how long somebody's own progress waits to hear what they
// chose. Where that is not known in time it is private, and they are not asked
// about an announcement: the next look comes.
const ownChoiceWithin = 250 * time.Millisecond

// askInPublicEvery is how often a reply that the server wants public is private
// instead, because there is a completion to ask about.
const askInPublicEvery = 24 * time.Hour

// question is whether a completion is to be announced in a channel.
type question struct {
	program  progressapi.Program
	channel  string
	withheld bool // the look is private for it alone
}

// question returns what a look at one's own progress is to ask, nil for
// nothing: about the first of the completions on show, if the server
// announces, the person wants to be asked, and it was not announced. Only they
// are to read it, so a reply that is public by the server's wish alone becomes
// private for it, once in [askInPublicEvery].
func (p *progress) question(ctx context.Context, l *look, s cache.Snapshot, shown []progressapi.Program) *question {
	done := completed(shown)
	if len(done) == 0 || !l.askable(s) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, ownChoiceWithin)
	defer cancel()
	rules, err := p.servers.rules(ctx, l.r.Guild)
	if err != nil || rules.Channel == "" {
		return nil
	}
	consent, err := p.People.Consent(ctx, l.r.Guild, l.person.ID)
	if p.stored(err) != nil || !consent.MayOffer() {
		return nil
	}
	found := p.unannounced(ctx, *l, done)
	if found == nil || l.public && !p.askInPublic(l, found.ID) {
		return nil
	}
	q := &question{*found, rules.Channel, l.public}
	l.public = false
	return q
}

// askable reports whether a person's look in a server shows what is certain,
// and whether they can be asked without others reading it.
func (l *look) askable(s cache.Snapshot) bool {
	return l.person.ID == l.r.User.ID && !l.shared && !(l.public && l.update) && l.r.here() != "" && s.Freshness != cache.StandIn
}

// askInPublic reports whether it is time to ask about a program where replies
// are public.
func (p *progress) askInPublic(l *look, program string) bool {
	k := cooldownKey{user: l.r.User.ID, action: embeds.ActionOfferOne, object: l.r.Guild + " " + program}
	return p.cooldowns.start(k, askInPublicEvery, p.Now()) == 0
}

// under adds the question, if there is one, to a message.
func (q *question) under(v embeds.View, m embeds.Message) embeds.Message {
	if q == nil {
		return m
	}
	v.Withheld = q.withheld
	return embeds.Offer(v, m, q.program, q.channel)
}

// completed returns those of programs that are complete and can be announced.
func completed(programs []progressapi.Program) []progressapi.Program {
	var out []progressapi.Program
	for i := range programs {
		if programs[i].Completion() == progressapi.Complete && store.IsProgram(programs[i].ID) {
			out = append(out, programs[i])
		}
	}
	return out
}

// unannounced returns the first of programs that the server's ledger does not
// know, or only as something that came to nothing without the person's saying so.
func (p *progress) unannounced(ctx context.Context, l look, programs []progressapi.Program) *progressapi.Program {
	keys := make([]store.EntryKey, len(programs))
	for i := range programs {
		keys[i] = store.EntryKey{Server: l.r.Guild, Person: l.person.ID, Program: programs[i].ID}
	}
	known, err := p.Ledger.Entries(ctx, keys...)
	if p.stored(err) != nil {
		return nil
	}
	for i, key := range keys {
		if e, ok := known[key]; !ok || e.State == store.Expired || e.State == store.Refused && !e.Declined() {
			return &programs[i]
		}
	}
	return nil
}

// announceMine announces the completion that the button is about.
func (p *progress) announceMine(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	l, err := p.pressMine(ctx, &r, a)
	if err != nil {
		return Reply{}, err
	}
	v, err := p.announceOwn(ctx, l)
	if err != nil {
		return Reply{}, err
	}
	return l.outcome(v), nil
}

// announceAlways remembers that the person wants to be announced from now on,
// and begins with the completion that the button is about.
func (p *progress) announceAlways(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	l, err := p.pressMine(ctx, &r, a)
	if err != nil {
		return Reply{}, err
	}
	var why embeds.Outcome
	_, err = p.People.UpdateConsent(ctx, r.Guild, r.User.ID, func(c *store.Consent) error {
		if !c.MayOffer() && c.Announce != store.Always {
			why = ownRefusal(*c)
			return errChoseOtherwise
		}
		c.Announce = store.Always
		return nil
	})
	if errors.Is(err, errChoseOtherwise) {
		return l.outcome(p.outcomeView(l, Fate{Outcome: why})), nil
	}
	if err := p.saved(err); err != nil {
		return Reply{}, err
	}
	v, err := p.announceOwn(ctx, l)
	if err != nil {
		v = p.outcomeView(l, Fate{Outcome: embeds.OutcomeLater})
		if _, gone := errors.AsType[*refusal](err); gone {
			v = p.outcomeView(l, Fate{Outcome: embeds.OutcomeRefused})
		}
	}
	v.Always = true
	if err != nil {
		return Reply{}, &told{err, l.outcome(v)}
	}
	return l.outcome(v), nil
}

// announceNot remembers that the completion that the button is about is not to
// be announced, nor to be asked about again.
func (p *progress) announceNot(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	l, err := p.pressMine(ctx, &r, a)
	if err != nil {
		return Reply{}, err
	}
	id, err := p.programID(ctx, l)
	if err != nil {
		return Reply{}, explainGone(err)
	}
	ctx, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	if err := p.saved(p.Ledger.Decline(ctx, r.Guild, r.User.ID, id, p.Now())); err != nil {
		return Reply{}, err
	}
	return l.outcome(p.outcomeView(l, Fate{Outcome: embeds.OutcomeDeclined})), nil
}

// errChoseOtherwise: the person has chosen since that they want nothing
// announced, which no old button takes back.
var errChoseOtherwise = errors.New("the person has chosen otherwise")

// pressMine begins what a button under somebody's own progress does.
func (p *progress) pressMine(ctx context.Context, r *Request, a embeds.Action) (look, error) {
	if r.here() == "" {
		return look{}, refuse(embeds.ProblemView{Kind: embeds.GuildOnly})
	}
	if a.Owner == "" || a.Person != a.Owner || a.Program == "" {
		return look{}, errUnknown
	}
	return p.press(ctx, r, a)
}

// announceOwn announces the program of the action, which has to be complete
// by what the API says now.
func (p *progress) announceOwn(ctx context.Context, l look) (embeds.OutcomeView, error) {
	found, err := p.ownProgram(ctx, l)
	if err != nil {
		return embeds.OutcomeView{}, explainGone(err)
	}
	if outcome, complete := completionOutcome(found); !complete {
		v := p.outcomeView(l, Fate{Outcome: outcome})
		v.Program = *found
		return v, nil
	}
	fate, err := p.Announcer.Announce(ctx, Announcement{
		Server: l.r.Guild, Person: l.person.ID, By: store.BySelf, At: p.Now(), Program: found.ID, Facts: store.FactsOf(*found),
	})
	if err := p.announcerError(err); err != nil {
		return embeds.OutcomeView{}, err
	}
	if fate.Outcome == embeds.OutcomeRefused {
		fate.Outcome = embeds.OutcomeNever
	}
	return p.outcomeView(l, fate), nil
}

// explainGone tells the person if what err says is that the program is gone.
func explainGone(err error) error {
	if errors.Is(err, progressapi.ErrNotFound) {
		return refuse(embeds.ProblemView{Kind: embeds.CollectionGone})
	}
	return err
}

func (p *progress) ownProgram(ctx context.Context, l look) (*progressapi.Program, error) {
	id, err := p.programID(ctx, l)
	if err != nil {
		return nil, err
	}
	s, err := p.Progress.Program(ctx, l.person.ID, id, cache.OnlyFresh)
	if err != nil {
		return nil, err
	}
	if err := p.fresh(s); err != nil {
		return nil, err
	}
	if len(s.Programs) != 1 {
		return nil, progressapi.ErrNotFound
	}
	return &s.Programs[0], nil
}

func (p *progress) outcomeView(l look, f Fate) embeds.OutcomeView {
	v := embeds.OutcomeView{
		Words: catalog.For(l.r.Locale), Outcome: f.Outcome, Link: f.Link, Trouble: f.Trouble, Own: true,
		Person: embeds.Person{ID: l.person.ID, Name: l.person.Name}, Privacy: p.Mentions.Of(privacySet),
	}
	return v
}

// outcome is an answer of its own: the message with the button stays.
func (l look) outcome(v embeds.OutcomeView) Reply {
	return Reply{Message: embeds.Announced(v), Private: true}
}
