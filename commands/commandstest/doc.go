// Package commandstest helps to test what the bot answers: builders for every
// kind of [commands.Request], and a [Recorder] that takes the answer the way
// Discord would.
//
// A Recorder refuses what Discord refuses, with the errors that a transport
// returns for it: second answers, late answers, updates where there is no
// message to update. [Recorder.Seen] tells what the person finally sees.
//
// Everything here is for tests and safe for concurrent use; production code
// never imports it.
package commandstest
