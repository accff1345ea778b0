package bot

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"
)

const (
	// identifySpacing is the time between the IDENTIFYs of shards with the
	// same rate limit key. Discord demands five seconds; the rest allows for
	// the network.
	identifySpacing = 5250 * time.Millisecond
	// startsAge is how long an answer of GET /gateway/bot is used for the
	// gateway's URL and the concurrency limit.
	startsAge = time.Minute
	// spendAge is how long it is used for the number of remaining session
	// starts. Other processes of the bot use up starts as well, and Discord
	// resets the token of a bot that exceeds its limit.
	spendAge = 4 * time.Second
	// startsTime bounds one request of GET /gateway/bot.
	startsTime = 15 * time.Second
)

// starts limits how many gateway sessions are started per day and at the same
// time, as GET /gateway/bot tells. It is safe for concurrent use.
type starts struct {
	ask func(context.Context) (discordgo.GatewayBotResponse, error)
	log *slog.Logger

	// mu is held while Discord is asked, too: whoever else is about to start a
	// session needs that answer, and must not spend by the one before. Where it
	// does not come, the next in line asks, so that an outage has one request
	// at a time from all shards. All of them end with the same context.
	mu    sync.Mutex
	info  discordgo.GatewayBotResponse
	asked time.Time
	lanes map[int]*lane
}

// lane serializes the starts of the shards with one rate limit key.
type lane struct {
	turn chan struct{} // of capacity one; whoever receives may start a session
	last time.Time     // end of the last start, guarded by turn
}

func newStarts(ask func(context.Context) (discordgo.GatewayBotResponse, error), log *slog.Logger) *starts {
	return &starts{ask: ask, log: log, lanes: make(map[int]*lane)}
}

// gateway returns the answer of GET /gateway/bot, at most startsAge old.
func (s *starts) gateway(ctx context.Context) (discordgo.GatewayBotResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fresh(ctx, startsAge)
}

func (s *starts) fresh(ctx context.Context, age time.Duration) (discordgo.GatewayBotResponse, error) {
	if s.info.URL != "" && time.Since(s.asked) < age {
		return s.info, nil
	}
	ctx, cancel := context.WithTimeout(ctx, startsTime)
	defer cancel()
	info, err := s.ask(ctx)
	if err != nil {
		return discordgo.GatewayBotResponse{}, err
	}
	if info.URL == "" {
		return discordgo.GatewayBotResponse{}, fmt.Errorf("discord gateway: answer has no url")
	}
	s.info, s.asked = info, time.Now()
	return info, nil
}

// acquire waits until shard may start a session. The caller calls release
// when the start succeeded or failed.
func (s *starts) acquire(ctx context.Context, shard int) (release func(), err error) {
	l, err := s.lane(ctx, shard)
	if err != nil {
		return nil, err
	}
	select {
	case <-l.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	giveBack := func() { l.turn <- struct{}{} }
	if err := sleep(ctx, time.Until(l.last.Add(identifySpacing))); err != nil {
		giveBack()
		return nil, err
	}
	if err := s.spend(ctx); err != nil {
		giveBack()
		return nil, err
	}
	return func() {
		l.last = time.Now()
		giveBack()
	}, nil
}

// lane returns the lane of a shard: its number modulo max_concurrency.
func (s *starts) lane(ctx context.Context, shard int) (*lane, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	info, err := s.fresh(ctx, startsAge)
	if err != nil {
		return nil, err
	}
	key := shard % max(info.SessionStartLimit.MaxConcurrency, 1)
	if s.lanes[key] == nil {
		s.lanes[key] = &lane{turn: make(chan struct{}, 1)}
		s.lanes[key].turn <- struct{}{}
	}
	return s.lanes[key], nil
}

// spend uses up one of the session starts. If none is left, it waits until
// Discord grants new ones.
func (s *starts) spend(ctx context.Context) error {
	for {
		wait, err := s.trySpend(ctx)
		if err != nil || wait == 0 {
			return err
		}
		s.log.Error("no gateway session may be started: the daily limit is used up; look for what makes sessions end",
			"wait", wait.Round(time.Second))
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func (s *starts) trySpend(ctx context.Context) (wait time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	info, err := s.fresh(ctx, spendAge)
	if err != nil {
		return 0, err
	}
	limit := &s.info.SessionStartLimit
	if limit.Total == 0 { // not told
		return 0, nil
	}
	if limit.Remaining > 0 {
		limit.Remaining--
		return 0, nil
	}
	s.asked = time.Time{} // ask again after the wait
	return max(time.Duration(info.SessionStartLimit.ResetAfter)*time.Millisecond, time.Second), nil
}
