// Package cache caches the answers of the progress API in two tiers, memory and
// Redis.
//
// A look-up tries memory, then Redis, then the API. Concurrent calls of the API
// for the same person and list are merged into one, also across processes that
// share a Redis. Every answer carries the time at which the API gave it, and
// whether that makes it fresh, stale or a stand-in. A failing Redis makes
// answers slower, never wrong; a failing API makes them older, which they say.
//
// # Ages
//
// An answer younger than [Options.TTL] is [Fresh]. Up to ten times that age it
// is [Stale]: a caller that wants [AnyAge] gets it at once, while one refresh
// runs in the background. An older one, one whose last refresh has failed, or a
// caller that wants [OnlyFresh] or [Renew], waits for the API. If the API fails,
// an old answer is served as [StandIn] up to the age [Options.Stale], with the
// reason in [Snapshot.Err]. This includes that the API refuses the key, so that
// people keep their answers until the operator has fixed it. The same is served
// if the API takes more than three seconds, but not to a caller that wants
// [OnlyFresh], and not to background work. For a few seconds after a failure it
// is served without asking the API again.
//
// What the API says about single programs is kept beside a person's overview.
// An overview shows each as it was last seen, and a single program gives way to
// a newer overview that has other numbers, so that the two do not disagree.
//
// That a person has no programs is cached, too, but only for ten seconds at
// most and never as a stale answer or a stand-in, because the person's first
// card makes it wrong. Errors are not cached.
//
// # Several processes
//
// Redis holds one hash per person, which expires [Options.Stale] after the last
// answer. Each new one sweeps out what is older than that, so nothing stays for
// more than twice as long. The process that calls the API holds a lock of a few
// seconds; other processes poll for its answer for up to a second and then call
// the API themselves, so that a holder that died delays nobody for long. A
// process uses its own memory for TTL; after that it looks in Redis first, and
// drops its copy if the answer was deleted there or the person forgotten since.
// Background work (see [progressapi.Background]) takes no lock, so that people
// never wait for it.
//
// A [Cache] is safe for concurrent use. It stores nothing but what
// [progressapi] returns, and in particular no errors.
package cache
