// Package redislink puts a Redis that may fail behind a circuit: each
// operation has a short budget, the first one that gets no answer cuts the
// line, and a line that is cut costs nothing.
//
// While the line is cut a goroutine of the [Link] pings the server, so no
// caller ever pays for finding out whether it is back. Refusals that arrive in
// time (a full server, a read-only replica, a key of the wrong type) do not
// cut the line, because they delay nobody.
//
// A [Link] is safe for concurrent use. It never retries.
package redislink
