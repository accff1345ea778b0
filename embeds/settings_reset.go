package embeds

import (
	"strings"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
)

// ConfirmReset asks before every setting goes back to its default.
func ConfirmReset(v SettingsView) Message {
	w := v.Words
	changes := v.changes()
	if len(changes) == 0 {
		return v.message(v.panel(w.Text(catalog.ResetTitle), w.Text(catalog.ResetNothing)), row(v.button(catalog.ButtonBack, ActionSettings)))
	}
	e := v.panel(w.Text(catalog.ResetTitle), w.Text(catalog.ResetAsk)+list(changes)+"\n\n"+w.Text(catalog.ResetKept))
	e.Color = colorProblem
	reset := v.button(catalog.ButtonResetAll, ActionResetAll)
	reset.Style = discordgo.DangerButton
	return v.message(e, row(reset, v.button(catalog.ButtonCancel, ActionSettings)))
}

// ResetDone says what a reset has put back. v holds the settings as they
// were before.
func ResetDone(v SettingsView) Message {
	w := v.Words
	text := w.Text(catalog.ResetNothing)
	if changes := v.changes(); len(changes) > 0 {
		text = w.Text(catalog.ResetDone) + list(changes)
	}
	e := v.panel(w.Text(catalog.ResetTitle), text)
	e.Color = colorCompleted
	return v.message(e, row(v.button(catalog.ButtonBack, ActionSettings)))
}

// changes lists what a server has chosen other than the default.
func (v *SettingsView) changes() []string {
	w, s := v.Words, &v.Settings
	var lines []string
	add := func(changed bool, line string) {
		if changed {
			lines = append(lines, line)
		}
	}
	add(s.Channel != "", v.stateLine())
	add(s.Milestones != MilestonesNone && s.Milestones != "", w.Text(catalog.SettingsMilestones, w.Text(milestonesWord(s.Milestones))))
	add(s.Template != "", w.Text(catalog.SettingsOwn))
	add(s.PingMember, w.Text(catalog.SettingsPing))
	add(s.PublicReplies, w.Text(catalog.SettingsPublic))
	add(!s.OthersViewable, w.Text(catalog.SettingsNoOthers))
	add(s.Pictures != PicturesMost && s.Pictures != "", w.Text(catalog.SettingsPictures, w.Text(picturesWord(s.Pictures))))
	add(len(s.RewardRoles) > 0, w.Text(catalog.SettingsRoleCount, len(s.RewardRoles)))
	return lines
}

// list writes lines as a list below a text.
func list(lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString("\n- ")
		b.WriteString(line)
	}
	return b.String()
}
