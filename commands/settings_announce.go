package commands

import (
	"context"
	"errors"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot/store"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
)

// testEvery is how often a server may have a test message.
const testEvery = 10 * time.Second

// errMoved stops a change that was decided on settings that have changed
// meanwhile.
var errMoved = errors.New("the settings were changed by somebody else")

// announcementsOption is /settings announcements.
func (s *settings) announcementsOption() *discordgo.ApplicationCommandOption {
	channel := optionOf(discordgo.ApplicationCommandOptionChannel, catalog.CommandSettingsChannel, catalog.CommandSettingsChannelAbout)
	channel.ChannelTypes = embeds.AnnouncementChannels()
	milestones := optionOf(discordgo.ApplicationCommandOptionString, catalog.CommandSettingsMilestones, catalog.CommandSettingsMilestonesAbout)
	milestones.Choices = []*discordgo.ApplicationCommandOptionChoice{
		choiceOf(catalog.ChoiceMilestonesNone, string(embeds.MilestonesNone)),
		choiceOf(catalog.ChoiceMilestonesHalf, string(embeds.MilestonesHalf)),
		choiceOf(catalog.ChoiceMilestonesQuarters, string(embeds.MilestonesQuarters)),
	}
	message := optionOf(discordgo.ApplicationCommandOptionString, catalog.CommandSettingsMessage, catalog.CommandSettingsMessageAbout)
	message.MaxLength = embeds.LimitTemplate
	return subcommand(catalog.CommandSettingsAnnounce, catalog.CommandSettingsAnnounceAbout,
		channel,
		optionOf(discordgo.ApplicationCommandOptionBoolean, catalog.CommandSettingsEnabled, catalog.CommandSettingsEnabledAbout),
		milestones,
		optionOf(discordgo.ApplicationCommandOptionBoolean, catalog.CommandSettingsPing, catalog.CommandSettingsPingAbout),
		message,
	)
}

// announceChange is what is to change about announcements; nil stays.
type announceChange struct {
	channel    *string
	on         *bool
	milestones *store.Milestones
	ping       *bool
	template   *string
}

// announcements changes what was given, or shows the panel.
func (s *settings) announcements(ctx context.Context, r Request) (Reply, error) {
	var c announceChange
	if o, ok := r.Options[channelOption]; ok && o.Text != "" {
		c.channel = &o.Text
	}
	c.on, c.ping = given(&r, enabledOption), given(&r, pingOption)
	if o, ok := r.Options[milestonesOption]; ok {
		m, known := milestonesNamed(o.Text)
		if !known {
			return Reply{}, errUnknown
		}
		c.milestones = &m
	}
	if o, ok := r.Options[messageOption]; ok {
		source, refusal := s.template(&r, o.Text)
		if refusal != "" {
			if c != (announceChange{}) {
				refusal += "\n" + catalog.For(r.Locale).Text(catalog.MessageNothing)
			}
			return s.refuseMessage(&r, o.Text, refusal), nil
		}
		c.template = &source
		return s.changeMessage(ctx, &r, o.Text, c)
	}
	if c == (announceChange{}) {
		return s.announcementsPanel(ctx, r)
	}
	return s.changeAnnouncements(ctx, &r, c)
}

func (s *settings) announcementsPanel(ctx context.Context, r Request) (Reply, error) {
	got, err := s.servers.get(ctx, r.Guild)
	if err != nil {
		return Reply{}, again(&r, embeds.ActionAnnouncements, err)
	}
	v := s.view(&r, got)
	v.Channel = s.channelState(ctx, &r, got.Channel)
	return s.announcePanel(ctx, &r, v), nil
}

// announcePanel shows the panel with a preview, which is for the manager's eyes
// alone: it is of a collection of their own where there is one.
func (s *settings) announcePanel(ctx context.Context, r *Request, v embeds.SettingsView) Reply {
	name, size := "", 0
	if own := s.own(ctx, r); len(own) > 0 {
		name, size = own[0].Name, own[0].Size
	}
	return panel(r, embeds.AnnouncementSettings(v, s.sample(ctx, r, &v, name, size)))
}

// sample is what a message is filled in with to show what it looks like; the
// collection may be "" for one that is made up.
func (s *settings) sample(ctx context.Context, r *Request, v *embeds.SettingsView, collection string, size int) embeds.TemplateValues {
	server := ""
	if embeds.TemplateOf(v.ServerWords, v.Settings.Template).Has(embeds.PlaceholderServer) {
		if g, err := s.guild(ctx, r); err == nil {
			server = g.Name
		}
	}
	return embeds.Sample(v.ServerWords, r.User.ID, collection, size, server)
}

func (s *settings) setOn(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	return s.changeAnnouncements(ctx, &r, announceChange{on: flag(a)})
}

func (s *settings) setPing(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	return s.changeAnnouncements(ctx, &r, announceChange{ping: flag(a)})
}

func (s *settings) setChannel(ctx context.Context, r Request, _ embeds.Action) (Reply, error) {
	if len(r.Values) != 1 {
		return Reply{}, errUnknown
	}
	return s.changeAnnouncements(ctx, &r, announceChange{channel: &r.Values[0]})
}

func (s *settings) setMilestones(ctx context.Context, r Request, _ embeds.Action) (Reply, error) {
	if len(r.Values) != 1 {
		return Reply{}, errUnknown
	}
	m, known := milestonesNamed(r.Values[0])
	if !known {
		return Reply{}, errUnknown
	}
	return s.changeAnnouncements(ctx, &r, announceChange{milestones: &m})
}

func (s *settings) standardMessage(ctx context.Context, r Request) (Reply, error) {
	s.drafts.drop(&r)
	standard := ""
	return s.changeAnnouncements(ctx, &r, announceChange{template: &standard})
}

// changeAnnouncements stores a change and shows what has become of it.
func (s *settings) changeAnnouncements(ctx context.Context, r *Request, c announceChange) (Reply, error) {
	p, got, err := s.storeAnnouncements(ctx, r, c)
	if err := s.saved(err); err != nil {
		return Reply{}, again(r, embeds.ActionAnnouncements, err)
	}
	if p.mends() {
		s.servers.wake(ctx, r.Guild)
	}
	v := s.view(r, got)
	v.Channel = p.state
	if p.channel != got.Channel {
		v.Channel = s.channelState(ctx, r, got.Channel)
	}
	v.Note, v.Problem = p.note(&v, c), p.refused || p.faulty
	return s.announcePanel(ctx, r, v), nil
}

// storeAnnouncements decides what of a change can be, and stores that.
// Somebody else may change the settings between the two; then it decides
// again.
func (s *settings) storeAnnouncements(ctx context.Context, r *Request, c announceChange) (announcePlan, store.Settings, error) {
	for {
		before, err := s.servers.get(ctx, r.Guild)
		if err != nil {
			return announcePlan{}, before, err
		}
		p := s.plan(ctx, r, before, c)
		got, err := s.servers.change(ctx, r.Guild, func(st *store.Settings) error {
			if st.Channel != before.Channel || st.Announcements != before.Announcements {
				return errMoved
			}
			st.Announcements = p.on
			set(&st.Channel, p.store)
			set(&st.Milestones, c.milestones)
			set(&st.PingMember, c.ping)
			set(&st.Template, c.template)
			return nil
		})
		if !errors.Is(err, errMoved) || ctx.Err() != nil {
			return p, got, err
		}
	}
}

// announcePlan is what is to be done about a change of channel or switch.
type announcePlan struct {
	channel string              // the one in question
	state   embeds.ChannelState // of it
	on      bool                // what the switch becomes
	store   *string             // the channel to store, nil to leave it
	refused bool                // not all that was wanted can be
	faulty  bool                // it can, but there is something to fix
}

// plan decides: announcements go on only where it is known that they can be
// posted, and are not moved to where they cannot. While they are off, any
// channel of the server can be chosen.
func (s *settings) plan(ctx context.Context, r *Request, before store.Settings, c announceChange) announcePlan {
	p := announcePlan{channel: before.Channel, store: c.channel}
	set(&p.channel, c.channel)
	wanted := before.Announcements
	set(&wanted, c.on)
	p.state = s.channelState(ctx, r, p.channel)
	ready := p.channel != "" && p.state.Sure()
	changes := c.channel != nil || c.on != nil && *c.on && !before.Announcements
	switch {
	case wanted && !ready && changes:
		p.refused, wanted = true, before.Announcements
		if before.Announcements || p.state.Gone {
			p.store = nil
		}
	case c.channel != nil && p.state.Gone:
		p.refused, p.store = true, nil
	case c.channel != nil && !ready:
		p.faulty = true
	}
	p.on = wanted
	return p
}

// mends reports whether what hindered announcements may be gone.
func (p announcePlan) mends() bool { return p.on && !p.refused && p.state.Sure() }

// note says what has become of a change.
func (p announcePlan) note(v *embeds.SettingsView, c announceChange) string {
	w := v.Words
	channel := embeds.ChannelMention(w, p.channel)
	fault := embeds.ChannelFault(w, p.channel, p.state)
	if p.channel == "" {
		fault = w.Text(catalog.SettingsPickChannel)
	}
	var text string
	switch {
	case p.refused:
		text = p.kept(v, c)
	case c.on != nil && *c.on && (p.state.Gone || p.state.Missing != 0):
		text = w.Text(catalog.SettingsSavedStuck)
	case c.on != nil && *c.on:
		return w.Text(catalog.SettingsSavedOn, channel)
	case c.on != nil && c.channel == nil:
		return w.Text(catalog.SettingsSavedOff)
	case c.channel != nil && !v.Settings.Announcements:
		text = w.Text(catalog.SettingsSavedTarget, channel)
	case c.channel != nil:
		text = w.Text(catalog.SettingsSavedChannel, channel)
	case c.template != nil && *c.template == "":
		return w.Text(catalog.SettingsSavedStandard)
	case c.template != nil:
		return w.Text(catalog.SettingsSavedMessage)
	default:
		return w.Text(catalog.SettingsSaved)
	}
	if fault != "" {
		text += "\n" + fault
	}
	return text
}

// kept says what has stayed as it was, where not all that was wanted can be.
func (p announcePlan) kept(v *embeds.SettingsView, c announceChange) string {
	w := v.Words
	text := w.Text(catalog.SettingsKeptOff)
	switch {
	case v.Settings.Announcements:
		text = w.Text(catalog.SettingsKeptChannel, embeds.ChannelMention(w, v.Settings.Channel))
	case c.on != nil && !*c.on:
		text = w.Text(catalog.SettingsSavedOff)
	}
	if p.store != nil || c.milestones != nil || c.ping != nil || c.template != nil {
		text += " " + w.Text(catalog.SettingsSavedRest)
	}
	return text
}

// editMessage opens the form with the message as it is, or as it was last
// written if that could not be saved.
func (s *settings) editMessage(ctx context.Context, r Request) (Reply, error) {
	current := s.drafts.of(&r)
	if current == "" {
		got, err := s.servers.get(ctx, r.Guild)
		if err != nil {
			return Reply{}, again(&r, embeds.ActionAnnouncements, err)
		}
		current = got.Template
	}
	if current == "" {
		current = embeds.DefaultTemplate(catalog.For(r.GuildLocale)).String()
	}
	form := embeds.MessageForm(catalog.For(r.Locale), current)
	return Reply{Modal: &Modal{
		CustomID:   embeds.Action{Name: embeds.ActionSaveMessage, Owner: r.User.ID}.Encode(),
		Title:      form.Title,
		Components: form.Components,
	}}, nil
}

// saveMessage stores what was written in the form. What cannot be stored is
// shown, so that it is not lost.
func (s *settings) saveMessage(ctx context.Context, r Request) (Reply, error) {
	typed := r.Fields[embeds.MessageInput]
	source, refusal := s.template(&r, typed)
	if refusal != "" {
		return s.refuseMessage(&r, typed, refusal), nil
	}
	return s.changeMessage(ctx, &r, typed, announceChange{template: &source})
}

// changeMessage is changeAnnouncements for a change of the message, among
// others: when it fails, what was typed comes back.
func (s *settings) changeMessage(ctx context.Context, r *Request, typed string, c announceChange) (Reply, error) {
	reply, err := s.changeAnnouncements(ctx, r, c)
	if err != nil {
		s.drafts.keep(r, typed)
		return Reply{}, &told{err, panel(r, embeds.MessageUnsaved(messageView(r), typed))}
	}
	s.drafts.drop(r)
	return reply, nil
}

// template reads a message as it is to be stored, or says in words why it
// cannot be. The bot's own is stored as none, so that it changes with the
// server's language.
func (s *settings) template(r *Request, typed string) (source, refusal string) {
	t, err := embeds.ParseTemplate(typed)
	if fault, ok := errors.AsType[*embeds.TemplateError](err); ok {
		return "", embeds.TemplateProblem(catalog.For(r.Locale), fault)
	}
	if t.String() == embeds.DefaultTemplate(catalog.For(r.GuildLocale)).String() {
		return "", ""
	}
	return t.String(), ""
}

func (s *settings) refuseMessage(r *Request, typed, why string) Reply {
	s.drafts.keep(r, typed)
	return panel(r, embeds.MessageRefused(messageView(r), typed, why))
}

// messageView is what is shown of a message that was not saved.
func messageView(r *Request) embeds.SettingsView {
	return embeds.SettingsView{Words: catalog.For(r.Locale), Asker: r.User.ID}
}

// test posts what an announcement would look like. Everyone reads it, so it
// tells nothing of the manager's own.
func (s *settings) test(ctx context.Context, r Request) (Reply, error) {
	got, err := s.servers.get(ctx, r.Guild)
	if err != nil {
		return Reply{}, again(&r, embeds.ActionAnnouncements, err)
	}
	v := s.view(&r, got)
	v.Channel = s.channelState(ctx, &r, got.Channel)
	v.Note, v.Problem, err = s.postTest(ctx, &r, &v)
	if err != nil {
		return Reply{}, err
	}
	return s.announcePanel(ctx, &r, v), nil
}

// postTest posts the test and says how that went.
func (s *settings) postTest(ctx context.Context, r *Request, v *embeds.SettingsView) (note string, problem bool, err error) {
	w, channel := v.Words, v.Settings.Channel
	if channel == "" {
		return w.Text(catalog.SettingsPickChannel), true, nil
	}
	if v.Channel.Gone || v.Channel.Missing != 0 {
		return embeds.ChannelFault(w, channel, v.Channel), true, nil
	}
	k, now := cooldownKey{user: r.Guild, action: embeds.ActionTest}, s.Now()
	if wait := s.cooldowns.start(k, testEvery, now); wait > 0 {
		return "", false, refuse(embeds.ProblemView{Kind: embeds.SlowDown, Until: now.Add(wait)})
	}
	text := embeds.TemplateOf(v.ServerWords, v.Settings.Template).Render(v.ServerWords, s.sample(ctx, r, v, "", 0))
	ctx, cancel := context.WithTimeout(ctx, discordWithin)
	defer cancel()
	message, err := s.Poster.Post(ctx, channel, embeds.TestAnnouncement(v.ServerWords, text, r.User.ID))
	if err != nil {
		s.cooldowns.end(k)
		return w.Text(catalog.TestFailed, embeds.ChannelMention(w, channel)), true, nil
	}
	note = w.Text(catalog.TestPosted, embeds.ChannelMention(w, channel))
	if link := embeds.MessageLink(w, r.Guild, channel, message); link != "" {
		note += " " + link
	}
	return note, false, nil
}
