package commands

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot/store"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/progressapi/cache"
)

// Names of the command and of the option that is its own.
const (
	progressCommand = "progress"
	shareOption     = "share"
)

const (
	// refreshEvery is how often a person may make the bot ask the API anew.
	// Sooner presses get what the bot has, which is hardly older.
	refreshEvery = 10 * time.Second
	// shareEvery keeps a double press from posting twice.
	shareEvery = 5 * time.Second
)

// Fetcher knows people's progress.
type Fetcher interface {
	// Programs returns all programs of a person; nobody yet is an empty
	// answer. Errors match one of progressapi's sentinels.
	Programs(ctx context.Context, userID string, want cache.Want) (cache.Snapshot, error)
	// Program returns one program of a person, or progressapi.ErrNotFound.
	Program(ctx context.Context, userID, programID string, want cache.Want) (cache.Snapshot, error)
	// Peek returns what is at hand of a person's programs, however old,
	// without asking the API.
	Peek(ctx context.Context, userID string) (cache.Snapshot, bool)
}

// progress is everything about looking at progress.
type progress struct {
	Deps
	servers   *servers
	access    *access
	cooldowns *cooldowns
	members   *members
	pictures  *pictures
}

func newProgress(d Deps, s *servers, m *members, p *pictures) *progress {
	return &progress{Deps: d, servers: s, access: &access{Deps: d, servers: s}, cooldowns: newCooldowns(), members: m, pictures: p}
}

// command is /progress.
func (p *progress) command() Command {
	collection := optionOf(discordgo.ApplicationCommandOptionString, catalog.CommandProgressCollection, catalog.CommandProgressCollectionAbout)
	collection.Autocomplete = true
	return Command{
		Definition: everywhere(slashCommand(catalog.CommandProgress, catalog.CommandProgressAbout,
			collection,
			optionOf(discordgo.ApplicationCommandOptionUser, catalog.CommandProgressMember, catalog.CommandProgressMemberAbout),
			optionOf(discordgo.ApplicationCommandOptionBoolean, catalog.CommandProgressShare, catalog.CommandProgressShareAbout),
		)),
		Handle:  map[string]Handler{progressCommand: p.slash},
		Private: func(ctx context.Context, r Request) bool { return !p.public(ctx, r) },
		Suggest: p.suggest,
		Actions: map[string]Action{
			embeds.ActionFirst:       {Handle: p.page},
			embeds.ActionPrev:        {Handle: p.page},
			embeds.ActionNext:        {Handle: p.page},
			embeds.ActionLast:        {Handle: p.page},
			embeds.ActionBack:        {Handle: p.page},
			embeds.ActionRetry:       {Handle: p.page, Replace: true},
			embeds.ActionRefresh:     {Handle: p.refresh},
			embeds.ActionShare:       {Handle: p.share},
			embeds.ActionOpen:        {Handle: p.open},
			embeds.ActionRetryOne:    {Handle: p.one, Replace: true},
			embeds.ActionRetryTyped:  {Handle: p.retyped, Replace: true},
			embeds.ActionRefreshOne:  {Handle: p.refreshOne},
			embeds.ActionShareOne:    {Handle: p.share},
			embeds.ActionOfferOne:    {Handle: p.announceMine},
			embeds.ActionOfferAlways: {Handle: p.announceAlways},
			embeds.ActionOfferNot:    {Handle: p.announceNot},
		},
	}
}

// menu is "View progress" on a person.
func (p *progress) menu() Command {
	d := everywhere(userCommand(catalog.CommandViewProgress))
	return Command{
		Definition: d,
		Handle:     map[string]Handler{d.Name: p.onPerson},
		Private:    func(ctx context.Context, r Request) bool { return !p.public(ctx, r) },
	}
}

// shared reports whether the asker asked for everyone to see the answer.
func shared(r *Request) bool { return r.Options[shareOption].Bool }

// public decides who is to see the answer, from the request alone.
func (p *progress) public(ctx context.Context, r Request) bool {
	if share, given := r.Options[shareOption]; given {
		return share.Bool
	}
	return r.here() != "" && p.servers.publicByDefault(ctx, r.here())
}

func (p *progress) slash(ctx context.Context, r Request) (Reply, error) {
	person := r.User
	if m := r.Options[memberOption].User; m != nil {
		person = *m
	}
	l := p.lookAt(&r, person)
	l.public, l.shared = p.public(ctx, r), shared(&r)
	typed := strings.TrimSpace(r.Options[collectionOption].Text)
	if err := p.mayLook(ctx, &l); err != nil {
		return Reply{}, err
	}
	if fold(typed) == "" {
		return p.overview(ctx, l)
	}
	return p.typed(ctx, l, typed)
}

func (p *progress) onPerson(ctx context.Context, r Request) (Reply, error) {
	person := r.User
	if r.Target != nil {
		person = *r.Target
	}
	l := p.lookAt(&r, person)
	l.public = p.public(ctx, r)
	if err := p.mayLook(ctx, &l); err != nil {
		return Reply{}, err
	}
	return p.overview(ctx, l)
}

// page shows the overview in place of the message with the button.
func (p *progress) page(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	l, err := p.press(ctx, &r, a)
	if err != nil {
		return Reply{}, err
	}
	return p.overview(ctx, l)
}

func (p *progress) refresh(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	l, err := p.press(ctx, &r, a)
	if err != nil {
		return Reply{}, err
	}
	l.want = p.renew(l)
	return p.overview(ctx, l)
}

// open shows the program that was picked from the menu.
func (p *progress) open(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	if len(r.Values) != 1 {
		return Reply{}, errUnknown
	}
	a.Program = r.Values[0]
	return p.one(ctx, r, a)
}

// one shows one program in place of the message with the button.
func (p *progress) one(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	l, err := p.press(ctx, &r, a)
	if err != nil {
		return Reply{}, err
	}
	return p.detail(ctx, l)
}

// retyped shows the program that was named before a problem.
func (p *progress) retyped(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	l, err := p.press(ctx, &r, a)
	if err != nil {
		return Reply{}, err
	}
	if a.Program == "" {
		return Reply{}, errUnknown
	}
	return p.typed(ctx, l, a.Program)
}

func (p *progress) refreshOne(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	l, err := p.press(ctx, &r, a)
	if err != nil {
		return Reply{}, err
	}
	l.want = p.renew(l)
	return p.detail(ctx, l)
}

// share posts what the button's message shows, for everyone to see.
func (p *progress) share(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	l, err := p.press(ctx, &r, a)
	if err != nil {
		return Reply{}, err
	}
	if !l.may.public {
		return Reply{}, refuse(embeds.ProblemView{Kind: embeds.PrivateProgress, Person: l.person.Name})
	}
	l.public, l.shared, l.update = true, true, false
	k := cooldownKey{user: r.User.ID, action: a.Name, object: a.Person + " " + a.Program}
	now := p.Now()
	if wait := p.cooldowns.start(k, shareEvery, now); wait > 0 {
		return Reply{}, refuse(embeds.ProblemView{Kind: embeds.SlowDown, Until: now.Add(wait)})
	}
	show := p.overview
	if a.Name == embeds.ActionShareOne {
		show = p.detail
	}
	reply, err := show(ctx, l)
	if err != nil {
		p.cooldowns.end(k) // nothing was posted
	}
	return reply, err
}

// lookAt begins a look at person for a command.
func (p *progress) lookAt(r *Request, person User) look {
	p.members.names.learn(r.Guild, r.User, p.Now())
	p.members.names.learn(r.Guild, person, p.Now())
	return look{r: r, person: person, action: embeds.Action{Owner: r.User.ID, Person: person.ID}}
}

// press begins a look for a button, which knows only the person's ID.
func (p *progress) press(ctx context.Context, r *Request, a embeds.Action) (look, error) {
	if a.Owner == "" || a.Person == "" {
		return look{}, errUnknown
	}
	p.members.names.learn(r.Guild, r.User, p.Now())
	l := look{r: r, person: User{ID: a.Person}, action: a, update: true}
	l.public = r.Message == nil || !r.Message.Private // when in doubt, others read it
	if a.Person == r.User.ID {
		l.person = r.User
	} else {
		l.person = p.other(ctx, r, a.Person)
	}
	return l, p.mayLook(ctx, &l)
}

// other is the person whom a button is about, who is not the asker. It is on a
// message that was made for a member of this server. Where Discord cannot tell
// whether they still are one, they count as one.
func (p *progress) other(ctx context.Context, r *Request, person string) User {
	if r.here() == "" {
		return User{ID: person, Name: p.members.names.get(nameKey{r.Guild, person}).name, Member: true}
	}
	name, gone := p.members.find(ctx, r.Guild, person)
	return User{ID: person, Name: name, Member: !gone}
}

// mayLook returns why the asker may not see the person's progress, or nil. It
// comes before any progress is looked up, so that a no tells nothing. What
// not everyone may read becomes private.
func (p *progress) mayLook(ctx context.Context, l *look) error {
	if l.person.Bot {
		return refuse(embeds.ProblemView{Kind: embeds.BotMember})
	}
	may, err := p.access.mayView(ctx, l.r, l.person)
	if err != nil {
		if _, refused := errors.AsType[*refusal](err); refused {
			return err
		}
		return l.retry(l.repeat(), err)
	}
	l.may = may
	if l.public && !p.aloud(ctx, l) {
		l.unshared = l.shared
		l.public, l.shared, l.update = false, false, false
	}
	return nil
}

// aloud reports whether everyone may read the look. Their own progress people
// share as they like; what they have not shared is public only if they let
// anyone see it.
func (p *progress) aloud(ctx context.Context, l *look) bool {
	if l.person.ID != l.r.User.ID || l.shared {
		return l.may.public
	}
	ctx, cancel := context.WithTimeout(ctx, ownChoiceWithin)
	defer cancel()
	consent, err := p.People.Consent(ctx, l.r.Guild, l.person.ID)
	return p.stored(err) == nil && consent.Visibility == store.VisibleToAnyone
}

// renew is Renew as often as a person may have that, else what is at hand.
func (p *progress) renew(l look) cache.Want {
	if p.cooldowns.start(cooldownKey{user: l.r.User.ID, action: embeds.ActionRefresh}, refreshEvery, p.Now()) > 0 {
		return cache.AnyAge
	}
	return cache.Renew
}
