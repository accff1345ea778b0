package discordsim_test

import (
	"testing"

	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"

	"progressbot/bot/discordsim"
)

// greeter answers /hi privately and turns its page when Next is pressed.
func greeter(t *testing.T) func(*discordgo.Session, *discordgo.InteractionCreate) {
	return func(d *discordgo.Session, i *discordgo.InteractionCreate) {
		r := &discordgo.InteractionResponse{Type: discordgo.InteractionResponseUpdateMessage, Data: &discordgo.InteractionResponseData{Content: "page 2"}}
		if i.Type == discordgo.InteractionApplicationCommand {
			r.Type = discordgo.InteractionResponseChannelMessageWithSource
			r.Data = &discordgo.InteractionResponseData{
				Content: "hello " + i.ApplicationCommandData().Options[0].StringValue(),
				Flags:   discordgo.MessageFlagsEphemeral,
				Components: []discordgo.MessageComponent{discordgo.ActionsRow{Components: []discordgo.MessageComponent{
					discordgo.Button{Label: "Next", CustomID: "next", Style: discordgo.SecondaryButton},
				}}},
			}
		}
		if err := d.InteractionRespond(i.Interaction, r); err != nil {
			t.Errorf("respond: %v", err)
		}
	}
}

var hi = &discordgo.ApplicationCommand{Name: "hi", Description: "Says hi", Options: []*discordgo.ApplicationCommandOption{
	{Type: discordgo.ApplicationCommandOptionString, Name: "who", Description: "Whom to greet", Required: true},
}}

func TestInvokeAndPress(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{})
	d := client(t, s)
	d.AddHandler(greeter(t))
	open(t, s, d)
	register(t, s, d, hi)

	i, err := s.Invoke(discordsim.Invocation{Command: "hi", Options: map[string]any{"who": "you"}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := i.AwaitMessage(within(t))
	if err != nil {
		t.Fatal(err)
	}
	if m.Content != "hello you" || !m.Ephemeral() {
		t.Errorf("message = %q, ephemeral %v", m.Content, m.Ephemeral())
	}
	if diff := cmp.Diff([]string{s.People().Member}, i.Visible()); diff != "" {
		t.Errorf("seen by (-want +got):\n%s", diff)
	}
	if i.FirstAnswer() <= 0 {
		t.Error("there is no time to the first answer")
	}

	press, err := s.Press("", m.ID, "next")
	if err != nil {
		t.Fatal(err)
	}
	updated, err := press.AwaitMessage(within(t))
	if err != nil {
		t.Fatal(err)
	}
	if updated.ID != m.ID || updated.Content != "page 2" {
		t.Errorf("updated message %s = %q", updated.ID, updated.Content)
	}
	if diff := cmp.Diff(discordsim.Outcome{Answers: 1}, press.Outcome()); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
	noViolations(t, s)
}
