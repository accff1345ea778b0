package store

import (
	"encoding/binary"
	"math"
	"slices"
	"time"
)

// MaxSeen bounds the programs of a [WatchState].
const MaxSeen = 4096

// WatchState is what the watcher knows of one followed person. The zero
// value means that nothing was looked at yet.
type WatchState struct {
	Checked time.Time // the last look that succeeded
	Changed time.Time // the last look that showed a change; zero if none has yet
	// Every is how long to wait between looks as the last one found it, load
	// and chance left aside, and Usual how long it usually is from one
	// change to the next, 0 if that is not known. Both count in seconds.
	Every  time.Duration
	Usual  time.Duration
	Failed int // looks in a row that failed
	// Seen holds what the last look showed, each program once. A program
	// that is not in it has not been seen: its first sight announces
	// nothing.
	Seen []Seen
}

// Seen is what was last seen of one program.
type Seen struct {
	Program   ProgramKey
	Collected int
	Percent   int // 0..100
	// Milestone is the highest milestone that was reached, in percent.
	Milestone int
	Complete  bool
}

func (w WatchState) check() error {
	if len(w.Seen) > MaxSeen {
		return invalid("%d programs seen, at most %d are kept", len(w.Seen), MaxSeen)
	}
	return nil
}

// The packed form of a WatchState: the format byte; Checked, Changed, Every,
// Usual, Failed and the number of programs as varints; then for each program
// its key, a byte with the percentage and the completion in its highest bit,
// a byte with the milestone, and the count as a varint. Some 30 bytes and 16
// for each program.
const seenComplete = 1 << 7

func (w WatchState) pack() []byte {
	out := make([]byte, 0, 32+len(w.Seen)*18)
	out = append(out, formatWatch)
	out = binary.AppendVarint(out, millis(w.Checked))
	out = binary.AppendVarint(out, millis(w.Changed))
	out = binary.AppendUvarint(out, uint64(clampUint(int(w.Every/time.Second))))
	out = binary.AppendUvarint(out, uint64(clampUint(int(w.Usual/time.Second))))
	out = binary.AppendUvarint(out, uint64(clampUint(w.Failed)))
	out = binary.AppendUvarint(out, uint64(len(w.Seen)))
	for _, s := range w.Seen {
		out = append(out, s.Program[:]...)
		percent := byte(max(0, min(s.Percent, 100)))
		if s.Complete {
			percent |= seenComplete
		}
		out = append(out, percent, byte(max(0, min(s.Milestone, 100))))
		out = binary.AppendUvarint(out, uint64(clampUint(s.Collected)))
	}
	return out
}

// unpackWatch reads the packed form. A missing record is the zero state.
func unpackWatch(key string, data []byte) (WatchState, error) {
	if data == nil {
		return WatchState{}, nil
	}
	if len(data) == 0 || data[0] != formatWatch {
		return WatchState{}, damaged(key, "its encoding is unknown")
	}
	p := packed{rest: data[1:]}
	w := WatchState{
		Checked: fromMillis(p.varint()),
		Changed: fromMillis(p.varint()),
		Every:   p.seconds(),
		Usual:   p.seconds(),
		Failed:  int(p.uvarint()),
	}
	n := p.uvarint()
	if n > MaxSeen {
		return WatchState{}, damaged(key, "it holds too many programs")
	}
	w.Seen = slices.Grow(w.Seen, int(n))
	for range n {
		w.Seen = append(w.Seen, p.seen())
	}
	if p.broken || len(p.rest) > 0 {
		return WatchState{}, damaged(key, "it has the wrong length")
	}
	return w, nil
}

// packed reads what pack wrote and remembers running out of it.
type packed struct {
	rest   []byte
	broken bool
}

func (p *packed) varint() int64 {
	v, n := binary.Varint(p.rest)
	p.skip(n)
	return v
}

func (p *packed) uvarint() uint64 {
	v, n := binary.Uvarint(p.rest)
	p.skip(n)
	return v
}

// seconds reads a duration; clamping keeps one that is damaged positive.
func (p *packed) seconds() time.Duration {
	return time.Duration(min(p.uvarint(), math.MaxUint32)) * time.Second
}

func (p *packed) skip(n int) {
	if n <= 0 || n > len(p.rest) {
		p.broken, p.rest = true, nil
		return
	}
	p.rest = p.rest[n:]
}

func (p *packed) bytes(n int) []byte {
	if n > len(p.rest) {
		p.broken, p.rest = true, nil
		return make([]byte, n)
	}
	b := p.rest[:n]
	p.rest = p.rest[n:]
	return b
}

func (p *packed) seen() Seen {
	s := Seen{Program: ProgramKey(p.bytes(len(ProgramKey{})))}
	b := p.bytes(2)
	s.Percent = int(b[0] &^ seenComplete)
	s.Complete = b[0]&seenComplete != 0
	s.Milestone = int(b[1])
	s.Collected = int(p.uvarint())
	return s
}
