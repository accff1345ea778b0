package discordsim

import "slices"

// People are the user IDs of the ready-made world's people. Set those that
// must match another system's; the others get IDs of their own.
type People struct {
	Member   string // an ordinary member
	Newcomer string // an ordinary member who has collected nothing yet
	Finisher string // an ordinary member about to complete a collection
	Manager  string // may manage events and messages
	Admin    string // owns the server
}

// The IDs of the ready-made world.
const (
	GuildID            = "1100000000000000001"
	GeneralChannelID   = "1100000000000000101"
	TradingChannelID   = "1100000000000000102"
	AnnounceChannelID  = "1100000000000000103"
	StaffChannelID     = "1100000000000000104"
	VoiceChannelID     = "1100000000000000105"
	CollectorRoleID    = "1100000000000000201" // below the bot's role: it can be given as a reward
	ManagerRoleID      = "1100000000000000202"
	BotRoleID          = "1100000000000000203"
	HighRoleID         = "1100000000000000204" // above the bot's role
	DefaultMember      = "1100000000000001001"
	DefaultNewcomer    = "1100000000000001002"
	DefaultFinisher    = "1100000000000001003"
	DefaultManager     = "1100000000000001004"
	DefaultAdmin       = "1100000000000001005"
	DefaultApplication = "1100000000000009001"
)

func (p People) withDefaults() People {
	for id, fallback := range map[*string]string{
		&p.Member: DefaultMember, &p.Newcomer: DefaultNewcomer, &p.Finisher: DefaultFinisher,
		&p.Manager: DefaultManager, &p.Admin: DefaultAdmin,
	} {
		if *id == "" {
			*id = fallback
		}
	}
	return p
}

// users are the people as Discord users.
func (p People) users() []User {
	return []User{
		{ID: p.Member, Username: "mia", GlobalName: "Mia"},
		{ID: p.Newcomer, Username: "noah", GlobalName: "Noah"},
		{ID: p.Finisher, Username: "finn", GlobalName: "Finn"},
		{ID: p.Manager, Username: "maya", GlobalName: "Maya"},
		{ID: p.Admin, Username: "ada", GlobalName: "Ada"},
	}
}

// guild is the ready-made server with these people in it.
func (p People) guild() Guild {
	return Guild{
		ID:      GuildID,
		Name:    "Collectors' Corner",
		OwnerID: p.Admin,
		Roles: []Role{
			{ID: GuildID, Name: "@everyone", Permissions: PermDefault},
			{ID: CollectorRoleID, Name: "Collector", Position: 1, Color: 0x2ecc71},
			{ID: ManagerRoleID, Name: "Manager", Position: 2, Color: 0x3498db, Permissions: PermManageEvents | PermManageMessages},
			{ID: BotRoleID, Name: "Progress", Position: 3, Managed: true, Permissions: PermDefault | PermManageRoles},
			{ID: HighRoleID, Name: "Founder", Position: 4, Color: 0xe74c3c},
		},
		Channels: []Channel{
			{ID: GeneralChannelID, Name: "general", Topic: "Talk about anything"},
			{ID: TradingChannelID, Name: "trading", Position: 1},
			{ID: AnnounceChannelID, Name: "announcements", Type: ChannelAnnouncement, Position: 2},
			{ID: StaffChannelID, Name: "staff", Position: 3, Overwrites: []Overwrite{
				{ID: GuildID, Deny: PermViewChannel},
				{ID: ManagerRoleID, Allow: PermViewChannel},
			}},
			{ID: VoiceChannelID, Name: "Lounge", Type: ChannelVoice, Position: 4},
		},
		Members: []Member{
			{UserID: p.Member}, {UserID: p.Newcomer}, {UserID: p.Finisher},
			{UserID: p.Manager, Roles: []string{ManagerRoleID}},
			{UserID: p.Admin, Roles: []string{HighRoleID}},
		},
	}
}

// newWorld builds the world that the options describe.
func newWorld(o Options, applicationID string, ids func() string) world {
	w := world{
		self:     User{ID: applicationID, Username: "progress", GlobalName: "Progress", Bot: true},
		users:    make(map[string]*User),
		guilds:   make(map[string]*Guild),
		channels: make(map[string]string),
		dms:      make(map[string]*Channel),
		dmWith:   make(map[string]string),
	}
	for _, u := range slices.Concat(o.People.users(), o.Users) {
		w.users[u.ID] = &u
	}
	guilds := o.Guilds
	if guilds == nil {
		guilds = []Guild{o.People.guild()}
	}
	for _, g := range guilds {
		w.addGuild(g, ids)
	}
	return w
}

// addGuild completes a guild and adds it.
func (w *world) addGuild(guild Guild, ids func() string) *Guild {
	g := guild.clone()
	if g.ID == "" {
		g.ID = ids()
	}
	if g.Name == "" {
		g.Name = "Guild " + g.ID
	}
	if g.role(g.ID) == nil {
		g.Roles = slices.Insert(g.Roles, 0, Role{ID: g.ID, Name: "@everyone", Permissions: PermDefault})
	}
	for i := range g.Channels {
		g.Channels[i].GuildID = g.ID
		if g.Channels[i].ID == "" {
			g.Channels[i].ID = ids()
		}
		w.channels[g.Channels[i].ID] = g.ID
	}
	if !g.WithoutBot {
		w.joinBot(g, ids)
	}
	if w.guilds[g.ID] == nil {
		w.guildIDs = append(w.guildIDs, g.ID)
	}
	w.guilds[g.ID] = g
	return g
}

// joinBot makes the bot a member, with the managed role that Discord gives
// it: the guild's first managed role, or a new one.
func (w *world) joinBot(g *Guild, ids func() string) {
	if g.member(w.self.ID) != nil {
		return
	}
	index := slices.IndexFunc(g.Roles, func(r Role) bool { return r.Managed })
	if index < 0 {
		permissions := g.BotPermissions
		if permissions == 0 {
			permissions = PermDefault
		}
		g.Roles = append(g.Roles, Role{ID: ids(), Name: w.self.GlobalName, Position: len(g.Roles), Managed: true, Permissions: permissions})
		index = len(g.Roles) - 1
	}
	g.Members = append(g.Members, Member{UserID: w.self.ID, Roles: []string{g.Roles[index].ID}})
}
