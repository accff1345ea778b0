package catalog

import (
	"errors"
	"fmt"
	"strings"
)

// maxArgs is how many arguments a text may have: its verbs name them by one
// digit.
const maxArgs = 9

// template is a text taken apart at its arguments.
type template []piece

// piece is a stretch of text, followed by an argument unless verb is 0.
type piece struct {
	before string
	arg    int // from 0
	verb   byte
}

// signature says by which verb a text uses each argument; 0 is one it does
// not use.
type signature [maxArgs]byte

// merge adds what another form of the text uses.
func (s *signature) merge(other signature) error {
	for i, verb := range other {
		if verb == 0 {
			continue
		}
		if s[i] != 0 && s[i] != verb {
			return fmt.Errorf("argument %d is both a word and a number", i+1)
		}
		s[i] = verb
	}
	return nil
}

// parse takes text apart. Its errors quote only what is wrong.
func parse(text string) (template, signature, error) {
	var (
		t       template
		sig     signature
		pending strings.Builder
	)
	for {
		before, rest, found := strings.Cut(text, "%")
		pending.WriteString(before)
		if !found {
			if pending.Len() > 0 || t == nil {
				t = append(t, piece{before: pending.String()})
			}
			return t, sig, nil
		}
		if after, ok := strings.CutPrefix(rest, "%"); ok {
			pending.WriteByte('%')
			text = after
			continue
		}
		arg, verb, err := parseVerb(rest)
		if err != nil {
			return nil, sig, err
		}
		if sig[arg] != 0 && sig[arg] != verb {
			return nil, sig, fmt.Errorf("argument %d is both a word and a number", arg+1)
		}
		sig[arg] = verb
		t = append(t, piece{before: pending.String(), arg: arg, verb: verb})
		pending.Reset()
		text = rest[len("[1]d"):]
	}
}

// parseVerb reads "[1]s" or "[1]d" at the start of s.
func parseVerb(s string) (arg int, verb byte, err error) {
	if len(s) < 4 || s[0] != '[' || s[1] < '1' || s[1] > '0'+maxArgs || s[2] != ']' || s[3] != 's' && s[3] != 'd' {
		return 0, 0, errors.New("a % is not followed by [1]s, [1]d or another %")
	}
	return int(s[1] - '1'), s[3], nil
}
