package cache

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"io"
	"time"

	"progressbot/progressapi"
)

// Stored returns a value as it would be stored in Redis, with any payload.
func Stored(at time.Time, form byte, payload []byte) []byte {
	b := append([]byte(magic), form)
	b = binary.BigEndian.AppendUint64(b, uint64(at.UnixMilli()))
	b = binary.BigEndian.AppendUint32(b, checksum(b, payload))
	return append(b, payload...)
}

// Bomb returns a little that unpacks to n bytes.
func Bomb(n int64) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		panic(err)
	}
	if _, err := io.CopyN(w, zeros{}, n); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// testCodec keeps its pools, as that of a Cache does.
var testCodec codec

// Encode returns what would be stored of an answer.
func Encode(programs []progressapi.Program, at time.Time) ([]byte, error) {
	return testCodec.encode(newEntry(programs, at))
}

// Decode reads what Encode returned.
func Decode(b []byte) ([]progressapi.Program, time.Time, error) {
	e, err := testCodec.decode(b)
	if err != nil {
		return nil, time.Time{}, err
	}
	return e.programs, e.fetched, nil
}

// Settle has the memory tier do what it has put off.
func (c *Cache) Settle() { c.memory.entries.CleanUp() }

// ErrTooBig is the error of what is not shared for its size.
var ErrTooBig = errTooBig

// ForgetHere is Forget without Redis.
func (c *Cache) ForgetHere(user string) { c.forgetHere(user) }

// MaxRefreshes is how many refreshes run at once.
const MaxRefreshes = maxRefreshes
