// Package progressapi is a client for the Giftoin Users API: two GET
// endpoints that tell how far a person is in collection challenges, which
// the API calls programs.
//
// For each call, a [Client] builds the request, waits for its [Gate] to admit
// it, sends it, and decodes the answer, whose size is limited, into [Program]
// values. Temporary failures are retried. Every failure is returned as an
// [*Error] that says what the caller can do about it.
//
// A [Client] is safe for concurrent use. A [Program] is a plain value; programs
// are shared between callers and must not be changed.
//
// The package never caches, never logs, never keeps the redeemable value of
// a reward, and never lets the API key into an error or a URL.
package progressapi
