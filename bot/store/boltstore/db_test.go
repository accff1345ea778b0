package boltstore_test

import (
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"progressbot/bot/store"
	"progressbot/bot/store/boltstore"
	"progressbot/bot/store/storetest"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		os.Exit(child(path))
	}
	goleak.VerifyTestMain(m)
}

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Backend {
		path := filepath.Join(t.TempDir(), "data", "progressbot.db")
		return storetest.Backend{Open: func() (store.Driver, error) {
			return boltstore.Open(path, boltstore.Options{NoSync: true})
		}}
	})
}
