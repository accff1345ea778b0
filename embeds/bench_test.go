package embeds_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"progressbot/embeds"
	"progressbot/progressapi"
)

// load reads the programs of a case in testdata.
func load(tb testing.TB, name string) []progressapi.Program {
	tb.Helper()
	raw, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		tb.Fatal(err)
	}
	var s scene
	if err := json.Unmarshal(raw, &s); err != nil {
		tb.Fatal(err)
	}
	return s.Programs
}

func BenchmarkOverview(b *testing.B) {
	few := load(b, "overview")
	many := make([]progressapi.Program, 0, 300)
	for i := range cap(many) {
		p := few[i%len(few)]
		p.Ends = p.Ends.Add(time.Duration(i) * time.Hour)
		many = append(many, p)
	}
	for name, programs := range map[string][]progressapi.Program{"6": few, "300": many} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			v := own()
			for b.Loop() {
				embeds.Overview(v, embeds.Rank(programs, now), 0)
			}
		})
	}
}

func BenchmarkDetail(b *testing.B) {
	p, ok := embeds.FindProgram(load(b, "overview"), "program_winter")
	if !ok {
		b.Fatal("no such program")
	}
	b.ReportAllocs()
	v := own()
	for b.Loop() {
		embeds.Detail(v, p, 0)
	}
}

func BenchmarkRank(b *testing.B) {
	programs := numbered(300)
	b.ReportAllocs()
	for b.Loop() {
		embeds.Rank(programs, now)
	}
}

func BenchmarkEscape(b *testing.B) {
	for name, s := range map[string]string{
		"tame": "Winter Challenge", "some": "Sci-Fi: Part 1 (2025)", "wild": "**Free** [Nitro](https://evil.example) @everyone",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				embeds.Escape(s, 80)
			}
		})
	}
}
