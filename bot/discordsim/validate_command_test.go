package discordsim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot/discordsim"
)

func command(more string) string {
	return `[{"name":"a","description":"d"` + more + `}]`
}

func options(list string) string { return command(`,"options":` + list) }

// largeCommand has 25 options, each with so many choices of 102 characters.
func largeCommand(choices int) string {
	list := numbered(choices, `{"name":"n#","value":"`+strings.Repeat("ä", 99)+`#"}`)
	return options(numbered(25, `{"type":3,"name":"o#","description":"d","choices":`+list+`}`))
}

func TestCommandRules(t *testing.T) {
	t.Parallel()
	const opt = `{"type":3,"name":"o#","description":"d"}`
	tests := []struct {
		name, body, fault string
	}{
		{"slash command", command(""), ""},
		{"none", `[]`, ""},
		{"no list", `{"name":"a"}`, ""},
		{"letters of many scripts", `[{"name":"进度","description":"d"},{"name":"naïve","description":"d"},{"name":"นกกระ","description":"d"},{"name":"it's","description":"d"}]`, ""},
		{"capital", `[{"name":"Abc","description":"d"}]`, "0.name"},
		{"space", `[{"name":"a b","description":"d"}]`, "0.name"},
		{"empty name", `[{"name":"","description":"d"}]`, "0.name"},
		{"long name", `[{"name":` + text(33) + `,"description":"d"}]`, "0.name"},
		{"no description", `[{"name":"a"}]`, "0.description"},
		{"empty description", `[{"name":"a","description":" "}]`, "0.description"},
		{"long description", `[{"name":"a","description":` + text(101) + `}]`, "0.description"},
		{"user command", `[{"name":"View Progress","type":2}]`, ""},
		{"user command with description", `[{"name":"View","type":2,"description":"d"}]`, "0.description"},
		{"user command with options", `[{"name":"View","type":2,"options":[` + strings.ReplaceAll(opt, "#", "") + `]}]`, "0.options"},
		{"same name twice", `[{"name":"a","description":"d"},{"name":"a","description":"d"}]`, "1.name"},
		{"same name, other type", `[{"name":"a","description":"d"},{"name":"a","type":2}]`, ""},
		{"localized", command(`,"name_localizations":{"de":"b","zh-CN":"名"},"description_localizations":{"de":"x"}`), ""},
		{"unknown locale", command(`,"name_localizations":{"xx":"b"}`), "0.name_localizations.xx"},
		{"localized capital", command(`,"name_localizations":{"de":"B"}`), "0.name_localizations.de"},
		{"localized description", command(`,"description_localizations":{"de":` + text(101) + `}`), "0.description_localizations.de"},
		{"permissions as text", command(`,"default_member_permissions":"32"`), ""},
		{"permissions of what", command(`,"default_member_permissions":"all"`), "0.default_member_permissions"},
		{"context", command(`,"contexts":[3]`), "0.contexts.0"},
		{"same context twice", command(`,"contexts":[0,0]`), "0.contexts.1"},
		{"installation type", command(`,"integration_types":[2]`), "0.integration_types.0"},

		{"25 options", options(numbered(25, opt)), ""},
		{"26 options", options(numbered(26, opt)), "0.options"},
		{"option without description", options(`[{"type":3,"name":"o"}]`), "0.options.0.description"},
		{"option name", options(`[{"type":3,"name":"O","description":"d"}]`), "0.options.0.name"},
		{"option type", options(`[{"type":12,"name":"o","description":"d"}]`), "0.options.0.type"},
		{"same option twice", options(repeat(2, opt)), "0.options.1.name"},
		{"required after optional", options(`[{"type":3,"name":"a","description":"d"},{"type":3,"name":"b","description":"d","required":true}]`), "0.options.1.required"},
		{"autocomplete with choices", options(`[{"type":3,"name":"a","description":"d","autocomplete":true,"choices":[{"name":"n","value":"v"}]}]`), "0.options.0.autocomplete"},
		{"autocomplete of a user", options(`[{"type":6,"name":"a","description":"d","autocomplete":true}]`), "0.options.0.autocomplete"},
		{"26 choices", options(`[{"type":3,"name":"a","description":"d","choices":` + numbered(26, `{"name":"n#","value":"v#"}`) + `}]`), "0.options.0.choices"},
		{"choice value", options(`[{"type":3,"name":"a","description":"d","choices":[{"name":"n","value":` + text(101) + `}]}]`), "0.options.0.choices.0.value"},
		{"choice of another type", options(`[{"type":4,"name":"a","description":"d","choices":[{"name":"n","value":"v"}]}]`), "0.options.0.choices.0.value"},
		{"min_length of a number", options(`[{"type":4,"name":"a","description":"d","min_length":1}]`), "0.options.0.min_length"},
		{"max_length", options(`[{"type":3,"name":"a","description":"d","max_length":6001}]`), "0.options.0.max_length"},
		{"min_value", options(`[{"type":4,"name":"a","description":"d","min_value":9007199254740992}]`), "0.options.0.min_value"},
		{"localized option names collide", options(`[{"type":3,"name":"a","description":"d","name_localizations":{"de":"x"}},{"type":3,"name":"b","description":"d","name_localizations":{"de":"x"}}]`), "0.options.1.name_localizations"},
		{"subcommands", options(`[{"type":1,"name":"a","description":"d","options":[` + opt[:len(opt)-1] + `}]},{"type":2,"name":"g","description":"d","options":[{"type":1,"name":"s","description":"d"}]}]`), "0.options.0.options.0.name"},
		{"group in a group", options(`[{"type":2,"name":"g","description":"d","options":[{"type":2,"name":"h","description":"d"}]}]`), "0.options.0.options.0.type"},
		{"subcommand in a subcommand", options(`[{"type":1,"name":"g","description":"d","options":[{"type":1,"name":"h","description":"d"}]}]`), "0.options.0.options.0.type"},
		{"subcommand beside an option", options(`[{"type":1,"name":"g","description":"d"},{"type":3,"name":"h","description":"d"}]`), "0.options.1.type"},
		{"required subcommand", options(`[{"type":1,"name":"g","description":"d","required":true}]`), "0.options.0.required"},
		{"7744 characters", largeCommand(3), ""},
		{"10294 characters", largeCommand(4), "0"},
	}
	s := start(t, discordsim.Options{RouteLimit: -1, GlobalLimit: -1})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := do(t, s, http.MethodPut, "/applications/"+s.ApplicationID()+"/commands", tt.body)
			switch {
			case tt.fault != "":
				r.want(t, http.StatusBadRequest, discordsim.CodeInvalidFormBody, tt.fault)
			case tt.name == "no list":
				r.want(t, http.StatusBadRequest, discordsim.CodeInvalidFormBody, "")
			default:
				r.want(t, http.StatusOK, 0, "")
			}
		})
	}
}

type registered struct {
	ID, Version, Name string
}

func names(list []registered) []string {
	out := []string{}
	for _, c := range list {
		out = append(out, c.Name)
	}
	return out
}

func TestCommandsKeepTheirIDs(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	path := "/applications/" + s.ApplicationID() + "/commands"
	put := func(body string) (list []registered) {
		r := do(t, s, http.MethodPut, path, body)
		r.want(t, http.StatusOK, 0, "")
		r.into(t, &list)
		return list
	}
	first := put(`[{"name":"a","description":"d"},{"name":"b","description":"d"}]`)
	again := put(`[{"name":"a","description":"d"},{"name":"b","description":"d"}]`)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the same commands again (-want +got):\n%s", diff)
	}
	if n := s.CommandChanges(); n != 1 {
		t.Errorf("changes = %d, want 1", n)
	}
	changed := put(`[{"name":"b","description":"e"},{"name":"c","description":"d"}]`)
	if changed[0].ID != first[1].ID || changed[0].Version == first[1].Version {
		t.Errorf("changed command = %+v, was %+v", changed[0], first[1])
	}

	r := do(t, s, http.MethodPost, path, `{"name":"c","description":"other"}`)
	r.want(t, http.StatusOK, 0, "")
	r = do(t, s, http.MethodPost, path, `{"name":"d","description":"new"}`)
	r.want(t, http.StatusCreated, 0, "")
	var d registered
	r.into(t, &d)
	do(t, s, http.MethodPatch, path+"/"+d.ID, `{"description":"newer"}`).want(t, http.StatusOK, 0, "")
	do(t, s, http.MethodPatch, path+"/"+d.ID, `{"name":"c"}`).want(t, http.StatusBadRequest, 40041, "")
	do(t, s, http.MethodGet, path+"/"+d.ID, "").want(t, http.StatusOK, 0, "")
	do(t, s, http.MethodDelete, path+"/"+d.ID, "").want(t, http.StatusNoContent, 0, "")
	do(t, s, http.MethodDelete, path+"/"+d.ID, "").want(t, http.StatusNotFound, discordsim.CodeUnknownCommand, "")

	var list []registered
	do(t, s, http.MethodGet, path, "").into(t, &list)
	if diff := cmp.Diff([]string{"b", "c"}, names(list)); diff != "" {
		t.Errorf("registered (-want +got):\n%s", diff)
	}
}

func TestCommandLocalizationsAreAskedFor(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	path := "/applications/" + s.ApplicationID() + "/commands"
	do(t, s, http.MethodPut, path, options(`[{"type":3,"name":"o","description":"d","name_localizations":{"de":"x"}}]`)).want(t, http.StatusOK, 0, "")
	if r := do(t, s, http.MethodGet, path, ""); strings.Contains(r.body, "_localizations") {
		t.Errorf("localizations in %s", r.body)
	}
	if r := do(t, s, http.MethodGet, path+"?with_localizations=true", ""); !strings.Contains(r.body, `"name_localizations":{"de":"x"}`) {
		t.Errorf("no localizations in %s", r.body)
	}
}

func TestCommandLimits(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	global := "/applications/" + s.ApplicationID() + "/commands"
	guild := "/applications/" + s.ApplicationID() + "/guilds/" + discordsim.GuildID + "/commands"

	do(t, s, http.MethodPut, global, numbered(101, `{"name":"c#","description":"d"}`)).want(t, http.StatusBadRequest, discordsim.CodeMaxCommands, "")
	do(t, s, http.MethodPut, global, numbered(16, `{"name":"c#","type":2}`)).want(t, http.StatusBadRequest, discordsim.CodeMaxCommands, "")
	do(t, s, http.MethodPut, global, numbered(100, `{"name":"c#","description":"d"}`)).want(t, http.StatusOK, 0, "")
	do(t, s, http.MethodPost, global, `{"name":"more","description":"d"}`).want(t, http.StatusBadRequest, discordsim.CodeMaxCommands, "")

	do(t, s, http.MethodPut, global, numbered(99, `{"name":"d#","description":"d"}`)).want(t, http.StatusOK, 0, "")
	do(t, s, http.MethodPut, global, numbered(2, `{"name":"e#","description":"d"}`)).want(t, http.StatusBadRequest, discordsim.CodeMaxCommandCreates, "")
	do(t, s, http.MethodPut, guild, numbered(2, `{"name":"e#","description":"d"}`)).want(t, http.StatusOK, 0, "") // counted apart
	s.Advance(25 * 60 * 60 * 1e9)
	do(t, s, http.MethodPut, global, numbered(2, `{"name":"e#","description":"d"}`)).want(t, http.StatusOK, 0, "")

	do(t, s, http.MethodGet, "/applications/1/commands", "").want(t, http.StatusForbidden, discordsim.CodeNotYourApplication, "")
	do(t, s, http.MethodGet, "/applications/"+s.ApplicationID()+"/guilds/1/commands", "").want(t, http.StatusForbidden, discordsim.CodeMissingAccess, "")
}
