// Package faulttest holds the tests that run the whole bot, in this process
// or as a process of its own, on a simulated Discord, a sample progress API
// and a real Redis, and break each of them while people use it.
//
// The matrix crosses every fault with every state of the cache and prints
// what people saw of it; the others kill Redis under load, run two processes
// on one Redis, overload the bot, feed it hostile data, and run it for long:
//
//	go test ./bot/faulttest -run Matrix -v
//	go test ./bot/faulttest -run Soak -v -soak 60s
//	go test ./bot/faulttest -run Leak -v -leak 200000
//
// The package exports nothing.
package faulttest
