// Package cache keeps the progress API's answers for a while: memory over
// Redis over the API.
//
// A look-up tries the tiers in that order and makes one upstream call per
// person and list at a time, however many ask and in however many processes
// that share a Redis. Every answer carries when the API gave it and how fresh
// that is. A failing Redis makes answers slower, never wrong; a failing API
// makes them older, and says so.
//
// # Ages
//
// An answer younger than [Options.TTL] is [Fresh]. Up to ten times that age it
// is [Stale]: whoever takes [AnyAge] is served at once while one refresh runs
// behind. Beyond, or for [OnlyFresh] and [Renew], the caller waits for the
// API. Where that fails, or takes longer than three seconds with somebody
// waiting, what was known serves as [StandIn] up to the age
// [Options.Stale], with the reason in [Snapshot.Err] — also when the API
// refuses the key, so people keep their answers while the operator mends it.
//
// "Nothing here" is an answer, too, but a short-lived one: it is fresh for at
// most ten seconds and never stale or a stand-in, because the next card makes
// it wrong. Key faults and other failures are never kept.
//
// # Several processes
//
// In Redis everything about a person is in one hash that expires by itself.
// Whoever has to ask the API takes a short lock; the others wait up to a
// second for the value and then go themselves, so a lock whose holder died
// delays nobody for long. A process trusts its own memory for TTL; after that
// it looks in Redis first, and drops its copy of what has been deleted there.
// Work that nobody waits for (see [progressapi.Background]) takes no lock, so
// people never queue behind it.
//
// A [Cache] is safe for concurrent use. It never stores key faults as data,
// and never anything that [progressapi] does not hand out.
package cache
