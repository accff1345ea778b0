package commands_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot/store"
	"progressbot/commands"
	"progressbot/commands/commandstest"
	"progressbot/embeds/card"
	"progressbot/progressapi"
)

// brokenPainter cannot draw.
type brokenPainter struct{}

func (brokenPainter) PNG(context.Context, card.Card) ([]byte, error) {
	return nil, errors.New("out of paint")
}

func TestPictures(t *testing.T) {
	t.Parallel()
	painter, err := card.New()
	if err != nil {
		t.Fatal(err)
	}
	programs := map[string][]progressapi.Program{commandstest.Ada().ID: {{
		ID: "winter", Name: "Winter Lights", Size: 3, Collected: 2, Percent: 66, CountTold: true, PercentTold: true,
		Image: "https://cdn.example.com/winter.png",
		Cards: []progressapi.Card{{Name: "Snowflake", Owned: true, Rarity: "rare"}, {Name: "Fox", Owned: true}, {Name: "Aurora"}},
	}}}
	all := commandstest.Slash("progress", nil)
	one := commandstest.Slash("progress", commandstest.Options{"collection": commandstest.Text("winter")})
	shared := commandstest.Slash("progress", commandstest.Options{"share": commandstest.Yes()})
	tests := []struct {
		name    string
		r       commands.Request
		painter commands.Painter
		forbid  bool
		chosen  store.Pictures
		want    string // of the alt text; "" for no picture
	}{
		{name: "an overview for oneself", r: all, painter: painter},
		{name: "an overview for oneself, where the server wants it", r: all, painter: painter, chosen: store.AllPictures, want: "Ada"},
		{name: "an overview for everyone", r: shared, painter: painter, want: "Ada"},
		{name: "one collection", r: one, painter: painter, want: "Aurora"},
		{name: "without Attach Files", r: one, painter: painter, forbid: true},
		{name: "where the server turned cards off", r: one, painter: painter, chosen: store.NoPictures},
		{name: "for everyone where the server turned cards off", r: shared, painter: painter, chosen: store.NoPictures},
		{name: "for oneself in a direct message", r: commandstest.InDM(all), painter: painter},
		{name: "one collection in a direct message", r: commandstest.InDM(one), painter: painter, chosen: store.NoPictures, want: "Aurora"},
		{name: "when drawing fails", r: one, painter: brokenPainter{}},
		{name: "without a painter", r: one},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(programs, func(w *world) { w.deps.Painter = tt.painter })
				w.store.Put(tt.r.Guild, func(s *store.Settings) { s.Pictures = tt.chosen })
				r := tt.r
				r.AppPermissions = discordgo.PermissionAttachFiles
				if tt.forbid {
					r.AppPermissions = 0
				}
				reply := w.see(t, r)
				if len(reply.Embeds) != 1 {
					t.Fatalf("%d embeds", len(reply.Embeds))
				}
				if tt.want == "" {
					if len(reply.Files) != 0 || reply.Embeds[0].Image != nil {
						t.Errorf("got %d pictures, want none", len(reply.Files))
					}
					return
				}
				if len(reply.Files) != 1 {
					t.Fatalf("got %d pictures, want 1", len(reply.Files))
				}
				f := reply.Files[0]
				if reply.Embeds[0].Image == nil || reply.Embeds[0].Image.URL != "attachment://"+f.Name {
					t.Errorf("the embed shows %v, want the file %q", reply.Embeds[0].Image, f.Name)
				}
				if !strings.HasPrefix(string(f.Data), "\x89PNG") || !strings.Contains(f.Description, tt.want) {
					t.Errorf("%d bytes with the alt text %q, want a PNG that tells of %q", len(f.Data), f.Description, tt.want)
				}
			})
		})
	}
}
