package boltstore

import (
	"math"
	"runtime"

	"go.etcd.io/bbolt"
)

// copyable is for how many changes a copy of the file may take.
const copyable = 128

// keeper makes a copy of the file whole that somebody takes while the bot is
// running, as people do to back it up.
//
// bbolt writes new pages before it lets go of old ones, but it soon uses the
// old ones again, and a copy that began before would get half of each. It
// leaves them alone while a transaction that can still read them is open: so
// the keeper holds one for each of the last states of the file, and with it
// some space. As bbolt waits for such transactions before it maps the file
// anew, much of the address space is mapped at once, and the keeper lets go
// before that is used up.
//
// It is used by one goroutine at a time.
type keeper struct {
	db     *bbolt.DB
	states []*bbolt.Tx // a ring
	next   int
}

// mapped returns how many bytes are mapped at once; 0 where that is not
// free, and there the keeper keeps nothing.
func mapped() int {
	if runtime.GOOS == "windows" || math.MaxInt == math.MaxInt32 {
		return 0
	}
	return 1 << 30
}

// maxGrowth is more than one change adds to the file.
const maxGrowth = 256 << 20

// keep holds on to the state of the file before a change.
func (k *keeper) keep() error {
	if mapped() == 0 {
		return nil
	}
	tx, err := k.db.Begin(false)
	if err != nil {
		return err
	}
	if tx.Size() > int64(mapped()-maxGrowth) {
		k.stop()
		return tx.Rollback()
	}
	if len(k.states) < copyable {
		k.states = append(k.states, tx)
		return nil
	}
	rollback(k.states[k.next])
	k.states[k.next] = tx
	k.next = (k.next + 1) % copyable
	return nil
}

// stop lets go of all states.
func (k *keeper) stop() {
	for _, tx := range k.states {
		rollback(tx)
	}
	k.states, k.next = nil, 0
}
