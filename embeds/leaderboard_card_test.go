package embeds_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"progressbot/embeds"
	"progressbot/embeds/card"
)

func TestBoardCard(t *testing.T) {
	t.Parallel()
	named := func(b *embeds.BoardView) {
		for i, name := range []string{"Ada *Lovelace*", "Mara", "", "漢字"} {
			b.Rows[i].Name = name
		}
	}
	member := func(name string) card.Name { return card.Name{Text: name, Instead: "Member"} }
	onAll := []card.Place{
		{Rank: 11, Member: member("Ada *Lovelace*"), Score: "4 completed · 1,240 cards", Percent: card.NoBar},
		{Rank: 11, Member: member("Mara"), Score: "4 completed · 1,240 cards", Percent: card.NoBar, Own: true},
		{Rank: 13, Member: member(""), Score: "1 completed · 1 card", Percent: card.NoBar},
		{Rank: 14, Member: member("漢字"), Score: "0 completed", Percent: card.NoBar},
	}
	onWinter := []card.Place{
		{Rank: 11, Member: member("Ada *Lovelace*"), Score: "10 of 10", Percent: 100},
		{Rank: 12, Member: member("Mara"), Score: "7 of 10", Percent: 70},
		{Rank: 13, Member: member(""), Score: "5%", Percent: 5},
		{Rank: 14, Member: member("漢字"), Score: "3 cards", Percent: card.NoBar},
	}
	winter := card.Name{Text: "Winter *Challenge*", Instead: "Collection"}
	own := card.Place{Rank: 33, Member: member("Mara of the North"), Score: "1 of 10", Percent: 10, Own: true}
	ownPublic := own
	ownPublic.Own = false
	for name, tt := range map[string]struct {
		view embeds.BoardView
		want card.Leaderboard
	}{
		"all": {board(named), card.Leaderboard{
			Title: card.Name{Text: "Leaderboard"}, Summary: "34 members · Page 2 of 4", Places: onAll,
		}},
		"a collection": {board(ofWinter, named), card.Leaderboard{
			Title: winter, Summary: "Leaderboard · 34 members · Page 2 of 4", Places: onWinter, Own: &own,
		}},
		"in public": {board(ofWinter, named, public), card.Leaderboard{
			Title: winter, Summary: "Leaderboard · 34 members · Page 2 of 4", Places: onWinter, Own: &ownPublic,
		}},
		"not on it": {board(ofWinter, named, absent(embeds.AbsentNever)), card.Leaderboard{
			Title: winter, Summary: "Leaderboard · 34 members · Page 2 of 4", Places: onWinter,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := embeds.BoardCard(tt.view, "Mara of the North")
			if diff := cmp.Diff(&tt.want, got, cmpopts.IgnoreFields(card.Leaderboard{}, "Labels")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The alt text reads names in their own script, and says what the picture
// cannot.
func TestBoardCardAlt(t *testing.T) {
	t.Parallel()
	b := board(ofWinter)
	b.Rows[0].Name, b.Rows[3].Name = "\u202eevil\n# Ada", "漢字"
	got := card.Alt(embeds.BoardCard(b, "Mara"))
	want := "Winter *Challenge*, Leaderboard · 34 members · Page 2 of 4. 33. Mara, You, 1 of 10. " +
		"11. evil # Ada, 10 of 10; 12. Member, 7 of 10; 13. Member, 5%; 14. 漢字, 3 cards."
	if got != want {
		t.Errorf("alt text (-want +got):\n%s", cmp.Diff(want, got))
	}
	if strings.ContainsRune(got, '\u202e') {
		t.Error("the alt text is turned around")
	}
}
