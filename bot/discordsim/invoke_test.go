package discordsim_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot/discordsim"
)

// everything is a command with an option of each kind.
const everything = `[
	{"name":"all","description":"d","options":[
		{"type":3,"name":"must","description":"d","required":true,"min_length":2,"max_length":5},
		{"type":3,"name":"text","description":"d","autocomplete":true},
		{"type":3,"name":"one","description":"d","choices":[{"name":"A","value":"a"}]},
		{"type":4,"name":"int","description":"d","min_value":1,"max_value":9},
		{"type":10,"name":"num","description":"d"},
		{"type":5,"name":"bool","description":"d"},
		{"type":6,"name":"user","description":"d"},
		{"type":7,"name":"channel","description":"d","channel_types":[0]},
		{"type":8,"name":"role","description":"d"},
		{"type":9,"name":"any","description":"d"}]},
	{"name":"set","description":"d","options":[
		{"type":1,"name":"show","description":"d"},
		{"type":2,"name":"role","description":"d","options":[{"type":1,"name":"add","description":"d","options":[{"type":8,"name":"role","description":"d","required":true}]}]}]},
	{"name":"View","type":2},
	{"name":"manage","description":"d","default_member_permissions":"8589934592"},
	{"name":"admins","description":"d","default_member_permissions":"0"},
	{"name":"here","description":"d","contexts":[0]},
	{"name":"mine","description":"d","contexts":[0,1,2],"integration_types":[1]}]`

func everythingWorld(t *testing.T) (*discordsim.Server, *hook) {
	t.Helper()
	s := start(t, discordsim.Options{})
	registerRaw(t, s, everything)
	return s, newHook(t, s)
}

func TestWhatTheClientLetsThrough(t *testing.T) {
	t.Parallel()
	s, h := everythingWorld(t)
	p := s.People()
	dm, err := s.OpenDM(p.Member)
	if err != nil {
		t.Fatal(err)
	}
	private, err := s.OpenPrivateChannel(p.Member, p.Finisher)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetInstalled(p.Finisher, true); err != nil {
		t.Fatal(err)
	}
	must := func(name string, v any) map[string]any { return map[string]any{"must": "abc", name: v} }
	tests := []struct {
		name string
		in   discordsim.Invocation
		err  error
	}{
		{"required", discordsim.Invocation{Command: "all", Options: must("text", "x")}, nil},
		{"required missing", discordsim.Invocation{Command: "all"}, discordsim.ErrBadOption},
		{"too short", discordsim.Invocation{Command: "all", Options: map[string]any{"must": "a"}}, discordsim.ErrBadOption},
		{"too long", discordsim.Invocation{Command: "all", Options: map[string]any{"must": "abcdef"}}, discordsim.ErrBadOption},
		{"empty text", discordsim.Invocation{Command: "all", Options: must("text", " ")}, discordsim.ErrBadOption},
		{"unknown option", discordsim.Invocation{Command: "all", Options: must("x", 1)}, discordsim.ErrBadOption},
		{"choice", discordsim.Invocation{Command: "all", Options: must("one", "a")}, nil},
		{"no choice", discordsim.Invocation{Command: "all", Options: must("one", "b")}, discordsim.ErrBadOption},
		{"integer", discordsim.Invocation{Command: "all", Options: must("int", 9)}, nil},
		{"too large", discordsim.Invocation{Command: "all", Options: must("int", 10)}, discordsim.ErrBadOption},
		{"no integer", discordsim.Invocation{Command: "all", Options: must("int", 1.5)}, discordsim.ErrBadOption},
		{"no number", discordsim.Invocation{Command: "all", Options: must("num", "1")}, discordsim.ErrBadOption},
		{"number", discordsim.Invocation{Command: "all", Options: must("num", 1.5)}, nil},
		{"no boolean", discordsim.Invocation{Command: "all", Options: must("bool", "true")}, discordsim.ErrBadOption},
		{"user", discordsim.Invocation{Command: "all", Options: must("user", p.Admin)}, nil},
		{"no user", discordsim.Invocation{Command: "all", Options: must("user", "1")}, discordsim.ErrBadOption},
		{"channel", discordsim.Invocation{Command: "all", Options: must("channel", discordsim.TradingChannelID)}, nil},
		{"channel of another type", discordsim.Invocation{Command: "all", Options: must("channel", discordsim.VoiceChannelID)}, discordsim.ErrBadOption},
		{"channel out of sight", discordsim.Invocation{Command: "all", Options: must("channel", discordsim.StaffChannelID)}, discordsim.ErrBadOption},
		{"role", discordsim.Invocation{Command: "all", Options: must("role", discordsim.CollectorRoleID)}, nil},
		{"no role", discordsim.Invocation{Command: "all", Options: must("role", p.Admin)}, discordsim.ErrBadOption},
		{"mentionable role", discordsim.Invocation{Command: "all", Options: must("any", discordsim.CollectorRoleID)}, nil},
		{"mentionable user", discordsim.Invocation{Command: "all", Options: must("any", p.Admin)}, nil},
		{"no such command", discordsim.Invocation{Command: "none"}, discordsim.ErrNoCommand},
		{"no command at all", discordsim.Invocation{Command: " "}, discordsim.ErrNoCommand},
		{"subcommand", discordsim.Invocation{Command: "set show"}, nil},
		{"base of subcommands", discordsim.Invocation{Command: "set"}, discordsim.ErrNoCommand},
		{"group alone", discordsim.Invocation{Command: "set role"}, discordsim.ErrNoCommand},
		{"subcommand of a group", discordsim.Invocation{Command: "set role add", Options: map[string]any{"role": discordsim.CollectorRoleID}}, nil},
		{"no such subcommand", discordsim.Invocation{Command: "set hide"}, discordsim.ErrNoCommand},
		{"member may not manage", discordsim.Invocation{Command: "manage"}, discordsim.ErrNoCommand},
		{"manager may", discordsim.Invocation{Command: "manage", User: p.Manager}, nil},
		{"admin may", discordsim.Invocation{Command: "manage", User: p.Admin}, nil},
		{"manager is no admin", discordsim.Invocation{Command: "admins", User: p.Manager}, discordsim.ErrNoCommand},
		{"admin is", discordsim.Invocation{Command: "admins", User: p.Admin}, nil},
		{"in direct messages", discordsim.Invocation{Command: "set show", Channel: dm}, nil},
		{"in servers only", discordsim.Invocation{Command: "here", Channel: dm}, discordsim.ErrNoCommand},
		{"between people, not installed", discordsim.Invocation{Command: "mine", Channel: private}, discordsim.ErrNoCommand},
		{"between people, installed", discordsim.Invocation{Command: "mine", Channel: private, User: p.Finisher}, nil},
		{"installed, in a server", discordsim.Invocation{Command: "mine", User: p.Finisher}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := s.Invoke(tt.in)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error = %v, want %v", err, tt.err)
			}
			if err == nil {
				h.next(t)
			}
		})
	}
	for name, in := range map[string]discordsim.Invocation{
		"unknown person":       {Command: "set show", User: "1"},
		"unknown channel":      {Command: "set show", Channel: "1"},
		"channel out of sight": {Command: "set show", Channel: discordsim.StaffChannelID},
		"others' messages":     {Command: "set show", Channel: dm, User: p.Admin},
	} {
		if _, err := s.Invoke(in); err == nil {
			t.Errorf("%s: the command went through", name)
		}
	}
}

// dig follows keys and indexes into decoded JSON.
func dig(v any, path ...any) any {
	for _, step := range path {
		switch key := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[key]
		case int:
			l, _ := v.([]any)
			if key >= len(l) {
				return nil
			}
			v = l[key]
		}
	}
	return v
}

func TestCommandPayload(t *testing.T) {
	t.Parallel()
	s, h := everythingWorld(t)
	p := s.People()
	if err := s.SetLocale(p.Member, "de"); err != nil {
		t.Fatal(err)
	}
	_, e := h.invoke(t, discordsim.Invocation{Command: "all", Options: map[string]any{"must": "abc", "user": p.Admin, "role": discordsim.CollectorRoleID, "channel": discordsim.TradingChannelID, "int": 5}})
	for _, tt := range []struct {
		path []any
		want any
	}{
		{[]any{"application_id"}, s.ApplicationID()},
		{[]any{"type"}, 2.0},
		{[]any{"version"}, 1.0},
		{[]any{"guild_id"}, discordsim.GuildID},
		{[]any{"guild", "locale"}, "en-US"},
		{[]any{"guild_locale"}, "en-US"},
		{[]any{"locale"}, "de"},
		{[]any{"channel_id"}, discordsim.GeneralChannelID},
		{[]any{"channel", "name"}, "general"},
		{[]any{"context"}, 0.0},
		{[]any{"user"}, nil},
		{[]any{"member", "user", "id"}, p.Member},
		{[]any{"member", "user", "global_name"}, "Mia"},
		{[]any{"member", "permissions"}, discordsim.PermDefault.String()},
		{[]any{"app_permissions"}, (discordsim.PermDefault | discordsim.PermManageRoles).String()},
		{[]any{"authorizing_integration_owners", "0"}, discordsim.GuildID},
		{[]any{"entitlements"}, []any{}},
		{[]any{"attachment_size_limit"}, 10485760.0},
		{[]any{"data", "name"}, "all"},
		{[]any{"data", "type"}, 1.0},
		{[]any{"data", "options", 0, "name"}, "must"},
		{[]any{"data", "options", 0, "type"}, 3.0},
		{[]any{"data", "options", 0, "value"}, "abc"},
		{[]any{"data", "options", 1, "value"}, 5.0},
		{[]any{"data", "options", 2, "value"}, p.Admin},
		{[]any{"data", "resolved", "users", p.Admin, "username"}, "ada"},
		{[]any{"data", "resolved", "members", p.Admin, "roles", 0}, discordsim.HighRoleID},
		{[]any{"data", "resolved", "members", p.Admin, "user"}, nil},
		{[]any{"data", "resolved", "roles", discordsim.CollectorRoleID, "name"}, "Collector"},
		{[]any{"data", "resolved", "channels", discordsim.TradingChannelID, "name"}, "trading"},
	} {
		if diff := cmp.Diff(tt.want, dig(e.raw, tt.path...)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tt.path, diff)
		}
	}
	if len(e.Token) < 64 {
		t.Errorf("token of %d characters can be guessed", len(e.Token))
	}
}

func TestSubcommandPayload(t *testing.T) {
	t.Parallel()
	_, h := everythingWorld(t)
	_, e := h.invoke(t, discordsim.Invocation{Command: "set role add", Options: map[string]any{"role": discordsim.CollectorRoleID}})
	want := []any{map[string]any{"name": "role", "type": 2.0, "options": []any{
		map[string]any{"name": "add", "type": 1.0, "options": []any{
			map[string]any{"name": "role", "type": 8.0, "value": discordsim.CollectorRoleID},
		}},
	}}}
	if diff := cmp.Diff(want, dig(e.raw, "data", "options")); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
}

func TestDirectMessagePayload(t *testing.T) {
	t.Parallel()
	s, h := everythingWorld(t)
	dm, err := s.OpenDM(s.People().Member)
	if err != nil {
		t.Fatal(err)
	}
	i, e := h.invoke(t, discordsim.Invocation{Command: "set show", Channel: dm})
	got := map[string]any{}
	for _, key := range []string{"guild_id", "guild", "member", "context", "authorizing_integration_owners"} {
		got[key] = e.raw[key]
	}
	want := map[string]any{"guild_id": nil, "guild": nil, "member": nil, "context": 1.0, "authorizing_integration_owners": map[string]any{"0": "0"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("payload (-want +got):\n%s", diff)
	}
	if dig(e.raw, "user", "id") != s.People().Member {
		t.Errorf("user = %v", e.raw["user"])
	}
	do(t, s, http.MethodPost, e.callback(), `{"type":4,"data":{"content":"c"}}`).want(t, http.StatusNoContent, 0, "")
	if m, err := i.AwaitMessage(within(t)); err != nil || m.ChannelID != dm {
		t.Errorf("message = %+v, %v", m, err)
	}
}

func TestUserCommand(t *testing.T) {
	t.Parallel()
	s, h := everythingWorld(t)
	if _, err := s.InvokeUser(discordsim.Invocation{Command: "View", Target: s.People().Admin}); err != nil {
		t.Fatal(err)
	}
	e := h.next(t)
	if dig(e.raw, "data", "target_id") != s.People().Admin || dig(e.raw, "data", "type") != 2.0 ||
		dig(e.raw, "data", "resolved", "users", s.People().Admin, "username") != "ada" {
		t.Errorf("data = %v", e.raw["data"])
	}
	if _, err := s.InvokeUser(discordsim.Invocation{Command: "View", Target: "1"}); err == nil {
		t.Error("the command was used on nobody")
	}
}

func TestAutocomplete(t *testing.T) {
	t.Parallel()
	s, h := everythingWorld(t)
	i, err := s.Autocomplete(discordsim.Invocation{Command: "all", Focus: "text", Options: map[string]any{"text": "ab"}})
	if err != nil {
		t.Fatal(err)
	}
	e := h.next(t)
	want := []any{map[string]any{"name": "text", "type": 3.0, "value": "ab", "focused": true}}
	if diff := cmp.Diff(want, dig(e.raw, "data", "options")); diff != "" || e.Type != 4 {
		t.Errorf("type %d, options (-want +got):\n%s", e.Type, diff)
	}
	do(t, s, http.MethodPost, e.callback(), `{"type":8,"data":{"choices":[{"name":"Abc","value":"abc"}]}}`).want(t, http.StatusNoContent, 0, "")
	a, err := i.Await(within(t))
	if err != nil || !cmp.Equal(a.Choices, []discordsim.Choice{{Name: "Abc", Value: "abc"}}) {
		t.Errorf("answer = %+v, %v", a, err)
	}
	if _, err := i.AwaitMessage(within(t)); err == nil {
		t.Error("choices were taken for a message")
	}
	for _, focus := range []string{"must", "none", ""} {
		if _, err := s.Autocomplete(discordsim.Invocation{Command: "all", Focus: focus}); !errors.Is(err, discordsim.ErrBadOption) {
			t.Errorf("focus %q: %v", focus, err)
		}
	}
}

// answered invokes "set show" and answers it with all kinds of controls.
func answered(t *testing.T, s *discordsim.Server, h *hook, flags string) discordsim.Message {
	t.Helper()
	i, e := h.invoke(t, discordsim.Invocation{Command: "set show"})
	body := map[string]any{}
	if err := json.Unmarshal([]byte(controls), &body); err != nil {
		t.Fatal(err)
	}
	body["data"].(map[string]any)["flags"] = json.RawMessage(flags)
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	do(t, s, http.MethodPost, e.callback(), string(b)).want(t, http.StatusNoContent, 0, "")
	m, err := i.AwaitMessage(within(t))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestComponents(t *testing.T) {
	t.Parallel()
	s, h := everythingWorld(t)
	p := s.People()
	m := answered(t, s, h, "0")
	for name, use := range map[string]func() (*discordsim.Interaction, error){
		"disabled button":      func() (*discordsim.Interaction, error) { return s.Press("", m.ID, "Off") },
		"link":                 func() (*discordsim.Interaction, error) { return s.Press("", m.ID, "Web") },
		"no such button":       func() (*discordsim.Interaction, error) { return s.Press("", m.ID, "Stop") },
		"no such message":      func() (*discordsim.Interaction, error) { return s.Press("", "1", "Go") },
		"no such menu":         func() (*discordsim.Interaction, error) { return s.Choose("", m.ID, "none", "1") },
		"several menus":        func() (*discordsim.Interaction, error) { return s.Choose("", m.ID, "", "1") },
		"no such option":       func() (*discordsim.Interaction, error) { return s.Choose("", m.ID, "pick", "3") },
		"too many options":     func() (*discordsim.Interaction, error) { return s.Choose("", m.ID, "who", p.Admin, p.Member) },
		"too few options":      func() (*discordsim.Interaction, error) { return s.Choose("", m.ID, "pick") },
		"same option twice":    func() (*discordsim.Interaction, error) { return s.Choose("", m.ID, "pick", "1", "One") },
		"channel of a kind":    func() (*discordsim.Interaction, error) { return s.Choose("", m.ID, "where", discordsim.VoiceChannelID) },
		"channel out of sight": func() (*discordsim.Interaction, error) { return s.Choose("", m.ID, "where", discordsim.StaffChannelID) },
	} {
		if _, err := use(); err == nil {
			t.Errorf("%s: it went through", name)
		}
	}

	if _, err := s.Press(p.Admin, m.ID, "go"); err != nil { // by label, whatever its case
		t.Fatal(err)
	}
	e := h.next(t)
	want := map[string]any{"custom_id": "go", "component_type": 2.0, "id": 2.0}
	if diff := cmp.Diff(want, e.raw["data"]); diff != "" {
		t.Errorf("button (-want +got):\n%s", diff)
	}
	if dig(e.raw, "message", "id") != m.ID || dig(e.raw, "message", "interaction_metadata", "user", "id") != p.Member ||
		dig(e.raw, "member", "user", "id") != p.Admin || e.Type != 3 {
		t.Errorf("payload = %v", e.raw)
	}

	for _, tt := range []struct {
		menu, value, kind string
		resolved          []any
	}{
		{"pick", "Two", "3", nil},
		{"who", p.Admin, "5", []any{"users", p.Admin, "username"}},
		{"role", discordsim.CollectorRoleID, "6", []any{"roles", discordsim.CollectorRoleID, "name"}},
		{"where", discordsim.TradingChannelID, "8", []any{"channels", discordsim.TradingChannelID, "name"}},
	} {
		if _, err := s.Choose("", m.ID, tt.menu, tt.value); err != nil {
			t.Fatal(err)
		}
		e := h.next(t)
		value := tt.value
		if tt.menu == "pick" {
			value = "2"
		}
		if diff := cmp.Diff([]any{value}, dig(e.raw, "data", "values")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.menu, diff)
		}
		if tt.resolved != nil && dig(dig(e.raw, "data", "resolved"), tt.resolved...) == nil {
			t.Errorf("%s: data = %v", tt.menu, e.raw["data"])
		}
	}
}

func TestEphemeralMessagesAreTheAskers(t *testing.T) {
	t.Parallel()
	s, h := everythingWorld(t)
	p := s.People()
	m := answered(t, s, h, "64")
	if _, err := s.Press(p.Admin, m.ID, "Go"); !errors.Is(err, discordsim.ErrNoControl) {
		t.Errorf("somebody else's press: %v", err)
	}
	if got := s.Messages(m.ChannelID, p.Admin); len(got) != 0 {
		t.Errorf("somebody else sees %v", got)
	}
	if got := s.Messages(m.ChannelID, p.Member); len(got) != 1 {
		t.Errorf("the asker sees %v", got)
	}
	do(t, s, http.MethodGet, messagesPath(m.ChannelID)+"/"+m.ID, "").want(t, http.StatusNotFound, discordsim.CodeUnknownMessage, "")
	if _, err := s.Press(p.Member, m.ID, "Go"); err != nil {
		t.Error(err)
	}
}

func TestDeferredUpdate(t *testing.T) {
	t.Parallel()
	s, h := everythingWorld(t)
	m := answered(t, s, h, "0")
	i, err := s.Press("", m.ID, "Go")
	if err != nil {
		t.Fatal(err)
	}
	e := h.next(t)
	do(t, s, http.MethodPost, e.callback(), `{"type":6}`).want(t, http.StatusNoContent, 0, "")
	if a, err := i.Await(within(t)); err != nil || a.Type != discordsim.CallbackDeferUpdate || a.Message != nil {
		t.Errorf("answer = %+v, %v", a, err)
	}
	do(t, s, http.MethodPatch, webhookPath(s, e)+"/messages/@original", `{"content":"new"}`).want(t, http.StatusOK, 0, "")
	updated, err := i.AwaitMessage(within(t))
	if err != nil || updated.ID != m.ID || updated.Content != "new" {
		t.Errorf("message = %+v, %v", updated, err)
	}
	if again, err := i.AwaitEdit(within(t), 1); err != nil || again.Content != "new" {
		t.Errorf("edit = %+v, %v", again, err)
	}
}

func TestModal(t *testing.T) {
	t.Parallel()
	s, h := everythingWorld(t)
	i, e := h.invoke(t, discordsim.Invocation{Command: "set show"})
	do(t, s, http.MethodPost, e.callback(), `{"type":9,"data":{"custom_id":"m","title":"Template","components":[
		{"type":18,"label":"Text","component":{"type":4,"custom_id":"text","style":2,"min_length":3,"value":"as it was"}},
		{"type":18,"label":"Channel","component":{"type":8,"custom_id":"channel","required":false}},
		{"type":18,"label":"Choice","component":{"type":21,"custom_id":"choice","required":false,"options":[{"label":"A","value":"a"},{"label":"B","value":"b"}]}},
		{"type":1,"components":[{"type":4,"custom_id":"old","style":1,"label":"Old","required":false}]},
		{"type":10,"content":"note"}]}}`).want(t, http.StatusNoContent, 0, "")
	a, err := i.Await(within(t))
	if err != nil || a.Modal == nil || a.Modal.Title != "Template" || len(a.Modal.Inputs()) != 4 {
		t.Fatalf("answer = %+v, %v", a, err)
	}
	for name, fields := range map[string]map[string]string{
		"unknown field": {"x": "y"},
		"too short":     {"text": "ab"},
		"empty":         {"text": ""},
		"no channel":    {"channel": "1"},
	} {
		if _, err := s.Submit(i, fields); err == nil {
			t.Errorf("%s: it went through", name)
		}
	}
	submit, err := s.Submit(i, map[string]string{"channel": discordsim.TradingChannelID, "choice": "b"})
	if err != nil {
		t.Fatal(err)
	}
	e = h.next(t)
	want := []any{
		map[string]any{"type": 18.0, "id": 1.0, "component": map[string]any{"type": 4.0, "id": 2.0, "custom_id": "text", "value": "as it was"}},
		map[string]any{"type": 18.0, "id": 3.0, "component": map[string]any{"type": 8.0, "id": 4.0, "custom_id": "channel", "values": []any{discordsim.TradingChannelID}}},
		map[string]any{"type": 18.0, "id": 5.0, "component": map[string]any{"type": 21.0, "id": 6.0, "custom_id": "choice", "value": "b"}},
		map[string]any{"type": 1.0, "id": 7.0, "components": []any{map[string]any{"type": 4.0, "id": 8.0, "custom_id": "old", "value": ""}}},
		map[string]any{"type": 10.0, "id": 9.0},
	}
	if diff := cmp.Diff(want, dig(e.raw, "data", "components")); diff != "" || e.Type != 5 {
		t.Errorf("type %d, components (-want +got):\n%s", e.Type, diff)
	}
	do(t, s, http.MethodPost, e.callback(), `{"type":4,"data":{"content":"saved"}}`).want(t, http.StatusNoContent, 0, "")
	if m, err := submit.AwaitMessage(within(t)); err != nil || m.Content != "saved" {
		t.Errorf("message = %+v, %v", m, err)
	}
	if _, err := s.Submit(submit, nil); !errors.Is(err, discordsim.ErrNoControl) {
		t.Errorf("submitting no modal: %v", err)
	}
}

func TestModalFromComponentUpdatesItsMessage(t *testing.T) {
	t.Parallel()
	s, h := everythingWorld(t)
	m := answered(t, s, h, "0")
	i, err := s.Press("", m.ID, "Go")
	if err != nil {
		t.Fatal(err)
	}
	do(t, s, http.MethodPost, h.next(t).callback(), `{"type":9,"data":{"custom_id":"m","title":"t","components":[{"type":18,"label":"l","component":{"type":4,"custom_id":"i","style":1}}]}}`)
	if _, err := i.Await(within(t)); err != nil {
		t.Fatal(err)
	}
	submit, err := s.Submit(i, map[string]string{"i": "x"})
	if err != nil {
		t.Fatal(err)
	}
	e := h.next(t)
	if dig(e.raw, "message", "id") != m.ID {
		t.Errorf("message = %v", e.raw["message"])
	}
	do(t, s, http.MethodPost, e.callback(), `{"type":7,"data":{"content":"changed"}}`).want(t, http.StatusNoContent, 0, "")
	if got, err := submit.AwaitMessage(within(t)); err != nil || got.ID != m.ID || got.Content != "changed" {
		t.Errorf("message = %+v, %v", got, err)
	}
}

func TestVisibleCommands(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	registerRaw(t, s, everything)
	guild := "/applications/" + s.ApplicationID() + "/guilds/" + discordsim.GuildID + "/commands"
	do(t, s, http.MethodPut, guild, `[{"name":"here","description":"the server's own"}]`).want(t, http.StatusOK, 0, "")
	dm, err := s.OpenDM(s.People().Member)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		user, channel string
		want          []string
	}{
		{"", "", []string{"here", "all", "set", "View"}},
		{s.People().Admin, "", []string{"here", "all", "set", "View", "manage", "admins"}},
		{"", dm, []string{"all", "set", "View", "manage", "admins"}},
	} {
		list, err := s.VisibleCommands(tt.user, tt.channel)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range list {
			got = append(got, c.Name)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s in %s (-want +got):\n%s", tt.user, tt.channel, diff)
		}
	}
	if _, err := s.VisibleCommands("1", ""); err == nil {
		t.Error("commands are offered to nobody")
	}
}
