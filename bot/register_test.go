package bot_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"

	"progressbot/commands"
)

// registry is Discord's memory of commands.
type registry struct {
	registered []map[string]any
	puts       []string
}

// ServeHTTP implements http.Handler.
func (g *registry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPut {
		body, _ := io.ReadAll(r.Body)
		g.puts = append(g.puts, r.URL.Path+" "+string(body))
		g.registered = nil
		_ = json.Unmarshal(body, &g.registered)
		for i, c := range g.registered {
			maps.Copy(c, map[string]any{
				"id": fmt.Sprint(100 + i), "application_id": "77", "version": "9", "nsfw": false,
				"default_permission": true, "dm_permission": true,
				"handler": nil, "something_new": 1,
			})
			for name, value := range map[string]any{"description": "", "name_localizations": nil, "integration_types": []int{0}} {
				if c[name] == nil {
					c[name] = value
				}
			}
		}
		slices.Reverse(g.registered)
	}
	_ = json.NewEncoder(w).Encode(g.registered)
}

func definitions() []*discordgo.ApplicationCommand {
	zero := 0.0
	manage := int64(discordgo.PermissionManageGuild)
	return []*discordgo.ApplicationCommand{
		{
			Type: discordgo.ChatApplicationCommand, Name: "progress", Description: "Shows it",
			NameLocalizations:        &map[discordgo.Locale]string{discordgo.German: "fortschritt"},
			DefaultMemberPermissions: &manage,
			Contexts:                 &[]discordgo.InteractionContextType{0, 1, 2},
			IntegrationTypes:         &[]discordgo.ApplicationIntegrationType{0, 1},
			Options: []*discordgo.ApplicationCommandOption{
				{Type: discordgo.ApplicationCommandOptionString, Name: "collection", Description: "Which", Autocomplete: true,
					DescriptionLocalizations: map[discordgo.Locale]string{discordgo.German: "Welche"}},
				{Type: discordgo.ApplicationCommandOptionInteger, Name: "page", Description: "Page", MinValue: &zero, MaxValue: 9,
					Choices: []*discordgo.ApplicationCommandOptionChoice{{Name: "first", Value: 0}}},
				{Type: discordgo.ApplicationCommandOptionChannel, Name: "where", Description: "Channel",
					ChannelTypes: []discordgo.ChannelType{5, 0}},
			},
		},
		{Type: discordgo.UserApplicationCommand, Name: "View progress"},
	}
}

func TestSyncRegistersOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		discord := &registry{}
		r := newRESTTest(t, discord.ServeHTTP)
		var mentions commands.Mentions
		for i, want := range []bool{true, false, false} {
			changed, err := r.Sync(t.Context(), "", definitions(), &mentions)
			if err != nil {
				t.Fatal(err)
			}
			if changed != want {
				t.Errorf("sync %d changed: %v, want %v", i, changed, want)
			}
		}
		want := []string{`/api/v9/applications/77/commands [` +
			`{"contexts":[0,1,2],"default_member_permissions":"32","description":"Shows it","integration_types":[0,1],"name":"progress","name_localizations":{"de":"fortschritt"},` +
			`"options":[{"autocomplete":true,"description":"Which","description_localizations":{"de":"Welche"},"name":"collection","type":3},` +
			`{"choices":[{"name":"first","value":0}],"description":"Page","max_value":9,"min_value":0,"name":"page","type":4},` +
			`{"channel_types":[0,5],"description":"Channel","name":"where","type":7}],"type":1},` +
			`{"name":"View progress","type":2}]`}
		if diff := cmp.Diff(want, discord.puts); diff != "" {
			t.Errorf("registered mismatch (-want +got):\n%s", diff)
		}
		if got := mentions.Of("progress"); got != "</progress:100>" {
			t.Errorf("mention = %s", got)
		}
	})
}

func TestSyncInOneServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		discord := &registry{}
		r := newRESTTest(t, discord.ServeHTTP)
		for range 2 {
			if _, err := r.Sync(t.Context(), "42", definitions(), new(commands.Mentions)); err != nil {
				t.Fatal(err)
			}
		}
		if len(discord.puts) != 1 || !strings.HasPrefix(discord.puts[0], "/api/v9/applications/77/guilds/42/commands ") {
			t.Fatalf("puts = %q, want one in the server", discord.puts)
		}
		for _, word := range []string{"contexts", "integration_types"} {
			if strings.Contains(discord.puts[0], word) {
				t.Errorf("%s are for global commands only: %s", word, discord.puts[0])
			}
		}
	})
}

// TestSyncNoticesDifferences changes one thing at a time.
func TestSyncNoticesDifferences(t *testing.T) {
	t.Parallel()
	tests := map[string]func(c *discordgo.ApplicationCommand){
		"name":          func(c *discordgo.ApplicationCommand) { c.Name = "other" },
		"description":   func(c *discordgo.ApplicationCommand) { c.Description = "Other" },
		"translation":   func(c *discordgo.ApplicationCommand) { c.NameLocalizations = nil },
		"permissions":   func(c *discordgo.ApplicationCommand) { c.DefaultMemberPermissions = nil },
		"contexts":      func(c *discordgo.ApplicationCommand) { c.Contexts = &[]discordgo.InteractionContextType{0} },
		"option order":  func(c *discordgo.ApplicationCommand) { c.Options[0], c.Options[1] = c.Options[1], c.Options[0] },
		"option gone":   func(c *discordgo.ApplicationCommand) { c.Options = c.Options[1:] },
		"required":      func(c *discordgo.ApplicationCommand) { c.Options[0].Required = true },
		"autocomplete":  func(c *discordgo.ApplicationCommand) { c.Options[0].Autocomplete = false },
		"choice":        func(c *discordgo.ApplicationCommand) { c.Options[1].Choices[0].Value = 1 },
		"minimum":       func(c *discordgo.ApplicationCommand) { c.Options[1].MinValue = nil },
		"channel types": func(c *discordgo.ApplicationCommand) { c.Options[2].ChannelTypes = nil },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				discord := &registry{}
				r := newRESTTest(t, discord.ServeHTTP)
				if _, err := r.Sync(t.Context(), "", definitions(), new(commands.Mentions)); err != nil {
					t.Fatal(err)
				}
				changed := definitions()
				change(changed[0])
				again, err := r.Sync(t.Context(), "", changed, new(commands.Mentions))
				if err != nil || !again {
					t.Errorf("sync changed: %v, %v, want a difference to be noticed", again, err)
				}
			})
		})
	}
}

// TestSyncLeavesChoicesToDiscord: where a definition does not say, whatever
// Discord chose is right.
func TestSyncLeavesChoicesToDiscord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		discord := &registry{registered: []map[string]any{
			{"id": "1", "type": 1, "name": "x", "description": "y", "contexts": []int{2, 0}, "integration_types": []int{0}},
			{"id": "2", "type": 4, "name": "launch", "description": "", "handler": 2},
		}}
		r := newRESTTest(t, discord.ServeHTTP)
		defs := []*discordgo.ApplicationCommand{{Type: 1, Name: "x", Description: "y"}}
		if changed, err := r.Sync(t.Context(), "", defs, new(commands.Mentions)); err != nil || changed {
			t.Errorf("sync changed: %v, %v, want neither", changed, err)
		}
		defs[0].Description = "z"
		if changed, err := r.Sync(t.Context(), "", defs, new(commands.Mentions)); err != nil || !changed {
			t.Errorf("sync changed: %v, %v", changed, err)
		}
		if !strings.Contains(discord.puts[0], `"launch"`) {
			t.Errorf("Discord's own command is lost: %s", discord.puts[0])
		}
	})
}

func TestSyncFails(t *testing.T) {
	t.Parallel()
	for name, script := range map[string][]http.HandlerFunc{
		"refused":     {answer(http.StatusForbidden, `{"code":50001,"message":"Missing Access"}`)},
		"no list":     {answer(200, `{}`)},
		"not objects": {answer(200, `[1]`)},
		"empty":       {answer(200, `[{}]`)},
		"cannot write": {answer(200, `[]`),
			answer(http.StatusBadRequest, `{"code":30034,"message":"Max number of daily application command creates has been reached (200)"}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRESTTest(t, script...)
				if changed, err := r.Sync(t.Context(), "", definitions(), new(commands.Mentions)); err == nil || changed {
					t.Errorf("sync = %v, %v, want an error", changed, err)
				}
			})
		})
	}
}
