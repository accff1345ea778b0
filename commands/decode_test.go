package commands_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/commands"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// interactionFiles returns the recorded interactions, one per shape.
func interactionFiles(tb testing.TB) []string {
	tb.Helper()
	all, err := filepath.Glob("testdata/interactions/*.json")
	if err != nil {
		tb.Fatal(err)
	}
	var files []string
	for _, f := range all {
		if !strings.HasSuffix(f, ".golden.json") {
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		tb.Fatal("no recorded interactions")
	}
	return files
}

func TestDecodeGolden(t *testing.T) {
	t.Parallel()
	for _, file := range interactionFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r, c, err := commands.Decode(raw, noon)
			if err != nil {
				t.Fatalf("Decode: %v", err)
			}
			if want := (commands.Credentials{ApplicationID: "900000000000000001", InteractionID: r.ID, Token: "tok"}); c != want {
				t.Errorf("credentials are %#v", c)
			}
			got, err := json.MarshalIndent(r, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".json") + ".golden.json"
			if *update {
				if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	const user = `"user":{"id":"5","username":"ada"}`
	tests := []struct {
		name, in string
		ping     bool
		token    string // what is still known of the credentials
	}{
		{"ping", `{"type":1,"id":"1","token":"tok","application_id":"9"}`, true, "tok"},
		{"empty", ``, false, ""},
		{"null", `null`, false, ""},
		{"array", `[]`, false, ""},
		{"text", `"secret"`, false, ""},
		{"cut short", `{"type":2,"id":"1","token":"sec`, false, ""},
		{"two values", `{} {}`, false, ""},
		{"no id", `{"type":2,"token":"tok",` + user + `}`, false, "tok"},
		{"no token", `{"type":2,"id":"1",` + user + `}`, false, ""},
		{"nobody", `{"type":2,"id":"1","token":"tok","member":{"user":null},"user":null}`, false, "tok"},
		{"user without id", `{"type":2,"id":"1","token":"tok","user":{"username":"ada"}}`, false, "tok"},
		{"unknown type", `{"type":6,"id":"1","token":"tok",` + user + `}`, false, "tok"},
		{"unknown command type", `{"type":2,"id":"1","token":"tok","data":{"type":4,"name":"launch"},` + user + `}`, false, "tok"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r, c, err := commands.Decode([]byte(tc.in), noon)
			if err == nil {
				t.Fatalf("no error, request %+v", r)
			}
			if errors.Is(err, commands.ErrPing) != tc.ping {
				t.Errorf("error is %v", err)
			}
			if c.Token != tc.token {
				t.Errorf("token is %q, want %q", c.Token, tc.token)
			}
			if strings.Contains(err.Error(), "sec") || strings.Contains(err.Error(), "tok\"") {
				t.Errorf("error quotes the payload: %v", err)
			}
		})
	}
}

func TestCredentialsNeverPrintTheToken(t *testing.T) {
	t.Parallel()
	c := commands.Credentials{ApplicationID: "9", InteractionID: "1", Token: "s3cret"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if out := fmt.Sprintf(verb, c); strings.Contains(out, "s3cret") {
			t.Errorf("%s prints %s", verb, out)
		}
	}
	if out := c.LogValue().String(); strings.Contains(out, "s3cret") {
		t.Errorf("the log shows %s", out)
	}
}

func FuzzDecode(f *testing.F) {
	for _, file := range interactionFiles(f) {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"type":5,"id":"1","token":"t","user":{"id":"5"},"data":{"components":[{"component":{"component":{"components":[{}]}}}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, c, err := commands.Decode(raw, noon)
		if err != nil {
			if diff := cmp.Diff(commands.Request{}, r); diff != "" {
				t.Errorf("error %v came with a request: %s", err, diff)
			}
			return
		}
		if r.ID == "" || r.User.ID == "" || r.Kind == 0 || c.Token == "" || c.InteractionID != r.ID {
			t.Errorf("accepted a hollow interaction: %+v", r)
		}
		if r.Kind == commands.Autocomplete && r.Focused != "" {
			if _, ok := r.Options[r.Focused]; !ok {
				t.Errorf("focused option %q has no value", r.Focused)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"slash", "button"} {
		b.Run(name, func(b *testing.B) {
			raw, err := os.ReadFile("testdata/interactions/" + name + ".json")
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := commands.Decode(raw, noon); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
