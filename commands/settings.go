package commands

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot/store"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// Names of the command, its subcommands and their options.
const (
	settingsCommand       = "settings"
	settingsShow          = settingsCommand + " show"
	settingsAnnouncements = settingsCommand + " announcements"
	settingsReplies       = settingsCommand + " replies"
	settingsReward        = settingsCommand + " reward-role"
	settingsReset         = settingsCommand + " reset"

	channelOption    = "channel"
	enabledOption    = "enabled"
	milestonesOption = "milestones"
	pingOption       = "ping"
	messageOption    = "message"
	publicOption     = "public"
	othersOption     = "others"
	picturesOption   = "pictures"
	roleOption       = "role"
	removeOption     = "remove"
)

// settings is everything about seeing and changing a server's settings. Its
// panels are private, carry all they need in their buttons, and show what is
// stored, not what was asked for.
type settings struct {
	Deps
	servers   *servers
	cooldowns *cooldowns
	drafts    *drafts
	suggest   Suggester
}

func newSettings(d Deps, s *servers, p *progress) *settings {
	return &settings{Deps: d, servers: s, cooldowns: newCooldowns(), drafts: newDrafts(), suggest: p.suggest}
}

// command is /settings.
func (s *settings) command() Command {
	d := s.definition()
	return Command{
		Definition: d,
		Policy:     Policy{Guild: true, Permission: *d.DefaultMemberPermissions},
		Handle: map[string]Handler{
			settingsShow:          s.show,
			settingsAnnouncements: s.announcements,
			settingsReplies:       s.replies,
			settingsReward:        s.reward,
			settingsReset:         s.confirmReset,
		},
		Suggest: s.suggest,
		Actions: s.actions(),
	}
}

func (s *settings) definition() *discordgo.ApplicationCommand {
	d := inServers(slashCommand(catalog.CommandSettings, catalog.CommandSettingsAbout,
		subcommand(catalog.CommandSettingsShow, catalog.CommandSettingsShowAbout),
		s.announcementsOption(),
		s.repliesOption(),
		s.rewardOption(),
		subcommand(catalog.CommandSettingsReset, catalog.CommandSettingsResetAbout),
	))
	permission := int64(discordgo.PermissionManageGuild)
	d.DefaultMemberPermissions = &permission
	return d
}

// actions are what the buttons, menus and forms of the panels do.
func (s *settings) actions() map[string]Action {
	return map[string]Action{
		embeds.ActionSettings:      {Handle: handler(s.show), Replace: true},
		embeds.ActionAnnouncements: {Handle: handler(s.announcementsPanel), Replace: true},
		embeds.ActionReplies:       {Handle: handler(s.repliesPanel), Replace: true},
		embeds.ActionRewardRoles:   {Handle: handler(s.rewardsPanel), Replace: true},
		embeds.ActionReset:         {Handle: handler(s.confirmReset), Replace: true},
		embeds.ActionResetAll:      {Handle: handler(s.resetAll)},

		embeds.ActionSetOn:         {Handle: s.setOn},
		embeds.ActionSetPing:       {Handle: s.setPing},
		embeds.ActionSetChannel:    {Handle: s.setChannel},
		embeds.ActionSetMilestones: {Handle: s.setMilestones},
		embeds.ActionEditMessage:   {Handle: handler(s.editMessage), Modal: true},
		embeds.ActionSaveMessage:   {Handle: handler(s.saveMessage)},
		embeds.ActionStandard:      {Handle: handler(s.standardMessage)},
		embeds.ActionTest:          {Handle: handler(s.test)},

		embeds.ActionSetPublic:   {Handle: s.setPublic},
		embeds.ActionSetOthers:   {Handle: s.setOthers},
		embeds.ActionSetPictures: {Handle: s.setPictures},

		embeds.ActionRewardRole: {Handle: s.rewardPanel, Replace: true},
		embeds.ActionPickReward: {Handle: s.pickReward},
		embeds.ActionGiveRole:   {Handle: s.giveRole},
		embeds.ActionDropRole:   {Handle: s.dropRole},
		embeds.ActionRemoveRole: {Handle: s.removeRole},
	}
}

// show is the overview.
func (s *settings) show(ctx context.Context, r Request) (Reply, error) {
	got, err := s.servers.get(ctx, r.Guild)
	if err != nil {
		return Reply{}, again(&r, embeds.ActionSettings, err)
	}
	v := s.view(&r, got)
	v.Channel = s.channelState(ctx, &r, got.Channel)
	s.inspectRoles(ctx, &r, &v)
	if roles := v.Settings.RewardRoles; len(roles) > 0 {
		nameCollections(roles, s.own(ctx, &r))
	}
	return panel(&r, embeds.Settings(v)), nil
}

// view is what the panels show of settings, as far as the store knows it.
func (s *settings) view(r *Request, from store.Settings) embeds.SettingsView {
	return embeds.SettingsView{
		Words:       catalog.For(r.Locale),
		ServerWords: catalog.For(r.GuildLocale),
		Asker:       r.User.ID,
		Settings: embeds.ServerSettings{
			Announcements:  from.Announcements,
			Channel:        from.Channel,
			Milestones:     milestonesShown(from.Milestones),
			Template:       from.Template,
			PingMember:     from.PingMember,
			PublicReplies:  from.PublicReplies,
			OthersViewable: from.OthersViewable,
			Pictures:       picturesShown(from.Pictures),
			RewardRoles:    rewardRoles(from.RewardRoles),
		},
		Troubles:      troublesShown(from.Troubles()),
		Expired:       s.lastExpired(from.Troubles()),
		RewardCommand: s.Mentions.Of(settingsReward),
	}
}

// rewardRoles lists reward roles, that for any collection first.
func rewardRoles(roles map[string]string) []embeds.RewardRole {
	list := make([]embeds.RewardRole, 0, len(roles))
	for program, role := range roles {
		list = append(list, embeds.RewardRole{Program: program, Role: role})
	}
	slices.SortFunc(list, func(a, b embeds.RewardRole) int { return cmp.Compare(a.Program, b.Program) })
	return list
}

// troublesShown says which troubles still hold something up.
func troublesShown(from []store.Trouble) []embeds.Trouble {
	var waiting []embeds.Trouble
	for _, t := range from {
		if !t.Since.IsZero() {
			waiting = append(waiting, embeds.Trouble(t.Hindrance))
		}
	}
	return waiting
}

// lastExpired is when something last waited for too long, zero if the ledger
// does not know of it any more.
func (s *settings) lastExpired(from []store.Trouble) time.Time {
	var last time.Time
	for _, t := range from {
		if t.Expired.After(last) && s.Now().Sub(t.Expired) <= store.RefusedRetention {
			last = t.Expired
		}
	}
	return last
}

// channelState asks Discord what the bot can do in a channel.
func (s *settings) channelState(ctx context.Context, r *Request, channel string) embeds.ChannelState {
	if channel == "" {
		return embeds.ChannelState{}
	}
	ctx, cancel := context.WithTimeout(ctx, discordWithin)
	defer cancel()
	permissions, err := s.Guilds.BotPermissions(ctx, r.Guild, channel)
	switch {
	case errors.Is(err, ErrNoChannel):
		return embeds.ChannelState{Gone: true}
	case err != nil && channel == r.Channel && r.AppPermissions != 0:
		permissions = r.AppPermissions // Discord has told them with the request.
	case err != nil:
		return embeds.ChannelState{Unknown: true}
	}
	if permissions&discordgo.PermissionAdministrator != 0 {
		return embeds.ChannelState{}
	}
	return embeds.ChannelState{
		Missing:    embeds.AnnouncePermissions &^ permissions,
		NoPictures: s.Painter != nil && permissions&discordgo.PermissionAttachFiles == 0,
	}
}

// guild asks Discord about the server.
func (s *settings) guild(ctx context.Context, r *Request) (GuildInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, discordWithin)
	defer cancel()
	return s.Guilds.Guild(ctx, r.Guild)
}

// inspectRoles finds out which of the reward roles the bot cannot give.
func (s *settings) inspectRoles(ctx context.Context, r *Request, v *embeds.SettingsView) {
	roles := v.Settings.RewardRoles
	if len(roles) == 0 {
		return
	}
	g, err := s.guild(ctx, r)
	for i := range roles {
		roles[i].Fault = embeds.RoleUnchecked
		if err == nil {
			roles[i].Fault = g.rewardFault(roles[i].Role)
		}
	}
}

// nameCollections names the collections that have a role of their own, as
// far as the manager collects them, too.
func nameCollections(roles []embeds.RewardRole, programs []progressapi.Program) {
	for i := range roles {
		roles[i].Name = nameOf(programs, roles[i].Program)
	}
}

// own lists the manager's own programs, as far as they are at hand.
func (s *settings) own(ctx context.Context, r *Request) []progressapi.Program {
	snapshot, _ := s.Progress.Peek(ctx, r.User.ID)
	return embeds.Rank(snapshot.Programs, s.Now())
}

func nameOf(programs []progressapi.Program, id string) string {
	for i := range programs {
		if programs[i].ID == id {
			return programs[i].Name
		}
	}
	return ""
}

func milestonesShown(m store.Milestones) embeds.Milestones {
	switch m {
	case store.HalfWay:
		return embeds.MilestonesHalf
	case store.Quarters:
		return embeds.MilestonesQuarters
	default:
		return embeds.MilestonesNone
	}
}

// milestonesNamed reads the value of a menu or an option.
func milestonesNamed(s string) (store.Milestones, bool) {
	switch embeds.Milestones(s) {
	case embeds.MilestonesNone:
		return store.NoMilestones, true
	case embeds.MilestonesHalf:
		return store.HalfWay, true
	case embeds.MilestonesQuarters:
		return store.Quarters, true
	default:
		return 0, false
	}
}

// confirmReset asks before everything goes back to its default.
func (s *settings) confirmReset(ctx context.Context, r Request) (Reply, error) {
	got, err := s.servers.get(ctx, r.Guild)
	if err != nil {
		return Reply{}, again(&r, embeds.ActionReset, err)
	}
	return panel(&r, embeds.ConfirmReset(s.view(&r, got))), nil
}

// resetAll puts everything back to its default and says what was set.
func (s *settings) resetAll(ctx context.Context, r Request) (Reply, error) {
	before, err := s.servers.get(ctx, r.Guild)
	if err != nil {
		return Reply{}, again(&r, embeds.ActionReset, err)
	}
	_, err = s.servers.reset(ctx, r.Guild)
	if err := s.saved(err); err != nil {
		return Reply{}, again(&r, embeds.ActionReset, err)
	}
	s.drafts.drop(&r)
	return panel(&r, embeds.ResetDone(s.view(&r, before))), nil
}
