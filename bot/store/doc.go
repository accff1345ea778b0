// Package store keeps what the bot must not forget: the settings of servers,
// the consent of people, who is followed and what was last seen of them, the
// ledger of announcements, and the standings behind the leaderboard and the
// recap.
//
// A [Store] holds every rule, once. Below it a [Driver] keeps records and
// ordered sets and commits changes to them in one piece: one driver on Redis
// for any number of processes, one on a bbolt file for a single process.
// Consent is read in the same commit as whatever depends on it, so nothing
// that a person refused is stored a moment later.
//
// What is stored, and how long:
//
//   - settings of a server: until reset, or 30 days after the bot left
//   - a person's visibility and announcement choices: until they are changed
//     or forgotten; those for one server also end with that server's data
//   - a person's watch state (what was last seen): while they are followed
//   - announcements: [LedgerRetention] after they were sent,
//     [RefusedRetention] after they expired or were refused
//   - what a manager was shown and has not confirmed: [DraftRetention]
//   - when a server's recaps were posted: as long as its settings
//   - standings for the leaderboard: [StandingRetention] after the person
//     last used the bot in that server; not at all for those who take no part
//   - completions for the recap: [CompletionRetention]
//   - the mark that somebody was forgotten, which keeps late writers out:
//     [ForgottenRetention]
//
// Times are kept in milliseconds. No method reads a clock: whoever calls
// brings the time. Processes that share a Redis may differ in theirs by far
// less than a lease; a larger difference lets a lease be taken over early,
// which the tokens make harmless for the data.
//
// A [Store] is safe for concurrent use. It never talks to Discord or to the
// progress API, never logs, and never keeps a token, a key or the value of a
// reward.
package store
