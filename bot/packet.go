package bot

import (
	"bytes"
	"errors"
	"strconv"
)

// Discord's gateway opcodes that the bot tells apart.
const (
	opDispatch       = 0
	opHeartbeat      = 1
	opIdentify       = 2
	opReconnect      = 7
	opInvalidSession = 9
	opHello          = 10
	opHeartbeatAck   = 11
)

// packet is what stands at the top level of a gateway packet. Its slices
// point into the message it was read from.
type packet struct {
	op   int
	seq  int64  // 0 if none
	kind []byte // event type of a dispatch, without quotes
	data []byte // raw JSON, nil if none
}

var errPacket = errors.New("packet is not the JSON object of a gateway packet")

// readPacket finds the top-level members of a packet without decoding what
// is in them: the data of an interaction is decoded once, by its reader, and
// three passes over it through encoding/json cost more than everything else
// the bot does with an answer from its cache.
//
// It checks no more of the JSON than it has to; whoever decodes the parts
// does. It refuses what discordgo could misread: several values, no opcode,
// escapes in a member's name. Names match without regard to case, as they do
// in encoding/json.
func readPacket(message []byte) (packet, error) {
	p := packet{op: -1}
	s := scanner{rest: message}
	if !s.take('{') {
		return packet{}, errPacket
	}
	for first := true; !s.take('}'); first = false {
		if !first && !s.take(',') {
			return packet{}, errPacket
		}
		name, ok := s.text()
		if !ok || bytes.IndexByte(name, '\\') >= 0 || !s.take(':') {
			return packet{}, errPacket
		}
		value, ok := s.value()
		if !ok || !p.set(name, value) {
			return packet{}, errPacket
		}
	}
	if s.space(); len(s.rest) > 0 || p.op < 0 {
		return packet{}, errPacket
	}
	return p, nil
}

// set stores one member, and reports whether its value makes sense.
func (p *packet) set(name, value []byte) bool {
	isNull := string(value) == "null"
	switch {
	case bytes.EqualFold(name, []byte("op")):
		op, err := strconv.Atoi(string(value))
		p.op = op
		return err == nil && op >= 0
	case bytes.EqualFold(name, []byte("s")):
		if isNull {
			return true
		}
		seq, err := strconv.ParseInt(string(value), 10, 64)
		p.seq = seq
		return err == nil
	case bytes.EqualFold(name, []byte("t")):
		if isNull {
			return true
		}
		if value[0] != '"' {
			return false
		}
		p.kind = value[1 : len(value)-1]
	case bytes.EqualFold(name, []byte("d")):
		p.data = value
	}
	return true
}

// scanner walks over JSON without decoding it.
type scanner struct{ rest []byte }

func (s *scanner) space() {
	for len(s.rest) > 0 {
		switch s.rest[0] {
		case ' ', '\t', '\r', '\n':
			s.rest = s.rest[1:]
		default:
			return
		}
	}
}

// take steps over c if it is the next character after space.
func (s *scanner) take(c byte) bool {
	s.space()
	if len(s.rest) == 0 || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// text returns the inside of the string that is next after space.
func (s *scanner) text() ([]byte, bool) {
	s.space()
	if len(s.rest) == 0 || s.rest[0] != '"' {
		return nil, false
	}
	end := endOfString(s.rest)
	if end < 0 {
		return nil, false
	}
	inside := s.rest[1 : end-1]
	s.rest = s.rest[end:]
	return inside, true
}

// value returns the value that is next after space.
func (s *scanner) value() ([]byte, bool) {
	s.space()
	if len(s.rest) == 0 {
		return nil, false
	}
	var end int
	switch s.rest[0] {
	case '"':
		end = endOfString(s.rest)
	case '{', '[':
		end = endOfNest(s.rest)
	default:
		end = bytes.IndexAny(s.rest, ",}] \t\r\n")
	}
	if end <= 0 {
		return nil, false
	}
	value := s.rest[:end]
	s.rest = s.rest[end:]
	return value, true
}

// endOfString returns the index behind the string that b begins with, or -1.
func endOfString(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return -1
}

// endOfNest returns the index behind the object or array that b begins with,
// or -1.
func endOfNest(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			end := endOfString(b[i:])
			if end < 0 {
				return -1
			}
			i += end - 1
		}
	}
	return -1
}
