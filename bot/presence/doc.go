// Package presence finds out which servers the bot has been removed from, so
// that what is stored about them can end.
//
// Without privileged intents, and without any gateway where interactions come
// by HTTP, nobody tells the bot. So a [Keeper] reads once a day the list of
// the bot's own servers from Discord and holds it against the store. A server
// that is missing from it is asked for by name before it is marked as left,
// because a list that is wrong must not cost anybody their data; one that is
// listed again loses the mark. The store deletes the data of a server some
// time after it was marked.
//
// A [Keeper] is safe for concurrent use, also by several processes that share
// a store. It deletes nothing itself and never asks Discord for what it does
// not need: about servers the store has never heard of nothing is remembered.
package presence
