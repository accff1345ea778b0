package catalog_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"progressbot/embeds/catalog"
)

// declaredKeys reads every constant of type Key from the package's source:
// its Go name by its value.
func declaredKeys(t *testing.T) map[catalog.Key]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "keys.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	keys := make(map[catalog.Key]string)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		name := spec.Names[0].Name
		if other, twice := keys[catalog.Key(value)]; twice {
			t.Errorf("%s and %s are the same key %q", other, name, value)
		}
		keys[catalog.Key(value)] = name
		return true
	})
	if len(keys) == 0 {
		t.Fatal("no keys found")
	}
	return keys
}

func TestEveryKeyIsSaidInEnglish(t *testing.T) {
	t.Parallel()
	keys := declaredKeys(t)
	english := catalog.English()
	for key, name := range keys {
		_, text := english.Texts[key]
		_, plural := english.Plurals[key]
		if !text && !plural {
			t.Errorf("%s (%q) has no text", name, key)
		}
	}
	for key := range english.Texts {
		if _, ok := keys[key]; !ok {
			t.Errorf("text %q belongs to no key", key)
		}
	}
	for key := range english.Plurals {
		if _, ok := keys[key]; !ok {
			t.Errorf("plural %q belongs to no key", key)
		}
	}
}

func TestTranslationsHold(t *testing.T) {
	t.Parallel()
	if _, err := catalog.New(catalog.Translations()...); err != nil {
		t.Error(err)
	}
}

func TestLocales(t *testing.T) {
	t.Parallel()
	locales := catalog.Locales()
	if len(locales) != 32 {
		t.Errorf("%d locales, Discord documents 32", len(locales))
	}
	slices.Sort(locales)
	if n := len(slices.Compact(locales)); n != len(locales) {
		t.Errorf("only %d of the locales differ", n)
	}
}
