package discordsim

import "strconv"

// Permissions are Discord's permission bits. In JSON they are a decimal string.
type Permissions int64

// The permissions the simulator knows the meaning of. Others are carried
// along but change nothing.
const (
	PermAdministrator     Permissions = 1 << 3
	PermManageGuild       Permissions = 1 << 5
	PermViewChannel       Permissions = 1 << 10
	PermSendMessages      Permissions = 1 << 11
	PermSendTTS           Permissions = 1 << 12
	PermManageMessages    Permissions = 1 << 13
	PermEmbedLinks        Permissions = 1 << 14
	PermAttachFiles       Permissions = 1 << 15
	PermReadHistory       Permissions = 1 << 16
	PermMentionEveryone   Permissions = 1 << 17
	PermUseExternalEmojis Permissions = 1 << 18
	PermManageRoles       Permissions = 1 << 28
	PermUseCommands       Permissions = 1 << 31
	PermManageEvents      Permissions = 1 << 33
	PermUseExternalApps   Permissions = 1 << 50

	permAll Permissions = 1<<53 - 1
)

// PermDefault is what @everyone may do in the ready-made world.
const PermDefault = PermViewChannel | PermSendMessages | PermEmbedLinks | PermAttachFiles |
	PermReadHistory | PermUseExternalEmojis | PermUseCommands | PermUseExternalApps

// MarshalJSON writes the bits as Discord does, as a decimal string.
func (p Permissions) MarshalJSON() ([]byte, error) {
	return []byte(`"` + p.String() + `"`), nil
}

// String is the decimal number.
func (p Permissions) String() string { return strconv.FormatInt(int64(p), 10) }

// Has reports whether every bit of want is set.
func (p Permissions) Has(want Permissions) bool { return p&want == want }

// basePermissions are a member's permissions in a guild before any
// channel's overwrites.
func (g *Guild) basePermissions(m *Member) Permissions {
	if g.OwnerID == m.UserID {
		return permAll
	}
	var p Permissions
	if everyone := g.role(g.ID); everyone != nil {
		p = everyone.Permissions
	}
	for _, id := range m.Roles {
		if r := g.role(id); r != nil {
			p |= r.Permissions
		}
	}
	if p.Has(PermAdministrator) {
		return permAll
	}
	return p
}

// channelPermissions are a member's permissions in a channel: the base,
// then the overwrites of @everyone, of the member's roles together, and of
// the member, in Discord's documented order.
func (g *Guild) channelPermissions(m *Member, c *Channel) Permissions {
	p := g.basePermissions(m)
	if p == permAll {
		return p
	}
	var allow, deny Permissions
	for _, o := range c.Overwrites {
		switch {
		case o.ID == g.ID:
			p = p&^o.Deny | o.Allow
		case !o.Member && m.hasRole(o.ID):
			allow |= o.Allow
			deny |= o.Deny
		}
	}
	p = p&^deny | allow
	for _, o := range c.Overwrites {
		if o.Member && o.ID == m.UserID {
			p = p&^o.Deny | o.Allow
		}
	}
	if !p.Has(PermViewChannel) {
		return 0 // a channel one cannot see is one where nothing can be done
	}
	if !p.Has(PermSendMessages) {
		p &^= PermMentionEveryone | PermSendTTS | PermAttachFiles | PermEmbedLinks
	}
	return p
}
