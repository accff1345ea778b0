package embeds_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"progressbot/embeds"
	"progressbot/embeds/catalog"
)

// board is a page of a leaderboard of 34 members as Mara sees it.
func board(change ...func(*embeds.BoardView)) embeds.BoardView {
	b := embeds.BoardView{
		Words: catalog.For("en-US"), Asker: mara, Page: 1, Total: 34,
		Rows: []embeds.BoardRow{
			{Rank: 11, Person: "11", Completed: 4, Cards: 1240},
			{Rank: 11, Person: mara, Completed: 4, Cards: 1240},
			{Rank: 13, Person: "13", Completed: 1, Cards: 1},
			{Rank: 14, Person: "14"},
		},
		Progress: "</progress:1>", Privacy: "</privacy set:2>",
	}
	b.Own = &b.Rows[1]
	for _, f := range change {
		f(&b)
	}
	return b
}

// ofWinter makes it the board of one collection.
func ofWinter(b *embeds.BoardView) {
	b.Program, b.Collection = "program_winter", "Winter *Challenge*"
	b.Rows = []embeds.BoardRow{
		{Rank: 11, Person: "11", Collected: 10, Size: 10, Percent: 100, Complete: true},
		{Rank: 12, Person: "12", Collected: 7, Size: 10, Percent: 70},
		{Rank: 13, Person: "13", Percent: 5},
		{Rank: 14, Person: "14", Collected: 3},
	}
	b.Own = &embeds.BoardRow{Rank: 33, Person: mara, Collected: 1, Size: 10, Percent: 10}
}

func absent(why embeds.Absence) func(*embeds.BoardView) {
	return func(b *embeds.BoardView) { b.Own, b.Absence = nil, why }
}

func public(b *embeds.BoardView) { b.Public = true }

func nobody(b *embeds.BoardView) { b.Rows, b.Own, b.Page, b.Total = nil, nil, 0, 0 }

func TestLeaderboards(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]embeds.BoardView{
		"all":           board(),
		"collection":    board(ofWinter),
		"public":        board(ofWinter, public),
		"public-absent": board(public, absent(embeds.AbsentNever)),
		"yet":           board(absent(embeds.AbsentYet)),
		"yet-here":      board(ofWinter, absent(embeds.AbsentYet)),
		"never":         board(absent(embeds.AbsentNever)),
		"hidden":        board(ofWinter, absent(embeds.AbsentHidden)),
		"empty":         board(nobody),
		"empty-never":   board(nobody, ofWinter, func(b *embeds.BoardView) { b.Rows, b.Collection = nil, "" }, absent(embeds.AbsentNever)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkGolden(t, "board-"+name+".json", embeds.Leaderboard(b))
		})
	}
}

// In public a leaderboard says the same whatever the asker chose.
func TestPublicLeaderboardsTellNoChoice(t *testing.T) {
	t.Parallel()
	want := embeds.Leaderboard(board(public, absent(embeds.AbsentYet)))
	for _, why := range []embeds.Absence{embeds.AbsentNever, embeds.AbsentHidden} {
		if diff := cmp.Diff(want, embeds.Leaderboard(board(public, absent(why)))); diff != "" {
			t.Errorf("absence %d (-want +got):\n%s", why, diff)
		}
	}
}

// What is not known of a member is not told as none.
func TestLeaderboardsTellWhatIsKnown(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		board func(*embeds.BoardView)
		row   embeds.BoardRow
		text  string
		score string
	}{
		{"a percentage", ofWinter, embeds.BoardRow{Percent: 40}, "40%", "40%"},
		{"complete by the percentage", ofWinter, embeds.BoardRow{Percent: 100, Complete: true}, "100% · Completed", "100%"},
		{"complete by the reward", ofWinter, embeds.BoardRow{Complete: true}, "100% · Completed", "100%"},
		{"all, without a count", func(*embeds.BoardView) {}, embeds.BoardRow{Completed: 1}, "1 completed", "1 completed"},
		{"all, hardly begun", func(*embeds.BoardView) {}, embeds.BoardRow{}, "0 completed", "0 completed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.row.Rank, tt.row.Person = 1, other
			b := board(tt.board, func(b *embeds.BoardView) { b.Rows, b.Own = []embeds.BoardRow{tt.row}, nil })
			want := "**1.** <@" + other + "> · " + tt.text
			if got, _, _ := strings.Cut(embeds.Leaderboard(b).Embeds[0].Description, "\n"); got != want {
				t.Errorf("the message says %q, want %q", got, want)
			}
			if got := embeds.BoardCard(b, "").Places[0].Score; got != tt.score {
				t.Errorf("the picture says %q, want %q", got, tt.score)
			}
		})
	}
}

func TestLeaderboardPager(t *testing.T) {
	t.Parallel()
	at := func(name string, page int) string {
		return embeds.Action{Name: name, Owner: mara, Page: page, Program: "program_winter"}.Encode()
	}
	tests := []struct {
		name                    string
		page, total             int
		first, prev, next, last string
		footer                  string
	}{
		{"one page", 0, 10, "", "", "", "", "10 members"},
		{"one member", 0, 1, "", "", "", "", "1 member"},
		{"the last of two", 1, 11, "", at("board.prev", 0), "off", "", "11 members · Page 2 of 2"},
		{"the second of four", 1, 31, at("board.first", 0), at("board.prev", 0), at("board.next", 2), at("board.last", 3), "31 members · Page 2 of 4"},
		{"beyond the last", 9, 31, at("board.first", 0), at("board.prev", 2), "off", "off", "31 members · Page 4 of 4"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := embeds.Leaderboard(board(ofWinter, func(b *embeds.BoardView) { b.Page, b.Total = tt.page, tt.total }))
			want := []string{tt.first, tt.prev, tt.next, tt.last, tt.footer}
			got := []string{press(t, m, "First"), press(t, m, "Prev"), press(t, m, "Next"), press(t, m, "Last"), m.Embeds[0].Footer.Text}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLeaderboardsKeepEveryLimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom([]string{mara, other, "", "x:y", strings.Repeat("9", 99)})
		row := func(t *rapid.T) embeds.BoardRow {
			return embeds.BoardRow{
				Rank: number().Draw(t, "rank"), Person: id.Draw(t, "person"), Completed: number().Draw(t, "completed"), Cards: number().Draw(t, "cards"),
				Collected: number().Draw(t, "collected"), Size: number().Draw(t, "size"), Percent: number().Draw(t, "percent"), Complete: rapid.Bool().Draw(t, "complete"),
			}
		}
		own := row(t)
		b := embeds.BoardView{
			Asker: id.Draw(t, "asker"), Public: rapid.Bool().Draw(t, "public"),
			Program: rapid.SampledFrom([]string{"", "program_winter", "::"}).Draw(t, "program"), Collection: text().Draw(t, "collection"),
			Rows: rapid.SliceOfN(rapid.Custom(row), 0, 20).Draw(t, "rows"), Page: number().Draw(t, "page"), Total: number().Draw(t, "total"),
			Own: rapid.SampledFrom([]*embeds.BoardRow{nil, &own}).Draw(t, "own"), Absence: embeds.Absence(rapid.IntRange(0, 3).Draw(t, "absence")),
			Progress: "</progress:1>", Privacy: "</privacy set:1>",
		}
		holds(t, embeds.Leaderboard(b))
	})
}
