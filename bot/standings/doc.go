// Package standings brings what members' own progress showed into the store,
// where leaderboards and recaps are made of it.
//
// A sighting goes one way: whoever answered a member hands it to
// [Recorder.Record], which puts it in a bounded queue and returns at once; one
// worker takes it from there to the store. People never wait for the store,
// and while it is down they lose nothing but freshness: a sighting that does
// not fit or cannot be stored is dropped, and the member's next look brings
// the same again.
//
// A [Recorder] is safe for concurrent use. It never asks the progress API or
// Discord anything, and decides nothing: who takes part is the store's
// business, in the same commit.
package standings
