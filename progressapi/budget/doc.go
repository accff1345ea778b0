// Package budget decides when the progress API may be asked, so that the bot
// as a whole stays within what its key is allowed, and spares an API that is
// in trouble.
//
// A [Budget] is a [progressapi.Gate]: the client asks it before each attempt
// and tells it how the attempt ended. An attempt passes, in this order:
//
//   - the circuit breaker. It opens when answers fail or crawl, refuses at
//     once while it is open, and lets one probe at a time through after one
//     to ten seconds. It is the process's own.
//   - for repetitions, the retry budget: a tenth of the first attempts, so
//     that an outage is never multiplied.
//   - the rate limit, shared over Redis by all processes. In any second there
//     start at most [Options.Rate] attempts, people's first: an attempt that
//     somebody waits for queues for a few seconds at most; background work
//     gets what people have left of the first half of the rate. A 429 stops
//     everybody for the time that the API asks for and halves the rate, which
//     then grows back over a minute.
//
// Without Redis, or while it fails, each process keeps to its share of the
// rate by itself.
//
// The usual token bucket lets twice the rate through in a window that begins
// with a full bucket, and smooth pacing keeps a person waiting behind nobody.
// So the limit is the list of the latest starts: as many as the rate may
// start at once, and each further one a second after the one so many before.
// The same arithmetic stands in Go and in Lua, held together by a test.
//
// A Budget is safe for concurrent use. It never makes a call itself and never
// looks into what is asked.
package budget
