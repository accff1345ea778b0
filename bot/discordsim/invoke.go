package discordsim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Invocation is what a person does with a command.
type Invocation struct {
	// Command is the full name with subcommands: "progress", "settings show".
	Command string
	// User is the ID of who does it; "" is the ready-made member.
	User string
	// Channel is where; "" is the ready-made general channel. A channel
	// from [Server.OpenDM] makes it a direct message.
	Channel string
	// Options are the values by option name: string, bool, int, int64 or
	// float64; for users, roles and channels their ID.
	Options map[string]any
	// Focus is the option being typed, for [Server.Autocomplete].
	Focus string
	// Target is the user a context menu command is used on.
	Target string
	// Locale overrides the user's language.
	Locale string
}

var (
	// ErrNoCommand is returned when no such command is registered where it
	// is used, or the user may not see it.
	ErrNoCommand = errors.New("no such command here")
	// ErrBadOption is returned when Discord's client would not let the
	// person send these options.
	ErrBadOption = errors.New("option is not acceptable")
)

// Invoke uses a slash command as Discord's client does, which sends it only
// if the person may see it and the options fit its definition.
func (s *Server) Invoke(in Invocation) (*Interaction, error) {
	return s.useCommand(in, CommandChatInput, InteractionCommand)
}

// InvokeUser uses a user's context menu command on [Invocation.Target].
func (s *Server) InvokeUser(in Invocation) (*Interaction, error) {
	return s.useCommand(in, CommandUser, InteractionCommand)
}

// Autocomplete asks for suggestions for [Invocation.Focus], whose value is
// the text typed so far. Required options may still be missing.
func (s *Server) Autocomplete(in Invocation) (*Interaction, error) {
	return s.useCommand(in, CommandChatInput, InteractionAutocomplete)
}

// actor is who does something where, looked up. Server.mu is held while it
// is used.
type actor struct {
	user   User
	member *Member // nil in direct messages
	place  place
	locale string
}

func (s *Server) actor(userID, channelID, locale string) (actor, error) {
	if userID == "" {
		userID = s.o.People.Member
	}
	if channelID == "" {
		channelID = GeneralChannelID
	}
	var a actor
	var known bool
	if a.user, known = s.world.user(userID); !known {
		return a, fmt.Errorf("no such user %q", userID)
	}
	if a.place, known = s.world.place(channelID); !known {
		return a, fmt.Errorf("no such channel %q", channelID)
	}
	if !s.canView(a.place, userID) {
		return a, fmt.Errorf("user %s cannot view channel %s", userID, channelID)
	}
	if g := a.place.guild; g != nil {
		a.member = g.member(userID)
	}
	a.locale = locale
	setDefault(&a.locale, a.user.Locale)
	setDefault(&a.locale, defaultLocale)
	return a, nil
}

// context is the interaction context of the place.
func (s *Server) context(p place) int {
	switch {
	case p.guild != nil:
		return ContextGuild
	case p.channel.Type == ChannelDM && s.world.dmWith[p.channel.Recipients[0]] == p.channel.ID:
		return ContextBotDM
	}
	return ContextPrivateChannel
}

func (s *Server) useCommand(in Invocation, kind, interactionType int) (*Interaction, error) {
	s.mu.Lock()
	a, err := s.actor(in.User, in.Channel, in.Locale)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	i, payload, err := s.buildCommand(in, a, kind, interactionType)
	s.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.Command, err)
	}
	return i, s.deliver(i, payload)
}

// buildCommand makes the interaction and what the bot is sent of it.
// Server.mu is held.
func (s *Server) buildCommand(in Invocation, a actor, kind, interactionType int) (*Interaction, *interactionPayload, error) {
	path := []string{in.Command}
	if kind == CommandChatInput {
		path = strings.Fields(in.Command)
	}
	if len(path) == 0 {
		return nil, nil, ErrNoCommand
	}
	cmd, owners := s.visibleCommand(a, kind, path[0])
	if cmd == nil {
		return nil, nil, ErrNoCommand
	}
	data := &commandData{ID: cmd.ID, Name: cmd.Name, Type: cmd.Type, GuildID: cmd.GuildID}
	b := &optionBuilder{s: s, a: a, in: in, partial: interactionType == InteractionAutocomplete}
	var err error
	if kind == CommandUser {
		data.TargetID, err = in.Target, b.resolveUser(in.Target)
	} else {
		data.Options, err = b.build(cmd.Options, path[1:])
	}
	if err != nil {
		return nil, nil, err
	}
	data.Resolved = b.resolved
	i := s.newInteraction(interactionType, a, owners)
	i.Command = strings.Join(path, " ")
	i.choiceType = b.focused
	return i, s.payload(i, a, data), nil
}

// visibleCommand finds a command that the actor's client would offer, and
// who authorized it there. A guild's own commands come before global ones.
func (s *Server) visibleCommand(a actor, kind int, name string) (*Command, map[string]string) {
	for _, scope := range []string{a.place.channel.GuildID, ""} {
		cmd := s.commands.find(commandKey{scope, kind, name})
		if cmd == nil || !cmd.usableIn(s.context(a.place)) || !s.mayUse(a, cmd) {
			continue
		}
		types := cmd.IntegrationTypes
		if scope != "" {
			types = []int{InstallGuild}
		}
		if owners := s.owners(a, types); len(owners) > 0 {
			return cmd, owners
		}
	}
	return nil, nil
}

// VisibleCommands lists the commands that Discord's client would offer a
// person in a channel, as a message box suggests them.
func (s *Server) VisibleCommands(userID, channelID string) ([]Command, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.actor(userID, channelID, "")
	if err != nil {
		return nil, err
	}
	var offered []Command
	for _, scope := range []string{a.place.channel.GuildID, ""} {
		for _, c := range s.commands.scopes[scope] {
			if found, _ := s.visibleCommand(a, c.Type, c.Name); found == c {
				offered = append(offered, *c)
			}
		}
		if scope == "" {
			break // direct messages have no scope of their own
		}
	}
	return offered, nil
}

// mayUse applies default_member_permissions and Use Application Commands.
func (s *Server) mayUse(a actor, cmd *Command) bool {
	if a.member == nil {
		return true
	}
	permissions := s.world.permissions(a.place, a.user.ID)
	switch want := cmd.DefaultMemberPermissions; {
	case permissions == permAll:
		return true
	case !permissions.Has(PermUseCommands):
		return false
	case want == nil:
		return true
	case *want == 0:
		return false // administrators only
	default:
		return permissions.Has(*want)
	}
}

// owners are the authorizing_integration_owners of an interaction that
// supports the installation types.
func (s *Server) owners(a actor, types []int) map[string]string {
	owners := map[string]string{}
	if slices.Contains(types, InstallGuild) {
		switch s.context(a.place) {
		case ContextGuild:
			if !a.place.guild.WithoutBot {
				owners["0"] = a.place.guild.ID
			}
		case ContextBotDM:
			owners["0"] = "0"
		}
	}
	if slices.Contains(types, InstallUser) && a.user.Installed {
		owners["1"] = a.user.ID
	}
	return owners
}

// newInteraction makes an interaction, yet unknown to anybody.
func (s *Server) newInteraction(kind int, a actor, owners map[string]string) *Interaction {
	return &Interaction{
		ID: s.newID(), Type: kind, User: a.user.ID, Channel: a.place.channel.ID, Guild: a.place.channel.GuildID,
		Started: s.Now(), began: time.Now(), s: s, token: newInteractionToken(), state: StateWaiting, owners: owners,
		private: owners["0"] == "" && a.member != nil && !s.world.permissions(a.place, a.user.ID).Has(PermUseExternalApps),
	}
}

func newInteractionToken() string { return interactionTokenPrefix + randomText(96) }

// deliver hands an interaction to the bot: over the gateway, or to the
// interactions endpoint if there is one.
func (s *Server) deliver(i *Interaction, payload *interactionPayload) error {
	raw := mustJSON(payload)
	s.mu.Lock()
	endpoint := s.endpoint
	sessions := s.sessionsFor(i.Guild)
	if endpoint == "" && len(sessions) == 0 {
		s.mu.Unlock()
		return ErrNotConnected
	}
	s.stats.Interactions++
	i.Started, i.began = s.Now(), time.Now()
	s.interactions.add(i)
	s.mu.Unlock()
	s.notify()
	if endpoint != "" {
		s.spawn(func() { s.postWebhook(endpoint, i, raw) })
		return nil
	}
	delivered := false
	for _, sess := range sessions {
		delivered = sess.dispatch("INTERACTION_CREATE", raw) || delivered
	}
	if delivered {
		s.count(func(st *Stats) { st.Delivered++ })
	}
	return nil
}

// interactionPayload is the interaction object.
type interactionPayload struct {
	ID              string            `json:"id"`
	ApplicationID   string            `json:"application_id"`
	Type            int               `json:"type"`
	Token           string            `json:"token"`
	Version         int               `json:"version"`
	Data            any               `json:"data,omitempty"`
	Guild           *partialGuild     `json:"guild,omitempty"`
	GuildID         string            `json:"guild_id,omitempty"`
	Channel         *channelObject    `json:"channel,omitempty"`
	ChannelID       string            `json:"channel_id,omitempty"`
	Member          *memberObject     `json:"member,omitempty"`
	User            *userObject       `json:"user,omitempty"`
	Message         *messageObject    `json:"message,omitempty"`
	AppPermissions  Permissions       `json:"app_permissions"`
	Locale          string            `json:"locale,omitempty"`
	GuildLocale     string            `json:"guild_locale,omitempty"`
	Entitlements    []any             `json:"entitlements"`
	Owners          map[string]string `json:"authorizing_integration_owners"`
	Context         *int              `json:"context,omitempty"`
	AttachmentLimit int64             `json:"attachment_size_limit"`
}

// payload is what the bot is sent of an interaction. Server.mu is held.
func (s *Server) payload(i *Interaction, a actor, data any) *interactionPayload {
	p := &interactionPayload{
		ID: i.ID, ApplicationID: s.o.ApplicationID, Type: i.Type, Token: i.token, Version: 1, Data: data,
		GuildID: i.Guild, Channel: s.partialChannel(a.place, a.user.ID), ChannelID: i.Channel,
		AppPermissions: s.appPermissions(a), Locale: a.locale, Entitlements: []any{}, Owners: i.owners,
		Context: new(s.context(a.place)), AttachmentLimit: a.place.guild.attachmentLimit(),
	}
	if a.member == nil {
		p.User = a.user.object()
		return p
	}
	p.Member = s.memberObject(a.member)
	permissions := s.world.permissions(a.place, a.user.ID)
	p.Member.Permissions = &permissions
	p.Guild = &partialGuild{ID: i.Guild, Locale: a.place.guild.locale(), Features: []string{}}
	p.GuildLocale = a.place.guild.locale()
	return p
}

// appPermissions are the bot's in the place; where it is no member, those
// of the user who brought it.
func (s *Server) appPermissions(a actor) Permissions {
	if a.place.guild != nil && a.place.guild.member(s.world.self.ID) == nil {
		return s.world.permissions(a.place, a.user.ID)
	}
	return s.world.botPermissions(a.place)
}
