package commands

import (
	"context"
	"time"

	"github.com/bwmarrin/discordgo"

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

// overviewCard attaches a card to an overview that others read. To the
// person alone the text says it all, at a glance and without the bytes.
func (p *progress) overviewCard(ctx context.Context, l look, m *embeds.Message, programs []progressapi.Program) {
	if !l.public || !p.pictured(ctx, l) {
		return
	}
	labels := embeds.CardLabels(catalog.For(l.r.Locale))
	p.attach(ctx, m, card.NewOverview(labels, l.person.Name, programs, p.Now()))
}

// detailCard attaches a card to a collection: its grid shows more cards than
// the text has room for.
func (p *progress) detailCard(ctx context.Context, l look, m *embeds.Message, program progressapi.Program) {
	if !p.pictured(ctx, l) {
		return
	}
	labels := embeds.CardLabels(catalog.For(l.r.Locale))
	person := ""
	if l.public || l.person.ID != l.r.User.ID {
		person, program.Reward = l.person.Name, nil // how the reward stands is the person's own business
	}
	p.attach(ctx, m, card.NewDetail(labels, person, program, p.Now()))
}

// pictured reports whether the reply may carry a card: the bot may attach
// files here, and the server has not turned cards off.
func (p *progress) pictured(ctx context.Context, l look) bool {
	if p.Painter == nil || l.r.AppPermissions&discordgo.PermissionAttachFiles == 0 {
		return false
	}
	if l.r.Guild == "" || !l.r.BotInGuild {
		return true
	}
	rules, err := p.access.servers.rules(ctx, l.r.Guild)
	return err == nil && rules.Cards
}

// attach draws a card and adds it. Where that fails the text stands alone.
func (p *progress) attach(ctx context.Context, m *embeds.Message, c card.Card) {
	ctx, cancel := context.WithTimeout(ctx, pictureWithin)
	defer cancel()
	png, err := p.Painter.PNG(ctx, c)
	if err != nil || len(m.Embeds) == 0 {
		return
	}
	embeds.AttachCard(m, png, card.Alt(c))
}
