package embeds_test

import (
	"strings"
	"testing"
	"time"

	"progressbot/embeds"
	"progressbot/embeds/card"
	"progressbot/progressapi"
)

// A rarity reads the same in a message and on its picture.
func TestRarityReadsTheSame(t *testing.T) {
	t.Parallel()
	for rarity, want := range map[string]string{
		"rare":                           "Rare",
		"very_rare":                      "Very rare",
		"veryRare":                       "Very rare",
		"VERY-RARE":                      "Very rare",
		"_":                              "",
		"a rarity of a great many words": "A rarity of a great…",
	} {
		v := own()
		p := progressapi.Program{Name: "Winter", Cards: []progressapi.Card{{Name: "Aurora", Rarity: rarity}}}
		text, alt := "Aurora", "Missing: Aurora"
		if want != "" {
			text, alt = text+" · "+want, alt+", "+want
		}
		if got := embeds.Detail(v, p, -1).Embeds[0].Fields[0].Value; got != text {
			t.Errorf("%q: the message says %q, want %q", rarity, got, text)
		}
		want := "Winter: Not started. " + alt + "."
		if got := card.Alt(card.NewDetail(embeds.CardLabels(v.Words), "", p, v.Now)); got != want {
			t.Errorf("%q: the picture says %q, want %q", rarity, got, want)
		}
	}
}

// A message and its picture tell the same figures, whichever the API told.
func TestFiguresReadTheSame(t *testing.T) {
	t.Parallel()
	ready := &progressapi.Reward{CanClaim: true}
	tests := []struct {
		name    string
		program progressapi.Program
		text    string
		alt     string
		full    bool
	}{
		{"nothing", progressapi.Program{Size: 10}, "", "", false},
		{"a percentage", progressapi.Program{Size: 10, Percent: 40, PercentTold: true}, "40%", "40%", false},
		{"a count", progressapi.Program{Size: 3, Collected: 1, CountTold: true}, "1 of 3 · 33%", "1 of 3, 33%", false},
		{"a count in part", progressapi.Program{Size: 10, Collected: 3, Percent: 30}, "3 of 10 · 30%", "3 of 10, 30%", false},
		{"the reward alone", progressapi.Program{Size: 10, Reward: ready}, "100%", "100%", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := own()
			text := embeds.Overview(v, []progressapi.Program{tt.program}, 0).Embeds[0].Fields[0].Value
			if figures, _, _ := strings.Cut(text, "\n"); !strings.HasPrefix(figures, tt.text) {
				t.Errorf("the message says %q, want %q", text, tt.text)
			}
			d := card.NewDetail(embeds.CardLabels(v.Words), "", tt.program, v.Now)
			if got := card.Alt(d); !strings.HasPrefix(got, "Collection: "+tt.alt) {
				t.Errorf("the picture says %q, want %q", got, tt.alt)
			}
			if text, ring := strings.Contains(text, "██████████"), d.Percent == 100; text != tt.full || ring != tt.full {
				t.Errorf("full in the message: %v, on the picture: %v, want %v", text, ring, tt.full)
			}
		})
	}
}

// A reward is promised only while it can still be earned.
func TestRewardsOfWhatHasEnded(t *testing.T) {
	t.Parallel()
	ended := progressapi.Program{
		Name: "Winter", Size: 10, Collected: 3, CountTold: true, Ends: now.Add(-time.Hour), Reward: &progressapi.Reward{Name: "A hat"},
	}
	running, ready := ended, ended
	running.Ends = now.Add(time.Hour)
	ready.Reward = &progressapi.Reward{Name: "A hat", CanClaim: true}
	for name, tt := range map[string]struct {
		program      progressapi.Program
		reward, word string
	}{
		"running":          {running, "A hat\nYours when the collection is complete.", "Reward, A hat, When complete."},
		"ended":            {ended, "A hat", "Reward, A hat."},
		"ended, but ready": {ready, "A hat\nReady to claim.", "Reward, A hat, Ready to claim."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := own()
			if got := embeds.Detail(v, tt.program, -1).Embeds[0].Fields[0].Value; got != tt.reward {
				t.Errorf("the message says %q, want %q", got, tt.reward)
			}
			if got := card.Alt(card.NewDetail(embeds.CardLabels(v.Words), "", tt.program, v.Now)); !strings.Contains(got, tt.word) {
				t.Errorf("the picture says %q, want %q", got, tt.word)
			}
		})
	}
}
