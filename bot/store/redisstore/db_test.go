package redisstore_test

import (
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"go.uber.org/goleak"

	"progressbot/bot/redisconn"
	"progressbot/bot/redisconn/redistest"
	"progressbot/bot/store"
	"progressbot/bot/store/redisstore"
	"progressbot/bot/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	t.Parallel()
	t.Run("server", func(t *testing.T) {
		t.Parallel()
		storetest.Run(t, func(t *testing.T) storetest.Backend {
			return backend(redistest.Start(t).URL())
		})
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		// It takes seconds to form, so the tests take turns on one.
		url := redistest.StartWith(t, redistest.Options{Cluster: true}).URL()
		client, err := redisconn.Open(url, redisconn.Options{Timeout: 10 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		var turn sync.Mutex
		storetest.Run(t, func(t *testing.T) storetest.Backend {
			turn.Lock()
			t.Cleanup(turn.Unlock)
			if err := client.FlushDB(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
			return backend(url)
		})
	})
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		storetest.Run(t, func(t *testing.T) storetest.Backend {
			return backend("redis://" + miniredis.RunT(t).Addr())
		})
	})
}

// backend opens clients of its own for every driver, as processes do.
func backend(url string) storetest.Backend {
	return storetest.Backend{Shared: true, Open: func() (store.Driver, error) { return open(url) }}
}

// owner is a driver that closes its client.
type owner struct {
	*redisstore.DB
	close func() error
}

// Close implements store.Driver.
func (o owner) Close() error { return o.close() }

func open(url string) (owner, error) {
	client, err := redisconn.Open(url, redisconn.Options{Timeout: 10 * time.Second})
	if err != nil {
		return owner{}, err
	}
	return owner{DB: redisstore.New(client), close: client.Close}, nil
}
