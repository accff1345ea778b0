package discordsim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot/discordsim"
)

func messagesPath(channel string) string { return "/channels/" + channel + "/messages" }

// send posts a message and returns its ID.
func send(t *testing.T, s *discordsim.Server, channel, body string) string {
	t.Helper()
	r := do(t, s, http.MethodPost, messagesPath(channel), body)
	r.want(t, http.StatusOK, 0, "")
	var m struct{ ID string }
	r.into(t, &m)
	return m.ID
}

func TestRequestManners(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*http.Request)
		path   string
		status int
		rules  []string
	}{
		{"all well", func(*http.Request) {}, "/users/@me", 200, nil},
		{"no token", func(r *http.Request) { r.Header.Del("Authorization") }, "/users/@me", 401, []string{discordsim.RuleAuth}},
		{"wrong token", func(r *http.Request) { r.Header.Set("Authorization", "Bot x") }, "/users/@me", 401, []string{discordsim.RuleAuth}},
		{"token without Bot", func(r *http.Request) {
			r.Header.Set("Authorization", strings.TrimPrefix(r.Header.Get("Authorization"), "Bot "))
		}, "/users/@me", 401, []string{discordsim.RuleAuth}},
		{"no token needed", func(r *http.Request) { r.Header.Del("Authorization") }, "/gateway", 200, nil},
		{"browser", func(r *http.Request) { r.Header.Set("User-Agent", "Mozilla/5.0") }, "/users/@me", 200, []string{discordsim.RuleUserAgent}},
		{"unknown route", func(*http.Request) {}, "/users/@me/friends", 404, []string{discordsim.RuleUnknownRoute}},
		{"unknown method", func(r *http.Request) { r.Method = http.MethodPut }, "/users/@me", 404, []string{discordsim.RuleUnknownRoute}},
		{"version 9", func(r *http.Request) { r.URL.Path = strings.Replace(r.URL.Path, "v10", "v9", 1) }, "/users/@me", 200, nil},
		{"no version", func(r *http.Request) { r.URL.Path = strings.Replace(r.URL.Path, "/v10", "", 1) }, "/users/@me", 200, nil},
		{"version 11", func(r *http.Request) { r.URL.Path = strings.Replace(r.URL.Path, "v10", "v11", 1) }, "/users/@me", 404, []string{discordsim.RuleUnknownRoute}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, discordsim.Options{})
			if r := doWith(t, s, http.MethodGet, tt.path, "", nil, tt.change); r.status != tt.status {
				t.Errorf("status = %d, want %d: %s", r.status, tt.status, r.body)
			}
			var rules []string
			for _, v := range s.Violations() {
				rules = append(rules, v.Rule)
			}
			if diff := cmp.Diff(tt.rules, rules); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
		})
	}
}

func TestContentType(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	r := doWith(t, s, http.MethodPost, messagesPath(discordsim.GeneralChannelID), "text/plain", []byte(`{"content":"c"}`), nil)
	r.want(t, http.StatusBadRequest, discordsim.CodeInvalidFormBody, "")
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	kind, file := multipartBody(t, `{"content":"c"}`, map[string]string{"a.txt": "a"})
	post := func(body string) func(t *testing.T, s *discordsim.Server) result {
		return func(t *testing.T, s *discordsim.Server) result {
			return do(t, s, http.MethodPost, messagesPath(discordsim.GeneralChannelID), body)
		}
	}
	tests := []struct {
		name string
		deny discordsim.Permissions
		do   func(t *testing.T, s *discordsim.Server) result
		code int // 0 is success
	}{
		{"send", 0, post(`{"content":"c"}`), 0},
		{"not see", discordsim.PermViewChannel, post(`{"content":"c"}`), discordsim.CodeMissingAccess},
		{"not send", discordsim.PermSendMessages, post(`{"content":"c"}`), discordsim.CodeMissingPermissions},
		{"embed", discordsim.PermEmbedLinks, post(`{"embeds":[{"title":"t"}]}`), discordsim.CodeMissingPermissions},
		{"no embed", discordsim.PermEmbedLinks, post(`{"content":"c"}`), 0},
		{"attach", discordsim.PermAttachFiles, func(t *testing.T, s *discordsim.Server) result {
			return doWith(t, s, http.MethodPost, messagesPath(discordsim.GeneralChannelID), kind, file, nil)
		}, discordsim.CodeMissingPermissions},
		{"speak", 0, post(`{"content":"c","tts":true}`), discordsim.CodeMissingPermissions},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, discordsim.Options{})
			if err := s.DenyBot(discordsim.GeneralChannelID, tt.deny); err != nil {
				t.Fatal(err)
			}
			r := tt.do(t, s)
			if tt.code == 0 {
				r.want(t, http.StatusOK, 0, "")
			} else {
				r.want(t, http.StatusForbidden, tt.code, "")
			}
			noViolations(t, s)
		})
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{GlobalLimit: -1, RouteLimit: -1})
	var ids []string
	for range 10 {
		ids = append(ids, send(t, s, discordsim.GeneralChannelID, `{"content":"c"}`))
	}
	pick := func(n ...int) []string {
		out := []string{}
		for _, i := range n {
			out = append(out, ids[i])
		}
		return out
	}
	tests := []struct {
		query string
		want  []string
	}{
		{"", pick(9, 8, 7, 6, 5, 4, 3, 2, 1, 0)},
		{"?limit=3", pick(9, 8, 7)},
		{"?limit=3&before=" + ids[5], pick(4, 3, 2)},
		{"?limit=3&after=" + ids[5], pick(8, 7, 6)},
		{"?limit=3&around=" + ids[5], pick(6, 5, 4)},
		{"?after=" + ids[9], pick()},
		{"?before=" + ids[0], pick()},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			var list []struct{ ID string }
			do(t, s, http.MethodGet, messagesPath(discordsim.GeneralChannelID)+tt.query, "").into(t, &list)
			got := []string{}
			for _, m := range list {
				got = append(got, m.ID)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for _, query := range []string{"?limit=0", "?limit=101", "?limit=x", "?before=x"} {
		r := do(t, s, http.MethodGet, messagesPath(discordsim.GeneralChannelID)+query, "")
		r.want(t, http.StatusBadRequest, discordsim.CodeInvalidFormBody, strings.Trim(strings.SplitN(query, "=", 2)[0], "?"))
	}

	// Without Read Message History there is silence, not an error.
	if err := s.DenyBot(discordsim.GeneralChannelID, discordsim.PermReadHistory); err != nil {
		t.Fatal(err)
	}
	if r := do(t, s, http.MethodGet, messagesPath(discordsim.GeneralChannelID), ""); r.body != "[]" {
		t.Errorf("history = %s", r.body)
	}
	do(t, s, http.MethodGet, messagesPath(discordsim.GeneralChannelID)+"/"+ids[0], "").want(t, http.StatusForbidden, discordsim.CodeMissingPermissions, "")
}

func TestContentOfOthersNeedsTheIntent(t *testing.T) {
	t.Parallel()
	for _, enabled := range []bool{false, true} {
		o := discordsim.Options{}
		if enabled {
			o.Gateway.PrivilegedIntents = discordsim.IntentMessageContent
		}
		s := start(t, o)
		m, err := s.Say(s.People().Member, discordsim.GeneralChannelID, "secret")
		if err != nil {
			t.Fatal(err)
		}
		r := do(t, s, http.MethodGet, messagesPath(discordsim.GeneralChannelID)+"/"+m.ID, "")
		if strings.Contains(r.body, "secret") != enabled {
			t.Errorf("intent %v: %s", enabled, r.body)
		}
		own := do(t, s, http.MethodGet, messagesPath(discordsim.GeneralChannelID)+"/"+send(t, s, discordsim.GeneralChannelID, `{"content":"mine"}`), "")
		if !strings.Contains(own.body, "mine") {
			t.Errorf("own message: %s", own.body)
		}
	}
}

func TestNonce(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	const body = `{"content":"c","nonce":"n","enforce_nonce":true}`
	first := send(t, s, discordsim.GeneralChannelID, body)
	if again := send(t, s, discordsim.GeneralChannelID, body); again != first {
		t.Errorf("enforced nonce made a second message")
	}
	if other := send(t, s, discordsim.GeneralChannelID, `{"content":"c","nonce":"n"}`); other == first {
		t.Errorf("nonce was enforced unasked")
	}
	if other := send(t, s, discordsim.TradingChannelID, body); other == first {
		t.Errorf("nonce reached into another channel")
	}
	s.Advance(10 * time.Minute)
	if late := send(t, s, discordsim.GeneralChannelID, body); late == first {
		t.Errorf("nonce was remembered for more than a few minutes")
	}
}

func TestEditAndDeleteMessages(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	path := messagesPath(discordsim.GeneralChannelID) + "/"
	own := send(t, s, discordsim.GeneralChannelID, `{"content":"c"}`)
	other, err := s.Say(s.People().Member, discordsim.GeneralChannelID, "hello")
	if err != nil {
		t.Fatal(err)
	}
	do(t, s, http.MethodPatch, path+own, `{"content":"d"}`).want(t, http.StatusOK, 0, "")
	do(t, s, http.MethodPatch, path+own, `{"content":null}`).want(t, http.StatusBadRequest, discordsim.CodeEmptyMessage, "")
	do(t, s, http.MethodPatch, path+other.ID, `{"content":"d"}`).want(t, http.StatusForbidden, discordsim.CodeNotAuthor, "")
	do(t, s, http.MethodPatch, path+"1", `{"content":"d"}`).want(t, http.StatusNotFound, discordsim.CodeUnknownMessage, "")
	do(t, s, http.MethodDelete, path+other.ID, "").want(t, http.StatusForbidden, discordsim.CodeMissingPermissions, "")

	s.Advance(2 * time.Hour)
	for range 10 {
		do(t, s, http.MethodPatch, path+own, `{"content":"e"}`).want(t, http.StatusOK, 0, "")
	}
	do(t, s, http.MethodPatch, path+own, `{"content":"e"}`).want(t, http.StatusTooManyRequests, discordsim.CodeMaxOldEdits, "")
	do(t, s, http.MethodDelete, path+own, "").want(t, http.StatusNoContent, 0, "")
	do(t, s, http.MethodGet, path+own, "").want(t, http.StatusNotFound, discordsim.CodeUnknownMessage, "")
}

func TestReplyToMessage(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	first := send(t, s, discordsim.GeneralChannelID, `{"content":"c"}`)
	reply := send(t, s, discordsim.GeneralChannelID, `{"content":"c","message_reference":{"message_id":"`+first+`"}}`)
	if m, ok := s.Message(reply); !ok || m.Reference != first {
		t.Errorf("reference = %q", m.Reference)
	}
	send(t, s, discordsim.GeneralChannelID, `{"content":"c","message_reference":{"message_id":"1","fail_if_not_exists":false}}`)
}

func TestPings(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{})
	member := s.People().Member
	content := `"<@` + member + `> <@&` + discordsim.CollectorRoleID + `> @everyone"`
	tests := []struct {
		name, mentions string
		want           []string
	}{
		{"by default", "", []string{member, discordsim.CollectorRoleID}}, // the bot may not mention everyone
		{"nobody", `,"allowed_mentions":{"parse":[]}`, nil},
		{"one user", `,"allowed_mentions":{"users":["` + member + `"]}`, []string{member}},
		{"roles", `,"allowed_mentions":{"parse":["roles"]}`, []string{discordsim.CollectorRoleID}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, _ := s.Message(send(t, s, discordsim.GeneralChannelID, `{"content":`+content+tt.mentions+`}`))
			if diff := cmp.Diff(tt.want, m.Pings); diff != "" {
				t.Errorf("pings (-want +got):\n%s", diff)
			}
		})
	}
	i, e := h.invoke(t, discordsim.Invocation{})
	do(t, s, http.MethodPost, e.callback(), `{"type":4,"data":{"content":`+content+`}}`).want(t, http.StatusNoContent, 0, "")
	if m, err := i.AwaitMessage(within(t)); err != nil || !cmp.Equal(m.Pings, []string{member}) {
		t.Errorf("an interaction's message pings users only by default, not %v (%v)", m.Pings, err)
	}
}

func TestDirectMessages(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	member := s.People().Member
	var dm struct{ ID string }
	do(t, s, http.MethodPost, "/users/@me/channels", `{"recipient_id":"`+member+`"}`).into(t, &dm)
	if id, err := s.OpenDM(member); err != nil || id != dm.ID {
		t.Errorf("DM = %s, %v; want %s", id, err, dm.ID)
	}
	send(t, s, dm.ID, `{"content":"psst"}`)
	if m := s.Messages(dm.ID, member); len(m) != 1 || m[0].Content != "psst" {
		t.Errorf("messages = %v", m)
	}
	if m := s.Messages(dm.ID, s.People().Admin); m != nil {
		t.Errorf("somebody else reads %v", m)
	}
	if err := s.SetDMsClosed(member, true); err != nil {
		t.Fatal(err)
	}
	do(t, s, http.MethodPost, messagesPath(dm.ID), `{"content":"c"}`).want(t, http.StatusForbidden, discordsim.CodeCannotMessageUser, "")
	do(t, s, http.MethodPost, "/users/@me/channels", `{"recipient_id":"1"}`).want(t, http.StatusBadRequest, discordsim.CodeUnknownUser, "")
	do(t, s, http.MethodPost, "/users/@me/channels", `{}`).want(t, http.StatusBadRequest, discordsim.CodeInvalidFormBody, "recipient_id")

	private, err := s.OpenPrivateChannel(member, s.People().Admin)
	if err != nil {
		t.Fatal(err)
	}
	do(t, s, http.MethodGet, "/channels/"+private, "").want(t, http.StatusForbidden, discordsim.CodeMissingAccess, "")
	do(t, s, http.MethodGet, "/channels/"+dm.ID, "").want(t, http.StatusOK, 0, "")
}

func TestGuilds(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{GlobalLimit: -1})
	guild := "/guilds/" + discordsim.GuildID
	for _, path := range []string{guild, guild + "?with_counts=true", guild + "/channels", guild + "/roles", guild + "/roles/" + discordsim.CollectorRoleID, guild + "/members/" + s.People().Member} {
		do(t, s, http.MethodGet, path, "").want(t, http.StatusOK, 0, "")
	}
	do(t, s, http.MethodGet, "/guilds/1", "").want(t, http.StatusNotFound, discordsim.CodeUnknownGuild, "")
	do(t, s, http.MethodGet, guild+"/members/1", "").want(t, http.StatusNotFound, discordsim.CodeUnknownUser, "")
	do(t, s, http.MethodGet, guild+"/members/mia", "").want(t, http.StatusBadRequest, discordsim.CodeInvalidFormBody, "user_id")
	do(t, s, http.MethodGet, guild+"/roles/1", "").want(t, http.StatusNotFound, discordsim.CodeUnknownRole, "")
	if err := s.RemoveMember(discordsim.GuildID, s.People().Member); err != nil {
		t.Fatal(err)
	}
	do(t, s, http.MethodGet, guild+"/members/"+s.People().Member, "").want(t, http.StatusNotFound, discordsim.CodeUnknownMember, "")
	if err := s.DeleteChannel(discordsim.TradingChannelID); err != nil {
		t.Fatal(err)
	}
	do(t, s, http.MethodPost, messagesPath(discordsim.TradingChannelID), `{"content":"c"}`).want(t, http.StatusNotFound, discordsim.CodeUnknownChannel, "")
	if err := s.RemoveBot(discordsim.GuildID); err != nil {
		t.Fatal(err)
	}
	do(t, s, http.MethodGet, guild, "").want(t, http.StatusForbidden, discordsim.CodeMissingAccess, "")
	do(t, s, http.MethodGet, "/channels/"+discordsim.GeneralChannelID, "").want(t, http.StatusForbidden, discordsim.CodeMissingAccess, "")
	if r := do(t, s, http.MethodGet, "/users/@me/guilds", ""); r.body != "[]" {
		t.Errorf("guilds = %s", r.body)
	}
}

func TestOwnGuildsArePaged(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{Guilds: []discordsim.Guild{}})
	var ids []string
	for range 5 {
		ids = append(ids, s.AddGuild(discordsim.Guild{}))
	}
	list := func(query string) []string {
		var got []struct{ ID string }
		do(t, s, http.MethodGet, "/users/@me/guilds"+query, "").into(t, &got)
		out := []string{}
		for _, g := range got {
			out = append(out, g.ID)
		}
		return out
	}
	for query, want := range map[string][]string{
		"?limit=2":                   ids[:2],
		"?limit=2&after=" + ids[1]:   ids[2:4],
		"?limit=2&before=" + ids[4]:  ids[2:4],
		"?with_counts=true":          ids,
		"?limit=200&after=" + ids[4]: {},
	} {
		if diff := cmp.Diff(want, list(query)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	do(t, s, http.MethodGet, "/users/@me/guilds?limit=201", "").want(t, http.StatusBadRequest, discordsim.CodeInvalidFormBody, "limit")
	do(t, s, http.MethodDelete, "/users/@me/guilds/"+ids[0], "").want(t, http.StatusNoContent, 0, "")
	if got := list(""); len(got) != 4 {
		t.Errorf("after leaving one: %v", got)
	}
}

func TestMemberRoles(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	member := s.People().Member
	path := func(role string) string {
		return "/guilds/" + discordsim.GuildID + "/members/" + member + "/roles/" + role
	}
	do(t, s, http.MethodPut, path(discordsim.CollectorRoleID), "").want(t, http.StatusNoContent, 0, "")
	if diff := cmp.Diff([]string{discordsim.CollectorRoleID}, s.MemberRoles(discordsim.GuildID, member)); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
	do(t, s, http.MethodDelete, path(discordsim.CollectorRoleID), "").want(t, http.StatusNoContent, 0, "")
	if got := s.MemberRoles(discordsim.GuildID, member); len(got) != 0 {
		t.Errorf("roles = %v", got)
	}
	do(t, s, http.MethodPut, path(discordsim.HighRoleID), "").want(t, http.StatusForbidden, discordsim.CodeMissingPermissions, "")
	do(t, s, http.MethodPut, path(discordsim.BotRoleID), "").want(t, http.StatusBadRequest, discordsim.CodeInvalidRole, "")
	do(t, s, http.MethodPut, path("1"), "").want(t, http.StatusNotFound, discordsim.CodeUnknownRole, "")
	if err := s.SetBotPermissions(discordsim.GuildID, discordsim.PermDefault); err != nil {
		t.Fatal(err)
	}
	do(t, s, http.MethodPut, path(discordsim.CollectorRoleID), "").want(t, http.StatusForbidden, discordsim.CodeMissingPermissions, "")
	if err := s.SetBotPermissions(discordsim.GuildID, discordsim.PermManageRoles); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteRole(discordsim.GuildID, discordsim.CollectorRoleID); err != nil {
		t.Fatal(err)
	}
	do(t, s, http.MethodPut, path(discordsim.CollectorRoleID), "").want(t, http.StatusNotFound, discordsim.CodeUnknownRole, "")
}
