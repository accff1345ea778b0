package cache

import (
	"time"

	"progressbot/progressapi"
)

// Freshness says how an answer relates to the API's present state.
type Freshness int

const (
	Fresh   Freshness = iota // younger than CACHE_TTL
	Stale                    // older, served at once while one refresh runs behind it
	StandIn                  // old, served only because the API failed
)

// Snapshot is what the API said about a person at one moment. Its programs
// are shared: read them, never change them.
type Snapshot struct {
	Programs  []progressapi.Program // empty: nothing here yet
	Fetched   time.Time             // when the API gave the answer
	Freshness Freshness
	Err       error // why a StandIn is served
}

// Want says how current an answer has to be.
type Want int

const (
	// AnyAge takes what is nearest: fresh, or stale with a refresh behind it.
	AnyAge Want = iota
	// OnlyFresh waits for the API unless the answer is fresh; an old answer
	// serves only as stand-in.
	OnlyFresh
	// Renew asks the API even though the answer is fresh (the Refresh button).
	Renew
)
