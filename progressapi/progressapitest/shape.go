package progressapitest

import (
	"encoding/json"
	"fmt"
	"time"
)

// Shape is how answers are laid out. The zero value is bare: an array of
// programs, and a single program as an object.
type Shape struct {
	Data   bool // inside "data", beside a "status"
	Object bool // a list of one program as an object instead of an array
	Array  bool // a single program as an array of one
}

// SetShape chooses how answers are laid out from now on.
func (a *API) SetShape(s Shape) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.shape = s
}

// list returns an answer of many programs.
func (s Shape) list(programs []Program, now time.Time) []byte {
	all := make([]json.RawMessage, len(programs))
	for i := range programs {
		all[i] = programs[i].encode(now)
	}
	if s.Object && len(all) == 1 {
		return s.wrap(all[0], now)
	}
	return s.wrap(join(all), now)
}

// one returns an answer of one program.
func (s Shape) one(p *Program, now time.Time) []byte {
	if s.Array {
		return s.wrap(join([]json.RawMessage{p.encode(now)}), now)
	}
	return s.wrap(p.encode(now), now)
}

// wrap puts an answer into an envelope if that is the shape.
func (s Shape) wrap(body []byte, now time.Time) []byte {
	if !s.Data {
		return body
	}
	wrapped := append([]byte(`{"data": `), body...)
	return fmt.Appendf(wrapped, `, "status": {"timestamp": "%d"}}`, now.UnixMilli())
}

// join returns a JSON array. It is put together by hand because
// json.Marshal would mend the invalid UTF-8 that hostile texts hold.
func join(all []json.RawMessage) []byte {
	array := []byte{'['}
	for i, one := range all {
		if i > 0 {
			array = append(array, ',')
		}
		array = append(array, one...)
	}
	return append(array, ']')
}
