// Package boltstore keeps the bot's data in one bbolt file, for a bot that
// runs as a single process without Redis. It is a driver of package store.
//
// Every change is one transaction that is on the disk (fdatasync) before it
// is acknowledged, so neither a killed process nor a power cut loses one;
// a change costs what the disk takes for two syncs. The exception are changes
// that the store itself can do without, see [DB.UpdateSoon]: they are visible
// at once, on the disk within a second, and cost no sync of their own. Leases
// are kept in memory: only this process can hold them, and they end with it.
//
// A file that is damaged is reported when it is opened or, if it shows only
// then, when it is read; it is never repaired and never overwritten. A
// second process is refused after a short wait.
//
// A [DB] is safe for concurrent use.
package boltstore
