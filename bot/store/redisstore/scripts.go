package redisstore

// commitLua makes the changes of one transaction if what it has read still
// holds. Everything that can fail is done before the first write.
//
// KEYS are the keys it touches, the first being the pinned one. ARGV is the
// pinned value ("" for none), then three lists, each after its length:
//
//   - what was read: kind, index of the key, then for a record ("r") or a
//     missing record ("R") the value or "", for a lease ("l") the member and
//     the token or ""
//   - the indexes of the sorted sets and hashes it writes, with their type
//   - the changes: kind, index of the key, member or value, score
//
// It returns 1 if the changes were made, 0 if something has changed since it
// was read, and -1 if the pinned key holds another value.
const commitLua = `
local at = 0
local function arg()
  at = at + 1
  return ARGV[at]
end
local function key()
  return KEYS[tonumber(arg())]
end

local pin = arg()
local pinned = pin ~= '' and redis.call('GET', KEYS[1])
if pinned and pinned ~= pin then
  return -1
end

for _ = 1, tonumber(arg()) do
  local kind, k = arg(), key()
  if kind == 'r' then
    if redis.call('GET', k) ~= arg() then return 0 end
  elseif kind == 'R' then
    if redis.call('GET', k) then return 0 end
    arg()
  else
    local member, token = arg(), arg()
    if (redis.call('HGET', k, member) or '') ~= token then return 0 end
  end
end

for _ = 1, tonumber(arg()) do
  local k, want = key(), arg()
  local have = redis.call('TYPE', k)
  have = have.ok or have
  if have ~= 'none' and have ~= want then
    return redis.error_reply('WRONGTYPE ' .. k .. ' is a ' .. have)
  end
end

if pin ~= '' and not pinned then
  redis.call('SET', KEYS[1], pin)
end
for _ = 1, tonumber(arg()) do
  local kind, k = arg(), key()
  local what, score = arg(), arg()
  if kind == 'put' then
    redis.call('SET', k, what)
  elseif kind == 'del' then
    redis.call('DEL', k)
  elseif kind == 'zadd' then
    redis.call('ZADD', k, score, what)
  elseif kind == 'zrem' then
    redis.call('ZREM', k, what)
  else
    redis.call('HDEL', k, what)
  end
end
return 1
`

// claimLua leases the first members of a queue that are due. A leased
// member's score is the end of its lease, so that it is due again when that
// is over.
//
// KEYS are the queue and the hash of its leases; ARGV is now, how many, the
// end of the lease, and its token. It returns members and their scores
// before.
const claimLua = `
redis.call('HLEN', KEYS[2])
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[2])
for i = 1, #due, 2 do
  redis.call('ZADD', KEYS[1], ARGV[3], due[i])
  redis.call('HSET', KEYS[2], due[i], ARGV[4])
end
return due
`

// What claimMemberLua returns.
const (
	claimMade = iota
	claimAbsent
	claimHeld
)

// claimMemberLua leases one member of a queue. KEYS are as for claimLua;
// ARGV is now, the member, the end of the lease, and its token.
const claimMemberLua = `
local score = redis.call('ZSCORE', KEYS[1], ARGV[2])
if not score then
  return 1
end
if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 and tonumber(score) > tonumber(ARGV[1]) then
  return 2
end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[2])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
return 0
`
