package main_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// listed is what this test needs of `go list -json`.
type listed struct {
	ImportPath string
	Doc        string
	Imports    []string
	Deps       []string
	GoFiles    []string
}

const module = "progressbot"

func list(t *testing.T) map[string]listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Doc,Imports,Deps,GoFiles", module+"/...")
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

// TestImports keeps the README's "who may import whom".
func TestImports(t *testing.T) {
	t.Parallel()
	packages := list(t)
	rules := []struct {
		name     string
		from     []string // packages, or trees with a trailing "/..."
		never    []string
		except   []string
		linkedIn bool // look at everything linked, not only at direct imports
	}{
		{
			name: "progressapi stands alone",
			from: []string{"progressbot/progressapi/..."}, except: []string{"progressbot/progressapi/progressapitest"},
			never: []string{"progressbot/bot/...", "progressbot/commands/...", "progressbot/embeds/...", "github.com/bwmarrin/discordgo"},
		},
		{
			name:  "embeds are pure",
			from:  []string{"progressbot/embeds/..."},
			never: []string{"progressbot/bot/...", "progressbot/commands/...", "progressbot/progressapi/cache", "net/http", "os"},
		},
		{
			name:  "commands know no transport",
			from:  []string{"progressbot/commands"},
			never: []string{"progressbot/bot", "net/http", "github.com/redis/go-redis/v9", "github.com/gorilla/websocket"},
		},
		{
			name:  "the watcher knows nothing of Discord",
			from:  []string{"progressbot/bot/watch"},
			never: []string{"github.com/bwmarrin/discordgo", "progressbot/commands", "progressbot/embeds", "progressbot/bot"},
		},
		{
			name: "production links no test equipment", linkedIn: true,
			from: []string{"progressbot/cmd/progressbot"},
			never: []string{
				"testing", "testing/...", "net/http/httptest", "text/template", "html/template",
				"progressbot/bot/discordsim", "progressbot/bot/redisconn/redistest", "progressbot/bot/store/storetest", "progressbot/bot/logtest", "progressbot/progressapi/progressapitest",
				"progressbot/commands/commandstest", "progressbot/cmd/playground/...",
				"github.com/alicebob/miniredis/v2", "github.com/chromedp/chromedp", "github.com/google/go-cmp/cmp",
			},
		},
	}
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			t.Parallel()
			checked := 0
			for path, p := range packages {
				if !matches(path, rule.from) || matches(path, rule.except) || len(p.GoFiles) == 0 {
					continue
				}
				checked++
				imports := p.Imports
				if rule.linkedIn {
					imports = p.Deps
				}
				for _, i := range imports {
					if matches(i, rule.never) {
						t.Errorf("%s imports %s", path, i)
					}
				}
			}
			if checked == 0 {
				t.Errorf("no package matches %v", rule.from)
			}
		})
	}
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

func matches(path string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		tree, ok := strings.CutSuffix(pattern, "/...")
		return path == pattern || ok && (path == tree || strings.HasPrefix(path, tree+"/"))
	})
}
