package embeds_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"progressbot/embeds"
	"progressbot/progressapi"
)

func TestActionEncode(t *testing.T) {
	t.Parallel()
	longest := embeds.Action{
		Name: "refresh-one-long", Owner: "12345678901234567890", Person: "98765432109876543210",
		Page: embeds.MaxPage, Program: strings.Repeat("p", 31),
	}
	tests := []struct {
		name string
		in   embeds.Action
		want string
	}{
		{"own overview", embeds.Action{Name: "refresh", Owner: "123", Person: "123"}, "p1:refresh:123:::"},
		{"a page", embeds.Action{Name: "next", Owner: "123", Person: "456", Page: 2}, "p1:next:123:456:2:"},
		{"a program", embeds.Action{Name: "back", Owner: "1", Program: "program_winter"}, "p1:back:1:::program_winter"},
		{"the longest", longest, "p1:refresh-one-long:12345678901234567890:98765432109876543210:99999:" + strings.Repeat("p", 31)},
		{"out of bounds", embeds.Action{Name: "No:", Owner: "x", Person: "1:2", Page: -1, Program: "a/b"}, "p1:::::"},
		{"beyond the last page", embeds.Action{Name: "next", Page: 1e9}, "p1:next:::99999:"},
	}
	for _, tt := range tests {
		if got := tt.in.Encode(); got != tt.want || len(got) > 100 {
			t.Errorf("%s: %q (%d characters), want %q", tt.name, got, len(got), tt.want)
		}
	}
}

func TestParseActionRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want error
	}{
		{"", embeds.ErrForeignAction},
		{"p1", embeds.ErrForeignAction},
		{"p1:", embeds.ErrForeignAction},
		{"p1:next:1", embeds.ErrForeignAction},
		{"p1:next:1:2:3:4:5", embeds.ErrForeignAction},
		{"p1::1:2:3:", embeds.ErrForeignAction},
		{"p1:NEXT:1:2:3:", embeds.ErrForeignAction},
		{"p1:next:-1:2:3:", embeds.ErrForeignAction},
		{"p1:next:1:x:3:", embeds.ErrForeignAction},
		{"p1:next:1:2:0:", embeds.ErrForeignAction},
		{"p1:next:1:2:03:", embeds.ErrForeignAction},
		{"p1:next:1:2:+3:", embeds.ErrForeignAction},
		{"p1:next:1:2:-3:", embeds.ErrForeignAction},
		{"p1:next:1:2:100000:", embeds.ErrForeignAction},
		{"p1:next:1:2:99999999999999999999:", embeds.ErrForeignAction},
		{"p1:open:1:2:3:a/b", embeds.ErrForeignAction},
		{"p1:open:1:2:3:~", embeds.ErrForeignAction},
		{"p1:open:1:2:3:\xff", embeds.ErrForeignAction},
		{"p1:next:1:2:3:" + strings.Repeat("x", 100), embeds.ErrForeignAction},
		{"other-bot:next:1:2:3:", embeds.ErrForeignAction},
		{"poll:yes", embeds.ErrForeignAction},
		{"p:next:1:2:3:", embeds.ErrForeignAction},
		{"p2:next:1:2:3:", embeds.ErrActionVersion},
		{"p0:whatever", embeds.ErrActionVersion},
		{"p0::1", embeds.ErrActionVersion},
	}
	for _, tt := range tests {
		got, err := embeds.ParseAction(tt.in)
		if !errors.Is(err, tt.want) {
			t.Errorf("ParseAction(%q) = %v, want %v", tt.in, err, tt.want)
		}
		var beside embeds.Action
		if errors.Is(err, embeds.ErrActionVersion) {
			beside.Name = strings.Split(tt.in, ":")[1]
		}
		if got != beside {
			t.Errorf("ParseAction(%q) returns %+v beside its error", tt.in, got)
		}
	}
}

func TestActionSurvivesItsCustomID(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := embeds.Action{
			Name:    rapid.StringMatching(`[a-z0-9.-]{1,16}`).Draw(t, "name"),
			Owner:   rapid.StringMatching(`[0-9]{0,20}`).Draw(t, "owner"),
			Person:  rapid.StringMatching(`[0-9]{1,20}`).Draw(t, "person"),
			Page:    rapid.IntRange(0, embeds.MaxPage).Draw(t, "page"),
			Program: embeds.ProgramRef(rapid.String().Draw(t, "id")),
		}
		got, err := embeds.ParseAction(want.Encode())
		if err != nil {
			t.Fatalf("%q: %v", want.Encode(), err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

func TestFindProgram(t *testing.T) {
	t.Parallel()
	ids := []string{
		"program_winter", "", "../../etc/passwd", "a:b", strings.Repeat("long", 50), "çedilla", "~tilde",
		"nul\x00", "\xff\xfe", " ", strings.Repeat("p", 31), strings.Repeat("p", 32),
	}
	programs := make([]progressapi.Program, len(ids))
	for i, id := range ids {
		programs[i] = progressapi.Program{ID: id, Size: i}
	}
	for i, id := range ids {
		ref := embeds.ProgramRef(id)
		if len(ref) > 32 {
			t.Errorf("the reference to %q has %d characters", id, len(ref))
		}
		got, ok := embeds.FindProgram(programs, ref)
		if ok != (id != "") || ok && got.Size != i {
			t.Errorf("FindProgram(%q) = %q, %v", ref, got.ID, ok)
		}
	}
	for _, ref := range []string{"gone", "~gone", "~", "a/b", strings.Repeat("x", 5000)} {
		if got, ok := embeds.FindProgram(programs, ref); ok {
			t.Errorf("FindProgram(%q) found %q", ref, got.ID)
		}
	}
	// A program whose ID looks like another's hash is not mistaken for it.
	impostor := []progressapi.Program{{ID: embeds.ProgramRef("a:b")}, {ID: "a:b", Size: 1}}
	if got, ok := embeds.FindProgram(impostor, embeds.ProgramRef("a:b")); !ok || got.Size != 1 {
		t.Errorf("FindProgram took the impostor %q", got.ID)
	}
}

func FuzzParseAction(f *testing.F) {
	f.Add("p1:next:123:456:2:program_winter")
	f.Add("p1:open:1::: ~abc")
	f.Add("p9:x")
	f.Add("::::::")
	f.Fuzz(func(t *testing.T, in string) {
		a, err := embeds.ParseAction(in)
		if err != nil {
			if !errors.Is(err, embeds.ErrForeignAction) && !errors.Is(err, embeds.ErrActionVersion) {
				t.Fatalf("ParseAction(%q): %v matches no sentinel", in, err)
			}
			return
		}
		again, err := embeds.ParseAction(a.Encode())
		if err != nil || again != a {
			t.Fatalf("%q: %+v became %+v, %v", in, a, again, err)
		}
	})
}
