package embeds_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/embeds/embedstest"
	"progressbot/progressapi"
)

var update = flag.Bool("update", false, "write the golden files anew")

// now is the moment at which all tests of this package look at things.
var now = time.Date(2025, time.December, 24, 12, 0, 0, 0, time.UTC)

const (
	mara  = "123456789012345678"
	other = "223456789012345678"
)

// scene is the input of a golden file.
type scene struct {
	Asker     string
	Person    embeds.Person
	Public    bool
	StandIn   bool
	AgeSecs   int
	WalletURL string

	Page     int
	Open     string // ID of the program to show alone, "" for the overview
	BackPage int
	Programs []progressapi.Program
}

func (s scene) message() embeds.Message {
	v := embeds.View{
		Words: catalog.For("en-US"), Now: now, Asker: s.Asker, Person: s.Person, Public: s.Public, StandIn: s.StandIn,
		Fetched: now.Add(-time.Duration(s.AgeSecs) * time.Second), WalletURL: s.WalletURL,
	}
	if s.Open != "" {
		p, _ := embeds.FindProgram(s.Programs, embeds.ProgramRef(s.Open))
		return embeds.Detail(v, p, s.BackPage)
	}
	return embeds.Overview(v, embeds.Rank(s.Programs, now), s.Page)
}

// Every file testdata/<case>.json is a situation; what people are to see in
// it is in testdata/messages/<case>.json.
func TestMessages(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("no cases in testdata")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var s scene
			d := json.NewDecoder(bytes.NewReader(raw))
			d.DisallowUnknownFields()
			if err := d.Decode(&s); err != nil {
				t.Fatal(err)
			}
			checkGolden(t, filepath.Base(file), s.message())
		})
	}
}

// checkGolden compares m to its golden file and holds it to every rule.
func checkGolden(t *testing.T, name string, m embeds.Message) {
	t.Helper()
	if err := embedstest.Check(m); err != nil {
		t.Errorf("Discord would refuse it: %v", err)
	}
	var got bytes.Buffer
	e := json.NewEncoder(&got)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		t.Fatal(err)
	}
	if i := bytes.Index(got.Bytes(), []byte("%!")); i >= 0 {
		t.Errorf("a text was given the wrong arguments: %s", got.Bytes()[i:])
	}
	file := filepath.Join("testdata", "messages", name)
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
