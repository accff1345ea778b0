package faulttest

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"progressbot/bot/redisconn"
	"progressbot/bot/redisconn/redistest"
)

// redisFaults are those of Redis. Nobody sees any of them.
func redisFaults() []fault {
	var all []fault
	add := func(name string, silent bool, begin func(w *world) (func() error, error)) {
		f := fault{
			part: "Redis", name: name, begin: begin,
			want: [states][]string{{seenFresh}, {seenFresh}, {seenFresh}, {seenFresh}},
			back: time.Minute, well: (*world).awaitShared,
		}
		if silent {
			f.notice = (*running).missesRedis
		}
		all = append(all, f)
	}
	for _, m := range []redistest.Mode{redistest.Refuse, redistest.BlackHole, redistest.Freeze, redistest.Slow, redistest.Cut} {
		add(m.String(), true, func(w *world) (func() error, error) {
			return func() error { return w.redis.Set(redistest.Pass) }, w.redis.Set(m)
		})
	}
	add("killed, then restarted", true, func(w *world) (func() error, error) {
		return w.server.Restart, w.server.Kill()
	})
	add("busy with a script", true, func(w *world) (func() error, error) {
		return busy(w)
	})
	for name, f := range map[string]redistest.Fault{"full": redistest.Full, "read-only replica": redistest.ReadOnly} {
		add(name, false, func(w *world) (func() error, error) {
			return func() error { return w.server.Break(redistest.Healthy) }, w.server.Break(f)
		})
	}
	add("garbage under our keys", false, func(w *world) (func() error, error) {
		return nothing, w.tamper(func(ctx context.Context, c redis.Pipeliner, data string) {
			c.Del(ctx, data, data+":lock:o")
			c.HSet(ctx, data, "o", "garbage", "t", "soon")
			c.Set(ctx, data+":lock:o", "garbage", 0)
		})
	})
	add("our keys of another type", false, func(w *world) (func() error, error) {
		return nothing, w.tamper(func(ctx context.Context, c redis.Pipeliner, data string) {
			c.Del(ctx, data, data+":lock:o")
			c.RPush(ctx, data, "1", "2")
			c.RPush(ctx, data+":lock:o", "x")
		})
	})
	add("emptied, scripts too", false, func(w *world) (func() error, error) {
		return nothing, w.redisDo(func(ctx context.Context, c redis.UniversalClient) error {
			if err := c.FlushAll(ctx).Err(); err != nil {
				return err
			}
			return c.ScriptFlush(ctx).Err()
		})
	})
	return all
}

func nothing() error { return nil }

// redisDo does something to the world's Redis, past the proxy.
func (w *world) redisDo(f func(context.Context, redis.UniversalClient) error) error {
	client, err := redisconn.Open(w.server.URL(), redisconn.Options{Timeout: patience})
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return f(ctx, client)
}

// cacheKey is where the cache keeps what it knows of a person.
func cacheKey(person string) string { return "progressbot:cache:v1:{" + person + "}" }

// tamper changes what is kept about the people there are and about those who
// come next.
func (w *world) tamper(change func(ctx context.Context, c redis.Pipeliner, data string)) error {
	return w.redisDo(func(ctx context.Context, c redis.UniversalClient) error {
		_, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, key := range []string{"starts", "state", "members"} {
				change(ctx, p, "progressbot:cache:{budget}:v1:"+key)
			}
			last := w.next.Load()
			for id := last - 3; id <= last+3; id++ {
				change(ctx, p, cacheKey(fmt.Sprint(id)))
			}
			return nil
		})
		return err
	})
}

// awaitShared has people ask until an answer arrives in Redis: the bot uses
// it again.
func (w *world) awaitShared() error {
	return w.redisDo(func(ctx context.Context, c redis.UniversalClient) error {
		for {
			p := w.person()
			if saw, err := w.tries(p); err != nil || !saw.good() {
				return fmt.Errorf("the member saw: %s: %w", saw.What, err)
			}
			// It is put there behind the answer.
			for range 10 {
				n, err := c.Exists(ctx, cacheKey(p)).Result()
				if err != nil {
					return err
				}
				if n == 1 {
					return nil
				}
				<-time.After(10 * time.Millisecond)
			}
		}
	})
}

// busy has the server run a script that does not end.
func busy(w *world) (end func() error, err error) {
	if !redistest.Real() {
		return w.server.Restart, w.server.Kill() // the stand-in runs no such script
	}
	stop := make(chan struct{})
	stopped, done := make(chan error, 1), make(chan error, 1)
	ready := make(chan error, 1)
	go func() {
		stopped <- w.redisDo(func(ctx context.Context, c redis.UniversalClient) error {
			ready <- c.Ping(ctx).Err() // a new connection would be refused later
			<-stop
			return c.ScriptKill(ctx).Err()
		})
	}()
	if err := <-ready; err != nil {
		return nil, err
	}
	go func() {
		done <- w.redisDo(func(ctx context.Context, c redis.UniversalClient) error {
			return c.Eval(ctx, "while true do end", nil).Err()
		})
	}()
	return func() error {
		close(stop)
		<-done // with an error that says who ended it
		return <-stopped
	}, nil
}

// missesRedis lets the bot notice a Redis that gives no answer, and returns
// what somebody sees then whom nobody knows yet.
func (r *running) missesRedis() (sight, error) {
	if _, err := r.w.tries(r.w.person()); err != nil {
		return sight{}, err
	}
	if _, err := r.log.await("redis does not answer, going on without it"); err != nil {
		return sight{}, err
	}
	saw, err := r.w.tries(r.w.person())
	if err == nil && !saw.good() {
		err = fmt.Errorf("once the fault was noticed the member saw: %s", saw.What)
	}
	return saw, err
}
