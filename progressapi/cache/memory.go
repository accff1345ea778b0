package cache

import (
	"time"

	"github.com/maypok86/otter/v2"

	"progressbot/progressapi"
)

const (
	// minWeight is the least an entry counts for, whatever its size; it
	// bounds the number of entries to some hundred thousand at the default
	// of [Options.MaxBytes].
	minWeight = 512
	// maxRenewals bounds the people whose last success is remembered.
	maxRenewals = 100_000
)

// memory is the tier within the process. It is otter's bounded map; freshness
// is decided by its users, because otter knows two ages where there are three.
type memory struct {
	entries *otter.Cache[key, *entry]
	success *otter.Cache[string, time.Time] // by person, for as long as it bounds renewals
}

func newMemory(maxBytes uint64, keep time.Duration) (*memory, error) {
	entries, err := otter.New(&otter.Options[key, *entry]{
		MaximumWeight:    maxBytes,
		Weigher:          weigh,
		ExpiryCalculator: otter.ExpiryWriting[key, *entry](keep),
		Logger:           &otter.NoopLogger{},
	})
	if err != nil {
		return nil, err
	}
	success, err := otter.New(&otter.Options[string, time.Time]{
		MaximumSize:      maxRenewals,
		ExpiryCalculator: otter.ExpiryWriting[string, time.Time](RenewEvery),
		Logger:           &otter.NoopLogger{},
	})
	return &memory{entries: entries, success: success}, err
}

func (m *memory) close() {
	m.entries.StopAllGoroutines()
	m.success.StopAllGoroutines()
}

func (m *memory) get(k key) *entry {
	e, _ := m.entries.GetIfPresent(k)
	return e
}

// held returns what memory knows about k.
func (m *memory) held(k key) held { return hold(k, m.get) }

// put keeps e unless a newer answer is there already.
func (m *memory) put(k key, e *entry) {
	m.entries.Compute(k, func(old *entry, found bool) (*entry, otter.ComputeOp) {
		if found && old.fetched.After(e.fetched) {
			return nil, otter.CancelOp
		}
		return e, otter.WriteOp
	})
}

// drop deletes e, but not what may have replaced it.
func (m *memory) drop(k key, e *entry) {
	m.dropIf(k, func(held *entry) bool { return held == e })
}

// forgetUntil deletes an answer that was given by the moment at.
func (m *memory) forgetUntil(at time.Time, k key) {
	m.dropIf(k, func(held *entry) bool { return !held.fetched.After(at) })
}

func (m *memory) dropIf(k key, bad func(*entry) bool) {
	m.entries.ComputeIfPresent(k, func(held *entry) (*entry, otter.ComputeOp) {
		if bad(held) {
			return nil, otter.InvalidateOp
		}
		return nil, otter.CancelOp
	})
}

// forget deletes everything about a person. It looks at every entry, which
// takes milliseconds; an index would cost every other operation something.
func (m *memory) forget(user string) {
	m.success.Invalidate(user)
	for k := range m.entries.Keys() {
		if k.user == user {
			m.entries.Invalidate(k)
		}
	}
}

// Sizes of the structs behind one program, card and reward, beside their
// texts; a little generous, for what the allocator rounds up.
const (
	programBytes = 320
	cardBytes    = 96
	rewardBytes  = 128
)

// weigh estimates the bytes of an entry.
func weigh(k key, e *entry) uint32 {
	n := len(k.user) + len(k.program)
	for i := range e.programs {
		n += programSize(&e.programs[i])
	}
	return uint32(min(max(n, minWeight), 1<<31))
}

func programSize(p *progressapi.Program) int {
	n := programBytes + len(p.ID) + len(p.Name) + len(p.Image) + len(p.Description) + len(p.Environment) + len(p.Status)
	for i := range p.Cards {
		c := &p.Cards[i]
		n += cardBytes + len(c.ID) + len(c.Name) + len(c.Image) + len(c.Rarity)
	}
	if r := p.Reward; r != nil {
		n += rewardBytes + len(r.ID) + len(r.Name) + len(r.Image) + len(r.Description)
	}
	return n
}
