package budget

import "github.com/redis/go-redis/v9"

// The keys that all processes share, in one cluster slot. They expire, so
// they count among the cache's.
const (
	keyStarts  = "progressbot:cache:{budget}:v1:starts"  // list of the latest starts
	keyState   = "progressbot:cache:{budget}:v1:state"   // hash: factor, grown, halved, until
	keyMembers = "progressbot:cache:{budget}:v1:members" // sorted set of processes by when they last asked
)

// preamble reads the clock and the state. Whatever is under a key that is not
// of our making is replaced, or read as if it were not there.
const preamble = `
local function num(s, default)
	local n = tonumber(s)
	if n == nil or n ~= n then return default end
	return n
end
local function text(n) return string.format('%.17g', n) end
for key, kind in pairs(kinds) do
	local is = redis.call('TYPE', key)['ok']
	if is ~= kind and is ~= 'none' then redis.call('DEL', key) end
end
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local s = redis.call('HMGET', state, 'factor', 'grown', 'halved', 'until')
local factor = math.min(1, math.max(num(s[1], 1), 0.0625))
local grown, halved, till = num(s[2], 0), num(s[3], 0), num(s[4], 0)
if grown > now + 3700000000 then grown = now end
if till > now + 3700000000 then till = 0 end
if factor < 1 and now > grown then
	factor = math.min(1, factor + (now - grown) / 60000000)
	grown = now
end
local function save()
	redis.call('HSET', state, 'factor', text(factor), 'grown', text(grown), 'halved', text(halved), 'until', text(till))
	redis.call('PEXPIRE', state, 7200000)
end
`

// takeScript is pacer.take on the starts KEYS[1] and the state KEYS[2], for
// the process ARGV[4], which it notes in KEYS[3] for a minute. ARGV[1] is the rate, ARGV[2]
// the patience in microseconds, ARGV[3] '1' for background work, ARGV[5] how
// many microseconds ago the process made each start that is not among KEYS[1]
// yet. It returns whether it promised a start, the wait, the factor, the pause
// that is left, and how many processes there are.
var takeScript = redis.NewScript(`
local starts, state, members = KEYS[1], KEYS[2], KEYS[3]
local kinds = {[starts] = 'list', [state] = 'hash', [members] = 'zset'}
` + preamble + `
local function pace(rate)
	return math.max(1, math.floor(rate)), math.floor(1050000 / math.min(1, rate))
end
local rate, patience = tonumber(ARGV[1]), tonumber(ARGV[2])
local n, per = pace(rate * factor)
if ARGV[3] == '1' then n, patience = math.max(1, math.floor(n / 2)), 0 end
local at = now
if till > now then at = till end
local last = num(redis.call('LINDEX', starts, -1), nil)
if last and last > now + 3700000000 then
	redis.call('DEL', starts)
	last = nil
end
for age in string.gmatch(ARGV[5], '%S+') do
	last = math.max(last or 0, now - num(age, 0))
	redis.call('RPUSH', starts, string.format('%.0f', last))
	redis.call('LTRIM', starts, -pace(rate), -1)
	redis.call('PEXPIRE', starts, 7200000)
end
if last then
	local nth = num(redis.call('LINDEX', starts, -n), nil)
	if nth then at = math.max(at, nth + per) end
	at = math.max(at, last)
	if at > now then at = math.max(at, last + math.floor(per / n)) end
end
local granted = 0
if at - now <= patience then
	granted = 1
	redis.call('RPUSH', starts, string.format('%.0f', at))
	redis.call('LTRIM', starts, -pace(rate), -1)
	redis.call('PEXPIRE', starts, 7200000)
end
if factor < 1 or s[1] then save() end
redis.call('ZADD', members, string.format('%.0f', now), ARGV[4])
redis.call('ZREMRANGEBYSCORE', members, '-inf', string.format('(%.0f', now - 60000000))
redis.call('PEXPIRE', members, 60000)
return {granted, at - now, text(factor), math.max(0, till - now), redis.call('ZCARD', members)}
`)

// punishScript is pacer.punish on the state KEYS[1] for a wait of ARGV[1]
// microseconds. It returns the factor and the pause that is left.
var punishScript = redis.NewScript(`
local state = KEYS[1]
local kinds = {[state] = 'hash'}
` + preamble + `
till = math.max(till, now + tonumber(ARGV[1]))
if now - halved >= 1000000 or halved > now then
	factor = math.max(0.0625, factor / 2)
	halved = now
end
grown = till
save()
return {text(factor), till - now}
`)

// pauseScript returns the pause that is left by the state KEYS[1], in
// microseconds.
var pauseScript = redis.NewScript(`
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local till = redis.pcall('HGET', KEYS[1], 'until')
if type(till) ~= 'string' or not tonumber(till) then return 0 end
till = tonumber(till)
if till > now + 3700000000 then return 0 end
return math.max(0, till - now)
`)
