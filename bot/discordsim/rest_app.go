package discordsim

import "time"

func (s *Server) getGateway(*call) (reply, *apiError) {
	return ok(map[string]string{"url": s.gatewayURL()})
}

// getGatewayBot tells where to connect, with how many shards, and how many
// sessions may still be started today.
func (s *Server) getGatewayBot(*call) (reply, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	s.refillStarts(now)
	g := &s.gateway
	resetAfter := time.Duration(0)
	if !g.startReset.IsZero() {
		resetAfter = g.startReset.Sub(now)
	}
	return ok(map[string]any{
		"url":    s.gatewayURL(),
		"shards": s.o.Gateway.Shards,
		"session_start_limit": map[string]any{
			"total":           s.o.Gateway.SessionStarts,
			"remaining":       max(g.startsLeft, 0),
			"reset_after":     resetAfter.Milliseconds(),
			"max_concurrency": s.o.Gateway.MaxConcurrency,
		},
	})
}

func (s *Server) getSelf(*call) (reply, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return ok(s.selfObject())
}

// selfObject is the bot's own user. Server.mu is held.
func (s *Server) selfObject() any {
	return struct {
		*userObject
		Verified bool    `json:"verified"`
		MFA      bool    `json:"mfa_enabled"`
		Email    *string `json:"email"`
		Flags    int     `json:"flags"`
	}{userObject: s.world.self.object(), Verified: true, MFA: true}
}

func (s *Server) getApplication(*call) (reply, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	app := map[string]any{
		"id": s.o.ApplicationID, "name": s.world.self.GlobalName, "icon": nil, "description": "",
		"bot_public": true, "bot_require_code_grant": false, "verify_key": s.PublicKey(),
		"bot": s.world.self.object(), "flags": s.applicationFlags(), "hook": true, "summary": "",
		"owner":                     User{ID: s.o.People.Admin, Username: "ada"}.object(),
		"approximate_guild_count":   len(s.botGuilds()),
		"interactions_endpoint_url": nil,
		"integration_types_config":  map[string]any{"0": map[string]any{}, "1": map[string]any{}},
	}
	if s.endpoint != "" {
		app["interactions_endpoint_url"] = s.endpoint
	}
	return ok(app)
}

// guildCreate is the data of GUILD_CREATE. Server.mu is held.
func (s *Server) guildCreate(g *Guild) any {
	channels := make([]*channelObject, 0, len(g.Channels))
	for i := range g.Channels {
		channels = append(channels, s.fullChannel(&g.Channels[i]))
	}
	var members []*memberObject
	if self := g.member(s.world.self.ID); self != nil {
		members = append(members, s.memberObject(self)) // without the privileged intent, the bot alone
	}
	return struct {
		*guildObject
		JoinedAt    string           `json:"joined_at"`
		Large       bool             `json:"large"`
		Unavailable bool             `json:"unavailable"`
		MemberCount int              `json:"member_count"`
		Members     []*memberObject  `json:"members"`
		Channels    []*channelObject `json:"channels"`
		Threads     []any            `json:"threads"`
		VoiceStates []any            `json:"voice_states"`
		Presences   []any            `json:"presences"`
	}{s.guildObject(g), timestamp(s.started), false, false, len(g.Members), members, channels, []any{}, []any{}, []any{}}
}

type guildObject struct {
	ID              string   `json:"id"`
	Name            string   `json:"name"`
	Icon            *string  `json:"icon"`
	OwnerID         string   `json:"owner_id"`
	PreferredLocale string   `json:"preferred_locale"`
	Roles           []Role   `json:"roles"`
	Emojis          []any    `json:"emojis"`
	Features        []string `json:"features"`
	PremiumTier     int      `json:"premium_tier"`
	NSFWLevel       int      `json:"nsfw_level"`
	SystemFlags     int      `json:"system_channel_flags"`
}

func (s *Server) guildObject(g *Guild) *guildObject {
	return &guildObject{
		ID: g.ID, Name: g.Name, OwnerID: g.OwnerID, PreferredLocale: g.locale(), Roles: g.Roles, Emojis: []any{}, Features: []string{},
	}
}
