// Package watch finds out when people complete a collection. The progress
// API tells nobody by itself and lists no people, so the only way is to ask
// for one person after the other, within a budget.
//
// [Watcher.Run] claims the followed people who are due from the store's
// queue, under a lease, so that any number of processes share the work and
// the claims of one that died come back. For each it asks the [Fetcher],
// lets [Compare] hold the answer against what was seen before, hands what
// was found to the [Sink], and only then stores the new state, together
// with when to look again. A process that dies in between repeats a find
// and never loses one; the sink drops repetitions. [Watcher.Observe] takes
// in answers that the API gave for other reasons, which cost nothing.
//
// # When to look again
//
// [Schedule] says how often a person should be looked at: every few minutes
// if one card is missing, often when something has just changed or usually
// does, more often towards the end of a collection that can still be
// completed, and less and less, down to once a day, where nothing happens.
// Two things bend that. The load: as soon as looks are late all the others
// are put off, the least urgent ones most ([Plan.Wait]), so the demand
// settles at what [Options.Rate] allows; and where few people are followed
// everybody is looked at up to four times as often. And chance, a little,
// so that people who were claimed together drift apart.
//
// The queue knows only due times: somebody idle who has been due for hours
// stands before somebody with one card missing who has been due for a
// minute. When looks are late the watcher therefore takes many claims,
// keeps those by whose measure the most time has passed and gives the
// others back for later, without asking the API.
//
// # Faults
//
// A failing API stops the watcher as a whole, for a while that grows to
// minutes, and one look probes whether that is over. A person with whom
// alone it fails is put off alone. A failing store or sink stops it, too.
// What is claimed meanwhile goes back as it came.
//
// A [Watcher] is safe for concurrent use. It knows nothing of Discord, of
// settings or of words; what a server announces is decided behind the
// [Sink]. It never looks at anybody who is not followed, and never announces
// what it sees for the first time.
package watch
