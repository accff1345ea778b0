// Package bot composes the running bot: configuration, the two transports
// over which Discord delivers interactions, Discord's REST API, and the wiring
// of all other packages.
//
// An interaction arrives over the gateway or as POST /interactions and is
// decoded into a [progressbot/commands.Request]. It waits in a bounded queue
// that is fair between users, is handled by the router, and is answered
// through a responder that sends exactly one first answer.
//
// [New] builds everything from a [Config]. [Bot.Run] starts the parts in order
// and runs until its context ends. Then it takes no more interactions, ends the
// work in the background while it answers those it has taken, and last closes
// the operations listener and what [New] opened.
//
// A [Config] is a plain value. A [Bot] runs once.
//
// The package never logs a token, an API key or an interaction's payload,
// contains no text for users, and keeps nothing in memory that a restart must
// not lose.
package bot
