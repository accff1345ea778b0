package store

import (
	"context"
	"time"
)

// Driver keeps records and ordered sets. It knows nothing of what they mean.
//
// A record is a key with a value. An ordered set has members, each once,
// ordered by score and then by name; it exists while it has members. A queue
// is an ordered set whose scores are the times, in milliseconds, at which
// its members are due, and whose members can be leased. Names of sets and
// keys never hold a zero byte. Scores lie within ±2⁵³.
//
// A Driver is safe for concurrent use.
type Driver interface {
	// View calls fn to read. A driver may show it states of different
	// moments.
	View(ctx context.Context, fn func(Reader) error) error

	// Update calls fn and then applies all of its changes in one piece, or,
	// if fn failed, none of them. They are applied only if no record and no
	// lease that fn has read was changed since; otherwise fn is called
	// again, and after many attempts [ErrBusy] is returned. Sets that fn has
	// read are not guarded. Once Update has returned nil the changes
	// survive the end of the process, and as much more as the driver says.
	Update(ctx context.Context, fn func(Tx) error) error

	// UpdateSoon is Update for changes that may be lost if the process ends
	// within the next second. Everybody sees them at once.
	UpdateSoon(ctx context.Context, fn func(Tx) error) error

	// Claim leases up to n members of a queue that are due at now and not
	// leased at now, earliest first, until now+lease, under the token. A
	// lease that ends makes the member due again.
	Claim(ctx context.Context, queue string, now time.Time, n int, lease time.Duration, token string) ([]Member, error)

	// ClaimMember leases one member, due or not. It returns [ErrNotFound] if
	// the queue has no such member and [ErrConflict] if it is leased at now.
	ClaimMember(ctx context.Context, queue, member string, now time.Time, lease time.Duration, token string) error

	// Pin makes every later Update depend on the record at key holding
	// value; if it holds another, Update returns [ErrNewerSchema]. A record
	// that has vanished is written anew.
	Pin(key string, value []byte)

	// Durability returns what an operator should know about how safely the
	// data is kept, in words.
	Durability(ctx context.Context) ([]Warning, error)

	// Close releases what the driver holds. Nothing may be called after.
	Close() error
}

// Reader reads records and sets.
type Reader interface {
	// Get returns the values of the keys, in their order, nil for a key
	// without a record. Nobody may change the values.
	Get(keys ...string) ([][]byte, error)
	// Range returns the members of a set that s selects, in order.
	Range(set string, s Span) ([]Member, error)
	// Count returns how many members have a score within min and max.
	Count(set string, min, max int64) (int, error)
	// Score returns the score of a member and whether there is one.
	Score(set, member string) (int64, bool, error)
}

// Tx is a [Reader] that also collects changes. What it reads never includes
// its own changes.
type Tx interface {
	Reader
	// Leases returns the tokens under which members of a queue were last
	// leased and not unleased since, "" for none. The lease may have ended.
	Leases(queue string, members ...string) ([]string, error)

	Put(key string, value []byte)
	Delete(key string)
	SetPut(set, member string, score int64)
	SetDelete(set, member string)
	// Unlease ends a member's lease. SetPut gives it its next due time.
	Unlease(queue, member string)
}

// MinScore and MaxScore bound the scores.
const (
	MinScore = -1 << 53
	MaxScore = 1 << 53
)

// Member is a member of an ordered set.
type Member struct {
	Name  string
	Score int64
}

// Span selects members of a set: those with a score within Min and Max,
// without the first Offset of them and no more than Limit.
type Span struct {
	Min, Max      int64
	Offset, Limit int
}

// everything selects up to limit members of any score.
func everything(limit int) Span { return Span{Min: MinScore, Max: MaxScore, Limit: limit} }

// Changes collects the changes of a [Tx] for a driver to apply in their
// order. The zero value is ready to use.
type Changes struct {
	List []Change
}

// Change is one change. Which fields are used follows from Op.
type Change struct {
	Op     Op
	Key    string // the record, set or queue
	Member string
	Value  []byte
	Score  int64
}

// Op is a kind of change.
type Op byte

// The kinds of changes, one for each method of [Tx] that makes one.
const (
	OpPut Op = iota + 1
	OpDelete
	OpSetPut
	OpSetDelete
	OpUnlease
)

// Put implements [Tx].
func (c *Changes) Put(key string, value []byte) {
	c.List = append(c.List, Change{Op: OpPut, Key: key, Value: value})
}

// Delete implements [Tx].
func (c *Changes) Delete(key string) {
	c.List = append(c.List, Change{Op: OpDelete, Key: key})
}

// SetPut implements [Tx].
func (c *Changes) SetPut(set, member string, score int64) {
	score = max(MinScore, min(score, MaxScore))
	c.List = append(c.List, Change{Op: OpSetPut, Key: set, Member: member, Score: score})
}

// SetDelete implements [Tx].
func (c *Changes) SetDelete(set, member string) {
	c.List = append(c.List, Change{Op: OpSetDelete, Key: set, Member: member})
}

// Unlease implements [Tx].
func (c *Changes) Unlease(queue, member string) {
	c.List = append(c.List, Change{Op: OpUnlease, Key: queue, Member: member})
}

// Warning is something an operator should know, for the log.
type Warning struct {
	Code WarningCode
	Text string // one or two English sentences
}

// WarningCode says what a [Warning] is about.
type WarningCode string

// The warnings there are.
const (
	WarnNotPersistent WarningCode = "not_persistent" // a restart of the database loses data
	WarnPowerLoss     WarningCode = "power_loss"     // a power cut loses the last moments
	WarnEviction      WarningCode = "eviction"       // the database may drop data when it is full
	WarnReplica       WarningCode = "replica"        // the database refuses writes
	WarnFailover      WarningCode = "failover"       // a failover may lose the last moments
	WarnUnknown       WarningCode = "unknown"        // the database did not tell
)
