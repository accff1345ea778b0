package bot_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/joho/godotenv"

	"progressbot/bot"
)

var update = flag.Bool("update", false, "rewrite golden files")

const exampleFile = "../.env.example"

// TestEnvExample keeps .env.example in step with the variables.
func TestEnvExample(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("# Copy to .env and fill in what is required. Variables of the process win over this file.\n")
	b.WriteString("# An empty variable counts as not set.\n")
	for _, v := range bot.Variables() {
		required := ""
		if v.Required {
			required = "Required: "
		}
		fmt.Fprintf(&b, "\n# %s%s.\n%s=%s\n", required, v.Meaning, v.Name, v.Default)
	}
	want := b.String()
	if *update {
		if err := os.WriteFile(exampleFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf(".env.example mismatch (-want +got), run the test with -update:\n%s", diff)
	}
}

// TestEnvExampleWorks fills in what .env.example leaves open.
func TestEnvExampleWorks(t *testing.T) {
	t.Parallel()
	values, err := godotenv.Read(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	values["DISCORD_TOKEN"], values["PROGRESS_API_KEY"] = "t", "k"
	got, err := bot.ConfigFromEnv(env(values).lookup)
	if err != nil {
		t.Fatal(err)
	}
	want, err := bot.ConfigFromEnv(with("DISCORD_TOKEN", "t", "PROGRESS_API_KEY", "k").lookup)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, showSecrets); diff != "" {
		t.Errorf("the example differs from the defaults (-defaults +example):\n%s", diff)
	}
}
