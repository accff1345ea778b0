package discordsim

import (
	"errors"
	"fmt"
	"slices"
)

// ErrNoSuchThing is returned when a change names a guild, channel, role or
// user that does not exist.
var ErrNoSuchThing = errors.New("no such thing in the simulated world")

// change runs an edit of a guild. Slices that readers may hold are cloned
// by the edits themselves.
func (s *Server) change(guildID string, edit func(*Guild) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.world.guilds[guildID]
	if g == nil {
		return fmt.Errorf("%w: guild %s", ErrNoSuchThing, guildID)
	}
	defer s.notify()
	return edit(g)
}

// AddUser adds a person, or replaces what is known about them.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.users[u.ID] = &u
	s.notify()
}

// SetLocale changes the language that a person uses Discord in.
func (s *Server) SetLocale(userID, locale string) error {
	return s.changeUser(userID, func(u *User) { u.Locale = locale })
}

// SetInstalled adds the application to a person's account, or removes it.
func (s *Server) SetInstalled(userID string, installed bool) error {
	return s.changeUser(userID, func(u *User) { u.Installed = installed })
}

// SetDMsClosed makes direct messages from the bot to a person fail, or not.
func (s *Server) SetDMsClosed(userID string, closed bool) error {
	return s.changeUser(userID, func(u *User) { u.DMsClosed = closed })
}

func (s *Server) changeUser(id string, edit func(*User)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.world.users[id]
	if u == nil {
		return fmt.Errorf("%w: user %s", ErrNoSuchThing, id)
	}
	edit(u)
	s.notify()
	return nil
}

// AddGuild adds a server, as when somebody adds the bot to theirs, and
// returns its ID.
func (s *Server) AddGuild(g Guild) string {
	s.mu.Lock()
	added := s.world.addGuild(g, s.newID)
	id, sessions, data := added.ID, s.sessionsFor(added.ID), mustJSON(s.guildCreate(added))
	withBot := !added.WithoutBot
	s.mu.Unlock()
	if withBot {
		dispatchGuild(sessions, "GUILD_CREATE", data)
	}
	s.notify()
	return id
}

// RemoveBot takes the bot out of a server, as when an admin kicks it. The
// server's own commands go with it.
func (s *Server) RemoveBot(guildID string) error {
	err := s.change(guildID, func(g *Guild) error {
		if g.WithoutBot {
			return fmt.Errorf("%w: the bot is not in guild %s", ErrNoSuchThing, guildID)
		}
		g.WithoutBot = true
		g.Members = slices.DeleteFunc(slices.Clone(g.Members), func(m Member) bool { return m.UserID == s.world.self.ID })
		delete(s.commands.scopes, guildID)
		return nil
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	sessions := s.sessionsFor(guildID)
	s.mu.Unlock()
	dispatchGuild(sessions, "GUILD_DELETE", mustJSON(map[string]string{"id": guildID}))
	return nil
}

func dispatchGuild(sessions []*session, event string, data []byte) {
	for _, sess := range sessions {
		if sess.intents&IntentGuilds != 0 {
			sess.dispatch(event, data)
		}
	}
}

// AddMember adds a person to a server, with roles.
func (s *Server) AddMember(guildID, userID string, roles ...string) error {
	return s.change(guildID, func(g *Guild) error {
		if _, ok := s.world.user(userID); !ok {
			return fmt.Errorf("%w: user %s", ErrNoSuchThing, userID)
		}
		if g.member(userID) == nil {
			g.Members = append(slices.Clone(g.Members), Member{UserID: userID, Joined: s.Now()})
		}
		g.member(userID).Roles = slices.Clone(roles)
		return nil
	})
}

// RemoveMember makes a person leave a server.
func (s *Server) RemoveMember(guildID, userID string) error {
	return s.change(guildID, func(g *Guild) error {
		if g.member(userID) == nil {
			return fmt.Errorf("%w: member %s", ErrNoSuchThing, userID)
		}
		g.Members = slices.DeleteFunc(slices.Clone(g.Members), func(m Member) bool { return m.UserID == userID })
		return nil
	})
}

// MemberRoles are the roles of a member, nil if there is no such member.
func (s *Server) MemberRoles(guildID, userID string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.world.guilds[guildID]
	if g == nil {
		return nil
	}
	m := g.member(userID)
	if m == nil {
		return nil
	}
	return append([]string{}, m.Roles...)
}

// SetRole adds a role or changes it.
func (s *Server) SetRole(guildID string, role Role) error {
	return s.change(guildID, func(g *Guild) error {
		g.Roles = slices.Clone(g.Roles)
		if r := g.role(role.ID); r != nil {
			*r = role
		} else {
			g.Roles = append(g.Roles, role)
		}
		return nil
	})
}

// DeleteRole removes a role from a server and from its members.
func (s *Server) DeleteRole(guildID, roleID string) error {
	return s.change(guildID, func(g *Guild) error {
		if g.role(roleID) == nil {
			return fmt.Errorf("%w: role %s", ErrNoSuchThing, roleID)
		}
		is := func(id string) bool { return id == roleID }
		g.Roles = slices.DeleteFunc(slices.Clone(g.Roles), func(r Role) bool { return is(r.ID) })
		for i := range g.Members {
			g.Members[i].Roles = slices.DeleteFunc(slices.Clone(g.Members[i].Roles), is)
		}
		return nil
	})
}

// SetBotPermissions changes what the bot's own role allows in a server.
func (s *Server) SetBotPermissions(guildID string, p Permissions) error {
	return s.change(guildID, func(g *Guild) error {
		self := g.member(s.world.self.ID)
		if self == nil {
			return fmt.Errorf("%w: the bot is not in guild %s", ErrNoSuchThing, guildID)
		}
		g.Roles = slices.Clone(g.Roles)
		for _, id := range self.Roles {
			if r := g.role(id); r != nil {
				r.Permissions = p
			}
		}
		return nil
	})
}

// SetChannel adds a channel to a server or changes it.
func (s *Server) SetChannel(guildID string, c Channel) error {
	return s.change(guildID, func(g *Guild) error {
		c.GuildID = guildID
		c.Overwrites = slices.Clone(c.Overwrites)
		g.Channels = slices.Clone(g.Channels)
		if old := g.channel(c.ID); old != nil {
			*old = c
		} else {
			g.Channels = append(g.Channels, c)
		}
		s.world.channels[c.ID] = guildID
		return nil
	})
}

// DeleteChannel removes a channel and its messages.
func (s *Server) DeleteChannel(channelID string) error {
	return s.change(s.GuildOf(channelID), func(g *Guild) error {
		g.Channels = slices.DeleteFunc(slices.Clone(g.Channels), func(c Channel) bool { return c.ID == channelID })
		delete(s.world.channels, channelID)
		for _, m := range s.messages.channels[channelID] {
			delete(s.messages.byID, m.ID)
		}
		delete(s.messages.channels, channelID)
		return nil
	})
}

// SetOverwrite sets what a role or member is allowed and denied in a channel
// beyond their other permissions; nothing allowed and nothing denied removes
// the overwrite.
func (s *Server) SetOverwrite(channelID string, o Overwrite) error {
	return s.change(s.GuildOf(channelID), func(g *Guild) error {
		c := g.channel(channelID)
		c.Overwrites = slices.DeleteFunc(slices.Clone(c.Overwrites), func(other Overwrite) bool {
			return other.ID == o.ID && other.Member == o.Member
		})
		if o.Allow|o.Deny != 0 {
			c.Overwrites = append(c.Overwrites, o)
		}
		return nil
	})
}

// DenyBot takes permissions from the bot in a channel; 0 gives all back.
func (s *Server) DenyBot(channelID string, deny Permissions) error {
	return s.SetOverwrite(channelID, Overwrite{ID: s.o.ApplicationID, Member: true, Deny: deny})
}

// DeleteMessage removes a message, as a moderator does.
func (s *Server) DeleteMessage(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.messages.byID[id]
	if m == nil {
		return fmt.Errorf("%w: message %s", ErrNoSuchThing, id)
	}
	s.messages.remove(m)
	s.notify()
	return nil
}

// GuildOf is the ID of the server that a channel belongs to, "" if none.
func (s *Server) GuildOf(channelID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.channels[channelID]
}

// Guilds lists the servers as they are now.
func (s *Server) Guilds() []Guild {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Guild, 0, len(s.world.guildIDs))
	for _, id := range s.world.guildIDs {
		list = append(list, *s.world.guilds[id].clone())
	}
	return list
}

// UserByID finds a person or the bot.
func (s *Server) UserByID(id string) (User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.user(id)
}

// PermissionsIn are a user's permissions in a channel.
func (s *Server) PermissionsIn(channelID, userID string) Permissions {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.world.place(channelID)
	if !ok {
		return 0
	}
	return s.world.permissions(p, userID)
}
