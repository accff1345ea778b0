package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot/store"
)

// Backend is one database, empty at first.
type Backend struct {
	// Open opens a driver on the database, as another process would. The
	// suite closes it.
	Open func() (store.Driver, error)
	// Shared says that several drivers can be open at once. Otherwise the
	// one before is closed first.
	Shared bool
}

// Run runs the suite. fresh returns an empty database, cleaned up with the
// test.
func Run(t *testing.T, fresh func(t *testing.T) Backend) {
	for _, c := range []struct {
		name string
		test func(*env)
	}{
		{"driver/records", testRecords},
		{"driver/sets", testSets},
		{"driver/update is whole or not at all", testUpdateWhole},
		{"driver/update by many", testUpdateByMany},
		{"driver/claim", testClaim},
		{"driver/claim one member", testClaimMember},
		{"schema/newer is refused", testNewerSchema},
		{"schema/unreadable is refused", testUnreadableSchema},
		{"schema/a newer program takes over", testPin},
		{"damaged record is told and kept", testDamagedRecord},
		{"settings/defaults and changes", testSettings},
		{"settings/invalid ones are refused", testSettingsInvalid},
		{"settings/updates by many", testSettingsByMany},
		{"settings/reset", testSettingsReset},
		{"consent/one server learns nothing of another", testConsentServers},
		{"consent/follows", testConsentFollows},
		{"consent/invalid", testConsentInvalid},
		{"consent/member left", testDropMember},
		{"watch/claims and returns", testWatch},
		{"watch/a dead holder's claims come back", testWatchLease},
		{"watch/a late holder overwrites nothing", testWatchFencing},
		{"watch/many share the queue", testWatchShared},
		{"watch/one person", testClaimPerson},
		{"ledger/add is won once", testAddOnce},
		{"ledger/hostile programs", testLedgerPrograms},
		{"ledger/consent", testLedgerConsent},
		{"ledger/declined", testDecline},
		{"ledger/a post from start to end", testLedgerPost},
		{"ledger/a dead holder's attempt is found", testLedgerLease},
		{"ledger/illegal steps", testLedgerSteps},
		{"ledger/add while leased", testLedgerAddWhileLeased},
		{"ledger/wake", testWake},
		{"ledger/hindrances", testUnhinder},
		{"ledger/hindrances of an earlier version", testUnhinderEarlier},
		{"ledger/hindrances of many", testUnhinderMany},
		{"ledger/reopen", testLedgerReopen},
		{"ledger/full", testLedgerFull},
		{"board/ranks and pages", testBoard},
		{"board/consent", testBoardConsent},
		{"board/collections", testCollections},
		{"board/sightings", testSightings},
		{"recap/completions", testCompletions},
		{"recap/late completions", testLateCompletions},
		{"recap/late completions of many", testLateCompletionsByMany},
		{"recap/pages stay full", testCompletionPages},
		{"recap/drafts", testRecapDrafts},
		{"recap/many programs", testRecapDraftsBound},
		{"recap/drafts by many", testRecapDraftsByMany},
		{"recap/invalid drafts are refused", testRecapDraftsInvalid},
		{"drafts/kept for a while", testDrafts},
		{"drafts/consent", testDraftsConsent},
		{"drafts/stay known while others tidy", testDraftsTidy},
		{"ledger/several entries", testEntries},
		{"servers/purge", testPurge},
		{"servers/one damaged record", testPurgeDamaged},
		{"servers/return", testPurgeReturn},
		{"servers/purge that another process completed", testPurgeOvertaken},
		{"forget/everything", testForget},
		{"forget/killed at every step", testForgetKilled},
		{"forget/late writers", testForgetLateWriters},
		{"forget/under load", testForgetUnderLoad},
		{"sweep/retention", testSweep},
		{"sweep/unfinished deletions", testSweepForgets},
		{"sweep/a deletion whose mark was lost", testForgetMarkLost},
		{"backlog", testBacklog},
		{"against a model", testModel},
		{"ledger/next", testNextOutbox},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := &env{T: t, backend: fresh(t), written: newNotes()}
			e.reopen()
			t.Cleanup(e.close)
			c.test(e)
		})
	}
}

// env is what a test of the suite works with.
type env struct {
	*testing.T
	backend Backend
	driver  *spy
	*store.Store
	more    []*spy
	written *notes
	fills   int // calls of fill
}

// reopen closes the store, as a process that ends, and opens it again.
func (e *env) reopen() {
	e.Helper()
	e.reopenDriver()
	e.Store = e.openStore(e.driver)
}

// reopenDriver is reopen without a store on the driver.
func (e *env) reopenDriver() {
	e.Helper()
	e.close()
	e.driver = e.openDriver()
}

// second opens another store on the same database, as a second process
// does; on a database that allows only one it returns the first.
func (e *env) second() *store.Store {
	e.Helper()
	if !e.backend.Shared {
		return e.Store
	}
	d := e.openDriver()
	e.more = append(e.more, d)
	return e.openStore(d)
}

func (e *env) openDriver() *spy {
	e.Helper()
	d, err := e.backend.Open()
	e.ok(err)
	return &spy{Driver: d, notes: e.written, left: -1}
}

func (e *env) openStore(d store.Driver) *store.Store {
	e.Helper()
	s, err := store.Open(e.Context(), d)
	e.ok(err)
	return s
}

func (e *env) close() {
	e.Helper()
	for _, d := range e.more {
		e.ok(d.Close())
	}
	e.more = nil
	if e.driver != nil {
		e.ok(e.driver.Close())
		e.driver = nil
	}
}

// ok ends the test unless err is nil.
func (e *env) ok(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

// fails ends the test unless err is want.
func (e *env) fails(err, want error) {
	e.Helper()
	if !is(err, want) {
		e.Fatalf("got error %v, want %v", err, want)
	}
}

// same fails the test unless got is want.
func same[V any](e *env, what string, want, got V) {
	e.Helper()
	if d := cmp.Diff(want, got, compare()...); d != "" {
		e.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// The people, servers and times of the tests.
const (
	alice, bob, carol = "100000000000000001", "100000000000000002", "100000000000000003"
	red, blue         = "900000000000000001", "900000000000000002"
	channel           = "700000000000000001"
	message           = "600000000000000001"
	role              = "500000000000000001"
	program           = "program_123"
	lease             = time.Minute
)

// at returns the moment so long after the suite's beginning of time.
func at(d time.Duration) time.Time {
	return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(d)
}

// consent makes a choice.
func (e *env) consent(server, person string, fn func(*store.Consent)) {
	e.Helper()
	_, err := e.UpdateConsent(e.Context(), server, person, func(c *store.Consent) error {
		fn(c)
		return nil
	})
	e.ok(err)
}

func (e *env) choose(server, person string, choice store.Choice) {
	e.Helper()
	e.consent(server, person, func(c *store.Consent) { c.Announce = choice })
}

func (e *env) visible(person string, v store.Visibility) {
	e.Helper()
	e.consent("", person, func(c *store.Consent) { c.Visibility = v })
}
