-- ARGV: limit. Returns {owner, raw letter, reason, attempts, died_at_ms} of each, newest first.
local box, rows = KEYS[1], {}
for _, id in ipairs(redis.call('ZREVRANGE', box .. 'dead', 0, ARGV[1] - 1)) do
  rows[#rows + 1] = redis.call('HMGET', box .. 'dead:' .. id,
    'owner', 'raw', 'reason', 'attempts', 'died_at_ms')
end
return rows
