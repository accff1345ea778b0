package bot_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/VictoriaMetrics/metrics"
	"github.com/google/go-cmp/cmp"

	"progressbot/bot"
	"progressbot/bot/discordsim"
	"progressbot/commands"
	"progressbot/embeds"
)

func newGuilds(t *testing.T) (*discordsim.Server, *bot.TestGuilds) {
	t.Helper()
	discord, err := discordsim.Start(discordsim.Options{RequireAllowedMentions: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(discord.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	r := bot.NewTestREST(discord.URL(), discord.Token(), transport, metrics.NewSet(), func(error) {})
	return discord, r.Guilds()
}

func TestBotPermissions(t *testing.T) {
	t.Parallel()
	discord, g := newGuilds(t)
	tests := []struct {
		name, channel string
		missing       int64
		err           error
	}{
		{"everything is there", discordsim.AnnounceChannelID, 0, nil},
		{"a hidden channel", discordsim.StaffChannelID, int64(discordsim.PermViewChannel), nil},
		{"no such channel", "4711", 0, commands.ErrNoChannel},
	}
	for _, tt := range tests {
		got, err := g.BotPermissions(t.Context(), discordsim.GuildID, tt.channel)
		if !errors.Is(err, tt.err) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.err)
		}
		if missing := embeds.AnnouncePermissions &^ got; err == nil && missing != tt.missing {
			t.Errorf("%s: missing %b, want %b", tt.name, missing, tt.missing)
		}
	}
	dm, err := discord.OpenDM(discordsim.DefaultMember)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.BotPermissions(t.Context(), discordsim.GuildID, dm); !errors.Is(err, commands.ErrNoChannel) {
		t.Errorf("a channel of another place: %v", err)
	}
	for _, route := range []discordsim.Route{discordsim.RouteGuild, discordsim.RouteChannel, discordsim.RouteMember} {
		discord.InjectREST(discordsim.RESTFault{Route: route, Times: 1, Status: http.StatusForbidden})
		channel := discordsim.AnnounceChannelID
		if route == discordsim.RouteGuild {
			channel = discordsim.StaffChannelID
		}
		if _, err := g.BotPermissions(t.Context(), discordsim.GuildID, channel); route != discordsim.RouteChannel && err == nil {
			t.Errorf("%s: a refusal is no error", route)
		}
	}
}

// TestPermissionsOfTheFuture: Discord promises no bound to the numbers in which
// it writes permissions.
func TestPermissionsOfTheFuture(t *testing.T) {
	t.Parallel()
	discord, g := newGuilds(t)
	discord.InjectREST(discordsim.RESTFault{Route: discordsim.RouteGuild, Status: http.StatusOK, Body: `{
		"id": "` + discordsim.GuildID + `", "name": "Tomorrow", "roles": [
			{"id": "` + discordsim.GuildID + `", "permissions": "1180591620717411304448"}]}`})
	info, err := g.Guild(t.Context(), discordsim.GuildID)
	if err != nil || len(info.Roles) != 1 || info.Roles[0].Permissions != int64(discordsim.PermViewChannel) {
		t.Errorf("server %+v, %v", info, err)
	}
}

func TestGuild(t *testing.T) {
	t.Parallel()
	discord, g := newGuilds(t)
	info, err := g.Guild(t.Context(), discordsim.GuildID)
	if err != nil {
		t.Fatal(err)
	}
	if info.ID != discordsim.GuildID || info.Name != "Collectors' Corner" || !slices.Equal(info.Own, []string{discordsim.BotRoleID}) {
		t.Errorf("server %+v", info)
	}
	i := slices.IndexFunc(info.Roles, func(r commands.GuildRole) bool { return r.ID == discordsim.BotRoleID })
	want := commands.GuildRole{
		ID: discordsim.BotRoleID, Position: 3, Managed: true, Permissions: int64(discordsim.PermDefault | discordsim.PermManageRoles),
	}
	if i < 0 || info.Roles[i] != want {
		t.Errorf("roles %+v", info.Roles)
	}
	before := discord.Stats()
	if _, err := g.Guild(t.Context(), discordsim.GuildID); err != nil {
		t.Fatal(err)
	}
	if asked := discord.Stats().Requests - before.Requests; asked != 2 {
		t.Errorf("asks %d times, want for the server and the member", asked)
	}
	if _, err := g.Guild(t.Context(), "4711"); err == nil {
		t.Error("a server that the bot is not in")
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.Guild(canceled, discordsim.GuildID); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

func TestPost(t *testing.T) {
	t.Parallel()
	discord, g := newGuilds(t)
	id, err := g.Post(t.Context(), discordsim.AnnounceChannelID, embeds.Message{Content: "Well done <@" + discordsim.DefaultMember + ">"})
	if err != nil {
		t.Fatal(err)
	}
	m, ok := discord.Message(id)
	if !ok || m.ChannelID != discordsim.AnnounceChannelID || len(m.Pings) != 0 {
		t.Errorf("posted %+v", m)
	}
	if _, err := g.Post(t.Context(), discordsim.StaffChannelID, embeds.Message{Content: "psst"}); err == nil {
		t.Error("posted where the bot cannot look")
	}
}

func TestOwnServers(t *testing.T) {
	t.Parallel()
	discord, g := newGuilds(t)
	var want []string
	for _, guild := range discord.Guilds() {
		if !guild.WithoutBot {
			want = append(want, guild.ID)
		}
	}
	for i := range 401 {
		want = append(want, discord.AddGuild(discordsim.Guild{Name: fmt.Sprint("Guild ", i)}))
	}
	got, err := g.Servers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(asSet(want), asSet(got)); d != "" || len(got) != len(want) {
		t.Errorf("%d servers, want %d (-want +got):\n%s", len(got), len(want), d)
	}

	// Answers that may lack some.
	discord.InjectREST(discordsim.RESTFault{Route: discordsim.RouteGuild, Times: 1, Status: http.StatusForbidden})
	if _, err := g.Servers(t.Context()); err == nil {
		t.Error("a refusal is no error")
	}
	for _, body := range []string{`[{"id":"2"},{"id":"1"}]`, `[{"id":"red"}]`, `[{}]`} {
		discord.InjectREST(discordsim.RESTFault{Route: discordsim.RouteGuild, Times: 1, Status: http.StatusOK, Body: body})
		if got, err := g.Servers(t.Context()); err == nil {
			t.Errorf("%s is the list %v", body, got)
		}
	}
}

func asSet(all []string) map[string]bool {
	set := map[string]bool{}
	for _, s := range all {
		set[s] = true
	}
	return set
}

func TestKnowsServer(t *testing.T) {
	t.Parallel()
	discord, g := newGuilds(t)
	knows := func(server string) string {
		there, err := g.Knows(t.Context(), server)
		if err != nil {
			return "in doubt"
		}
		return fmt.Sprint(there)
	}
	expect := func(what, server, want string) {
		t.Helper()
		if got := knows(server); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	expect("a server of the bot's", discordsim.GuildID, "true")
	expect("an unknown one", "4711", "false")
	if err := discord.RemoveBot(discordsim.GuildID); err != nil {
		t.Fatal(err)
	}
	expect("one that removed it", discordsim.GuildID, "false")
	for _, f := range []discordsim.RESTFault{
		{Status: http.StatusForbidden},
		{Status: http.StatusNotFound},
		{Status: http.StatusUnauthorized},
		{Status: http.StatusNotFound, Code: 10003},
	} {
		f.Route, f.Times = discordsim.RouteGuild, 1
		discord.InjectREST(f)
		expect(fmt.Sprintf("status %d, code %d", f.Status, f.Code), discordsim.GuildID, "in doubt")
	}
}
