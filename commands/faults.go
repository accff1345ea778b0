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
	faultDiscord              // answers do not get through to Discord
	faultKinds
)

const (
	// faultQuiet is how long a fault must not have been seen for its next
	// victim to be a new fault, and for an answer to prove its end.
	faultQuiet = 5 * time.Minute
	// faultSettled is how much younger than the last victim an answer must
	// be to prove the end of a fault, so that a flickering API is one fault.
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
	victims             int
}

// NewFaultLog returns a log of faults that writes to log.
func NewFaultLog(log *slog.Logger) *FaultLog {
	return &FaultLog{log: log}
}

// report counts a victim of a fault in and returns the reference under which
// the operator finds it. err must not hold secrets.
func (l *FaultLog) report(f fault, err error) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	p := l.open[f]
	if p == nil || now.Sub(p.last) > faultQuiet {
		p = &faultPeriod{reference: newReference(), since: now}
		l.open[f] = p
	}
	p.victims++
	p.last = now
	if p.victims == 1 || now.Sub(p.logged) >= faultReminder {
		p.logged = now
		l.log.LogAttrs(context.Background(), f.level(), f.String(),
			slog.Any("err", err), slog.String("reference", p.reference),
			slog.Int("victims", p.victims), slog.Time("since", p.since))
	}
	return p.reference
}

// answered tells that the progress API gave a good answer at the time at.
func (l *FaultLog) answered(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for f := faultKey; f <= faultAPI; f++ {
		p := l.open[f]
		if p == nil || at.Sub(p.last) < faultSettled {
			continue
		}
		l.open[f] = nil
		l.log.LogAttrs(context.Background(), slog.LevelInfo, "the progress API answers again",
			slog.String("reference", p.reference), slog.Int("victims", p.victims),
			slog.Duration("lasted", at.Sub(p.since)))
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
