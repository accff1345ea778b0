package announce

import (
	"context"
	"log/slog"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot/store"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
)

// message builds the post of a batch. A preview is built by the same
// function from the same facts, so that it shows what will be posted.
func (j *job) message(ctx context.Context, place Place, b batch) embeds.Message {
	w := catalog.For(place.Locale)
	v := embeds.AnnouncementView{
		Server: place.Server,
		Person: embeds.Person{ID: j.box.Person, Name: j.member.Name},
		Note:   b.note(),
		Mark:   b.mark,
	}
	if t, err := embeds.ParseTemplate(j.settings.Template); err == nil {
		v.Template = t // else the bot's own
	}
	for _, e := range b.shown() {
		v.Reached = append(v.Reached, reachedOf(e))
	}
	v.Card = j.card(ctx, w, place, v.Reached)
	return embeds.Announcement(w, v)
}

// card draws the card of a single completion, where the server wants cards
// and the bot may attach them.
func (j *job) card(ctx context.Context, w *catalog.Words, place Place, reached []embeds.Reached) *embeds.File {
	mayAttach := place.Permissions&discordgo.PermissionAttachFiles != 0
	if j.a.o.Draw == nil || j.settings.Pictures == store.NoPictures || !mayAttach || len(reached) != 1 || reached[0].Percent != 0 {
		return nil
	}
	file, err := j.a.o.Draw(ctx, Drawing{Words: w, Person: j.member.Name, Reached: reached[0]})
	if err != nil {
		j.log.LogAttrs(ctx, slog.LevelWarn, "announcement goes without its card", slog.Any("err", err))
		return nil
	}
	return &file
}

func reachedOf(e store.Entry) embeds.Reached {
	return embeds.Reached{
		Name: e.Facts.Name, Image: e.Facts.Image, Reward: e.Facts.Reward,
		Collected: e.Facts.Collected, Size: e.Facts.Size, Percent: e.Percent,
	}
}
