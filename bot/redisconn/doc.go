// Package redisconn opens the connections to Redis: one that the cache and the
// API budget share, and one of the store.
//
// A URL and a few options go in; a [redis.UniversalClient] comes out whose
// every operation ends in time. The client's own defaults wait up to twenty
// seconds for a server that has frozen; the ones set here give up within
// [Options.Timeout] and honour the deadline of the context they are given.
//
// Whoever must wait longer than a moment for a slow server, and still not for
// a silent one, has a fuse ([AddFuse]).
//
// Opening does not connect: a Redis that is down at the start is a fault like
// any other, met by whoever asks next. A client is safe for concurrent use.
//
// With redis+cluster every key belongs to a slot, and a script or transaction
// may only touch keys of one. So whatever touches several keys at once must
// give them one hash tag, "progressbot:cache:{42}:…", or use a single key.
//
// The package never lets a part of the URL into an error, because a mistyped
// URL has its password in an unexpected place.
package redisconn
