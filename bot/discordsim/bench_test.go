package discordsim_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot/discordsim"
)

// BenchmarkInteraction is a slash command and its answer through the
// simulator and a discordgo bot that answers a constant embed, 64 at a time.
func BenchmarkInteraction(b *testing.B) {
	s, err := discordsim.Start(discordsim.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close) // after the session's end
	d := client(b, s)
	d.StateEnabled = false
	d.AddHandler(func(d *discordgo.Session, i *discordgo.InteractionCreate) {
		_ = d.InteractionRespond(i.Interaction, &discordgo.InteractionResponse{
			Type: discordgo.InteractionResponseChannelMessageWithSource,
			Data: &discordgo.InteractionResponseData{Flags: discordgo.MessageFlagsEphemeral, Embeds: []*discordgo.MessageEmbed{{
				Title: "Progress", Description: "62 % (31 of 50)", Fields: []*discordgo.MessageEmbedField{{Name: "Cards", Value: "31", Inline: true}},
			}}},
		})
	})
	open(b, s, d)
	register(b, s, d, &discordgo.ApplicationCommand{Name: "hi", Description: "Says hi"})
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	b.ReportAllocs()
	b.ResetTimer()
	work := make(chan struct{})
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for range work {
				i, err := s.Invoke(discordsim.Invocation{Command: "hi"})
				if err != nil {
					b.Error(err)
					return
				}
				if _, err := i.AwaitMessage(ctx); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	for range b.N {
		work <- struct{}{}
	}
	close(work)
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "interactions/s")
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "live-MB")
}
