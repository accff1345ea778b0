package embeds

import (
	"slices"
	"strings"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// The actions of previews and of the question under somebody's own progress.
// [Action.Person] is whom it is about, [Action.Program] the draft's ID, or a
// [ProgramRef] for the question.
const (
	ActionAnnouncePost = "announce.post"
	ActionAnnounceDrop = "announce.drop"
	ActionRecapPost    = "recap.post"
	ActionRecapDrop    = "recap.drop"
	ActionOfferOne     = "offer.one"
	ActionOfferAlways  = "offer.always"
	ActionOfferNot     = "offer.not"
)

// PreviewView is what goes with the preview of a message.
type PreviewView struct {
	Words   *catalog.Words
	Asker   string // the manager who may confirm it
	Person  string // whom it is about, "" for several
	Draft   string // ID of what is confirmed
	Channel string // where it will be posted
	Ping    bool   // whether the person is notified if the message mentions them
	// Changed says that what was shown before would look otherwise by now.
	Changed bool
	// Post and Drop are the actions of the two buttons.
	Post string
	Drop string
}

// Preview shows a message as it will be posted, and under it, apart, where
// that will be, with the buttons that decide.
func Preview(v PreviewView, m Message) Message {
	note := &discordgo.MessageEmbed{Description: previewNote(&v, m.Content), Color: colorNote}
	all := make([]*discordgo.MessageEmbed, 0, len(m.Embeds)+1)
	all = append(append(all, m.Embeds...), note)
	button := func(label catalog.Key, style discordgo.ButtonStyle, action string) discordgo.Button {
		id := Action{Name: action, Owner: v.Asker, Person: v.Person, Program: v.Draft}.Encode()
		return discordgo.Button{Label: v.Words.Text(label), Style: style, CustomID: id}
	}
	return Message{
		Content: m.Content, Embeds: all, Files: m.Files,
		Components: []discordgo.MessageComponent{row(
			button(catalog.ButtonPost, discordgo.PrimaryButton, v.Post),
			button(catalog.ButtonCancel, discordgo.SecondaryButton, v.Drop),
		)},
	}
}

func previewNote(v *PreviewView, content string) string {
	var b []byte
	if v.Changed {
		b = v.Words.Append(b, catalog.PreviewChanged)
		b = append(b, '\n')
	}
	b = v.Words.Append(b, catalog.PreviewNote, ChannelMention(v.Words, v.Channel))
	if who := mention(v.Words, v.Person); isSnowflake(v.Person) && v.Ping && strings.Contains(content, who) {
		b = append(b, ' ')
		b = v.Words.Append(b, catalog.PreviewPing, who)
	}
	return string(b)
}

// Offer adds to somebody's own progress the question whether the bot is to
// announce in a channel a program that they have completed. It is about their
// own choice, so m must be private. A program that cannot be asked for again
// is not asked about.
func Offer(v View, m Message, p progressapi.Program, channel string) Message {
	ref := ProgramRef(p.ID)
	if ref == "" || len(m.Embeds) == 0 {
		return m
	}
	text := v.Words.Append(nil, catalog.OfferText, ChannelMention(v.Words, channel))
	if v.Withheld {
		text = appendNote(text, v.Words.Text(catalog.NoteWithheld, v.Words.Text(catalog.ButtonShare)))
	}
	first := *m.Embeds[0]
	first.Fields = append(slices.Clip(first.Fields), &discordgo.MessageEmbedField{
		Name:  v.Words.Text(catalog.OfferTitle, programName(v.Words, &p)),
		Value: string(text),
	})
	m.Embeds = slices.Clone(m.Embeds)
	m.Embeds[0] = &first
	announce := v.button(catalog.ButtonAnnounce, ActionOfferOne, 0, ref)
	announce.Style = discordgo.PrimaryButton
	m.Components = append(slices.Clip(m.Components), row(
		announce, v.button(catalog.ButtonAlways, ActionOfferAlways, 0, ref), v.button(catalog.ButtonNotThis, ActionOfferNot, 0, ref),
	))
	return m
}
