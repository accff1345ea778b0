// Package bot is the running bot: its configuration, its two ways to be
// reached by Discord, and the wiring between them and everything below.
//
// An interaction comes in through the gateway or through POST /interactions,
// is decoded into a [progressbot/commands.Request], waits for its turn in a
// bounded queue, goes through the one router, and its answer leaves through
// a responder that makes sure Discord hears exactly one. [New] puts the
// parts together from a [Config]; [Bot.Run] starts them in order, keeps them
// alive, and stops them in the reverse order.
//
// A [Config] is a plain value; a [Bot] runs once.
//
// The package never logs a token, an API key or an interaction's payload,
// never answers in words of its own, and never keeps state that a restart
// would miss.
package bot
