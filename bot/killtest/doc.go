// Package killtest holds the tests that kill the bot's process while it
// announces completions, on a simulated Discord that forgets nonces and
// sometimes stores a post and says that it did not, or says nothing. In the
// end every completion has exactly one post.
//
// A process dies at every request that announcing takes, before it arrives,
// between its being carried out and its answer, and after the answer; and at
// random moments, how many of them a flag says:
//
//	go test ./bot/killtest -v -kills 200
//
// What is killed on bbolt is the program itself. Two processes on one Redis
// take over from each other what the dead one had in hand only when its lease
// ends, after a minute, so there the program dies at random moments only if
// the flag asks for at least 100 of them, and else the test's own binary runs
// the bot with shorter leases. A run that long also kills at the steps that
// both ways of announcing have in common in each of them.
//
// The package exports nothing.
package killtest
