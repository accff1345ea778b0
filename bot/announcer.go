package bot

import (
	"context"
	"fmt"
	"time"

	"progressbot/bot/announce"
	"progressbot/bot/store"
	"progressbot/embeds"
	"progressbot/embeds/card"
)

// makeAnnouncer makes what posts completions and gives reward roles.
func (b *Bot) makeAnnouncer(port *announcePort, painter *card.Renderer) {
	b.announcer = announce.New(announce.Options{
		Store: b.store, Posts: port, Members: port, Managers: port,
		Draw: completionCards{painter}.draw, Log: b.log, Metrics: b.metrics, Lease: b.lease,
	})
}

// wakefulStore is the store for commands that change a server's settings. When
// they wake announcements that wait for such a change, it notifies the announcer
// too, so that it posts them at once.
type wakefulStore struct {
	*store.Store
	announcer *announce.Announcer
}

// Wake implements [commands.SettingsStore].
func (s wakefulStore) Wake(ctx context.Context, server string, now time.Time) (int, error) {
	n, err := s.Store.Wake(ctx, server, now)
	s.announcer.Notify()
	return n, err
}

// completionCards draws the cards of announced completions.
type completionCards struct{ painter *card.Renderer }

func (c completionCards) draw(ctx context.Context, d announce.Drawing) (embeds.File, error) {
	drawn := embeds.CompletionCard(d.Words, d.Person, d.Reached)
	picture, err := c.painter.PNG(ctx, drawn)
	if err != nil {
		return embeds.File{}, fmt.Errorf("draw completion: %w", err)
	}
	return embeds.CardFile(picture, card.Alt(drawn)), nil
}
