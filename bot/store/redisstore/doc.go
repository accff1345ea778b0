// Package redisstore keeps the bot's data in Redis, for any number of
// processes at once. It is a driver of package store.
//
// A change is read first and then made by one script, which checks that what
// was read still holds, checks everything else that could fail, and only
// then writes: it is made whole or not at all, and of two processes that
// change the same thing one begins again. Claims are made by scripts too.
//
// All keys begin with "progressbot:{state}:" and carry no expiry. The part in
// braces puts them into one slot, so that scripts work on a Redis Cluster;
// the state of the bot then lives on one of its nodes.
//
// An acknowledged change is as durable as Redis makes it. With
// "appendonly yes" a change survives the end of the Redis process; with
// "appendfsync always" it survives a power cut too, with "everysec" the last
// second may be lost, and so may the last moments before a failover to a
// replica. [DB.Durability] says what is wrong with a server's settings.
//
// A [DB] is safe for concurrent use and does not own its client's settings:
// timeouts and retries are the client's.
package redisstore
