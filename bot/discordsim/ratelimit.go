package discordsim

import (
	"hash/fnv"
	"net/http"
	"strconv"
	"time"
)

// Discord's documents give only two numbers: 50 requests per second for a
// bot, and a ban after 10,000 invalid requests in ten minutes. The limit of
// each bucket is to be read from the headers; the simulator's is
// Options.RouteLimit per second. See Options for all three.
const (
	invalidWindow = 10 * time.Minute
	limitWindow   = time.Second
	maxBuckets    = 4096
)

// window counts within a fixed span of time.
type window struct {
	start time.Time
	n     int
}

// take counts one more and returns how many there are now.
func (w *window) take(now time.Time, span time.Duration) int {
	if now.Sub(w.start) >= span {
		*w = window{start: now}
	}
	w.n++
	return w.n
}

// limitState is guarded by Server.mu.
type limitState struct {
	global  window
	invalid window
	buckets map[string]*window
}

// takeToken counts the request against the global limit and its bucket's. If
// one is passed it returns the 429; else the headers for the answer.
func (s *Server) takeToken(c *call) (answer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	ofInteraction := c.args["token"] != ""
	if !c.route.public && !ofInteraction && s.o.GlobalLimit > 0 && s.limits.global.take(now, limitWindow) > s.o.GlobalLimit {
		limit := RateLimit{RetryAfter: limitWindow - now.Sub(s.limits.global.start), Global: true}
		s.passLimit(c, "global limit")
		return limit.answer(now), true
	}
	if s.o.RouteLimit <= 0 || c.route.class == RouteUnknown {
		return answer{}, false
	}
	key := c.route.method + " " + c.bucketKey()
	bucket := s.bucket(key, now)
	used := bucket.take(now, limitWindow)
	after := limitWindow - now.Sub(bucket.start)
	if used > s.o.RouteLimit {
		limit := RateLimit{RetryAfter: after}
		s.passLimit(c, "bucket limit")
		return limit.answer(now), true
	}
	h := http.Header{}
	h.Set("X-RateLimit-Limit", strconv.Itoa(s.o.RouteLimit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(s.o.RouteLimit-used))
	h.Set("X-RateLimit-Reset", unixSeconds(now.Add(after)))
	h.Set("X-RateLimit-Reset-After", strconv.FormatFloat(after.Seconds(), 'f', 3, 64))
	h.Set("X-RateLimit-Bucket", bucketName(c.route))
	return answer{header: h}, false
}

func (s *Server) passLimit(c *call, what string) {
	s.violateLocked(Violation{Rule: RuleRateLimit, Route: c.route.name(), Status: http.StatusTooManyRequests, Detail: what})
}

// bucketKey is the route with its top-level resource: channel, guild, or
// webhook with its token.
func (c *call) bucketKey() string {
	return c.route.pattern + " " + c.arg("channel") + c.arg("guild") + c.arg("application") + c.arg("token")
}

// bucketName is Discord's opaque hash of a route.
func bucketName(rt *route) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(rt.name()))
	return strconv.FormatUint(h.Sum64(), 16)
}

// bucket finds or makes a bucket. Buckets whose window is over are dropped
// when there are many. Server.mu is held.
func (s *Server) bucket(key string, now time.Time) *window {
	l := &s.limits
	if b := l.buckets[key]; b != nil {
		return b
	}
	if l.buckets == nil || len(l.buckets) >= maxBuckets {
		fresh := make(map[string]*window)
		for k, b := range l.buckets {
			if now.Sub(b.start) < limitWindow && len(fresh) < maxBuckets/2 {
				fresh[k] = b
			}
		}
		l.buckets = fresh
	}
	b := &window{}
	l.buckets[key] = b
	return b
}

// banned reports whether too many invalid requests got the bot banned.
func (s *Server) banned() (answer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	w := s.limits.invalid
	if s.o.InvalidLimit < 0 || w.n < s.o.InvalidLimit || now.Sub(w.start) >= invalidWindow {
		return answer{}, false
	}
	limit := RateLimit{RetryAfter: invalidWindow - now.Sub(w.start), HTML: true}
	return limit.answer(now), true
}

// tally counts a request and what came of it.
func (s *Server) tally(c *call, a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Requests++
	switch a.status {
	case http.StatusTooManyRequests:
		s.stats.RateLimited++
		if a.header.Get("X-RateLimit-Scope") == "shared" {
			return // not counted, as documented
		}
	case http.StatusUnauthorized, http.StatusForbidden:
	default:
		return
	}
	s.stats.InvalidRequests++
	s.limits.invalid.take(s.Now(), invalidWindow)
}

func unixSeconds(t time.Time) string {
	return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64)
}
