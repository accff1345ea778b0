package main

import (
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot/discordsim"
)

var update = flag.Bool("update", false, "rewrite golden files")

const repliesFile = "testdata/replies.json"

// TestTour takes the tour and compares everything that people see on it with
// the golden file, so that a change to it is a visible one.
func TestTour(t *testing.T) {
	t.Parallel()
	st, err := openStage(t.Context(), slog.New(slog.DiscardHandler), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.close(); err != nil {
			t.Error(err)
		}
	}()
	var replies []json.RawMessage
	var mended discordsim.Message
	seen := func(title string, m discordsim.Message) {
		replies = append(replies, golden(t, m))
		if title == stepMended {
			mended = m
		}
	}
	paint := painter{w: io.Discard, width: 80, now: time.Now, name: st.nameOf}
	if err := tour(t.Context(), st, paint, seen); err != nil {
		t.Fatal(err)
	}
	if !upToDate(mended) {
		t.Errorf("with the progress API back, people see %+v", mended.Embeds)
	}
	got, err := json.MarshalIndent(replies, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(repliesFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(repliesFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("what people see has changed; look at it and run with -update (-want +got):\n%s", diff)
	}
}

// golden is a reply without what differs from run to run.
func golden(t *testing.T, m discordsim.Message) json.RawMessage {
	t.Helper()
	data, err := json.Marshal(map[string]any{
		"as": m.Command, "private": m.Ephemeral(), "content": m.Content, "embeds": m.Embeds,
		"components": m.Components, "attachments": names(m.Attachments), "pings": m.Pings,
	})
	if err != nil {
		t.Fatal(err)
	}
	for pattern, stays := range map[string]string{
		`<t:\d+:`:                               `<t:T:`,
		`http://[^"]*/attachments/\d+/\d+/`:     `attachments/`,
		`"timestamp":"[^"]*"`:                   `"timestamp":"T"`,
		`(discord\.com/channels/\d+/\d+/)\d+`:   `${1}MESSAGE`,
		`(p1:announce\.\w+:\d+:\d+::)[A-Z2-7]+`: `${1}DRAFT`,
		`(reference: )[A-Z2-7]{8}`:              `${1}REFERENCE`,
		`(\\u003c/[^:]+:)\d+`:                   `${1}ID`,
		`(</[^:]+:)\d+`:                         `${1}ID`,
		`(\\u003ct:)\d+`:                        `${1}T`,
		`\d+ (seconds|minutes?) old`:            `N old`,
	} {
		data = regexp.MustCompile(pattern).ReplaceAll(data, []byte(stays))
	}
	return data
}

// names are the attachments as far as they are the same every time.
func names(all []discordsim.Attachment) []string {
	out := []string{}
	for _, a := range all {
		out = append(out, a.Filename+": "+a.Description)
	}
	return out
}
