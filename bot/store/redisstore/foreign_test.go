package redisstore_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"progressbot/bot/redisconn/redistest"
	"progressbot/bot/store"
)

// TestForeignKinds puts keys of another kind in the way of every kind of
// write. None is made by half, and none of the keys is overwritten.
func TestForeignKinds(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{
		"server":   redistest.Start(t).URL(),
		"embedded": "redis://" + miniredis.RunT(t).Addr(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options, err := redis.ParseURL(url)
			if err != nil {
				t.Fatal(err)
			}
			client := redis.NewClient(options)
			defer client.Close()
			s := openStore(t, url)
			for _, key := range []string{"board:1:all", "persons:1", "servers", "expiry", "server:1", "person:2", "standing:1:2"} {
				key = "progressbot:{state}:" + key
				if err := client.FlushDB(t.Context()).Err(); err != nil {
					t.Fatal(err)
				}
				if err := client.LPush(t.Context(), key, "foreign").Err(); err != nil {
					t.Fatal(err)
				}
				err := s.Record(t.Context(), store.Sighting{
					Server: "1", Person: "2", At: time.UnixMilli(1),
					Programs: []store.Standing{{Program: "p", Collected: 1, Size: 2}},
				})
				if !errors.Is(err, store.ErrDamaged) {
					t.Errorf("%s: got error %v, want %v", key, err, store.ErrDamaged)
				}
				keys, err := client.Keys(t.Context(), "*").Result()
				if err != nil {
					t.Fatal(err)
				}
				if len(keys) != 1 || client.Type(t.Context(), key).Val() != "list" {
					t.Errorf("%s: the write left %s", key, strings.Join(keys, " "))
				}
			}
		})
	}
}

// TestKeys: everything lies under the bot's name, apart from the cache, in one
// slot, and never expires.
func TestKeys(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	s := openStore(t, "redis://"+server.Addr())
	if _, err := s.UpdateConsent(t.Context(), "1", "2", func(c *store.Consent) error {
		c.Announce = store.Always
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ClaimDue(t.Context(), time.UnixMilli(1), 1, time.Minute); err != nil {
		t.Fatal(err)
	}
	keys := server.Keys()
	if len(keys) < 6 {
		t.Errorf("only the keys %q", keys)
	}
	for _, key := range keys {
		if !strings.HasPrefix(key, "progressbot:{state}:") {
			t.Errorf("key %q", key)
		}
		if server.TTL(key) != 0 {
			t.Errorf("key %q expires", key)
		}
	}
}
