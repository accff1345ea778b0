package faulttest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeQuotesTheProgram holds the README's table of failures against the
// source: what it quotes of the log and of what members see must stand there.
func TestReadmeQuotesTheProgram(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, part, found := strings.Cut(string(readme), "## When things fail")
	part, _, ends := strings.Cut(part, "\n## ")
	if !found || !ends {
		t.Fatal(`README.md has no part "When things fail"`)
	}
	source := sourceOf(t, "../..")
	notOurs := map[string]bool{"The application did not respond": true} // Discord's own words
	quotes, rows := 0, 0
	for line := range strings.Lines(part) {
		cells := strings.Split(line, " | ")
		if len(cells) != 4 || strings.HasPrefix(line, "| what fails") {
			continue
		}
		rows++
		for _, q := range regexp.MustCompile("“([^”]+)”").FindAllStringSubmatch(cells[1], -1) {
			words := regexp.MustCompile(`\d+`).ReplaceAllString(q[1], "%[1]d")
			if quotes++; !notOurs[q[1]] && !strings.Contains(source, words) {
				t.Errorf("members never see “%s”", q[1])
			}
		}
		for _, q := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[2], -1) {
			metric, _, _ := strings.Cut(q[1], "{")
			word := strings.TrimPrefix(metric, "outcome=")
			if quotes++; !strings.Contains(source, word) {
				t.Errorf("the log never says %q", q[1])
			}
		}
	}
	if rows < 15 || quotes < 40 {
		t.Errorf("found %d rows with %d quotes, which is not all there is", rows, quotes)
	}
}

// TestDocumentsNameMetricsThatExist holds the README and the alerts against
// the source.
func TestDocumentsNameMetricsThatExist(t *testing.T) {
	t.Parallel()
	source := sourceOf(t, "../..")
	for _, file := range []string{"../../README.md", "../../docs/prometheus-alerts.yaml"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		names := regexp.MustCompile(`progressbot_[a-z_]+`).FindAllString(string(text), -1)
		if len(names) < 5 {
			t.Fatalf("%s names only %d metrics", file, len(names))
		}
		for _, name := range names {
			if !strings.Contains(source, strings.TrimSuffix(name, "_bucket")) {
				t.Errorf("%s: there is no metric %s", file, name)
			}
		}
		for _, label := range regexp.MustCompile(`outcome=~?"([a-z_|]+)"`).FindAllStringSubmatch(string(text), -1) {
			for outcome := range strings.SplitSeq(label[1], "|") {
				if !strings.Contains(source, `"`+outcome+`"`) {
					t.Errorf("%s: there is no outcome %s", file, outcome)
				}
			}
		}
	}
}

// sourceOf returns the program's source, without tests, as one text in which
// quotes within strings are plain.
func sourceOf(t *testing.T, root string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(all.String(), `\"`, `"`)
}
