package progressapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"
)

// Bounds on what one answer may turn into. The 8 MiB that a body may hold
// would otherwise be enough for millions of empty programs.
const (
	maxPrograms = 10_000
	maxCards    = 5_000
	maxNesting  = 4 // envelopes within envelopes
)

var (
	errEmpty     = errors.New("empty")
	errHTML      = errors.New("HTML instead of JSON")
	errNotJSON   = errors.New("not JSON")
	errTruncated = errors.New("truncated JSON")
	errShape     = errors.New("JSON of another shape")
	errRedirect  = errors.New("redirect to another place")
)

// document is what stood in a body, whatever the status it came with.
type document struct {
	programs []Program // in the API's order, unnamed and repeated ones included
	code     int       // errorCode, 0 if none
	html     bool
	err      error // why there is nothing to be read
}

// decode reads a body in any of the shapes that the API documents: programs
// bare or inside "data", in an array or alone, or an error's "status". Parts
// of the wrong type are skipped and never cost more than themselves.
// Remaining times count from arrived.
func decode(body []byte, arrived time.Time) document {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	if len(body) == 0 {
		return document{err: errEmpty}
	}
	if body[0] == '<' {
		return document{html: true, err: errHTML}
	}
	d := decoder{arrived: arrived}
	d.value(body, 0)
	if len(d.programs) == 0 && d.err == nil && d.foreign {
		d.err = errShape
	}
	return d.document
}

// decoder gathers a document from a body.
type decoder struct {
	document
	arrived time.Time
	foreign bool // something was there that is nothing we know
}

// value reads programs, an envelope or nothing.
func (d *decoder) value(raw []byte, depth int) {
	if depth > maxNesting {
		d.foreign = true
		return
	}
	if isEmpty(raw) {
		return
	}
	d.err = each(raw, maxPrograms, func(dec *json.Decoder) error {
		var e *wireEntry // stays nil where null stands
		if err := tolerate(dec.Decode(&e)); err != nil || e == nil {
			return err
		}
		d.entry(e, depth)
		return nil
	})
}

// entry takes up an object that is a program or an envelope.
func (d *decoder) entry(e *wireEntry, depth int) {
	if e.Status.code != 0 && d.code == 0 {
		d.code = e.Status.code
	}
	switch {
	case e.wraps():
		d.value(e.Data, depth+1)
	case len(d.programs) == maxPrograms:
	case e.tells():
		d.programs = append(d.programs, e.program(d.arrived))
	case e.Status.code != 0, e.Data.isNull(), e.Data == nil && e.Status.object:
		// An envelope with nothing in it.
	default:
		d.foreign = true
	}
}

// isEmpty reports whether raw is null or an object without fields.
func isEmpty(raw []byte) bool {
	if string(raw) == "null" {
		return true
	}
	inner, object := bytes.CutPrefix(raw, []byte("{"))
	return object && string(bytes.TrimSpace(inner)) == "}"
}

// each calls fn with a decoder before each of the first limit elements of a
// JSON array, or once before a value that is none.
func each(value []byte, limit int, fn func(*json.Decoder) error) error {
	dec := json.NewDecoder(bytes.NewReader(value))
	if value[0] != '[' {
		if err := fn(dec); err != nil {
			return err
		}
		return atEnd(dec)
	}
	if _, err := dec.Token(); err != nil {
		return tolerate(err)
	}
	for range limit {
		if !dec.More() {
			return closed(dec)
		}
		if err := fn(dec); err != nil {
			return err
		}
	}
	return nil // What follows is dropped unread.
}

// closed returns an error unless the array is over, and all else with it.
func closed(dec *json.Decoder) error {
	if _, err := dec.Token(); err != nil {
		return tolerate(err)
	}
	return atEnd(dec)
}

// atEnd returns an error unless everything was read.
func atEnd(dec *json.Decoder) error {
	if _, err := dec.Token(); err != io.EOF {
		return errNotJSON
	}
	return nil
}

// tolerate turns an error of encoding/json into one in fixed words, because
// its own may quote the body. A value of the wrong type is no error: the
// rest was decoded all the same.
func tolerate(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return nil
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errTruncated
	}
	return errNotJSON
}
