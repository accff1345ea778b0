package commands

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"
)

// fault is something broken that hits many people at once and that an
// operator has to hear about once.
type fault int

const (
	faultKey     fault = iota // the progress API refuses the key
	faultAccount              // the progress API refuses the account
	faultAPI                  // the progress API does not answer as it should
	faultRate                 // it may not be asked as often as people ask
	faultDiscord              // answers do not get through to Discord
	faultStore                // the bot's own store cannot be used
	faultKinds
)

const (
	// faultQuiet is the time without a failure after which the next one
	// begins a new fault, with a new reference.
	faultQuiet = 5 * time.Minute
	// faultSettled is how long after the last failure a success must come
	// to end the fault, so that an API that flickers is one fault.
	faultSettled = 30 * time.Second
	// faultReminder is how often a lasting fault is logged again.
	faultReminder = 15 * time.Minute
)

// FaultLog writes one line when a fault begins, a reminder now and then while
// it lasts and one line when it is over, however many people run into it. It
// is safe for concurrent use.
type FaultLog struct {
	log *slog.Logger

	mu   sync.Mutex
	open [faultKinds]*faultPeriod
}

type faultPeriod struct {
	reference           string
	since, last, logged time.Time
	affected            int
}

// NewFaultLog returns a log of faults that writes to log.
func NewFaultLog(log *slog.Logger) *FaultLog {
	return &FaultLog{log: log}
}

// Upstream notes how one call of the progress API ended, whoever or whatever
// it was for, so that there is one line about a fault that hits people and
// what happens behind them. err is nil, or matches one of the sentinels of
// progressapi.
func (l *FaultLog) Upstream(err error) {
	if err == nil {
		l.answered(time.Now())
	} else if f, ok := faultOf(err); ok {
		l.note(f, err, 0)
	}
}

// report notes that err spoiled somebody's request, and returns the reference
// under which the operator finds it in the log. err must not hold secrets.
func (l *FaultLog) report(f fault, err error) string { return l.note(f, err, 1) }

func (l *FaultLog) note(f fault, err error, affected int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	p := l.open[f]
	if p == nil || now.Sub(p.last) > faultQuiet {
		p = &faultPeriod{reference: newReference(), since: now}
		l.open[f] = p
	}
	p.affected += affected
	p.last = now
	if p.logged.IsZero() || now.Sub(p.logged) >= faultReminder {
		p.logged = now
		l.log.LogAttrs(context.Background(), f.level(), f.String(),
			slog.Any("err", err), slog.String("reference", p.reference),
			slog.Int("affected", p.affected), slog.Time("since", p.since))
	}
	return p.reference
}

// answered tells that the progress API gave a good answer at the time at.
func (l *FaultLog) answered(at time.Time) { l.over(at, faultKey, faultAccount, faultAPI, faultRate) }

// delivered tells that Discord took an answer at the time at.
func (l *FaultLog) delivered(at time.Time) { l.over(at, faultDiscord) }

// remembered tells that the store answered at the time at.
func (l *FaultLog) remembered(at time.Time) { l.over(at, faultStore) }

// over ends those of the faults that have not been seen for a while before at.
func (l *FaultLog) over(at time.Time, faults ...fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range faults {
		p := l.open[f]
		if p == nil || at.Sub(p.last) < faultSettled {
			continue
		}
		l.open[f] = nil
		l.log.Info("over: "+f.String(),
			slog.String("reference", p.reference), slog.Int("affected", p.affected),
			slog.Duration("lasted", p.last.Sub(p.since)))
	}
}

// String is the fault's line in the log.
func (f fault) String() string {
	switch f {
	case faultKey:
		return "the progress API refuses the key: check PROGRESS_API_KEY and PROGRESS_API_KEY_HEADER"
	case faultAccount:
		return "the progress API refuses the account behind the key: check its balance and plan"
	case faultAPI:
		return "the progress API does not answer as it should"
	case faultRate:
		return "the progress API may not be asked as often as people ask: check PROGRESS_API_RATE against what the key is allowed"
	case faultStore:
		return "the store cannot be used: check REDIS_URL or DATA_DIR"
	default:
		return "answers do not get through to Discord"
	}
}

func (f fault) level() slog.Level {
	if f == faultKey || f == faultAccount {
		return slog.LevelError
	}
	return slog.LevelWarn
}

// newReference returns what a person can give the operator to find a line in
// the log: 8 characters out of A-Z and 2-7.
func newReference() string { return rand.Text()[:8] }
