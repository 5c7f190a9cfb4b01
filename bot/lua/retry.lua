-- ARGV: owner, claim, wait_ms, "1" when the attempt counts as a failure.
-- Returns 1, or 0 when the claim no longer holds: then nothing changes.
local box, owner = KEYS[1], ARGV[1]
local entry = held_entry(box, owner, ARGV[2])
if not entry then
  return 0
end
drop_token(box, entry)
redis.call('HDEL', box .. 'holders', owner)
if ARGV[4] ~= '1' then
  redis.call('HINCRBY', box .. 'attempts', owner, -1)
end
redis.call('ZADD', box .. 'delayed', now_ms() + ARGV[3], owner)
return 1
