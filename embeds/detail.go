package embeds

import (
	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// Detail shows one of a person's programs with all that is known about it.
// backPage is the page of the overview that Back leads to; below 0 there is
// no Back.
func Detail(v View, p progressapi.Program, backPage int) Message {
	e := &discordgo.MessageEmbed{
		Title:       programName(v.Words, &p),
		Description: detailText(&v, &p),
		Color:       phaseColor(p.Phase(v.Now)),
		Fields:      detailFields(&v, &p),
	}
	if v.StandIn {
		e.Color = colorNote
	}
	if v.Public || !v.Own() {
		e.Author = &discordgo.MessageEmbedAuthor{Name: v.Words.Text(catalog.DetailOf, plainPerson(v.Words, v.Person.Name))}
	}
	if picture := link(p.Image, LimitURL); picture != "" {
		// A thumbnail sits beside the text; a full picture would push the
		// numbers off a phone's screen.
		e.Thumbnail = &discordgo.MessageEmbedThumbnail{URL: picture}
	}
	setFreshness(e, &v, 0, 1)
	return Message{Embeds: []*discordgo.MessageEmbed{e}, Components: detailComponents(&v, &p, backPage)}
}

// detailText is the numbers and the state, the bar, when it begins or ends,
// what the program is about, and notes.
func detailText(v *View, p *progressapi.Program) string {
	phase := p.Phase(v.Now)
	var room [1024]byte
	b := appendHeadline(room[:0], v, p, phase)
	if hasFigures(p) {
		b = append(b, '\n')
		b = appendBar(b, p)
	}
	if when := detailTime(v, p); when != "" {
		b = append(b, '\n')
		b = append(b, when...)
	}
	if about := EscapeLines(p.Description, maxDescription); about != "" {
		b = append(b, "\n\n"...)
		b = append(b, about...)
	}
	if p.Completion() == progressapi.Contradictory {
		b = appendNote(b, v.Words.Text(catalog.NoteContradictory))
	}
	return string(appendNotes(b, v))
}

// appendHeadline writes the numbers in bold, then the state in words and what
// the API's status adds to it.
func appendHeadline(b []byte, v *View, p *progressapi.Program, phase progressapi.Phase) []byte {
	const bold = "**"
	b = append(b, bold...)
	if b = appendFigures(b, v.Words, p); len(b) == len(bold) {
		b = b[:0]
	} else {
		b = append(b, bold...)
		b = append(b, separator...)
	}
	state := v.Words.Text(phaseWord(phase))
	b = append(b, state...)
	if word := statusWord(p.Status, state); word != "" {
		b = append(b, separator...)
		b = append(b, word...)
	}
	return b
}

// detailTime says when the program begins, ends or has ended, "" if it does
// not.
func detailTime(v *View, p *progressapi.Program) string {
	id, at := catalog.Ends, p.Ends
	switch {
	case isShowable(p.Starts) && p.Starts.After(v.Now):
		id, at = catalog.Starts, p.Starts
	case !isShowable(p.Ends):
		return ""
	case !p.Ends.After(v.Now):
		id = catalog.Ended
	}
	return v.Words.Text(id, stamp(at, styleFull), stamp(at, styleRelative))
}

func detailFields(v *View, p *progressapi.Program) []*discordgo.MessageEmbedField {
	fields := make([]*discordgo.MessageEmbedField, 0, 3)
	missing, owned := cardLists(v.Words, p)
	if missing != "" {
		fields = append(fields, &discordgo.MessageEmbedField{Name: v.Words.Text(catalog.FieldMissing), Value: missing, Inline: true})
	}
	if owned != "" {
		fields = append(fields, &discordgo.MessageEmbedField{Name: v.Words.Text(catalog.FieldCollected), Value: owned, Inline: true})
	}
	if reward := rewardText(v, p); reward != "" {
		fields = append(fields, &discordgo.MessageEmbedField{Name: v.Words.Text(catalog.FieldReward), Value: reward})
	}
	return fields
}

// detailComponents is one row of buttons. A program without an ID can not be
// asked for again.
func detailComponents(v *View, p *progressapi.Program, backPage int) []discordgo.MessageComponent {
	buttons := make([]discordgo.MessageComponent, 0, 4)
	if backPage >= 0 {
		buttons = append(buttons, v.button(catalog.ButtonBack, ActionBack, backPage, ""))
	}
	if ref := ProgramRef(p.ID); ref != "" {
		buttons = append(buttons, v.button(catalog.ButtonRefresh, ActionRefreshOne, backPage, ref))
		if v.mayShare() {
			buttons = append(buttons, v.button(catalog.ButtonShare, ActionShareOne, backPage, ref))
		}
	}
	if p.Reward.Claimable() && v.showsRewards() {
		if url := walletLink(v.WalletURL, v.Person.ID); url != "" {
			buttons = append(buttons, linkButton(v.Words.Text(catalog.ButtonClaim), url))
		}
	}
	if len(buttons) == 0 {
		return nil
	}
	return []discordgo.MessageComponent{discordgo.ActionsRow{Components: buttons}}
}
