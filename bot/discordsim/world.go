package discordsim

import (
	"slices"
	"time"
)

// User is a person or a bot.
type User struct {
	ID         string `json:"id"`
	Username   string `json:"username"`
	GlobalName string `json:"global_name,omitempty"` // display name, "" for none
	Bot        bool   `json:"bot,omitempty"`
	// Locale is the language the person uses Discord in; "" is en-US.
	Locale string `json:"-"`
	// DMsClosed makes direct messages from the bot fail with code 50007.
	DMsClosed bool `json:"-"`
	// Installed says that the person added the application to their own
	// account, so that its user-installable commands follow them everywhere.
	Installed bool `json:"-"`
}

// Name is what others see: the global name, else the user name.
func (u User) Name() string {
	if u.GlobalName != "" {
		return u.GlobalName
	}
	return u.Username
}

// Role is a guild's role. The role whose ID is the guild's is @everyone.
type Role struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Color       int         `json:"color"`
	Position    int         `json:"position"`
	Permissions Permissions `json:"permissions"`
	Managed     bool        `json:"managed"` // belongs to an integration; cannot be given by hand
	Mentionable bool        `json:"mentionable"`
}

// Overwrite changes permissions in one channel, for a role or one member.
type Overwrite struct {
	ID     string // role or user ID
	Member bool   // ID is a user's
	Allow  Permissions
	Deny   Permissions
}

// The kinds of channel that the simulator has.
const (
	ChannelText         = 0
	ChannelDM           = 1
	ChannelVoice        = 2
	ChannelGroupDM      = 3
	ChannelAnnouncement = 5
)

// Channel is a place where messages are. A guild's channels belong to it;
// direct messages have Recipients instead.
type Channel struct {
	ID         string
	Type       int
	GuildID    string // set by the simulator
	Name       string
	Topic      string
	ParentID   string
	Position   int
	NSFW       bool
	Overwrites []Overwrite
	Recipients []string // user IDs of a DM, the bot's left out
}

// Member is a user in a guild.
type Member struct {
	UserID string
	Nick   string
	Roles  []string // without @everyone
	Joined time.Time
}

func (m *Member) hasRole(id string) bool { return slices.Contains(m.Roles, id) }

// Guild is a server. An @everyone role, an owner and the bot as a member
// with a managed role of its own are added where they are missing.
type Guild struct {
	ID       string
	Name     string
	OwnerID  string
	Locale   string // preferred locale, "" is en-US
	Roles    []Role
	Channels []Channel
	Members  []Member
	// WithoutBot says that the application's bot is not in this guild:
	// only members who installed it to their account have its commands.
	WithoutBot bool
	// BotPermissions are those of the bot's own role; 0 is [PermDefault].
	BotPermissions Permissions
	// AttachmentLimit is the largest upload in bytes; 0 is 10 MiB.
	AttachmentLimit int64
}

func (g *Guild) role(id string) *Role {
	for i := range g.Roles {
		if g.Roles[i].ID == id {
			return &g.Roles[i]
		}
	}
	return nil
}

func (g *Guild) channel(id string) *Channel {
	for i := range g.Channels {
		if g.Channels[i].ID == id {
			return &g.Channels[i]
		}
	}
	return nil
}

func (g *Guild) member(userID string) *Member {
	for i := range g.Members {
		if g.Members[i].UserID == userID {
			return &g.Members[i]
		}
	}
	return nil
}

// topRole is the highest position among a member's roles.
func (g *Guild) topRole(m *Member) int {
	top := 0
	for _, id := range m.Roles {
		if r := g.role(id); r != nil {
			top = max(top, r.Position)
		}
	}
	return top
}

func (g *Guild) locale() string {
	if g.Locale == "" {
		return defaultLocale
	}
	return g.Locale
}

func (g *Guild) attachmentLimit() int64 {
	if g == nil || g.AttachmentLimit == 0 {
		return defaultAttachmentLimit
	}
	return g.AttachmentLimit
}

const (
	defaultLocale          = "en-US"
	defaultAttachmentLimit = 10 << 20
)

// clone copies a guild deeply, so that the caller's and the simulator's do
// not change each other.
func (g Guild) clone() *Guild {
	g.Roles = slices.Clone(g.Roles)
	g.Channels = slices.Clone(g.Channels)
	for i := range g.Channels {
		g.Channels[i].Overwrites = slices.Clone(g.Channels[i].Overwrites)
		g.Channels[i].Recipients = slices.Clone(g.Channels[i].Recipients)
	}
	g.Members = slices.Clone(g.Members)
	for i := range g.Members {
		g.Members[i].Roles = slices.Clone(g.Members[i].Roles)
	}
	return &g
}

// world is everything that exists. It is guarded by Server.mu.
type world struct {
	self     User // the bot
	users    map[string]*User
	guilds   map[string]*Guild
	guildIDs []string          // in order of creation
	channels map[string]string // channel ID -> guild ID
	dms      map[string]*Channel
	dmWith   map[string]string // user ID -> DM channel ID
}

// place is a channel with the guild it is in, nil for direct messages.
type place struct {
	guild   *Guild
	channel *Channel
}

func (w *world) place(channelID string) (place, bool) {
	if c := w.dms[channelID]; c != nil {
		return place{channel: c}, true
	}
	g := w.guilds[w.channels[channelID]]
	if g == nil {
		return place{}, false
	}
	c := g.channel(channelID)
	return place{guild: g, channel: c}, c != nil
}

// botPermissions are what the bot may do in a place.
func (w *world) botPermissions(p place) Permissions {
	return w.permissions(p, w.self.ID)
}

// dmPermissions are those an application has in direct messages with its
// bot, as the document of the interaction object lists them.
const dmPermissions = PermViewChannel | PermSendMessages | PermReadHistory |
	PermAttachFiles | PermEmbedLinks | PermMentionEveryone | PermUseExternalEmojis

func (w *world) permissions(p place, userID string) Permissions {
	if p.guild == nil {
		return dmPermissions
	}
	m := p.guild.member(userID)
	if m == nil {
		return 0
	}
	return p.guild.channelPermissions(m, p.channel)
}

func (w *world) user(id string) (User, bool) {
	if id == w.self.ID {
		return w.self, true
	}
	if u := w.users[id]; u != nil {
		return *u, true
	}
	return User{}, false
}
