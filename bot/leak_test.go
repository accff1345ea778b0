package bot_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot"
	"progressbot/commands"
	"progressbot/embeds"
)

// accepting is a Discord that accepts everything.
type accepting struct{ answered *atomic.Int64 }

// RoundTrip implements http.RoundTripper.
func (a accepting) RoundTrip(r *http.Request) (*http.Response, error) {
	a.answered.Add(1)
	return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Header: http.Header{}, Request: r}, nil
}

// TestInteractionsLeaveNothingBehind answers many interactions and looks at
// what is left of them in memory. The library's own rate limiter would keep
// a quarter of a kilobyte of each, token included, for ever.
func TestInteractionsLeaveNothingBehind(t *testing.T) {
	const (
		settle = 2*bot.MaxSeen + 1000 // until everything bounded is full
		more   = 10_000
		allow  = 1 << 20
	)
	var answered atomic.Int64
	router := commands.NewRouter(commands.Options{}, commands.Command{
		Definition: &discordgo.ApplicationCommand{Type: discordgo.ChatApplicationCommand, Name: "test", Description: "For a test"},
		Handle: map[string]commands.Handler{"test": func(context.Context, commands.Request) (commands.Reply, error) {
			return commands.Reply{Message: embeds.Message{Content: "hi"}}, nil
		}},
	})
	intake := bot.NewTestIntake(router, accepting{&answered})
	next := 0
	ask := func(n int) {
		t.Helper()
		for range n {
			next++
			raw := fmt.Appendf(nil, `{"id":"%d","application_id":"77","type":2,"token":"token-%0128d","user":{"id":"%d","username":"x"},
				"data":{"id":"1","name":"test","type":1}}`, next, next, next%1000)
			if err := intake.Take(raw); err != nil {
				t.Fatal(err)
			}
			for answered.Load() < int64(next)-100 { // no more at once than are served
				runtime.Gosched()
			}
		}
		for answered.Load() < int64(next) {
			runtime.Gosched()
		}
	}
	ask(settle)
	before := heap()
	ask(more)
	after := heap()
	intake.Close()
	t.Logf("live heap after %d interactions: %d KiB, after %d: %d KiB", settle, before>>10, next, after>>10)
	if after > before+allow {
		t.Errorf("%d interactions leave %d KiB behind", more, (after-before)>>10)
	}
}

// heap returns the size of what is live.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // what finalizers let go of
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
