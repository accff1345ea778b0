package embeds_test

import (
	"strings"
	"testing"
	"time"

	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/embeds/embedstest"
)

func TestProblems(t *testing.T) {
	t.Parallel()
	retry := embeds.Action{Name: embeds.ActionRetry, Owner: mara}.Encode()
	back := embeds.Action{Name: embeds.ActionBack, Owner: mara, Page: 1}.Encode()
	command := embeds.CommandMention("progress", "998877665544332211")
	tests := []struct {
		name string
		view embeds.ProblemView
	}{
		{"internal", embeds.ProblemView{Reference: "k3f9-2ab1"}},
		{"not-set-up", embeds.ProblemView{Kind: embeds.NotSetUp, Reference: "not shown"}},
		{"unreachable", embeds.ProblemView{Kind: embeds.Unreachable, Reference: "k3f9-2ab1", Retry: retry}},
		{"unreachable-until", embeds.ProblemView{Kind: embeds.Unreachable, Until: now.Add(20 * time.Minute), Retry: retry}},
		{"no-such-collection", embeds.ProblemView{
			Kind: embeds.NoSuchCollection, Typed: "wintr **@everyone**",
			Nearest: []string{"Winter Challenge", "# Winter\nSports", "\u200b", "A", "B", "C", "D"},
		}},
		{"no-such-collection-bare", embeds.ProblemView{Kind: embeds.NoSuchCollection}},
		{"no-such-collection-of", embeds.ProblemView{Kind: embeds.NoSuchCollection, Typed: "Winter_Lights", Person: "_Mara_"}},
		{"collection-gone", embeds.ProblemView{Kind: embeds.CollectionGone, Back: back}},
		{"foreign-button", embeds.ProblemView{Kind: embeds.ForeignButton, Command: command}},
		{"foreign-button-bare", embeds.ProblemView{Kind: embeds.ForeignButton}},
		{"outdated-button", embeds.ProblemView{Kind: embeds.OutdatedButton, Command: command}},
		{"outdated-command", embeds.ProblemView{Kind: embeds.OutdatedCommand}},
		{"slow-down", embeds.ProblemView{Kind: embeds.SlowDown, Until: now.Add(7 * time.Second)}},
		{"slow-down-bare", embeds.ProblemView{Kind: embeds.SlowDown}},
		{"busy", embeds.ProblemView{Kind: embeds.Busy, Retry: retry}},
		{"not-allowed", embeds.ProblemView{Kind: embeds.NotAllowed, Permission: "Manage Server"}},
		{"not-allowed-bare", embeds.ProblemView{Kind: embeds.NotAllowed}},
		{"private", embeds.ProblemView{Kind: embeds.PrivateProgress, Person: "_Mara_"}},
		{"private-bare", embeds.ProblemView{Kind: embeds.PrivateProgress}},
		{"guild-only", embeds.ProblemView{Kind: embeds.GuildOnly}},
		{"bot", embeds.ProblemView{Kind: embeds.BotMember}},
		{"store", embeds.ProblemView{Kind: embeds.StoreUnreachable, Reference: "k3f9-2ab1", Retry: retry}},
		{"unfinished", embeds.ProblemView{Kind: embeds.Unfinished, Reference: "k3f9-2ab1", Retry: retry}},
		{"discord", embeds.ProblemView{Kind: embeds.DiscordSilent, Retry: retry}},
		{"unknown-kind", embeds.ProblemView{Kind: 99, Retry: retry, Back: back}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkGolden(t, "problem-"+tt.name+".json", embeds.Problem(catalog.For("en-US"), tt.view))
		})
	}
}

func TestProblemKeepsBadCustomIDsOut(t *testing.T) {
	t.Parallel()
	for _, view := range []embeds.ProblemView{
		{Retry: strings.Repeat("x", 101)},
		{Back: strings.Repeat("x", 101)},
		{Retry: "same", Back: "same"},
	} {
		if err := embedstest.Check(embeds.Problem(nil, view)); err != nil {
			t.Errorf("%+v: %v", view, err)
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	w := catalog.For("en-US")
	checkGolden(t, "help.json", embeds.Help(w, []embeds.HelpEntry{
		{Name: w.Text(catalog.CommandProgress), ID: "998877665544332211", About: w.Text(catalog.CommandProgressAbout)},
		{Name: w.Text(catalog.CommandHelp), About: w.Text(catalog.CommandHelpAbout)},
		{Name: w.Text(catalog.CommandViewProgress), Context: true, About: w.Text(catalog.CommandProgressMemberAbout)},
	}))
	many := make([]embeds.HelpEntry, 200)
	for i := range many {
		many[i] = embeds.HelpEntry{Name: strings.Repeat("n", 300), ID: "1", About: strings.Repeat("*", 300)}
	}
	if err := embedstest.Check(embeds.Help(w, many)); err != nil {
		t.Errorf("200 long commands: %v", err)
	}
	if err := embedstest.Check(embeds.Help(w, nil)); err != nil {
		t.Errorf("no commands: %v", err)
	}
}

func TestCommandMention(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, id, want string
	}{
		{"progress", "12", "</progress:12>"},
		{"privacy set", "12", "</privacy set:12>"},
		{"progress", "", "`/progress`"},
		{"progress", "12>x", "`/progress`"},
		{"a`b", "12", "/a\\`b"},
		{"a:1>", "12", `/a:1\>`},
	}
	for _, tt := range tests {
		if got := embeds.CommandMention(tt.name, tt.id); got != tt.want {
			t.Errorf("CommandMention(%q, %q) = %q, want %q", tt.name, tt.id, got, tt.want)
		}
	}
}
