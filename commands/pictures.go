package commands

import (
	"context"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot/store"
	"progressbot/embeds"
	"progressbot/embeds/card"
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// pictureWithin is how long a reply waits for its turn to have a card drawn.
// When more is asked for than can be drawn, replies go out as text.
const pictureWithin = 40 * time.Millisecond

// Painter draws cards. [card.Renderer] is one.
type Painter interface {
	// PNG draws a card; ctx bounds the wait for others' cards.
	PNG(ctx context.Context, c card.Card) ([]byte, error)
}

// pictures adds drawn cards to replies.
type pictures struct {
	Deps
	servers *servers
	members *members
}

// overview attaches a card to an overview. To the person alone the text says
// it all, at a glance and without the bytes, unless the server has cards
// everywhere.
func (p *pictures) overview(ctx context.Context, l look, m *embeds.Message, programs []progressapi.Program) {
	chosen := p.chosen(ctx, l.r)
	if chosen == store.NoPictures || chosen == store.MostPictures && !l.public {
		return
	}
	labels := embeds.CardLabels(catalog.For(l.r.Locale))
	p.attach(ctx, m, card.NewOverview(labels, l.person.Name, programs, p.Now()))
}

// detail attaches a card to a collection: its grid shows more cards than the
// text has room for.
func (p *pictures) detail(ctx context.Context, l look, m *embeds.Message, program progressapi.Program) {
	if p.chosen(ctx, l.r) == store.NoPictures {
		return
	}
	labels := embeds.CardLabels(catalog.For(l.r.Locale))
	person := ""
	if l.public || l.person.ID != l.r.User.ID {
		person, program.Reward = l.person.Name, nil // how the reward stands is the person's own business
	}
	p.attach(ctx, m, card.NewDetail(labels, person, program, p.Now()))
}

// board attaches a card to a leaderboard, if anybody on it but the asker can
// be named there: the text has mentions, which a picture cannot hold. Its only
// error is a panic.
func (p *pictures) board(ctx context.Context, r *Request, m *embeds.Message, v embeds.BoardView) error {
	if len(v.Rows) == 0 || p.chosen(ctx, r) == store.NoPictures {
		return nil
	}
	people := make([]string, len(v.Rows))
	for i := range v.Rows {
		people[i] = v.Rows[i].Person
	}
	called, err := p.members.called(ctx, r.Guild, people)
	if err != nil {
		return err
	}
	useful := false
	for i, name := range called {
		v.Rows[i].Name = name
		useful = useful || card.Legible(name) && (people[i] != r.User.ID || len(people) == 1)
	}
	if useful {
		p.attach(ctx, m, embeds.BoardCard(v, r.User.Name))
	}
	return nil
}

// chosen returns which replies may carry a card: none where the bot may not
// attach files, else what the server chose.
func (p *pictures) chosen(ctx context.Context, r *Request) store.Pictures {
	if p.Painter == nil || r.AppPermissions&discordgo.PermissionAttachFiles == 0 {
		return store.NoPictures
	}
	if r.Guild == "" || !r.BotInGuild {
		return store.MostPictures
	}
	rules, err := p.servers.rules(ctx, r.Guild)
	if err != nil {
		return store.NoPictures
	}
	return rules.Pictures
}

// attach draws a card and adds it. Where that fails the text stands alone.
func (p *pictures) attach(ctx context.Context, m *embeds.Message, c card.Card) {
	ctx, cancel := context.WithTimeout(ctx, pictureWithin)
	defer cancel()
	png, err := p.Painter.PNG(ctx, c)
	if err != nil || len(m.Embeds) == 0 {
		return
	}
	embeds.AttachCard(m, png, card.Alt(c))
}
