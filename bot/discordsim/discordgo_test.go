package discordsim_test

import (
	"strings"
	"testing"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot/discordsim"
)

// A plain discordgo bot, with the library's defaults, finds everything as it
// does at Discord.
func TestPlainClient(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	d := client(t, s)
	d.AddHandler(func(d *discordgo.Session, i *discordgo.InteractionCreate) {
		switch i.Type {
		case discordgo.InteractionApplicationCommandAutocomplete:
			check(t, d.InteractionRespond(i.Interaction, &discordgo.InteractionResponse{
				Type: discordgo.InteractionApplicationCommandAutocompleteResult,
				Data: &discordgo.InteractionResponseData{Choices: []*discordgo.ApplicationCommandOptionChoice{{Name: "You", Value: "you"}}},
			}))
		case discordgo.InteractionApplicationCommand:
			check(t, d.InteractionRespond(i.Interaction, &discordgo.InteractionResponse{Type: discordgo.InteractionResponseDeferredChannelMessageWithSource}))
			_, err := d.InteractionResponseEdit(i.Interaction, &discordgo.WebhookEdit{
				Embeds: &[]*discordgo.MessageEmbed{{Title: "Card", Image: &discordgo.MessageEmbedImage{URL: "attachment://card.png"}}},
				Files:  []*discordgo.File{{Name: "card.png", ContentType: "image/png", Reader: strings.NewReader("PNG")}},
			})
			check(t, err)
			_, err = d.FollowupMessageCreate(i.Interaction, true, &discordgo.WebhookParams{Content: "more", Flags: discordgo.MessageFlagsEphemeral})
			check(t, err)
		}
	})
	open(t, s, d)
	greeting := *hi
	greeting.Options = []*discordgo.ApplicationCommandOption{{Type: discordgo.ApplicationCommandOptionString, Name: "who", Description: "Whom to greet", Autocomplete: true}}
	register(t, s, d, &greeting)

	suggest, err := s.Autocomplete(discordsim.Invocation{Command: "hi", Focus: "who"})
	if err != nil {
		t.Fatal(err)
	}
	if a, err := suggest.Await(within(t)); err != nil || len(a.Choices) != 1 || a.Choices[0].Value != "you" {
		t.Errorf("choices = %+v, %v", a, err)
	}
	i, err := s.Invoke(discordsim.Invocation{Command: "hi"})
	if err != nil {
		t.Fatal(err)
	}
	m, err := i.AwaitMessage(within(t))
	if err != nil || len(m.Attachments) != 1 || m.Embeds[0].Image.URL != m.Attachments[0].URL || m.Ephemeral() {
		t.Errorf("message = %+v, %v", m, err)
	}
	if f, err := i.AwaitFollowUp(within(t), 1); err != nil || !f.Ephemeral() {
		t.Errorf("follow-up = %+v, %v", f, err)
	}

	sent, err := d.ChannelMessageSendComplex(discordsim.GeneralChannelID, &discordgo.MessageSend{Content: "posted"})
	if err != nil {
		t.Fatal(err)
	}
	if history, err := d.ChannelMessages(discordsim.GeneralChannelID, 1, "", "", ""); err != nil || history[0].ID != sent.ID {
		t.Errorf("history = %v, %v", history, err)
	}
	if member, err := d.GuildMember(discordsim.GuildID, s.People().Manager); err != nil || member.User.Username != "maya" || member.Roles[0] != discordsim.ManagerRoleID {
		t.Errorf("member = %+v, %v", member, err)
	}
	if guilds, err := d.UserGuilds(200, "", "", false); err != nil || len(guilds) != 1 {
		t.Errorf("guilds = %v, %v", guilds, err)
	}
	noViolations(t, s)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// discordgo resumes after what it can resume from, and the interaction that
// came meanwhile is answered.
func TestPlainClientResumes(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*discordsim.Server) int{
		"op 7":      (*discordsim.Server).Reconnect,
		"drop":      (*discordsim.Server).DropConnections,
		"mid-frame": (*discordsim.Server).DropMidFrame,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, discordsim.Options{})
			d := client(t, s)
			d.LogLevel = -1 // quiet: the fault is meant
			d.AddHandler(greeter(t))
			open(t, s, d)
			register(t, s, d, hi)
			if n := fault(s); n != 1 {
				t.Fatalf("%d connections", n)
			}
			if _, err := s.AwaitSession(within(t), func(i discordsim.SessionInfo) bool { return i.Resumes == 1 && i.Connected }); err != nil {
				t.Fatal(err)
			}
			i, err := s.Invoke(discordsim.Invocation{Command: "hi", Options: map[string]any{"who": "you"}})
			if err != nil {
				t.Fatal(err)
			}
			if m, err := i.AwaitMessage(within(t)); err != nil || m.Content != "hello you" {
				t.Errorf("message = %q, %v", m.Content, err)
			}
		})
	}
}
