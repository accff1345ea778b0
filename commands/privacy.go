package commands

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot/store"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
)

// Names of the command, its subcommands and their options.
const (
	privacyCommand = "privacy"
	privacyShow    = privacyCommand + " show"
	privacySet     = privacyCommand + " set"
	privacyForget  = privacyCommand + " forget"

	visibilityOption    = "visibility"
	announcementsOption = "announcements"
)

const (
	// forgetWithin is how long somebody waits for everything about them to
	// be deleted, uncacheWithin how long for the copies of their progress.
	// What is begun is completed later where that is not enough.
	forgetWithin  = 7 * time.Second
	uncacheWithin = 2 * time.Second
)

// PeopleStore keeps what people chose. [store.Store] is one.
type PeopleStore interface {
	ConsentReader
	// UpdateConsent changes a person's choices in one piece, with all that
	// follows from them. fn may be called more than once. With the server ""
	// fn must not change Announce.
	UpdateConsent(ctx context.Context, server, person string, fn func(*store.Consent) error) (store.Consent, error)
	// Choices returns a person's choices in all servers where they made one,
	// for their eyes alone.
	Choices(ctx context.Context, person string) (map[string]store.Choice, error)
	// Stored counts what is stored about a person.
	Stored(ctx context.Context, person string) (store.Erased, error)
	// Forget deletes everything about a person and counts it. Once it has
	// begun it is completed, whatever happens; its errors match
	// store.ErrUnfinished unless it is certain that it has not.
	Forget(ctx context.Context, person string, now time.Time) (store.Erased, error)
}

// Forgetter deletes copies of a person's progress.
type Forgetter interface {
	Forget(ctx context.Context, userID string) error
}

// privacy is everything about what a person lets others learn. Its answers
// are private always.
type privacy struct {
	Deps
	servers *servers
	names   *names
}

func newPrivacy(d Deps, s *servers, n *names) *privacy { return &privacy{d, s, n} }

// command is /privacy.
func (p *privacy) command() Command {
	visibility := optionOf(discordgo.ApplicationCommandOptionString, catalog.CommandPrivacyVisible, catalog.CommandPrivacyVisibleAbout)
	visibility.Choices = []*discordgo.ApplicationCommandOptionChoice{
		choiceOf(catalog.ChoiceVisibleAnyone, string(embeds.VisibleToAnyone)),
		choiceOf(catalog.ChoiceVisibleManagers, string(embeds.VisibleToManagers)),
		choiceOf(catalog.ChoiceVisibleSelf, string(embeds.VisibleToSelf)),
	}
	announce := optionOf(discordgo.ApplicationCommandOptionString, catalog.CommandPrivacyAnnounce, catalog.CommandPrivacyAnnounceAbout)
	announce.Choices = []*discordgo.ApplicationCommandOptionChoice{
		choiceOf(catalog.ChoiceAsk, string(embeds.AnnounceAsk)),
		choiceOf(catalog.ChoiceAlways, string(embeds.AnnounceAlways)),
		choiceOf(catalog.ChoiceNever, string(embeds.AnnounceNever)),
		choiceOf(catalog.ChoiceNeverAnywhere, string(embeds.AnnounceNeverAnywhere)),
	}
	return Command{
		Definition: everywhere(slashCommand(catalog.CommandPrivacy, catalog.CommandPrivacyAbout,
			subcommand(catalog.CommandPrivacyShow, catalog.CommandPrivacyShowAbout),
			subcommand(catalog.CommandPrivacySet, catalog.CommandPrivacySetAbout, visibility, announce),
			subcommand(catalog.CommandPrivacyForget, catalog.CommandPrivacyForgetAbout),
		)),
		Handle: map[string]Handler{
			privacyShow:   p.show,
			privacySet:    p.set,
			privacyForget: p.confirmForget,
		},
		Actions: map[string]Action{
			embeds.ActionPrivacy:       {Handle: handler(p.show), Replace: true},
			embeds.ActionSetVisibility: {Handle: p.pickVisibility},
			embeds.ActionSetAnnounce:   {Handle: p.pickAnnounce},
			embeds.ActionNeverAnywhere: {Handle: p.neverAnywhere},
			embeds.ActionForget:        {Handle: handler(p.confirmForget), Replace: true},
			embeds.ActionForgetAll:     {Handle: handler(p.forget), Replace: true},
		},
	}
}

func (p *privacy) show(ctx context.Context, r Request) (Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	consent, err := p.People.Consent(ctx, r.here(), r.User.ID)
	if err := p.stored(err); err != nil {
		return Reply{}, again(&r, embeds.ActionPrivacy, err)
	}
	return p.panel(ctx, &r, consent, "", false), nil
}

// panel shows a person's choices, and what else is stored about them as far
// as that can be found out.
func (p *privacy) panel(ctx context.Context, r *Request, c store.Consent, note string, problem bool) Reply {
	v := embeds.PrivacyView{
		Words:         catalog.For(r.Locale),
		Asker:         r.User.ID,
		Visibility:    embeds.Visibility(c.Visibility.String()),
		Here:          r.here() != "",
		Announce:      embeds.Announce(c.Announce.String()),
		NeverAnywhere: c.NeverAnywhere,
		Note:          note,
		Problem:       problem,
	}
	v.Stored = p.countStored(ctx, r)
	if v.Here {
		rules, err := p.servers.rules(ctx, r.Guild)
		v.Quiet = err == nil && rules.Channel == ""
		v.StillEarns = rules.RewardRoles && c.MayAnnounce(store.ByWatcher)
	} else {
		choices, err := p.People.Choices(ctx, r.User.ID)
		_ = p.stored(err) // the rest is worth showing without
		for _, c := range choices {
			switch c {
			case store.Always:
				v.AlwaysIn++
			case store.Never:
				v.NeverIn++
			}
		}
	}
	return panel(r, embeds.Privacy(v))
}

func (p *privacy) countStored(ctx context.Context, r *Request) *embeds.Stored {
	n, err := p.People.Stored(ctx, r.User.ID)
	if p.stored(err) != nil {
		return nil
	}
	return storedShown(n)
}

func storedShown(n store.Erased) *embeds.Stored {
	return &embeds.Stored{
		Choices: n.Choices, Follows: n.Follows, Announcements: n.Announcements,
		Standings: n.Standings, Completions: n.Completions,
	}
}

// set changes what was given, or shows the panel.
func (p *privacy) set(ctx context.Context, r Request) (Reply, error) {
	visibility, seen := r.Options[visibilityOption]
	announce, announced := r.Options[announcementsOption]
	var c consentChange
	if seen {
		if err := c.visible(visibility.Text); err != nil {
			return Reply{}, err
		}
	}
	if announced {
		if err := c.announced(announce.Text); err != nil {
			return Reply{}, err
		}
	}
	if c == (consentChange{}) {
		return p.show(ctx, r)
	}
	return p.change(ctx, &r, c)
}

func (p *privacy) pickVisibility(ctx context.Context, r Request, _ embeds.Action) (Reply, error) {
	return p.picked(ctx, &r, (*consentChange).visible)
}

func (p *privacy) pickAnnounce(ctx context.Context, r Request, _ embeds.Action) (Reply, error) {
	return p.picked(ctx, &r, (*consentChange).announced)
}

func (p *privacy) picked(ctx context.Context, r *Request, read func(*consentChange, string) error) (Reply, error) {
	var c consentChange
	if len(r.Values) != 1 {
		return Reply{}, errUnknown
	}
	if err := read(&c, r.Values[0]); err != nil {
		return Reply{}, err
	}
	return p.change(ctx, r, c)
}

func (p *privacy) neverAnywhere(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	return p.change(ctx, &r, consentChange{never: flag(a)})
}

// consentChange is what is to change about a person's choices; nil stays.
type consentChange struct {
	visibility *store.Visibility
	announce   *store.Choice // here
	never      *bool         // anywhere
}

func (c *consentChange) visible(value string) error {
	v, err := store.ParseVisibility(value)
	if err != nil {
		return errUnknown
	}
	c.visibility = &v
	return nil
}

func (c *consentChange) announced(value string) error {
	if value == string(embeds.AnnounceNeverAnywhere) {
		yes := true
		c.never = &yes
		return nil
	}
	choice, err := store.ParseChoice(value)
	if err != nil {
		return errUnknown
	}
	c.announce = &choice
	return nil
}

// change stores a change and shows the choices as they are then. Outside of
// servers the choice for one is left out, and people are told.
func (p *privacy) change(ctx context.Context, r *Request, c consentChange) (Reply, error) {
	w := catalog.For(r.Locale)
	note, problem := w.Text(catalog.PrivacySaved), false
	if r.here() == "" && c.announce != nil {
		c.announce = nil
		note, problem = w.Text(catalog.PrivacyOnlyServer), true
	}
	ctx, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	consent, err := p.People.UpdateConsent(ctx, r.here(), r.User.ID, func(s *store.Consent) error {
		set(&s.Visibility, c.visibility)
		set(&s.Announce, c.announce)
		set(&s.NeverAnywhere, c.never)
		return nil
	})
	if err := p.saved(err); err != nil {
		return Reply{}, again(r, embeds.ActionPrivacy, err)
	}
	return p.panel(ctx, r, consent, note, problem), nil
}

// confirmForget says what will be deleted, and asks.
func (p *privacy) confirmForget(ctx context.Context, r Request) (Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	return panel(&r, embeds.ConfirmForget(embeds.PrivacyView{
		Words: catalog.For(r.Locale), Asker: r.User.ID, Stored: p.countStored(ctx, &r),
	})), nil
}

// forget deletes everything about the person and says what it was.
func (p *privacy) forget(ctx context.Context, r Request) (Reply, error) {
	erased, err := p.erase(ctx, r.User.ID)
	if err := p.saved(err); err != nil {
		return Reply{}, again(&r, embeds.ActionForgetAll, err)
	}
	p.names.forget(r.User.ID)
	v := embeds.PrivacyView{Words: catalog.For(r.Locale), Asker: r.User.ID, Stored: storedShown(erased)}
	if err := p.uncache(ctx, r.User.ID); err != nil {
		return Reply{}, &told{err, panel(&r, embeds.Forgotten(v, true))}
	}
	return panel(&r, embeds.Forgotten(v, false)), nil
}

func (p *privacy) erase(ctx context.Context, person string) (store.Erased, error) {
	ctx, cancel := context.WithTimeout(ctx, forgetWithin)
	defer cancel()
	return p.People.Forget(ctx, person, p.Now())
}

// uncache deletes the copies of a person's progress.
func (p *privacy) uncache(ctx context.Context, person string) error {
	ctx, cancel := context.WithTimeout(ctx, uncacheWithin)
	defer cancel()
	if err := p.Cached.Forget(ctx, person); err != nil {
		if errors.Is(err, context.DeadlineExceeded) { // is about the API elsewhere
			err = errors.New("out of time")
		}
		return fmt.Errorf("delete copies of progress: %w", err)
	}
	return nil
}
