package embeds_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"
	"pgregory.net/rapid"

	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/embeds/embedstest"
	"progressbot/progressapi"
)

// Whatever goes in, Discord takes what comes out.
func TestMessagesKeepEveryLimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := drawView(t)
		programs := rapid.SliceOfN(rapid.Custom(drawProgram), 0, 40).Draw(t, "programs")
		page := rapid.IntRange(-3, 100).Draw(t, "page")
		holds(t, embeds.Overview(v, embeds.Rank(programs, v.Now), page))
		holds(t, embeds.Empty(v))
		for _, p := range programs[:min(len(programs), 3)] {
			holds(t, embeds.Detail(v, p, page))
		}
		holds(t, embeds.Problem(v.Words, embeds.ProblemView{
			Kind:       embeds.ProblemKind(rapid.IntRange(0, 15).Draw(t, "kind")),
			Reference:  text().Draw(t, "reference"),
			Retry:      text().Draw(t, "retry"),
			Back:       text().Draw(t, "back"),
			Typed:      text().Draw(t, "typed"),
			Nearest:    rapid.SliceOfN(text(), 0, 30).Draw(t, "nearest"),
			Person:     text().Draw(t, "name"),
			Permission: text().Draw(t, "permission"),
			Until:      moment().Draw(t, "until"),
		}))
	})
}

func holds(t *rapid.T, m embeds.Message) {
	if err := embedstest.Check(m); err != nil {
		t.Fatalf("Discord would refuse it: %v", err)
	}
	if _, err := json.Marshal(m); err != nil {
		t.Fatalf("no JSON: %v", err)
	}
}

func drawView(t *rapid.T) embeds.View {
	id := rapid.SampledFrom([]string{mara, other, "", "x:y", strings.Repeat("9", 99)})
	return embeds.View{
		Words: catalog.For("en-US"), Now: now, Asker: id.Draw(t, "asker"),
		Person: embeds.Person{ID: id.Draw(t, "person"), Name: text().Draw(t, "person name")},
		Public: rapid.Bool().Draw(t, "public"), StandIn: rapid.Bool().Draw(t, "stand-in"),
		Fetched: moment().Draw(t, "fetched"), WalletURL: address().Draw(t, "wallet"),
	}
}

func drawProgram(t *rapid.T) progressapi.Program {
	p := progressapi.Program{
		ID: text().Draw(t, "id"), Name: text().Draw(t, "name"), Image: address().Draw(t, "image"),
		Description: text().Draw(t, "description"), Status: text().Draw(t, "status"),
		Size: number().Draw(t, "size"), Collected: number().Draw(t, "collected"), Percent: number().Draw(t, "percent"),
		CountTold: rapid.Bool().Draw(t, "count told"), PercentTold: rapid.Bool().Draw(t, "percent told"),
		Starts: moment().Draw(t, "starts"), Ends: moment().Draw(t, "ends"),
		Cards: rapid.SliceOfN(rapid.Custom(drawCard), 0, 20).Draw(t, "cards"),
	}
	if rapid.Bool().Draw(t, "has a reward") {
		p.Reward = &progressapi.Reward{
			Name: text().Draw(t, "reward"), Description: text().Draw(t, "about"), Claimed: moment().Draw(t, "claimed"),
			CanClaim: rapid.Bool().Draw(t, "can claim"), IsClaimed: rapid.Bool().Draw(t, "is claimed"),
		}
	}
	return p
}

func drawCard(t *rapid.T) progressapi.Card {
	return progressapi.Card{
		Name: text().Draw(t, "card"), Rarity: text().Draw(t, "rarity"),
		Owned: rapid.Bool().Draw(t, "owned"), Quantity: number().Draw(t, "quantity"),
	}
}

// text is anything the API or a person might send, the worse the better.
func text() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.Just(""),
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{
			"*", "_", "`", "```", "|", "\\", "#", "- ", "1. ", ">", "\n", " ", "a", "Winter", "@everyone", "<@1>", "https://x.y/z",
			"discord.gg/a", "\u202e", "\u200b", "\u200d", "\x00", "\xff", "😀", "👩‍👩‍👧", "é", "e\u0301\u0301\u0301\u0301", "漢", "한", "\u1112\u1161", "م\u200c",
		}), 0, 60), func(parts []string) string { return strings.Join(parts, "") }),
		rapid.Map(rapid.SampledFrom([]string{"*", "a", "a ", "😀", "\u200b", "\n", "\u0335", "漢", "."}), func(s string) string {
			return strings.Repeat(s, 5000)
		}),
	)
}

func address() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{
		"", "https://cdn.example.com/a.png", "https://wallet.example.com/{user}?x={user}#y", "http://a.example/b", "javascript:alert(1)",
		"https://", "https://user:pw@a.example/", "https://a.example/" + strings.Repeat("x", 3000), "https://a.example/ \n", "//a.example",
		"https://bücher.example/", "https://[::1]/", "data:image/png;base64,AA", "https://a.example/\u202e", "HTTPS://A.EXAMPLE/b c", "attachment://x.png", "%",
	})
}

func number() *rapid.Generator[int] {
	return rapid.OneOf(rapid.IntRange(0, 120), rapid.SampledFrom([]int{-1, math.MinInt, math.MaxInt, 1e9}))
}

func moment() *rapid.Generator[time.Time] {
	return rapid.SampledFrom([]time.Time{
		{}, now, now.Add(-time.Hour), now.Add(1000 * time.Hour), time.Unix(0, 0), time.Unix(-1<<40, 0), time.Unix(1<<60, 0), time.UnixMilli(math.MaxInt64),
	})
}

func FuzzMessages(f *testing.F) {
	f.Add("program_winter", "Winter **Challenge**", "https://cdn.example.com/x.png", "not_started", 10, 3, int64(1767225600), 0)
	f.Add("../x", "@everyone \u202e", "javascript:x", "", -1, 1<<40, int64(-1<<40), -7)
	f.Fuzz(func(t *testing.T, id, name, address, status string, size, collected int, at int64, page int) {
		p := progressapi.Program{
			ID: id, Name: name, Image: address, Status: status, Description: name + "\n" + status, Size: size, Collected: collected,
			Percent: page, Ends: time.Unix(at, 0), Starts: time.Unix(-at, 0),
			Cards:  []progressapi.Card{{Name: name, Rarity: status, Quantity: collected}, {Name: status}},
			Reward: &progressapi.Reward{Name: status, Description: name, CanClaim: size%2 == 0, Claimed: time.Unix(at, 0)},
		}
		v := embeds.View{
			Words: catalog.For("en-US"), Now: now, Asker: mara, Person: embeds.Person{ID: mara, Name: name},
			Fetched: time.Unix(at, 0), StandIn: page%2 == 0, Public: page%3 == 0, WalletURL: address,
		}
		for _, m := range []embeds.Message{
			embeds.Overview(v, embeds.Rank([]progressapi.Program{p, p, {ID: name}}, now), page),
			embeds.Detail(v, p, page),
		} {
			if err := embedstest.Check(m); err != nil {
				t.Fatalf("Discord would refuse it: %v", err)
			}
			for _, id := range customIDs(m) {
				if _, err := embeds.ParseAction(id); err != nil {
					t.Fatalf("custom id %q: %v", id, err)
				}
			}
		}
	})
}

// customIDs lists the custom IDs of a message in their order.
func customIDs(m embeds.Message) []string {
	var ids []string
	for _, row := range m.Components {
		for _, part := range row.(discordgo.ActionsRow).Components {
			switch part := part.(type) {
			case discordgo.Button:
				if part.CustomID != "" {
					ids = append(ids, part.CustomID)
				}
			case discordgo.SelectMenu:
				ids = append(ids, part.CustomID)
			}
		}
	}
	return ids
}
