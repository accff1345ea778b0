package store

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// Every record begins with a byte for the version of its own encoding, so
// that one kind of record can change without the others.
const (
	formatJSON  = 1 // followed by a JSON object
	formatWatch = 2 // followed by the packed form of a WatchState
)

// encode returns v as a record.
func encode(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode for the store: %w", err)
	}
	return append([]byte{formatJSON}, data...), nil
}

// decode reads the record at key into v. A missing record leaves v alone.
func decode(key string, data []byte, v any) error {
	if data == nil {
		return nil
	}
	if len(data) == 0 || data[0] != formatJSON {
		return damaged(key, "its encoding is unknown")
	}
	if err := json.Unmarshal(data[1:], v); err != nil {
		return damaged(key, "it is not valid JSON of the expected form")
	}
	return nil
}

func damaged(key, why string) error {
	return fmt.Errorf("%w: record %q: %s", ErrDamaged, key, why)
}

// raw is a text that keeps bytes which JSON text cannot hold.
type raw string

// MarshalJSON implements json.Marshaler.
func (r raw) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(r)) && !strings.HasPrefix(string(r), rawMark) {
		return json.Marshal(string(r))
	}
	b, err := json.Marshal([]byte(r))
	if err != nil {
		return nil, err
	}
	return json.Marshal(rawMark + string(b[1:len(b)-1]))
}

// rawMark begins a text that is kept in base64.
const rawMark = "base64:"

// UnmarshalJSON implements json.Unmarshaler.
func (r *raw) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	rest, marked := strings.CutPrefix(s, rawMark)
	if !marked {
		*r = raw(s)
		return nil
	}
	var b []byte
	if err := json.Unmarshal([]byte(`"`+rest+`"`), &b); err != nil {
		return err
	}
	*r = raw(b)
	return nil
}

// millis turns a time into what is stored; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// fromMillis is the inverse of millis.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// clampUint returns n within 0 and math.MaxUint32.
func clampUint(n int) int64 { return max(0, min(int64(n), math.MaxUint32)) }
