package catalog_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"progressbot/embeds/catalog"
)

// The tests in this file read the program's source and hold it to the
// promise that every word people read comes from this package.

const repository = "../.."

// source is one Go file that goes into the program.
type source struct {
	path string // from the repository's root
	set  *token.FileSet
	file *ast.File
}

func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.set.Position(n.Pos()).Line)
}

// production reads the files of the program: no tests, no packages that only
// tests import, nothing of this package.
func production(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(repository, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(repository, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			name := d.Name()
			if rel != "." && strings.HasPrefix(name, ".") || name == "testdata" || strings.HasSuffix(name, "test") || rel == filepath.Join("embeds", "catalog") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		all = append(all, source{filepath.ToSlash(rel), set, file})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("only %d source files found", len(all))
	}
	return all
}

// speaking reports whether people read what the file at path makes.
func speaking(path string) bool {
	if path == "commands/validate.go" {
		return false // It finds developers' mistakes, and says so in errors.
	}
	for _, dir := range []string{"embeds/", "commands/", "bot/announce/"} {
		if strings.HasPrefix(path, dir) {
			return true
		}
	}
	return false
}

func TestNoWordsOutsideTheCatalogue(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, s := range production(t) {
		if !speaking(s.path) {
			continue
		}
		checked++
		for _, lit := range strayWords(s.file) {
			t.Errorf("%s: %s belongs in embeds/catalog", s.at(lit), lit.Value)
		}
	}
	if checked == 0 {
		t.Fatal("no file was checked")
	}
}

// strayWords finds the literals in file that read like words for people and
// are in no place where only developers or machines read them.
func strayWords(file *ast.File) []*ast.BasicLit {
	var found []*ast.BasicLit
	var look func(n ast.Node) bool
	look = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field: // a struct tag is no text
			ast.Inspect(n.Type, look)
			return false
		case *ast.FuncDecl:
			if n.Recv != nil && slices.Contains([]string{"Error", "String", "GoString", "LogValue"}, n.Name.Name) {
				return false // not how people are told things
			}
		case *ast.CompositeLit: // what the log says of a fault
			if t, ok := n.Type.(*ast.SelectorExpr); ok && fmt.Sprint(t.X) == "outage" {
				return false
			}
		case *ast.CallExpr:
			if !forDevelopers(n.Fun) {
				return true
			}
			for _, arg := range n.Args { // only what is said right here
				if !isText(arg) && !isSprint(arg) {
					ast.Inspect(arg, look)
				}
			}
			return false
		case *ast.BasicLit:
			if n.Kind == token.STRING && readsLikeWords(n.Value) {
				found = append(found, n)
			}
		}
		return true
	}
	ast.Inspect(file, look)
	return found
}

// isText reports a literal, or several in a row.
func isText(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Kind == token.STRING
	case *ast.BinaryExpr:
		return isText(e.X) || isText(e.Y)
	}
	return false
}

// isSprint reports a text that fmt puts together.
func isSprint(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	fun, ok := call.Fun.(*ast.SelectorExpr)
	return ok && strings.HasPrefix(fun.Sel.Name, "Sprint")
}

// forDevelopers reports the functions whose texts go into errors, logs,
// metrics and patterns.
func forDevelopers(fun ast.Expr) bool {
	switch fun := fun.(type) {
	case *ast.Ident:
		return fun.Name == "panic"
	case *ast.SelectorExpr:
		if pkg, ok := fun.X.(*ast.Ident); ok {
			switch pkg.Name + "." + fun.Sel.Name {
			case "errors.New", "fmt.Errorf", "regexp.MustCompile", "regexp.MatchString":
				return true
			}
			if pkg.Name == "slog" {
				return true
			}
		}
		switch fun.Sel.Name {
		case "Debug", "Info", "Warn", "Error", "Log", "LogAttrs",
			"DebugContext", "InfoContext", "WarnContext", "ErrorContext",
			"NewCounter", "NewGauge", "NewHistogram", "NewSummary", "NewFloatCounter",
			"GetOrCreateCounter", "GetOrCreateGauge", "GetOrCreateHistogram", "GetOrCreateSummary":
			return true
		}
	}
	return false
}

// readsLikeWords reports two words in a row, or one that begins like a
// sentence or a label.
func readsLikeWords(literal string) bool {
	s, err := strconv.Unquote(literal)
	if err != nil {
		return true
	}
	s = regexp.MustCompile(`%[-+# 0]*(\[\d\])?[a-zA-Z]`).ReplaceAllString(s, "")
	return regexp.MustCompile(`\pL{2,}[\pP]* +\pL|^\p{Lu}\p{Ll}+[.!?…]?$`).MatchString(s)
}

func TestStrayWordsAreFound(t *testing.T) {
	t.Parallel()
	const code = `package p
import "a path with words"
type T struct { A int ` + "`json:\"a tag\"`" + ` }
const c = "Stray one"
func (T) String() string { return "for a developer" }
func f(log Logger, err error) (string, error) {
	log.Info("no stray here", "key", other("Stray two"))
	panic("nor " + "over here")
	panic(fmt.Sprintf("and nor here, %v", err))
	b := Button{Label: "Stray", Name: "progress", Style: x("p1:next"), URL: "https://a.example/b c"}
	say("%[1]d stray words", "-# ", " · ", "stray, too")
	return "stray " + "Stray three", fmt.Errorf("for the log: %w", err)
}`
	file, err := parser.ParseFile(token.NewFileSet(), "p.go", code, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, lit := range strayWords(file) {
		got = append(got, lit.Value)
	}
	want := []string{`"Stray one"`, `"Stray two"`, `"Stray"`, `"%[1]d stray words"`, `"stray, too"`, `"Stray three"`}
	if !slices.Equal(got, want) {
		t.Errorf("found %s, want %s", got, want)
	}
}

// needs is how many arguments each text takes.
func needs() map[catalog.Key]int {
	verb := regexp.MustCompile(`%\[(\d)\]`)
	english := catalog.English()
	n := make(map[catalog.Key]int)
	count := func(id catalog.Key, text string) {
		n[id] = max(n[id], 0)
		for _, m := range verb.FindAllStringSubmatch(text, -1) {
			n[id] = max(n[id], int(m[1][0]-'0'))
		}
	}
	for id, text := range english.Texts {
		count(id, text)
	}
	for id, p := range english.Plurals {
		count(id, p.Other)
	}
	return n
}

// Every text that is asked for by name gets the arguments it has places for,
// and no text of the catalogue is left over.
func TestKeysAreUsedAsTheyAreMeant(t *testing.T) {
	t.Parallel()
	keys := make(map[string]catalog.Key) // by Go name
	for key, name := range declaredKeys(t) {
		keys[name] = key
	}
	need := needs()
	used := make(map[string]bool)
	calls := 0
	for _, s := range production(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			if name := keyName(n); keys[name] != "" {
				used[name] = true
			}
			call, ok := n.(*ast.CallExpr)
			if !ok || call.Ellipsis.IsValid() {
				return true
			}
			name, args := textCall(call)
			if key := keys[name]; key != "" {
				calls++
				if args != need[key] {
					t.Errorf("%s: %s gets %d arguments, its text takes %d", s.at(call), name, args, need[key])
				}
			}
			return true
		})
	}
	if calls == 0 {
		t.Fatal("no call was checked")
	}
	for name := range keys {
		if !used[name] {
			t.Errorf("%s is not used", name)
		}
	}
}

// textCall reads a call of Words.Text or Words.Append: which key, and how
// many arguments follow it.
func textCall(call *ast.CallExpr) (name string, args int) {
	fun, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", 0
	}
	at := 0
	switch fun.Sel.Name {
	case "Text":
	case "Append":
		at = 1
	default:
		return "", 0
	}
	if len(call.Args) <= at {
		return "", 0
	}
	return keyName(call.Args[at]), len(call.Args) - at - 1
}

// keyName is X of catalog.X, "" for anything else.
func keyName(n ast.Node) string {
	sel, ok := n.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if pkg, ok := sel.X.(*ast.Ident); !ok || pkg.Name != "catalog" {
		return ""
	}
	return sel.Sel.Name
}
