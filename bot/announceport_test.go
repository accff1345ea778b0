package bot_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"

	"progressbot/bot/announce"
	"progressbot/embeds"
)

func refuses(status, code int) http.HandlerFunc {
	return answer(status, fmt.Sprintf(`{"message":"no","code":%d}`, code))
}

// What Discord says decides whether a post may be tried again, and when.
func TestPortSortsRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   announce.Cause
	}{
		{"unknown channel", refuses(404, 10003), announce.NotFound},
		{"missing access", refuses(403, 50001), announce.NotAllowed},
		{"missing permissions", refuses(403, 50013), announce.NotAllowed},
		{"unknown guild", refuses(404, 10004), announce.NoServer},
		{"form", refuses(400, 50035), announce.NotAccepted},
		{"too large", refuses(413, 40005), announce.NotAccepted},
		{"no text channel", refuses(400, 50008), announce.NotAccepted},
		{"server error", refuses(500, 0), announce.Unknown},
		{"bad gateway", answer(502, "<html>"), announce.Unknown},
		{"time-out", answer(408, ""), announce.Unknown},
		{"a proxy's 404", answer(404, "not here"), announce.NotSent},
		{"a proxy's 403", answer(403, "<html>"), announce.NotSent},
		{"Cloudflare", refuses(403, 40333), announce.NotSent},
		{"unauthorized", refuses(401, 0), announce.NotSent},
		{"redirect", answer(302, ""), announce.NotSent},
		{"an answer without an id", answer(200, "{}"), announce.Unknown},
		{"an answer that is none", answer(200, "<html>"), announce.Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRESTTest(t, tt.answer)
				_, err := r.AnnouncePort().Post(t.Context(), "1", announce.Post{Message: embeds.Message{Content: "hello"}, Nonce: "n"})
				f, ok := errors.AsType[*announce.Failure](err)
				if !ok || f.Cause != tt.want {
					t.Errorf("got %#v (%v), want cause %d", f, err, tt.want)
				}
				if n := len(r.requests); n != 1 {
					t.Errorf("%d requests", n)
				}
			})
		})
	}
}

func TestPortHonoursRateLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRESTTest(t, answer(429, `{"retry_after":120,"global":false}`))
		_, err := r.AnnouncePort().Post(t.Context(), "1", announce.Post{Message: embeds.Message{Content: "hello"}})
		f, ok := errors.AsType[*announce.Failure](err)
		if !ok || f.Cause != announce.NotSent || f.RetryAfter.Seconds() != 120 {
			t.Fatalf("got %#v", err)
		}
		_, err = r.AnnouncePort().Post(t.Context(), "1", announce.Post{Message: embeds.Message{Content: "hello"}})
		if f, ok := errors.AsType[*announce.Failure](err); !ok || f.Cause != announce.NotSent || len(r.requests) != 1 {
			t.Errorf("got %#v after %d requests", err, len(r.requests))
		}
	})
}

func TestPortPostsWithItsNonce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRESTTest(t, answer(200, `{"id":"42"}`))
		id, err := r.AnnouncePort().Post(t.Context(), "1", announce.Post{Message: embeds.Message{Content: "<@5>"}, Nonce: "n1", Ping: "5"})
		if err != nil || id != "42" {
			t.Fatalf("got %q, %v", id, err)
		}
		_, err = r.AnnouncePort().Post(t.Context(), "1", announce.Post{Message: embeds.Message{Content: "<@5>"}, Nonce: "n2"})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range [][]string{
			{`"nonce":"n1"`, `"enforce_nonce":true`, `"allowed_mentions":{"parse":[],"users":["5"]}`},
			{`"nonce":"n2"`, `"enforce_nonce":true`, `"allowed_mentions":{"parse":[]}`},
		} {
			for _, part := range want {
				if !strings.Contains(r.requests[i].body, part) {
					t.Errorf("no %s in %s", part, r.requests[i].body)
				}
			}
		}
	})
}

const (
	sayMe    = `{"id":"7","username":"progress"}`
	sayGuild = `{"id":"9","name":"Ice Club","owner_id":"5","preferred_locale":"de","public_updates_channel_id":"77",
		"roles":[{"id":"9","permissions":"1024"},{"id":"3","permissions":"2048"},{"id":"4","permissions":"8"}]}`
)

func TestPortKnowsThePlace(t *testing.T) {
	t.Parallel()
	const viewAndSend = discordgo.PermissionViewChannel | discordgo.PermissionSendMessages
	tests := []struct {
		name    string
		answers []http.HandlerFunc // to self, guild, member, channel
		want    announce.Place
		cause   announce.Cause
	}{
		{"a channel", []http.HandlerFunc{answer(200, `{"roles":["3"]}`), answer(200, `{"id":"1","guild_id":"9"}`)},
			announce.Place{Server: "Ice Club", Locale: "de", Permissions: viewAndSend}, -1},
		{"a thread", []http.HandlerFunc{answer(200, `{"roles":["3"]}`), answer(200, `{"id":"1","guild_id":"9","type":11,"parent_id":"2"}`),
			answer(200, `{"id":"2","guild_id":"9","permission_overwrites":[{"id":"9","type":0,"allow":"274877906944","deny":"0"}]}`)},
			announce.Place{Server: "Ice Club", Locale: "de", Permissions: viewAndSend | discordgo.PermissionSendMessagesInThreads}, -1},
		{"a thread without sending", []http.HandlerFunc{answer(200, `{"roles":["3"]}`), answer(200, `{"id":"1","guild_id":"9","type":11,"parent_id":"2"}`),
			answer(200, `{"id":"2","guild_id":"9"}`)},
			announce.Place{Server: "Ice Club", Locale: "de", Permissions: discordgo.PermissionViewChannel}, -1},
		{"another server's", []http.HandlerFunc{answer(200, `{"roles":["3"]}`), answer(200, `{"id":"1","guild_id":"8"}`)},
			announce.Place{Server: "Ice Club", Locale: "de"}, announce.NotFound},
		{"hidden", []http.HandlerFunc{answer(200, `{}`), refuses(403, 50001)}, announce.Place{Server: "Ice Club", Locale: "de"}, announce.NotAllowed},
		{"not a member", []http.HandlerFunc{refuses(404, 10007)}, announce.Place{Server: "Ice Club", Locale: "de"}, announce.NoServer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRESTTest(t, append([]http.HandlerFunc{answer(200, sayMe), answer(200, sayGuild)}, tt.answers...)...)
				got, err := r.AnnouncePort().Place(t.Context(), "9", "1")
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("place (-want +got):\n%s", diff)
				}
				f, failed := errors.AsType[*announce.Failure](err)
				if failed != (tt.cause >= 0) || failed && f.Cause != tt.cause {
					t.Errorf("error %v", err)
				}
			})
		})
	}
	for name, answers := range map[string][]http.HandlerFunc{
		"not in the server": {answer(200, sayMe), refuses(403, 50001)},
		"no such server":    {answer(200, sayMe), refuses(404, 10004)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRESTTest(t, answers...)
				port := r.AnnouncePort()
				_, err := port.Place(t.Context(), "9", "1")
				if f, ok := errors.AsType[*announce.Failure](err); !ok || f.Cause != announce.NoServer {
					t.Errorf("error %v", err)
				}
				if _, err = port.Member(t.Context(), "9", "5"); err == nil {
					t.Error("a member of no server")
				}
			})
		})
	}
	t.Run("who is it", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			r := newRESTTest(t, answer(200, `{}`))
			port := r.AnnouncePort()
			if _, err := port.Place(t.Context(), "9", "1"); err == nil {
				t.Error("a place for nobody")
			}
			if _, err := port.History(t.Context(), "1", "0"); err == nil {
				t.Error("a history for nobody")
			}
		})
	})
}

func TestPortReadsTheHistory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRESTTest(t, answer(200, sayMe), answer(200, `[
			{"id":"30","author":{"id":"7"},"embeds":[{"footer":{"text":"#K7Q2M4"}},{"title":"x"}],"components":[{"type":999}]},
			{"id":"4","author":{"id":"8"},"embeds":[{"footer":{"text":"#K7Q2M4"}}]},
			{"id":"20","author":{"id":"7"},"webhook_id":"1","embeds":null}]`), refuses(500, 0))
		port := r.AnnouncePort()
		got, err := port.History(t.Context(), "1", "3")
		if err != nil {
			t.Fatal(err)
		}
		want := []announce.Posted{
			{ID: "4", Footers: []string{"#K7Q2M4"}}, {ID: "20"}, {ID: "30", Own: true, Footers: []string{"#K7Q2M4", ""}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if _, err := port.History(t.Context(), "1", "3"); err == nil {
			t.Error("a history out of nothing")
		}
	})
}

// The managers get one message: where Discord's own notices go if the bot
// may write there, else the owner.
func TestPortTellsTheManagers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		answers []http.HandlerFunc
		want    []string
		fails   bool
	}{
		{"community", []http.HandlerFunc{answer(200, sayGuild), answer(200, `{"id":"1"}`)},
			[]string{"GET /guilds/9", "POST /channels/77/messages"}, false},
		{"community, not allowed", []http.HandlerFunc{answer(200, sayGuild), refuses(403, 50013), answer(200, `{"id":"66"}`), answer(200, `{"id":"1"}`)},
			[]string{"GET /guilds/9", "POST /channels/77/messages", "POST /users/@me/channels", "POST /channels/66/messages"}, false},
		{"community, perhaps told", []http.HandlerFunc{answer(200, sayGuild), refuses(500, 0)},
			[]string{"GET /guilds/9", "POST /channels/77/messages"}, true},
		{"owner", []http.HandlerFunc{answer(200, `{"id":"9","owner_id":"5"}`), answer(200, `{"id":"66"}`), answer(200, `{"id":"1"}`)},
			[]string{"GET /guilds/9", "POST /users/@me/channels", "POST /channels/66/messages"}, false},
		{"owner who takes no messages", []http.HandlerFunc{answer(200, `{"id":"9","owner_id":"5"}`), answer(200, `{"id":"66"}`), refuses(403, 50007)},
			[]string{"GET /guilds/9", "POST /users/@me/channels", "POST /channels/66/messages"}, true},
		{"owner who cannot be reached", []http.HandlerFunc{answer(200, `{"id":"9","owner_id":"5"}`), refuses(400, 50007)},
			[]string{"GET /guilds/9", "POST /users/@me/channels"}, true},
		{"gone", []http.HandlerFunc{refuses(404, 10004)}, []string{"GET /guilds/9"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRESTTest(t, tt.answers...)
				err := r.AnnouncePort().Tell(t.Context(), "9", embeds.Message{Content: "look"})
				if (err != nil) != tt.fails {
					t.Errorf("error %v", err)
				}
				var got []string
				for _, req := range r.requests {
					got = append(got, strings.Replace(req.line, "/api/v9", "", 1))
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestPortRoles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRESTTest(t, answer(204, ""), refuses(404, 10011), refuses(404, 10007), refuses(403, 50013))
		port := r.AnnouncePort()
		if err := port.AddRole(t.Context(), "9", "5", "3"); err != nil {
			t.Error(err)
		}
		for _, want := range []announce.Cause{announce.NotFound, announce.NoMember, announce.NotAllowed} {
			err := port.AddRole(t.Context(), "9", "5", "3")
			if f, ok := errors.AsType[*announce.Failure](err); !ok || f.Cause != want {
				t.Errorf("got %v, want %d", err, want)
			}
		}
	})
}
