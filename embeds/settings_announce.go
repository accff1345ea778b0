package embeds

import (
	"strings"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
)

// MessageInput is the custom ID of the input in [MessageForm].
const MessageInput = "message"

// AnnouncementSettings is the panel on where, when and how completions are
// announced. sample is what the preview shows in place of a member's own.
func AnnouncementSettings(v SettingsView, sample TemplateValues) Message {
	w, s := v.Words, &v.Settings
	about := v.stateLine()
	if fault := v.channelFault(); v.Settings.Channel != "" && fault != "" && !strings.Contains(v.Note, fault) {
		about += "\n" + fault
	}
	e := v.panel(w.Text(catalog.SettingsAnnouncements), about+v.pictureHint()+"\n-# "+w.Text(catalog.SettingsConsentNote))
	if s.Channel != "" && !v.Channel.ready() {
		e.Color = colorNote
	}
	e.Fields = []*discordgo.MessageEmbedField{
		{Name: w.Text(catalog.SettingsMilestonesName), Value: w.Text(milestonesAbout(s.Milestones))},
		{Name: w.Text(catalog.SettingsMention), Value: v.pingLine()},
	}
	m := v.message(e, row(v.channelMenu()), row(v.milestonesMenu()), discordgo.ActionsRow{Components: v.announcementButtons()},
		row(v.button(catalog.ButtonBack, ActionSettings)))
	m.Embeds = append(m.Embeds, v.preview(sample))
	return m
}

func (v *SettingsView) channelMenu() discordgo.SelectMenu {
	m := discordgo.SelectMenu{
		MenuType:     discordgo.ChannelSelectMenu,
		CustomID:     v.id(ActionSetChannel, 0, ""),
		Placeholder:  v.Words.Text(catalog.MenuChannel),
		ChannelTypes: AnnouncementChannels(),
	}
	if isSnowflake(v.Settings.Channel) && !v.Channel.Gone {
		m.DefaultValues = []discordgo.SelectMenuDefaultValue{{ID: v.Settings.Channel, Type: discordgo.SelectMenuDefaultValueChannel}}
	}
	return m
}

// AnnouncementChannels are the types of channels that announcements can go
// to.
func AnnouncementChannels() []discordgo.ChannelType {
	return []discordgo.ChannelType{discordgo.ChannelTypeGuildText, discordgo.ChannelTypeGuildNews}
}

func (v *SettingsView) milestonesMenu() discordgo.SelectMenu {
	var choices []choice
	for _, m := range []Milestones{MilestonesNone, MilestonesHalf, MilestonesQuarters} {
		choices = append(choices, choice{string(m), milestonesWord(m), milestonesAbout(m)})
	}
	return choiceMenu(v.Words, v.id(ActionSetMilestones, 0, ""), catalog.MenuMilestones, catalog.SettingsMilestones,
		choices, string(v.Settings.Milestones))
}

func milestonesAbout(m Milestones) catalog.Key {
	switch m {
	case MilestonesHalf:
		return catalog.ChoiceMilestonesHalfAbout
	case MilestonesQuarters:
		return catalog.ChoiceMilestonesQuartersAbout
	default:
		return catalog.ChoiceMilestonesNoneAbout
	}
}

// announcementButtons has Turn on in the accent colour once a channel is
// chosen: it is then what is left to do.
func (v *SettingsView) announcementButtons() []discordgo.MessageComponent {
	s := &v.Settings
	on := v.toggle(s.Announcements, catalog.ButtonTurnOn, catalog.ButtonTurnOff, ActionSetOn)
	test := v.button(catalog.ButtonTest, ActionTest)
	on.Disabled, test.Disabled = s.Channel == "", s.Channel == ""
	if !s.Announcements && s.Channel != "" {
		on.Style = discordgo.PrimaryButton
	}
	buttons := []discordgo.MessageComponent{
		on,
		v.button(catalog.ButtonEditMessage, ActionEditMessage),
		v.toggle(s.PingMember, catalog.ButtonPingOn, catalog.ButtonPingOff, ActionSetPing),
		test,
	}
	if s.Template != "" {
		buttons = append(buttons, v.button(catalog.ButtonStandard, ActionStandard))
	}
	return buttons
}

// preview shows the message as it would be, and which placeholders it may
// hold.
func (v *SettingsView) preview(sample TemplateValues) *discordgo.MessageEmbed {
	w := v.Words
	t := TemplateOf(v.ServerWords, v.Settings.Template)
	e := &discordgo.MessageEmbed{
		Author:      &discordgo.MessageEmbedAuthor{Name: w.Text(catalog.SettingsPreview)},
		Description: t.Render(v.ServerWords, sample),
		Color:       colorNotStarted,
		Footer:      &discordgo.MessageEmbedFooter{Text: w.Text(catalog.SettingsPlaceholders, placeholderList())},
	}
	return e
}

// TemplateOf is a server's own template, or the bot's if it has none or one
// that cannot be read any more.
func TemplateOf(w *catalog.Words, source string) Template {
	if t, err := ParseTemplate(source); err == nil {
		return t
	}
	return DefaultTemplate(w)
}

// Sample is what previews and tests show for the member in place of their
// own progress. collection and server may be hostile, or "" if not known.
func Sample(w *catalog.Words, member, collection string, size int, server string) TemplateValues {
	if collection == "" {
		collection = w.Text(catalog.SampleCollection)
	}
	if size <= 0 {
		size = 30
	}
	return TemplateValues{
		Member: member, Collection: collection, Count: size, Size: size,
		Reward: w.Text(catalog.SampleReward), Server: server,
	}
}

// MessageForm asks for the message of announcements. current is the one to
// begin with.
func MessageForm(w *catalog.Words, current string) Form {
	return Form{
		Title: Plain(w.Text(catalog.FormMessage), limitFormTitle),
		Components: []discordgo.MessageComponent{formLabel{
			label:       Plain(w.Text(catalog.FormMessageLabel), limitFormLabel),
			description: Plain(placeholderList(), limitFormDescription),
			input:       formText{CustomID: MessageInput, Value: cutUnits(current, LimitTemplate), MaxLength: LimitTemplate},
		}},
	}
}

// MessageRefused says why a message cannot be used, and shows what was typed
// so that nothing of it is lost.
func MessageRefused(v SettingsView, typed, why string) Message {
	return v.notKept(v.Words.Text(catalog.MessageRefused), typed, why)
}

// MessageUnsaved says that a message could not be saved, and shows what was
// typed.
func MessageUnsaved(v SettingsView, typed string) Message {
	return v.notKept(v.Words.Text(catalog.ProblemUnsaved), typed, v.Words.Text(catalog.ProblemUnsavedText))
}

func (v *SettingsView) notKept(title, typed, why string) Message {
	w := v.Words
	e := &discordgo.MessageEmbed{
		Title:       title,
		Description: why + "\n\n" + w.Text(catalog.MessageTyped) + "\n" + codeBlock(typed),
		Color:       colorNote,
		Footer:      &discordgo.MessageEmbedFooter{Text: w.Text(catalog.SettingsPlaceholders, placeholderList())},
	}
	again := v.button(catalog.ButtonEditAgain, ActionEditMessage)
	again.Style = discordgo.PrimaryButton
	return v.message(e, row(again, v.button(catalog.ButtonBack, ActionAnnouncements)))
}

// codeBlock shows s as it was typed. Nothing in it can end the block.
func codeBlock(s string) string {
	s = cutUnits(string(appendClean(nil, s, true, 16*LimitTemplate)), LimitTemplate)
	return "```\n" + strings.ReplaceAll(s, "```", "'''") + "\n```"
}

// MessageLink leads to a message in a server.
func MessageLink(w *catalog.Words, server, channel, message string) string {
	if !isSnowflake(server) || !isSnowflake(channel) || !isSnowflake(message) {
		return ""
	}
	return "[" + w.Text(catalog.TestSeeIt) + "](https://discord.com/channels/" + server + "/" + channel + "/" + message + ")"
}

// TestAnnouncement is what an announcement would look like, marked in its
// first line as the test that it is. asker is who wanted it.
func TestAnnouncement(w *catalog.Words, text, asker string) Message {
	return Message{Content: "-# " + w.Text(catalog.TestNote, mention(w, asker)) + "\n" + text}
}
