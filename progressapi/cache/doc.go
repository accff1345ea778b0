// Package cache keeps the progress API's answers for a while: memory over
// Redis over the API.
//
// A look-up tries the tiers in that order and makes one upstream call per
// person at a time, however many ask and in however many processes that
// share a Redis. Every answer carries when the API gave it and how fresh
// that is. A failing Redis makes answers slower, never wrong; a failing API
// makes them older, and says so.
//
// A [Cache] is safe for concurrent use. It never stores key faults as data,
// and never anything that [progressapi] does not hand out.
package cache
