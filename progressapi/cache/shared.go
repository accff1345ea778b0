package cache

import (
	"context"
	"crypto/rand"
	"errors"
	mathrand "math/rand/v2"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"progressbot/progressapi/internal/redislink"
)

const (
	// lease is how long a lock holds if its holder dies.
	lease = 3 * time.Second
	// patience is how long others wait for the holder's answer before they
	// ask the API themselves.
	patience = time.Second
	// pollEvery is the shortest pause between two looks meanwhile.
	pollEvery = 25 * time.Millisecond
	// maxAnswers and maxBytes bound what is kept about one person.
	maxAnswers = 64
	maxBytes   = 2 << 20
)

// acquireScript takes the lock KEYS[2] with the token ARGV[2] if it is free. It
// returns whether it did, and the value in field ARGV[1] of KEYS[1], atomically,
// so that no process calls the API for an answer that another has just stored. A
// lock without an expiry, or with one beyond the lease ARGV[3], was not set by
// this package and is replaced.
var acquireScript = redis.NewScript(`
local taken = redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3])
if not taken then
	local left = redis.call('PTTL', KEYS[2])
	if left < 0 or left > tonumber(ARGV[3]) then
		taken = redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
	end
end
local value = redis.pcall('HGET', KEYS[1], ARGV[1])
if type(value) ~= 'string' then value = false end
return {taken and 1 or 0, value}
`)

// storeScript sets field ARGV[1] of KEYS[1] to ARGV[2], unless the person was
// forgotten since, or deletes the field if that is empty, and releases the lock
// KEYS[2] if its token is ARGV[3]. The lock is released first, so that a full
// server, which refuses the value, still releases it. A key of another type is
// replaced. Nothing else is written before the value, because a full server
// refuses only a script's first write.
//
// The key expires ARGV[4] milliseconds after the present ARGV[5]. What is older
// than that by now is deleted, because the person's next answer would keep it for
// as long again, and so are answers that exceed ARGV[6] in number or ARGV[7] in
// bytes, which also bounds the work. How old an answer is stands in its header,
// see codec.
var storeScript = redis.NewScript(`
if ARGV[3] ~= '' and redis.pcall('GET', KEYS[2]) == ARGV[3] then
	redis.call('DEL', KEYS[2])
end
local kind = redis.call('TYPE', KEYS[1])['ok']
if kind ~= 'hash' and kind ~= 'none' then redis.call('DEL', KEYS[1]) end
if ARGV[2] == '' then return redis.call('HDEL', KEYS[1], ARGV[1]) end

local function given(answer)
	local ms = 0
	for i = 6, 13 do ms = ms * 256 + (answer:byte(i) or 0) end
	return ms
end
local ended = ARGV[5] - ARGV[4]
local forgotten = tonumber(redis.call('HGET', KEYS[1], 'f') or 0) or 0
local oldest = math.max(ended, forgotten)
if given(ARGV[2]) <= oldest then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2], 't', ARGV[5])
if forgotten <= ended then redis.call('HDEL', KEYS[1], 'f') end

local answers, bytes = 1, #ARGV[2]
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
	if field ~= ARGV[1] and field ~= 't' and field ~= 'f' then
		answers = answers + 1
		bytes = bytes + redis.call('HSTRLEN', KEYS[1], field)
		if answers > tonumber(ARGV[6]) or bytes > tonumber(ARGV[7]) or given(redis.call('HGET', KEYS[1], field)) <= oldest then
			redis.call('HDEL', KEYS[1], field)
		end
	end
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
`)

// forgetScript deletes KEYS[1], and leaves in it for ARGV[2] milliseconds that
// the person was forgotten at ARGV[1]. A full server takes that, too, because
// something was deleted first.
var forgetScript = redis.NewScript(`
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'f', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`)

// releaseScript lets go of the lock KEYS[1] if ARGV[1] holds it.
var releaseScript = redis.NewScript(`
if redis.pcall('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`)

// shared is the tier that processes share.
type shared struct {
	link  *redislink.Link // nil: there is none
	codec codec
	keep  time.Duration
	meter *meters
}

// stored is what Redis holds about a person, by field.
type stored map[string]string

// answer returns the encoded answer to k, nil if there is none.
func (v stored) answer(k key) []byte {
	if value, ok := v[k.field()]; ok {
		return []byte(value)
	}
	return nil
}

// moment returns the time in a field, zero if there is none.
func (v stored) moment(field string) time.Time {
	if ms, err := strconv.ParseInt(v[field], 10, 64); err == nil {
		return time.UnixMilli(ms)
	}
	return time.Time{}
}

// get reads everything that is stored about a person.
func (s *shared) get(ctx context.Context, user string) (v stored, err error) {
	err = s.link.Read(ctx, func(ctx context.Context, c redis.UniversalClient) (err error) {
		v, err = c.HGetAll(ctx, key{user: user}.data()).Result()
		return err
	})
	return v, s.note(err)
}

// acquire takes the lock of k and returns the token to release it with. While
// another process holds the lock, it polls until usable accepts the stored
// value, for at most patience. An empty token without an entry means that the
// caller does not hold the lock but should go on without it.
func (s *shared) acquire(ctx context.Context, k key, usable func(value []byte) *entry) (token string, e *entry) {
	token = rand.Text()
	for began := time.Now(); ; {
		taken, value, err := s.tryLock(ctx, k, token)
		if err != nil {
			return "", nil
		}
		if e := usable(value); e != nil {
			if taken {
				s.release(ctx, k, token)
			}
			return "", e
		}
		if taken {
			return token, nil
		}
		if time.Since(began) >= patience {
			s.meter.lockGivenUp.Inc()
			return "", nil
		}
		s.meter.lockWaits.Inc()
		if !pause(ctx, pollEvery+mathrand.N(pollEvery)) {
			return "", nil
		}
	}
}

func (s *shared) tryLock(ctx context.Context, k key, token string) (taken bool, value []byte, err error) {
	var reply []any
	err = s.link.Write(ctx, func(ctx context.Context, c redis.UniversalClient) (err error) {
		keys := []string{k.data(), k.lock()}
		reply, err = acquireScript.Run(ctx, c, keys, k.field(), token, lease.Milliseconds()).Slice()
		return err
	})
	if err == nil && len(reply) != 2 {
		err = errGarbage
	}
	if err != nil {
		return false, nil, s.note(err)
	}
	got, _ := reply[0].(int64)
	return got == 1, bytesOf(reply[1]), nil
}

// put stores e, or deletes what is stored if e is nil, and releases the lock.
func (s *shared) put(ctx context.Context, k key, e *entry, token string) error {
	var value []byte
	if e != nil {
		var err error
		if value, err = s.codec.encode(e); err != nil {
			s.meter.notShared.Inc()
			value = nil // And what is stored is older than what could not be.
		}
	}
	err := s.link.Write(ctx, func(ctx context.Context, c redis.UniversalClient) error {
		keys := []string{k.data(), k.lock()}
		return storeScript.Run(ctx, c, keys,
			k.field(), value, token, s.keep.Milliseconds(), time.Now().UnixMilli(), maxAnswers, maxBytes).Err()
	})
	if err == nil && value != nil {
		e.shared.Store(true)
	}
	return s.note(err)
}

// release releases the lock. If that fails, the lock expires with its lease.
func (s *shared) release(ctx context.Context, k key, token string) {
	if token == "" {
		return
	}
	_ = s.note(s.link.Write(ctx, func(ctx context.Context, c redis.UniversalClient) error {
		return releaseScript.Run(ctx, c, []string{k.lock()}, token).Err()
	}))
}

// forget deletes everything about a person but that it did, for processes that
// hold what Redis does not. It is tried even while Redis is cut off, for as long
// as ctx allows.
func (s *shared) forget(ctx context.Context, user string) error {
	return s.note(s.link.Insist(ctx, func(ctx context.Context, c redis.UniversalClient) error {
		keys := []string{key{user: user}.data()}
		return forgetScript.Run(ctx, c, keys, time.Now().UnixMilli(), s.keep.Milliseconds()).Err()
	}))
}

// note counts an error by its kind and returns it.
func (s *shared) note(err error) error {
	switch {
	case err == nil, errors.Is(err, redislink.ErrDown), errors.Is(err, redislink.ErrLeft):
	case errors.Is(err, errGarbage):
		s.meter.redisGarbage.Inc()
	case redislink.Replied(err):
		s.meter.redisRefused.Inc()
	default:
		s.meter.redisSilent.Inc()
	}
	return err
}

// bytesOf returns a bulk reply, nil if there is none.
func bytesOf(reply any) []byte {
	if s, ok := reply.(string); ok {
		return []byte(s)
	}
	return nil
}

// pause waits for d and reports whether ctx let it.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
