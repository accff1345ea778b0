package progressapitest

import "time"

// quota is how many requests the key may make in each second.
type quota struct {
	perSecond int // 0: any number
	second    time.Time
	used      int
}

// SetRate lets the key make perSecond requests in each second of the API's
// clock; further ones are answered with 429 and a Retry-After of a second. 0
// lets it make any number, as at the start.
func (a *API) SetRate(perSecond int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.quota = quota{perSecond: perSecond}
}

// overQuota counts a request and reports whether it is one too many.
func (a *API) overQuota() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	q := &a.quota
	if q.perSecond == 0 {
		return false
	}
	if second := a.clock().Truncate(time.Second); !second.Equal(q.second) {
		q.second, q.used = second, 0
	}
	q.used++
	return q.used > q.perSecond
}
