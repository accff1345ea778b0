package embeds_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"progressbot/embeds"
	"progressbot/embeds/card"
)

func TestCompletionCard(t *testing.T) {
	t.Parallel()
	hostile := "\u202e@everyone\n# Ada"
	for name, tt := range map[string]struct {
		person  string
		reached embeds.Reached
		want    card.Completion
		alt     string
	}{
		"everything": {
			"Ada *Lovelace*", embeds.Reached{Name: "Ocean _Explorers_", Reward: "Deep Diver", Collected: 7, Size: 8},
			card.Completion{
				Person: card.Name{Text: "Ada *Lovelace*", Instead: "This member"}, Program: card.Name{Text: "Ocean _Explorers_", Instead: "Collection"},
				Count: "8 of 8", Reward: &card.Prize{Name: card.Name{Text: "Deep Diver", Instead: "Reward"}, State: card.Ready},
			},
			"Collection complete. Ada *Lovelace*, Ocean _Explorers_, 8 of 8. Reward, Deep Diver.",
		},
		"nothing": {
			"", embeds.Reached{},
			card.Completion{Person: card.Name{Instead: "This member"}, Program: card.Name{Instead: "Collection"}},
			"Collection complete. This member, Collection.",
		},
		"hostile": {
			hostile, embeds.Reached{Name: hostile, Size: -3},
			card.Completion{Person: card.Name{Text: hostile, Instead: "This member"}, Program: card.Name{Text: hostile, Instead: "Collection"}},
			"Collection complete. @everyone # Ada, @everyone # Ada.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := embeds.CompletionCard(nil, tt.person, tt.reached)
			if diff := cmp.Diff(&tt.want, got, cmpopts.IgnoreFields(card.Completion{}, "Labels")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.alt, card.Alt(got)); diff != "" {
				t.Errorf("alt text (-want +got):\n%s", diff)
			}
		})
	}
}
