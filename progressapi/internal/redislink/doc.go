// Package redislink is a circuit breaker for Redis: each operation has a short
// deadline, the first one that gets no reply opens the circuit (the link is
// "cut"), and until it is closed again operations fail at once.
//
// While the link is cut, a goroutine pings the server until it replies, so no
// caller has to wait to find out. Error replies that arrive in time (a full
// server, a read-only replica, a key of the wrong type) do not cut the link,
// because they delay nobody.
//
// A [Link] is safe for concurrent use. It never retries.
package redislink
