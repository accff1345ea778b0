// Package discordsim is a simulated Discord in one process: the REST API
// under /api, /api/v9 and /api/v10, the gateway websocket, and signed
// interaction webhooks, over a small world of servers, channels, roles and
// people.
//
// [Start] makes one; the zero [Options] are enough for a ready-made world.
// A bot is pointed at [Server.URL] instead of https://discord.com and given
// [Server.Token]; everything it then does goes over real HTTP and a real
// websocket. The other side, the people, is driven by method calls:
// [Server.Invoke] types a slash command, [Server.Press] and [Server.Choose]
// use a message's components, [Server.Submit] sends a modal, and the
// [Interaction] each of them returns tells what came back and when.
// Waiting is done with the Await methods, never by polling.
//
// The simulator keeps to Discord's documents, not to what some bot happens
// to do: what the documents say is refused is refused, with Discord's status
// and JSON error code. Whatever a bot did wrong, refused or not, is listed
// by [Server.Violations], so that a test can assert that there is nothing.
// Where the documents are silent, the doc comment of the place says what
// the simulator does.
//
// Faults are switched on and off at run time: gateway silence, dropped
// frames, reconnects, invalid sessions and close codes; REST errors, rate
// limits, latency, resets, and the answer lost after the work was done.
//
// Everything exported is safe for concurrent use. All memory is bounded:
// old interactions, messages, attachments and violations are dropped, by
// the caps in [Options]. The package never logs and does not need the
// testing package, so a demonstration can run it as well as a test.
package discordsim
