package boltstore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"go.etcd.io/bbolt"

	"progressbot/bot/store"
)

// verify reads every page that the transaction can reach, by itself and with
// every bound checked, and makes sure that the pages form trees with their
// keys in order, which is all that bbolt's own check looks for.
func verify(tx *bbolt.Tx) error {
	f, err := os.Open(tx.DB().Path())
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() < tx.Size() {
		return faulty("it has %d bytes of %d", info.Size(), tx.Size())
	}
	v := &verifier{
		file: f,
		size: tx.DB().Info().PageSize,
		end:  uint64(tx.Size() / int64(tx.DB().Info().PageSize)),
		seen: map[uint64]bool{},
	}
	return v.tree(uint64(tx.Cursor().Bucket().RootPage()), span{})
}

// verifier walks through the pages of a file in bbolt's format.
//
// A page begins with its number (8 bytes), kind (2), number of elements (2)
// and number of pages that belong to it beyond the first (4). An element of
// a branch is the distance from itself to its key (4), the size of the key
// (4) and the number of a page (8); an element of a leaf is its kind (4),
// the distance to its key (4) and the sizes of key and value (4, 4). The
// value of a bucket begins with the number of its page (8), 0 if a page
// follows in the value, and a counter (8). All in the machine's byte order.
type verifier struct {
	file io.ReaderAt
	size int    // of a page
	end  uint64 // the first page that does not exist
	seen map[uint64]bool
}

// Sizes of the parts of a page, and their kinds.
const (
	headerSize  = 16
	elementSize = 16
	bucketSize  = 16

	branchPage  = 1
	leafPage    = 2
	bucketEntry = 1
)

// span is where keys may lie: from low on and before high, nil for no bound.
type span struct{ low, high []byte }

// holds reports whether key lies in the span.
func (s span) holds(key []byte) bool {
	return (s.low == nil || bytes.Compare(s.low, key) <= 0) && (s.high == nil || bytes.Compare(key, s.high) < 0)
}

// tree verifies a page and those below it, whose keys lie in the span.
func (v *verifier) tree(id uint64, s span) error {
	page, err := v.read(id)
	if err != nil {
		return err
	}
	switch kind := binary.NativeEndian.Uint16(page[8:]); kind {
	case branchPage:
		err = v.branch(page, s)
	case leafPage:
		err = v.leaf(page, s)
	default:
		err = faulty("it is of kind %#x", kind)
	}
	if err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	return nil
}

// read reads a page with all that belongs to it.
func (v *verifier) read(id uint64) ([]byte, error) {
	header := make([]byte, headerSize)
	if err := v.take(id); err != nil {
		return nil, err
	}
	if _, err := v.file.ReadAt(header, int64(id)*int64(v.size)); err != nil {
		return nil, faulty("page %d: %v", id, err)
	}
	if got := binary.NativeEndian.Uint64(header); got != id {
		return nil, faulty("page %d: it calls itself page %d", id, got)
	}
	more := uint64(binary.NativeEndian.Uint32(header[12:]))
	if more >= v.end-id {
		return nil, faulty("page %d: it has %d more", id, more)
	}
	for next := id + 1; next <= id+more; next++ {
		if err := v.take(next); err != nil {
			return nil, err
		}
	}
	page := make([]byte, (int(more)+1)*v.size)
	if _, err := v.file.ReadAt(page, int64(id)*int64(v.size)); err != nil {
		return nil, faulty("page %d: %v", id, err)
	}
	return page, nil
}

// take notes that a page is in use.
func (v *verifier) take(id uint64) error {
	if id < 2 || id >= v.end { // 0 and 1 are the meta pages
		return faulty("page %d does not exist", id)
	}
	if v.seen[id] {
		return faulty("page %d is used twice", id)
	}
	v.seen[id] = true
	return nil
}

// element is an element of a page.
type element struct {
	kind       uint32 // of a leaf
	child      uint64 // of a branch
	key, value []byte
}

// elements reads the elements of a page. They are in order and in the span.
func elements(page []byte, s span) ([]element, error) {
	count := int(binary.NativeEndian.Uint16(page[10:]))
	if headerSize+count*elementSize > len(page) {
		return nil, faulty("it has %d elements", count)
	}
	out := make([]element, count)
	for i := range out {
		at := headerSize + i*elementSize
		head, body := page[at:at+elementSize], page[at:]
		var err error
		if binary.NativeEndian.Uint16(page[8:]) == branchPage {
			out[i], err = branchElement(head, body)
		} else {
			out[i], err = leafElement(head, body)
		}
		if err != nil {
			return nil, err
		}
		if !s.holds(out[i].key) || i > 0 && bytes.Compare(out[i-1].key, out[i].key) >= 0 {
			return nil, faulty("its keys are out of order")
		}
	}
	return out, nil
}

func branchElement(head, body []byte) (element, error) {
	pos, size := binary.NativeEndian.Uint32(head), binary.NativeEndian.Uint32(head[4:])
	key, err := part(body, uint64(pos), uint64(size))
	return element{key: key, child: binary.NativeEndian.Uint64(head[8:])}, err
}

func leafElement(head, body []byte) (element, error) {
	pos := uint64(binary.NativeEndian.Uint32(head[4:]))
	keySize, valueSize := uint64(binary.NativeEndian.Uint32(head[8:])), uint64(binary.NativeEndian.Uint32(head[12:]))
	both, err := part(body, pos, keySize+valueSize)
	if err != nil {
		return element{}, err
	}
	return element{kind: binary.NativeEndian.Uint32(head), key: both[:keySize], value: both[keySize:]}, nil
}

// part returns size bytes from a place on.
func part(b []byte, from, size uint64) ([]byte, error) {
	if from > uint64(len(b)) || size > uint64(len(b))-from {
		return nil, faulty("an element lies outside")
	}
	return b[from : from+size], nil
}

func (v *verifier) branch(page []byte, s span) error {
	list, err := elements(page, s)
	if err != nil {
		return err
	}
	for i, e := range list {
		below := span{low: e.key, high: s.high}
		if i+1 < len(list) {
			below.high = list[i+1].key
		}
		if err := v.tree(e.child, below); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) leaf(page []byte, s span) error {
	list, err := elements(page, s)
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.kind&bucketEntry == 0 {
			continue
		}
		if err := v.bucket(e.value); err != nil {
			return err
		}
	}
	return nil
}

// bucket verifies what is in a bucket.
func (v *verifier) bucket(value []byte) error {
	if len(value) < bucketSize {
		return faulty("a bucket has %d bytes", len(value))
	}
	if root := binary.NativeEndian.Uint64(value); root != 0 {
		return v.tree(root, span{})
	}
	inline := value[bucketSize:]
	if len(inline) < headerSize || binary.NativeEndian.Uint16(inline[8:]) != leafPage {
		return faulty("a bucket holds no page")
	}
	return v.leaf(inline, span{})
}

func faulty(format string, args ...any) error {
	return fmt.Errorf("%w: %s", store.ErrDamaged, fmt.Sprintf(format, args...))
}
