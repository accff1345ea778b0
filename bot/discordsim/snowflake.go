package discordsim

import (
	"strconv"
	"sync/atomic"
	"time"
)

// discordEpoch is the first millisecond of 2015, which Discord's IDs count from.
const discordEpoch = 1420070400000

// snowflakes hands out IDs that rise strictly, each carrying its time of
// creation as Discord's do.
type snowflakes struct{ last atomic.Int64 }

func (s *snowflakes) next(now time.Time) string {
	id := (now.UnixMilli() - discordEpoch) << 22
	for {
		last := s.last.Load()
		next := max(id, last+1)
		if s.last.CompareAndSwap(last, next) {
			return strconv.FormatInt(next, 10)
		}
	}
}

// snowflake reads an ID; ok is false if it is none.
func snowflake(id string) (n uint64, ok bool) {
	if id == "" || len(id) > 20 || id[0] == '+' {
		return 0, false
	}
	n, err := strconv.ParseUint(id, 10, 64)
	return n, err == nil
}

// olderID reports whether a was created before b.
func olderID(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}
