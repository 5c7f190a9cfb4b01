-- Shared by every script of bot/mailbox.py; it is put in front of each of them.
-- KEYS[1] is the mailbox prefix, like "{bot}:inbox:"; its hash tag keeps all keys in one slot.
--   box:<owner>  list of letters, oldest first: "<put_at_ms> <length of id> <id><body>"
--   ready        stream of tokens; an owner with letters has exactly one token, here or in delayed
--   delayed      sorted set: owner -> when (ms) her token comes back
--   heads        sorted set: owner -> put_at_ms of her first letter
--   holders      hash: owner -> claim of the worker that has her token: "<entry> <number> <consumer>"
--   attempts     hash: owner -> how often her first letter was handed out
--   seen:<id>    exists for as long as the same id is refused
--   dead         sorted set: id -> when (ms) it was given up;  dead:<id> hash: the letter
--   count, claims  numbers: letters waiting; claims handed out so far

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function text(number)
  return string.format('%.0f', number)
end

local function letter_id(raw)
  local length, start = string.match(raw, '^%d+ (%d+) ()')
  return string.sub(raw, start, start + length - 1)
end

local function give_token(box, owner)
  redis.call('XADD', box .. 'ready', '*', 'owner', owner)
end

local function push(box, owner, raw)
  redis.call('INCR', box .. 'count')
  if redis.call('RPUSH', box .. 'box:' .. owner, raw) == 1 then
    redis.call('ZADD', box .. 'heads', string.match(raw, '^%d+'), owner)
    give_token(box, owner)
  end
end

-- True when the letter is new, false when its id was seen within dedupe_s.
local function put(box, dedupe_s, owner, id, body)
  if not redis.call('SET', box .. 'seen:' .. id, '', 'NX', 'EX', dedupe_s) then
    return false
  end
  push(box, owner, text(now_ms()) .. ' ' .. #id .. ' ' .. id .. body)
  return true
end

-- Removes the owner's first letter; returns the next one or false.
local function pop(box, owner)
  redis.call('LPOP', box .. 'box:' .. owner)
  redis.call('DECR', box .. 'count')
  redis.call('HDEL', box .. 'attempts', owner)
  redis.call('HDEL', box .. 'holders', owner)
  local head = redis.call('LINDEX', box .. 'box:' .. owner, 0)
  if head then
    redis.call('ZADD', box .. 'heads', string.match(head, '^%d+'), owner)
  else
    redis.call('ZREM', box .. 'heads', owner)
  end
  return head
end

-- Moves the owner's first letter to the dead letters; returns the next one or false.
local function bury(box, owner, reason)
  local raw = redis.call('LINDEX', box .. 'box:' .. owner, 0)
  local id = letter_id(raw)
  local now = text(now_ms())
  redis.call('HSET', box .. 'dead:' .. id, 'owner', owner, 'raw', raw, 'reason', reason,
    'attempts', redis.call('HGET', box .. 'attempts', owner) or '0', 'died_at_ms', now)
  redis.call('ZADD', box .. 'dead', now, id)
  return pop(box, owner)
end

local function drop_token(box, entry)
  redis.call('XACK', box .. 'ready', 'workers', entry)
  redis.call('XDEL', box .. 'ready', entry)
end

-- The stream entry of a claim that still holds, else nil: another worker took the token over.
local function held_entry(box, owner, claim)
  if claim ~= '' and redis.call('HGET', box .. 'holders', owner) == claim then
    return string.match(claim, '^(%S+) ')
  end
  return nil
end
