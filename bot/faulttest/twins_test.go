package faulttest

import (
	"fmt"
	"sync"
	"testing"

	"progressbot/bot/discordsim"
)

// TestThousandAsksOverTwoProcesses has a thousand members ask for one person
// at once, of two processes that share nothing but a Redis.
func TestThousandAsksOverTwoProcesses(t *testing.T) {
	asks := 1000
	if underRace {
		asks = 200
	}
	s := setup{Discord: discordsim.Options{
		Gateway:          discordsim.Gateway{Shards: 2, MaxConcurrency: 2},
		KeepInteractions: 2 * asks,
	}}
	steadilyIn(t, s, func(w *world) error {
		w.late = true
		second := w.secondGuild()
		a := w.exec("SHARD_COUNT", "2", "SHARD_IDS", "0")
		b := w.exec("SHARD_COUNT", "2", "SHARD_IDS", "1")
		if err := w.awaitReady(); err != nil {
			return fmt.Errorf("%w; logs:\n%s%s", err, a.log, b.log)
		}
		person := w.person()
		askers := make([]discordsim.Invocation, asks)
		for i := range askers {
			askers[i] = discordsim.Invocation{Command: "progress", User: w.person(), Options: map[string]any{"member": person}}
			if i%2 == 1 {
				askers[i].Channel = second
			}
		}
		w.joinSecondGuild(t, person, askers)
		if counts := w.invokeAll(askers); counts[seenFresh] != asks {
			return fmt.Errorf("the members saw %v, want everybody to see progress; logs:\n%s%s", counts, a.log, b.log)
		}
		calls := w.api.Count(person)
		if calls > 2 {
			return fmt.Errorf("%d asks made %d calls of the progress API, want at most 2", asks, calls)
		}
		for _, p := range []*process{a, b} {
			m, err := p.metrics()
			if err != nil {
				return err
			}
			got := m.sum("progressbot_interactions_received_total")
			if got < float64(asks)/3 {
				return fmt.Errorf("one process got %v of %d asks, want about a half", got, asks)
			}
			t.Logf("one process answered %v asks, after %.0f ms on average", got, 1000*m.sum("progressbot_interaction_first_answer_seconds_sum")/got)
		}
		t.Logf("%d asks over two processes made %d call(s) of the progress API", asks, calls)
		return nil
	})
}

// invokeAll has everybody ask at once, and counts what they see.
func (w *world) invokeAll(askers []discordsim.Invocation) map[string]int {
	var asking sync.WaitGroup
	saw := make([]string, len(askers))
	for i, in := range askers {
		asking.Go(func() {
			it, err := w.discord.Invoke(in)
			if err != nil {
				saw[i] = err.Error()
				return
			}
			s, err := w.see(it)
			if saw[i] = s.What; err != nil {
				saw[i] = err.Error()
			}
		})
	}
	asking.Wait()
	counts := map[string]int{}
	for _, s := range saw {
		counts[s]++
	}
	return counts
}

// secondGuild adds a server that belongs to another shard of two than the
// ready-made one, and returns a channel in it.
func (w *world) secondGuild() (channel string) {
	const guild, general = "1100000000004194305", "1100000000004194401" // 1<<22 further
	w.discord.AddGuild(discordsim.Guild{
		ID: guild, Name: "The other server",
		Channels: []discordsim.Channel{{ID: general, Name: "general"}},
	})
	if got := w.discord.GuildOf(general); got != guild {
		panic(fmt.Sprintf("channel %s is in guild %q", general, got))
	}
	return general
}

// joinSecondGuild makes people members of the second server: those who ask
// there and the one they ask for.
func (w *world) joinSecondGuild(t *testing.T, person string, askers []discordsim.Invocation) {
	t.Helper()
	members := []string{person}
	guild := ""
	for _, in := range askers {
		if in.Channel != "" {
			guild = w.discord.GuildOf(in.Channel)
			members = append(members, in.User)
		}
	}
	for _, id := range members {
		if err := w.discord.AddMember(guild, id); err != nil {
			t.Fatal(err)
		}
	}
}
