package embeds

import (
	"strings"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
)

// RoleFault is why the bot cannot give a role.
type RoleFault int

// The faults there are. RoleFine is none.
const (
	RoleFine         RoleFault = iota
	RoleIsGone                 // there is no such role
	RoleIsEveryone             // everybody has it already
	RoleIsManaged              // it belongs to an integration, or to boosting
	RoleNotPermitted           // the bot lacks Manage Roles
	RoleIsTooHigh              // it is not below the bot's own highest role
	RoleUnchecked              // Discord could not be asked
	RoleIsTrusted              // it can manage or moderate, and who chose it could not give it
)

// RoleProblem says why the bot cannot give a role and how to fix it, ""
// for [RoleFine].
func RoleProblem(w *catalog.Words, role string, f RoleFault) string {
	switch f {
	case RoleIsGone:
		return w.Text(catalog.RoleGone)
	case RoleIsEveryone:
		return w.Text(catalog.RoleEveryone)
	case RoleIsManaged:
		return w.Text(catalog.RoleManaged, RoleMention(role))
	case RoleNotPermitted:
		return w.Text(catalog.RoleNoPermission, RoleMention(role), bold(w.Text(catalog.PermissionManageRoles)))
	case RoleIsTooHigh:
		return w.Text(catalog.RoleTooHigh, RoleMention(role))
	case RoleUnchecked:
		return w.Text(catalog.RoleUnchecked)
	case RoleIsTrusted:
		return w.Text(catalog.RoleTrusted, RoleMention(role), bold(w.Text(catalog.PermissionManageRoles)))
	default:
		return ""
	}
}

// ProgramChoice is a collection that can be picked by its [ProgramRef].
type ProgramChoice struct {
	Ref  string
	Name string // hostile
}

const (
	maxRolesGlance = 3  // in the overview
	maxRolesListed = 12 // in their own panel
)

// RewardRoleSettings is the panel on the roles that collections earn. Of
// programs, which are offered to be given a role of their own, it shows as
// many as fit.
func RewardRoleSettings(v SettingsView, programs []ProgramChoice) Message {
	w := v.Words
	e := v.panel(w.Text(catalog.SettingsRewardRoles), w.Text(catalog.RewardAbout, w.Text(catalog.ChoiceAlways))+v.rewardHint()+"\n\n"+v.rewardLines(maxRolesListed)+v.unlisted())
	if v.roleFault() {
		e.Color = colorNote
	}
	rows := []discordgo.MessageComponent{row(v.roleMenu(catalog.MenuAnyRole, "", v.reward("")))}
	if menu, ok := v.programsMenu(programs); ok {
		rows = append(rows, row(menu))
	}
	if menu, ok := v.removeMenu(); ok {
		rows = append(rows, row(menu))
	}
	return v.message(e, append(rows, row(v.button(catalog.ButtonBack, ActionSettings)))...)
}

// RewardRoleOf is the panel on the role that one collection earns.
func RewardRoleOf(v SettingsView, program ProgramChoice) Message {
	w := v.Words
	set := v.reward(program.Ref)
	about := w.Text(catalog.RewardOneNone)
	if set.Role != "" {
		about = w.Text(catalog.RewardOneSet, RoleMention(set.Role))
	}
	if set.Fault != RoleFine && v.Note == "" {
		about += "\n" + RoleProblem(w, set.Role, set.Fault)
	}
	e := v.panel(w.Text(catalog.RewardTitle, CollectionName(w, program.Ref, program.Name)), about+v.rewardHint())
	buttons := []discordgo.MessageComponent{v.button(catalog.ButtonBack, ActionRewardRoles)}
	if set.Role != "" {
		drop := v.button(catalog.ButtonRemoveRole, ActionDropRole)
		drop.CustomID = v.id(ActionDropRole, 0, program.Ref)
		buttons = append(buttons, drop)
	}
	return v.message(e, row(v.roleMenu(catalog.MenuOneRole, program.Ref, set)), discordgo.ActionsRow{Components: buttons})
}

// rewardHint says, on a line of its own, who gets roles while announcements
// are off.
func (v *SettingsView) rewardHint() string {
	if v.Settings.Announcements && v.Settings.Channel != "" {
		return ""
	}
	return "\n-# " + v.Words.Text(catalog.RewardOff, v.Words.Text(catalog.ChoiceAlways))
}

// reward is the role that the collection of a reference earns, if any.
func (v *SettingsView) reward(ref string) RewardRole {
	for _, r := range v.Settings.RewardRoles {
		if ProgramRef(r.Program) == ref {
			return r
		}
	}
	return RewardRole{}
}

// roleFault reports whether there is a reward role that cannot be given.
func (v *SettingsView) roleFault() bool {
	for _, r := range v.Settings.RewardRoles {
		if r.Fault != RoleFine && r.Fault != RoleUnchecked {
			return true
		}
	}
	return false
}

// rewardLines lists up to most reward roles, each with what is wrong with it.
func (v *SettingsView) rewardLines(most int) string {
	w, roles := v.Words, v.Settings.RewardRoles
	if len(roles) == 0 {
		return w.Text(catalog.RewardNone)
	}
	var b strings.Builder
	for i, r := range roles[:min(len(roles), most)] {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(w.Text(catalog.RewardLine, bold(CollectionName(w, r.Program, r.Name)), RoleMention(r.Role)))
		if r.Fault != RoleFine && r.Fault != RoleUnchecked {
			b.WriteString("\n-# ")
			b.WriteString(RoleProblem(w, r.Role, r.Fault))
		}
	}
	if more := len(roles) - most; more > 0 {
		b.WriteByte('\n')
		b.WriteString(w.Text(catalog.AndMore, more))
	}
	return b.String()
}

// unlisted says, on a line of its own, how to get at the reward roles that are
// neither in the list nor, if they are many, in the menu.
func (v *SettingsView) unlisted() string {
	if len(v.Settings.RewardRoles) <= maxRolesListed {
		return ""
	}
	return "\n" + v.Words.Text(catalog.RewardOthers, v.RewardCommand, v.Words.Text(catalog.CommandSettingsCollection))
}

// maxRewardName bounds the names in a list of reward roles, so that the list
// fits with everything that may be wrong in it.
const maxRewardName = 40

// CollectionName is what the collection with this ID is called, as far as
// that is known: it may be one that the manager does not collect. With the ID
// "" it is any.
func CollectionName(w *catalog.Words, id, name string) string {
	switch {
	case id == "":
		return w.Text(catalog.ChoiceAnyCollection)
	case name == "":
		return orElse(Escape(id, maxRewardName), w, catalog.NamelessItem)
	default:
		return orElse(Escape(name, maxRewardName), w, catalog.NamelessItem)
	}
}

// plainCollection is [CollectionName] for where there is no markdown.
func (v *SettingsView) plainCollection(id, name string) string {
	switch {
	case id == "":
		return v.Words.Text(catalog.ChoiceAnyCollection)
	case name == "":
		return orElse(Plain(id, maxName), v.Words, catalog.NamelessItem)
	default:
		return orElse(Plain(name, maxName), v.Words, catalog.NamelessItem)
	}
}

func (v *SettingsView) roleMenu(placeholder catalog.Key, ref string, current RewardRole) discordgo.SelectMenu {
	m := discordgo.SelectMenu{
		MenuType:    discordgo.RoleSelectMenu,
		CustomID:    v.id(ActionGiveRole, 0, ref),
		Placeholder: v.Words.Text(placeholder),
	}
	if isSnowflake(current.Role) && current.Fault != RoleIsGone {
		m.DefaultValues = []discordgo.SelectMenuDefaultValue{{ID: current.Role, Type: discordgo.SelectMenuDefaultValueRole}}
	}
	return m
}

// programsMenu offers collections to be given a role of their own.
func (v *SettingsView) programsMenu(programs []ProgramChoice) (discordgo.SelectMenu, bool) {
	m := discordgo.SelectMenu{
		MenuType:    discordgo.StringSelectMenu,
		CustomID:    v.id(ActionPickReward, 0, ""),
		Placeholder: v.Words.Text(catalog.MenuCollection),
	}
	for _, p := range programs {
		m.Options = addOption(m.Options, discordgo.SelectMenuOption{Label: v.plainCollection(p.Ref, p.Name), Value: p.Ref})
	}
	return m, len(m.Options) > 0
}

// removeMenu offers what has a role to have it taken away.
func (v *SettingsView) removeMenu() (discordgo.SelectMenu, bool) {
	m := discordgo.SelectMenu{
		MenuType:    discordgo.StringSelectMenu,
		CustomID:    v.id(ActionRemoveRole, 0, ""),
		Placeholder: v.Words.Text(catalog.MenuRemove),
	}
	for _, r := range v.Settings.RewardRoles {
		ref := ProgramRef(r.Program)
		value := ref
		if r.Program == "" {
			value = AnyCollection
		}
		m.Options = addOption(m.Options, discordgo.SelectMenuOption{Label: v.plainCollection(r.Program, r.Name), Value: value})
	}
	return m, len(m.Options) > 0
}

// addOption adds an option that a menu can have: of a value that is not
// there yet, as long as there is room.
func addOption(options []discordgo.SelectMenuOption, o discordgo.SelectMenuOption) []discordgo.SelectMenuOption {
	if o.Value == "" || len(options) == LimitOptions {
		return options
	}
	for _, other := range options {
		if other.Value == o.Value {
			return options
		}
	}
	return append(options, o)
}
