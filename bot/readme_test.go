package bot_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot"
)

const (
	readmeFile  = "../README.md"
	tableBegins = "<!-- configuration: written by `go test ./bot -run Readme -update` -->\n"
	tableEnds   = "<!-- /configuration -->\n"
)

// TestReadme keeps the README's table of variables in step with the
// variables that are read.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(readme), tableBegins)
	got, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		t.Fatalf("%s has no part between %q and %q", readmeFile, tableBegins, tableEnds)
	}
	want := table(bot.Variables())
	if *update {
		if err := os.WriteFile(readmeFile, []byte(before+tableBegins+want+tableEnds+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the README's table of variables differs; write it anew with -update (-want +got):\n%s", diff)
	}
}

func table(variables []bot.Variable) string {
	var b strings.Builder
	b.WriteString("| variable | default | meaning |\n|---|---|---|\n")
	for _, v := range variables {
		value := "none"
		switch {
		case v.Required:
			value = "**required**"
		case v.Default != "":
			value = "`" + v.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", v.Name, value, v.Meaning)
	}
	return b.String()
}
