package discordsim

import "time"

// The objects below are what a bot receives. Fields that Discord always
// sends are there even when the simulated world has nothing to put in them.

type userObject struct {
	ID            string  `json:"id"`
	Username      string  `json:"username"`
	GlobalName    *string `json:"global_name"`
	Discriminator string  `json:"discriminator"`
	Avatar        *string `json:"avatar"`
	Bot           bool    `json:"bot,omitempty"`
	PublicFlags   int     `json:"public_flags"`
}

func (u User) object() *userObject {
	o := &userObject{ID: u.ID, Username: u.Username, Discriminator: "0", Bot: u.Bot}
	if u.GlobalName != "" {
		o.GlobalName = &u.GlobalName
	}
	return o
}

type memberObject struct {
	User         *userObject  `json:"user,omitempty"`
	Nick         *string      `json:"nick"`
	Avatar       *string      `json:"avatar"`
	Roles        []string     `json:"roles"`
	JoinedAt     string       `json:"joined_at"`
	PremiumSince *string      `json:"premium_since"`
	Flags        int          `json:"flags"`
	Pending      bool         `json:"pending"`
	Deaf         *bool        `json:"deaf,omitempty"`
	Mute         *bool        `json:"mute,omitempty"`
	Permissions  *Permissions `json:"permissions,omitempty"`
	TimeoutUntil *string      `json:"communication_disabled_until"`
}

// memberObject is a whole member. Server.mu is held.
func (s *Server) memberObject(m *Member) *memberObject {
	o := s.partialMember(m)
	if u, ok := s.world.user(m.UserID); ok {
		o.User = u.object()
	}
	o.Deaf, o.Mute = new(bool), new(bool)
	return o
}

// partialMember is a member as in resolved data: without user, deaf and mute.
func (s *Server) partialMember(m *Member) *memberObject {
	joined := m.Joined
	if joined.IsZero() {
		joined = s.started.Add(-365 * 24 * time.Hour)
	}
	o := &memberObject{Roles: m.Roles, JoinedAt: timestamp(joined)}
	if o.Roles == nil {
		o.Roles = []string{}
	}
	if m.Nick != "" {
		o.Nick = &m.Nick
	}
	return o
}

// timestamp is Discord's form of ISO 8601.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000+00:00") }

type channelObject struct {
	ID            string            `json:"id"`
	Type          int               `json:"type"`
	GuildID       string            `json:"guild_id,omitempty"`
	Name          *string           `json:"name,omitempty"`
	Topic         *string           `json:"topic,omitempty"`
	Position      *int              `json:"position,omitempty"`
	ParentID      *string           `json:"parent_id,omitempty"`
	NSFW          *bool             `json:"nsfw,omitempty"`
	Flags         int               `json:"flags"`
	LastMessageID *string           `json:"last_message_id"`
	Permissions   *Permissions      `json:"permissions,omitempty"`
	Overwrites    []overwriteObject `json:"permission_overwrites,omitempty"`
	Recipients    []*userObject     `json:"recipients,omitempty"`
}

type overwriteObject struct {
	ID    string      `json:"id"`
	Type  int         `json:"type"` // 0 role, 1 member
	Allow Permissions `json:"allow"`
	Deny  Permissions `json:"deny"`
}

// channelObject is a whole channel. Server.mu is held.
func (s *Server) channelObject(c *Channel) *channelObject {
	o := &channelObject{ID: c.ID, Type: c.Type, GuildID: c.GuildID}
	if list := s.messages.channels[c.ID]; len(list) > 0 {
		o.LastMessageID = &list[len(list)-1].ID
	}
	if c.GuildID == "" {
		for _, id := range c.Recipients {
			if u, ok := s.world.user(id); ok {
				o.Recipients = append(o.Recipients, u.object())
			}
		}
		return o
	}
	o.Name, o.Topic, o.Position, o.NSFW = &c.Name, &c.Topic, &c.Position, &c.NSFW
	if c.ParentID != "" {
		o.ParentID = &c.ParentID
	}
	return o
}

// fullChannel adds the overwrites, which partial channels do not have.
func (s *Server) fullChannel(c *Channel) *channelObject {
	o := s.channelObject(c)
	for _, w := range c.Overwrites {
		kind := 0
		if w.Member {
			kind = 1
		}
		o.Overwrites = append(o.Overwrites, overwriteObject{w.ID, kind, w.Allow, w.Deny})
	}
	return o
}

// partialChannel is a channel as in interactions: with the user's permissions.
func (s *Server) partialChannel(p place, userID string) *channelObject {
	o := s.channelObject(p.channel)
	permissions := s.world.permissions(p, userID)
	o.Permissions = &permissions
	return o
}

type partialGuild struct {
	ID       string   `json:"id"`
	Locale   string   `json:"locale"`
	Features []string `json:"features"`
}

// messageObject is a message as the API answers it.
type messageObject struct {
	Message
	Author              *userObject    `json:"author"`
	Timestamp           string         `json:"timestamp"`
	EditedAt            *string        `json:"edited_timestamp"`
	Type                int            `json:"type"`
	Pinned              bool           `json:"pinned"`
	MentionEveryone     bool           `json:"mention_everyone"`
	Mentions            []*userObject  `json:"mentions"`
	MentionRoles        []string       `json:"mention_roles"`
	ApplicationID       string         `json:"application_id,omitempty"`
	WebhookID           string         `json:"webhook_id,omitempty"`
	InteractionMetadata map[string]any `json:"interaction_metadata,omitempty"`
	MessageReference    map[string]any `json:"message_reference,omitempty"`
}

// messageObject is the message as the bot gets it. Server.mu is held.
func (s *Server) messageObject(m *Message) *messageObject {
	o := &messageObject{Message: *m, Author: m.Author.object(), Mentions: []*userObject{}, MentionRoles: []string{}}
	o.Timestamp, o.EditedAt = timestamp(m.Created), nil
	if m.Edited != nil {
		o.EditedAt = new(timestamp(*m.Edited))
	}
	for _, id := range m.Mentions {
		if u, ok := s.world.user(id); ok {
			o.Mentions = append(o.Mentions, u.object())
		}
	}
	if m.Author.ID == s.world.self.ID {
		o.ApplicationID = s.o.ApplicationID
	}
	if m.Reference != "" {
		o.Type = 19 // REPLY
		o.MessageReference = map[string]any{"message_id": m.Reference, "channel_id": m.ChannelID, "guild_id": m.GuildID}
	}
	if m.Interaction != "" {
		o.WebhookID = s.o.ApplicationID
		o.InteractionMetadata = s.interactionMetadata(m)
		if m.Command != "" {
			o.Type = 20 // CHAT_INPUT_COMMAND
		}
	}
	return o
}

func (s *Server) interactionMetadata(m *Message) map[string]any {
	meta := map[string]any{
		"id": m.Interaction, "type": m.interactionType, "authorizing_integration_owners": m.owners,
	}
	if u, ok := s.world.user(m.Asker); ok {
		meta["user"] = u.object()
	}
	if m.Command != "" {
		meta["name"] = m.Command
	}
	return meta
}
