package discordsim

import (
	"errors"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// explain words what a schema has against a body. The document is full of
// alternatives, most of which a body was never meant to be: those that its
// "type" rules out, and null. They are left out where others remain.
func explain(err error) string {
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return err.Error()
	}
	printer := message.NewPrinter(language.English)
	var lines []string
	for _, leaf := range leaves(invalid) {
		lines = append(lines, "/"+strings.Join(leaf.InstanceLocation, "/")+": "+leaf.ErrorKind.LocalizedString(printer))
	}
	return strings.Join(slices.Compact(lines), "; ")
}

// leaves are the faults below one.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	all := make([][]*jsonschema.ValidationError, len(e.Causes))
	for i, cause := range e.Causes {
		all[i] = leaves(cause)
	}
	if isChoice(e) {
		meant := slices.DeleteFunc(slices.Clone(all), func(branch []*jsonschema.ValidationError) bool { return otherBranch(e, branch) })
		if len(meant) > 0 {
			all = meant
		}
	}
	return slices.Concat(all...)
}

func isChoice(e *jsonschema.ValidationError) bool {
	switch e.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf:
		return true
	}
	return false
}

// otherBranch reports whether an alternative at e is of another type than
// the body, or null.
func otherBranch(e *jsonschema.ValidationError, branch []*jsonschema.ValidationError) bool {
	depth := len(e.InstanceLocation)
	return slices.ContainsFunc(branch, func(leaf *jsonschema.ValidationError) bool {
		if len(leaf.InstanceLocation) == depth+1 && leaf.InstanceLocation[depth] == "type" {
			return true
		}
		t, ok := leaf.ErrorKind.(*kind.Type)
		return ok && len(leaf.InstanceLocation) == depth && slices.Equal(t.Want, []string{"null"})
	})
}
