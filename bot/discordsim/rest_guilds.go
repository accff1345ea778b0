package discordsim

import (
	"net/http"
	"slices"
)

// guildFor finds a guild that the bot is in. Server.mu is held.
func (s *Server) guildFor(c *call) (*Guild, *apiError) {
	g := s.world.guilds[c.arg("guild")]
	switch {
	case g == nil:
		return nil, notFound(CodeUnknownGuild, "Guild")
	case g.WithoutBot:
		return nil, missingAccess()
	}
	return g, nil
}

func (s *Server) getGuild(c *call) (reply, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.guildFor(c)
	if err != nil {
		return failed(err)
	}
	if !queryBool(c.r, "with_counts") {
		return ok(s.guildObject(g))
	}
	return ok(struct {
		*guildObject
		Members  int `json:"approximate_member_count"`
		Presence int `json:"approximate_presence_count"`
	}{s.guildObject(g), len(g.Members), 1})
}

func (s *Server) getGuildChannels(c *call) (reply, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.guildFor(c)
	if err != nil {
		return failed(err)
	}
	list := make([]*channelObject, 0, len(g.Channels))
	for i := range g.Channels {
		list = append(list, s.fullChannel(&g.Channels[i]))
	}
	return ok(list)
}

func (s *Server) getRoles(c *call) (reply, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.guildFor(c)
	if err != nil {
		return failed(err)
	}
	return ok(slices.Clone(g.Roles))
}

func (s *Server) getRole(c *call) (reply, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.guildFor(c)
	if err != nil {
		return failed(err)
	}
	if r := g.role(c.arg("role")); r != nil {
		return ok(*r)
	}
	return failed(notFound(CodeUnknownRole, "Role"))
}

func (s *Server) getMember(c *call) (reply, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.guildFor(c)
	if err != nil {
		return failed(err)
	}
	m, err := s.memberOf(g, c.arg("user"))
	if err != nil {
		return failed(err)
	}
	return ok(s.memberObject(m))
}

// memberOf finds a member; users that exist nowhere are another error, and
// what is no ID at all a third.
func (s *Server) memberOf(g *Guild, userID string) (*Member, *apiError) {
	if _, ok := snowflake(userID); !ok {
		f := &form{}
		object{form: f, at: &node{}}.fail("user_id", "NUMBER_TYPE_COERCE", "Value %q is not snowflake.", userID)
		return nil, f.err()
	}
	if m := g.member(userID); m != nil {
		return m, nil
	}
	if _, known := s.world.user(userID); !known {
		return nil, notFound(CodeUnknownUser, "User")
	}
	return nil, notFound(CodeUnknownMember, "Member")
}

func (s *Server) putMemberRole(c *call) (reply, *apiError) {
	return s.changeRole(c, func(m *Member, role string) {
		if !m.hasRole(role) {
			m.Roles = append(slices.Clone(m.Roles), role)
		}
	})
}

func (s *Server) deleteMemberRole(c *call) (reply, *apiError) {
	return s.changeRole(c, func(m *Member, role string) {
		m.Roles = slices.DeleteFunc(slices.Clone(m.Roles), func(id string) bool { return id == role })
	})
}

// changeRole gives or takes a role, which needs Manage Roles and a role of
// the bot's above it.
func (s *Server) changeRole(c *call, change func(*Member, string)) (reply, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.guildFor(c)
	if err != nil {
		return failed(err)
	}
	m, err := s.memberOf(g, c.arg("user"))
	if err != nil {
		return failed(err)
	}
	role := g.role(c.arg("role"))
	self := g.member(s.world.self.ID)
	switch {
	case role == nil:
		return failed(notFound(CodeUnknownRole, "Role"))
	case !g.basePermissions(self).Has(PermManageRoles):
		return failed(missingPermissions())
	case role.ID == g.ID || role.Managed:
		return failed(refuse(http.StatusBadRequest, CodeInvalidRole, "Invalid role"))
	case g.OwnerID != self.UserID && role.Position >= g.topRole(self):
		return failed(missingPermissions())
	}
	change(m, role.ID)
	s.notify()
	return noContent()
}

// getOwnGuilds lists the bot's guilds by ID, a page at a time.
func (s *Server) getOwnGuilds(c *call) (reply, *apiError) {
	p, err := readPage(c.r, 200, 200, "before", "after")
	if err != nil {
		return failed(err)
	}
	counts := queryBool(c.r, "with_counts")
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []map[string]any{}
	for _, g := range p.cutGuilds(s.botGuilds()) {
		entry := map[string]any{
			"id": g.ID, "name": g.Name, "icon": nil, "banner": nil, "features": []string{},
			"owner": g.OwnerID == s.world.self.ID, "permissions": g.basePermissions(g.member(s.world.self.ID)),
		}
		if counts {
			entry["approximate_member_count"] = len(g.Members)
			entry["approximate_presence_count"] = 1
		}
		list = append(list, entry)
	}
	return ok(list)
}

// cutGuilds takes the page: the first after an ID, or the last before one.
func (p page) cutGuilds(guilds []*Guild) []*Guild {
	slices.SortFunc(guilds, func(a, b *Guild) int {
		if olderID(a.ID, b.ID) {
			return -1
		}
		return 1
	})
	guilds = slices.DeleteFunc(guilds, func(g *Guild) bool {
		return p.after != "" && !olderID(p.after, g.ID) || p.before != "" && !olderID(g.ID, p.before)
	})
	if p.before != "" && len(guilds) > p.limit {
		return guilds[len(guilds)-p.limit:]
	}
	return guilds[:min(len(guilds), p.limit)]
}

func (s *Server) getUser(c *call) (reply, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u, known := s.world.user(c.arg("user")); known {
		return ok(u.object())
	}
	return failed(notFound(CodeUnknownUser, "User"))
}

// leaveGuild takes the bot out of a guild at its own wish.
func (s *Server) leaveGuild(c *call) (reply, *apiError) {
	if err := s.RemoveBot(c.arg("guild")); err != nil {
		return failed(notFound(CodeUnknownGuild, "Guild"))
	}
	return noContent()
}
