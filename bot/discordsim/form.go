package discordsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// form reads a request body and collects what is wrong with it, each fault
// at the place where Discord reports it. Reading goes on after a fault, so
// that one refusal names them all.
type form struct {
	errors  *errorTree
	refusal *apiError // for another reason than the form, before which it comes
	notes   []string  // what breaks no rule of Discord's but is surely a mistake
	// fileFor tells whether an "attachment://" address can be resolved.
	fileFor func(name string) bool
}

// err is the refusal, or nil if the body was in order.
func (f *form) err() *apiError {
	if f.refusal != nil || f.errors == nil {
		return f.refusal
	}
	return &apiError{status: http.StatusBadRequest, code: CodeInvalidFormBody, message: "Invalid Form Body", errors: f.errors}
}

func (f *form) note(format string, args ...any) {
	f.notes = append(f.notes, fmt.Sprintf(format, args...))
}

// node is a place in the body.
type node struct {
	parent *node
	key    string
}

func (n *node) path() []string {
	var p []string
	for ; n != nil && n.parent != nil; n = n.parent {
		p = append(p, n.key)
	}
	slices.Reverse(p)
	return p
}

func (n *node) String() string { return strings.Join(n.path(), ".") }

// object is a JSON object in the body.
type object struct {
	form *form
	at   *node
	m    map[string]any
}

// item is one element of a list in the body.
type item struct {
	form *form
	at   *node
	v    any
}

// readObject decodes a whole body that must be an object.
func (f *form) readObject(body []byte) (object, *apiError) {
	v, err := decodeJSON(body)
	if err != nil {
		return object{}, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		f.fail(&node{}, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
		return object{}, f.err()
	}
	return object{form: f, at: &node{}, m: m}, nil
}

func decodeJSON(body []byte) (any, *apiError) {
	if !utf8.Valid(body) {
		return nil, refuse(http.StatusBadRequest, CodeInvalidJSON, "The request body contains invalid JSON.")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	if err == nil {
		_, err = d.Token()
		if errors.Is(err, io.EOF) {
			return v, nil
		}
	}
	return nil, refuse(http.StatusBadRequest, CodeInvalidJSON, "The request body contains invalid JSON.")
}

func (f *form) fail(at *node, code, message string) {
	if f.errors == nil {
		f.errors = &errorTree{}
	}
	f.errors.add(at.path(), code, message)
}

func (o object) child(key string) *node { return &node{parent: o.at, key: key} }

func (o object) fail(key, code, format string, args ...any) {
	o.form.fail(o.child(key), code, fmt.Sprintf(format, args...))
}

// has reports whether the field is there and not null.
func (o object) has(key string) bool { return o.m[key] != nil }

// present reports whether the field is there, null or not.
func (o object) present(key string) bool {
	_, ok := o.m[key]
	return ok
}

// only notes every field that says something but is not documented for this
// place: Discord ignores it, so it is most likely misspelt.
func (o object) only(keys ...string) {
	for key, v := range o.m {
		if !slices.Contains(keys, key) && !saysNothing(v) {
			o.form.note("undocumented field %q", o.child(key))
		}
	}
}

// saysNothing reports whether a value is null, false or empty.
func saysNothing(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	}
	return false
}

// required reports whether a field that must be there is.
func (o object) required(key string) bool {
	if !o.has(key) {
		o.fail(key, "BASE_TYPE_REQUIRED", "This field is required")
		return false
	}
	return true
}

// text reads a string of minLen to maxLen characters, counted as Unicode code
// points after trimming white space, as Discord stores it.
func (o object) text(key string, minLen, maxLen int) string {
	v, ok := o.m[key]
	if !ok || v == nil {
		if minLen > 0 {
			o.required(key)
		}
		return ""
	}
	s, ok := v.(string)
	if !ok {
		o.fail(key, "STRING_TYPE_CONVERT", "Could not interpret %q as string.", fmt.Sprint(v))
		return ""
	}
	s = strings.TrimSpace(s)
	n := utf8.RuneCountInString(s)
	switch {
	case n == 0 && minLen > 0:
		o.fail(key, "BASE_TYPE_REQUIRED", "This field is required")
	case n < minLen:
		o.fail(key, "BASE_TYPE_BAD_LENGTH", "Must be between %d and %d in length.", minLen, maxLen)
	case n > maxLen && minLen > 0:
		o.fail(key, "BASE_TYPE_BAD_LENGTH", "Must be between %d and %d in length.", minLen, maxLen)
	case n > maxLen:
		o.fail(key, "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", maxLen)
	}
	return s
}

// integer reads a whole number between lo and hi; ok is false if there is none.
func (o object) integer(key string, lo, hi int64) (n int64, ok bool) {
	v, present := o.m[key]
	if !present || v == nil {
		return 0, false
	}
	number, isNumber := v.(json.Number)
	n, err := strconv.ParseInt(string(number), 10, 64)
	switch {
	case !isNumber || err != nil:
		o.fail(key, "NUMBER_TYPE_COERCE", "Value %q is not int.", fmt.Sprint(v))
		return 0, false
	case n < lo:
		o.fail(key, "NUMBER_TYPE_MIN", "int value should be greater than or equal to %d.", lo)
		return 0, false
	case n > hi:
		o.fail(key, "NUMBER_TYPE_MAX", "int value should be less than or equal to %d.", hi)
		return 0, false
	}
	return n, true
}

// number reads any number between lo and hi.
func (o object) number(key string, lo, hi float64) (n float64, ok bool) {
	v, present := o.m[key]
	if !present || v == nil {
		return 0, false
	}
	number, isNumber := v.(json.Number)
	n, err := strconv.ParseFloat(string(number), 64)
	if !isNumber || err != nil || math.IsNaN(n) {
		o.fail(key, "NUMBER_TYPE_COERCE", "Value %q is not float.", fmt.Sprint(v))
		return 0, false
	}
	if n < lo || n > hi {
		o.fail(key, "NUMBER_TYPE_MAX", "float value should be between %g and %g.", lo, hi)
		return 0, false
	}
	return n, true
}

// oneOf reads a whole number that must be one of those listed.
func (o object) oneOf(key string, allowed ...int) int {
	if !o.required(key) {
		return 0
	}
	n, ok := o.integer(key, math.MinInt64, math.MaxInt64)
	if ok && !slices.Contains(allowed, int(n)) {
		o.fail(key, "BASE_TYPE_CHOICES", "Value must be one of %s.", choiceList(allowed))
	}
	return int(n)
}

func choiceList(allowed []int) string {
	parts := make([]string, len(allowed))
	for i, n := range allowed {
		parts[i] = strconv.Itoa(n)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func (o object) boolean(key string) bool {
	v, ok := o.m[key]
	if !ok || v == nil {
		return false
	}
	b, ok := v.(bool)
	if !ok {
		o.fail(key, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
	}
	return b
}

// id reads a snowflake, sent as a string or a number.
func (o object) id(key string) string {
	v, ok := o.m[key]
	if !ok || v == nil {
		return ""
	}
	s := fmt.Sprint(v)
	if _, ok := snowflake(s); !ok {
		o.fail(key, "NUMBER_TYPE_COERCE", "Value %q is not snowflake.", s)
		return ""
	}
	return s
}

// bits reads a bit set, sent as a string or a number.
func (o object) bits(key string) (Permissions, bool) {
	v, ok := o.m[key]
	if !ok || v == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(fmt.Sprint(v), 10, 64)
	if err != nil || n < 0 {
		o.fail(key, "NUMBER_TYPE_COERCE", "Value %q is not int.", fmt.Sprint(v))
		return 0, false
	}
	return Permissions(n), true
}

// object reads an object field; ok is false if there is none.
func (o object) object(key string) (object, bool) {
	v, present := o.m[key]
	if !present || v == nil {
		return object{}, false
	}
	return item{form: o.form, at: o.child(key), v: v}.object()
}

func (i item) object() (object, bool) {
	m, ok := i.v.(map[string]any)
	if !ok {
		i.form.fail(i.at, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
		return object{}, false
	}
	return object{form: i.form, at: i.at, m: m}, true
}

func (i item) fail(code, format string, args ...any) {
	i.form.fail(i.at, code, fmt.Sprintf(format, args...))
}

// id reads the element as a snowflake.
func (i item) id() string {
	s := fmt.Sprint(i.v)
	if _, ok := snowflake(s); !ok {
		i.fail("NUMBER_TYPE_COERCE", "Value %q is not snowflake.", s)
		return ""
	}
	return s
}

// integer reads the element as a whole number.
func (i item) integer() int {
	n, err := strconv.Atoi(fmt.Sprint(i.v))
	if _, isNumber := i.v.(json.Number); !isNumber || err != nil {
		i.fail("NUMBER_TYPE_COERCE", "Value %q is not int.", fmt.Sprint(i.v))
	}
	return n
}

// list reads a list of lo to hi elements.
func (o object) list(key string, lo, hi int) []item {
	v, present := o.m[key]
	if !present || v == nil {
		if lo > 0 {
			o.required(key)
		}
		return nil
	}
	l, ok := v.([]any)
	if !ok {
		o.fail(key, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
		return nil
	}
	switch {
	case len(l) < lo || (len(l) > hi && lo > 0):
		o.fail(key, "BASE_TYPE_BAD_LENGTH", "Must be between %d and %d in length.", lo, hi)
	case len(l) > hi:
		o.fail(key, "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", hi)
	}
	at := o.child(key)
	items := make([]item, len(l))
	for n, v := range l {
		items[n] = item{form: o.form, at: &node{parent: at, key: strconv.Itoa(n)}, v: v}
	}
	return items
}

// objects reads a list of lo to hi objects, leaving out what is none.
func (o object) objects(key string, lo, hi int) []object {
	items := o.list(key, lo, hi)
	objects := make([]object, 0, len(items))
	for _, i := range items {
		if obj, ok := i.object(); ok {
			objects = append(objects, obj)
		}
	}
	return objects
}

// url reads a web address with one of the schemes, at most maxLen characters.
func (o object) url(key string, maxLen int, schemes ...string) string {
	s := o.text(key, 0, maxLen)
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme == "" || u.Host == "":
		o.fail(key, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
	case !slices.Contains(schemes, u.Scheme):
		o.fail(key, "URL_TYPE_INVALID_SCHEME", "Scheme %q must be one of %v.", u.Scheme, schemes)
	case u.Scheme == "attachment":
		if o.form.fileFor != nil && !o.form.fileFor(strings.TrimPrefix(s, "attachment://")) {
			o.form.note("%s names an attachment that the message does not have", o.child(key))
		}
	}
	return s
}

// errorTree is the "errors" object of an Invalid Form Body refusal.
type errorTree struct {
	errors []formError
	fields map[string]*errorTree
}

type formError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (t *errorTree) add(path []string, code, message string) {
	for _, key := range path {
		if t.fields == nil {
			t.fields = make(map[string]*errorTree)
		}
		next := t.fields[key]
		if next == nil {
			next = &errorTree{}
			t.fields[key] = next
		}
		t = next
	}
	t.errors = append(t.errors, formError{code, message})
}

// MarshalJSON writes the tree as Discord does.
func (t *errorTree) MarshalJSON() ([]byte, error) {
	m := make(map[string]any, len(t.fields)+1)
	for key, sub := range t.fields {
		m[key] = sub
	}
	if len(t.errors) > 0 {
		m["_errors"] = t.errors
	}
	return json.Marshal(m)
}

// String lists the faults as "path: message", sorted.
func (t *errorTree) String() string {
	var lines []string
	t.walk("", func(path string, e formError) { lines = append(lines, path+": "+e.Message) })
	slices.Sort(lines)
	return strings.Join(lines, "; ")
}

func (t *errorTree) walk(path string, visit func(string, formError)) {
	for _, e := range t.errors {
		visit(path, e)
	}
	for key, sub := range t.fields {
		sub.walk(strings.TrimPrefix(path+"."+key, "."), visit)
	}
}
