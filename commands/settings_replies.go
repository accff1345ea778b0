package commands

import (
	"context"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot/store"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
)

// repliesOption is /settings replies.
func (s *settings) repliesOption() *discordgo.ApplicationCommandOption {
	pictures := optionOf(discordgo.ApplicationCommandOptionString, catalog.CommandSettingsPictures, catalog.CommandSettingsPicturesAbout)
	pictures.Choices = []*discordgo.ApplicationCommandOptionChoice{
		choiceOf(catalog.ChoicePicturesAll, string(embeds.PicturesAll)),
		choiceOf(catalog.ChoicePicturesMost, string(embeds.PicturesMost)),
		choiceOf(catalog.ChoicePicturesNone, string(embeds.PicturesNone)),
	}
	return subcommand(catalog.CommandSettingsReplies, catalog.CommandSettingsRepliesAbout,
		optionOf(discordgo.ApplicationCommandOptionBoolean, catalog.CommandSettingsPublic, catalog.CommandSettingsPublicAbout),
		optionOf(discordgo.ApplicationCommandOptionBoolean, catalog.CommandSettingsOthers, catalog.CommandSettingsOthersAbout),
		pictures,
	)
}

// replies changes how replies look, or shows the panel.
func (s *settings) replies(ctx context.Context, r Request) (Reply, error) {
	c := replyChange{public: given(&r, publicOption), others: given(&r, othersOption)}
	if o, ok := r.Options[picturesOption]; ok {
		if err := c.pictured(o.Text); err != nil {
			return Reply{}, err
		}
	}
	if c == (replyChange{}) {
		return s.repliesPanel(ctx, r)
	}
	return s.changeReplies(ctx, &r, c)
}

func (s *settings) repliesPanel(ctx context.Context, r Request) (Reply, error) {
	got, err := s.servers.get(ctx, r.Guild)
	if err != nil {
		return Reply{}, again(&r, embeds.ActionReplies, err)
	}
	return panel(&r, embeds.ReplySettings(s.view(&r, got))), nil
}

func (s *settings) setPublic(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	return s.changeReplies(ctx, &r, replyChange{public: flag(a)})
}

func (s *settings) setOthers(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	return s.changeReplies(ctx, &r, replyChange{others: flag(a)})
}

func (s *settings) setPictures(ctx context.Context, r Request, _ embeds.Action) (Reply, error) {
	if len(r.Values) != 1 {
		return Reply{}, errUnknown
	}
	var c replyChange
	if err := c.pictured(r.Values[0]); err != nil {
		return Reply{}, err
	}
	return s.changeReplies(ctx, &r, c)
}

// replyChange is what is to change about replies; nil stays.
type replyChange struct {
	public, others *bool
	pictures       *store.Pictures
}

// pictured takes in the name of a choice.
func (c *replyChange) pictured(name string) error {
	p, known := picturesNamed(name)
	if !known {
		return errUnknown
	}
	c.pictures = &p
	return nil
}

func (s *settings) changeReplies(ctx context.Context, r *Request, c replyChange) (Reply, error) {
	got, err := s.servers.change(ctx, r.Guild, func(st *store.Settings) error {
		set(&st.PublicReplies, c.public)
		set(&st.OthersViewable, c.others)
		set(&st.Pictures, c.pictures)
		return nil
	})
	if err := s.saved(err); err != nil {
		return Reply{}, again(r, embeds.ActionReplies, err)
	}
	v := s.view(r, got)
	v.Note = v.Words.Text(catalog.SettingsSaved)
	return panel(r, embeds.ReplySettings(v)), nil
}

func picturesShown(p store.Pictures) embeds.Pictures {
	switch p {
	case store.AllPictures:
		return embeds.PicturesAll
	case store.NoPictures:
		return embeds.PicturesNone
	default:
		return embeds.PicturesMost
	}
}

// picturesNamed reads the value of a menu or an option.
func picturesNamed(s string) (store.Pictures, bool) {
	switch embeds.Pictures(s) {
	case embeds.PicturesAll:
		return store.AllPictures, true
	case embeds.PicturesMost:
		return store.MostPictures, true
	case embeds.PicturesNone:
		return store.NoPictures, true
	default:
		return 0, false
	}
}
