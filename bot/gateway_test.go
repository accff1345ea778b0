package bot_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"

	"progressbot/bot"
)

func TestGatewayIdentifies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var identify clientPacket
		g := newGatewayTest(t, func(c *gatewayConn) {
			identify = c.identify("one")
			c.send(`{"op":0,"s":2,"t":"INTERACTION_CREATE","d":{"id":"1"}}`)
			c.send(`{"op":0,"s":3,"t":"GUILD_CREATE","d":null}`)
			c.stay()
		})
		if err := g.run(10 * time.Minute); err != nil {
			t.Fatal(err)
		}
		if identify.Op != 2 {
			t.Errorf("first packet is op %d, want IDENTIFY", identify.Op)
		}
		for _, want := range []string{`"intents":0`, `"compress":false`, `"shard":[0,1]`, `"token":"Bot canary-token"`} {
			if !strings.Contains(string(identify.Data), want) {
				t.Errorf("IDENTIFY lacks %s: %s", want, identify.Data)
			}
		}
		if diff := cmp.Diff([]string{`{"id":"1"}`}, g.delivered); diff != "" {
			t.Errorf("delivered mismatch (-want +got):\n%s", diff)
		}
		if len(g.dials) != 1 {
			t.Errorf("dialled at %v, want once: the session was fine", g.dials)
		}
		if diff := cmp.Diff([]string{"ws://gateway.test/?v=9&encoding=json"}, g.urls); diff != "" {
			t.Errorf("address mismatch (-want +got):\n%s", diff)
		}
		if !g.up[60] || !g.up[590] {
			t.Error("not connected all the time")
		}
		if strings.Contains(g.log.String(), "canary") {
			t.Errorf("token in the log:\n%s", g.log.String())
		}
	})
}

// resume takes the session up again, as Discord does: what was missed first.
func resume(missed ...string) func(*gatewayConn) {
	return func(c *gatewayConn) {
		c.hello()
		if p := c.next(); p.Op != 6 {
			c.send(`{"op":9,"d":false}`)
			c.stay()
			return
		}
		for i, m := range missed {
			c.send(`{"op":0,"s":%d,"t":"INTERACTION_CREATE","d":%s}`, i+2, m)
		}
		c.send(`{"op":0,"s":%d,"t":"RESUMED","d":{}}`, len(missed)+2)
		c.stay()
	}
}

func identify(session string) func(*gatewayConn) {
	return func(c *gatewayConn) {
		c.identify(session)
		c.stay()
	}
}

// TestGatewayFaults breaks the first connection after two minutes, in every
// way there is, and wants the bot back within a minute.
func TestGatewayFaults(t *testing.T) {
	t.Parallel()
	const before = 2 * time.Minute
	afterwards := func(fault func(*gatewayConn)) func(*gatewayConn) {
		return func(c *gatewayConn) {
			c.identify("one")
			timer := time.AfterFunc(before, func() { fault(c) })
			defer timer.Stop()
			c.stay()
		}
	}
	send := func(text string) func(*gatewayConn) {
		return func(c *gatewayConn) { c.send("%s", text) }
	}
	atOnce := func(text string) func(*gatewayConn) {
		return func(c *gatewayConn) {
			c.hello()
			c.next()
			c.send("%s", text)
			c.stay()
		}
	}
	resumes := []func(*gatewayConn){resume(`{"id":"7"}`)}
	starts := []func(*gatewayConn){identify("two")}
	tests := []struct {
		name   string
		first  func(*gatewayConn)   // the first connection
		then   []func(*gatewayConn) // those that follow
		missed bool                 // the session goes on and brings what was missed
		dials  int
	}{
		{"asked to reconnect", afterwards(send(`{"op":7,"d":null}`)), resumes, true, 2},
		{"interrupted session", afterwards(send(`{"op":9,"d":true}`)), resumes, true, 2},
		{"ended session", afterwards(send(`{"op":9,"d":false}`)), starts, false, 2},
		{"dropped", afterwards((*gatewayConn).drop), resumes, true, 2},
		{"dropped inside a frame", afterwards(func(c *gatewayConn) {
			c.raw(0x81, 126, 1, 0, '{')
			c.drop()
		}), resumes, true, 2},
		{"garbage", afterwards(send(`{"op":`)), resumes, true, 2},
		{"null", afterwards(send(`null`)), resumes, true, 2},
		{"binary", afterwards(func(c *gatewayConn) { c.raw(0x82, 2, 0x78, 0x9c) }), resumes, true, 2},
		{"reserved bits", afterwards(func(c *gatewayConn) { c.raw(0xf1, 1, 'x') }), resumes, true, 2},
		{"packet without end", afterwards(func(c *gatewayConn) {
			c.raw(0x81, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
		}), resumes, true, 2},
		{"no acknowledgements", func(c *gatewayConn) {
			c.identify("one")
			time.AfterFunc(before, func() { c.deaf.Store(true) })
			over := make(chan struct{})
			go func() { // events keep coming
				for tick := time.Tick(time.Second); ; {
					select {
					case <-tick:
						c.send(`{"op":0,"s":1,"t":"X","d":{}}`)
					case <-over:
						return
					}
				}
			}()
			c.stay()
			close(over)
		}, resumes, true, 2},
		{"closed 4000", afterwards(func(c *gatewayConn) { c.closeWith(4000) }), resumes, true, 2},
		{"closed 4007", afterwards(func(c *gatewayConn) { c.closeWith(4007) }), starts, false, 2},
		{"closed 4009", afterwards(func(c *gatewayConn) { c.closeWith(4009) }), starts, false, 2},
		{"closed 1001", afterwards(func(c *gatewayConn) { c.closeWith(1001) }), resumes, true, 2},
		{"asked to reconnect before READY", atOnce(`{"op":7,"d":null}`), starts, false, 2},
		{"refused before READY", atOnce(`{"op":9,"d":false}`), starts, false, 2},
		{"garbage before READY", atOnce(`[]`), starts, false, 2},
		{"wrong READY", atOnce(`{"op":0,"s":1,"t":"READY","d":{}}`), starts, false, 2},
		{"event before HELLO", func(c *gatewayConn) { c.send(`{"op":0,"s":1,"t":"READY","d":{"session_id":"x"}}`); c.stay() }, starts, false, 2},
		{"HELLO without interval", func(c *gatewayConn) { c.send(`{"op":10,"d":{"heartbeat_interval":0}}`); c.stay() }, starts, false, 2},
		{"HELLO twice", func(c *gatewayConn) { c.hello(); c.hello(); c.stay() }, starts, false, 2},
		{"silence instead of HELLO", func(c *gatewayConn) { c.stay() }, starts, false, 2},
		{"silence instead of READY", func(c *gatewayConn) { c.hello(); c.stay() }, starts, false, 2},
		{"asked to reconnect when resuming", afterwards((*gatewayConn).drop),
			[]func(*gatewayConn){atOnce(`{"op":7,"d":null}`), resume(`{"id":"7"}`)}, true, 3},
		{"session lost when resuming", afterwards((*gatewayConn).drop),
			[]func(*gatewayConn){atOnce(`{"op":9,"d":false}`), identify("two")}, false, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newGatewayTest(t, append([]func(*gatewayConn){tt.first}, tt.then...)...)
				if err := g.run(10 * time.Minute); err != nil {
					t.Fatal(err)
				}
				down := 0
				for second, up := range g.up[1:] {
					if down++; up {
						down = 0
					} else if down > 60 {
						t.Fatalf("not back within a minute, at second %d; dials at %v; log:\n%s", second, g.dials, g.log.String())
					}
				}
				if len(g.dials) != tt.dials {
					t.Errorf("dialled at %v, want %d times; log:\n%s", g.dials, tt.dials, g.log.String())
				}
				if last := g.dials[len(g.dials)-1]; last > before+time.Minute {
					t.Errorf("dialled at %v: too late", g.dials)
				}
				want := []string(nil)
				if tt.missed {
					want = []string{`{"id":"7"}`}
				}
				if diff := cmp.Diff(want, g.delivered); diff != "" {
					t.Errorf("delivered mismatch (-want +got):\n%s\nlog:\n%s", diff, g.log.String())
				}
			})
		})
	}
}

func TestGatewayAnswersRequestedHeartbeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var got []string
		g := newGatewayTest(t, func(c *gatewayConn) {
			c.hello()
			c.next()
			// Before READY, where discordgo would take the answer's
			// acknowledgement for READY.
			c.send(`{"op":1,"d":null}`)
			for len(got) < 2 {
				var p clientPacket
				if c.ReadJSON(&p) != nil {
					return
				}
				if p.Op != 1 {
					continue
				}
				c.send(`{"op":11}`)
				if got = append(got, string(p.Data)); len(got) == 1 {
					c.send(`{"op":0,"s":41,"t":"READY","d":{"session_id":"x"}}`)
					c.send(`{"op":1,"d":null}`)
				}
			}
			c.stay()
		})
		if err := g.run(5 * time.Minute); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"0", "41"}, got); diff != "" {
			t.Errorf("sequence of heartbeats mismatch (-want +got):\n%s", diff)
		}
		if len(g.dials) != 1 {
			t.Errorf("dialled %d times, want once; log:\n%s", len(g.dials), g.log.String())
		}
	})
}

func TestGatewayFatalCloseCodes(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]string{
		4004: "DISCORD_TOKEN", 4010: "SHARD_COUNT", 4011: "SHARD_COUNT",
		4012: "update the bot", 4013: "intents", 4014: "intents",
	} {
		for _, late := range []bool{false, true} {
			t.Run(fmt.Sprint(code, late), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					g := newGatewayTest(t, func(c *gatewayConn) {
						if c.hello(); late {
							c.next()
							c.send(`{"op":0,"s":1,"t":"READY","d":{"session_id":"x"}}`)
							time.AfterFunc(time.Minute, func() { c.closeWith(code) })
							c.stay()
							return
						}
						c.next()
						c.closeWith(code)
						c.stay()
					})
					err := g.run(time.Hour)
					if err == nil || !strings.Contains(err.Error(), want) {
						t.Errorf("error = %v, want one about %s", err, want)
					}
					if len(g.dials) != 1 {
						t.Errorf("dialled %d times after a refusal for good", len(g.dials))
					}
				})
			})
		}
	}
}

// mutedConn is a connection over which nothing can be sent any more once it is
// muted, as one that the other side is closing.
type mutedConn struct {
	net.Conn
	muted *atomic.Bool
}

// Write implements net.Conn.
func (c mutedConn) Write(b []byte) (int, error) {
	if c.muted.Load() {
		return 0, syscall.EPIPE
	}
	return c.Conn.Write(b)
}

// TestGatewayCloseCodeAfterFailedWrite: a heartbeat that fails because Discord
// is closing the connection does not keep the bot from reading why.
func TestGatewayCloseCodeAfterFailedWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var muted atomic.Bool
		g := newGatewayTest(t, func(c *gatewayConn) {
			c.identify("one")
			time.AfterFunc(time.Minute, func() { muted.Store(true) })
			time.AfterFunc(2*heartbeat+time.Second, func() { c.closeWith(4014) })
			c.stay()
		})
		g.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := g.net.dial(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return mutedConn{conn, &muted}, nil
		}
		if err := g.run(time.Hour); err == nil || !strings.Contains(err.Error(), "intents") {
			t.Errorf("error = %v, want one about intents; log:\n%s", err, g.log.String())
		}
		if len(g.dials) != 1 {
			t.Errorf("dialled %d times after a refusal for good", len(g.dials))
		}
	})
}

func TestGatewayResumesWhereDiscordSays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var resumed clientPacket
		g := newGatewayTest(t,
			func(c *gatewayConn) {
				c.identify("one")
				c.send(`{"op":0,"s":17,"t":"ANYTHING","d":{}}`)
				c.stayFor(time.Minute)
			},
			func(c *gatewayConn) { c.hello(); c.drop() }, // the resume address fails
			func(c *gatewayConn) {
				c.hello()
				resumed = c.next()
				c.send(`{"op":0,"s":18,"t":"RESUMED","d":{}}`)
				c.stay()
			})
		if err := g.run(10 * time.Minute); err != nil {
			t.Fatal(err)
		}
		const query = "/?v=9&encoding=json"
		want := []string{"ws://gateway.test" + query, "ws://resume.test" + query, "ws://gateway.test" + query}
		if diff := cmp.Diff(want, g.urls); diff != "" {
			t.Errorf("addresses mismatch (-want +got):\n%s", diff)
		}
		if got := string(resumed.Data); resumed.Op != 6 || !strings.Contains(got, `"session_id":"one"`) || !strings.Contains(got, `"seq":17`) {
			t.Errorf("resumed with op %d %s", resumed.Op, got)
		}
		if g.info.SessionStartLimit.Remaining != 1000 {
			t.Error("the test's own limit changed")
		}
	})
}

// TestGatewayOutage refuses connections for an hour: the bot is to be back
// within a minute of its end, without having knocked all the time.
func TestGatewayOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGatewayTest(t,
			func(c *gatewayConn) {
				c.identify("one")
				c.stayFor(time.Minute)
			}, identify("two"))
		time.AfterFunc(time.Minute, func() { g.net.refuse.Store(true) })
		time.AfterFunc(time.Hour, func() { g.net.refuse.Store(false) })
		if err := g.run(61*time.Minute + 5*time.Second); err != nil {
			t.Fatal(err)
		}
		if !g.up[61*60] {
			t.Errorf("not back a minute after the outage; log:\n%s", g.log.String())
		}
		if g.asked > 200 {
			t.Errorf("asked for the gateway %d times within an hour", g.asked)
		}
	})
}

// TestGatewayKeepsItsSessionThroughAnOutage refuses connections for longer
// than failed resumes are repeated. To start anew afterwards would lose what
// arrived meanwhile, and make a bot with many shards wait for its identifies.
func TestGatewayKeepsItsSessionThroughAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGatewayTest(t,
			func(c *gatewayConn) {
				c.identify("one")
				c.stayFor(time.Minute)
			}, resume(`{"id":"7"}`))
		time.AfterFunc(time.Minute, func() { g.net.refuse.Store(true) })
		time.AfterFunc(2*time.Minute, func() { g.net.refuse.Store(false) })
		if err := g.run(3 * time.Minute); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{`{"id":"7"}`}, g.delivered); diff != "" {
			t.Errorf("delivered mismatch (-want +got):\n%s\nlog:\n%s", diff, g.log.String())
		}
	})
}

// TestGatewayStartsAnewWhereResumingFails has Discord accept connections and
// end each one that resumes.
func TestGatewayStartsAnewWhereResumingFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fails := func(c *gatewayConn) { c.hello(); c.next(); c.drop() }
		g := newGatewayTest(t,
			func(c *gatewayConn) {
				c.identify("one")
				c.stayFor(time.Minute)
			}, fails, fails, fails, fails,
			func(c *gatewayConn) {
				if p := c.identify("two"); p.Op != 2 {
					t.Errorf("op %d after four failed resumes, want IDENTIFY", p.Op)
				}
				c.stay()
			})
		if err := g.run(3 * time.Minute); err != nil {
			t.Fatal(err)
		}
		if len(g.dials) != 6 {
			t.Errorf("dialled at %v, want 6 times", g.dials)
		}
	})
}

// TestGatewayIdentifyLimits starts 7 shards with a concurrency of 2, loses
// all of them at once, and wants the identifies of each lane 5 s apart.
func TestGatewayIdentifyLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		identifies := map[int][]time.Duration{}
		var g *gatewayTest
		g = newGatewayTest(t, func(c *gatewayConn) {
			p := c.identify("one")
			_, rest, _ := strings.Cut(string(p.Data), `"shard":[`)
			var shard, of int
			if _, err := fmt.Sscanf(rest, "%d,%d]", &shard, &of); err != nil || of != 9 {
				t.Errorf("shard of %s: %v", p.Data, err)
			}
			g.mu.Lock()
			identifies[shard%2] = append(identifies[shard%2], time.Since(g.started))
			g.mu.Unlock()
			if left := time.Until(g.started.Add(5 * time.Minute)); left > 0 {
				defer time.AfterFunc(left, func() { c.send(`{"op":9,"d":false}`) }).Stop()
			}
			c.stay()
		})
		g.Count, g.IDs = 9, []int{0, 1, 2, 3, 4, 5, 8}
		g.info.SessionStartLimit.MaxConcurrency = 2
		if err := g.run(10 * time.Minute); err != nil {
			t.Fatal(err)
		}
		if got := len(identifies[0]) + len(identifies[1]); got != 14 {
			t.Errorf("%d identifies, want 7 and 7 again: %v", got, identifies)
		}
		for lane, times := range identifies {
			for i := 1; i < len(times); i++ {
				if apart := times[i] - times[i-1]; apart < 5*time.Second {
					t.Errorf("lane %d: identifies %v apart", lane, apart)
				}
			}
		}
		if !g.up[len(g.up)-1] {
			t.Error("not all shards are back")
		}
	})
}

func TestGatewayWaitsForSessionStarts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGatewayTest(t, identify("one"))
		g.info.SessionStartLimit = discordgo.SessionInformation{Total: 1000, Remaining: 0, ResetAfter: 3_600_000, MaxConcurrency: 1}
		time.AfterFunc(30*time.Minute, func() {
			g.mu.Lock()
			g.info.SessionStartLimit.Remaining = 1000
			g.mu.Unlock()
		})
		if err := g.run(2 * time.Hour); err != nil {
			t.Fatal(err)
		}
		if len(g.dials) != 1 || g.dials[0] < time.Hour {
			t.Errorf("dialled at %v, want once after an hour", g.dials)
		}
		if !strings.Contains(g.log.String(), "level=ERROR") {
			t.Errorf("the operator was not told:\n%s", g.log.String())
		}
	})
}

// TestGatewayAsksBeforeItStartsASession has others use up the day's sessions
// while the bot is connected.
func TestGatewayAsksBeforeItStartsASession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGatewayTest(t, func(c *gatewayConn) {
			c.identify("one")
			defer time.AfterFunc(20*time.Second, func() { c.send(`{"op":9,"d":false}`) }).Stop()
			c.stay()
		}, identify("two"))
		time.AfterFunc(10*time.Second, func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.info.SessionStartLimit = discordgo.SessionInformation{Total: 1000, Remaining: 0, ResetAfter: 3_600_000, MaxConcurrency: 1}
		})
		time.AfterFunc(30*time.Minute, func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.info.SessionStartLimit.Remaining = 1000
		})
		if err := g.run(2 * time.Hour); err != nil {
			t.Fatal(err)
		}
		if len(g.dials) != 2 || g.dials[1] < time.Hour {
			t.Errorf("dialled at %v, want the second after an hour", g.dials)
		}
	})
}

func TestGatewayTakesDiscordsAdviceOnShards(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGatewayTest(t, identify("one"))
		g.info.Shards, g.info.SessionStartLimit.MaxConcurrency = 3, 16
		if err := g.run(time.Minute); err != nil {
			t.Fatal(err)
		}
		if len(g.dials) != 3 {
			t.Errorf("%d connections, want 3", len(g.dials))
		}
	})
}

// TestGatewayNoticesAWedgedSession blocks discordgo's reading goroutine, as a
// deadlock would.
func TestGatewayNoticesAWedgedSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		g := newGatewayTest(t, func(c *gatewayConn) {
			c.identify("one")
			c.send(`{"op":0,"s":2,"t":"INTERACTION_CREATE","d":{}}`)
			c.stay()
		})
		g.Deliver = func([]byte, time.Time) { <-release }
		began := time.Now()
		err := g.run(time.Hour)
		if !errors.Is(err, bot.ErrWedged) {
			t.Errorf("error = %v, want %v", err, bot.ErrWedged)
		}
		if took := time.Since(began); took > 2*time.Minute {
			t.Errorf("noticed after %v", took)
		}
		close(release)
		time.Sleep(time.Minute) // discordgo's goroutines end
	})
}

func TestGatewaySurvivesAPanicInDelivery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGatewayTest(t, func(c *gatewayConn) {
			c.identify("one")
			c.send(`{"op":0,"s":2,"t":"INTERACTION_CREATE","d":{}}`)
			c.stay()
		})
		g.Deliver = func([]byte, time.Time) { panic("oh no") }
		if err := g.run(5 * time.Minute); err != nil {
			t.Fatal(err)
		}
		if len(g.dials) != 1 || !strings.Contains(g.log.String(), "oh no") {
			t.Errorf("dialled %d times; log:\n%s", len(g.dials), g.log.String())
		}
	})
}

func TestGatewayPlanFails(t *testing.T) {
	t.Parallel()
	g := newGatewayTest(t)
	refused := errors.New("refused")
	g.Ask = func(context.Context) (discordgo.GatewayBotResponse, error) {
		return discordgo.GatewayBotResponse{}, refused
	}
	if err := g.Plan(t.Context()); !errors.Is(err, refused) {
		t.Errorf("error = %v, want %v", err, refused)
	}
	if g.Connected() {
		t.Error("connected without a plan")
	}
	g.Metrics = metrics.NewSet()
	g.Ask = func(context.Context) (discordgo.GatewayBotResponse, error) {
		return discordgo.GatewayBotResponse{}, nil
	}
	if err := g.Plan(t.Context()); err == nil {
		t.Error("no error without an address")
	}
}
