// Package announce posts what members reached, each thing exactly once, and
// gives the roles that were promised for it.
//
// What was reached comes in through [Announcer.Announce], from the watcher
// through [Announcer.Take], and goes into the ledger in the same commit that
// asks for the person's consent: that is the gate through which each thing
// passes once. [Announcer.Run] works on the ledger. It leases what one
// person has open in one server, asks Discord whether they are still there
// and what the bot may do in the channel, writes down that an attempt
// begins, posts, and writes down what became of it. What a person reached at
// one moment becomes one post.
//
// Every post carries a nonce, by which Discord drops a repetition of the last
// minutes, and a mark in its footer. An attempt whose outcome is not known,
// because the answer got lost or the process died, is settled by reading the
// channel's history for the mark; nothing is posted again before. Where the
// history cannot be read, nothing is posted.
//
// What somebody has to fix first, such as a missing permission, waits: the
// managers of the server are told once, it is tried again from time to time,
// and after [Patience] it expires. It is news again only once nothing waited
// for it any more. What waits and what expired is kept in the server's
// settings ([store.Settings.Troubles]).
//
// An [Announcer] is safe for concurrent use, also by several processes that
// share a store. It never posts what the person refused, never mentions
// anybody but the member, never logs what a message says, and keeps nothing
// that a restart would miss.
package announce
