// Package progressapi is a client for the Giftoin Users API: two GET
// endpoints that tell how far a person is in collection challenges, which
// the API calls programs.
//
// A call passes through it in one direction: [Client] builds the request,
// asks its [Gate] for leave, sends it, bounds and decodes what comes back
// into [Program] values and turns every failure into an [*Error] that says
// what the caller can do about it.
//
// A [Client] is safe for concurrent use; a [Program] is a plain value that
// nobody may change after it was handed out.
//
// The package never caches, never logs, never keeps the redeemable value of
// a reward, and never lets the API key into an error or a URL.
package progressapi
