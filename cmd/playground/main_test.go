package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func noEnv(string) (string, bool) { return "", false }

// TestPrompt types what the manual says, against the real bot.
func TestPrompt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		lines string
		want  []string
	}{
		{"overview, page and menu", "/progress\n[Next]\n[Prev]\n> reef\n[Back]", []string{"Your progress", "Page 2 of 2", "Reef Explorers", "Missing"}},
		// A cold fetch may take longer than Discord waits for suggestions.
		{"suggestions", "/progress\n/progress collection:STÁRL?", []string{"Starline Express"}},
		{"somebody else", "as noah\nview @mia\n/progress member:@finn", []string{"Mia's progress", "Finn's progress"}},
		{"advance", "advance 1\n/progress collection:winter lights", []string{"1 more of Winter Lights", "12 of 12"}},
		{"fault and mend", "as ada\nbreak\nbreak api-down\n/progress\nmend\n[Try again]", []string{"The progress API answers 503", "reference", "Nothing collected yet"}},
		{"mistakes", "/nope\n/progress reef\nas nobody\ndance\nadvance x\n[Nope]\n> 3\nwait x", []string{
			"there is no command", "name:value", "nobody called", "try: help", "number of cards", "no such control", "no menu", "such as 10s",
		}},
		{"people and help", "people\nhelp\nquit\nnot reached", []string{"is new here", "press a button"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			if code := run(t.Context(), []string{"-color=false"}, noEnv, strings.NewReader(tt.lines), &out, &errs); code != 0 {
				t.Fatalf("status %d: %s", code, errs.String())
			}
			for _, want := range tt.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("%q is not shown in:\n%s", want, out.String())
				}
			}
			if strings.Contains(out.String(), "not reached") {
				t.Error("went on after quit")
			}
		})
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"-nope"}, noEnv, nil, &out, &errs); code != 2 {
		t.Errorf("an unknown flag ends with status %d, want 2", code)
	}
	if code := run(t.Context(), []string{"-h"}, noEnv, nil, &out, &errs); code != 0 || !strings.Contains(errs.String(), "-tour") {
		t.Errorf("-h ends with status %d and shows:\n%s", code, errs.String())
	}
}

// TestInterrupt ends the playground while it waits for a line.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	in, typed := pipe(t)
	out := &signalWriter{want: "mia", seen: cancel}
	if code := run(ctx, []string{"-color=false"}, noEnv, in, out, out); code != 0 {
		t.Errorf("status %d after an interrupt", code)
	}
	typed()
}
