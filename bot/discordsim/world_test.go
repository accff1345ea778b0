package discordsim_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot/discordsim"
)

func TestComputedPermissions(t *testing.T) {
	t.Parallel()
	const (
		view, post, embed = discordsim.PermViewChannel, discordsim.PermSendMessages, discordsim.PermEmbedLinks
		guild, channel    = "4194304", "11"
		low, high, admin  = "21", "22", "23"
	)
	user := discordsim.DefaultMember
	tests := []struct {
		name       string
		everyone   discordsim.Permissions
		roles      []string
		overwrites []discordsim.Overwrite
		owner      string
		want       discordsim.Permissions
		all        bool
	}{
		{name: "everyone", everyone: view | post, want: view | post},
		{name: "a role adds", everyone: view, roles: []string{low}, want: view | post},
		{name: "everyone denied", everyone: view | post, overwrites: []discordsim.Overwrite{{ID: guild, Deny: post}}, want: view},
		{name: "role denied", everyone: view | post, roles: []string{low}, overwrites: []discordsim.Overwrite{{ID: low, Deny: post}}, want: view},
		{name: "another role allowed", everyone: view, roles: []string{low, high}, overwrites: []discordsim.Overwrite{{ID: low, Deny: post}, {ID: high, Allow: post}}, want: view | post},
		{name: "member last", everyone: view | post, roles: []string{low}, overwrites: []discordsim.Overwrite{
			{ID: user, Member: true, Deny: post}, {ID: low, Allow: post | embed}, {ID: guild, Deny: post}}, want: view},
		{name: "somebody else", everyone: view, overwrites: []discordsim.Overwrite{{ID: discordsim.DefaultAdmin, Member: true, Allow: post}}, want: view},
		{name: "out of sight", everyone: post | embed, want: 0},
		{name: "cannot send, cannot embed", everyone: view | embed, want: view},
		{name: "administrator", everyone: view, roles: []string{admin}, overwrites: []discordsim.Overwrite{{ID: guild, Deny: view}}, all: true},
		{name: "owner", overwrites: []discordsim.Overwrite{{ID: guild, Deny: view}}, owner: user, all: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, discordsim.Options{Guilds: []discordsim.Guild{{
				ID: guild, OwnerID: tt.owner,
				Roles: []discordsim.Role{
					{ID: guild, Permissions: tt.everyone}, {ID: low, Permissions: post}, {ID: high, Position: 2}, {ID: admin, Permissions: discordsim.PermAdministrator},
				},
				Channels: []discordsim.Channel{{ID: channel, Overwrites: tt.overwrites}},
				Members:  []discordsim.Member{{UserID: user, Roles: tt.roles}},
			}}})
			got := s.PermissionsIn(channel, user)
			if tt.all {
				if !got.Has(discordsim.PermAdministrator | view | post | embed | discordsim.PermManageGuild) {
					t.Errorf("permissions = %s, want all", got)
				}
			} else if got != tt.want {
				t.Errorf("permissions = %s, want %s", got, tt.want)
			}
		})
	}
}

func TestChangingTheWorld(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	guild := discordsim.GuildID
	s.AddUser(discordsim.User{ID: "31", Username: "new"})
	for name, err := range map[string]error{
		"add member":  s.AddMember(guild, "31", discordsim.CollectorRoleID),
		"add role":    s.SetRole(guild, discordsim.Role{ID: "32", Name: "Trader", Position: 1}),
		"change role": s.SetRole(guild, discordsim.Role{ID: "32", Name: "Dealer", Position: 1}),
		"add channel": s.SetChannel(guild, discordsim.Channel{ID: "33", Name: "new"}),
		"overwrite":   s.SetOverwrite("33", discordsim.Overwrite{ID: guild, Deny: discordsim.PermSendMessages}),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if diff := cmp.Diff([]string{discordsim.CollectorRoleID}, s.MemberRoles(guild, "31")); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
	if s.PermissionsIn("33", "31").Has(discordsim.PermSendMessages) {
		t.Error("the overwrite is not there")
	}
	if err := s.SetOverwrite("33", discordsim.Overwrite{ID: guild}); err != nil || !s.PermissionsIn("33", "31").Has(discordsim.PermSendMessages) {
		t.Errorf("the overwrite is still there (%v)", err)
	}
	if u, ok := s.UserByID("31"); !ok || u.Name() != "new" {
		t.Errorf("user = %+v, %v", u, ok)
	}
	do(t, s, http.MethodGet, "/users/31", "").want(t, http.StatusOK, 0, "")
	do(t, s, http.MethodGet, "/users/1", "").want(t, http.StatusNotFound, discordsim.CodeUnknownUser, "")
	g := s.Guilds()[0]
	if n := len(g.Channels); n != 6 || g.Channels[5].ID != "33" {
		t.Errorf("channels = %v", g.Channels)
	}
	g.Channels[0].Name = "changed by the caller"
	if s.Guilds()[0].Channels[0].Name != "general" {
		t.Error("the caller's copy is the simulator's own")
	}

	m, err := s.Say("31", "33", "hello")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteMessage(m.ID); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"delete message": s.DeleteMessage(m.ID),
		"guild":          s.AddMember("1", "31"),
		"user":           s.AddMember(guild, "1"),
		"member":         s.RemoveMember(guild, "1"),
		"role":           s.DeleteRole(guild, "1"),
		"channel":        s.DeleteChannel("1"),
		"locale":         s.SetLocale("1", "de"),
	} {
		if !errors.Is(err, discordsim.ErrNoSuchThing) {
			t.Errorf("%s: %v, want ErrNoSuchThing", name, err)
		}
	}
	if _, err := s.Say("31", discordsim.StaffChannelID, "hello"); err == nil {
		t.Error("a message was posted out of sight")
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]discordsim.Options{
		"application": {ApplicationID: "x"},
		"person":      {People: discordsim.People{Member: "mia"}},
		"user":        {Users: []discordsim.User{{ID: "-1"}}},
		"guild":       {Guilds: []discordsim.Guild{{ID: "x"}}},
		"address":     {Addr: "256.0.0.1:1"},
	} {
		if s, err := discordsim.Start(o); err == nil {
			s.Close()
			t.Errorf("%s: the simulator started", name)
		}
	}
}

func TestAwaitChange(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	seen := s.Revision()
	if _, err := s.Say(s.People().Member, discordsim.GeneralChannelID, "hello"); err != nil {
		t.Fatal(err)
	}
	now, err := s.AwaitChange(within(t), seen)
	if err != nil || now == seen {
		t.Errorf("revision %d after %d, %v", now, seen, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.AwaitChange(ctx, s.Revision()); !errors.Is(err, context.Canceled) {
		t.Errorf("await = %v", err)
	}
}

func TestFileLimits(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	post := func(size int) result {
		kind, body := multipartBody(t, `{"content":"c"}`, map[string]string{"a.bin": strings.Repeat("x", size)})
		return doWith(t, s, http.MethodPost, messagesPath(discordsim.GeneralChannelID), kind, body, nil)
	}
	post(10<<20).want(t, http.StatusOK, 0, "")
	post(10<<20+1).want(t, http.StatusRequestEntityTooLarge, discordsim.CodeTooLarge, "")
	post(25<<20).want(t, http.StatusRequestEntityTooLarge, discordsim.CodeTooLarge, "")
}

func TestMessageText(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	id := send(t, s, discordsim.GeneralChannelID, `{"content":"hello","embeds":[{"author":{"name":"author"},"title":"title","description":"text","fields":[{"name":"name","value":"value"}],"footer":{"text":"footer"}}],
		"components":[{"type":1,"components":[{"type":3,"custom_id":"s","placeholder":"pick","options":[{"label":"one","value":"1","description":"first"}]}]},
		{"type":1,"components":[{"type":2,"style":1,"label":"Go","custom_id":"go"}]}]}`)
	m, _ := s.Message(id)
	want := "hello author title text name value footer pick one first Go"
	if got := strings.ReplaceAll(m.Text(), "\n", " "); got != want {
		t.Errorf("text = %q, want %q", got, want)
	}
	if n := len(m.Controls()); n != 2 {
		t.Errorf("%d controls", n)
	}
	if _, err := s.Press(s.People().Member, id, "Go"); !errors.Is(err, discordsim.ErrNotConnected) {
		t.Errorf("press = %v, want ErrNotConnected", err)
	}
}

func TestWhoSeesPublicMessages(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{})
	p := s.People()
	i, e := h.invoke(t, discordsim.Invocation{User: p.Manager, Channel: discordsim.StaffChannelID})
	if i.Visible() != nil {
		t.Error("something is seen before there is an answer")
	}
	do(t, s, http.MethodPost, e.callback(), `{"type":4,"data":{"content":"c"}}`).want(t, http.StatusNoContent, 0, "")
	if diff := cmp.Diff([]string{p.Manager, p.Admin}, i.Visible()); diff != "" {
		t.Errorf("seen by (-want +got):\n%s", diff)
	}
}
