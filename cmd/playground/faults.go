package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"progressbot/bot/discordsim"
	"progressbot/bot/redisconn/redistest"
	"progressbot/progressapi/progressapitest"
)

// fault is something of the stage's that can be broken and mended.
type fault struct {
	Name  string `json:"name"`
	About string `json:"about"`
	On    bool   `json:"on"`

	set func(st *stage, on bool) error
}

// allFaults are the faults that one can play with.
func allFaults() []fault {
	return []fault{
		{Name: "api-down", About: "The progress API answers 503", set: func(st *stage, on bool) error {
			return st.breakAPI(on, progressapitest.Status(503, 0))
		}},
		{Name: "api-slow", About: "The progress API takes 2 seconds", set: func(st *stage, on bool) error {
			return st.breakAPI(on, progressapitest.Latency(2*time.Second))
		}},
		{Name: "api-key", About: "The progress API refuses the key", set: func(st *stage, on bool) error {
			return st.breakAPI(on, progressapitest.Status(400, progressapitest.CodeKeyInvalid))
		}},
		{Name: "redis-down", About: "Redis refuses connections", set: func(st *stage, on bool) error {
			return st.breakRedis(on, redistest.Refuse)
		}},
		{Name: "redis-stuck", About: "Redis takes requests and never answers", set: func(st *stage, on bool) error {
			return st.breakRedis(on, redistest.BlackHole)
		}},
		{Name: "discord-flaky", About: "Discord answers every other request with 502", set: func(st *stage, on bool) error {
			st.discord.ClearFaults()
			if on {
				st.discord.InjectREST(discordsim.RESTFault{Status: 502, Probability: 0.5})
			}
			return nil
		}},
	}
}

func (st *stage) breakAPI(on bool, f progressapitest.Fault) error {
	st.api.Mend()
	if on {
		st.api.Break(f)
	}
	return nil
}

func (st *stage) breakRedis(on bool, mode redistest.Mode) error {
	if !on {
		mode = redistest.Pass
	}
	return st.redis.Set(mode)
}

// setFault breaks or mends something. Faults of one part exclude each other,
// so switching one on switches its neighbours off.
func (st *stage) setFault(name string, on bool) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	n := slices.IndexFunc(st.faults, func(f fault) bool { return f.Name == name })
	if n < 0 {
		return fmt.Errorf("there is no fault %q", name)
	}
	if err := st.faults[n].set(st, on); err != nil {
		return fmt.Errorf("set %s: %w", name, err)
	}
	for i := range st.faults {
		if st.faults[i].part() == st.faults[n].part() {
			st.faults[i].On = false
		}
	}
	st.faults[n].On = on
	return nil
}

// mend ends all faults.
func (st *stage) mend() error {
	var errs []error
	for _, f := range st.state().Faults {
		if f.On {
			errs = append(errs, st.setFault(f.Name, false))
		}
	}
	return errors.Join(errs...)
}

// part is what the fault is a fault of: the first word of its name.
func (f fault) part() string {
	part, _, _ := strings.Cut(f.Name, "-")
	return part
}

// stageState is what one can see of the stage from the seats.
type stageState struct {
	Faults []fault `json:"faults"`
	Mode   string  `json:"mode"` // how interactions reach the bot
	Up     bool    `json:"up"`   // the bot is running
}

func (st *stage) state() stageState {
	st.mu.Lock()
	defer st.mu.Unlock()
	return stageState{Faults: slices.Clone(st.faults), Mode: string(st.config.Transport), Up: st.stop != nil}
}

// advance gives a person n more cards in the running collection that lacks
// the fewest, and tells what they have now.
func (st *stage) advance(id string, n int) (told string, err error) {
	var next progressapitest.Program
	least := 0
	for _, p := range st.api.Programs(id) {
		running := p.Ends.IsZero() || p.Ends.After(time.Now())
		if left := missing(p); running && left > 0 && (least == 0 || left < least) {
			next, least = p, left
		}
	}
	if least == 0 {
		return "", errors.New("there is nothing left to collect")
	}
	if err := st.api.Advance(id, next.ID, n); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s now has %d more of %s. The bot sees it when it next asks.", st.nameOf(id), min(n, least), next.Name), nil
}

// missing counts the cards that are not owned.
func missing(p progressapitest.Program) int {
	n := 0
	for _, c := range p.Cards {
		if c.Quantity == 0 {
			n++
		}
	}
	return n
}
