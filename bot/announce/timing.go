package announce

import (
	"time"

	"progressbot/bot/store"
)

// Patience is how long an entry is tried before it expires.
const Patience = 7 * 24 * time.Hour

// The pauses between attempts grow with the age of the entry, so that what
// is fixed at once is noticed at once and what is not costs little.
const (
	mendLeast, mendMost   = time.Minute, time.Hour
	retryLeast, retryMost = 5 * time.Second, 10 * time.Minute
)

// mendAt is when to look again whether somebody has fixed what e waits for.
func mendAt(e store.Entry, now time.Time) time.Time {
	return dueAt(e, now, clamp(now.Sub(e.Created)/2, mendLeast, mendMost))
}

// retryAt is when to try e again after a passing fault. asked is how long
// Discord asked to wait.
func retryAt(e store.Entry, now time.Time, asked time.Duration) time.Time {
	return dueAt(e, now, max(asked, clamp(now.Sub(e.Created)/2, retryLeast, retryMost)))
}

// settleAt is when to find out what became of an attempt: not before Discord
// has had time to carry it out.
func settleAt(e store.Entry, now time.Time, settle time.Duration) time.Time {
	return dueAt(e, now, min(settle<<min(max(e.Attempt-1, 0), 10), max(retryMost, settle)))
}

// dueAt is now+pause, but not after the last moment at which e is tried.
func dueAt(e store.Entry, now time.Time, pause time.Duration) time.Time {
	due, last := now.Add(pause), e.Created.Add(Patience)
	if due.After(last) && last.After(now) {
		return last
	}
	return due
}

// overdue reports whether e has been tried for long enough.
func overdue(e store.Entry, now time.Time) bool { return !now.Before(e.Created.Add(Patience)) }

func clamp(d, least, most time.Duration) time.Duration { return min(max(d, least), most) }
