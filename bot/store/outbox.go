package store

import (
	"strings"
)

// MaxOpen bounds the open entries of one person in one server.
const MaxOpen = 500

// outboxRecord lists the open entries of one person in one server. All of
// them are worked on under one lease, which makes posts of one moment one
// post and keeps their order.
type outboxRecord struct {
	Open []openEntry `json:"open,omitempty"`
}

// openEntry is an entry with work left.
type openEntry struct {
	Key     string `json:"k"` // the entry's key without what all of them share
	Due     int64  `json:"d"`
	Waiting bool   `json:"w,omitempty"`
}

// outboxTx is an outbox inside a transaction.
type outboxTx struct {
	tx             Tx
	server, person string
	lease          string // the token it is leased under, "" if it is not
	rec            outboxRecord
}

func beginOutbox(tx Tx, server, person string) (*outboxTx, error) {
	o := &outboxTx{tx: tx, server: server, person: person}
	tokens, err := tx.Leases(outboxQueue, o.member())
	if err != nil {
		return nil, err
	}
	o.lease = tokens[0]
	return o, get(tx, outboxKey(server, person), &o.rec)
}

func (o *outboxTx) member() string { return o.server + ":" + o.person }

// splitMember is the inverse of member.
func splitMember(member string) (server, person string) {
	server, person, _ = strings.Cut(member, ":")
	return server, person
}

func (o *outboxTx) prefix() string { return "entry:" + o.server + ":" + o.person + ":" }

// put brings the list in step with an entry.
func (o *outboxTx) put(e Entry) error {
	short := strings.TrimPrefix(e.String(), o.prefix())
	at := -1
	for i, open := range o.rec.Open {
		if open.Key == short {
			at = i
		}
	}
	switch {
	case !e.State.Open() && at >= 0:
		o.rec.Open = append(o.rec.Open[:at:at], o.rec.Open[at+1:]...)
	case !e.State.Open():
	case at >= 0:
		o.rec.Open[at] = openEntry{Key: short, Due: millis(e.Due), Waiting: e.waits()}
	case len(o.rec.Open) >= MaxOpen:
		return ErrFull
	default:
		o.rec.Open = append(o.rec.Open, openEntry{Key: short, Due: millis(e.Due), Waiting: e.waits()})
	}
	return nil
}

func (r outboxRecord) due(prefix string, now int64) []string {
	var keys []string
	for _, open := range r.Open {
		if open.Due <= now {
			keys = append(keys, prefix+open.Key)
		}
	}
	return keys
}

// save stores the list. Unless somebody holds the lease, whose end will
// bring the outbox back by itself, it also sets when the outbox is due.
func (o *outboxTx) save() error {
	o.markWaiting()
	if len(o.rec.Open) == 0 {
		o.tx.Delete(outboxKey(o.server, o.person))
	} else if err := put(o.tx, outboxKey(o.server, o.person), o.rec); err != nil {
		return err
	}
	if o.lease == "" {
		o.schedule()
	}
	return nil
}

// release ends the lease.
func (o *outboxTx) release() {
	o.tx.Unlease(outboxQueue, o.member())
	o.schedule()
}

// schedule makes the outbox due with the first of its entries.
func (o *outboxTx) schedule() {
	if len(o.rec.Open) == 0 {
		o.tx.SetDelete(outboxQueue, o.member())
		return
	}
	first := int64(MaxScore)
	for _, open := range o.rec.Open {
		first = min(first, open.Due)
	}
	o.tx.SetPut(outboxQueue, o.member(), first)
}

func (o *outboxTx) markWaiting() {
	for _, open := range o.rec.Open {
		if open.Waiting {
			o.tx.SetPut(waitingSet(o.server), o.person, 0)
			return
		}
	}
	o.tx.SetDelete(waitingSet(o.server), o.person)
}
