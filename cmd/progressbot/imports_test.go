package main_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// listed is what this test needs of `go list -json`.
type listed struct {
	ImportPath string
	Dir        string
	Doc        string
	Imports    []string
	Deps       []string
	GoFiles    []string
}

const module = "progressbot"

func list(t *testing.T) map[string]listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,Doc,Imports,Deps,GoFiles", module+"/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := map[string]listed{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		packages[p.ImportPath] = p
	}
	if len(packages) < 8 {
		t.Fatalf("go list found only %d packages", len(packages))
	}
	return packages
}

// TestImports keeps the README's "who may import whom": of the project's own
// packages each imports those that its rule lists, and no package is without
// a rule.
func TestImports(t *testing.T) {
	t.Parallel()
	const discordgo = "github.com/bwmarrin/discordgo"
	type rule struct {
		from  string   // a package, or a tree with a trailing "/..."; the first that fits counts
		may   []string // the project's packages that it may import
		never []string // others' packages that it must not
	}
	rules := []rule{
		{from: "cmd/progressbot", may: []string{"bot"}},
		{from: "cmd/playground", may: []string{"bot", "bot/discordsim", "bot/porttest", "bot/redisconn/redistest", "embeds/catalog", "progressapi/progressapitest"}},
		{from: "bot", may: []string{
			"bot/announce", "bot/presence", "bot/redisconn", "bot/standings", "bot/store/...", "bot/watch",
			"commands", "embeds/...", "progressapi/...",
		}},
		{from: "bot/announce", may: []string{"bot/store", "bot/watch", "embeds/...", "progressapi/outage"}, never: []string{"net/http"}},
		{from: "bot/watch", may: []string{"bot/store", "progressapi", "progressapi/cache", "progressapi/outage"}, never: []string{discordgo}},
		{from: "bot/presence", may: []string{"bot/store", "progressapi/outage"}, never: []string{discordgo}},
		{from: "bot/standings", may: []string{"bot/store", "progressapi/outage"}, never: []string{discordgo}},
		{from: "bot/store/...", may: []string{"bot/store", "progressapi"}, never: []string{discordgo}},
		{from: "bot/redisconn/redistest", may: []string{"bot/porttest"}},
		{from: "bot/redisconn/..."},
		{from: "bot/porttest"},
		{from: "bot/discordsim"},
		{from: "bot/faulttest"},
		{from: "bot/killtest"},
		{from: "bot/logtest"},
		{
			from:  "commands/...",
			may:   []string{"commands", "embeds/...", "progressapi", "progressapi/cache", "bot/store"},
			never: []string{"net/http", "github.com/redis/go-redis/v9", "github.com/gorilla/websocket"},
		},
		{from: "embeds/...", may: []string{"embeds/...", "progressapi"}, never: []string{"net/http", "os"}},
		{from: "progressapi/progressapitest"},
		{from: "progressapi/...", may: []string{"progressapi/..."}, never: []string{discordgo}},
	}
	followed := make([]bool, len(rules))
	for path, p := range list(t) {
		if len(p.GoFiles) == 0 {
			continue // nothing but tests
		}
		at := strings.TrimPrefix(path, module+"/")
		r := slices.IndexFunc(rules, func(r rule) bool { return matches(at, r.from) })
		if r < 0 {
			t.Errorf("%s has no rule", at)
			continue
		}
		followed[r] = true
		for _, i := range p.Imports {
			own, ours := strings.CutPrefix(i, module+"/")
			if ours && !matches(own, rules[r].may...) || !ours && matches(i, rules[r].never...) {
				t.Errorf("%s imports %s", at, i)
			}
		}
	}
	for i, r := range rules {
		if !followed[i] {
			t.Errorf("no package matches %s", r.from)
		}
	}
}

// TestLinked: what is for tests or drags in too much is not in the binary.
func TestLinked(t *testing.T) {
	t.Parallel()
	for _, i := range list(t)[module+"/cmd/progressbot"].Deps {
		if matches(i,
			"testing/...", "net/http/httptest", "text/template", "html/template",
			"github.com/alicebob/miniredis/v2", "github.com/chromedp/chromedp", "github.com/google/go-cmp/cmp",
		) {
			t.Errorf("the bot links %s", i)
		}
		if own, ours := strings.CutPrefix(i, module+"/"); ours && (own == "bot/discordsim" || strings.HasSuffix(own, "test")) {
			t.Errorf("the bot links %s", i)
		}
	}
}

// TestNoClock: what people see, and what is stored, depends on the times that
// are passed in alone.
func TestNoClock(t *testing.T) {
	t.Parallel()
	for path, p := range list(t) {
		if !matches(strings.TrimPrefix(path, module+"/"), "embeds/...", "bot/store") {
			continue
		}
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.SelectorExpr); ok && readsClock(call) {
					t.Errorf("%s/%s uses time.%s", path, name, call.Sel.Name)
				}
				return true
			})
		}
	}
}

func readsClock(s *ast.SelectorExpr) bool {
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == "time" && slices.Contains(
		[]string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer"}, s.Sel.Name)
}

// TestPackageDocs wants every package to say what it is.
func TestPackageDocs(t *testing.T) {
	t.Parallel()
	for path, p := range list(t) {
		if len(p.GoFiles) > 0 && len(p.Doc) < 20 {
			t.Errorf("%s has no package comment", path)
		}
	}
}

// matches reports whether path is one of the packages, or in one of the trees
// with a trailing "/...".
func matches(path string, patterns ...string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		tree, ok := strings.CutSuffix(pattern, "/...")
		return path == pattern || ok && (path == tree || strings.HasPrefix(path, tree+"/"))
	})
}
