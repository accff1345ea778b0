package commands

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot/store"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

const leaderboardCommand = "leaderboard"

const (
	// ownWithin is how long a leaderboard waits for the asker's own programs,
	// which it can do without, suggestOwnWithin while somebody types.
	ownWithin        = 2 * time.Second
	suggestOwnWithin = 400 * time.Millisecond
)

// Boards knows the leaderboards of servers. [store.Store] is one.
type Boards interface {
	// Board returns a page of a leaderboard, that of all programs if program
	// is "".
	Board(ctx context.Context, server, program string, offset, limit int) (store.Board, error)
	// Place returns a person's own row, or store.ErrNotFound.
	Place(ctx context.Context, server, program, person string) (store.Row, error)
	// Collections lists programs that the server's leaderboard is about.
	Collections(ctx context.Context, server string) ([]store.Collection, error)
	// Consent returns what a person chose, as the server may know it.
	Consent(ctx context.Context, server, person string) (store.Consent, error)
}

// leaderboard is everything about looking at a server's leaderboards. They
// are made of what is stored: the API is never asked about anybody but the
// asker, and for them only to understand what they typed.
type leaderboard struct {
	Deps
	servers  *servers
	names    *names
	pictures *pictures
}

// command is /leaderboard.
func (l leaderboard) command() Command {
	collection := optionOf(discordgo.ApplicationCommandOptionString, catalog.CommandLeaderboardCollection, catalog.CommandLeaderboardCollectionAbout)
	collection.Autocomplete = true
	return Command{
		Definition: inServers(slashCommand(catalog.CommandLeaderboard, catalog.CommandLeaderboardAbout, collection)),
		Policy:     Policy{Guild: true},
		Handle:     map[string]Handler{leaderboardCommand: l.slash},
		Private:    func(ctx context.Context, r Request) bool { return !l.servers.publicByDefault(ctx, r.Guild) },
		Suggest:    l.suggest,
		Actions: map[string]Action{
			embeds.ActionBoardFirst: {Handle: l.page},
			embeds.ActionBoardPrev:  {Handle: l.page},
			embeds.ActionBoardNext:  {Handle: l.page},
			embeds.ActionBoardLast:  {Handle: l.page},
			embeds.ActionBoardRetry: {Handle: l.page, Replace: true},
		},
	}
}

// boardLook is one look at a leaderboard.
type boardLook struct {
	r       *Request
	program progressapi.Program // ID and Name; the zero value is the board of all
	page    int
	public  bool
	update  bool
}

func (l leaderboard) slash(ctx context.Context, r Request) (Reply, error) {
	look := boardLook{r: &r, public: l.servers.publicByDefault(ctx, r.Guild)}
	if typed := strings.TrimSpace(r.Options[collectionOption].Text); fold(typed) != "" {
		var err error
		if look.program, err = l.typed(ctx, &r, typed, allBoards(&r)); err != nil {
			return Reply{}, err
		}
	}
	return l.show(ctx, look)
}

// page shows another page in place of the message with the button.
func (l leaderboard) page(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	look := boardLook{r: &r, page: a.Page, public: r.Message == nil || !r.Message.Private, update: true}
	if a.Owner == "" {
		return Reply{}, errUnknown
	}
	if a.Program != "" {
		var err error
		if look.program, err = l.referred(ctx, &r, a.Program); err != nil {
			return Reply{}, err
		}
	}
	return l.show(ctx, look)
}

// show reads the page and the asker's own place. When the board has become
// shorter than the page, it shows the last one.
func (l leaderboard) show(ctx context.Context, k boardLook) (Reply, error) {
	board, err := l.board(ctx, &k)
	if err != nil {
		return Reply{}, k.retry(err)
	}
	own, absence, err := l.own(ctx, &k)
	if err != nil {
		return Reply{}, k.retry(err)
	}
	v := embeds.BoardView{
		Words: catalog.For(k.r.Locale), Asker: k.r.User.ID, Public: k.public,
		Program: embeds.ProgramRef(k.program.ID), Collection: k.program.Name,
		Page: k.page, Total: board.Total, Own: own, Absence: absence,
		Progress: l.Mentions.Of(progressCommand), Privacy: l.Mentions.Of(privacySet),
	}
	for _, row := range board.Rows {
		v.Rows = append(v.Rows, boardRow(row))
		if v.Collection == "" {
			v.Collection = row.Standing.Name
		}
	}
	m := embeds.Leaderboard(v)
	l.names.learn(k.r.Guild, k.r.User, l.Now())
	if err := l.pictures.board(ctx, k.r, &m, v); err != nil {
		return Reply{}, err
	}
	return Reply{Message: m, Private: !k.public, Update: k.update}, nil
}

func (l leaderboard) board(ctx context.Context, k *boardLook) (store.Board, error) {
	for {
		b, err := l.Boards.Board(ctx, k.r.Guild, k.program.ID, k.page*embeds.BoardPageSize, embeds.BoardPageSize)
		if err := l.stored(err); err != nil {
			return store.Board{}, err
		}
		if len(b.Rows) > 0 || k.page == 0 {
			return b, nil
		}
		// Beyond the end, or everybody on the page has just left the board.
		k.page = min(k.page-1, max(b.Total-1, 0)/embeds.BoardPageSize)
	}
}

// own returns the asker's place, or why they have none. In public that stays
// between them and the bot, so it is not even looked up.
func (l leaderboard) own(ctx context.Context, k *boardLook) (*embeds.BoardRow, embeds.Absence, error) {
	row, err := l.Boards.Place(ctx, k.r.Guild, k.program.ID, k.r.User.ID)
	if err == nil {
		own := boardRow(row)
		return &own, 0, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return nil, 0, l.stored(err)
	}
	if k.public {
		return nil, 0, nil
	}
	c, err := l.Boards.Consent(ctx, k.r.Guild, k.r.User.ID)
	return nil, absenceOf(c), l.stored(err)
}

func absenceOf(c store.Consent) embeds.Absence {
	switch {
	case c.TakesPart():
		return embeds.AbsentYet
	case c.NeverAnywhere || c.Announce == store.Never:
		return embeds.AbsentNever
	default:
		return embeds.AbsentHidden
	}
}

func boardRow(r store.Row) embeds.BoardRow {
	return embeds.BoardRow{
		Rank: r.Rank, Person: r.Person, Completed: r.Completed, Cards: r.Standing.Collected,
		Collected: r.Standing.Collected, Size: r.Standing.Size, Percent: r.Standing.Percent, Complete: r.Standing.Complete,
	}
}

// retry adds a button to a failure that tries the same page again.
func (k *boardLook) retry(err error) error {
	return &retryable{err, embeds.Action{
		Name: embeds.ActionBoardRetry, Owner: k.r.User.ID, Page: k.page, Program: embeds.ProgramRef(k.program.ID),
	}}
}

// typed returns the collection that somebody named in their own words: one
// of theirs, or one of this server's leaderboard. back is where people get who
// have named none, "" for nowhere.
func (l leaderboard) typed(ctx context.Context, r *Request, typed, back string) (progressapi.Program, error) {
	here, err := l.collections(ctx, r)
	if err != nil {
		return progressapi.Program{}, err
	}
	for _, p := range here { // a suggestion that was picked
		if p.ID == typed || embeds.ProgramRef(p.ID) == typed {
			return p, nil
		}
	}
	mine, err := l.mine(ctx, r, ownWithin)
	all := join(mine, here)
	if found, ok := pick(all, typed); ok {
		return *found, nil
	}
	if err != nil {
		return progressapi.Program{}, err
	}
	return progressapi.Program{}, refuse(embeds.ProblemView{Kind: embeds.NoSuchCollection, Typed: typed, Nearest: nearest(all, typed), Back: back})
}

// referred returns the collection that a button's reference stands for. Most
// are the ID itself.
func (l leaderboard) referred(ctx context.Context, r *Request, ref string) (progressapi.Program, error) {
	if embeds.ProgramRef(ref) == ref {
		return progressapi.Program{ID: ref}, nil
	}
	here, err := l.collections(ctx, r)
	if err != nil {
		return progressapi.Program{}, err
	}
	if found, ok := embeds.FindProgram(here, ref); ok {
		return found, nil
	}
	mine, err := l.mine(ctx, r, ownWithin)
	if found, ok := embeds.FindProgram(mine, ref); ok {
		return found, nil
	}
	if err != nil {
		return progressapi.Program{}, err
	}
	return progressapi.Program{}, refuse(embeds.ProblemView{Kind: embeds.CollectionGone, Back: allBoards(r)})
}

// allBoards leads to the leaderboard of all collections.
func allBoards(r *Request) string {
	return embeds.Action{Name: embeds.ActionBoardFirst, Owner: r.User.ID}.Encode()
}

// collections lists what the server's leaderboard is about.
func (l leaderboard) collections(ctx context.Context, r *Request) ([]progressapi.Program, error) {
	list, err := l.Boards.Collections(ctx, r.Guild)
	if err := l.stored(err); err != nil {
		return nil, err
	}
	out := make([]progressapi.Program, len(list))
	for i, c := range list {
		out[i] = progressapi.Program{ID: c.Program, Name: c.Name}
	}
	return out, nil
}

// mine lists the asker's own programs, as far as the store can tell them
// apart.
func (d Deps) mine(ctx context.Context, r *Request, within time.Duration) ([]progressapi.Program, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	s, err := atHand(ctx, d.Progress, r.User.ID)
	if err != nil && !errors.Is(err, progressapi.ErrNotFound) {
		return nil, err
	}
	return embeds.Rank(keepable(s.Programs), d.Now()), nil
}

// suggest proposes the asker's own collections, then those of the server.
// Either may be missing.
func (l leaderboard) suggest(ctx context.Context, r Request) ([]*discordgo.ApplicationCommandOptionChoice, error) {
	if r.Focused != collectionOption {
		return nil, nil
	}
	mine, err := l.mine(ctx, &r, suggestOwnWithin)
	here, storeErr := l.collections(ctx, &r)
	if all := join(mine, here); len(all) > 0 || storeErr == nil {
		return choices(all, r.Options[r.Focused].Text), nil
	}
	return nil, errors.Join(storeErr, err)
}

// keepable returns those of programs that the store can tell apart.
func keepable(programs []progressapi.Program) []progressapi.Program {
	out := make([]progressapi.Program, 0, len(programs))
	for _, p := range programs {
		if store.IsProgram(p.ID) {
			out = append(out, p)
		}
	}
	return out
}

// join returns first and those of second that are not among them.
func join(first, second []progressapi.Program) []progressapi.Program {
	known := make(map[string]bool, len(first))
	for _, p := range first {
		known[p.ID] = true
	}
	out := slices.Clip(first)
	for _, p := range second {
		if !known[p.ID] {
			out = append(out, p)
		}
	}
	return out
}
