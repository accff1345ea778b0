package commands_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"

	"progressbot/bot/store"
	"progressbot/commands"
	"progressbot/commands/commandstest"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// TestConsentAcrossCommands asks for everything that can be asked about a member,
// whatever they and the server have chosen and whoever asks.
func TestConsentAcrossCommands(t *testing.T) {
	t.Parallel()
	for _, visibility := range []store.Visibility{store.VisibleToAnyone, store.VisibleToManagers, store.VisibleToSelf} {
		for _, choice := range []store.Choice{store.Ask, store.Always, store.Never} {
			for _, anywhere := range []bool{false, true} {
				for _, others := range []bool{false, true} {
					c := store.Consent{Visibility: visibility, Announce: choice, NeverAnywhere: anywhere}
					name := fmt.Sprintf("%v %v anywhere=%v others=%v", visibility, choice, anywhere, others)
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						synctest.Test(t, func(t *testing.T) { consentHolds(t, c, others) })
					})
				}
			}
		}
	}
}

// consentHolds checks what is told and posted about Bob, who chose c, in a
// server whose members may look at each other or not.
func consentHolds(t *testing.T, c store.Consent, others bool) {
	refuses := c.NeverAnywhere || c.Announce == store.Never
	anyone, managers := c.Visibility == store.VisibleToAnyone, c.Visibility != store.VisibleToSelf
	want := map[string]bool{
		"looked at by a fellow":    anyone && others,
		"looked at by a manager":   managers,
		"looked at by themselves":  true,
		"announced by a manager":   !refuses && (anyone || managers && c.Announce == store.Always),
		"asked under their own":    !refuses && managers && c.Announce == store.Ask,
		"announced by themselves":  !refuses,
		"on the leaderboard":       !refuses && anyone,
		"in the recap":             !refuses && anyone,
		"told by suggestions":      anyone && others,
		"told by a boss's choices": managers,
	}
	got := map[string]bool{}
	a := newAnnounceWorld(t)
	bob := commandstest.Bob()
	a.complete(t, bob.ID, a.shelf.programs[bob.ID][0])
	consent(t, a.store, bob.ID, func(k *store.Consent) { *k = c })
	if _, err := a.store.UpdateSettings(t.Context(), commandstest.Guild, func(s *store.Settings) error { s.OthersViewable = others; return nil }); err != nil {
		t.Fatal(err)
	}
	boss := func(r commands.Request) commands.Request {
		r.Permissions |= discordgo.PermissionManageGuild | discordgo.PermissionManageEvents
		return r
	}
	look := commandstest.Slash("progress", commandstest.Options{"member": commandstest.Member(bob)})
	typing := managing(commandstest.Type("announce completion", "collection", "winter", commandstest.Options{"member": commandstest.Member(bob)}))

	got["looked at by a fellow"] = tells(a.see(t, look))
	got["looked at by a manager"] = tells(a.see(t, boss(look)))
	got["told by suggestions"] = len(a.see(t, typing).Choices) > 0
	got["told by a boss's choices"] = len(a.see(t, boss(typing)).Choices) > 0
	got["on the leaderboard"] = strings.Contains(words(a.see(t, commandstest.Slash("leaderboard", nil)).Message), bob.ID)
	got["in the recap"] = strings.Contains(words(a.see(t, recapOf("")).Message), bob.ID)
	own := a.see(t, commandstest.By(bob, commandstest.Slash("progress", nil)))
	got["looked at by themselves"] = tells(own)
	got["asked under their own"] = offered(t, own)
	preview := a.see(t, announceBob("winter", ""))
	got["announced by a manager"] = buttonsOf(t, preview)[embeds.ActionAnnouncePost] != ""
	if !got["announced by a manager"] {
		refusedAlike(t, a, preview)
	}
	offer := embeds.Action{Name: embeds.ActionOfferOne, Owner: bob.ID, Person: bob.ID, Program: embeds.ProgramRef("winter ~ odd")}
	a.see(t, commandstest.By(bob, commandstest.Press(offer.Encode())))
	got["announced by themselves"] = a.stage.count() == 1
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// tells reports whether a reply tells anything of Bob's progress.
func tells(r commands.Reply) bool { return strings.Contains(words(r.Message), "Winter Challenge") }

// refusedAlike checks that a refusal is the same, and comes after the same
// time, when there is nothing to announce.
func refusedAlike(t *testing.T, a *announceWorld, refusal commands.Reply) {
	t.Helper()
	programs := a.shelf.programs
	defer func() { a.shelf.programs = programs }()
	a.shelf.programs, a.shelf.takes = map[string][]progressapi.Program{}, 300*time.Millisecond
	start := time.Now()
	nothing := a.see(t, announceBob("winter", ""))
	if took := time.Since(start); took != a.shelf.takes {
		t.Errorf("told after %v", took)
	}
	if diff := cmp.Diff(refusal.Message, nothing.Message); diff != "" {
		t.Errorf("a refusal tells whether there is progress:\n%s", diff)
	}
	mustSay(t, nothing, catalog.OutcomeRefusedText, "Bob")
}
