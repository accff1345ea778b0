// Package budget limits the requests to the progress API: all processes
// together stay within the rate that the API key is allowed, and an API that
// fails is given time to recover.
//
// A [Budget] is a [progressapi.Gate]: the client asks it before each attempt
// and tells it how the attempt ended. An attempt passes, in this order:
//
//   - the circuit breaker. It opens when attempts fail, are slow or have the
//     key refused, refuses attempts while it is open, and lets single probes
//     through after one to eight seconds. It is not shared between processes.
//   - for retries, the retry budget: one retry per ten first attempts, so that
//     retries do not multiply the load of an outage.
//   - the rate limit, shared by all processes over Redis. At most
//     [Options.Rate] attempts start in any second. Attempts that a person is
//     waiting for come first and are queued for up to [Options.Patience];
//     background work uses at most half of the rate, and only what people
//     leave. A 429 pauses all attempts for as long as the API asks, and halves
//     the rate, which then recovers within a minute.
//
// Without Redis, or while it fails, each process limits itself to its share of
// the rate, and once Redis is back reports what it started and which 429 it met.
//
// The rate limit is a sliding window log. A token bucket would let through
// twice the rate in the second after it was full, and evenly spaced attempts
// would make people wait when nobody else does. Those who have to wait are
// spaced evenly, because two bursts a second apart become one of twice the rate
// where the first is held up on its way. The algorithm is implemented in
// Go and in Lua; a test compares the two.
//
// A Budget is safe for concurrent use. It makes no requests itself.
package budget
