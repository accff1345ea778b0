package embeds

import (
	"cmp"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
)

// The actions of the panels of /settings. Those that switch something carry
// in [Action.Page] what it is to become, 1 for on and 0 for off, so that a
// button that is pressed twice, or late, does what it said.
const (
	ActionSettings      = "set"
	ActionAnnouncements = "set-ann"
	ActionReplies       = "set-rep"
	ActionRewardRoles   = "set-roles"
	ActionReset         = "set-reset"
	ActionResetAll      = "set-reset-all"

	ActionSetOn         = "set-on"      // announcements
	ActionSetPing       = "set-ping"    // of the member
	ActionSetChannel    = "set-channel" // on a menu of channels
	ActionSetMilestones = "set-miles"   // on a menu of [Milestones] by name
	ActionEditMessage   = "set-msg"     // opens a form
	ActionSaveMessage   = "set-msg-save"
	ActionStandard      = "set-msg-std"
	ActionTest          = "set-test"

	ActionSetPublic   = "set-public"
	ActionSetOthers   = "set-others"
	ActionSetPictures = "set-pictures" // on a menu of [Pictures] by name

	ActionRewardRole = "set-role"      // the panel of the collection in [Action.Program]
	ActionPickReward = "set-role-pick" // on a menu of collections, by reference
	ActionGiveRole   = "set-role-give" // on a menu of roles, for [Action.Program] or any
	ActionDropRole   = "set-role-drop" // for [Action.Program] or any
	ActionRemoveRole = "set-role-rm"   // on a menu of collections, by reference or [AnyCollection]
)

// AnyCollection stands for all collections where a menu's value or an option
// names one. It is no [ProgramRef].
const AnyCollection = "*"

// Milestones are the steps before completion that a server announces, by the
// names that menus and options have for them.
type Milestones string

// The milestones there are.
const (
	MilestonesNone     Milestones = "none"
	MilestonesHalf     Milestones = "half"
	MilestonesQuarters Milestones = "quarters"
)

// Pictures are the replies that come with a drawn card, by the names that
// menus and options have for them.
type Pictures string

// The pictures there are.
const (
	PicturesAll  Pictures = "all"
	PicturesMost Pictures = "most" // all but a private overview
	PicturesNone Pictures = "none"
)

// ServerSettings are a server's settings as its panels show them.
type ServerSettings struct {
	Announcements bool
	Channel       string // ID, "" until chosen
	Milestones    Milestones
	// Template is the server's own message, "" for the bot's.
	Template   string
	PingMember bool

	PublicReplies  bool
	OthersViewable bool
	Pictures       Pictures // "" for PicturesMost

	RewardRoles []RewardRole
}

// RewardRole is a role that completing a collection earns.
type RewardRole struct {
	Program string // ID, "" for any collection
	Name    string // of the collection; hostile, "" if not known
	Role    string // ID
	Fault   RoleFault
}

// ChannelState is what is known about the channel for announcements.
type ChannelState struct {
	Unknown bool  // it could not be checked
	Gone    bool  // or hidden from the bot
	Missing int64 // permissions that the bot needs there and lacks
	// NoPictures says that the bot may attach no files there: what it posts
	// comes without the picture.
	NoPictures bool
}

// Sure reports whether it is known that announcements can be posted.
func (c ChannelState) Sure() bool { return c.ready() && !c.Unknown }

// ready reports whether announcements can be posted, as far as is known.
func (c ChannelState) ready() bool { return !c.Gone && c.Missing == 0 }

// SettingsView is the situation that a panel of /settings is built for. The
// panels are private, so its buttons are the manager's alone.
type SettingsView struct {
	Words *catalog.Words
	// ServerWords are those of the server's own language, in which it is
	// announced.
	ServerWords *catalog.Words
	Asker       string // Discord user ID of the manager
	Settings    ServerSettings
	Channel     ChannelState
	// Troubles are what announcements and reward roles wait for.
	Troubles []Trouble
	// Expired is when something was last given up that had waited for too
	// long; zero if nothing was lately.
	Expired time.Time
	// RewardCommand is the [CommandMention] of the command for one reward role.
	RewardCommand string
	// Note says what has just happened, in words that are fit to show.
	// Problem says that it is not what was asked for.
	Note    string
	Problem bool
}

// Settings is the overview: what is set, what is missing, what to do next.
func Settings(v SettingsView) Message {
	w := v.Words
	e := v.panel(w.Text(catalog.SettingsTitle), strings.TrimLeft(v.nextStep()+v.pictureHint()+v.waiting(), "\n"))
	e.Fields = []*discordgo.MessageEmbedField{
		{Name: w.Text(catalog.SettingsAnnouncements), Value: strings.Join(v.announcementLines(), "\n")},
		{Name: w.Text(catalog.SettingsReplies), Value: strings.Join(v.replyLines(), "\n")},
		{Name: w.Text(catalog.SettingsRewardRoles), Value: v.rewardLines(maxRolesGlance)},
	}
	if !v.Channel.ready() || v.roleFault() || len(v.Troubles) > 0 {
		e.Color = colorNote
	}
	return v.message(e, row(
		v.button(catalog.ButtonAnnouncements, ActionAnnouncements),
		v.button(catalog.ButtonReplies, ActionReplies),
		v.button(catalog.ButtonRewardRoles, ActionRewardRoles),
		v.button(catalog.ButtonReset, ActionReset),
	))
}

// nextStep says what a manager should do next.
func (v *SettingsView) nextStep() string {
	w, s := v.Words, &v.Settings
	switch {
	case s.Channel == "":
		return w.Text(catalog.SettingsNextChannel, w.Text(catalog.ButtonAnnouncements))
	case !v.Channel.ready():
		return v.channelFault()
	case !s.Announcements:
		return w.Text(catalog.SettingsNextTurnOn, ChannelMention(w, s.Channel), w.Text(catalog.ButtonAnnouncements))
	case v.roleFault():
		return w.Text(catalog.SettingsRolesStuck, w.Text(catalog.ButtonRewardRoles))
	case len(v.Troubles) > 0: // which waiting tells
		return ""
	default:
		return w.Text(catalog.SettingsAllSet)
	}
}

// pictureHint says, on a line of its own, what announcements do without that
// nothing else depends on.
func (v *SettingsView) pictureHint() string {
	if v.Settings.Channel == "" || !v.Channel.NoPictures || v.Settings.Pictures == PicturesNone {
		return ""
	}
	w := v.Words
	return "\n-# " + w.Text(catalog.SettingsNoPictures, ChannelMention(w, v.Settings.Channel), bold(PermissionNames(w, discordgo.PermissionAttachFiles)))
}

// waiting says, on lines of their own, what announcements and reward roles
// wait for, beside what the next step is about, and that some were given up.
func (v *SettingsView) waiting() string {
	lines := []string{""}
	for _, t := range v.Troubles {
		if (t == TroubleNoChannel || t == TroubleNoPermission) && !v.Channel.ready() {
			continue
		}
		lines = append(lines, "- "+TroubleText(v.Words, t, v.Settings.Channel))
	}
	if len(v.Troubles) > 0 {
		lines = append(lines, "-# "+v.Words.Text(catalog.SettingsKeptWaiting))
	}
	if isShowable(v.Expired) {
		lines = append(lines, v.Words.Text(catalog.SettingsExpired, stamp(v.Expired, styleRelative)))
	}
	return strings.Join(lines, "\n")
}

// channelFault says what keeps the bot from announcing, "" if nothing.
func (v *SettingsView) channelFault() string {
	return ChannelFault(v.Words, v.Settings.Channel, v.Channel)
}

// ChannelFault says what keeps the bot from announcing in a channel and how
// to fix it, "" if nothing is known to.
func ChannelFault(w *catalog.Words, channel string, c ChannelState) string {
	switch {
	case c.Gone:
		return w.Text(catalog.SettingsChannelGone, ChannelMention(w, channel))
	case c.Missing != 0:
		return w.Text(catalog.SettingsChannelMissing, ChannelMention(w, channel), bold(PermissionNames(w, c.Missing))) + "\n" +
			w.Text(catalog.SettingsPermissionPath)
	case c.Unknown:
		return w.Text(catalog.SettingsUnchecked, ChannelMention(w, channel))
	default:
		return ""
	}
}

func (v *SettingsView) announcementLines() []string {
	w, s := v.Words, &v.Settings
	lines := []string{v.stateLine()}
	lines = append(lines, w.Text(catalog.SettingsMilestones, w.Text(milestonesWord(s.Milestones))))
	if s.Template == "" {
		lines = append(lines, w.Text(catalog.SettingsStandard))
	} else {
		lines = append(lines, w.Text(catalog.SettingsOwn))
	}
	return append(lines, v.pingLine())
}

func (v *SettingsView) stateLine() string {
	w, s := v.Words, &v.Settings
	switch {
	case s.Channel == "":
		return w.Text(catalog.SettingsOff)
	case s.Announcements:
		return w.Text(catalog.SettingsOnIn, ChannelMention(w, s.Channel))
	default:
		return w.Text(catalog.SettingsOffIn, ChannelMention(w, s.Channel))
	}
}

func (v *SettingsView) pingLine() string {
	switch {
	case !TemplateOf(v.ServerWords, v.Settings.Template).Has(PlaceholderMember):
		return v.Words.Text(catalog.SettingsNoMention)
	case v.Settings.PingMember:
		return v.Words.Text(catalog.SettingsPing)
	default:
		return v.Words.Text(catalog.SettingsNoPing)
	}
}

func (v *SettingsView) replyLines() []string {
	pick := func(yes bool, on, off catalog.Key) string {
		if yes {
			return v.Words.Text(on)
		}
		return v.Words.Text(off)
	}
	return []string{
		pick(v.Settings.PublicReplies, catalog.SettingsPublic, catalog.SettingsPrivate),
		pick(v.Settings.OthersViewable, catalog.SettingsOthers, catalog.SettingsNoOthers),
		v.Words.Text(catalog.SettingsPictures, v.Words.Text(picturesWord(v.Settings.Pictures))),
	}
}

// ReplySettings is the panel on who sees replies, and who may look at whom.
func ReplySettings(v SettingsView) Message {
	s := &v.Settings
	e := v.panel(v.Words.Text(catalog.SettingsReplies), v.Words.Text(catalog.SettingsRepliesNote))
	for _, line := range v.replyLines() {
		e.Description += "\n- " + line
	}
	e.Description += "\n-# " + v.Words.Text(catalog.SettingsBoardNote)
	return v.message(e,
		row(
			v.toggle(s.PublicReplies, catalog.ButtonPublicOn, catalog.ButtonPublicOff, ActionSetPublic),
			v.toggle(s.OthersViewable, catalog.ButtonOthersOn, catalog.ButtonOthersOff, ActionSetOthers),
		),
		row(v.picturesMenu()),
		row(v.button(catalog.ButtonBack, ActionSettings)),
	)
}

func (v *SettingsView) picturesMenu() discordgo.SelectMenu {
	var choices []choice
	for _, p := range []Pictures{PicturesAll, PicturesMost, PicturesNone} {
		choices = append(choices, choice{string(p), picturesWord(p), picturesAbout(p)})
	}
	return choiceMenu(v.Words, v.id(ActionSetPictures, 0, ""), catalog.MenuPictures, catalog.SettingsPictures,
		choices, string(cmp.Or(v.Settings.Pictures, PicturesMost)))
}

func picturesWord(p Pictures) catalog.Key {
	switch p {
	case PicturesAll:
		return catalog.ChoicePicturesAll
	case PicturesNone:
		return catalog.ChoicePicturesNone
	default:
		return catalog.ChoicePicturesMost
	}
}

func picturesAbout(p Pictures) catalog.Key {
	switch p {
	case PicturesAll:
		return catalog.ChoicePicturesAllAbout
	case PicturesNone:
		return catalog.ChoicePicturesNoneAbout
	default:
		return catalog.ChoicePicturesMostAbout
	}
}

// panel begins a panel: the note on what happened, then what it is about.
func (v *SettingsView) panel(title, about string) *discordgo.MessageEmbed {
	e := &discordgo.MessageEmbed{Title: title, Description: about, Color: colorRunning}
	if v.Note != "" {
		e.Description = v.Note + "\n\n" + about
		e.Color = colorCompleted
	}
	if v.Problem {
		e.Color = colorNote
	}
	return e
}

func (v *SettingsView) message(e *discordgo.MessageEmbed, rows ...discordgo.MessageComponent) Message {
	return Message{Embeds: []*discordgo.MessageEmbed{e}, Components: rows}
}

func (v *SettingsView) button(label catalog.Key, action string) discordgo.Button {
	return discordgo.Button{Label: v.Words.Text(label), Style: discordgo.SecondaryButton, CustomID: v.id(action, 0, "")}
}

// toggle is a button that says what it will do: turn on what is off, and
// the other way round.
func (v *SettingsView) toggle(isOn bool, on, off catalog.Key, action string) discordgo.Button {
	label, page := on, 1
	if isOn {
		label, page = off, 0
	}
	return discordgo.Button{Label: v.Words.Text(label), Style: discordgo.SecondaryButton, CustomID: v.id(action, page, "")}
}

func (v *SettingsView) id(action string, page int, program string) string {
	return Action{Name: action, Owner: v.Asker, Page: page, Program: program}.Encode()
}

func milestonesWord(m Milestones) catalog.Key {
	switch m {
	case MilestonesHalf:
		return catalog.ChoiceMilestonesHalf
	case MilestonesQuarters:
		return catalog.ChoiceMilestonesQuarters
	default:
		return catalog.ChoiceMilestonesNone
	}
}

// ChannelMention is a link to a channel, which Discord shows by its name; for
// what is no ID, words that stand for the channel for announcements.
func ChannelMention(w *catalog.Words, id string) string {
	if !isSnowflake(id) {
		return w.Text(catalog.TroubleSomeChannel)
	}
	return "<#" + id + ">"
}

// RoleMention shows a role by its name. In an embed it pings nobody.
func RoleMention(id string) string {
	if !isSnowflake(id) {
		return "?"
	}
	return "<@&" + id + ">"
}

func bold(s string) string { return "**" + s + "**" }
