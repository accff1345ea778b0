package bot

import "progressbot/commands"

// Responder answers one interaction.
func (t *TestREST) Responder(c commands.Credentials, autocomplete bool) commands.Responder {
	return &responder{rest: t.r, cred: c, autocomplete: autocomplete}
}
