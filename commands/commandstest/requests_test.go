package commandstest_test

import (
	"testing"

	"progressbot/commands"
	"progressbot/commands/commandstest"
)

func TestBuilders(t *testing.T) {
	t.Parallel()
	others := commandstest.Options{"member": commandstest.Member(commandstest.Bob()), "share": commandstest.Yes()}
	tests := []struct {
		name    string
		request commands.Request
		kind    commands.Kind
		guild   string
		user    commands.User
	}{
		{"slash", commandstest.Slash("progress", others), commands.SlashCommand, commandstest.Guild, commandstest.Ada()},
		{"menu", commandstest.Menu("View progress", commandstest.Robot()), commands.UserCommand, commandstest.Guild, commandstest.Ada()},
		{"type", commandstest.Type("progress", "collection", "win", others), commands.Autocomplete, commandstest.Guild, commandstest.Ada()},
		{"press", commandstest.By(commandstest.Bob(), commandstest.Press("id", "value")), commands.Component, commandstest.Guild, commandstest.Bob()},
		{"submit", commandstest.InDM(commandstest.Submit("id", map[string]string{"a": "b"})), commands.ModalSubmit, "",
			commands.User{ID: commandstest.Ada().ID, Name: "Ada"}},
	}
	for _, tc := range tests {
		r := tc.request
		if r.ID == "" || r.Received.IsZero() || r.Kind != tc.kind || r.Guild != tc.guild || r.User.ID != tc.user.ID || r.User.Member != tc.user.Member {
			t.Errorf("%s: %+v", tc.name, r)
		}
		if r.BotInGuild != (tc.guild != "") {
			t.Errorf("%s is in two places: %+v", tc.name, r)
		}
	}
	typing := tests[2].request
	if typing.Options[typing.Focused].Text != "win" || typing.Options["member"].User.Name != "Bob" || !typing.Options["share"].Bool || len(others) != 2 {
		t.Errorf("typing: %+v", typing)
	}
	if target := tests[1].request.Target; target == nil || !target.Bot {
		t.Errorf("the menu is on %+v", target)
	}
}
