// Package redistest gives tests a Redis that can be killed, restarted, filled
// up and made read-only, and a proxy that makes the way to it fail.
//
// [New] starts a real redis-server on a port of its own where one is
// installed, and an embedded stand-in (miniredis) elsewhere; with
// PROGRESSBOT_REQUIRE_REDIS=1 in the environment a missing redis-server is an
// error instead. [Start] and [StartProxy] do the same for a test, and stop
// what they started when the test ends.
//
// Everything here is safe for concurrent use. Only tests may import it.
package redistest
