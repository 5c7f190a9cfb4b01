-- ARGV: consumer, idle_ms, max_attempts.
-- Returns {1, owner, raw letter, attempt, claim}, or, when nothing is to be done,
-- {0, last id of the stream, ms until the next delayed token or -1}.
local box, consumer, idle_ms, max_attempts = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local ready = box .. 'ready'
local now = now_ms()

for _, owner in ipairs(redis.call('ZRANGEBYSCORE', box .. 'delayed', '-inf', now, 'LIMIT', 0, 100)) do
  redis.call('ZREM', box .. 'delayed', owner)
  give_token(box, owner)
end

-- The group starts at 0, so that tokens older than the group are not lost.
local left = redis.pcall('XPENDING', ready, 'workers', 'IDLE', idle_ms, '-', '+', 1)
if left.err then
  redis.call('XGROUP', 'CREATE', ready, 'workers', '0', 'MKSTREAM')
  left = {}
end

local function next_token()
  if left[1] then
    local entries = redis.call('XCLAIM', ready, 'workers', consumer, idle_ms, left[1][1])
    left = {}
    if entries[1] then
      return entries[1]
    end
  end
  local answer = redis.call('XREADGROUP', 'GROUP', 'workers', consumer, 'COUNT', 1,
    'STREAMS', ready, '>')
  return answer and answer[1][2][1]
end

local token = next_token()
while token do
  local entry, owner = token[1], token[2][2]
  local raw = redis.call('LINDEX', box .. 'box:' .. owner, 0)
  while raw do
    local attempt = redis.call('HINCRBY', box .. 'attempts', owner, 1)
    if attempt <= max_attempts then
      local claim = entry .. ' ' .. redis.call('INCR', box .. 'claims') .. ' ' .. consumer
      redis.call('HSET', box .. 'holders', owner, claim)
      return {1, owner, raw, attempt, claim}
    end
    -- Every worker that had it ended without a word: it may be what ends them.
    redis.call('HSET', box .. 'attempts', owner, max_attempts)
    raw = bury(box, owner, 'every attempt ended without an answer')
  end
  drop_token(box, entry)
  token = next_token()
end

local info, last_id = redis.call('XINFO', 'STREAM', ready), '0-0'
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' then
    last_id = info[i + 1]
  end
end
local due = redis.call('ZRANGE', box .. 'delayed', 0, 0, 'WITHSCORES')
return {0, last_id, due[2] and math.max(0, due[2] - now) or -1}
