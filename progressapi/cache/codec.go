package cache

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
	"time"

	"progressbot/progressapi"
)

// What is stored in Redis is a header and JSON:
//
//	"pbc1" · 'j' or 'z' · milliseconds since 1970, 8 bytes · CRC-32, 4 bytes · JSON, deflated if 'z'
//
// The checksum covers everything but itself, so that whatever else may stand
// under our key is found out before anything believes it.
const (
	magic      = "pbc1"
	headerSize = len(magic) + 1 + 8 + 4

	plainJSON = 'j'
	deflated  = 'z'
)

const (
	// deflateFrom is the JSON size from which packing pays: the answer of
	// somebody with many cards shrinks to a tenth, which matters more to
	// Redis and to the operation's budget than the 0.1 ms it takes. Below,
	// a network packet holds it either way.
	deflateFrom = 4 << 10
	// maxStored bounds a value in Redis. What is larger stays in memory.
	maxStored = 1 << 20
	// maxUnpacked bounds the JSON of a value: what the client accepts of
	// the API at most.
	maxUnpacked = 16 << 20
)

var (
	errGarbage = errors.New("not a value of this cache")
	errTooBig  = errors.New("too big to share")
)

// codec turns entries into bytes and back. Its pools save the packer's tables
// of a few hundred kilobytes.
type codec struct {
	writers sync.Pool // of *flate.Writer
	readers sync.Pool // of io.ReadCloser with flate.Resetter
}

// encode returns e in its stored form.
func (c *codec) encode(e *entry) ([]byte, error) {
	payload, err := json.Marshal(e.programs)
	if err != nil {
		return nil, err // A time that JSON cannot write, for one.
	}
	form := byte(plainJSON)
	if len(payload) >= deflateFrom {
		form = deflated
		if payload, err = c.pack(payload); err != nil {
			return nil, err
		}
	}
	if headerSize+len(payload) > maxStored {
		return nil, errTooBig
	}
	b := make([]byte, 0, headerSize+len(payload))
	b = append(b, magic...)
	b = append(b, form)
	b = binary.BigEndian.AppendUint64(b, uint64(e.fetched.UnixMilli()))
	b = binary.BigEndian.AppendUint32(b, checksum(b, payload))
	return append(b, payload...), nil
}

func checksum(header, payload []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE(header), crc32.IEEETable, payload)
}

// stamp returns when the API gave the answer that is stored as b.
func stamp(b []byte) (time.Time, error) {
	if len(b) < headerSize || string(b[:len(magic)]) != magic {
		return time.Time{}, errGarbage
	}
	ms := binary.BigEndian.Uint64(b[len(magic)+1:])
	sum := binary.BigEndian.Uint32(b[headerSize-4:])
	if ms > 1<<48 || sum != checksum(b[:headerSize-4], b[headerSize:]) {
		return time.Time{}, errGarbage
	}
	return time.UnixMilli(int64(ms)), nil
}

// decode reads what encode wrote. Its error matches errGarbage.
func (c *codec) decode(b []byte) (*entry, error) {
	fetched, err := stamp(b)
	if err != nil {
		return nil, err
	}
	payload := b[headerSize:]
	switch b[len(magic)] {
	case plainJSON:
	case deflated:
		if payload, err = c.unpack(payload); err != nil {
			return nil, fmt.Errorf("%w: %w", errGarbage, err)
		}
	default:
		return nil, errGarbage
	}
	var programs []progressapi.Program
	if err := json.Unmarshal(payload, &programs); err != nil {
		return nil, fmt.Errorf("%w: malformed JSON", errGarbage)
	}
	return newEntry(programs, fetched), nil
}

func (c *codec) pack(b []byte) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(b) / 4)
	w, ok := c.writers.Get().(*flate.Writer)
	if ok {
		w.Reset(&out)
	} else {
		w, _ = flate.NewWriter(&out, flate.BestSpeed) // Fails only for an unknown level.
	}
	defer c.writers.Put(w)
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	err := w.Close()
	return out.Bytes(), err
}

func (c *codec) unpack(b []byte) ([]byte, error) {
	r, ok := c.readers.Get().(io.ReadCloser)
	if ok {
		if err := r.(flate.Resetter).Reset(bytes.NewReader(b), nil); err != nil {
			return nil, err
		}
	} else {
		r = flate.NewReader(bytes.NewReader(b))
	}
	defer c.readers.Put(r)
	out, err := io.ReadAll(io.LimitReader(r, maxUnpacked+1))
	if err == nil && len(out) > maxUnpacked {
		err = errTooBig
	}
	return out, err
}
