package redisstore_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"progressbot/bot/redisconn"
	"progressbot/bot/redisconn/redistest"
	"progressbot/bot/store"
	"progressbot/bot/store/redisstore"
)

func codes(warnings []store.Warning) []store.WarningCode {
	var out []store.WarningCode
	for _, w := range warnings {
		out = append(out, w.Code)
	}
	return out
}

func TestDurability(t *testing.T) {
	t.Parallel()
	const good = "aof_enabled:1\r\naof_last_write_status:ok\r\nmaxmemory_policy:noeviction\r\nrole:master\r\nconnected_slaves:0\r\n"
	with := func(from, to string) string { return strings.ReplaceAll(good, from, to) }
	for _, c := range []struct {
		name        string
		info, fsync string
		want        []store.WarningCode
	}{
		{"as it should be", good, "always", nil},
		{"cached answers may go", with("noeviction", "volatile-lru"), "always", nil},
		{"the configuration is not told", good, "", nil},
		{"no append-only file", with("aof_enabled:1", "aof_enabled:0"), "everysec", []store.WarningCode{store.WarnNotPersistent}},
		{"a full disk", with("status:ok", "status:err"), "always", []store.WarningCode{store.WarnNotPersistent}},
		{"a second at risk", good, "everysec", []store.WarningCode{store.WarnPowerLoss}},
		{"half a minute at risk", good, "no", []store.WarningCode{store.WarnPowerLoss}},
		{"evicts", with("noeviction", "allkeys-lru"), "always", []store.WarningCode{store.WarnEviction}},
		{"evicts at random", with("noeviction", "allkeys-random"), "always", []store.WarningCode{store.WarnEviction}},
		{"a replica", with("role:master", "role:slave"), "always", []store.WarningCode{store.WarnReplica}},
		{"with replicas", with("slaves:0", "slaves:2"), "always", []store.WarningCode{store.WarnFailover}},
		{"everything at once", "aof_enabled:0\r\nmaxmemory_policy:allkeys-lfu\r\nrole:slave\r\n", "", []store.WarningCode{store.WarnNotPersistent, store.WarnEviction, store.WarnReplica}},
		{"tells nothing", "# Server\r\n", "", []store.WarningCode{store.WarnUnknown, store.WarnUnknown}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
			defer client.Close()
			client.AddHook(canned{info: c.info, fsync: c.fsync})
			got, err := redisstore.New(client).Durability(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, codes(got)); d != "" {
				t.Errorf("warnings (-want +got):\n%s", d)
			}
			for _, w := range got {
				if len(w.Text) < 40 || !strings.HasSuffix(w.Text, ".") {
					t.Errorf("a warning of the words %q", w.Text)
				}
			}
		})
	}
}

// canned answers INFO and CONFIG GET in the place of a server. An empty
// configuration is refused.
type canned struct{ info, fsync string }

// refusal is an error that a server answers with.
type refusal string

func (r refusal) Error() string { return string(r) }

// RedisError implements redis.Error.
func (r refusal) RedisError() {}

// DialHook implements redis.Hook.
func (canned) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessPipelineHook implements redis.Hook.
func (canned) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// ProcessHook implements redis.Hook.
func (c canned) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(_ context.Context, cmd redis.Cmder) error {
		switch cmd := cmd.(type) {
		case *redis.StringCmd:
			cmd.SetVal(c.info)
		case *redis.MapStringStringCmd:
			if c.fsync == "" {
				cmd.SetErr(refusal("NOPERM no permission to run the 'config|get' command"))
				return cmd.Err()
			}
			cmd.SetVal(map[string]string{"appendfsync": c.fsync})
		}
		return nil
	}
}

// TestDurabilityOfServer asks servers, in a cluster too.
func TestDurabilityOfServer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		options redistest.Options
		want    []store.WarningCode
	}{
		{"with an append-only file", redistest.Options{AppendOnly: true}, nil},
		{"without", redistest.Options{}, []store.WarningCode{store.WarnNotPersistent}},
		{"cluster", redistest.Options{Cluster: true}, []store.WarningCode{store.WarnNotPersistent}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if !redistest.Real() { // the stand-in tells nothing
				c.want = []store.WarningCode{store.WarnUnknown, store.WarnUnknown}
			}
			got, err := openStore(t, redistest.StartWith(t, c.options).URL()).Durability(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, codes(got)); d != "" {
				t.Errorf("warnings (-want +got):\n%s", d)
			}
		})
	}
}

// TestUnreachable: a server that is away is an error of its own, and none of
// the store's.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	client, err := redisconn.Open("redis://127.0.0.1:1", redisconn.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	d := redisstore.New(client)
	_, openErr := store.Open(t.Context(), d)
	_, warnErr := d.Durability(t.Context())
	for _, err := range []error{openErr, warnErr} {
		if err == nil || errors.Is(err, store.ErrDamaged) || errors.Is(err, store.ErrBusy) {
			t.Errorf("got error %v", err)
		}
	}
}
