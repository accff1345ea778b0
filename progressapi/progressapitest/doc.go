// Package progressapitest is a fake progress API for tests and for trying
// the bot out without an account: both endpoints, strict about what it is
// asked, with people whose progress can be changed, a clock that can be set
// and a knob for every way in which the real API may fail.
//
// A request passes through an [API] in this order: it is logged, checked
// (method, path, Accept, key), met by the first [Rule] that fits it, and
// else answered with what the person has, in the [Shape] that was chosen.
//
// An [API] is an [net/http.Handler]; [Start] serves one on the loopback
// interface. Everything here is safe for concurrent use. The package never
// keeps a key that it was shown, knows nothing of package testing, and calls
// nobody.
package progressapitest
