package commands_test

import (
	"encoding/json"
	"strings"
	"testing"

	"progressbot/commands"
)

// TestBits: a permission that does not exist yet takes nothing from those
// that do.
func TestBits(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]commands.Bits{
		`"0"`:                                0,
		`"32"`:                               32,
		`32`:                                 32,
		`"2251799813685248"`:                 1 << 51,
		`"9223372036854775808"`:              -1 << 63,
		`"18446744073709551648"`:             32, // and bit 64
		`"1180591620717411303456"`:           32, // and bit 70
		`"-1"`:                               0,
		`"0x20"`:                             0,
		`""`:                                 0,
		`null`:                               0,
		`["32"]`:                             0,
		`"` + strings.Repeat("9", 301) + `"`: 0,
	} {
		got := commands.Bits(7)
		if err := json.Unmarshal([]byte(raw), &got); err != nil || got != want {
			t.Errorf("%s is %d, %v; want %d", raw, got, err, want)
		}
	}
}
