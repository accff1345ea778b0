package commands

import (
	"context"
	"errors"
	"strings"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot/store"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
	"progressbot/progressapi/cache"
)

// Names of the command and its subcommands.
const (
	announceCommand    = "announce"
	announceCompletion = announceCommand + " completion"
	announceRecap      = announceCommand + " recap"
)

// maxMessage is how long a manager's own words can be, in characters.
const maxMessage = 500

// announcing is everything about announcing by hand. Its answers are private
// always; what it posts is posted by others.
type announcing struct {
	Deps
	servers *servers
	boards  leaderboard
	members *members
}

// command is /announce.
func (a *announcing) command() Command {
	collection := optionOf(discordgo.ApplicationCommandOptionString, catalog.CommandAnnounceCollection, catalog.CommandAnnounceCollectionAbout)
	collection.Autocomplete, collection.Required = true, true
	member := optionOf(discordgo.ApplicationCommandOptionUser, catalog.CommandAnnounceMember, catalog.CommandAnnounceMemberAbout)
	member.Required = true
	message := optionOf(discordgo.ApplicationCommandOptionString, catalog.CommandAnnounceMessage, catalog.CommandAnnounceMessageAbout)
	message.MaxLength = maxMessage
	some := optionOf(discordgo.ApplicationCommandOptionString, catalog.CommandAnnounceRecapCollection, catalog.CommandAnnounceRecapCollectionAbout)
	some.Autocomplete = true
	d := inServers(slashCommand(catalog.CommandAnnounce, catalog.CommandAnnounceAbout,
		subcommand(catalog.CommandAnnounceCompletion, catalog.CommandAnnounceCompletionAbout, member, collection, message),
		subcommand(catalog.CommandAnnounceRecap, catalog.CommandAnnounceRecapAbout, some),
	))
	permission := int64(discordgo.PermissionManageEvents)
	d.DefaultMemberPermissions = &permission
	return Command{
		Definition: d,
		Policy:     Policy{Guild: true, Permission: permission},
		Handle:     map[string]Handler{announceCompletion: a.completion, announceRecap: a.recap},
		Suggest:    a.suggest,
		Actions: map[string]Action{
			embeds.ActionAnnouncePost: {Handle: a.post},
			embeds.ActionAnnounceDrop: {Handle: a.drop},
			embeds.ActionRecapPost:    {Handle: a.postRecap, Anew: announceRecap},
			embeds.ActionRecapDrop:    {Handle: a.dropRecap, Anew: announceRecap},
		},
	}
}

// wish is one completion that a manager wants announced.
type wish struct {
	r        *Request
	member   User
	program  progressapi.Program // as far as its numbers may be told
	settings store.Settings
}

// completion checks that a member has completed a collection and shows what
// would be posted.
func (a *announcing) completion(ctx context.Context, r Request) (Reply, error) {
	member := r.Options[memberOption].User
	if member == nil {
		return Reply{}, errUnknown
	}
	if member.Bot {
		return Reply{}, refuse(embeds.ProblemView{Kind: embeds.BotMember})
	}
	w := wish{r: &r, member: *member}
	if !member.Member { // whose progress is nobody's business here
		return a.tell(w, Fate{Outcome: embeds.OutcomeLeft}), nil
	}
	a.members.names.learn(r.Guild, *member, a.Now())
	var err error
	if w.settings, err = a.servers.get(ctx, r.Guild); err != nil {
		return Reply{}, err
	}
	if w.settings.Channel == "" || !w.settings.Announcements {
		return a.tell(w, Fate{Outcome: embeds.OutcomeOff}), nil
	}
	consent, err := a.consent(ctx, r.Guild, member.ID)
	if err != nil {
		return Reply{}, err
	}
	// The API is asked whatever the member chose: a refusal that came sooner,
	// or while the API is down, would tell those who refuse from those who
	// have nothing to announce.
	found, err := a.find(ctx, member.ID, r.Options[collectionOption].Text)
	if err != nil {
		return Reply{}, err
	}
	return a.consider(ctx, w, consent, found)
}

// consider shows what would be posted about the program that was found, nil if
// none was, or says why nothing can be.
func (a *announcing) consider(ctx context.Context, w wish, consent store.Consent, found *progressapi.Program) (Reply, error) {
	switch {
	case !consent.MayAnnounce(store.ByManager):
		return a.cannot(ctx, w), nil
	case found == nil && w.member.ID == w.r.User.ID:
		return Reply{}, refuse(embeds.ProblemView{Kind: embeds.NoSuchCollection, Typed: w.r.Options[collectionOption].Text})
	case found == nil:
		return a.cannot(ctx, w), nil
	}
	if outcome, complete := completionOutcome(found); !complete {
		if !consent.MayView(rankOf(w.r, w.member), w.settings.OthersViewable) {
			return a.cannot(ctx, w), nil
		}
		w.program = *found
		return a.tell(w, Fate{Outcome: outcome}), nil
	}
	return a.propose(ctx, w, Announcement{
		Server: w.r.Guild, Person: w.member.ID, By: store.ByManager, At: a.Now(), Program: found.ID, Facts: store.FactsOf(*found),
		Note: clip(strings.TrimSpace(w.r.Options[messageOption].Text), maxMessage),
	}, false)
}

// consent reads what a person chose.
func (a *announcing) consent(ctx context.Context, guild, person string) (store.Consent, error) {
	ctx, cancel := context.WithTimeout(ctx, consentWithin)
	defer cancel()
	c, err := a.People.Consent(ctx, guild, person)
	return c, a.stored(err)
}

// completionOutcome reports whether a program is complete, and what to tell
// if it is not.
func completionOutcome(p *progressapi.Program) (embeds.Outcome, bool) {
	switch p.Completion() {
	case progressapi.Complete:
		return 0, true
	case progressapi.Contradictory:
		return embeds.OutcomeContradictory, false
	default:
		return embeds.OutcomeIncomplete, false
	}
}

// find asks the API for the program of a person that typed means, nil if
// there is none. What may be old proves nothing.
func (a *announcing) find(ctx context.Context, person, typed string) (*progressapi.Program, error) {
	s, err := a.Progress.Programs(ctx, person, cache.OnlyFresh)
	if errors.Is(err, progressapi.ErrNotFound) {
		return nil, nil
	}
	if err == nil {
		err = a.fresh(s)
	}
	if err != nil {
		return nil, err
	}
	found, ok := pick(keepable(s.Programs), strings.TrimSpace(typed))
	if !ok {
		return nil, nil
	}
	return found, nil
}

// propose shows what would be posted, with the buttons that decide. changed
// says that something else was shown before.
func (a *announcing) propose(ctx context.Context, w wish, what Announcement, changed bool) (Reply, error) {
	p, err := a.Announcer.Preview(ctx, what)
	if err := a.announcerError(err); err != nil {
		return Reply{}, err
	}
	if p.Outcome != embeds.OutcomeQueued {
		return a.hindered(ctx, w, what, p.Fate)
	}
	look, err := lookOf(p.Channel, p.Ping, p.Message)
	if err != nil {
		return Reply{}, err
	}
	draft, err := a.Ledger.AddDraft(ctx, store.Draft{
		Server: what.Server, Person: what.Person, Program: what.Program, Facts: what.Facts, Note: what.Note, Look: look, Created: a.Now(),
	})
	if unwanted(err) {
		return a.cannot(ctx, w), nil
	}
	if err := a.saved(err); err != nil {
		return Reply{}, err
	}
	v := embeds.PreviewView{
		Words: catalog.For(w.r.Locale), Asker: w.r.User.ID, Person: what.Person, Draft: draft.ID,
		Channel: p.Channel, Ping: p.Ping, Changed: changed, Post: embeds.ActionAnnouncePost, Drop: embeds.ActionAnnounceDrop,
	}
	return panel(w.r, embeds.Preview(v, p.Message)), nil
}

// hindered tells why there is nothing to show.
func (a *announcing) hindered(ctx context.Context, w wish, what Announcement, f Fate) (Reply, error) {
	switch f.Outcome {
	case embeds.OutcomeRefused:
		return a.cannot(ctx, w), nil
	case embeds.OutcomeWaits:
		key := store.EntryKey{Server: what.Server, Person: what.Person, Program: what.Program}
		known, err := a.Ledger.Entries(ctx, key)
		if err := a.stored(err); err != nil {
			return Reply{}, err
		}
		if e, ok := known[key]; !ok || !e.State.Open() {
			f.Outcome = embeds.OutcomeNotPosted
		}
	}
	return a.tell(w, f), nil
}

// post posts what the button's message shows, or shows what it would look
// like by now.
func (a *announcing) post(ctx context.Context, r Request, act embeds.Action) (Reply, error) {
	w := wish{r: &r, member: r.User}
	if act.Person != r.User.ID {
		name, _ := a.members.find(ctx, r.Guild, act.Person)
		w.member = User{ID: act.Person, Name: name}
	}
	draft, err := a.Ledger.Draft(ctx, r.Guild, act.Person, act.Program, a.Now())
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return a.tell(w, Fate{Outcome: embeds.OutcomeLost}), nil
	}
	if err := a.stored(err); err != nil {
		return Reply{}, err
	}
	if w.settings, err = a.servers.get(ctx, r.Guild); err != nil {
		return Reply{}, err
	}
	what := Announcement{
		Server: r.Guild, Person: draft.Person, By: store.ByManager, At: a.Now(),
		Program: draft.Program, Facts: draft.Facts, Note: draft.Note,
	}
	same, fate, err := a.looksAs(ctx, what, draft.Look)
	switch {
	case err != nil:
		return Reply{}, err
	case fate.Outcome != embeds.OutcomeQueued:
		return a.hindered(ctx, w, what, fate)
	case !same:
		return a.propose(ctx, w, what, true)
	}
	fate, err = a.Announcer.Announce(ctx, what)
	if err := a.announcerError(err); err != nil {
		return Reply{}, err
	}
	if fate.Outcome == embeds.OutcomeRefused {
		return a.cannot(ctx, w), nil
	}
	return a.tell(w, fate), nil // the draft stays: pressed again, it leads to the post
}

// looksAs reports whether an announcement would look as it did, if it can be
// made at all.
func (a *announcing) looksAs(ctx context.Context, what Announcement, look string) (bool, Fate, error) {
	p, err := a.Announcer.Preview(ctx, what)
	if err := a.announcerError(err); err != nil {
		return false, Fate{}, err
	}
	if p.Outcome != embeds.OutcomeQueued {
		return false, p.Fate, nil
	}
	now, err := lookOf(p.Channel, p.Ping, p.Message)
	return now == look, p.Fate, err
}

// drop deletes what was shown. If that fails it ends by itself soon.
func (a *announcing) drop(ctx context.Context, r Request, act embeds.Action) (Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, consentWithin)
	defer cancel()
	_ = a.saved(a.Ledger.DropDraft(ctx, r.Guild, act.Person, act.Program))
	return a.tell(wish{r: &r}, Fate{Outcome: embeds.OutcomeDropped}), nil
}

// cannot says that something cannot be announced, in the same words whatever
// the reason: that somebody does not want it is for nobody else to know. Only
// the members themselves are reminded of their own choice.
func (a *announcing) cannot(ctx context.Context, w wish) Reply {
	if w.member.ID != w.r.User.ID {
		return a.tell(w, Fate{Outcome: embeds.OutcomeRefused})
	}
	c, _ := a.consent(ctx, w.r.Guild, w.member.ID)
	return a.tell(w, Fate{Outcome: ownRefusal(c)})
}

// ownRefusal is which of somebody's own choices keeps something of theirs from
// being announced.
func ownRefusal(c store.Consent) embeds.Outcome {
	if c.Announce == store.Ask && !c.NeverAnywhere && c.Visibility != store.VisibleToAnyone {
		return embeds.OutcomeHidden
	}
	return embeds.OutcomeNever
}

// tell is the answer when there is nothing to decide.
func (a *announcing) tell(w wish, f Fate) Reply {
	return panel(w.r, embeds.Announced(embeds.OutcomeView{
		Words: catalog.For(w.r.Locale), Outcome: f.Outcome, Link: f.Link, Trouble: f.Trouble, Channel: w.settings.Channel,
		Person: embeds.Person{ID: w.member.ID, Name: w.member.Name}, Program: w.program,
		Settings: a.Mentions.Of(settingsAnnouncements), Privacy: a.Mentions.Of(privacySet), Again: a.Mentions.Of(announceCompletion),
	}))
}

// suggest proposes, for a completion, the programs of the member where the
// asker may see them, what is complete first; for a recap, what a leaderboard
// can be about.
func (a *announcing) suggest(ctx context.Context, r Request) ([]*discordgo.ApplicationCommandOptionChoice, error) {
	member := r.Options[memberOption].User
	if r.Focused != collectionOption || r.Command != announceCompletion || member == nil || member.ID == "" {
		return a.boards.suggest(ctx, r)
	}
	person := r.User.ID
	if a.mayView(ctx, &r, member.ID) {
		person = member.ID
	}
	s, err := atHand(ctx, a.Progress, person)
	if err != nil {
		return nil, err
	}
	programs := embeds.Rank(keepable(s.Programs), a.Now())
	done, rest := partition(programs, func(p *progressapi.Program) bool { return p.Completion() == progressapi.Complete })
	return choices(append(done, rest...), r.Options[collectionOption].Text), nil
}

// mayView reports whether the asker may see the progress of a member. While
// somebody types, Discord does not always say whether the person is one.
func (a *announcing) mayView(ctx context.Context, r *Request, person string) bool {
	if name, gone := a.members.find(ctx, r.Guild, person); name == "" || gone {
		return false
	}
	rules, err := a.servers.rules(ctx, r.Guild)
	if err != nil {
		return false
	}
	consent, err := a.consent(ctx, r.Guild, person)
	return err == nil && consent.MayView(rankOf(r, User{ID: person, Member: true}), rules.OthersViewable)
}

// clip returns the first characters of s, up to most of them.
func clip(s string, most int) string {
	for i := range s {
		if most == 0 {
			return s[:i]
		}
		most--
	}
	return s
}

// partition returns those of programs that are so, and the others, both in
// their order.
func partition(programs []progressapi.Program, so func(*progressapi.Program) bool) (yes, no []progressapi.Program) {
	for i := range programs {
		if so(&programs[i]) {
			yes = append(yes, programs[i])
		} else {
			no = append(no, programs[i])
		}
	}
	return yes, no
}
